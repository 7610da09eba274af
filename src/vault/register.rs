//! Storing a new secret.

use std::sync::Arc;

use super::put::{Fate, too_long};
use super::record::Sealer;
use super::rules::{Dates, certified, check_parts, check_public};
use super::{Vault, VaultError};
use crate::domain::text::check_name;
use crate::domain::{Draft, Header, Scope, SecretId, State};

impl Vault {
    /// Stores the secret in `draft` under a new id.
    ///
    /// # Errors
    /// [`VaultError::NameTaken`], [`VaultError::Invalid`], [`VaultError::ReadOnly`], or that it cannot be written.
    pub fn register(&mut self, draft: Draft) -> Result<Arc<Header>, VaultError> {
        self.check_writable()?;
        let header = self.new_header(&draft)?;
        self.put(header, Fate::Set(&draft.value))
    }

    /// The header of the new secret in `draft`, under a new id.
    ///
    /// # Errors
    /// [`VaultError::NameTaken`], [`VaultError::Invalid`], and a header that is too large.
    pub(super) fn new_header(&self, draft: &Draft) -> Result<Header, VaultError> {
        let mut id = SecretId([0; 16]);
        self.tools.entropy.fill(&mut id.0)?;
        self.check_free(&draft.name, id)?;
        check_public(draft.kind, &draft.public)?;
        check_parts(draft.kind, &draft.value)?;
        let told = Dates { expires: draft.expires, not_before: draft.not_before };
        let (dates, encrypted_key) = certified(draft.kind, &draft.public, &draft.value, told)?;
        let stamp = self.stamp()?;
        let header = Header {
            id,
            revision: 1,
            kind: draft.kind,
            name: draft.name.clone(),
            scope: Scope::Organization,
            owner: self.me,
            author: self.me,
            created: stamp.clone(),
            value_set: stamp.at,
            modified: stamp,
            expires: dates.expires,
            not_before: dates.not_before,
            state: State::Active,
            write_only: draft.write_only,
            encrypted_key,
            public: draft.public.clone(),
            parts: draft.value.outline(),
        };
        if Sealer::fits(&header) { Ok(header) } else { Err(too_long()) }
    }

    /// Whether a secret may be called `name`: it keeps the rules, and no other that is not deleted has it.
    pub(super) fn check_free(&self, name: &str, id: SecretId) -> Result<(), VaultError> {
        check_name(name).map_err(|error| VaultError::invalid("name", error.to_string()))?;
        match self.index.named(name) {
            Some(other) if other != id => Err(VaultError::NameTaken(name.into())),
            _ => Ok(()),
        }
    }
}
