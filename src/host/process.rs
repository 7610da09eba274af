//! What the kernel says about other processes.

use std::fs;

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
}
