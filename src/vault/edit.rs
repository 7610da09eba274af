//! Changing a secret. What is left alone stays sealed: nobody sees a value because a date was moved.

use std::sync::Arc;

use super::put::Fate;
use super::rules::{Dates, certified, check_parts, check_public, has_certificate};
use super::{Vault, VaultError};
use crate::domain::lifecycle::TransitionError;
use crate::domain::organization::Permission;
use crate::domain::{Change, Header, PartChange, SecretBytes, SecretId, State, Value};

impl Vault {
    /// Makes `change` to the secret, which must still have `revision`.
    ///
    /// # Errors
    /// [`VaultError::NotPermitted`], [`VaultError::Conflict`], [`VaultError::Transition`] for a deleted one, [`VaultError::NameTaken`],
    /// [`VaultError::Invalid`] (also when the change would take write-only back), [`VaultError::ReadOnly`], or that it cannot be written.
    pub fn edit(&mut self, id: SecretId, revision: u64, change: Change) -> Result<Arc<Header>, VaultError> {
        let old = self.current(id, revision)?;
        self.check_writable()?;
        self.permit(Permission::Edit, &old)?;
        if matches!(old.state, State::Deleted(_)) {
            return Err(TransitionError::Deleted.into());
        }
        self.check_free(&change.name, id)?;
        check_public(old.kind, &change.public)?;
        if old.write_only && !change.write_only {
            return Err(VaultError::invalid("write_only", "Leave it on: write-only cannot be taken back."));
        }
        let value = if keeps_all(&old, &change) { None } else { Some(self.merged(&old, &change)?) };
        let change = self.settled(&old, change, value.as_ref())?;
        let header = self.edited(&old, change, value.as_ref())?;
        self.put(header, value.as_ref().map_or(Fate::Keep, Fate::Set))
    }

    /// The change with the dates that its certificate tells, whatever it says itself.
    fn settled(&self, old: &Header, change: Change, value: Option<&Value>) -> Result<Change, VaultError> {
        let told = Dates { expires: change.expires, not_before: change.not_before };
        if !has_certificate(old.kind) {
            return Ok(Change { encrypted_key: false, ..change });
        }
        if value.is_none() && change.public == old.public {
            let Header { expires, not_before, encrypted_key, .. } = *old;
            return Ok(Change { expires, not_before, encrypted_key, ..change });
        }
        // Another certificate over a key that stays: whether they belong together, only the key can tell.
        let kept = if value.is_none() { self.value(old.id)? } else { Value::default() };
        let (Dates { expires, not_before }, encrypted_key) =
            certified(old.kind, &change.public, value.unwrap_or(&kept), told)?;
        Ok(Change { expires, not_before, encrypted_key, ..change })
    }

    fn edited(&self, old: &Header, change: Change, value: Option<&Value>) -> Result<Header, VaultError> {
        let modified = self.stamp()?;
        Ok(Header {
            revision: old.revision + 1,
            name: change.name,
            author: self.me,
            value_set: if value.is_some() { modified.at } else { old.value_set },
            modified,
            expires: change.expires,
            not_before: change.not_before,
            write_only: change.write_only,
            encrypted_key: change.encrypted_key,
            public: change.public,
            parts: value.map_or_else(|| old.parts.clone(), Value::outline),
            ..old.clone()
        })
    }

    /// The value that the secret shall have: kept parts from the old one, the others from the change.
    fn merged(&self, old: &Header, change: &Change) -> Result<Value, VaultError> {
        let before = self.value(old.id)?;
        let part = |(name, fate): &(Box<str>, PartChange)| -> Result<(Box<str>, SecretBytes), VaultError> {
            let bytes = match fate {
                PartChange::Set(bytes) => Some(bytes),
                PartChange::Keep => before.part(name),
            };
            let missing = || VaultError::invalid(name, "Give it a value: it has none that could be kept.");
            Ok((name.clone(), bytes.ok_or_else(missing)?.clone()))
        };
        let value = Value(change.parts.iter().map(part).collect::<Result<_, _>>()?);
        check_parts(old.kind, &value)?;
        Ok(value)
    }
}

/// Whether the change leaves the value as it is.
fn keeps_all(old: &Header, change: &Change) -> bool {
    let names = |header: &Header| header.parts.iter().map(|part| part.name.clone()).collect::<Vec<_>>();
    let kept = change.parts.iter().map(|(name, fate)| (fate == &PartChange::Keep).then(|| name.clone()));
    kept.collect::<Option<Vec<_>>>().is_some_and(|kept| kept == names(old))
}
