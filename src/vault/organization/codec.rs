//! The bytes of one entry of the membership log: what its author signs.
//!
//! Whatever the bytes, decoding them gives an entry or a [`WireError`], never a panic; and an entry has one form only.

use std::collections::BTreeSet;

use crate::crypto::wire::{Reader, WireError, Writer};
use crate::crypto::{ENCAPSULATION_KEY_LEN, PublicIdentity, VERIFYING_KEY_LEN};
use crate::domain::organization::{Act, Entry, MemberKey, Permissions, PublicKeys, Reach, Role};
use crate::domain::{InvitationId, MemberId, SecretBytes, SecretId, SlotId, Timestamp};

const VERSION: u8 = 1;
/// Most bytes of a name: a bound for hostile input only.
const MAX_TEXT: usize = 4096;
/// Bytes of a public identity.
const PUBLIC_LEN: usize = ENCAPSULATION_KEY_LEN + VERIFYING_KEY_LEN;
const SLOT_LEN: usize = 5;
const SECRET_LEN: usize = 16;

/// The bytes of `entry`.
pub(super) fn encode(entry: &Entry) -> SecretBytes {
    let mut to = Writer::with_capacity(256);
    to.u8(VERSION);
    to.u64(entry.number);
    to.raw(&entry.previous);
    to.i64(entry.at.0);
    to.raw(&entry.by.0);
    write_act(&mut to, &entry.act);
    to.into_secret()
}

/// What [`encode`] wrote. A public key that is none is not read.
pub(super) fn decode(bytes: &[u8]) -> Result<Entry, WireError> {
    let mut from = Reader::new(bytes);
    if from.u8()? != VERSION {
        return Err(WireError::UnknownCode);
    }
    let entry = Entry {
        number: from.u64()?,
        previous: from.array()?,
        at: Timestamp(from.i64()?),
        by: SlotId(from.array()?),
        act: read_act(&mut from)?,
    };
    from.finish()?;
    Ok(entry)
}

fn write_act(to: &mut Writer, act: &Act) {
    to.u8(code(act));
    match act {
        Act::Founded { organization, member, name, keys } => {
            to.text(organization);
            to.raw(&member.0);
            to.text(name);
            to.count(keys.len());
            keys.iter().for_each(|key| write_key(to, key));
        }
        Act::KeyAdded(key) => write_key(to, key),
        Act::KeyRemoved(slot) => to.raw(&slot.0),
        Act::Invited { invitation, name, role, uid, expires, public } => {
            to.raw(&invitation.0);
            to.text(name);
            to.u8(*role as u8);
            write_uid(to, *uid);
            to.i64(expires.0);
            to.bytes(&public.0);
        }
        Act::Withdrawn(invitation) => to.raw(&invitation.0),
        Act::Admitted { invitation, member, key } => {
            to.raw(&invitation.0);
            to.raw(&member.0);
            write_key(to, key);
        }
        Act::RoleChanged { member, role } => {
            to.raw(&member.0);
            to.u8(*role as u8);
        }
        Act::Granted { member, permissions, reach } | Act::Revoked { member, permissions, reach } => {
            to.raw(&member.0);
            to.u8(permissions.bits());
            write_reach(to, reach);
        }
        Act::Removed(member) => to.raw(&member.0),
        Act::Bound { member, uid } => {
            to.raw(&member.0);
            write_uid(to, *uid);
        }
        Act::EpochBegun { epoch, key, taken_over } => {
            to.u64(*epoch);
            to.raw(key);
            to.raw(taken_over);
        }
    }
}

/// The number that each kind of act is written as.
fn code(act: &Act) -> u8 {
    match act {
        Act::Founded { .. } => 0,
        Act::KeyAdded(_) => 1,
        Act::KeyRemoved(_) => 2,
        Act::Invited { .. } => 3,
        Act::Withdrawn(_) => 4,
        Act::Admitted { .. } => 5,
        Act::RoleChanged { .. } => 6,
        Act::Granted { .. } => 7,
        Act::Revoked { .. } => 8,
        Act::Removed(_) => 9,
        Act::Bound { .. } => 10,
        Act::EpochBegun { .. } => 11,
    }
}

