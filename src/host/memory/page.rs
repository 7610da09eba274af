//! Pages straight from the kernel.

use std::io;
use std::ptr;

use rustix::mm::{MapFlags, ProtFlags, mlock, mmap_anonymous};

/// Bytes of a page. Where the kernel's pages are larger, it rounds up, and what is past this is not used.
pub(super) const PAGE: usize = 4096;

/// A page of zeros that nobody else has, and whether it could be locked.
pub(super) struct Page {
    pub(super) bytes: &'static mut [u8],
    pub(super) locked: io::Result<()>,
}

/// Maps a page that is never unmapped, keeps it out of dumps and children, and locks it if the system lets us.
///
/// # Errors
/// When there is no memory to map.
pub(super) fn map() -> io::Result<Page> {
    let (protection, flags) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE);
    // SAFETY: with a null address the kernel chooses a place where nothing is mapped, so nothing of ours changes.
    let start = unsafe { mmap_anonymous(ptr::null_mut(), PAGE, protection, flags) }?;
    hide(start);
    // SAFETY: `start..start + PAGE` is the mapping that was just made; locking changes none of its bytes.
    let locked = unsafe { mlock(start, PAGE) }.map_err(io::Error::from);
    // SAFETY: the mapping is readable and writable, `PAGE` bytes long, full of zeros (so initialized), aligned for `u8`,
    // never unmapped (so `'static`), and `start` goes nowhere else (so the reference is the only one).
    let bytes = unsafe { std::slice::from_raw_parts_mut(start.cast::<u8>(), PAGE) };
    Ok(Page { bytes, locked })
}

/// Not in dumps, and not in children: one that touches a key without being ours is stopped, rather than sealing with
/// zeros.
#[cfg(target_os = "linux")]
fn hide(start: *mut std::ffi::c_void) {
    use rustix::mm::{Advice, madvise};
    for advice in [Advice::LinuxDontDump, Advice::LinuxDontFork] {
        // A kernel too old for it dumps nothing of this process either: see `dumps::forbid`.
        // SAFETY: the range is the mapping that `map` just made; neither advice changes its bytes in this process.
        let _ = unsafe { madvise(start, PAGE, advice) };
    }
}

#[cfg(not(target_os = "linux"))]
fn hide(_: *mut std::ffi::c_void) {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// What the kernel says of the mapping that `address` is in.
    fn flags(address: usize) -> Vec<String> {
        let smaps = fs::read_to_string("/proc/self/smaps").unwrap();
        let mut inside = false;
        for line in smaps.lines() {
            let ends = line.split(' ').next().and_then(|range| range.split_once('-'));
            let ends = ends.and_then(|(a, b)| Some((hex(a)?, hex(b)?)));
            if let Some((first, end)) = ends {
                inside = (first..end).contains(&address);
            } else if let Some(flags) = line.strip_prefix("VmFlags:").filter(|_| inside) {
                return flags.split_whitespace().map(str::to_owned).collect();
            }
        }
        panic!("no mapping at {address:x}")
    }

    fn hex(text: &str) -> Option<usize> {
        usize::from_str_radix(text, 16).ok()
    }

    fn locked_kib() -> u64 {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmLck:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    #[test]
    fn a_page_is_locked_and_in_no_dump_and_no_child() {
        let before = locked_kib();
        let page = map().unwrap();
        let flags = flags(page.bytes.as_ptr().addr());
        let has = |flag: &str| flags.iter().any(|found| found == flag);
        assert!(has("dd") && has("dc"), "dontdump and dontcopy: {flags:?}");
        assert!(page.bytes.iter().all(|byte| *byte == 0));
        match page.locked {
            // Other tests may lock pages, but none is ever unlocked.
            Ok(()) => assert!(has("lo") && locked_kib() >= before + 4, "{flags:?}, {before} kB before"),
            Err(error) => assert!(!has("lo"), "refused, {error}, but {flags:?}"),
        }
    }
}
