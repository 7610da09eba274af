//! Keys: any 32 bytes that open something, and the vault key that all others come from.

use std::fmt;

use orion::util::secure_cmp;

use super::hash::{KeyedHash, keyed};
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

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// This key is not the one that the vault was sealed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key does not belong to this vault and epoch")]
pub struct WrongKey;

/// The key of one epoch of a vault. It seals nothing itself: see [`VaultKey::subkeys`].
#[derive(Debug, Clone)]
pub struct VaultKey(Key);

/// The keys that seal, one per purpose.
#[derive(Debug, Clone)]
pub struct Subkeys {
    /// Seals the headers of secrets.
    pub header: Key,
    /// Seals the values of secrets.
    pub value: Key,
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

    /// The keys that seal what is in `vault` during `epoch`.
    pub fn subkeys(&self, vault: VaultId, epoch: u64) -> Subkeys {
        Subkeys {
            header: self.subkey("strongroom 1 header", vault, epoch),
            value: self.subkey("strongroom 1 value", vault, epoch),
            manifest: self.subkey("strongroom 1 manifest", vault, epoch),
            audit: self.subkey("strongroom 1 audit", vault, epoch),
            profile: self.subkey("strongroom 1 profile", vault, epoch),
            forms: self.subkey("strongroom 1 forms", vault, epoch),
            documents: self.subkey("strongroom 1 documents", vault, epoch),
        }
    }

    /// The key itself, to be granted.
    pub(super) fn expose(&self) -> &[u8; Key::LEN] {
        self.0.expose()
    }

    fn subkey(&self, label: &str, vault: VaultId, epoch: u64) -> Key {
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
            let k = vault_key(7).subkeys(vault, epoch);
            for key in [k.header, k.value, k.manifest, k.audit, k.profile, k.forms, k.documents] {
                assert!(seen.insert(*key.expose()));
            }
        }
    }

    #[test]
    fn debug_never_shows_a_key() {
        assert_eq!(format!("{:?}", vault_key(7)), "VaultKey([redacted])");
    }
}
