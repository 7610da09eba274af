//! A new recovery key: a new slot, and a new epoch that the old slot was never granted.

use super::report::{Credential, Progress, Step, Watch};
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
        let is_old = |vault: &Self, slot: &Slot| slot.kind() == SlotKind::Recovery && slot.member() == vault.me;
        self.replace_slots(SlotSecret::Recovery(&recovery), is_old, watch)?;
        Ok(recovery.to_text())
    }
}
