//! A ring: the keys of the values that one Member may open, sealed under the member's own key in `vault.header`.
//!
//! Sealed is `1 ‖ values key (32)`, or `2 ‖ count (u32) ‖ so many of secret id (16) ‖ key (32)`, the ids going up.

use super::seal::{Binding, OpenError, SealError, open, seal};
use super::wire::{Reader, WireError, Writer};
use super::{Key, MemberKey, ValuesKey};
use crate::domain::{MemberId, SecretId, VaultId};
use crate::host::Entropy;

/// Most secrets that a ring names.
pub const MAX_NAMED: usize = 20_000;

const ALL: u8 = 1;
const NAMED: u8 = 2;
const ENTRY_LEN: usize = 16 + Key::LEN;

/// What a Member holds of the values of the organization's secrets.
#[derive(Debug, Clone)]
pub enum Ring {
    /// Those of all secrets, also of such that are yet to come.
    All(ValuesKey),
    /// Those of some, each with the key of its value.
    Named(Vec<(SecretId, Key)>),
}

impl Ring {
    /// Seals it for `member` of `vault` during `epoch`. Of a secret that is named twice, the first key counts.
    ///
    /// # Errors
    /// [`SealError::Entropy`]; [`SealError::TooLong`] above [`MAX_NAMED`] secrets.
    pub fn seal(
        &self,
        key: &MemberKey,
        vault: VaultId,
        epoch: u64,
        member: MemberId,
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        seal(&key.ring(), &Binding::ring(vault, epoch, member), self.plain()?.as_bytes(), entropy)
    }

    /// Opens what [`Ring::seal`] made for the same member, vault and epoch.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(
        key: &MemberKey,
        vault: VaultId,
        epoch: u64,
        member: MemberId,
        sealed: &[u8],
    ) -> Result<Self, OpenError> {
        let plain = open(&key.ring(), &Binding::ring(vault, epoch, member), sealed)?;
        Self::read(Reader::new(plain.expose())).map_err(|_| OpenError::Malformed)
    }

    /// The key of the value of the secret `id`, when the ring has it.
    pub fn key(&self, id: SecretId) -> Option<Key> {
        match self {
            Ring::All(values) => Some(values.secret(id)),
            Ring::Named(keys) => keys.iter().find(|(named, _)| *named == id).map(|(_, key)| key.clone()),
        }
    }

    fn plain(&self) -> Result<Writer, SealError> {
        let keys = match self {
            Ring::All(values) => {
                let mut to = Writer::with_capacity(1 + Key::LEN);
                to.u8(ALL);
                to.raw(values.expose());
                return Ok(to);
            }
            Ring::Named(keys) => sorted(keys),
        };
        // Reserved in full: a buffer that grows would move keys about.
        let len = 1 + 4 + keys.len() * ENTRY_LEN;
        if keys.len() > MAX_NAMED {
            return Err(SealError::TooLong(len));
        }
        let mut to = Writer::with_capacity(len);
        to.u8(NAMED);
        to.count(keys.len());
        for (id, key) in keys {
            to.raw(&id.0);
            to.raw(key.expose());
        }
        Ok(to)
    }

    fn read(mut from: Reader<'_>) -> Result<Self, WireError> {
        let ring = match from.u8()? {
            ALL => Ring::All(read_key(&mut from)?.into()),
            NAMED => Ring::Named(read_named(&mut from)?),
            _ => return Err(WireError::UnknownCode),
        };
        from.finish().map(|()| ring)
    }
}

fn sorted(keys: &[(SecretId, Key)]) -> Vec<&(SecretId, Key)> {
    let mut keys: Vec<_> = keys.iter().collect();
    keys.sort_by_key(|(id, _)| *id);
    keys.dedup_by_key(|(id, _)| *id);
    keys
}

fn read_named(from: &mut Reader<'_>) -> Result<Vec<(SecretId, Key)>, WireError> {
    let count = from.count(MAX_NAMED, ENTRY_LEN)?;
    let keys = (0..count).map(|_| Ok((SecretId(from.array()?), read_key(from)?))).collect::<Result<Vec<_>, _>>()?;
    if keys.is_sorted_by(|(one, _), (next, _)| one < next) { Ok(keys) } else { Err(WireError::UnknownCode) }
}

