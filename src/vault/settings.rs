//! What is set for the whole vault.

use super::codec::{CodecError, reader, writer};
use super::documents::Document;
use super::{Vault, VaultError};
use crate::domain::{SecretBytes, Settings};

impl Vault {
    /// What is set.
    pub fn settings(&self) -> Settings {
        self.documents.settings
    }

    /// Sets it. What becomes too much by that is removed when it is looked at next: the earlier values of a secret with its
    /// next change, those of all with the next rewrite (a sweep, a new passphrase).
    ///
    /// # Errors
    /// [`VaultError::NotPermitted`], [`VaultError::Invalid`], [`VaultError::ReadOnly`], or that it cannot be written.
    pub fn change_settings(&mut self, settings: Settings) -> Result<Settings, VaultError> {
        self.check_writable()?;
        self.permit_managing("change the settings")?;
        check(&settings)?;
        if settings != self.documents.settings {
            let mut new = self.documents.clone();
            new.settings = settings;
            self.put_document(Document::Settings, new)?;
        }
        Ok(settings)
    }
}

fn check(settings: &Settings) -> Result<(), VaultError> {
    let Settings { kept_revisions, audit_mib, audit_days: _ } = *settings;
    if kept_revisions > Settings::MOST_REVISIONS {
        let cause = format!("Keep at most {} earlier values of a secret.", Settings::MOST_REVISIONS);
        return Err(VaultError::invalid("kept_revisions", cause));
    }
    if !(1..=Settings::MOST_MIB).contains(&audit_mib) {
        let cause = format!("Give the audit log 1 to {} MiB.", Settings::MOST_MIB);
        return Err(VaultError::invalid("audit_mib", cause));
    }
    Ok(())
}

/// The plaintext of the settings.
pub(super) fn encode_settings(settings: &Settings) -> SecretBytes {
    let mut to = writer();
    to.u16(settings.kept_revisions);
    to.u32(settings.audit_days);
    to.u32(settings.audit_mib);
    to.into_secret()
}

/// The settings whose plaintext `bytes` are.
pub(super) fn decode_settings(bytes: &[u8]) -> Result<Settings, CodecError> {
    let mut from = reader(bytes)?;
    let settings = Settings { kept_revisions: from.u16()?, audit_days: from.u32()?, audit_mib: from.u32()? };
    from.finish()?;
    Ok(settings)
}
