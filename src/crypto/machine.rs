//! The machine key: 256 random bits in a file of their own, with which a machine opens the vault and nobody types.

use super::Key;
use super::kdf::SALT_LEN;
use super::written::{self, Checksum};
use crate::domain::SecretBytes;
use crate::host::{Entropy, EntropyError};

/// What the first line of every such file begins with; the number of its form follows.
const NAME: &[u8] = b"strongroom machine key ";
const HEADER: &[u8] = b"strongroom machine key 1\n";

/// Why a text is not a machine key. Never says where: that would show part of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MachineKeyError {
    /// It does not begin as one does.
    #[error("this is not a strongroom machine key")]
    NotOne,
    /// Written by a program that knows more.
    #[error("the machine key is of a form that this version of strongroom does not know")]
    UnknownForm,
    /// Cut, or changed.
    #[error("the machine key is cut or was changed")]
    Damaged,
}

/// 256 bits that open a machine slot.
#[derive(Debug, Clone)]
pub struct MachineKey(Key);

impl MachineKey {
    /// Length of the longest text that is one, with room for the line ends of other systems.
    pub const MAX_TEXT: usize = HEADER.len() + written::LEN + 8;

    /// A new key.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        Key::generate(entropy).map(Self)
    }

    /// Whether `text` begins as the file of a machine key does, whatever its form.
    pub fn is_one(text: &[u8]) -> bool {
        text.starts_with(NAME)
    }

    /// The text of the file: a line that names what it is, and the key in the recovery key's alphabet.
    pub fn to_text(&self) -> SecretBytes {
        let mut text = SecretBytes::with_capacity(Self::MAX_TEXT);
        text.push(HEADER);
        text.push(written::text_of(&self.0, self.checksum()).expose());
        text.push(b"\n");
        text
    }

    /// Reads the text of the file.
    ///
    /// # Errors
    /// [`MachineKeyError`].
    pub fn parse(text: &[u8]) -> Result<Self, MachineKeyError> {
        if !Self::is_one(text) {
            return Err(MachineKeyError::NotOne);
        }
        let (header, rest) = text.split_at(text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len()));
        if header.trim_ascii_end() != HEADER.trim_ascii_end() {
            return Err(MachineKeyError::UnknownForm);
        }
        let (key, sum) = written::read(rest).map_err(|_| MachineKeyError::Damaged)?;
        let key = Self(key);
        if key.checksum() == sum { Ok(key) } else { Err(MachineKeyError::Damaged) }
    }

    /// The key of the identity in the slot that has `salt`.
    pub(super) fn slot_key(&self, salt: &[u8; SALT_LEN]) -> Key {
        self.0.derive("strongroom 1 machine slot", &[salt])
    }

    /// Not the recovery key's: one of the two is never taken for the other.
    fn checksum(&self) -> Checksum {
        let [a, b, c, ..] = *self.0.derive("strongroom 1 machine key", &[]).expose();
        [a, b, c]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::RecoveryKey;
    use crate::host::SeededEntropy;

    fn sample() -> (MachineKey, String) {
        let key = MachineKey::generate(&SeededEntropy::new(4)).unwrap();
        let text = key.to_text().expose_text().unwrap().to_owned();
        (key, text)
    }

    #[test]
    fn the_text_names_itself_and_is_read_back() {
        let (key, text) = sample();
        assert!(text.starts_with("strongroom machine key 1\n") && text.len() <= MachineKey::MAX_TEXT);
        assert_eq!(text.lines().map(str::len).collect::<Vec<_>>(), [24, 69]);
        for same in [&text, text.trim_end(), &text.replace('\n', "\r\n")] {
            assert_eq!(MachineKey::parse(same.as_bytes()).unwrap().0.expose(), key.0.expose());
        }
    }

    #[test]
    fn every_cut_and_every_other_character_is_noticed() {
        let (_, text) = sample();
        let text = text.trim_end();
        for at in 0..text.len() {
            assert!(MachineKey::parse(&text.as_bytes()[..at]).is_err(), "cut at {at}");
            let mut changed = text.to_owned().into_bytes();
            changed[at] = if changed[at] == b'Z' { b'Y' } else { b'Z' };
            assert!(MachineKey::parse(&changed).is_err(), "changed at {at}");
        }
    }

    #[test]
    fn what_is_something_else_is_told_apart() {
        let parse = |text: &str| MachineKey::parse(text.as_bytes()).unwrap_err();
        assert_eq!(parse(""), MachineKeyError::NotOne);
        assert_eq!(parse("correct horse battery staple\n"), MachineKeyError::NotOne);
        assert_eq!(parse("strongroom machine key 2\nx"), MachineKeyError::UnknownForm);
        assert_eq!(parse("strongroom machine key 1"), MachineKeyError::Damaged);
        // A recovery key under the name of a machine key.
        let recovery = RecoveryKey::generate(&SeededEntropy::new(4)).unwrap().to_text();
        let dressed_up = ["strongroom machine key 1\n", recovery.expose_text().unwrap()].concat();
        assert_eq!(parse(&dressed_up), MachineKeyError::Damaged);
    }
}
