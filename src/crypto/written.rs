//! 256 bits as text that can be copied by hand: Crockford's base32 of them and of a 24-bit checksum, which makes 56
//! characters in 14 groups of four.

use crate::host::memory::Guarded;

use super::Key;
use crate::domain::SecretBytes;

/// What a person reads and types: no letter that looks like a digit.
pub(super) const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHECKSUM_LEN: usize = 3;
const BYTES: usize = Key::LEN + CHECKSUM_LEN;
/// Characters of the text, hyphens apart.
pub(super) const CHARACTERS: usize = BYTES * 8 / 5;
const GROUP: usize = 4;
/// Characters of the text, hyphens included.
pub(super) const LEN: usize = CHARACTERS + CHARACTERS / GROUP - 1;

/// Tells a key from one with a typing mistake; each kind of key makes its own.
pub(super) type Checksum = [u8; CHECKSUM_LEN];

/// Why a text is not what [`text_of`] gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// So many characters, not [`CHARACTERS`].
    Length(usize),
    /// A character that is not in the alphabet.
    Character,
}

/// The written form of `key`, such as `7K3M-…`.
pub(super) fn text_of(key: &Key, checksum: Checksum) -> SecretBytes {
    let mut bytes = Guarded::<BYTES>::zeroed();
    bytes[..Key::LEN].copy_from_slice(key.expose());
    bytes[Key::LEN..].copy_from_slice(&checksum);
    let mut text = SecretBytes::with_capacity(LEN);
    for n in 0..CHARACTERS {
        if n > 0 && n % GROUP == 0 {
            text.push(b"-");
        }
        text.push(&[ALPHABET[five_bits(&bytes, n)]]);
    }
    text
}

/// Reads the written form. Case, spaces and hyphens do not matter; O is read as 0, I and L as 1. Whether the checksum is
/// that of the key, the caller looks.
pub(super) fn read(text: &[u8]) -> Result<(Key, Checksum), Unreadable> {
    let mut bytes = Guarded::<BYTES>::zeroed();
    let mut count = 0;
    for &character in text.iter().filter(|c| !c.is_ascii_whitespace() && **c != b'-') {
        let bits = value(character).ok_or(Unreadable::Character)?;
        if count < CHARACTERS {
            set_five_bits(&mut bytes, count, bits);
        }
        count += 1;
    }
    if count != CHARACTERS {
        return Err(Unreadable::Length(count));
    }
    let (key, sum) = bytes.split_at(Key::LEN);
    let key = key.try_into().map(Key::copy_of).map_err(|_| Unreadable::Length(count))?;
    Ok((key, sum.try_into().map_err(|_| Unreadable::Length(count))?))
}

/// The `n`th group of five bits, the highest first.
fn five_bits(bytes: &[u8; BYTES], n: usize) -> usize {
    (n * 5..n * 5 + 5).fold(0, |bits, at| bits << 1 | usize::from(bytes[at / 8] >> (7 - at % 8) & 1))
}

fn set_five_bits(bytes: &mut [u8; BYTES], n: usize, bits: u8) {
    for (offset, at) in (n * 5..n * 5 + 5).enumerate() {
        bytes[at / 8] |= (bits >> (4 - offset) & 1) << (7 - at % 8);
    }
}

fn value(character: u8) -> Option<u8> {
    let character = match character.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    ALPHABET.iter().position(|&c| c == character).and_then(|at| u8::try_from(at).ok())
}
