//! Sealing a part of a record: padded, encrypted, and bound to its place.
//!
//! Sealed bytes are `nonce (24) ‖ ciphertext ‖ tag (16)`; the plaintext inside is
//! `length (u32) ‖ bytes ‖ zeros`, up to a size bucket, so that a length tells little.

use super::Key;
use super::aead::{self, NONCE_LEN, TAG_LEN};
use crate::domain::{MemberId, SecretBytes, VaultId};
use crate::host::{Entropy, EntropyError};

/// Most bytes that one part takes. Larger values are cut into chunks.
pub const MAX_PLAINTEXT: usize = 16 * 1024 * 1024;

const LENGTH_LEN: usize = 4;
const SMALL_BUCKETS: [usize; 4] = [256, 512, 1024, 2048];
const LARGE_BUCKET: usize = 4096;

/// Which part of a record: 0 its header, 1 its value, from 2 on the chunks of a large value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartTag(pub u32);

impl PartTag {
    /// The header.
    pub const HEADER: Self = Self(0);
    /// The value, or what tells how its chunks make it up.
    pub const VALUE: Self = Self(1);

    /// Chunk `n` of a value, counted from 0; `None` when there cannot be so many.
    pub fn chunk(n: u32) -> Option<Self> {
        n.checked_add(2).map(Self)
    }
}

/// The one place where sealed bytes belong. They open nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// Version of the record format.
    pub format: u8,
    /// The vault.
    pub vault: VaultId,
    /// The epoch of its key.
    pub epoch: u64,
    /// The record's id.
    pub record: [u8; 16],
    /// The part of that record.
    pub part: PartTag,
    /// The record's revision.
    pub revision: u64,
}

impl Binding {
    /// The format of all that is sealed in a vault with members.
    pub const FORMAT_OF_MEMBERS: u8 = 2;

    /// Where the ring of `member` belongs.
    pub fn ring(vault: VaultId, epoch: u64, member: MemberId) -> Self {
        Self::in_header(vault, epoch, member.0)
    }

    /// Where the membership log belongs.
    pub fn membership_log(vault: VaultId, epoch: u64) -> Self {
        Self::in_header(vault, epoch, *b"membership log\0\0")
    }

    /// What is sealed in `vault.header` has no revision: the file is replaced as a whole.
    fn in_header(vault: VaultId, epoch: u64, record: [u8; 16]) -> Self {
        Self { format: Self::FORMAT_OF_MEMBERS, vault, epoch, record, part: PartTag::HEADER, revision: 0 }
    }

    const LEN: usize = 1 + 16 + 8 + 16 + 4 + 8;

    fn encode(&self) -> [u8; Self::LEN] {
        let mut out = [0; Self::LEN];
        out[0] = self.format;
        out[1..17].copy_from_slice(&self.vault.0);
        out[17..25].copy_from_slice(&self.epoch.to_le_bytes());
        out[25..41].copy_from_slice(&self.record);
        out[41..45].copy_from_slice(&self.part.0.to_le_bytes());
        out[45..].copy_from_slice(&self.revision.to_le_bytes());
        out
    }
}

/// Why nothing was sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// No randomness for the nonce.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// More than [`MAX_PLAINTEXT`].
    #[error("{0} bytes are too many to seal in one part")]
    TooLong(usize),
}

/// Why nothing was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Not as many bytes as sealing makes.
    #[error("sealed data is cut or malformed")]
    Malformed,
    /// Changed, moved from another place, or sealed with another key.
    #[error("sealed data was changed, moved, or sealed with another key")]
    Refused,
}

/// How many bytes [`seal`] makes of `plaintext` bytes.
pub fn sealed_len(plaintext: usize) -> usize {
    NONCE_LEN + bucket(LENGTH_LEN + plaintext) + TAG_LEN
}

