//! Exports: the secrets that may be displayed, out of the vault. Encrypted under a passphrase of their own, or in the clear.

use std::path::Path;

use super::codec::{decode_drafts, encode_drafts};
use super::{Vault, VaultError};
use crate::crypto::{self, SealedFileError};
use crate::domain::import::Skipped;
use crate::domain::lifecycle::gate;
use crate::domain::organization::Permission;
use crate::domain::{Draft, Header, Scope, SecretBytes, Status, export};
use crate::host::files::{self, Links};
use crate::vault::CredentialKind;

/// Largest export that is read, in bytes.
const MAX_FILE: usize = 256 * 1024 * 1024;

/// What an export holds.
#[derive(Debug)]
pub struct Export {
    /// The file.
    pub file: SecretBytes,
    /// The secrets in it.
    pub headers: Vec<std::sync::Arc<Header>>,
    /// The secrets that are not in it, and why.
    pub skipped: Vec<Skipped>,
}

impl Vault {
    /// The file of an export of all secrets that pass the gate and are not write-only: sealed with `passphrase`, or, without
    /// one, JSON in the clear.
    ///
    /// # Errors
    /// [`VaultError::Damaged`], or that it cannot be sealed.
    pub fn export(&self, passphrase: Option<&SecretBytes>) -> Result<Export, VaultError> {
        let mut all = self.headers();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        let (mut headers, mut drafts, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
        for header in all {
            match self.exported(&header, passphrase.is_none())? {
                Ok(draft) => {
                    drafts.push(draft);
                    headers.push(header);
                }
                Err(why) => skipped.push(Skipped { what: header.name.to_string(), why }),
            }
        }
        let file = match passphrase {
            Some(passphrase) => {
                let (plain, entropy) = (encode_drafts(&drafts), &*self.tools.entropy);
                SecretBytes::new(crypto::seal_file(passphrase, self.tools.cost, &plain, entropy)?)
            }
            None => export::plaintext(&drafts).map_err(|(name, _)| VaultError::Damaged(format!("{name}: no text")))?,
        };
        Ok(Export { file, headers, skipped })
    }

    /// The secret as a draft; or why it stays.
    fn exported(&self, header: &Header, as_text: bool) -> Result<Result<Draft, String>, VaultError> {
        if let Err(refusal) = gate(header, self.now(), false) {
            let date = refusal.since.date();
            return Ok(Err(match refusal.status {
                Status::NotYetValid => format!("It is not valid before {date}."),
                status => format!("It is {} since {date}.", status.word()),
            }));
        }
        if !self.rights()?.may(Permission::Reveal, header.into()) {
            return Ok(Err("You may not reveal it.".to_owned()));
        }
        if header.write_only {
            return Ok(Err("It is write-only.".to_owned()));
        }
        let value = self.value(header.id).map_err(|error| error.about(&header.name))?;
        if as_text && value.0.iter().any(|(_, bytes)| bytes.expose_text().is_none()) {
            return Ok(Err("Its value is no text: export it encrypted, or write it to a file with get.".to_owned()));
        }
        Ok(Ok(Draft {
            scope: Scope::Organization,
            kind: header.kind,
            name: header.name.clone(),
            public: header.public.clone(),
            value,
            expires: header.expires,
            not_before: header.not_before,
            write_only: header.write_only,
            encrypted_key: header.encrypted_key,
        }))
    }
}

/// The secrets in the encrypted export at `path`.
///
/// # Errors
/// [`VaultError::WrongCredential`], [`VaultError::File`] for what is none, and that it cannot be read.
pub fn open_export(path: &Path, passphrase: &SecretBytes) -> Result<Vec<Draft>, VaultError> {
    let bytes = files::read_capped(path, MAX_FILE, Links::Follow)?;
    let wrong = |cause: String| VaultError::File { file: path.to_path_buf(), cause };
    let plain = crypto::open_file(&bytes, passphrase).map_err(|error| match error {
        SealedFileError::Refused => VaultError::WrongCredential { kind: CredentialKind::Passphrase, wait_seconds: 0 },
        other => wrong(other.to_string()),
    })?;
    decode_drafts(&plain).map_err(|error| wrong(error.to_string()))
}
