//! Keys: any 32 bytes that open something, and the vault key that all others come from.

use std::fmt;

use orion::util::secure_cmp;

use super::hash::{KeyedHash, keyed};
use super::{CommonKey, ValuesKey};
use crate::domain::VaultId;
use crate::host::memory::Guarded;
use crate::host::{Entropy, EntropyError};

/// 32 secret bytes in memory for keys, wiped when dropped, never shown.
#[derive(Clone)]
pub struct Key(Guarded<{ Key::LEN }>);

impl Key {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// A random key.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        Self::filled(|key| entropy.fill(key))
    }

    /// The key that `bytes` are. The caller still has to wipe them.
    pub fn copy_of(bytes: &[u8; Self::LEN]) -> Self {
        Self(Guarded::copy_of(bytes))
    }

    /// The key that `fill` writes where it shall stay.
    pub(super) fn filled<E>(fill: impl FnOnce(&mut [u8; Self::LEN]) -> Result<(), E>) -> Result<Self, E> {
        let mut key = Guarded::zeroed();
        fill(&mut key).map(|()| Self(key))
    }

    /// The key for the one purpose that `label` and `parts` name: keyed BLAKE2b under this key.
    #[must_use]
    pub fn derive(&self, label: &str, parts: &[&[u8]]) -> Self {
        let mut hash = KeyedHash::new(self, label);
        parts.iter().for_each(|part| hash.part(part));
        Self(hash.finish())
    }

    /// The bytes. Name the place where they go.
    pub fn expose(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl From<Guarded<{ Key::LEN }>> for Key {
    fn from(bytes: Guarded<{ Key::LEN }>) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// This key is not the one that the vault was sealed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key does not belong to this vault and epoch")]
pub struct WrongKey;

/// The key of one epoch of a vault. It seals nothing itself: see [`VaultKey::common`] and [`VaultKey::values`], and for
/// vaults of old [`VaultKey::subkeys`].
#[derive(Debug, Clone)]
pub struct VaultKey(Key);

/// The keys that seal, one per purpose.
#[derive(Debug, Clone)]
pub struct Subkeys {
    /// Seals the headers of secrets.
    pub header: Key,
    /// Seals the manifest, and keys its set hash.
    pub manifest: Key,
    /// Seals audit events.
    pub audit: Key,
    /// Seals the names of the organization and its members.
    pub profile: Key,
    /// Seals unfinished forms.
    pub forms: Key,
    /// Seals what the vault holds besides secrets: applications and settings.
    pub documents: Key,
    /// Seals the membership log. Vaults of old have none.
    pub log: Key,
}

impl Subkeys {
    /// Those that come from `key`, whose labels begin with the number `generation`.
    pub(super) fn of(key: &Key, generation: u8, vault: VaultId, epoch: u64) -> Self {
        let subkey =
            |purpose| key.derive(&format!("strongroom {generation} {purpose}"), &[&vault.0, &epoch.to_le_bytes()]);
        Self {
            header: subkey("header"),
            manifest: subkey("manifest"),
            audit: subkey("audit"),
            profile: subkey("profile"),
            forms: subkey("forms"),
            documents: subkey("documents"),
            log: subkey("log"),
        }
    }
}

impl VaultKey {
    /// The key of a new epoch.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        Key::generate(entropy).map(Self)
    }

    /// A public value that no other key has. XChaCha20-Poly1305 does not commit to its key, so
    /// this is compared before anything is decrypted.
    pub fn commitment(&self, vault: VaultId, epoch: u64) -> [u8; 32] {
        keyed(&self.0, "strongroom 1 commitment", &[&vault.0, &epoch.to_le_bytes()])
    }

    /// Compares `commitment` with this key's own, in constant time.
    ///
    /// # Errors
    /// [`WrongKey`] when they differ.
    pub fn check_commitment(&self, vault: VaultId, epoch: u64, commitment: &[u8; 32]) -> Result<(), WrongKey> {
        secure_cmp(&self.commitment(vault, epoch), commitment).map_err(|_| WrongKey)
    }

    /// The keys that seal what is in `vault` during `epoch`, when it is of a version without members: values apart.
    pub fn subkeys(&self, vault: VaultId, epoch: u64) -> Subkeys {
        Subkeys::of(&self.0, 1, vault, epoch)
    }

    /// The one key that seals all values of a vault without members.
    pub fn old_value_key(&self, vault: VaultId, epoch: u64) -> Key {
        self.derive("strongroom 1 value", vault, epoch)
    }

    /// What every member is granted.
    pub fn common(&self, vault: VaultId, epoch: u64) -> CommonKey {
        CommonKey::from(self.derive("strongroom 2 common", vault, epoch))
    }

    /// What opens the values of all secrets of the organization.
    pub fn values(&self, vault: VaultId, epoch: u64) -> ValuesKey {
        ValuesKey::from(self.derive("strongroom 2 values", vault, epoch))
    }

    /// The key itself, to be granted.
    pub(super) fn expose(&self) -> &[u8; Key::LEN] {
        self.0.expose()
    }

    fn derive(&self, label: &str, vault: VaultId, epoch: u64) -> Key {
        self.0.derive(label, &[&vault.0, &epoch.to_le_bytes()])
    }
}

impl From<Key> for VaultKey {
    fn from(key: Key) -> Self {
        Self(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const VAULT: VaultId = VaultId([1; 16]);

    fn vault_key(byte: u8) -> VaultKey {
        VaultKey(Key::copy_of(&[byte; 32]))
    }

    #[test]
    fn the_commitment_knows_key_vault_and_epoch() {
        let key = vault_key(7);
        let commitment = key.commitment(VAULT, 3);
        assert_eq!(key.check_commitment(VAULT, 3, &commitment), Ok(()));
        assert_eq!(key.check_commitment(VAULT, 4, &commitment), Err(WrongKey));
        assert_eq!(key.check_commitment(VaultId([2; 16]), 3, &commitment), Err(WrongKey));
        assert_eq!(vault_key(8).check_commitment(VAULT, 3, &commitment), Err(WrongKey));
    }

    #[test]
    fn no_two_purposes_share_a_key() {
        let mut seen = HashSet::from([vault_key(7).commitment(VAULT, 1), *vault_key(7).expose()]);
        for (vault, epoch) in [(VAULT, 1), (VAULT, 2), (VaultId([2; 16]), 1)] {
            let key = vault_key(7);
            let common = key.common(vault, epoch);
            let mut all = vec![key.old_value_key(vault, epoch), Key::copy_of(common.expose())];
            all.push(Key::copy_of(key.values(vault, epoch).expose()));
            for k in [key.subkeys(vault, epoch), common.subkeys(vault, epoch)] {
                all.extend([k.header, k.manifest, k.audit, k.profile, k.forms, k.documents, k.log]);
            }
            for key in all {
                assert!(seen.insert(*key.expose()));
            }
        }
    }

    #[test]
    fn debug_never_shows_a_key() {
        assert_eq!(format!("{:?}", vault_key(7)), "VaultKey([redacted])");
    }
}
