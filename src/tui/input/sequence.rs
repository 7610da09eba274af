//! What the bytes after an escape mean, as xterm, rxvt and the Linux console send them.

use super::{Code, Event, Key};

/// Longest sequence that is waited for, in bytes after the escape.
pub(super) const LONGEST: usize = 12;

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
    /// No sequence: Esc was pressed, and the rest was typed.
    Text,
}

/// Recognizes the sequences that [`Code`] has a key for.
pub(super) fn recognize(after: &[u8]) -> Sequence {
    if after.len() > LONGEST {
        return Sequence::Text;
    }
    match after {
        [] => Sequence::Unfinished,
        [b'O' | b'['] | [b'[', b'['] => Sequence::Unfinished,
        [b'O', last @ 0x40..=0x7e] => key_or_unknown(by_letter(*last), 1),
        [b'[', b'[', last @ b'A'..=b'E'] => key_or_unknown(Some(Code::F(last - b'A' + 1)), 1),
        [b'[', parameters @ .., last] => recognize_csi(parameters, *last),
        _ => Sequence::Text,
    }
}

/// A control sequence with its parameter bytes and what may be its last.
fn recognize_csi(parameters: &[u8], last: u8) -> Sequence {
    if !parameters.iter().all(|b| b.is_ascii_digit() || *b == b';') {
        return Sequence::Text;
    }
    let text = String::from_utf8_lossy(parameters);
    let (first, second) = text.split_once(';').unwrap_or((&text, "1"));
    let modifiers = second.parse().unwrap_or(1);
    match last {
        b'0'..=b'9' | b';' => Sequence::Unfinished,
        b'~' if first == "200" => Sequence::PasteStart,
        b'~' => key_or_unknown(by_number(first), modifiers),
        b'I' => Sequence::Complete(Event::FocusGained),
        b'O' => Sequence::Complete(Event::FocusLost),
        b'Z' => key_or_unknown(Some(Code::BackTab), 1),
        0x40..=0x7e => key_or_unknown(by_letter(last), modifiers),
        _ => Sequence::Text,
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
    fn what_is_no_key_is_text_or_nothing() {
        assert_eq!(recognize(b"[99y"), Sequence::Unknown);
        assert_eq!(recognize(b"x"), Sequence::Text);
        assert_eq!(recognize(b"[1;\x1b"), Sequence::Text);
        assert_eq!(recognize("[1".repeat(20).as_bytes()), Sequence::Text);
    }
}
