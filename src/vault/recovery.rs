//! A new recovery key: a new slot, and a new epoch that the old slot was never granted.

use super::report::{Credential, Progress, Step, Watch};
use super::rewrite::Old;
use super::{Vault, VaultError};
use crate::crypto::{RecoveryKey, Slot, SlotKind, SlotSecret};
use crate::domain::SecretBytes;

impl Vault {
    /// Makes a new recovery key and gives it in its written form, which is kept nowhere. The old one opens nothing from
    /// then on, except backups made before; passphrases and machine keys stay as they are.
    ///
    /// `current` is asked for as in [`Vault::change_passphrase`].
    ///
    /// # Errors
    /// [`VaultError::WrongCredential`], [`VaultError::Invalid`] for `current_passphrase`, [`VaultError::ReadOnly`], or that
    /// it cannot be written: the old recovery key holds then. Only when the very last step fails it is not known which one
    /// does: make another.
    pub fn change_recovery_key(
        &mut self,
        current: Option<&Credential>,
        watch: Watch<'_>,
    ) -> Result<SecretBytes, VaultError> {
        self.check_writable()?;
        watch(Progress { step: Step::DerivingKey, done: 0, total: 0 });
        self.check_current(current, watch)?;
        let recovery = RecoveryKey::generate(&*self.tools.entropy)?;
        let secret = SlotSecret::Recovery(&recovery);
        let (cost, entropy) = (self.tools.cost, &*self.tools.entropy);
        let slot = Slot::create(self.file.vault, self.me, secret, cost, &self.anchor, entropy)?;
        let others = self.file.slots.iter().filter(|old| old.kind() != SlotKind::Recovery).cloned();
        let slots = others.chain([slot]).collect();
        self.rewrite(slots, &|_| true, Old::Removed, watch)?;
        Ok(recovery.to_text())
    }
}