fn read_act(from: &mut Reader<'_>) -> Result<Act, WireError> {
    Ok(match from.u8()? {
        0 => Act::Founded {
            organization: from.text(MAX_TEXT)?.into(),
            member: MemberId(from.array()?),
            name: from.text(MAX_TEXT)?.into(),
            keys: read_keys(from)?,
        },
        1 => Act::KeyAdded(read_key(from)?),
        2 => Act::KeyRemoved(SlotId(from.array()?)),
        3 => Act::Invited {
            invitation: InvitationId(from.array()?),
            name: from.text(MAX_TEXT)?.into(),
            role: read_role(from)?,
            uid: read_uid(from)?,
            expires: Timestamp(from.i64()?),
            public: read_public(from)?,
        },
        4 => Act::Withdrawn(InvitationId(from.array()?)),
        5 => Act::Admitted {
            invitation: InvitationId(from.array()?),
            member: MemberId(from.array()?),
            key: read_key(from)?,
        },
        6 => Act::RoleChanged { member: MemberId(from.array()?), role: read_role(from)? },
        7 => {
            let (member, permissions, reach) = read_grant(from)?;
            Act::Granted { member, permissions, reach }
        }
        8 => {
            let (member, permissions, reach) = read_grant(from)?;
            Act::Revoked { member, permissions, reach }
        }
        9 => Act::Removed(MemberId(from.array()?)),
        10 => Act::Bound { member: MemberId(from.array()?), uid: read_uid(from)? },
        11 => Act::EpochBegun { epoch: from.u64()?, key: from.array()?, taken_over: from.array()? },
        _ => return Err(WireError::UnknownCode),
    })
}

fn write_key(to: &mut Writer, key: &MemberKey) {
    to.raw(&key.slot.0);
    to.bytes(&key.public.0);
}

fn read_key(from: &mut Reader<'_>) -> Result<MemberKey, WireError> {
    Ok(MemberKey { slot: SlotId(from.array()?), public: read_public(from)? })
}

fn read_keys(from: &mut Reader<'_>) -> Result<Vec<MemberKey>, WireError> {
    let count = from.count(usize::MAX, SLOT_LEN + PUBLIC_LEN)?;
    (0..count).map(|_| read_key(from)).collect()
}

fn read_public(from: &mut Reader<'_>) -> Result<PublicKeys, WireError> {
    let bytes = from.bytes(PUBLIC_LEN)?;
    PublicIdentity::from_bytes(bytes).map(|_| PublicKeys(bytes.into()))
}

fn read_role(from: &mut Reader<'_>) -> Result<Role, WireError> {
    Role::ALL.get(usize::from(from.u8()?)).copied().ok_or(WireError::UnknownCode)
}

fn write_uid(to: &mut Writer, uid: Option<u32>) {
    to.flag(uid.is_some());
    uid.into_iter().for_each(|uid| to.u32(uid));
}

fn read_uid(from: &mut Reader<'_>) -> Result<Option<u32>, WireError> {
    if from.flag()? { from.u32().map(Some) } else { Ok(None) }
}

fn read_grant(from: &mut Reader<'_>) -> Result<(MemberId, Permissions, Reach), WireError> {
    let member = MemberId(from.array()?);
    let permissions = Permissions::from_bits(from.u8()?).ok_or(WireError::UnknownCode)?;
    Ok((member, permissions, read_reach(from)?))
}

fn write_reach(to: &mut Writer, reach: &Reach) {
    match reach {
        Reach::All => to.flag(true),
        Reach::Named(secrets) => {
            to.flag(false);
            to.count(secrets.len());
            secrets.iter().for_each(|secret| to.raw(&secret.0));
        }
    }
}

