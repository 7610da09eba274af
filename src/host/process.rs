//! What the kernel says about other processes.

use std::fs;

use rustix::process::{Pid, test_kill_process};

/// What one look at a process tells of it.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    /// A letter, such as `S` for one that sleeps.
    state: char,
    /// The device number of its terminal; 0 is none.
    terminal: u32,
    /// When it began, in the kernel's own count.
    started: u64,
}

impl Stat {
    /// Of process `pid`, where it can be told: not elsewhere than on Linux, and not of others under `hidepid`.
    fn of(pid: u32) -> Option<Self> {
        if !cfg!(target_os = "linux") {
            return None;
        }
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// See `proc_pid_stat(5)`. The second field is a name in parentheses that may hold anything; these are the third, the
    /// seventh and the 22nd.
    fn parse(stat: &str) -> Option<Self> {
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        let state = fields.next()?.chars().next()?;
        let terminal = fields.nth(3)?.parse::<i32>().ok()?.cast_unsigned();
        Some(Self { state, terminal, started: fields.nth(14)?.parse().ok()? })
    }

    /// Whether it may be the process that began at `began`, 0 being not known, and has not ended: one that has may still
    /// wait for its parent to notice.
    fn is_alive_since(&self, began: u64) -> bool {
        (began == 0 || self.started == began) && !matches!(self.state, 'Z' | 'X')
    }
}

/// The terminal that process `pid` belongs to, such as `pts/3`, if it has one that we know the name of.
pub fn terminal_of(pid: u32) -> Option<Box<str>> {
    terminal_name(Stat::of(pid)?.terminal)
}

/// The name of the terminal with this device number, as the kernel packs it; see `Documentation/admin-guide/devices.txt`
/// of Linux.
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
    Stat::of(pid).map_or(0, |stat| stat.started)
}

/// Whether the process that had the number `pid` and began at `began` lives still. Where the beginning cannot be told, as of
/// the processes of others under `hidepid`, the number alone counts.
pub fn is_alive(pid: u32, began: u64) -> bool {
    let Some(process) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return false };
    // A process of somebody else is there, although we may not signal it.
    let there = !matches!(test_kill_process(process), Err(rustix::io::Errno::SRCH));
    there && Stat::of(pid).is_none_or(|stat| stat.is_alive_since(began))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
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
    fn one_of_which_the_beginning_is_not_known_counts_as_alive() {
        let seen = |state| Stat { state, terminal: 0, started: 7 };
        assert!(seen('S').is_alive_since(7) && seen('R').is_alive_since(0) && !seen('S').is_alive_since(8));
        assert!(!seen('Z').is_alive_since(7) && !seen('X').is_alive_since(0));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn one_that_nobody_has_waited_for_is_over() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let (pid, began) = (child.id(), started(child.id()));
        while Stat::of(pid).unwrap().state != 'Z' {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        assert!(began > 0 && !is_alive(pid, began));
        child.wait().unwrap();
    }

    #[test]
    fn a_name_may_look_like_other_fields() {
        let rest = (4..=22).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        let told = Stat::parse(&format!("7 (a) b) 1) S {rest} 23 24"));
        assert_eq!(told, Some(Stat { state: 'S', terminal: 7, started: 22 }));
        assert_eq!(Stat::parse("7 (cut) S 1 2 3"), None);
        assert_eq!(Stat::parse("7 (cut"), None);
    }
}
