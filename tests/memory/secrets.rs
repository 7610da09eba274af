//! What is looked for.

/// Something that must not be found, and what it is called when it is.
#[derive(Debug, Clone)]
pub struct Secret {
    pub name: String,
    pub bytes: Vec<u8>,
    /// Text can be written in many ways; a key is just its bytes.
    pub is_text: bool,
}

impl Secret {
    pub fn text(name: impl Into<String>, text: &str) -> Self {
        Self { name: name.into(), bytes: text.as_bytes().to_vec(), is_text: true }
    }

    pub fn key(name: impl Into<String>, bytes: &[u8]) -> Self {
        Self { name: name.into(), bytes: bytes.to_vec(), is_text: false }
    }
}

/// Text that is nowhere else. Every fourth character is one that is rare in memory, and the third has to be escaped in
/// JSON.
pub fn canary(way: usize, round: usize) -> String {
    const RARE: [char; 5] = ['~', '^', '`', '|', '}'];
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567890";
    let mut state =
        (way as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (round as u64 + 1).wrapping_mul(0xD1B5_4A32_D192_ED03);
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize
    };
    (0..24)
        .map(|at| match at {
            2 => '"',
            _ if at % 4 == 0 => RARE[random() % RARE.len()],
            _ => char::from(LETTERS[random() % LETTERS.len()]),
        })
        .collect()
}
