//! From bytes to [`Event`]s, however the network has cut them into pieces.
//!
//! An arrow key is three bytes, beginning with escape. When a packet ends after the first, nobody can tell it from the
//! Esc key: it is held for a moment, and if the rest of a sequence follows, the key that it stands for goes out instead.

use std::time::{Duration, Instant};

use zeroize::Zeroize;

use super::sequence::{LONGEST, Sequence, recognize};
use super::{Code, Event, Key};
use crate::domain::SecretBytes;

/// What ends a bracketed paste.
const PASTE_END: &[u8] = b"\x1b[201~";
/// A paste keeps no more than this, in bytes; every field refuses less than that, with its own words.
const LONGEST_PASTE: usize = 4 << 20;
/// How long a paste may stand still before what has come of it counts: its end may have been lost.
const PASTE_PATIENCE: Duration = Duration::from_secs(2);
/// The longest character in UTF-8, in bytes.
const LONGEST_CHARACTER: usize = 4;

/// Turns what a terminal sends into events: keys, focus reports and bracketed pastes. Time is handed in.
///
/// A byte that was taken is kept only while it may be a part of something larger; a paste grows in a zeroizing buffer.
#[derive(Debug)]
pub struct Decoder {
    hold: Duration,
    state: State,
}

#[derive(Debug)]
enum State {
    Idle,
    /// The first bytes of a character, and how many there are.
    Character([u8; LONGEST_CHARACTER], usize),
    /// An escape and the bytes after it, until the deadline.
    Escape {
        after: Vec<u8>,
        until: Instant,
    },
    /// A paste, with its line ends as `\n`; the terminal sends `\r` for each.
    Pasting {
        bytes: SecretBytes,
        after_return: bool,
        until: Instant,
    },
}

impl Decoder {
    /// Holds an escape for `hold` after the last piece of its sequence.
    pub fn new(hold: Duration) -> Self {
        Self { hold, state: State::Idle }
    }

    /// When to call [`Self::expire`] if nothing arrives; `None` while nothing is held.
    pub fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Idle | State::Character(..) => None,
            State::Escape { until, .. } | State::Pasting { until, .. } => Some(*until),
        }
    }

    /// Takes the bytes that arrived at `now`, in one piece; returns what goes out, in order.
    pub fn take(&mut self, bytes: &[u8], now: Instant) -> Vec<Event> {
        let mut out = Vec::new();
        for (at, byte) in bytes.iter().enumerate() {
            self.take_byte(*byte, at > 0, now, &mut out);
        }
        out
    }

    /// Gives up waiting: returns what was held, if its time is over at `now`.
    pub fn expire(&mut self, now: Instant) -> Vec<Event> {
        if self.deadline().is_none_or(|until| now < until) {
            return Vec::new();
        }
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Idle | State::Character(..) => Vec::new(),
            State::Escape { after, .. } => typed(&after),
            State::Pasting { bytes, .. } => vec![Event::Paste(bytes)],
        }
    }

    /// `same_piece` says that the byte before this one arrived together with it.
    fn take_byte(&mut self, byte: u8, same_piece: bool, now: Instant, out: &mut Vec<Event>) {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Idle => self.begin(byte, now, out),
            State::Character(bytes, len) => self.go_on_with_character(bytes, len, byte, now, out),
            State::Escape { after, .. } if after.is_empty() && same_piece && is_alone(byte) => {
                out.extend(key_of(byte).map(|key| Event::Key(Key { alt: true, ..key })));
            }
            State::Escape { after, .. } => self.go_on_with_escape(after, byte, now, out),
            State::Pasting { bytes, after_return, .. } => self.go_on_with_paste(bytes, after_return, byte, now, out),
        }
    }

    fn begin(&mut self, byte: u8, now: Instant, out: &mut Vec<Event>) {
        match byte {
            0x1b => self.state = State::Escape { after: Vec::with_capacity(LONGEST + 1), until: now + self.hold },
            0xc2..=0xf4 => self.state = State::Character([byte, 0, 0, 0], 1),
            byte => out.extend(key_of(byte).map(Event::Key)),
        }
    }

    fn go_on_with_character(&mut self, mut bytes: [u8; 4], len: usize, byte: u8, now: Instant, out: &mut Vec<Event>) {
        if byte & 0xc0 != 0x80 {
            // The character broke off: it is none.
            bytes.zeroize();
            return self.begin(byte, now, out);
        }
        bytes[len] = byte;
        let whole = std::str::from_utf8(&bytes[..=len]).ok().and_then(|text| text.chars().next());
        match whole {
            Some(c) => out.push(Event::Key(Key::plain(Code::Char(c)))),
            None if len + 1 < LONGEST_CHARACTER => self.state = State::Character(bytes, len + 1),
            None => {}
        }
        bytes.zeroize();
    }

    fn go_on_with_escape(&mut self, mut after: Vec<u8>, byte: u8, now: Instant, out: &mut Vec<Event>) {
        after.push(byte);
        match recognize(&after) {
            Sequence::Unfinished => self.state = State::Escape { after, until: now + self.hold },
            Sequence::PasteStart => self.state = pasting(SecretBytes::default(), false, now),
            Sequence::Complete(event) => out.push(event),
            Sequence::Unknown => {}
            Sequence::Text => {
                out.extend(typed(&after[..after.len() - 1]));
                self.begin(byte, now, out);
            }
        }
    }

    fn go_on_with_paste(
        &mut self,
        mut bytes: SecretBytes,
        after_return: bool,
        byte: u8,
        now: Instant,
        out: &mut Vec<Event>,
    ) {
        match byte {
            b'\n' if after_return => {}
            b'\r' => bytes.push(b"\n"),
            byte => bytes.push(&[byte]),
        }
        if bytes.len() > LONGEST_PASTE {
            // The last bytes may be those of its end.
            bytes.splice(LONGEST_PASTE - PASTE_END.len(), 1, b"");
        }
        if bytes.expose().ends_with(PASTE_END) {
            bytes.splice(bytes.len() - PASTE_END.len(), PASTE_END.len(), b"");
            out.push(Event::Paste(bytes));
        } else {
            self.state = pasting(bytes, byte == b'\r', now);
        }
    }
}

