//! Deactivate, reactivate, delete.

use std::sync::Arc;

use super::put::Fate;
use super::{Vault, VaultError};
use crate::domain::lifecycle;
use crate::domain::{Header, SecretId, State};

impl Vault {
    /// Puts the secret out of use.
    ///
    /// # Errors
    /// [`VaultError::Transition`], [`VaultError::Conflict`], [`VaultError::ReadOnly`], or that it cannot be written.
    pub fn deactivate(&mut self, id: SecretId, revision: u64) -> Result<Arc<Header>, VaultError> {
        let old = self.current(id, revision)?;
        let state = lifecycle::deactivate(&old.state, self.stamp()?)?;
        self.put_state(&old, state)
    }

    /// Puts an inactive secret back in use.
    ///
    /// # Errors
    /// As [`Vault::deactivate`].
    pub fn reactivate(&mut self, id: SecretId, revision: u64) -> Result<Arc<Header>, VaultError> {
        let old = self.current(id, revision)?;
        let state = lifecycle::reactivate(&old.state)?;
        self.put_state(&old, state)
    }

    /// Takes the value out of the store, in the same batch that leaves a tombstone: name, type, dates, and by whom.
    ///
    /// # Errors
    /// As [`Vault::deactivate`].
    pub fn delete(&mut self, id: SecretId, revision: u64) -> Result<Arc<Header>, VaultError> {
        let old = self.current(id, revision)?;
        let state = lifecycle::delete(&old.state, self.stamp()?)?;
        let tombstone = Header { public: Vec::new(), parts: Vec::new(), ..self.with_state(&old, state)? };
        self.put(tombstone, Fate::Remove)
    }

    fn put_state(&mut self, old: &Header, state: State) -> Result<Arc<Header>, VaultError> {
        let header = self.with_state(old, state)?;
        self.put(header, Fate::Keep)
    }

    fn with_state(&self, old: &Header, state: State) -> Result<Header, VaultError> {
        let revision = old.revision + 1;
        Ok(Header { revision, author: self.me, modified: self.stamp()?, state, ..old.clone() })
    }
}
