//! Randomness, injected.

use std::sync::Mutex;

/// The operating system gave no randomness: nothing that needs a key can go on.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct EntropyError;

/// A source of random bytes fit for keys, nonces and ids.
pub trait Entropy: Send + Sync {
    /// Fills `out` with random bytes.
    ///
    /// # Errors
    /// [`EntropyError`] when the source has none to give.
    fn fill(&self, out: &mut [u8]) -> Result<(), EntropyError>;
}

/// The kernel's generator.
#[derive(Debug, Default, Clone, Copy)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, out: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(out).map_err(|_| EntropyError)
    }
}

/// A repeatable sequence (SplitMix64) for tests and the demo. Never for keys that matter.
#[derive(Debug)]
pub struct SeededEntropy(Mutex<u64>);

impl SeededEntropy {
    /// The sequence that `seed` starts.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, out: &mut [u8]) -> Result<(), EntropyError> {
        let mut state = self.0.lock().map_err(|_| EntropyError)?;
        for chunk in out.chunks_mut(8) {
            *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = *state;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}
