//! Who a slot belongs to, as keys: one to be granted vault keys, one to sign.

use std::fmt;

use orion::KP;
use orion::hazardous::dsa::mldsa65;
use orion::hazardous::kem::xwing;

use super::Key;
use super::hash::digest;
use super::wire::{Reader, WireError, Writer};
use crate::domain::SlotId;
use crate::host::memory::Guarded;
use crate::host::{Entropy, EntropyError};

/// Length of an X-Wing encapsulation key in bytes (draft-connolly-cfrg-xwing-kem).
pub const ENCAPSULATION_KEY_LEN: usize = xwing::EK_SIZE;
/// Length of an ML-DSA-65 verifying key in bytes (FIPS 204).
pub const VERIFYING_KEY_LEN: usize = mldsa65::VERIFYING_KEY_SIZE;

/// No key pair comes out of these seeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no key pair can be made from this seed")]
pub struct BadSeed;

/// What everybody may know of an [`Identity`].
#[derive(Clone, PartialEq, Eq)]
pub struct PublicIdentity {
    encapsulation: Box<[u8; ENCAPSULATION_KEY_LEN]>,
    verifying: Box<[u8; VERIFYING_KEY_LEN]>,
}

impl PublicIdentity {
    /// Length of the written form in bytes.
    pub(super) const LEN: usize = ENCAPSULATION_KEY_LEN + VERIFYING_KEY_LEN;

    /// The X-Wing key that vault keys are granted to.
    pub fn encapsulation(&self) -> &[u8; ENCAPSULATION_KEY_LEN] {
        &self.encapsulation
    }

    /// The ML-DSA-65 key that signatures are checked with.
    pub fn verifying(&self) -> &[u8; VERIFYING_KEY_LEN] {
        &self.verifying
    }

    /// The bytes of both keys, as [`PublicIdentity::from_bytes`] reads them.
    pub fn to_bytes(&self) -> Box<[u8]> {
        [&self.encapsulation[..], &self.verifying[..]].concat().into()
    }

    /// Reads what [`PublicIdentity::to_bytes`] gave. Whether they are keys, only their use tells.
    ///
    /// # Errors
    /// [`WireError`] for another length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WireError> {
        let mut from = Reader::new(bytes);
        let public = Self::read(&mut from)?;
        from.finish().map(|()| public)
    }

    /// The name of the slot whose identity it is: a digest of it.
    pub fn slot(&self) -> SlotId {
        let [a, b, c, d, e, ..] = digest(&self.to_bytes());
        SlotId([a, b, c, d, e])
    }

    pub(super) fn write(&self, to: &mut Writer) {
        to.raw(&*self.encapsulation);
        to.raw(&*self.verifying);
    }

    pub(super) fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self { encapsulation: Box::new(from.array()?), verifying: Box::new(from.array()?) })
    }
}

impl fmt::Debug for PublicIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicIdentity")
    }
}

/// The secret half: an X-Wing decapsulation seed and an ML-DSA-65 signing seed.
#[derive(Clone)]
pub struct Identity {
    decapsulation: Key,
    signing: Key,
    public: PublicIdentity,
}

impl Identity {
    /// Length of both seeds in bytes.
    pub(super) const SEEDS_LEN: usize = 2 * Key::LEN;

    /// A new identity.
    ///
    /// # Errors
    /// When there is no randomness to be had, or (one time in never) the seeds give no key pair.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, GenerateError> {
        let (decapsulation, signing) = (Key::generate(entropy)?, Key::generate(entropy)?);
        Ok(Self::from_keys(decapsulation, signing)?)
    }

    /// The half that everybody may know.
    pub fn public(&self) -> &PublicIdentity {
        &self.public
    }

    pub(super) fn from_seeds(seeds: &[u8; Self::SEEDS_LEN]) -> Result<Self, BadSeed> {
        let (decapsulation, signing) = seeds.split_first_chunk().ok_or(BadSeed)?;
        let signing = signing.first_chunk().ok_or(BadSeed)?;
        Self::from_keys(Key::copy_of(decapsulation), Key::copy_of(signing))
    }

    /// Both seeds, to be sealed.
    pub(super) fn seeds(&self) -> Guarded<{ Self::SEEDS_LEN }> {
        let mut seeds = Guarded::zeroed();
        seeds[..Key::LEN].copy_from_slice(self.decapsulation.expose());
        seeds[Key::LEN..].copy_from_slice(self.signing.expose());
        seeds
    }

    pub(super) fn decapsulation(&self) -> xwing::DecapsulationKey {
        xwing::DecapsulationKey::from(*self.decapsulation.expose())
    }

    pub(super) fn signing(&self) -> &Key {
        &self.signing
    }

    fn from_keys(decapsulation: Key, signing: Key) -> Result<Self, BadSeed> {
        let secret = xwing::DecapsulationKey::from(*decapsulation.expose());
        let encapsulation = xwing::EncapsulationKey::try_from(&secret).map_err(|_| BadSeed)?;
        let signer = mldsa65::KeyPair::new(mldsa65::Seed::from(*signing.expose())).map_err(|_| BadSeed)?;
        let public = PublicIdentity {
            encapsulation: boxed(encapsulation.as_ref())?,
            verifying: boxed(signer.public().as_ref())?,
        };
        Ok(Self { decapsulation, signing, public })
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity([redacted])")
    }
}

/// Why there is no new identity.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// No key pair.
    #[error(transparent)]
    Seed(#[from] BadSeed),
}

fn boxed<const N: usize>(bytes: &[u8]) -> Result<Box<[u8; N]>, BadSeed> {
    bytes.try_into().map(Box::new).map_err(|_| BadSeed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::SeededEntropy;

    #[test]
    fn comes_back_from_its_seeds() {
        let identity = Identity::generate(&SeededEntropy::new(1)).unwrap();
        let again = Identity::from_seeds(&identity.seeds()).unwrap();
        assert_eq!(again.public(), identity.public());
        assert_eq!(*again.seeds(), *identity.seeds());
    }

    #[test]
    fn each_seed_makes_its_own_half() {
        let one = Identity::from_seeds(&[1; 64]).unwrap();
        let mut seeds = [1; 64];
        seeds[63] = 2;
        let other = Identity::from_seeds(&seeds).unwrap();
        assert_eq!(one.public().encapsulation(), other.public().encapsulation());
        assert_ne!(one.public().verifying(), other.public().verifying());
    }
}
