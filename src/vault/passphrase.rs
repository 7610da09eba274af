//! A new passphrase: a new slot, and a new epoch that the old slot was never granted.

use super::proof::Proof;
use super::report::{Credential, CredentialKind, Progress, Step, Watch};
use super::rewrite::{Old, Renewal, key_of};
use super::{Vault, VaultError};
use crate::crypto::{Identity, Slot, SlotError, SlotKind, SlotSecret, Unsealed};
use crate::domain::SecretBytes;
use crate::domain::organization::Act;

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
        let is_old = |vault: &Self, slot: &Slot| vault.is_my_passphrase(slot);
        self.replace_slots(SlotSecret::Passphrase(new), is_old, watch)?;
        self.owes_passphrase = false;
        Ok(())
    }

    /// Puts a new slot for `secret` in the place of those that `is_old` says yes to, which are the member's own. Who manages
    /// the organization seals everything anew: what opened the old slots opens nothing from then on. For a Member that is
    /// owed, and done when somebody who can unlocks the vault.
    pub(super) fn replace_slots(
        &mut self,
        secret: SlotSecret<'_>,
        is_old: impl Fn(&Self, &Slot) -> bool,
        watch: Watch<'_>,
    ) -> Result<(), VaultError> {
        let (cost, entropy) = (self.tools.cost, &*self.tools.entropy);
        let identity = Identity::generate(entropy)?;
        let mut slot = Slot::create_for(self.file.vault, self.me, secret, cost, &identity, &self.anchor, entropy)?;
        let (old, others): (Vec<Slot>, Vec<Slot>) =
            self.file.slots.iter().cloned().partition(|slot| is_old(self, slot));
        let removed = old.iter().map(|slot| Act::KeyRemoved(slot.id()));
        let acts = std::iter::once(Act::KeyAdded(key_of(&slot))).chain(removed).collect();
        // Whoever came in by a slot that is gone goes on with the new one.
        let seat = (!others.iter().any(|slot| slot.id() == self.signer.slot)).then(|| (slot.id(), identity));
        if self.manages() {
            let slots = std::iter::once(slot).chain(others).collect();
            return self.rewrite(Renewal { slots, acts, seat }, &|_| true, Old::Removed, watch);
        }
        self.grant_to(&mut slot)?;
        let mut change = self.begin_change(acts)?;
        old.iter().for_each(|slot| change.take_out(slot.id()));
        change.take_in(slot, "", self.now());
        self.make_change(change)?;
        seat.into_iter().for_each(|seat| self.take_seat(seat));
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

    /// Whether `current` is the passphrase that holds now; one that is owed has to be set first.
    pub(super) fn check_passphrase_set(&self, current: Option<&Credential>) -> Result<(), VaultError> {
        let first = || VaultError::no_proof(Proof::CurrentPassphrase, "Set a new passphrase first.");
        let slot = self.my_passphrase().filter(|_| !self.owes_passphrase).ok_or_else(first)?;
        self.open_mine(slot, current).map(drop)
    }

    /// Opens `slot`, which is the member's own, with the passphrase that they say holds now.
    fn open_mine(&self, slot: &Slot, current: Option<&Credential>) -> Result<Unsealed, VaultError> {
        let Some(Credential::Passphrase(current) | Credential::Named { passphrase: current, .. }) = current else {
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
