//! Which process this is, and whether another one lives still.

use std::fs;

use rustix::process::{Pid, test_kill_process};

/// When process `pid` began, in the kernel's own count. 0 where that cannot be told.
pub fn started(pid: u32) -> u64 {
    fs::read_to_string(format!("/proc/{pid}/stat")).ok().and_then(|stat| start_of(&stat)).unwrap_or(0)
}

/// The 22nd field; the second is a name in parentheses that may hold anything.
fn start_of(stat: &str) -> Option<u64> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

/// Whether the process that had the number `pid` and began at `began` lives still. Where the beginning cannot be told, the
/// number alone counts.
pub fn is_alive(pid: u32, began: u64) -> bool {
    let Some(process) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return false };
    // A process of somebody else is there, although we may not signal it.
    let there = !matches!(test_kill_process(process), Err(rustix::io::Errno::SRCH));
    there && started(pid) == began
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_name_may_look_like_other_fields() {
        let rest = (3..=22).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(start_of(&format!("7 (a) b) 1) {rest} 23 24")), Some(22));
        assert_eq!(start_of("7 (cut"), None);
    }
}
