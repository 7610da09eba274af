//! PEM blocks (RFC 7468, and the headers of RFC 1421): found in any text, decoded without leaving
//! copies behind, which the PEM crates do with keys.

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

const DASHES: &[u8] = b"-----";
const BEGIN: &[u8] = b"-----BEGIN ";
/// Longest label looked for, in bytes.
const MAX_LABEL: usize = 64;
/// Bytes in a line of 64 characters.
const LINE: usize = 48;

/// A line that starts or ends a block is missing or damaged.
#[derive(Debug)]
pub(super) struct Cut;

/// One block, not decoded yet.
pub(super) struct Block<'a> {
    /// What its first line calls it, such as `CERTIFICATE`.
    pub(super) label: &'a str,
    body: &'a [u8],
}

/// What a block holds.
pub(super) struct Decoded<'a> {
    /// The headers, such as `Proc-Type: 4,ENCRYPTED`; mostly none.
    pub(super) headers: Vec<&'a str>,
    /// The bytes.
    pub(super) der: Zeroizing<Vec<u8>>,
}

/// All blocks of a text, whatever stands around them.
///
/// # Errors
/// When one does not end as it began.
pub(super) fn blocks(text: &[u8]) -> Result<Vec<Block<'_>>, Cut> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = find(rest, BEGIN) {
        let (block, after) = block(&rest[at + BEGIN.len()..]).ok_or(Cut)?;
        found.push(block);
        rest = after;
    }
    Ok(found)
}

/// The block whose label `text` starts with, and what follows it.
fn block(text: &[u8]) -> Option<(Block<'_>, &[u8])> {
    let label_end = find(&text[..text.len().min(MAX_LABEL + DASHES.len())], DASHES)?;
    let label = std::str::from_utf8(&text[..label_end]).ok()?;
    let inside = &text[label_end + DASHES.len()..];
    let (body, end) = inside.split_at(find(inside, DASHES)?);
    let after = end.strip_prefix(b"-----END ")?.strip_prefix(label.as_bytes())?.strip_prefix(DASHES)?;
    Some((Block { label, body }, after))
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

impl<'a> Block<'a> {
    /// The content; `None` when it is not Base64, or holds headers that are not ASCII text.
    pub(super) fn decode(&self) -> Option<Decoded<'a>> {
        let (headers, base64) = split_headers(self.body)?;
        let mut packed = Zeroizing::new(Vec::with_capacity(base64.len()));
        packed.extend(base64.iter().filter(|byte| !byte.is_ascii_whitespace()));
        let mut der = Zeroizing::new(vec![0; packed.len() / 4 * 3]);
        let length = Base64::decode(packed.as_slice(), &mut der).ok()?.len();
        der.truncate(length);
        Some(Decoded { headers, der })
    }
}

/// Headers end at a blank line. Base64 has no colon, so that without one there are none.
fn split_headers(body: &[u8]) -> Option<(Vec<&str>, &[u8])> {
    if !body.contains(&b':') {
        return Some((Vec::new(), body));
    }
    let mut headers = Vec::new();
    let mut rest = body.trim_ascii_start();
    loop {
        let (line, after) = rest.split_at(rest.iter().position(|byte| *byte == b'\n')? + 1);
        rest = after;
        match line.trim_ascii() {
            [] => return Some((headers, rest)),
            line if line.iter().all(|byte| matches!(byte, b' '..=b'~')) => {
                headers.push(std::str::from_utf8(line).ok()?)
            }
            _ => return None,
        }
    }
}

/// Hands one block to `put`, piece by piece: LF line ends, 64 characters to a line.
pub(super) fn write(label: &str, headers: &[&str], der: &[u8], mut put: impl FnMut(&str)) {
    put(&format!("-----BEGIN {label}-----\n"));
    for header in headers {
        put(header);
        put("\n");
    }
    if !headers.is_empty() {
        put("\n");
    }
    let mut line = Zeroizing::new([0; LINE / 3 * 4]);
    for chunk in der.chunks(LINE) {
        put(Base64::encode(chunk, line.as_mut_slice()).unwrap_or_default());
        put("\n");
    }
    put(&format!("-----END {label}-----\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Option<(Vec<&str>, Vec<u8>)> {
        let [block] = &blocks(text.as_bytes()).unwrap()[..] else { panic!("one block in {text:?}") };
        block.decode().map(|decoded| (decoded.headers, decoded.der.to_vec()))
    }

    #[test]
    fn text_around_line_ends_and_indents_do_not_matter() {
        let text = "subject=x\r\n  -----BEGIN A-----\r\n  AQ\r\n  ID\r\n  -----END A-----\r\nmore";
        assert_eq!(only(text), Some((vec![], vec![1, 2, 3])));
        assert_eq!(only("-----BEGIN A----- AQID -----END A-----"), Some((vec![], vec![1, 2, 3])));
    }

    #[test]
    fn headers_are_set_apart() {
        let text = "-----BEGIN A-----\r\nProc-Type: 4,ENCRYPTED\r\nDEK-Info: X\r\n\r\nAQID\r\n-----END A-----";
        assert_eq!(only(text), Some((vec!["Proc-Type: 4,ENCRYPTED", "DEK-Info: X"], vec![1, 2, 3])));
        assert_eq!(only("-----BEGIN A-----\nProc-Type: 4\nAQID\n-----END A-----"), None, "no blank line");
        assert_eq!(only("-----BEGIN A-----\nX: \x1b[2J\n\nAQID\n-----END A-----"), None, "an escape");
    }

    #[test]
    fn a_block_ends_as_it_began() {
        for text in [
            "-----BEGIN A-----\nAQID\n",
            "-----BEGIN A-----\nAQID\n-----END B-----",
            "-----BEGIN A-----\nAQID\n-----BEGIN A-----\nAQID\n-----END A-----",
            "-----BEGIN A---\nAQID\n-----END A-----",
        ] {
            assert!(blocks(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(only("-----BEGIN A-----\nAQI*\n-----END A-----").is_none());
    }

    #[test]
    fn what_is_written_is_read() {
        let der: Vec<u8> = (0..=200).collect();
        let mut text = String::new();
        write("A", &["K: v"], &der, |piece| text.push_str(piece));
        assert!(text.lines().all(|line| line.len() <= 64));
        assert_eq!(only(&text), Some((vec!["K: v"], der)));
    }
}
