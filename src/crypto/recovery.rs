//! The recovery key: 256 random bits that a person can write down and type back.
//!
//! Its text is Crockford's base32 of the key and a 24-bit checksum: 56 characters in 14 groups of four.

use super::Key;
use super::hash::digest;
use super::kdf::SALT_LEN;
use crate::domain::SecretBytes;
use crate::host::memory::Guarded;
use crate::host::{Entropy, EntropyError};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHECKSUM_LEN: usize = 3;
const BYTES: usize = Key::LEN + CHECKSUM_LEN;
/// Characters of the text, hyphens apart.
const CHARACTERS: usize = BYTES * 8 / 5;
const GROUP: usize = 4;

/// Why a text is not a recovery key. Never says where: that would show part of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryKeyError {
    /// Too few or too many characters.
    #[error("a recovery key has {CHARACTERS} letters and digits; this has {0}")]
    Length(usize),
    /// A character that no recovery key has.
    #[error("a recovery key has only digits and the letters A to Z except U")]
    Character,
    /// Some character is wrong: a typing mistake, not the wrong key.
    #[error("there is a typing mistake in the recovery key")]
    Checksum,
}

/// 256 bits that open a recovery slot.
#[derive(Debug, Clone)]
pub struct RecoveryKey(Key);

impl RecoveryKey {
    /// A new key.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        Key::generate(entropy).map(Self)
    }

    /// The written form, such as `7K3M-…`: 14 groups of four characters.
    pub fn to_text(&self) -> SecretBytes {
        let mut text = SecretBytes::with_capacity(CHARACTERS + CHARACTERS / GROUP);
        let bytes = self.with_checksum();
        for n in 0..CHARACTERS {
            if n > 0 && n % GROUP == 0 {
                text.push(b"-");
            }
            text.push(&[ALPHABET[five_bits(&bytes, n)]]);
        }
        text
    }

    /// Reads the written form. Case, spaces and hyphens do not matter; O is read as 0, I and L as 1.
    ///
    /// # Errors
    /// [`RecoveryKeyError`].
    pub fn parse(text: &[u8]) -> Result<Self, RecoveryKeyError> {
        let mut bytes = Guarded::<BYTES>::zeroed();
        let mut count = 0;
        for &character in text.iter().filter(|c| !c.is_ascii_whitespace() && **c != b'-') {
            let bits = value(character).ok_or(RecoveryKeyError::Character)?;
            if count < CHARACTERS {
                set_five_bits(&mut bytes, count, bits);
            }
            count += 1;
        }
        if count != CHARACTERS {
            return Err(RecoveryKeyError::Length(count));
        }
        let (key, sum) = bytes.split_first_chunk().ok_or(RecoveryKeyError::Length(count))?;
        let key = Self(Key::copy_of(key));
        if key.checksum() == sum { Ok(key) } else { Err(RecoveryKeyError::Checksum) }
    }

    /// The key of the identity in the slot that has `salt`.
    pub(super) fn slot_key(&self, salt: &[u8; SALT_LEN]) -> Key {
        self.0.derive("strongroom 1 recovery slot", &[salt])
    }

    fn with_checksum(&self) -> Guarded<BYTES> {
        let mut bytes = Guarded::<BYTES>::zeroed();
        bytes[..Key::LEN].copy_from_slice(self.0.expose());
        bytes[Key::LEN..].copy_from_slice(&self.checksum());
        bytes
    }

    fn checksum(&self) -> [u8; CHECKSUM_LEN] {
        let sum = digest(self.0.expose());
        [sum[0], sum[1], sum[2]]
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::SeededEntropy;

    fn sample() -> (RecoveryKey, String) {
        let key = RecoveryKey::generate(&SeededEntropy::new(4)).unwrap();
        let text = key.to_text().expose_text().unwrap().to_owned();
        (key, text)
    }

    #[test]
    fn is_read_back_however_it_is_typed() {
        let (key, text) = sample();
        assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), [4; 14]);
        let sloppy = text.to_lowercase().replace('-', "  ").replace('0', "o").replace('1', "l") + "\n";
        for typed in [&text, &sloppy, &text.replace('-', ""), &text.replace('1', "I")] {
            assert_eq!(RecoveryKey::parse(typed.as_bytes()).unwrap().0.expose(), key.0.expose());
        }
    }

    #[test]
    fn one_wrong_character_is_a_typing_mistake() {
        let (_, text) = sample();
        for at in (0..text.len()).filter(|at| at % 5 != 4) {
            let mut typed = text.clone().into_bytes();
            typed[at] = if typed[at] == b'Z' { b'Y' } else { b'Z' };
            assert_eq!(RecoveryKey::parse(&typed).unwrap_err(), RecoveryKeyError::Checksum);
        }
    }

    #[test]
    fn other_texts_are_told_apart() {
        let (_, text) = sample();
        assert_eq!(RecoveryKey::parse(b"").unwrap_err(), RecoveryKeyError::Length(0));
        assert_eq!(RecoveryKey::parse(&text.as_bytes()[1..]).unwrap_err(), RecoveryKeyError::Length(55));
        assert_eq!(RecoveryKey::parse((text.clone() + "0").as_bytes()).unwrap_err(), RecoveryKeyError::Length(57));
        assert_eq!(RecoveryKey::parse(text.replace('-', "_").as_bytes()).unwrap_err(), RecoveryKeyError::Character);
        assert_eq!(RecoveryKey::parse("ü".as_bytes()).unwrap_err(), RecoveryKeyError::Character);
    }
}