/// Straight from the buffer to where the key stays.
fn read_key(from: &mut Reader<'_>) -> Result<Key, WireError> {
    let bytes = from.raw(Key::LEN)?;
    Key::filled(|key| {
        key.copy_from_slice(bytes);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::MAX_RING;
    use crate::host::SeededEntropy;
    use proptest::prelude::*;

    const VAULT: VaultId = VaultId([1; 16]);
    const MEMBER: MemberId = MemberId([2; 16]);

    fn own() -> MemberKey {
        Key::copy_of(&[3; 32]).into()
    }

    fn named(ids: &[u8]) -> Ring {
        Ring::Named(ids.iter().map(|id| (SecretId([*id; 16]), Key::copy_of(&[*id; 32]))).collect())
    }

    fn sealed(ring: &Ring) -> Vec<u8> {
        ring.seal(&own(), VAULT, 4, MEMBER, &SeededEntropy::new(1)).unwrap()
    }

    fn opened(sealed: &[u8]) -> Result<Ring, OpenError> {
        Ring::open(&own(), VAULT, 4, MEMBER, sealed)
    }

    /// The ids of a ring and the first byte of each key.
    fn keys(ring: Ring) -> Vec<(u8, u8)> {
        let Ring::Named(keys) = ring else { panic!() };
        keys.into_iter().map(|(id, key)| (id.0[0], key.expose()[0])).collect()
    }

    #[test]
    fn named_secrets_come_back_in_order_and_once() {
        assert_eq!(keys(opened(&sealed(&named(&[5, 3, 4, 3]))).unwrap()), [(3, 3), (4, 4), (5, 5)]);
        assert_eq!(keys(opened(&sealed(&named(&[]))).unwrap()), []);
        let ring = opened(&sealed(&named(&[5, 3]))).unwrap();
        assert_eq!(ring.key(SecretId([5; 16])).unwrap().expose(), &[5; 32]);
        assert!(ring.key(SecretId([6; 16])).is_none());
    }

    #[test]
    fn the_ring_of_all_secrets_opens_each() {
        let values = ValuesKey::from(Key::copy_of(&[8; 32]));
        let ring = opened(&sealed(&Ring::All(values.clone()))).unwrap();
        let id = SecretId([9; 16]);
        assert_eq!(ring.key(id).unwrap().expose(), values.secret(id).expose());
    }

    #[test]
    fn opens_for_its_member_vault_and_epoch_alone() {
        let bytes = sealed(&named(&[1]));
        let other = MemberKey::from(Key::copy_of(&[4; 32]));
        for wrong in [
            Ring::open(&other, VAULT, 4, MEMBER, &bytes),
            Ring::open(&own(), VaultId([2; 16]), 4, MEMBER, &bytes),
            Ring::open(&own(), VAULT, 5, MEMBER, &bytes),
            Ring::open(&own(), VAULT, 4, MemberId([3; 16]), &bytes),
        ] {
            assert_eq!(wrong.unwrap_err(), OpenError::Refused);
        }
    }

    #[test]
    fn its_length_tells_little() {
        let lengths = [sealed(&named(&[])), sealed(&named(&[1, 2, 3, 4, 5])), sealed(&Ring::All(own().ring().into()))];
        assert!(lengths.iter().all(|bytes| bytes.len() == lengths[0].len()));
    }

    #[test]
    fn the_fullest_has_room_in_the_file_and_one_more_is_refused() {
        let mut all: Vec<_> = (0..MAX_NAMED).map(|n| (id(n), Key::copy_of(&[0; 32]))).collect();
        let bytes = sealed(&Ring::Named(all.clone()));
        assert!(bytes.len() <= MAX_RING);
        assert!(matches!(opened(&bytes), Ok(Ring::Named(keys)) if keys.len() == MAX_NAMED));
        all.push((id(MAX_NAMED), Key::copy_of(&[0; 32])));
        let refused = Ring::Named(all).seal(&own(), VAULT, 4, MEMBER, &SeededEntropy::new(1));
        assert!(matches!(refused, Err(SealError::TooLong(_))));
    }

    fn id(n: usize) -> SecretId {
        SecretId(u128::try_from(n).unwrap().to_be_bytes())
    }

    #[test]
    fn what_is_no_ring_is_refused_even_when_authentic() {
        let entry = |id: u8| [[id; 16].to_vec(), vec![0; 32]].concat();
        let counted = |count: u32, rest: Vec<u8>| [vec![NAMED], count.to_le_bytes().to_vec(), rest].concat();
        for plain in [
            vec![],
            vec![3],
            [vec![ALL], vec![0; 31]].concat(),
            [vec![ALL], vec![0; 33]].concat(),
            counted(u32::MAX, vec![]),
            counted(2, entry(1)),
            counted(1, [entry(1), entry(2)].concat()),
            counted(2, [entry(2), entry(1)].concat()),
            counted(2, [entry(1), entry(1)].concat()),
        ] {
            let binding = Binding::ring(VAULT, 4, MEMBER);
            let bytes = seal(&own().ring(), &binding, &plain, &SeededEntropy::new(1)).unwrap();
            assert_eq!(opened(&bytes).unwrap_err(), OpenError::Malformed, "{plain:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_flip_and_cut_is_refused(at in any::<prop::sample::Index>(), bit in 0..8u8) {
            let mut bytes = sealed(&named(&[1, 2]));
            let at = at.index(bytes.len());
            prop_assert!(opened(&bytes[..at]).is_err());
            bytes[at] ^= 1 << bit;
            prop_assert!(opened(&bytes).is_err());
        }
    }
}
