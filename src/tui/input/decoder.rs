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
/// How long what still comes of a paste that was cut is thrown away: it must not act as keys.
const PASTE_REST: Duration = Duration::from_secs(30);
/// How long a sequence may stand still that is no key for certain: nobody types one by hand.
const SEQUENCE_PATIENCE: Duration = Duration::from_secs(1);
/// Longest control string that is waited for, in bytes.
const LONGEST_STRING: usize = 4096;
/// The longest character in UTF-8, in bytes.
const LONGEST_CHARACTER: usize = 4;

const ESCAPE: u8 = 0x1b;
const BELL: u8 = 0x07;
/// CAN and SUB end a control string wherever it is.
const CANCEL: [u8; 2] = [0x18, 0x1a];

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
    Character(Character),
    /// An escape and the bytes after it, until the deadline.
    Escape {
        after: Vec<u8>,
        /// The first of them came in one piece with the escape.
        together: bool,
        until: Instant,
    },
    /// A control string so long, and whether its last byte is an escape.
    String {
        length: usize,
        escaped: bool,
        until: Instant,
    },
    /// A paste, with its line ends as `\n`; the terminal sends `\r` for each.
    Pasting {
        bytes: SecretBytes,
        after_return: bool,
        until: Instant,
    },
    /// The rest of a paste that was cut, and how much of its end has come.
    Discarding {
        met: usize,
        until: Instant,
    },
}

/// The first bytes of a character, and how many there are.
#[derive(Debug)]
struct Character {
    bytes: [u8; LONGEST_CHARACTER],
    length: usize,
    alt: bool,
}

impl Decoder {
    /// Holds an escape for `hold` after the last piece of its sequence.
    pub fn new(hold: Duration) -> Self {
        Self { hold, state: State::Idle }
    }

