//! Deactivate, reactivate, delete.

use std::sync::Arc;

use super::put::Fate;
use super::record::Closed;
use super::signed::{What, deletion_of};
use super::{Vault, VaultError};
use crate::domain::lifecycle;
use crate::domain::organization::{Permission, Whose};
use crate::domain::{Header, Scope, SecretId, State};

impl Vault {
    /// Puts the secret out of use.
    ///
    /// # Errors
    /// [`VaultError::NotPermitted`], [`VaultError::Transition`], [`VaultError::Conflict`], [`VaultError::ReadOnly`], or that it cannot be written.
    pub fn deactivate(&mut self, id: SecretId, revision: u64) -> Result<Arc<Header>, VaultError> {
        let old = self.current(id, revision)?;
        self.permit(Permission::Deactivate, &old)?;
        let state = lifecycle::deactivate(&old.state, self.stamp()?)?;
        self.put_state(&old, state)
    }

    /// Puts an inactive secret back in use.
    ///
    /// # Errors
    /// As [`Vault::deactivate`].
    pub fn reactivate(&mut self, id: SecretId, revision: u64) -> Result<Arc<Header>, VaultError> {
        let old = self.current(id, revision)?;
        self.permit(Permission::Deactivate, &old)?;
        let state = lifecycle::reactivate(&old.state)?;
        self.put_state(&old, state)
    }

    /// Takes the value out of the store, in the same batch that leaves a tombstone: name, type, dates, and by whom.
    ///
    /// # Errors
    /// As [`Vault::deactivate`].
    ///
    /// Of a personal secret of somebody else, which an Account Holder may delete, nothing is left but that.
    pub fn delete(&mut self, id: SecretId, revision: u64) -> Result<Arc<Header>, VaultError> {
        if let Some(closed) = self.closed.get(&id).cloned() {
            return self.delete_closed(closed);
        }
        let old = self.current(id, revision)?;
        self.permit(Permission::Delete, &old)?;
        let state = lifecycle::delete(&old.state, self.stamp()?)?;
        let tombstone = Header { public: Vec::new(), parts: Vec::new(), ..self.with_state(&old, state)? };
        self.put(tombstone, Fate::Remove)
    }

    fn delete_closed(&mut self, closed: Closed) -> Result<Arc<Header>, VaultError> {
        self.check_writable()?;
        let whose = Whose { id: closed.id, scope: Scope::Personal, owner: closed.owner };
        if !self.rights()?.may(Permission::Delete, whose) {
            return self.not_permitted("delete personal secrets of others", None);
        }
        if closed.deleted.is_some() {
            return Err(lifecycle::TransitionError::Deleted.into());
        }
        let (revision, stamp) = (closed.revision + 1, self.stamp()?);
        let mut signing = self.signer.begin(&*self.tools.entropy)?;
        let block = signing.add(What::State, closed.id, deletion_of(revision, self.me, stamp));
        let deleted = Closed { revision, deleted: Some(block), batches: Vec::new(), has_inner: false, ..closed };
        self.put_closed(&deleted, closed.revision, signing)?;
        let header = Arc::new(deleted.tombstone().ok_or(VaultError::NotFound)?);
        self.closed.insert(deleted.id, deleted);
        Ok(header)
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
