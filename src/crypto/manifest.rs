//! The manifest: what the store should hold, so that what it lost is noticed.

use zeroize::Zeroizing;

use super::Key;
use super::hash::KeyedHash;
use super::seal::{Binding, OpenError, SealError, open, seal};
use super::wire::{Reader, WireError, Writer};
use crate::host::Entropy;

/// What the store holds, at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manifest {
    /// How often the store has been changed.
    pub generation: u64,
    /// How many records there are.
    pub records: u64,
    /// The [`SetHash`] over all of them.
    pub set: [u8; 32],
    /// When it was last written, in seconds since 1970-01-01 UTC; a clock that shows less stepped back.
    pub last_seen: i64,
}

impl Manifest {
    /// Seals it with the subkey `manifest`.
    ///
    /// # Errors
    /// [`SealError::Entropy`].
    pub fn seal(&self, key: &Key, binding: &Binding, entropy: &dyn Entropy) -> Result<Vec<u8>, SealError> {
        let mut writer = Writer::new();
        writer.u64(self.generation);
        writer.u64(self.records);
        writer.raw(&self.set);
        writer.i64(self.last_seen);
        seal(key, binding, writer.as_bytes(), entropy)
    }

    /// Opens what [`Manifest::seal`] made for the same place.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(key: &Key, binding: &Binding, sealed: &[u8]) -> Result<Self, OpenError> {
        let bytes = open(key, binding, sealed)?;
        Self::read(Reader::new(bytes.expose())).map_err(|_| OpenError::Malformed)
    }

    fn read(mut from: Reader<'_>) -> Result<Self, WireError> {
        let manifest =
            Self { generation: from.u64()?, records: from.u64()?, set: from.array()?, last_seen: from.i64()? };
        from.finish().map(|()| manifest)
    }
}

/// A hash over a set of records, in no order, that each change updates in constant time: the XOR
/// of a keyed hash of every record. A record must not be in the set twice.
#[derive(Clone)]
pub struct SetHash {
    empty: KeyedHash,
    sum: Zeroizing<[u8; 32]>,
}

impl SetHash {
    /// The hash of the empty set, under the subkey `manifest`.
    pub fn new(key: &Key) -> Self {
        Self::resume(key, [0; 32])
    }

    /// Goes on from a manifest's `set`.
    pub fn resume(key: &Key, set: [u8; 32]) -> Self {
        Self { empty: KeyedHash::new(key, "strongroom 1 set"), sum: Zeroizing::new(set) }
    }

    /// Puts a record in, or takes it out when it is there: its id, its revision, and the
    /// [`digest`](super::digest) of its sealed bytes.
    pub fn toggle(&mut self, id: &[u8; 16], revision: u64, digest: &[u8; 32]) {
        let mut hash = self.empty.clone();
        hash.part(id);
        hash.part(&revision.to_le_bytes());
        hash.part(digest);
        self.sum.iter_mut().zip(hash.finish().iter()).for_each(|(sum, byte)| *sum ^= byte);
    }

    /// The hash of the set as it is now, for [`Manifest::set`].
    pub fn value(&self) -> [u8; 32] {
        *self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::PartTag;
    use crate::domain::VaultId;
    use crate::host::SeededEntropy;
    use proptest::prelude::*;

    const BINDING: Binding =
        Binding { format: 1, vault: VaultId([2; 16]), epoch: 3, record: [0; 16], part: PartTag::HEADER, revision: 9 };
    const MANIFEST: Manifest = Manifest { generation: 1, records: 2, set: [3; 32], last_seen: -4 };

    fn key() -> Key {
        Key::copy_of(&[9; 32])
    }

    #[test]
    fn opens_as_it_was_sealed() {
        let sealed = MANIFEST.seal(&key(), &BINDING, &SeededEntropy::new(1)).unwrap();
        assert_eq!(Manifest::open(&key(), &BINDING, &sealed), Ok(MANIFEST));
    }

    #[test]
    fn other_plaintexts_are_no_manifest() {
        let short = seal(&key(), &BINDING, &[0; 55], &SeededEntropy::new(1)).unwrap();
        let long = seal(&key(), &BINDING, &[0; 57], &SeededEntropy::new(1)).unwrap();
        assert_eq!(Manifest::open(&key(), &BINDING, &short), Err(OpenError::Malformed));
        assert_eq!(Manifest::open(&key(), &BINDING, &long), Err(OpenError::Malformed));
    }

    #[test]
    fn the_set_has_no_order_and_forgets_what_leaves() {
        let (mut one, mut other) = (SetHash::new(&key()), SetHash::new(&key()));
        one.toggle(&[1; 16], 1, &[1; 32]);
        one.toggle(&[2; 16], 1, &[2; 32]);
        other.toggle(&[2; 16], 1, &[2; 32]);
        other.toggle(&[3; 16], 1, &[3; 32]);
        other.toggle(&[1; 16], 1, &[1; 32]);
        assert_ne!(one.value(), other.value());
        let mut resumed = SetHash::resume(&key(), other.value());
        resumed.toggle(&[3; 16], 1, &[3; 32]);
        assert_eq!(one.value(), resumed.value());
    }

    #[test]
    fn the_set_sees_every_part_and_the_key() {
        let of = |key: Key, id, revision, digest| {
            let mut set = SetHash::new(&key);
            set.toggle(&[id; 16], revision, &[digest; 32]);
            set.value()
        };
        let one = of(key(), 1, 1, 1);
        assert_ne!(one, [0; 32]);
        assert_ne!(one, of(key(), 2, 1, 1));
        assert_ne!(one, of(key(), 1, 2, 1));
        assert_ne!(one, of(key(), 1, 1, 2));
        assert_ne!(one, of(Key::copy_of(&[8; 32]), 1, 1, 1));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_flip_and_cut_is_refused(bit in 0..296 * 8usize, cut in 0..296usize) {
            let good = MANIFEST.seal(&key(), &BINDING, &SeededEntropy::new(1)).unwrap();
            let mut flipped = good.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(Manifest::open(&key(), &BINDING, &flipped).is_err());
            prop_assert!(Manifest::open(&key(), &BINDING, &good[..cut]).is_err());
        }
    }
}
