//! Storing a new secret.

use std::sync::Arc;

use super::put::Fate;
use super::rules::{Dates, certified, check_parts, check_public};
use super::{Vault, VaultError};
use crate::domain::text::check_name;
use crate::domain::{Draft, Header, SecretId, Stamp, State, Value};

impl Vault {
    /// Stores the secret in `draft` under a new id.
    ///
    /// # Errors
    /// [`VaultError::NotPermitted`], [`VaultError::NameTaken`], [`VaultError::Invalid`], [`VaultError::ReadOnly`], or that it cannot be written.
    pub fn register(&mut self, draft: Draft) -> Result<Arc<Header>, VaultError> {
        self.check_writable()?;
        self.permit_register(draft.scope)?;
        let (header, value) = self.new_secret(draft, &self.stamp()?)?;
        self.check_free(&header.name, header.id)?;
        self.put(header, Fate::Set(&value))
    }

    /// What `draft` makes of a secret under a new id, registered as `stamp` says. Whether its name is free is not asked.
    pub(super) fn new_secret(&self, draft: Draft, stamp: &Stamp) -> Result<(Header, Value), VaultError> {
        let mut id = SecretId([0; 16]);
        self.tools.entropy.fill(&mut id.0)?;
        check_public(draft.kind, &draft.public)?;
        check_parts(draft.kind, &draft.value)?;
        let told = Dates { expires: draft.expires, not_before: draft.not_before };
        let (dates, encrypted_key) = certified(draft.kind, &draft.public, &draft.value, told)?;
        let header = Header {
            id,
            revision: 1,
            kind: draft.kind,
            name: draft.name,
            scope: draft.scope,
            owner: self.me,
            author: self.me,
            created: stamp.clone(),
            value_set: stamp.at,
            modified: stamp.clone(),
            expires: dates.expires,
            not_before: dates.not_before,
            state: State::Active,
            write_only: draft.write_only,
            encrypted_key,
            public: draft.public,
            parts: draft.value.outline(),
        };
        Ok((header, draft.value))
    }

    /// Whether a secret may be called `name`: it keeps the rules, and no other that is not deleted has it.
    pub(super) fn check_free(&self, name: &str, id: SecretId) -> Result<(), VaultError> {
        check_name(name).map_err(|error| VaultError::invalid("name", error.to_string()))?;
        if self.index.named(name).is_some_and(|other| other != id) {
            return Err(VaultError::NameTaken(name.into()));
        }
        Ok(())
    }
}
