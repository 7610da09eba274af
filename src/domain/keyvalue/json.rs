//! Reads a flat JSON object.
//!
//! serde_json finds the values without copying them (`RawValue` borrows the text), and the
//! strings are unescaped here, since its own buffer for that is never wiped.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::{FileError, Line, MAX_PAIRS};
use crate::domain::SecretBytes;

/// All pairs of a flat object, in its order; `None` when it is valid JSON of another shape.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<Vec<Line>>, FileError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|e| FileError::NotUtf8(line_at(bytes, e.valid_up_to())))?;
    let entries = match serde_json::from_str::<Entries<'_>>(text) {
        Ok(Entries(entries)) => entries,
        Err(error) if error.classify() == Category::Data => return valid(text).map(|()| None),
        Err(error) => return Err(FileError::Json { line: error.line(), column: error.column() }),
    };
    if entries.iter().any(|(_, raw)| raw.get().starts_with(['{', '['])) {
        return Ok(None);
    }
    // Finding a line number reads the text from its start: only for so many entries.
    if entries.len() > MAX_PAIRS {
        return Err(FileError::TooMany);
    }
    let line = |(key, raw): (String, &RawValue)| {
        let at = raw.get().as_ptr() as usize - text.as_ptr() as usize;
        let value = value(raw.get()).ok_or_else(|| place(bytes, at))?;
        Ok(Line { number: line_at(bytes, at), key, value })
    };
    entries.into_iter().map(line).collect::<Result<_, _>>().map(Some)
}

/// The members of an object, in order, doubles included.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// Whether `text` is JSON of any shape.
fn valid(text: &str) -> Result<(), FileError> {
    match serde_json::from_str::<&RawValue>(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(FileError::Json { line: error.line(), column: error.column() }),
    }
}

/// The text of one value: a string without quotes and escapes, nothing for null, anything else as it is written.
pub(super) fn value(raw: &str) -> Option<SecretBytes> {
    if raw == "null" {
        return Some(SecretBytes::default());
    }
    match raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => unescape(inner),
        None => Some(raw.into()),
    }
}

/// Resolves the escapes of RFC 8259, section 7; `None` for half of a surrogate pair.
fn unescape(text: &str) -> Option<SecretBytes> {
    let mut out = SecretBytes::with_capacity(text.len());
    let mut rest = text;
    while let Some(backslash) = rest.find('\\') {
        out.push(&rest.as_bytes()[..backslash]);
        let escape = *rest.as_bytes().get(backslash + 1)?;
        rest = rest.get(backslash + 2..)?;
        let plain = match escape {
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => unicode(&mut rest)?,
            byte => char::from(byte),
        };
        out.push(plain.encode_utf8(&mut [0; 4]).as_bytes());
    }
    out.push(rest.as_bytes());
    Some(out)
}

/// The character of a `\u` escape, whose four digits (or two times four) `rest` begins with.
fn unicode(rest: &mut &str) -> Option<char> {
    let first = four_digits(rest)?;
    if !(0xD800..0xDC00).contains(&first) {
        return char::from_u32(first);
    }
    *rest = rest.strip_prefix("\\u")?;
    let second = four_digits(rest)?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
    char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + second)
}

fn four_digits(rest: &mut &str) -> Option<u32> {
    let code = u32::from_str_radix(rest.get(..4)?, 16).ok()?;
    *rest = rest.get(4..)?;
    Some(code)
}

fn line_at(bytes: &[u8], at: usize) -> usize {
    1 + bytes[..at].iter().filter(|b| **b == b'\n').count()
}

fn place(bytes: &[u8], at: usize) -> FileError {
    let line_start = bytes[..at].iter().rposition(|b| *b == b'\n').map_or(0, |feed| feed + 1);
    FileError::Json { line: line_at(bytes, at), column: at - line_start + 1 }
}
