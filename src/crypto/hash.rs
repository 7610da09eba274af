//! BLAKE2b-256 (RFC 7693), plain and keyed.

use orion::hazardous::hash::blake2::blake2b as plain;
use orion::hazardous::mac::blake2b::{Blake2b, SecretKey};

use super::Key;
use crate::host::memory::Guarded;

/// Length of every digest here, in bytes.
const LEN: usize = 32;
/// orion answers with an error only for lengths that are constants here.
const FIXED: &str = "a 32-byte key and a 32-byte digest are within BLAKE2b's limits";

/// BLAKE2b-256 of `bytes`.
pub fn digest(bytes: &[u8]) -> [u8; LEN] {
    let digest = plain::Hasher::Blake2b256.digest(bytes).expect(FIXED);
    digest.as_ref().try_into().expect(FIXED)
}

/// Keyed BLAKE2b-256 of `label` and `parts`. Each part goes in after its length, so that no
/// two lists of parts look the same.
pub fn keyed(key: &Key, label: &str, parts: &[&[u8]]) -> [u8; LEN] {
    let mut hash = KeyedHash::new(key, label);
    parts.iter().for_each(|part| hash.part(part));
    *hash.finish()
}

/// [`keyed`], part by part. Cloned before its first part it hashes many lists under one key.
#[derive(Clone)]
pub struct KeyedHash(Blake2b);

impl KeyedHash {
    /// A hash under `key`, for the one purpose that `label` names.
    pub fn new(key: &Key, label: &str) -> Self {
        let key = SecretKey::try_from(key.expose()).expect(FIXED);
        let mut hash = Self(Blake2b::new(&key, LEN).expect(FIXED));
        hash.part(label.as_bytes());
        hash
    }

    /// Takes in one more part.
    pub fn part(&mut self, part: &[u8]) {
        let len = (part.len() as u64).to_le_bytes();
        self.0.update(&len).expect(FIXED);
        self.0.update(part).expect(FIXED);
    }

    /// The digest. It may serve as a key, so it is kept as one.
    pub fn finish(mut self) -> Guarded<LEN> {
        let tag = self.0.finalize().expect(FIXED);
        let mut digest = Guarded::zeroed();
        digest.copy_from_slice(tag.unprotected_as_ref::<[u8]>());
        digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values from Python's `hashlib.blake2b`.
    #[test]
    fn agrees_with_another_implementation() {
        let hex = |bytes: [u8; 32]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(digest(b"abc")), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
        let keyed = keyed(&Key::copy_of(&[7; 32]), "a", &[b"bc"]);
        assert_eq!(hex(keyed), "66cddb4b403c69adc56aa13d322c2d46b2473b2e79ed68b60b1792a1d8caa740");
    }

    #[test]
    fn parts_are_told_apart() {
        let key = Key::copy_of(&[7; 32]);
        let whole = keyed(&key, "a", &[b"bc"]);
        assert_ne!(whole, keyed(&key, "a", &[b"b", b"c"]));
        assert_ne!(whole, keyed(&key, "ab", &[b"c"]));
        assert_ne!(whole, keyed(&Key::copy_of(&[8; 32]), "a", &[b"bc"]));
        assert_eq!(whole, keyed(&key, "a", &[b"bc"]));
    }
}
