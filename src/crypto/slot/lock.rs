//! What stands between a secret and the identity in its slot.

use super::{SlotError, SlotKind, SlotSecret};
use crate::crypto::kdf::SALT_LEN;
use crate::crypto::wire::{Reader, WireError, Writer};
use crate::crypto::{KdfCost, Key};
use crate::host::{Entropy, EntropyError};

/// How the secret becomes the key of the sealed identity. The recovery key and a machine key have 256 bits of their own
/// and need no stretching.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lock {
    Passphrase { cost: KdfCost, salt: [u8; SALT_LEN] },
    Recovery { salt: [u8; SALT_LEN] },
    Machine { salt: [u8; SALT_LEN] },
}

impl Lock {
    /// One for `secret`, with a salt of its own; a passphrase is stretched at `cost`.
    pub(super) fn create(secret: SlotSecret<'_>, cost: KdfCost, entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut salt = [0; SALT_LEN];
        entropy.fill(&mut salt)?;
        Ok(match secret {
            SlotSecret::Passphrase(_) => Lock::Passphrase { cost, salt },
            SlotSecret::Recovery(_) => Lock::Recovery { salt },
            SlotSecret::Machine(_) => Lock::Machine { salt },
        })
    }

    pub(super) fn kind(self) -> SlotKind {
        match self {
            Lock::Passphrase { .. } => SlotKind::Passphrase,
            Lock::Recovery { .. } => SlotKind::Recovery,
            Lock::Machine { .. } => SlotKind::Machine,
        }
    }

    pub(super) fn key(self, secret: SlotSecret<'_>) -> Result<Key, SlotError> {
        match (self, secret) {
            (Lock::Passphrase { cost, salt }, SlotSecret::Passphrase(passphrase)) => {
                Ok(cost.derive(passphrase.expose(), &salt)?)
            }
            (Lock::Recovery { salt }, SlotSecret::Recovery(key)) => Ok(key.slot_key(&salt)),
            (Lock::Machine { salt }, SlotSecret::Machine(key)) => Ok(key.slot_key(&salt)),
            _ => Err(SlotError::WrongSecret),
        }
    }

    pub(super) fn write(self, to: &mut Writer) {
        to.u8(self.kind().code());
        match self {
            Lock::Passphrase { cost, salt } => {
                cost.write(to);
                to.raw(&salt);
            }
            Lock::Recovery { salt } | Lock::Machine { salt } => to.raw(&salt),
        }
    }

    pub(super) fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        match from.u8()? {
            1 => Ok(Lock::Passphrase { cost: KdfCost::read(from)?, salt: from.array()? }),
            2 => Ok(Lock::Recovery { salt: from.array()? }),
            3 => Ok(Lock::Machine { salt: from.array()? }),
            _ => Err(WireError::UnknownCode),
        }
    }
}
