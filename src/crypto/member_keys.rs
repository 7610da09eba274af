//! Who holds which key of an epoch: what all members have, what opens values, and what is one member's own.
//!
//! ```text
//! VaultKey (Account Holders, Account Managers)
//!   ├ CommonKey (every member): headers, manifest, audit log, profile, forms, documents, membership log
//!   └ ValuesKey (those above, and Members who may use, reveal or edit all secrets)
//!       ├ one key for the value of each secret: a Member's ring has those that were granted
//!       └ MemberKey (one member): that ring, and what the member registers
//! PersonalKey (one member, of no epoch): personal secrets
//! ```

use orion::util::secure_cmp;

use super::hash::keyed;
use super::{Key, Subkeys, WrongKey};
use crate::domain::{MemberId, SecretId, VaultId};
use crate::host::{Entropy, EntropyError};

/// What every member has of one epoch. It seals nothing itself: see [`CommonKey::subkeys`].
#[derive(Debug, Clone)]
pub struct CommonKey(Key);

impl CommonKey {
    /// A public value that no other key has: compared before anything is decrypted.
    pub fn commitment(&self, vault: VaultId, epoch: u64) -> [u8; 32] {
        keyed(&self.0, "strongroom 2 commitment", &[&vault.0, &epoch.to_le_bytes()])
    }

    /// Compares `commitment` with this key's own, in constant time.
    ///
    /// # Errors
    /// [`WrongKey`] when they differ.
    pub fn check_commitment(&self, vault: VaultId, epoch: u64, commitment: &[u8; 32]) -> Result<(), WrongKey> {
        secure_cmp(&self.commitment(vault, epoch), commitment).map_err(|_| WrongKey)
    }

    /// The keys that seal what every member of `vault` may read during `epoch`.
    pub fn subkeys(&self, vault: VaultId, epoch: u64) -> Subkeys {
        Subkeys::of(&self.0, 2, vault, epoch)
    }

    /// The bytes, to be granted.
    pub(super) fn expose(&self) -> &[u8; Key::LEN] {
        self.0.expose()
    }
}

/// What opens the values of all secrets of the organization during one epoch.
#[derive(Debug, Clone)]
pub struct ValuesKey(Key);

impl ValuesKey {
    /// Seals the value of one secret.
    pub fn secret(&self, id: SecretId) -> Key {
        self.0.derive("strongroom 2 secret value", &[&id.0])
    }

    /// What one member is granted beside the [`CommonKey`].
    pub fn member(&self, id: MemberId) -> MemberKey {
        MemberKey(self.0.derive("strongroom 2 member", &[&id.0]))
    }

    /// The bytes, to be put into a ring.
    pub(super) fn expose(&self) -> &[u8; Key::LEN] {
        self.0.expose()
    }
}

/// One member's own key during one epoch. Whoever has the [`ValuesKey`] has it too.
#[derive(Debug, Clone)]
pub struct MemberKey(Key);

impl MemberKey {
    /// Seals the value of a secret that this member registered without the [`ValuesKey`], until somebody who has that adopts it.
    pub fn registered(&self, id: SecretId) -> Key {
        self.0.derive("strongroom 2 registered", &[&id.0])
    }

    /// Seals the member's [`Ring`](super::Ring).
    pub fn ring(&self) -> Key {
        self.0.derive("strongroom 2 ring", &[])
    }

    /// Tells it from every other, and nothing of it.
    pub fn print(&self) -> [u8; 32] {
        keyed(&self.0, "strongroom 2 print", &[])
    }

    /// The bytes, to be granted.
    pub(super) fn expose(&self) -> &[u8; Key::LEN] {
        self.0.expose()
    }
}

/// What seals one member's personal secrets, in every epoch. It comes from no other key, so nobody else has it.
#[derive(Debug, Clone)]
pub struct PersonalKey(Key);

impl PersonalKey {
    /// The key of a new member.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        Key::generate(entropy).map(Self)
    }

    /// Seals the headers.
    pub fn header(&self) -> Key {
        self.0.derive("strongroom 2 personal header", &[])
    }

    /// Seals the forms that were left unfinished.
    pub fn forms(&self) -> Key {
        self.0.derive("strongroom 2 personal forms", &[])
    }

    /// Seals the value of one secret.
    pub fn value(&self, id: SecretId) -> Key {
        self.0.derive("strongroom 2 personal value", &[&id.0])
    }

    /// Tells it from every other, and nothing of it.
    pub fn print(&self) -> [u8; 32] {
        keyed(&self.0, "strongroom 2 print", &[])
    }

    /// The bytes, to be granted.
    pub(super) fn expose(&self) -> &[u8; Key::LEN] {
        self.0.expose()
    }
}

impl From<Key> for CommonKey {
    fn from(key: Key) -> Self {
        Self(key)
    }
}

impl From<Key> for ValuesKey {
    fn from(key: Key) -> Self {
        Self(key)
    }
}

impl From<Key> for MemberKey {
    fn from(key: Key) -> Self {
        Self(key)
    }
}

impl From<Key> for PersonalKey {
    fn from(key: Key) -> Self {
        Self(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::VaultKey;
    use std::collections::HashSet;

    const VAULT: VaultId = VaultId([1; 16]);

    fn key() -> Key {
        Key::copy_of(&[7; 32])
    }

    #[test]
    fn the_commitment_knows_key_vault_and_epoch() {
        let common = CommonKey(key());
        let commitment = common.commitment(VAULT, 3);
        assert_eq!(common.check_commitment(VAULT, 3, &commitment), Ok(()));
        assert_eq!(common.check_commitment(VAULT, 4, &commitment), Err(WrongKey));
        assert_eq!(common.check_commitment(VaultId([2; 16]), 3, &commitment), Err(WrongKey));
        let other = CommonKey(Key::copy_of(&[8; 32]));
        assert_eq!(other.check_commitment(VAULT, 3, &commitment), Err(WrongKey));
        // A vault key of the same bytes commits to something else.
        assert_eq!(VaultKey::from(key()).check_commitment(VAULT, 3, &commitment), Err(WrongKey));
    }

    #[test]
    fn no_two_purposes_share_a_key() {
        let (values, member, personal) = (ValuesKey(key()), MemberKey(key()), PersonalKey(key()));
        let mut seen = HashSet::from([*key().expose(), *member.ring().expose(), *personal.header().expose()]);
        assert_eq!(seen.len(), 3);
        for id in [1, 2] {
            let (secret, who) = (SecretId([id; 16]), MemberId([id; 16]));
            let own = Key::copy_of(values.member(who).expose());
            for key in [values.secret(secret), own, member.registered(secret), personal.value(secret)] {
                assert!(seen.insert(*key.expose()));
            }
        }
    }

    #[test]
    fn a_member_has_another_key_in_every_vault_and_epoch() {
        let root = VaultKey::from(key());
        let of = |vault, epoch| *root.values(vault, epoch).member(MemberId([3; 16])).expose();
        assert_eq!(of(VAULT, 1), of(VAULT, 1));
        assert!(of(VAULT, 1) != of(VAULT, 2) && of(VAULT, 1) != of(VaultId([2; 16]), 1));
    }

    #[test]
    fn debug_never_shows_a_key() {
        let shown = format!("{:?} {:?}", CommonKey(key()), ValuesKey(key()));
        assert_eq!(shown, "CommonKey([redacted]) ValuesKey([redacted])");
        let shown = format!("{:?} {:?}", MemberKey(key()), PersonalKey(key()));
        assert_eq!(shown, "MemberKey([redacted]) PersonalKey([redacted])");
    }
}
