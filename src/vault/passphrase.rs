//! A new passphrase: a new slot, and a new epoch that the old slot was never granted.

use super::report::{Progress, Step, Watch};
use super::rewrite::Old;
use super::{Vault, VaultError};
use crate::crypto::{Slot, SlotKind, SlotSecret};
use crate::domain::SecretBytes;

/// Fewest bytes of a passphrase. How strong it is, the form tells.
pub const MIN_PASSPHRASE: usize = 8;

impl Vault {
    /// Gives the member who is in a new passphrase, at the present cost. The recovery key stays as it is.
    ///
    /// # Errors
    /// [`VaultError::Invalid`] for `passphrase`, [`VaultError::ReadOnly`], or that it cannot be written:
    /// the old passphrase holds then.
    pub fn change_passphrase(&mut self, passphrase: &SecretBytes, watch: Watch<'_>) -> Result<(), VaultError> {
        self.check_writable()?;
        check_passphrase(passphrase)?;
        watch(Progress { step: Step::DerivingKey, done: 0, total: 0 });
        let (secret, cost) = (SlotSecret::Passphrase(passphrase), self.tools.cost);
        let slot = Slot::create(self.file.vault, self.me, secret, cost, &self.anchor, &*self.tools.entropy)?;
        let is_mine = |old: &Slot| old.kind() == SlotKind::Passphrase && old.member() == self.me;
        let others = self.file.slots.iter().filter(|old| !is_mine(old)).cloned();
        let slots = [slot].into_iter().chain(others).collect();
        self.rewrite(slots, &|_| true, Old::Removed, watch)?;
        self.owes_passphrase = false;
        Ok(())
    }
}

pub(super) fn check_passphrase(passphrase: &SecretBytes) -> Result<(), VaultError> {
    if passphrase.len() < MIN_PASSPHRASE {
        let cause = format!("Use at least {MIN_PASSPHRASE} characters; four random words are better.");
        return Err(VaultError::invalid("passphrase", cause));
    }
    Ok(())
}
