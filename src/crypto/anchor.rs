//! What tells a header file that an insider wrote from one that a stranger did.

use super::{CommonKey, Key, VaultKey, keyed};
use crate::domain::VaultId;
use crate::host::{Entropy, EntropyError};

/// 32 random bytes of the vault, sealed in every key slot beside the identity and in every invitation, and written nowhere
/// else.
///
/// A slot's public keys lie in the open, so anybody can grant it a vault key of their own, and with that key make
/// everything under it look right. The MAC of `vault.header` is therefore keyed with both: only who has opened a slot of
/// this vault can write a header that counts. It stays the same as long as the vault lives, for a slot cannot be sealed
/// again without its secret: whoever could once open the vault could also forge its header.
#[derive(Debug, Clone)]
pub struct Anchor(Key);

impl Anchor {
    /// The anchor of a new vault.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        Key::generate(entropy).map(Self)
    }

    /// The key that authenticates the header file of `epoch`, whose vault key is `key`.
    pub(super) fn mac_key(&self, vault: VaultId, epoch: u64, key: &VaultKey) -> Key {
        self.0.derive("strongroom 1 vault file", &[&vault.0, &epoch.to_le_bytes(), key.expose()])
    }

    /// The same for a file of a vault with members, where every member can write it.
    pub(super) fn mac_key_of_members(&self, vault: VaultId, epoch: u64, key: &CommonKey) -> Key {
        self.0.derive("strongroom 2 vault file", &[&vault.0, &epoch.to_le_bytes(), key.expose()])
    }

    /// What only somebody with this anchor can say of event `number` of the audit log of `vault`, whose hash is `hash`. It
    /// tells nothing of the event, and it is the same in every epoch.
    pub fn audit_mark(&self, vault: VaultId, number: u64, hash: &[u8; 32]) -> [u8; 32] {
        keyed(&self.0, "strongroom 1 audit mark", &[&vault.0, &number.to_le_bytes(), hash])
    }

    /// What proves that somebody with this anchor wrote down `body` of what they have verified in `vault`.
    pub fn known_mac(&self, vault: VaultId, body: &[u8]) -> [u8; 32] {
        keyed(&self.0, "strongroom 2 known", &[&vault.0, body])
    }

    /// The bytes, to be sealed in a slot.
    pub(super) fn expose(&self) -> &[u8; Key::LEN] {
        self.0.expose()
    }
}

impl From<Key> for Anchor {
    fn from(key: Key) -> Self {
        Self(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mac_key_needs_anchor_and_vault_key() {
        let (vault, other) = (VaultId([1; 16]), VaultId([2; 16]));
        let key = |byte| VaultKey::from(Key::copy_of(&[byte; 32]));
        let anchor = Anchor(Key::copy_of(&[7; 32]));
        let mac = |anchor: &Anchor, vault, epoch, key| *anchor.mac_key(vault, epoch, &key).expose();
        let right = mac(&anchor, vault, 1, key(3));
        assert_eq!(right, mac(&anchor.clone(), vault, 1, key(3)));
        for wrong in [
            mac(&Anchor(Key::copy_of(&[8; 32])), vault, 1, key(3)),
            mac(&anchor, other, 1, key(3)),
            mac(&anchor, vault, 2, key(3)),
            mac(&anchor, vault, 1, key(4)),
        ] {
            assert_ne!(right, wrong);
        }
    }

    #[test]
    fn a_file_of_members_has_a_mac_key_of_its_own() {
        let (vault, bytes) = (VaultId([1; 16]), Key::copy_of(&[3; 32]));
        let anchor = Anchor(Key::copy_of(&[7; 32]));
        let mac = |anchor: &Anchor, vault, epoch, byte| {
            *anchor.mac_key_of_members(vault, epoch, &CommonKey::from(Key::copy_of(&[byte; 32]))).expose()
        };
        let right = mac(&anchor, vault, 1, 3);
        for wrong in [
            *anchor.mac_key(vault, 1, &VaultKey::from(bytes)).expose(),
            mac(&Anchor(Key::copy_of(&[8; 32])), vault, 1, 3),
            mac(&anchor, VaultId([2; 16]), 1, 3),
            mac(&anchor, vault, 2, 3),
            mac(&anchor, vault, 1, 4),
        ] {
            assert_ne!(right, wrong);
        }
    }

    #[test]
    fn debug_never_shows_it() {
        assert_eq!(format!("{:?}", Anchor(Key::copy_of(&[7; 32]))), "Anchor([redacted])");
    }
}
