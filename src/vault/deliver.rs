//! Handing a value over: the one gate.

use super::{Vault, VaultError, layout};
use crate::domain::lifecycle::gate;
use crate::domain::{SecretBytes, SecretId, Value};

impl Vault {
    /// One part of a value, to be displayed to a person: on the screen or on their clipboard.
    ///
    /// # Errors
    /// [`VaultError::Unavailable`] unless the secret is active, [`VaultError::WriteOnly`],
    /// [`VaultError::NotFound`] for the secret or the part, [`VaultError::Damaged`].
    pub fn display(&self, id: SecretId, part: &str) -> Result<SecretBytes, VaultError> {
        let header = self.header(id)?;
        gate(&header, self.now()).map_err(VaultError::Unavailable)?;
        if header.write_only {
            return Err(VaultError::WriteOnly);
        }
        let mut value = self.value(id)?;
        let at = value.0.iter().position(|(name, _)| **name == *part).ok_or(VaultError::NotFound)?;
        Ok(value.0.swap_remove(at).1)
    }

    /// The value of a secret, from the store.
    pub(super) fn value(&self, id: SecretId) -> Result<Value, VaultError> {
        let stored = layout::read(&*self.store, id)?.ok_or(VaultError::NotFound)?;
        let opened = self.sealer.open_record(id, &stored.bytes)?;
        Ok(self.sealer.open_value(&opened, &*self.store)?)
    }
}
