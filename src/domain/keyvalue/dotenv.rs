//! Reads `.env` files: `KEY=value`, `export KEY=…`, `# comments`, single and double quotes over several lines.
//!
//! A parser of our own, over bytes, because crates for this put values into plain strings. Between
//! single quotes everything stands for itself; between double quotes `\n \r \t \\ \" \$`
//! are escapes. Variables (`$OTHER`) are not expanded. CRLF between quotes becomes LF.

use super::{FileError, Line};
use crate::domain::SecretBytes;

/// All pairs of a file, in its order.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Line>, FileError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut reader = Reader { bytes, at: 0, line: 1 };
    let mut lines = Vec::new();
    while reader.skip_to_key() {
        let number = reader.line;
        let key = reader.key()?;
        lines.push(Line { number, key, value: reader.value()? });
    }
    Ok(lines)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        self.line += usize::from(byte == b'\n');
        Some(byte)
    }

    fn skip_spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// What is left of this line; the reader goes to its end, before the line feed.
    fn rest_of_line(&mut self) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        let line = &rest[..rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len())];
        self.at += line.len();
        line
    }

    /// Skips empty lines and comments; whether there is a line left.
    fn skip_to_key(&mut self) -> bool {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r' | b'\n') => {
                    self.next();
                }
                Some(b'#') => {
                    self.rest_of_line();
                }
                other => return other.is_some(),
            }
        }
    }

    fn key(&mut self) -> Result<String, FileError> {
        let start = self.at;
        let line = self.rest_of_line();
        let equals = line.iter().position(|b| *b == b'=').ok_or(FileError::NoEqualsSign(self.line))?;
        self.at = start + equals + 1;
        let key = line[..equals].trim_ascii();
        let exported = key.strip_prefix(b"export").filter(|rest| rest.first().is_some_and(u8::is_ascii_whitespace));
        let key = exported.unwrap_or(key).trim_ascii_start();
        std::str::from_utf8(key).map(str::to_owned).map_err(|_| FileError::NotUtf8(self.line))
    }

    fn value(&mut self) -> Result<SecretBytes, FileError> {
        self.skip_spaces();
        match self.peek() {
            Some(quote @ (b'"' | b'\'')) => self.quoted(quote),
            _ => Ok(SecretBytes::from(without_comment(self.rest_of_line()))),
        }
    }

    fn quoted(&mut self, quote: u8) -> Result<SecretBytes, FileError> {
        let opened_on = self.line;
        self.at += 1;
        let mut value = SecretBytes::default();
        loop {
            match self.next().ok_or(FileError::OpenQuote(opened_on))? {
                byte if byte == quote => break,
                b'\\' if quote == b'"' => self.escape(&mut value),
                b'\r' if self.peek() == Some(b'\n') => {}
                byte => value.push(&[byte]),
            }
        }
        self.skip_spaces();
        let line = self.line;
        match self.rest_of_line() {
            [] | b"\r" | [b'#', ..] => Ok(value),
            _ => Err(FileError::AfterQuote(line)),
        }
    }

    /// Takes the byte after a backslash; one that is no escape keeps its backslash.
    fn escape(&mut self, value: &mut SecretBytes) {
        let plain = match self.peek() {
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(byte @ (b'\\' | b'"' | b'$')) => byte,
            _ => return value.push(b"\\"),
        };
        self.at += 1;
        value.push(&[plain]);
    }
}

/// An unquoted value: up to a `#` that follows a space, without the space around it.
fn without_comment(line: &[u8]) -> &[u8] {
    let comment = (0..line.len()).find(|at| line[*at] == b'#' && (*at == 0 || line[*at - 1].is_ascii_whitespace()));
    line[..comment.unwrap_or(line.len())].trim_ascii()
}