/// Seals `plaintext` with a random nonce, for the place that `binding` names.
///
/// # Errors
/// [`SealError`].
pub fn seal(key: &Key, binding: &Binding, plaintext: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, SealError> {
    let len = u32::try_from(plaintext.len()).map_err(|_| SealError::TooLong(plaintext.len()))?;
    if plaintext.len() > MAX_PLAINTEXT {
        return Err(SealError::TooLong(plaintext.len()));
    }
    let mut nonce = [0; NONCE_LEN];
    entropy.fill(&mut nonce)?;
    // Allocated once in full: a buffer that grows would leave plaintext behind.
    let total = sealed_len(plaintext.len());
    let mut out = Vec::with_capacity(total);
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(plaintext);
    out.resize(total - TAG_LEN, 0);
    let tag = aead::seal_in_place(key, &nonce, &binding.encode(), &mut out[NONCE_LEN..]);
    out.extend_from_slice(&tag);
    Ok(out)
}

/// Opens what [`seal`] made for the same place with the same key.
///
/// # Errors
/// [`OpenError`]. Nothing of the plaintext is given then.
pub fn open(key: &Key, binding: &Binding, sealed: &[u8]) -> Result<SecretBytes, OpenError> {
    let (nonce, rest) = sealed.split_first_chunk().ok_or(OpenError::Malformed)?;
    let (body, tag) = rest.split_last_chunk().ok_or(OpenError::Malformed)?;
    if body.len() < LENGTH_LEN || body.len() != bucket(body.len()) {
        return Err(OpenError::Malformed);
    }
    let mut bytes = body.to_vec();
    aead::open_in_place(key, nonce, &binding.encode(), &mut bytes, tag).map_err(|_| OpenError::Refused)?;
    unpad(SecretBytes::new(bytes))
}

fn unpad(mut padded: SecretBytes) -> Result<SecretBytes, OpenError> {
    let (len, rest) = padded.expose().split_first_chunk().ok_or(OpenError::Malformed)?;
    let len = usize::try_from(u32::from_le_bytes(*len)).map_err(|_| OpenError::Malformed)?;
    let padding = rest.len().checked_sub(len).ok_or(OpenError::Malformed)?;
    padded.splice(LENGTH_LEN + len, padding, &[]);
    padded.splice(0, LENGTH_LEN, &[]);
    Ok(padded)
}

fn bucket(len: usize) -> usize {
    let small = SMALL_BUCKETS.into_iter().find(|&size| len <= size);
    small.unwrap_or_else(|| len.next_multiple_of(LARGE_BUCKET))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::SeededEntropy;
    use proptest::prelude::*;

    const BINDING: Binding =
        Binding { format: 1, vault: VaultId([2; 16]), epoch: 3, record: [4; 16], part: PartTag::HEADER, revision: 5 };

    fn key() -> Key {
        Key::copy_of(&[9; 32])
    }

    fn sealed(plaintext: &[u8]) -> Vec<u8> {
        seal(&key(), &BINDING, plaintext, &SeededEntropy::new(1)).unwrap()
    }

    #[test]
    fn sizes_fall_into_buckets() {
        let sizes = [(0, 256), (252, 256), (253, 512), (2044, 2048), (2045, 4096), (4093, 8192), (8189, 12288)];
        for (plaintext, padded) in sizes {
            let sealed = sealed(&vec![7; plaintext]);
            assert_eq!(sealed.len(), 24 + padded + 16);
            assert_eq!(sealed.len(), sealed_len(plaintext));
            assert_eq!(open(&key(), &BINDING, &sealed).unwrap().expose(), vec![7; plaintext]);
        }
    }

    #[test]
    fn opens_only_where_it_was_sealed() {
        let bytes = sealed(b"here");
        let elsewhere = [
            Binding { format: 2, ..BINDING },
            Binding { vault: VaultId([3; 16]), ..BINDING },
            Binding { epoch: 4, ..BINDING },
            Binding { record: [5; 16], ..BINDING },
            Binding { part: PartTag::VALUE, ..BINDING },
            Binding { revision: 6, ..BINDING },
        ];
        for binding in elsewhere {
            assert_eq!(open(&key(), &binding, &bytes), Err(OpenError::Refused));
        }
        assert_eq!(open(&Key::copy_of(&[8; 32]), &BINDING, &bytes), Err(OpenError::Refused));
        assert_eq!(open(&key(), &BINDING, &bytes).unwrap().expose(), b"here");
    }

    #[test]
    fn ring_and_log_have_places_of_their_own() {
        let (vault, member) = (BINDING.vault, MemberId([4; 16]));
        let (ring, log) = (Binding::ring(vault, 3, member), Binding::membership_log(vault, 3));
        assert_eq!(ring, Binding { format: 2, revision: 0, ..BINDING });
        assert_eq!(log, Binding { record: *b"membership log\0\0", ..ring });
        assert_ne!(log, Binding::membership_log(vault, 4));
    }

    #[test]
    fn no_nonce_comes_twice() {
        let entropy = SeededEntropy::new(1);
        let once = seal(&key(), &BINDING, b"same", &entropy).unwrap();
        let twice = seal(&key(), &BINDING, b"same", &entropy).unwrap();
        assert_ne!(once[..NONCE_LEN], twice[..NONCE_LEN]);
    }

    #[test]
    fn a_length_past_the_end_is_refused_even_when_authentic() {
        let mut bytes = vec![0; NONCE_LEN + 256];
        bytes[NONCE_LEN..NONCE_LEN + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        let tag = aead::seal_in_place(&key(), &[0; NONCE_LEN], &BINDING.encode(), &mut bytes[NONCE_LEN..]);
        bytes.extend_from_slice(&tag);
        assert_eq!(open(&key(), &BINDING, &bytes), Err(OpenError::Malformed));
    }

    #[test]
    fn too_much_is_not_sealed() {
        let huge = vec![0; MAX_PLAINTEXT + 1];
        let result = seal(&key(), &BINDING, &huge, &SeededEntropy::new(1));
        assert!(matches!(result, Err(SealError::TooLong(_))));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn every_flip_and_cut_is_refused(bit in 0..296 * 8usize, cut in 0..296usize) {
            let good = sealed(b"some header");
            let mut flipped = good.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(open(&key(), &BINDING, &flipped).is_err());
            prop_assert!(open(&key(), &BINDING, &good[..cut]).is_err());
        }
    }
}
