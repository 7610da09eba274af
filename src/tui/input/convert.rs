//! crossterm's events in our own words.

use crossterm::event::{Event as Raw, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::{Code, Event, Key};
use crate::domain::SecretBytes;

/// Our event for crossterm's; `None` for what nobody here listens to (mouse, key releases).
pub(super) fn convert(raw: Raw) -> Option<Event> {
    Some(match raw {
        Raw::Key(key) => Event::Key(convert_key(key)?),
        Raw::Paste(text) => Event::Paste(paste(text.into_bytes())),
        Raw::Resize(columns, rows) => Event::Resize { columns, rows },
        Raw::FocusGained => Event::FocusGained,
        Raw::FocusLost => Event::FocusLost,
        Raw::Mouse(_) => return None,
    })
}

/// A paste with its line ends as `\n`: terminals send `\r` for each. Works in place, so that no
/// copy of a pasted secret is left behind.
pub(super) fn paste(mut bytes: Vec<u8>) -> SecretBytes {
    let (mut kept, mut after_return) = (0, false);
    for at in 0..bytes.len() {
        let byte = bytes[at];
        if !(after_return && byte == b'\n') {
            bytes[kept] = if byte == b'\r' { b'\n' } else { byte };
            kept += 1;
        }
        after_return = byte == b'\r';
    }
    // The tail past `kept` stays in the allocation, all of which is wiped when the value is dropped.
    bytes.truncate(kept);
    SecretBytes::new(bytes)
}

fn convert_key(key: KeyEvent) -> Option<Key> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let code = convert_code(key.code)?;
    let held = |modifier| key.modifiers.contains(modifier);
    // A character shows its shift itself, and so does BackTab.
    let shift = held(KeyModifiers::SHIFT) && !matches!(code, Code::Char(_) | Code::BackTab);
    Some(Key { code, ctrl: held(KeyModifiers::CONTROL), alt: held(KeyModifiers::ALT), shift })
}

fn convert_code(code: KeyCode) -> Option<Code> {
    Some(match code {
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Insert => Code::Insert,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::F(number) => Code::F(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_is_a_press_and_a_release_is_nothing() {
        let key = |kind| Raw::Key(KeyEvent::new_with_kind(KeyCode::Down, KeyModifiers::SHIFT, kind));
        let pressed = Event::Key(Key { shift: true, ..Key::plain(Code::Down) });
        assert_eq!(convert(key(KeyEventKind::Press)), Some(pressed.clone()));
        assert_eq!(convert(key(KeyEventKind::Repeat)), Some(pressed));
        assert_eq!(convert(key(KeyEventKind::Release)), None);
    }

    #[test]
    fn shift_is_in_the_character() {
        let key = Raw::Key(KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT));
        assert_eq!(convert(key), Some(Event::Key(Key::plain(Code::Char('G')))));
    }

    #[test]
    fn a_paste_keeps_its_lines() {
        assert_eq!(paste(b"a\rb\r\nc\nd\r\r\n\n".to_vec()).expose(), b"a\nb\nc\nd\n\n\n");
        assert_eq!(paste(Vec::new()).expose(), b"");
    }
}
