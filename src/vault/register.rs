//! Storing a new secret.

use std::sync::Arc;

use super::put::Fate;
use super::{Vault, VaultError};
use crate::domain::kind::Input;
use crate::domain::text::{check_name, check_text, check_value_size};
use crate::domain::web::{check_header_name, check_scope, check_url, split_scopes};
use crate::domain::{Draft, Header, Kind, PublicField, Scope, SecretBytes, SecretId, State, Value};

/// Most parts of one value.
const MAX_PARTS: usize = 1024;
/// Most bytes of all parts together.
const MAX_TOTAL: usize = 4 * 1024 * 1024;

impl Vault {
    /// Stores the secret in `draft` under a new id.
    ///
    /// # Errors
    /// [`VaultError::NameTaken`], [`VaultError::Invalid`], [`VaultError::ReadOnly`], or that it cannot be written.
    pub fn register(&mut self, draft: Draft) -> Result<Arc<Header>, VaultError> {
        self.check_writable()?;
        let mut id = SecretId([0; 16]);
        self.tools.entropy.fill(&mut id.0)?;
        self.check_free(&draft.name, id)?;
        check_public(draft.kind, &draft.public)?;
        check_parts(draft.kind, &draft.value)?;
        let stamp = self.stamp()?;
        let header = Header {
            id,
            revision: 1,
            kind: draft.kind,
            name: draft.name,
            scope: Scope::Organization,
            owner: self.me,
            author: self.me,
            created: stamp.clone(),
            value_set: stamp.at,
            modified: stamp,
            expires: draft.expires,
            not_before: draft.not_before,
            state: State::Active,
            write_only: draft.write_only,
            encrypted_key: draft.encrypted_key,
            public: draft.public,
            parts: draft.value.outline(),
        };
        self.put(header, Fate::Set(&draft.value))
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

/// Whether every field that is not secret keeps its rule. Forms say it beside the field; this is for whoever
/// comes to the door without one.
pub(super) fn check_public(kind: Kind, public: &[PublicField]) -> Result<(), VaultError> {
    for PublicField { key, text } in public {
        let kept = match kind.schema().field(key).map(|field| field.input) {
            Some(Input::HeaderName) => check_header_name(text).map_err(|error| error.to_string()),
            Some(Input::Url) => check_url(text).map_err(|error| error.to_string()),
            Some(Input::Scopes) => {
                split_scopes(text).into_iter().try_for_each(check_scope).map_err(|error| error.to_string())
            }
            Some(Input::Text) => check_text(text).map_err(|error| error.to_string()),
            _ => Ok(()),
        };
        kept.map_err(|cause| VaultError::invalid(key, cause))?;
    }
    Ok(())
}

/// Whether the value can be stored: parts, each with a name of its own, none empty, not too many nor too large.
pub(super) fn check_parts(kind: Kind, value: &Value) -> Result<(), VaultError> {
    let field = kind.schema().fields.iter().find(|field| field.secret).map_or("value", |field| field.key);
    let invalid = |cause: String| VaultError::invalid(field, cause);
    let needs_one = kind.schema().fields.iter().any(|field| field.secret && field.required);
    if value.0.is_empty() && needs_one {
        return Err(invalid("Give it a value: an empty one is of no use.".into()));
    }
    if value.0.len() > MAX_PARTS {
        return Err(invalid(format!("Use at most {MAX_PARTS} keys.")));
    }
    for (n, (name, bytes)) in value.0.iter().enumerate() {
        check_name(name).map_err(|error| invalid(error.to_string()))?;
        check_value_size(bytes.len()).map_err(|error| invalid(error.to_string()))?;
        if value.0[..n].iter().any(|(other, _)| other == name) {
            return Err(invalid(format!("Use the key {name} only once.")));
        }
    }
    let total: usize = value.0.iter().map(|(_, bytes): &(_, SecretBytes)| bytes.len()).sum();
    if total > MAX_TOTAL {
        return Err(invalid(format!("Use smaller values: {total} bytes together, and {MAX_TOTAL} is the most.")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(kind: Kind, key: &str, text: &str) -> bool {
        check_public(kind, &[PublicField { key: key.into(), text: text.into() }]).is_err()
    }

    #[test]
    fn the_door_keeps_the_rules_of_the_schema_without_a_form() {
        assert!(!refused(Kind::ApiKey, "header_name", "Authorization"));
        assert!(refused(Kind::ApiKey, "header_name", "Authoriz ation"));
        assert!(!refused(Kind::ClientCredentials, "scopes", "profile iam.role"));
        assert!(refused(Kind::ClientCredentials, "scopes", "pro\\file"));
        assert!(refused(Kind::ClientCredentials, "token_url", "http://example.com/token"));
        assert!(refused(Kind::ClientCredentials, "client_id", "two\nlines"));
    }
}
