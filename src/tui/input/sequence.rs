//! What the bytes after an escape mean, as xterm, rxvt and the Linux console send them.

use super::{Code, Event, Key};

/// Longest sequence that is waited for, in bytes after the escape; what terminals answer to questions is shorter.
pub(super) const LONGEST: usize = 128;
/// The bytes that follow after `[M` in the oldest form of a mouse report.
const MOUSE: usize = 3;

/// What the bytes after an escape are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sequence {
    /// Could still become one.
    Unfinished,
    /// Stands for this.
    Complete(Event),
    /// A whole sequence that nobody here knows.
    Unknown,
    /// `[200~`: a paste follows.
    PasteStart,
    /// Within a control string (OSC, DCS, APC, PM): an answer that somebody else asked for.
    String,
    /// No sequence, from the last byte on.
    Broken,
}

/// Recognizes the sequences that [`Code`] has a key for, and the form of all others (ECMA-48).
pub(super) fn recognize(after: &[u8]) -> Sequence {
    if after.len() > LONGEST {
        return Sequence::Broken;
    }
    match after {
        [] | [b'O' | b'[' | b']' | b'P' | b'_' | b'^'] | [b'[', b'['] => Sequence::Unfinished,
        [b']' | b'P' | b'_' | b'^', ..] => Sequence::String,
        [b'O', last @ 0x40..=0x7e] => key_or_unknown(by_letter(*last), 1),
        [b'[', b'[', last @ 0x40..=0x7e] => key_or_unknown(by_console_letter(*last), 1),
        [b'[', b'M', report @ ..] if report.iter().all(|byte| *byte >= b' ') => {
            if report.len() < MOUSE {
                Sequence::Unfinished
            } else {
                Sequence::Unknown
            }
        }
        [b'[', parameters @ .., last] => recognize_csi(parameters, *last),
        _ => Sequence::Broken,
    }
}

/// A control sequence with its parameter and intermediate bytes and what may be its last.
fn recognize_csi(parameters: &[u8], last: u8) -> Sequence {
    match last {
        b' '..=b'?' => Sequence::Unfinished,
        0x40..=0x7e if parameters.iter().all(|b| b.is_ascii_digit() || *b == b';') => known_csi(parameters, last),
        0x40..=0x7e => Sequence::Unknown,
        _ => Sequence::Broken,
    }
}

fn known_csi(parameters: &[u8], last: u8) -> Sequence {
    let text = String::from_utf8_lossy(parameters);
    let (first, second) = text.split_once(';').unwrap_or((&text, "1"));
    let modifiers = second.parse().unwrap_or(1);
    match last {
        b'~' if first == "200" => Sequence::PasteStart,
        b'~' => key_or_unknown(by_number(first), modifiers),
        b'I' => Sequence::Complete(Event::FocusGained),
        b'O' => Sequence::Complete(Event::FocusLost),
        b'Z' => key_or_unknown(Some(Code::BackTab), 1),
        // Another number makes it an answer: `[12;5R` is where the cursor is.
        _ if matches!(first, "" | "1") => key_or_unknown(by_letter(last), modifiers),
        _ => Sequence::Unknown,
    }
}

/// `modifiers` is xterm's: one more than shift 1, alt 2, control 4.
fn key_or_unknown(code: Option<Code>, modifiers: u8) -> Sequence {
    let held = |bit| modifiers.saturating_sub(1) & bit != 0;
    match code {
        Some(code) => Sequence::Complete(Event::Key(Key { code, shift: held(1), alt: held(2), ctrl: held(4) })),
        None => Sequence::Unknown,
    }
}

fn by_letter(letter: u8) -> Option<Code> {
    Some(match letter {
        b'A' => Code::Up,
        b'B' => Code::Down,
        b'C' => Code::Right,
        b'D' => Code::Left,
        b'F' => Code::End,
        b'H' => Code::Home,
        b'P'..=b'S' => Code::F(letter - b'P' + 1),
        _ => return None,
    })
}

/// F1 to F5 on the Linux console.
fn by_console_letter(letter: u8) -> Option<Code> {
    matches!(letter, b'A'..=b'E').then(|| Code::F(letter - b'A' + 1))
}

fn by_number(number: &str) -> Option<Code> {
    Some(match number.parse::<u8>().ok()? {
        1 | 7 => Code::Home,
        2 => Code::Insert,
        3 => Code::Delete,
        4 | 8 => Code::End,
        5 => Code::PageUp,
        6 => Code::PageDown,
        f @ 11..=15 => Code::F(f - 10),
        f @ 17..=21 => Code::F(f - 11),
        f @ 23..=24 => Code::F(f - 12),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_three_terminals_are_known() {
        for (after, code) in [
            ("[A", Code::Up),
            ("OB", Code::Down),
            ("[H", Code::Home),
            ("[4~", Code::End),
            ("[6~", Code::PageDown),
            ("[3~", Code::Delete),
            ("[Z", Code::BackTab),
            ("OP", Code::F(1)),
            ("[[E", Code::F(5)),
            ("[24~", Code::F(12)),
        ] {
            assert_eq!(recognize(after.as_bytes()), Sequence::Complete(Event::Key(Key::plain(code))), "{after}");
            for cut in 1..after.len() {
                assert_eq!(recognize(&after.as_bytes()[..cut]), Sequence::Unfinished, "{after} cut at {cut}");
            }
        }
        let ctrl_right = Key { ctrl: true, ..Key::plain(Code::Right) };
        assert_eq!(recognize(b"[1;5C"), Sequence::Complete(Event::Key(ctrl_right)));
        assert_eq!(recognize(b"[I"), Sequence::Complete(Event::FocusGained));
        assert_eq!(recognize(b"[200~"), Sequence::PasteStart);
    }

    #[test]
    fn what_is_no_key_is_known_by_its_form() {
        for unknown in ["[99y", "[?62;22c", "[<0;10;20M", "[>1;2 q", "[M !~", "[[z", "[12;5R", "Oz"] {
            assert_eq!(recognize(unknown.as_bytes()), Sequence::Unknown, "{unknown}");
            for cut in 1..unknown.len() {
                assert_eq!(recognize(&unknown.as_bytes()[..cut]), Sequence::Unfinished, "{unknown} cut at {cut}");
            }
        }
        for string in ["]1", "P>", "_G", "^x"] {
            assert_eq!(recognize(string.as_bytes()), Sequence::String, "{string}");
        }
        for broken in ["x", "[1;\x1b", "[1;\u{e9}", "[M\x1b", "O\x1b"] {
            assert_eq!(recognize(broken.as_bytes()), Sequence::Broken, "{broken:?}");
        }
        assert_eq!(recognize("[1".repeat(70).as_bytes()), Sequence::Broken);
    }
}