fn pasting(bytes: SecretBytes, after_return: bool, now: Instant) -> State {
    State::Pasting { bytes, after_return, until: now + PASTE_PATIENCE }
}

/// Whether a byte after an escape begins no sequence, and is a key by itself: with Alt, as terminals send it.
fn is_alone(byte: u8) -> bool {
    byte == 0x7f || (b' '..=b'~').contains(&byte) && !matches!(byte, b'[' | b'O')
}

/// An escape and ASCII bytes, as the keys they are.
fn typed(after: &[u8]) -> Vec<Event> {
    let rest = after.iter().filter_map(|byte| key_of(*byte));
    std::iter::once(Key::plain(Code::Esc)).chain(rest).map(Event::Key).collect()
}

/// The key that sends this one byte in raw mode.
fn key_of(byte: u8) -> Option<Key> {
    Some(match byte {
        0x00 => Key::ctrl(' '),
        b'\t' => Key::plain(Code::Tab),
        b'\r' => Key::plain(Code::Enter),
        0x01..=0x1a => Key::ctrl(char::from(byte - 1 + b'a')),
        0x1c..=0x1f => Key::ctrl(char::from(byte - 0x1c + b'4')),
        b' '..=b'~' => Key::plain(Code::Char(char::from(byte))),
        0x7f => Key::plain(Code::Backspace),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOLD: Duration = Duration::from_millis(30);

    /// Feeds pieces, a millisecond apart, and lets the time pass.
    fn feed<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
        let mut decoder = Decoder::new(HOLD);
        let mut now = Instant::now();
        let mut out = Vec::new();
        for piece in pieces {
            out.extend(decoder.take(piece, now));
            now += Duration::from_millis(1);
        }
        out.extend(decoder.expire(now + PASTE_PATIENCE));
        assert_eq!(decoder.deadline(), None);
        out
    }

    fn one_by_one(text: &str) -> Vec<Event> {
        feed(text.as_bytes().chunks(1))
    }

    fn key(code: Code) -> Event {
        Event::Key(Key::plain(code))
    }

    fn keys(text: &str) -> Vec<Event> {
        text.chars().map(|c| if c == '\x1b' { key(Code::Esc) } else { key(Code::Char(c)) }).collect()
    }

    #[test]
    fn single_bytes_are_keys() {
        assert_eq!(one_by_one("aZ~ "), keys("aZ~ "));
        let named = [Code::Tab, Code::Enter, Code::Backspace].map(key);
        assert_eq!(one_by_one("\t\r\x7f"), named);
        let held = [Key::ctrl('c'), Key::ctrl(' '), Key::ctrl('j'), Key::ctrl('h'), Key::ctrl('z')].map(Event::Key);
        assert_eq!(one_by_one("\x03\0\n\x08\x1a"), held);
    }

    #[test]
    fn characters_are_whole_and_broken_ones_are_nothing() {
        assert_eq!(one_by_one("é…🔑"), keys("é…🔑"));
        assert_eq!(feed([b"\xc3x\xff\x80\xf0\x9f\x94a".as_slice()]), keys("xa"));
        assert_eq!(feed([b"\xed\xa0\x80\xf4\x9f\xbf\xbfb".as_slice()]), keys("b"), "surrogates, past the last");
    }

    #[test]
    fn escape_alone_goes_out_when_its_time_is_over_and_not_before() {
        let mut decoder = Decoder::new(HOLD);
        let now = Instant::now();
        assert_eq!(decoder.take(b"\x1b", now), []);
        assert_eq!(decoder.deadline(), Some(now + HOLD));
        assert_eq!(decoder.expire(now + HOLD / 2), []);
        assert_eq!(decoder.expire(now + HOLD), [key(Code::Esc)]);
        assert_eq!(decoder.take(b"[", now + HOLD), [key(Code::Char('['))]);
    }

    #[test]
    fn what_is_no_sequence_is_typed_text() {
        assert_eq!(one_by_one("\x1bx"), keys("\x1bx"));
        assert_eq!(one_by_one("\x1b[é"), keys("\x1b[é"));
        assert_eq!(one_by_one("\x1b\x1b"), keys("\x1b\x1b"));
        assert_eq!(one_by_one("\x1b\r"), [key(Code::Esc), key(Code::Enter)]);
        assert_eq!(one_by_one("\x1b[1;"), keys("\x1b[1;"));
        assert_eq!(one_by_one("\x1b[99y"), [], "a whole sequence that means nothing is swallowed");
        assert_eq!(one_by_one("\x1b[1\x1b[B"), [keys("\x1b[1"), vec![key(Code::Down)]].concat());
    }

    #[test]
    fn escape_and_a_character_in_one_piece_is_alt() {
        let alt = |code| Event::Key(Key { alt: true, ..Key::plain(code) });
        assert_eq!(feed([b"\x1bb\x1b\x7f".as_slice()]), [alt(Code::Char('b')), alt(Code::Backspace)]);
    }

    #[test]
    fn a_paste_is_one_event_with_its_lines() {
        for end in [PASTE_END, b""] {
            let bytes = [b"\x1b[200~a\rb\r\nc\nd\r\r\n\n\x1b[A".as_slice(), end].concat();
            let pasted = Event::Paste(SecretBytes::from("a\nb\nc\nd\n\n\n\x1b[A"));
            assert_eq!(feed(bytes.chunks(1)), std::slice::from_ref(&pasted));
            assert_eq!(feed([bytes.as_slice()]), [pasted]);
        }
    }

    #[test]
    fn a_paste_without_end_is_bounded_and_its_end_still_found() {
        let mut decoder = Decoder::new(HOLD);
        let now = Instant::now();
        assert_eq!(decoder.take(b"\x1b[200~", now), []);
        for _ in 0..5 {
            assert_eq!(decoder.take(&vec![b'x'; 1 << 20], now), []);
        }
        let out = decoder.take(b"\x1b[201~q", now);
        let [Event::Paste(bytes), last] = out.as_slice() else { panic!("{out:?}") };
        assert!(bytes.len() <= LONGEST_PASTE && bytes.expose().iter().all(|b| *b == b'x'));
        assert_eq!(*last, key(Code::Char('q')));
    }

    /// What terminals send, and what they do not; none ends with an escape, for Alt is told from Esc by the piece alone.
    const SENT: [&[u8]; 16] = [
        b"a",
        b"[",
        b"~",
        b"\r",
        b"\n",
        b"\x03",
        "é".as_bytes(),
        "🔑".as_bytes(),
        b"\xff\xe2\x80",
        b"\x1b[A",
        b"\x1bOP",
        b"\x1b[1;5C",
        b"\x1b[9",
        b"\x1b\x1b[B",
        b"\x1b[200~",
        b"\x1b[201~",
    ];

    proptest! {
        #[test]
        fn pieces_do_not_matter(
            sent in prop::collection::vec(prop::sample::select(SENT.as_slice()), 0..20),
            cuts in prop::collection::vec(1_usize..6, 1..60),
        ) {
            let bytes = sent.concat();
            let mut rest = bytes.as_slice();
            let mut pieces = Vec::new();
            for cut in cuts {
                let (piece, after) = rest.split_at(cut.min(rest.len()));
                pieces.push(piece);
                rest = after;
            }
            pieces.push(rest);
            prop_assert_eq!(feed(pieces), feed([bytes.as_slice()]));
        }
    }
}
