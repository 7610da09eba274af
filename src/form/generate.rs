//! Values that nobody has to think up.

use zeroize::Zeroizing;

use crate::domain::SecretBytes;
use crate::host::{Entropy, EntropyError};

/// How many characters a generated value has unless another number is asked for.
pub const DEFAULT_LENGTH: usize = 32;

/// The characters of a generated value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alphabet(&'static [u8]);

impl Alphabet {
    /// Letters and digits: 5.95 bits per character; taken everywhere, and marked whole by a double click.
    pub const ALPHANUMERIC: Self = Self(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    /// Hexadecimal digits: 4 bits per character.
    pub const HEX: Self = Self(b"0123456789abcdef");
    /// All printable ASCII but space, quotes, backslash and `$`: 6.5 bits per character.
    pub const SYMBOLS: Self =
        Self(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#%&()*+,-./:;<=>?@[]^_{|}~");
}

/// `length` characters of `alphabet`, each as likely as any other: random bytes that would
/// favour some of them are thrown away.
///
/// # Errors
/// When the source has no random bytes.
pub fn generate(entropy: &dyn Entropy, length: usize, alphabet: Alphabet) -> Result<SecretBytes, EntropyError> {
    let count = alphabet.0.len();
    let fair = 256 - 256 % count;
    let mut random = Zeroizing::new([0; 64]);
    let mut value = SecretBytes::with_capacity(length);
    while value.len() < length {
        entropy.fill(&mut *random)?;
        let fair_bytes = random.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair);
        for byte in fair_bytes.take(length - value.len()) {
            value.push(&[alphabet.0[byte % count]]);
        }
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::SeededEntropy;

    #[test]
    fn has_the_length_and_the_alphabet_asked_for() {
        let entropy = SeededEntropy::new(1);
        for alphabet in [Alphabet::ALPHANUMERIC, Alphabet::HEX, Alphabet::SYMBOLS] {
            for length in [0, 1, DEFAULT_LENGTH, 500] {
                let value = generate(&entropy, length, alphabet).unwrap();
                assert_eq!(value.len(), length);
                assert!(value.expose().iter().all(|byte| alphabet.0.contains(byte)));
            }
        }
        let one = generate(&entropy, 32, Alphabet::HEX).unwrap();
        assert_ne!(one, generate(&entropy, 32, Alphabet::HEX).unwrap());
    }

    #[test]
    fn every_character_is_as_likely_as_the_others() {
        let value = generate(&SeededEntropy::new(7), 62_000, Alphabet::ALPHANUMERIC).unwrap();
        let mut counts = [0_i32; 256];
        value.expose().iter().for_each(|byte| counts[usize::from(*byte)] += 1);
        // 1000 each, standard deviation 31; folding all 256 bytes onto 62 characters would give the first 8 of them 1210.
        assert!(Alphabet::ALPHANUMERIC.0.iter().all(|byte| (840..1160).contains(&counts[usize::from(*byte)])));
    }
}