fn read_reach(from: &mut Reader<'_>) -> Result<Reach, WireError> {
    if from.flag()? {
        return Ok(Reach::All);
    }
    let count = from.count(usize::MAX, SECRET_LEN)?;
    let mut secrets = BTreeSet::new();
    for _ in 0..count {
        let secret = SecretId(from.array()?);
        // In their order, each once: another form of the same entry would have another hash.
        if secrets.last().is_some_and(|last| *last >= secret) {
            return Err(WireError::UnknownCode);
        }
        secrets.insert(secret);
    }
    Ok(Reach::Named(secrets))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::digest;

    fn public(n: u8) -> PublicKeys {
        PublicKeys(vec![n; PUBLIC_LEN].into())
    }

    fn key(n: u8) -> MemberKey {
        MemberKey { slot: SlotId([n; SLOT_LEN]), public: public(n) }
    }

    /// One entry of each kind at least.
    fn samples() -> Vec<Entry> {
        let member = MemberId([1; 16]);
        let invitation = InvitationId([2; 5]);
        let permissions = Permissions::from_bits(0b101).unwrap();
        let named = |ids: &[u8]| Reach::Named(ids.iter().map(|n| SecretId([*n; 16])).collect());
        let acts = [
            Act::Founded { organization: "Acme".into(), member, name: "Zoë".into(), keys: vec![key(1), key(2)] },
            Act::KeyAdded(key(3)),
            Act::KeyRemoved(SlotId([3; 5])),
            Act::Invited {
                invitation,
                name: "Ann".into(),
                role: Role::Member,
                uid: Some(1000),
                expires: Timestamp(-5),
                public: public(4),
            },
            Act::Withdrawn(invitation),
            Act::Admitted { invitation, member, key: key(5) },
            Act::RoleChanged { member, role: Role::AccountManager },
            Act::Granted { member, permissions, reach: Reach::All },
            Act::Revoked { member, permissions, reach: named(&[9, 7, 8]) },
            Act::Removed(member),
            Act::Bound { member, uid: None },
            Act::EpochBegun { epoch: 6, key: [8; 32], taken_over: [7; 32] },
        ];
        let entry = |(number, act)| Entry { number, previous: [8; 32], at: Timestamp(9), by: SlotId([10; 5]), act };
        (0..).zip(acts).map(entry).collect()
    }

    #[test]
    fn every_entry_comes_back() {
        for (entry, n) in samples().iter().zip(0..) {
            assert_eq!(code(&entry.act), n, "each kind is among the samples");
            assert_eq!(decode(encode(entry).expose()).as_ref(), Ok(entry));
        }
    }

    /// Bytes that were signed once stay what they are. The digest is that of all samples in a row.
    #[test]
    fn every_kind_is_written_as_ever() {
        let all: Vec<u8> = samples().iter().flat_map(|entry| encode(entry).expose().to_vec()).collect();
        let hex: String = digest(&all).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "9d2f8450675ee8de07d8b55d20db9f569b3e56fd5dea0f035c6c1264656a7665");
    }

    #[test]
    fn a_part_of_it_is_none() {
        for entry in samples() {
            let bytes = encode(&entry);
            for len in (0..bytes.len()).step_by(7) {
                assert!(decode(&bytes.expose()[..len]).is_err(), "{len} bytes of {entry:?}");
            }
            assert_eq!(decode(&[bytes.expose(), &[0]].concat()), Err(WireError::Trailing));
        }
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        for len in [0, PUBLIC_LEN - 1, PUBLIC_LEN + 1] {
            let mut entry = samples().remove(1);
            entry.act = Act::KeyAdded(MemberKey { slot: SlotId([1; 5]), public: PublicKeys(vec![0; len].into()) });
            assert!(decode(encode(&entry).expose()).is_err(), "{len} bytes");
        }
    }

    #[test]
    fn secrets_stand_in_their_order_each_once() {
        let entry = samples().remove(8);
        let bytes = encode(&entry);
        let (before, secrets) = bytes.expose().split_at(bytes.len() - 3 * SECRET_LEN);
        let with = |order: [usize; 3]| -> Vec<u8> {
            let picked = order.map(|n| &secrets[n * SECRET_LEN..(n + 1) * SECRET_LEN]);
            [before, &picked.concat()].concat()
        };
        assert_eq!(decode(&with([0, 1, 2])), Ok(entry));
        for order in [[1, 0, 2], [0, 0, 1], [0, 2, 1]] {
            assert_eq!(decode(&with(order)), Err(WireError::UnknownCode), "{order:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        /// Changed bytes are refused, or are the one form of another entry.
        #[test]
        fn no_bytes_make_it_panic(which in 0..12_usize, changes in proptest::collection::vec((0..400_usize, any::<u8>()), 0..6)) {
            let mut bytes = encode(&samples()[which]).expose().to_vec();
            for (at, to) in changes {
                let len = bytes.len();
                bytes[at % len] = to;
            }
            if let Ok(entry) = decode(&bytes) {
                let again = encode(&entry);
                prop_assert_eq!(again.expose(), &bytes[..]);
            }
        }
    }
}
