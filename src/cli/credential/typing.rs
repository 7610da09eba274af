//! What a key does to a line that nobody sees.

use crate::domain::SecretBytes;

const CTRL_C: u8 = 0x03;
const CTRL_D: u8 = 0x04;
const BACKSPACE: u8 = 0x08;
const CTRL_U: u8 = 0x15;
const CTRL_Z: u8 = 0x1a;
const DELETE: u8 = 0x7f;

/// What happens after a key or a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// The next key is waited for.
    More,
    /// The line is as the person wants it.
    Done,
    /// The person does not want to answer.
    GivenUp,
    /// Everything in the foreground stops, as after Ctrl-Z elsewhere.
    StopAll,
    /// This process stops.
    Stop,
    /// The question is asked again, with the reason if there is one.
    Again(Option<&'static str>),
}

/// Types `key`, one byte, at the end of `line`, which has at most `most` bytes. A control character that edits nothing is refused: a person who cannot see
/// the line would not know that it is in there, and an arrow key is made of one and of letters.
pub(super) fn type_key(line: &mut SecretBytes, key: u8, most: usize) -> After {
    match key {
        b'\r' | b'\n' => return After::Done,
        CTRL_C => return After::GivenUp,
        CTRL_D if line.is_empty() => return After::GivenUp,
        CTRL_Z => return After::StopAll,
        CTRL_U => line.splice(0, line.len(), b""),
        BACKSPACE | DELETE => rub_out(line),
        0..0x20 => return After::Again(Some("That key cannot be part of it.")),
        _ if line.len() == most => return After::Again(Some("That is too long.")),
        _ => line.push(&[key]),
    }
    After::More
}

/// Takes the last character off, all its bytes.
fn rub_out(line: &mut SecretBytes) {
    let continues = |byte: &u8| byte & 0b1100_0000 == 0b1000_0000;
    let tail = line.expose().iter().rev().take_while(|byte| continues(byte)).count();
    let remove = (tail + 1).min(line.len());
    line.splice(line.len() - remove, remove, b"");
}

#[cfg(test)]
mod tests {
    use super::super::MAX;
    use super::*;

    fn typed(keys: &[u8]) -> (SecretBytes, After) {
        let mut line = SecretBytes::default();
        let last = keys.iter().map(|key| type_key(&mut line, *key, MAX)).find(|after| *after != After::More);
        (line, last.unwrap_or(After::More))
    }

    #[test]
    fn a_line_can_be_edited_blind() {
        assert_eq!(typed("nö\x7f\x08\x08\x08one\r".as_bytes()), ("one".into(), After::Done));
        assert_eq!(typed(b"wrong\x15right\n"), ("right".into(), After::Done));
        assert_eq!(typed(b"\x04"), ("".into(), After::GivenUp));
        assert_eq!(typed(b"half\x03"), ("half".into(), After::GivenUp));
        assert_eq!(typed(b"half\x1a"), ("half".into(), After::StopAll));
    }

    #[test]
    fn no_control_character_gets_into_the_line_unseen() {
        for key in (0..0x20).filter(|key| !b"\x03\x08\n\r\x15\x1a".contains(key)) {
            let (line, after) = typed(&[b'a', key]);
            assert!(matches!(after, After::Again(Some(_))) && line == "a".into(), "{key:#x}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_and_not_cut() {
        assert_eq!(typed(&[b'x'; MAX]).1, After::More);
        assert!(matches!(typed(&[b'x'; MAX + 1]).1, After::Again(Some(_))));
    }
}
