//! The recovery key: 256 random bits that a person can write down and type back.

use super::Key;
use super::hash::digest;
use super::kdf::SALT_LEN;
use super::written::{self, CHARACTERS, Checksum, Unreadable};
use crate::domain::SecretBytes;
use crate::host::{Entropy, EntropyError};

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
        written::text_of(&self.0, self.checksum())
    }

    /// Reads the written form. Case, spaces and hyphens do not matter; O is read as 0, I and L as 1.
    ///
    /// # Errors
    /// [`RecoveryKeyError`].
    pub fn parse(text: &[u8]) -> Result<Self, RecoveryKeyError> {
        let (key, sum) = written::read(text).map_err(|why| match why {
            Unreadable::Length(count) => RecoveryKeyError::Length(count),
            Unreadable::Character => RecoveryKeyError::Character,
        })?;
        let key = Self(key);
        if key.checksum() == sum { Ok(key) } else { Err(RecoveryKeyError::Checksum) }
    }

    /// The key of the identity in the slot that has `salt`.
    pub(super) fn slot_key(&self, salt: &[u8; SALT_LEN]) -> Key {
        self.0.derive("strongroom 1 recovery slot", &[salt])
    }

    fn checksum(&self) -> Checksum {
        let [a, b, c, ..] = digest(self.0.expose());
        [a, b, c]
    }
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
