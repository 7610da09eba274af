//! Putting keys together again that the network took apart.
//!
//! An arrow key is three bytes, beginning with escape. When a packet ends after the first,
//! crossterm reports the Esc key, and then `[` and `A` as typed. Here a lone escape is held for
//! a moment; if the rest of a sequence follows, the key it stands for goes out instead.

use std::time::{Duration, Instant};

use super::convert::paste;
use super::{Code, Event, Key};
use crate::domain::SecretBytes;

/// Longest sequence that is waited for, in characters after the escape.
const LONGEST: usize = 12;

/// Holds a lone escape back and reassembles what it may begin: a key, a focus report or a
/// bracketed paste. Time is handed in.
#[derive(Debug)]
pub struct EscapeAssembler {
    hold: Duration,
    state: State,
}

#[derive(Debug)]
enum State {
    Idle,
    /// An escape and the characters after it, until the deadline.
    Held {
        after: String,
        until: Instant,
    },
    /// A paste whose opening was split: it arrives as keys, and ends when they do.
    Pasting {
        bytes: SecretBytes,
        until: Instant,
    },
}

/// What the characters after an escape are.
enum Sequence {
    /// Could still become one.
    Unfinished,
    /// Stands for this.
    Complete(Event),
    /// A whole sequence that nobody here knows.
    Unknown,
    /// `[200~`: a paste follows.
    PasteStart,
    /// Just typed.
    Text,
}

impl EscapeAssembler {
    /// Holds an escape for `hold` after the last piece of its sequence.
    pub fn new(hold: Duration) -> Self {
        Self { hold, state: State::Idle }
    }

    /// When to call [`Self::expire`] if nothing arrives; `None` while nothing is held.
    pub fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Idle => None,
            State::Held { until, .. } | State::Pasting { until, .. } => Some(*until),
        }
    }

    /// Takes what arrived at `now`, returns what goes out, in order.
    pub fn take(&mut self, event: Event, now: Instant) -> Vec<Event> {
        let mut out = if self.deadline().is_some_and(|until| now >= until) { self.expire(now) } else { Vec::new() };
        match event {
            Event::Key(key) => self.take_key(key, now, &mut out),
            other => out.push(other),
        }
        out
    }

    /// Gives up waiting: returns what was held, if its time is over at `now`.
    pub fn expire(&mut self, now: Instant) -> Vec<Event> {
        if self.deadline().is_none_or(|until| now < until) {
            return Vec::new();
        }
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Idle => Vec::new(),
            State::Held { after, .. } => typed(&after),
            State::Pasting { bytes, .. } => vec![Event::Paste(paste(bytes.expose().to_vec()))],
        }
    }

    fn take_key(&mut self, key: Key, now: Instant, out: &mut Vec<Event>) {
        let until = now + self.hold;
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Idle if key == Key::plain(Code::Esc) => self.state = State::Held { after: String::new(), until },
            State::Idle => out.push(Event::Key(key)),
            State::Held { mut after, .. } => match key.typed() {
                Some(c) => {
                    after.push(c);
                    self.judge(after, until, out);
                }
                None => {
                    out.extend(typed(&after));
                    self.take_key(key, now, out);
                }
            },
            State::Pasting { mut bytes, .. } => {
                append_pasted(&mut bytes, key);
                self.state = State::Pasting { bytes, until };
            }
        }
    }

    fn judge(&mut self, after: String, until: Instant, out: &mut Vec<Event>) {
        match recognize(&after) {
            Sequence::Unfinished => self.state = State::Held { after, until },
            Sequence::PasteStart => self.state = State::Pasting { bytes: SecretBytes::default(), until },
            Sequence::Complete(event) => out.push(event),
            Sequence::Unknown => {}
            Sequence::Text => out.extend(typed(&after)),
        }
    }
}

/// An escape and characters, as the keys they are.
fn typed(after: &str) -> Vec<Event> {
    let characters = after.chars().map(Code::Char);
    std::iter::once(Code::Esc).chain(characters).map(|code| Event::Key(Key::plain(code))).collect()
}