    /// When to call [`Self::expire`] if nothing arrives; `None` while nothing is held.
    pub fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Idle | State::Character(_) | State::Discarding { .. } => None,
            State::Escape { until, .. } | State::String { until, .. } | State::Pasting { until, .. } => Some(*until),
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
            State::Escape { after, together, .. } => typed(&after, together),
            State::Pasting { bytes, .. } => {
                self.state = State::Discarding { met: 0, until: now + PASTE_REST };
                vec![Event::Paste(bytes), Event::PasteCut]
            }
            State::Idle | State::Character(_) | State::String { .. } | State::Discarding { .. } => Vec::new(),
        }
    }

    /// `same_piece` says that the byte before this one arrived together with it.
    fn take_byte(&mut self, byte: u8, same_piece: bool, now: Instant, out: &mut Vec<Event>) {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Idle => self.begin(byte, false, now, out),
            State::Character(begun) => self.go_on_with_character(begun, byte, now, out),
            State::Escape { after, .. } if after.is_empty() && same_piece && is_alone(byte) => {
                self.begin(byte, true, now, out);
            }
            State::Escape { after, together, .. } => {
                let together = together || after.is_empty() && same_piece;
                self.go_on_with_escape(after, together, byte, now, out);
            }
            State::String { length, escaped, .. } => self.go_on_with_string(length, escaped, byte, now, out),
            State::Pasting { bytes, after_return, .. } => self.go_on_with_paste(bytes, after_return, byte, now, out),
            State::Discarding { until, .. } if now >= until => self.begin(byte, false, now, out),
            State::Discarding { met, until } => self.discard(met, byte, until),
        }
    }

    /// `alt` says that an escape came just before, which stands for Alt.
    fn begin(&mut self, byte: u8, alt: bool, now: Instant, out: &mut Vec<Event>) {
        match byte {
            ESCAPE => self.state = self.escape(Vec::with_capacity(LONGEST + 1), false, now),
            0xc2..=0xf4 => self.state = State::Character(Character { bytes: [byte, 0, 0, 0], length: 1, alt }),
            byte => out.extend(key_of(byte).map(|key| Event::Key(Key { alt, ..key }))),
        }
    }

    /// What may still be keys is held for a moment only.
    fn escape(&self, after: Vec<u8>, together: bool, now: Instant) -> State {
        let patience = if after.len() < 2 { self.hold } else { SEQUENCE_PATIENCE };
        State::Escape { after, together, until: now + patience }
    }

    fn go_on_with_character(&mut self, mut begun: Character, byte: u8, now: Instant, out: &mut Vec<Event>) {
        let Character { bytes, length, alt } = &mut begun;
        if byte & 0xc0 != 0x80 {
            // The character broke off: it is none.
            bytes.zeroize();
            return self.begin(byte, false, now, out);
        }
        bytes[*length] = byte;
        *length += 1;
        let whole = std::str::from_utf8(&bytes[..*length]).ok().and_then(|text| text.chars().next());
        match whole {
            Some(c) => out.push(Event::Key(Key { alt: *alt, ..Key::plain(Code::Char(c)) })),
            None if *length < LONGEST_CHARACTER => {
                self.state = State::Character(Character { bytes: *bytes, length: *length, alt: *alt });
            }
            None => {}
        }
        bytes.zeroize();
    }

    fn go_on_with_escape(&mut self, mut after: Vec<u8>, together: bool, byte: u8, now: Instant, out: &mut Vec<Event>) {
        after.push(byte);
        match recognize(&after) {
            Sequence::Unfinished => self.state = self.escape(after, together, now),
            Sequence::PasteStart => self.state = pasting(SecretBytes::default(), false, now),
            Sequence::String => self.go_on_with_string(0, false, byte, now, out),
            Sequence::Complete(event) => out.push(event),
            Sequence::Unknown => {}
            Sequence::Broken => {
                out.extend(typed(&after[..after.len() - 1], together));
                self.begin(byte, false, now, out);
            }
        }
    }

    /// A control string ends with BEL or ESC \; an escape before anything else begins something new.
    fn go_on_with_string(&mut self, length: usize, escaped: bool, byte: u8, now: Instant, out: &mut Vec<Event>) {
        if escaped && byte != b'\\' {
            return self.go_on_with_escape(Vec::with_capacity(LONGEST + 1), false, byte, now, out);
        }
        let ended = escaped || byte == BELL || CANCEL.contains(&byte) || length >= LONGEST_STRING;
        if !ended {
            let until = now + SEQUENCE_PATIENCE;
            self.state = State::String { length: length + 1, escaped: byte == ESCAPE, until };
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

    fn discard(&mut self, met: usize, byte: u8, until: Instant) {
        let met = if byte == PASTE_END[met] { met + 1 } else { usize::from(byte == ESCAPE) };
        if met < PASTE_END.len() {
            self.state = State::Discarding { met, until };
        }
    }
}

fn pasting(bytes: SecretBytes, after_return: bool, now: Instant) -> State {
    State::Pasting { bytes, after_return, until: now + PASTE_PATIENCE }
}

/// Whether a byte after an escape begins no sequence, and is a key by itself: with Alt, as terminals send it.
fn is_alone(byte: u8) -> bool {
    match byte {
        b'[' | b'O' | b']' | b'P' | b'_' | b'^' => false,
        b'\r' | b'\n' | 0x08 | 0x7f | 0xc2..=0xf4 => true,
        other => (b' '..=b'~').contains(&other),
    }
}

/// An escape and what came after it, as the keys they may have been: Alt and a key when they came `together`. More than
/// one byte is the piece of a sequence, which is nothing.
fn typed(after: &[u8], together: bool) -> Vec<Event> {
    let escape = Event::Key(Key::plain(Code::Esc));
    match after {
        [] => vec![escape],
        [byte] if together => key_of(*byte).map(|key| Event::Key(Key { alt: true, ..key })).into_iter().collect(),
        [byte] => std::iter::once(escape).chain(key_of(*byte).map(Event::Key)).collect(),
        _ => Vec::new(),
    }
}

/// The key that sends this one byte in raw mode.
fn key_of(byte: u8) -> Option<Key> {
    Some(match byte {
        0x00 => Key::ctrl(' '),
        b'\t' => Key::plain(Code::Tab),
        // Some lines send the other one.
        b'\r' | b'\n' => Key::plain(Code::Enter),
        // As Backspace is set on some terminals.
        0x08 | 0x7f => Key::plain(Code::Backspace),
        0x01..=0x1a => Key::ctrl(char::from(byte - 1 + b'a')),
        0x1c..=0x1f => Key::ctrl(char::from(byte - 0x1c + b'4')),
        b' '..=b'~' => Key::plain(Code::Char(char::from(byte))),
        _ => return None,
    })
}

#[cfg(test)]
#[path = "decoder_tests.rs"]
mod tests;
