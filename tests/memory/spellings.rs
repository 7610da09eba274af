//! In how many ways a secret may be written in memory, whole or in part.

use base64ct::{Base64Unpadded, Encoding};

use crate::secrets::Secret;

/// So many characters in a row give a text away.
pub const PIECE: usize = 8;
/// Where pieces begin: whatever eleven characters are left of a text, one of them is whole.
pub const EVERY: usize = 4;
/// So many bytes of a key.
const WORD: usize = 8;

/// A pattern, whose piece it is, and how that is written.
pub struct Pattern {
    pub bytes: Vec<u8>,
    pub secret: String,
    pub how: &'static str,
}

/// Every way in which a piece of `secret` may be written down in one run of bytes.
pub fn patterns(secret: &Secret) -> Vec<Pattern> {
    if !secret.is_text {
        return secret.bytes.chunks_exact(WORD).map(|word| pattern(word.to_vec(), secret, "raw")).collect();
    }
    pieces(&secret.bytes).into_iter().flat_map(|piece| of_piece(piece, secret)).collect()
}

/// The pieces of a text.
pub fn pieces(text: &[u8]) -> Vec<&[u8]> {
    text.windows(PIECE).step_by(EVERY).collect()
}

fn of_piece(piece: &[u8], secret: &Secret) -> Vec<Pattern> {
    let text = std::str::from_utf8(piece).expect("a canary is ASCII");
    let mut all = vec![
        pattern(piece.to_vec(), secret, "raw"),
        pattern(text.encode_utf16().flat_map(u16::to_le_bytes).collect(), secret, "UTF-16LE"),
        pattern(text.encode_utf16().flat_map(u16::to_be_bytes).collect(), secret, "UTF-16BE"),
        pattern(text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(), secret, "UTF-32"),
        pattern(hex(piece), secret, "hex"),
        pattern(hex(piece).to_ascii_uppercase(), secret, "HEX"),
    ];
    let escaped = serde_json::to_string(text).expect("JSON").trim_matches('"').as_bytes().to_vec();
    if escaped != piece {
        all.push(pattern(escaped, secret, "JSON"));
    }
    // In a longer text, the encoding depends on where a group of three bytes begins.
    all.extend((0..3).map(|skip| pattern(base64(&piece[skip..skip + (piece.len() - skip) / 3 * 3]), secret, "base64")));
    all
}

fn pattern(bytes: Vec<u8>, secret: &Secret, how: &'static str) -> Pattern {
    Pattern { bytes, secret: secret.name.clone(), how }
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    let mut room = [0; 64];
    Base64Unpadded::encode(bytes, &mut room).expect("room").as_bytes().to_vec()
}
