//! An entry of `pass`: the first line is the password, lines of `key: value` follow, and whatever else is notes.

use super::{Entry, Skipped};
use crate::domain::keyvalue::check_key;
use crate::domain::{Draft, SecretBytes};

/// Longest key of a line such as `login: ada`: what is longer is prose.
const MAX_KEY: usize = 40;

/// Reads the decrypted entry called `name`.
///
/// # Errors
/// [`Skipped`] when the name breaks a rule, or nothing is in it.
pub fn read_entry(name: &str, bytes: &SecretBytes) -> Result<Draft, Skipped> {
    let mut entry = Entry { name: name.to_owned(), parts: Vec::new() };
    let mut lines = bytes.expose().split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    entry.add("password", lines.next().unwrap_or_default().into());
    let mut notes = SecretBytes::default();
    for line in lines {
        match member(line) {
            Some((key, value)) => entry.add(key, value.into()),
            None if notes.is_empty() && line.is_empty() => {}
            None => {
                notes.push(line);
                notes.push(b"\n");
            }
        }
    }
    while notes.expose().last() == Some(&b'\n') {
        notes.splice(notes.len() - 1, 1, b"");
    }
    entry.add("notes", notes);
    entry.into_draft()
}

/// Key and value of a line such as `login: ada`; an address such as `https://a` is no such line.
fn member(line: &[u8]) -> Option<(&str, &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (key, rest) = (std::str::from_utf8(&line[..colon]).ok()?, &line[colon + 1..]);
    let value = rest.trim_ascii();
    let is_member = rest.first().is_some_and(u8::is_ascii_whitespace) && !value.is_empty() && key.len() <= MAX_KEY;
    (is_member && check_key(key).is_ok()).then_some((key, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_members_and_notes_are_told_apart() {
        let read = |text: &str| {
            let parts = read_entry("web/shop", &text.into()).unwrap().value.0.into_iter();
            parts.map(|(key, value)| format!("{key}={}", value.expose_text().unwrap())).collect::<Vec<_>>()
        };
        assert_eq!(read("s3cret"), ["password=s3cret"]);
        assert_eq!(
            read("s3cret\r\nlogin: ada\n\nfree text\nhttps://a.example\n\n"),
            ["password=s3cret", "login=ada", "notes=free text\nhttps://a.example"]
        );
        assert_eq!(read("\nurl: x\nurl: y"), ["url=x", "url 2=y"]);
        assert_eq!(read("otpauth://totp/x?secret=y"), ["password=otpauth://totp/x?secret=y"]);
        assert_eq!(read_entry("x", &"\n\n".into()).unwrap_err().why, "It has no value.");
    }
}
