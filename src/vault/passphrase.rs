//! A new passphrase: a new slot, and a new epoch that the old slot was never granted.

use super::proof::Proof;
use super::report::{Credential, CredentialKind, Progress, Step, Watch};
use super::rewrite::Old;
use super::{Vault, VaultError};
use crate::crypto::{Slot, SlotError, SlotKind, SlotSecret, Unsealed, VaultKey};
use crate::domain::SecretBytes;

/// Fewest bytes of a passphrase. How strong it is, the form tells.
pub const MIN_PASSPHRASE: usize = 8;

impl Vault {
    /// Gives the member who is in the passphrase `new`, at the present cost. The recovery key and machine keys stay as they are.
    ///
    /// Whoever finds the vault open must not be able to lock its owner out: `current` is the passphrase that holds now. As
    /// long as a new one is owed, the recovery key proves as much. It is not asked of a member who has none yet.
    ///
    /// # Errors
    /// [`VaultError::WrongCredential`] (with no wait, as [`Vault::unlock`] has it), [`VaultError::Invalid`] for
    /// `current_passphrase` or `passphrase`, [`VaultError::ReadOnly`], or that it cannot be written: the old passphrase
    /// holds then.
    pub fn change_passphrase(
        &mut self,
        current: Option<&Credential>,
        new: &SecretBytes,
        watch: Watch<'_>,
    ) -> Result<(), VaultError> {
        self.check_writable()?;
        check_passphrase(new)?;
        watch(Progress { step: Step::DerivingKey, done: 0, total: 0 });
        self.check_current(current, watch)?;
        if matches!(current, Some(Credential::Passphrase(current)) if current == new) {
            return Err(VaultError::invalid("passphrase", "Choose one that is not the current one."));
        }
        let (secret, cost) = (SlotSecret::Passphrase(new), self.tools.cost);
        let slot = Slot::create(self.file.vault, self.me, secret, cost, &self.anchor, &*self.tools.entropy)?;
        let others = self.file.slots.iter().filter(|old| !self.is_my_passphrase(old)).cloned();
        let slots = [slot].into_iter().chain(others).collect();
        self.rewrite(slots, &|_| true, Old::Removed, watch)?;
        self.owes_passphrase = false;
        Ok(())
    }

    /// Whether `current` is the passphrase that holds now, where one can be asked for.
    pub(super) fn check_current(&self, current: Option<&Credential>, watch: Watch<'_>) -> Result<(), VaultError> {
        match (self.my_passphrase(), current) {
            (None, _) => Ok(()),
            (Some(_), Some(recovery @ Credential::Recovery(_))) if self.owes_passphrase => self.prove(recovery, watch),
            (Some(slot), _) => self.open_mine(slot, current).map(drop),
        }
    }

    /// The vault key, which `current` opens: it is not kept while the vault is open.
    pub(super) fn vault_key(&self, current: Option<&Credential>) -> Result<VaultKey, VaultError> {
        let first = || VaultError::no_proof(Proof::CurrentPassphrase, "Set a new passphrase first.");
        let slot = self.my_passphrase().filter(|_| !self.owes_passphrase).ok_or_else(first)?;
        let identity = self.open_mine(slot, current)?.identity;
        Ok(slot.vault_key(self.file.vault, self.file.epoch, &identity)?)
    }

    /// Opens `slot`, which is the member's own, with the passphrase that they say holds now.
    fn open_mine(&self, slot: &Slot, current: Option<&Credential>) -> Result<Unsealed, VaultError> {
        let Some(Credential::Passphrase(current)) = current else {
            return Err(VaultError::no_proof(
                Proof::CurrentPassphrase,
                "Type the passphrase that opens the vault now.",
            ));
        };
        match slot.open(self.file.vault, SlotSecret::Passphrase(current)) {
            Err(SlotError::WrongSecret) => {
                Err(VaultError::WrongCredential { kind: CredentialKind::Passphrase, wait_seconds: 0 })
            }
            opened => Ok(opened?),
        }
    }

    fn my_passphrase(&self) -> Option<&Slot> {
        self.file.slots.iter().find(|slot| self.is_my_passphrase(slot))
    }

    fn is_my_passphrase(&self, slot: &Slot) -> bool {
        slot.kind() == SlotKind::Passphrase && slot.member() == self.me
    }
}

pub(super) fn check_passphrase(passphrase: &SecretBytes) -> Result<(), VaultError> {
    if passphrase.len() < MIN_PASSPHRASE {
        let cause = format!("Use at least {MIN_PASSPHRASE} characters; four random words are better.");
        return Err(VaultError::invalid("passphrase", cause));
    }
    Ok(())
}