/// The bytes that a key stands for within a paste.
fn append_pasted(bytes: &mut SecretBytes, key: Key) {
    match key.code {
        Code::Char(c @ 'a'..='z') if key.ctrl => bytes.push(&[c as u8 & 0x1f]),
        Code::Char(c) => bytes.push(c.encode_utf8(&mut [0; 4]).as_bytes()),
        Code::Enter => bytes.push(b"\r"),
        Code::Tab => bytes.push(b"\t"),
        _ => {}
    }
}

/// Recognizes the sequences of xterm, rxvt and the Linux console that [`Code`] has a key for.
fn recognize(after: &str) -> Sequence {
    if after.len() > LONGEST {
        return Sequence::Text;
    }
    match after.as_bytes() {
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

    const HOLD: Duration = Duration::from_millis(30);

    /// Feeds Esc and then characters, a millisecond apart, and lets the time pass.
    fn feed(characters: &str) -> Vec<Event> {
        let mut assembler = EscapeAssembler::new(HOLD);
        let mut now = Instant::now();
        let codes = std::iter::once(Code::Esc).chain(characters.chars().map(|c| match c {
            '\r' => Code::Enter,
            '\x1b' => Code::Esc,
            c => Code::Char(c),
        }));
        let mut out = Vec::new();
        for code in codes {
            out.extend(assembler.take(Event::Key(Key::plain(code)), now));
            now += Duration::from_millis(1);
        }
        out.extend(assembler.expire(now + HOLD));
        assert_eq!(assembler.deadline(), None);
        out
    }

    fn key(code: Code) -> Event {
        Event::Key(Key::plain(code))
    }

    #[test]
    fn split_keys_are_whole_again() {
        for (characters, code) in [
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
            assert_eq!(feed(characters), [key(code)], "{characters}");
        }
        assert_eq!(feed("[1;5C"), [Event::Key(Key { ctrl: true, ..Key::plain(Code::Right) })]);
        assert_eq!(feed("[I"), [Event::FocusGained]);
    }

    #[test]
    fn escape_alone_goes_out_when_its_time_is_over_and_not_before() {
        let mut assembler = EscapeAssembler::new(HOLD);
        let now = Instant::now();
        assert_eq!(assembler.take(key(Code::Esc), now), []);
        assert_eq!(assembler.deadline(), Some(now + HOLD));
        assert_eq!(assembler.expire(now + HOLD / 2), []);
        assert_eq!(assembler.expire(now + HOLD), [key(Code::Esc)]);
        assert_eq!(assembler.take(key(Code::Char('[')), now + HOLD), [key(Code::Char('['))]);
    }

    #[test]
    fn what_is_no_sequence_is_typed_text() {
        assert_eq!(feed("x"), [key(Code::Esc), key(Code::Char('x'))]);
        assert_eq!(feed("[é"), [key(Code::Esc), key(Code::Char('[')), key(Code::Char('é'))]);
        assert_eq!(feed("\x1b"), [key(Code::Esc), key(Code::Esc)]);
        assert_eq!(feed("\r"), [key(Code::Esc), key(Code::Enter)]);
        assert_eq!(feed("[1;"), [Code::Esc, Code::Char('['), Code::Char('1'), Code::Char(';')].map(key));
        assert_eq!(feed("[99y"), [], "a whole sequence that means nothing is swallowed");
        assert!(feed(&"[1".repeat(20)).len() > 20);
    }

    #[test]
    fn a_paste_whose_opening_was_split_is_one_paste() {
        assert_eq!(feed("[200~pw\rnext"), [Event::Paste(SecretBytes::from("pw\nnext"))]);
    }

    #[test]
    fn a_resize_does_not_wait_behind_an_escape() {
        let mut assembler = EscapeAssembler::new(HOLD);
        let now = Instant::now();
        assembler.take(key(Code::Esc), now);
        let resize = Event::Resize { columns: 80, rows: 24 };
        assert_eq!(assembler.take(resize.clone(), now), [resize]);
        assert!(assembler.deadline().is_some());
    }
}
