//! What the kernel says about other processes.

use std::fs;
use std::io::Read;
use std::path::Path;

use rustix::process::{Pid, test_kill_process};
use rustix::system::uname;
use zeroize::Zeroizing;

/// Most bytes of the name of a program.
const MOST_NAME: usize = 64;
/// Most bytes that are read of the arguments of a process: the first two are looked at.
const MOST_ARGUMENTS: u64 = 4096;
/// Programs that run a script which somebody wrote: the name of that says more. Version numbers behind these do not count.
const INTERPRETERS: [&str; 17] = [
    "ash", "bash", "busybox", "dash", "fish", "ksh", "lua", "mksh", "node", "perl", "php", "pwsh", "python", "ruby",
    "sh", "tclsh", "zsh",
];

/// What one look at a process tells of it.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    /// A letter, such as `S` for one that sleeps.
    state: char,
    /// The process that started it, or that took it over when that one ended.
    parent: u32,
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
    /// fourth, the seventh and the 22nd.
    fn parse(stat: &str) -> Option<Self> {
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        let state = fields.next()?.chars().next()?;
        let parent = fields.next()?.parse().ok()?;
        let terminal = fields.nth(2)?.parse::<i32>().ok()?.cast_unsigned();
        Some(Self { state, parent, terminal, started: fields.nth(14)?.parse().ok()? })
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
    let named = user(|_, number| number == uid);
    named.map_or_else(|| format!("uid {uid}").into(), |(name, _)| name)
}

/// The id of the user called `name`, if the system's list has it.
pub fn user_id(name: &str) -> Option<u32> {
    user(|known, _| known == name).map(|(_, uid)| uid)
}

/// The first user in the system's list who is the one.
fn user(is_it: impl Fn(&str, u32) -> bool) -> Option<(Box<str>, u32)> {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let uid = fields.nth(1)?.parse().ok()?;
        is_it(name, uid).then(|| (name.into(), uid))
    })
}

/// The name of this machine.
pub fn host_name() -> Box<str> {
    uname().nodename().to_string_lossy().into()
}

/// The name of the program that started process `pid`, such as `deploy.sh`, where that can be told. One whose parent has
/// ended was taken over by the first process, which says nothing. Of arguments, no more is ever told than the name of the
/// script that an interpreter runs. The text is whatever that program calls itself.
pub fn started_by(pid: u32) -> Option<Box<str>> {
    let parent = Stat::of(pid)?.parent;
    if parent <= 1 {
        return None;
    }
    let name = fs::read(format!("/proc/{parent}/comm")).ok()?;
    let name = String::from_utf8_lossy(name.strip_suffix(b"\n").unwrap_or(&name)).into_owned();
    let script = if is_interpreter(&name) { script_of(parent) } else { None };
    let told = script.unwrap_or_else(|| name.into());
    (!told.is_empty()).then_some(told)
}

fn is_interpreter(name: &str) -> bool {
    // A shell that somebody logs in with calls itself `-bash`.
    let bare = name.trim_start_matches('-').trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    INTERPRETERS.contains(&bare)
}

/// The name of the file that the interpreter `pid` was given first. It has to be there, and short: anything else that stands
/// there may be a secret.
fn script_of(pid: u32) -> Option<Box<str>> {
    let mut arguments = Zeroizing::new(Vec::with_capacity(MOST_ARGUMENTS as usize));
    fs::File::open(format!("/proc/{pid}/cmdline")).ok()?.take(MOST_ARGUMENTS).read_to_end(&mut arguments).ok()?;
    let first = std::str::from_utf8(arguments.split(|byte| *byte == 0).nth(1)?).ok()?;
    let path = Path::new("/proc").join(pid.to_string()).join("cwd").join(first);
    let name = Path::new(first).file_name()?.to_str()?;
    (!first.starts_with('-') && name.len() <= MOST_NAME && path.is_file()).then(|| name.into())
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
        assert_eq!((user_id("root"), user_id("no such user")), (Some(0), None));
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
        let seen = |state| Stat { state, parent: 1, terminal: 0, started: 7 };
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

    /// What a process tells that `command` starts, by the same way of starting, and whose parent that is.
    #[cfg(target_os = "linux")]
    fn told_by_child_of(command: &mut std::process::Command) -> Option<Box<str>> {
        use std::io::{BufRead, BufReader};
        let mut parent = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(parent.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told = started_by(line.trim().parse().unwrap());
        parent.kill().unwrap();
        parent.wait().unwrap();
        told
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_script_tells_its_name_and_never_its_arguments() {
        use std::process::Command;
        let dir = tempfile::tempdir().unwrap();
        let child = "sleep 60 & echo $!; wait";
        std::fs::write(dir.path().join("deploy.sh"), child).unwrap();
        let sh = |arguments: &[&str]| told_by_child_of(Command::new("sh").args(arguments).current_dir(dir.path()));
        assert_eq!(sh(&["deploy.sh", "s3cr3t"]).as_deref(), Some("deploy.sh"));
        assert_eq!(sh(&["./deploy.sh"]).as_deref(), Some("deploy.sh"));
        assert_eq!(sh(&["-c", child, "deploy.sh"]).as_deref(), Some("sh"));
        assert_eq!(started_by(1), None, "nobody started it");
        assert_eq!(started_by(u32::MAX), None);
    }

    #[test]
    fn interpreters_are_known_by_any_version() {
        assert!(["sh", "-bash", "python3", "python3.12", "node"].iter().all(|name| is_interpreter(name)));
        assert!(["deploy.sh", "cron", "shed", "", "3.12"].iter().all(|name| !is_interpreter(name)));
        assert!(!host_name().is_empty());
    }

    #[test]
    fn a_name_may_look_like_other_fields() {
        let rest = (4..=22).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        let told = Stat::parse(&format!("7 (a) b) 1) S {rest} 23 24"));
        assert_eq!(told, Some(Stat { state: 'S', parent: 4, terminal: 7, started: 22 }));
        assert_eq!(Stat::parse("7 (cut) S 1 2 3"), None);
        assert_eq!(Stat::parse("7 (cut"), None);
    }
}
