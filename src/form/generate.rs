//! Values that nobody has to think up.

use zeroize::Zeroizing;

use crate::domain::SecretBytes;
use crate::host::{Entropy, EntropyError};

/// How many characters a generated value has unless another number is asked for.
pub const DEFAULT_LENGTH: usize = 32;

/// Letters and digits: 5.95 bits per character; taken everywhere, and marked whole by a double click.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// `length` letters and digits, each as likely as any other: random bytes that would favour some of
/// them are thrown away.
///
/// # Errors
/// When the source has no random bytes.
pub fn generate(entropy: &dyn Entropy, length: usize) -> Result<SecretBytes, EntropyError> {
    let fair = 256 - 256 % ALPHABET.len();
    let mut random = Zeroizing::new([0; 64]);
    let mut value = SecretBytes::with_capacity(length);
    while value.len() < length {
        entropy.fill(&mut *random)?;
        let fair_bytes = random.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair);
        for byte in fair_bytes.take(length - value.len()) {
            value.push(&[ALPHABET[byte % ALPHABET.len()]]);
        }
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::SeededEntropy;

    #[test]
    fn has_the_length_asked_for_and_is_another_each_time() {
        let entropy = SeededEntropy::new(1);
        for length in [0, 1, DEFAULT_LENGTH, 500] {
            let value = generate(&entropy, length).unwrap();
            assert_eq!(value.len(), length);
            assert!(value.expose().iter().all(|byte| ALPHABET.contains(byte)));
        }
        assert_ne!(generate(&entropy, 32).unwrap(), generate(&entropy, 32).unwrap());
    }

    #[test]
    fn every_character_is_as_likely_as_the_others() {
        let value = generate(&SeededEntropy::new(7), 62_000).unwrap();
        let mut counts = [0_i32; 256];
        value.expose().iter().for_each(|byte| counts[usize::from(*byte)] += 1);
        // 1000 each, standard deviation 31; folding all 256 bytes onto 62 characters would give the first 8 of them 1210.
        assert!(ALPHABET.iter().all(|byte| (840..1160).contains(&counts[usize::from(*byte)])));
    }
}
