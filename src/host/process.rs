//! What the kernel says about other processes.

use std::fs;

use rustix::process::{Pid, test_kill_process};

/// The terminal that process `pid` belongs to, such as `pts/3`, if it has one that we know the name of.
#[cfg(target_os = "linux")]
pub fn terminal_of(pid: u32) -> Option<Box<str>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the name in parentheses, and may hold anything.
    let device: u32 = stat.rsplit_once(") ")?.1.split(' ').nth(4)?.parse().ok()?;
    terminal_name(device)
}

/// Elsewhere it is not known.
#[cfg(not(target_os = "linux"))]
pub fn terminal_of(_pid: u32) -> Option<Box<str>> {
    None
}

/// The name of the terminal with this device number, as the kernel packs it; see `Documentation/admin-guide/devices.txt`
/// of Linux.
#[cfg(target_os = "linux")]
fn terminal_name(device: u32) -> Option<Box<str>> {
    let (major, minor) = (device >> 8 & 0xfff, device & 0xff | device >> 12 & 0xfff00);
    match major {
        4 if minor < 64 => Some(format!("tty{minor}").into()),
        4 => Some(format!("ttyS{}", minor - 64).into()),
        136..=143 => Some(format!("pts/{}", (major - 136) * 256 + minor).into()),
        _ => None,
    }
}

/// The name of the user with this id; `uid 1000` when the system's list does not have it.
pub fn user_name(uid: u32) -> Box<str> {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then_some(name)
    });
    named.map_or_else(|| format!("uid {uid}").into(), Into::into)
}

/// When process `pid` began, in the kernel's own count. 0 where that cannot be told.
pub fn started(pid: u32) -> u64 {
    fs::read_to_string(format!("/proc/{pid}/stat")).ok().and_then(|stat| start_of(&stat)).unwrap_or(0)
}

/// The 22nd field; the second is a name in parentheses that may hold anything.
fn start_of(stat: &str) -> Option<u64> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

/// Whether the process that had the number `pid` and began at `began` lives still. Where the beginning cannot be told, as of
/// the processes of others under `hidepid`, the number alone counts.
pub fn is_alive(pid: u32, began: u64) -> bool {
    let Some(process) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return false };
    // A process of somebody else is there, although we may not signal it.
    let there = !matches!(test_kill_process(process), Err(rustix::io::Errno::SRCH));
    there && may_be(began, started(pid)) && !is_over(pid)
}

/// Whether a process that began at `began` may be the one that is seen to have begun at `seen`; 0 is not known.
fn may_be(began: u64, seen: u64) -> bool {
    seen == began || seen == 0 || began == 0
}

/// Whether process `pid` has ended and only waits for its parent to notice.
fn is_over(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, fields)| fields.starts_with(['Z', 'X']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn terminals_have_the_names_that_people_know() {
        assert_eq!(terminal_name(0), None);
        assert_eq!(terminal_name(136 << 8 | 3).as_deref(), Some("pts/3"));
        assert_eq!(terminal_name(137 << 8 | 1).as_deref(), Some("pts/257"));
        assert_eq!(terminal_name(4 << 8 | 2).as_deref(), Some("tty2"));
        assert_eq!(terminal_name(4 << 8 | 65).as_deref(), Some("ttyS1"));
    }

    #[test]
    fn users_have_names_or_numbers() {
        assert_eq!(&*user_name(0), "root");
        assert_eq!(&*user_name(4_000_000_000), "uid 4000000000");
        let _ = terminal_of(std::process::id());
        assert_eq!(terminal_of(u32::MAX), None);
    }

    #[test]
    fn we_live_and_whoever_had_the_number_before_does_not() {
        let pid = std::process::id();
        assert!(is_alive(pid, started(pid)));
        assert!(!is_alive(0, 0) && !is_alive(u32::MAX, 0));
        if cfg!(target_os = "linux") {
            assert!(started(pid) > 0 && !is_alive(pid, started(pid) - 1));
        }
    }

    #[test]
    fn one_of_which_nothing_can_be_told_counts_as_alive() {
        assert!(may_be(7, 7) && may_be(7, 0) && may_be(0, 7) && !may_be(7, 8));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn one_that_nobody_has_waited_for_is_over() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let (pid, began) = (child.id(), started(child.id()));
        while !is_over(pid) {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        assert!(began > 0 && !is_alive(pid, began));
        child.wait().unwrap();
    }

    #[test]
    fn a_name_may_look_like_other_fields() {
        let rest = (3..=22).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(start_of(&format!("7 (a) b) 1) {rest} 23 24")), Some(22));
        assert_eq!(start_of("7 (cut"), None);
    }
}
