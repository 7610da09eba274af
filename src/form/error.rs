//! What can be wrong with a field, in words that say what to do.

use crate::domain::certificate::{CertificateError, KeyError as PrivateKeyError};
use crate::domain::date::DateError;
use crate::domain::keyvalue::{FileError, KeyError};
use crate::domain::text::{TextError, ValueError};
use crate::domain::web::{HeaderNameError, HeaderValueError, ScopeError, UrlError};

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// Nothing was entered, but something is needed.
    #[error("Required: fill in {0}.")]
    Required(&'static str),
    /// A name or a text.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A header name.
    #[error(transparent)]
    HeaderName(#[from] HeaderNameError),
    /// A header value.
    #[error(transparent)]
    HeaderValue(#[from] HeaderValueError),
    /// A scope.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// A URL.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The size of a value.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// An expiration date.
    #[error(transparent)]
    Date(#[from] DateError),
    /// A file of keys and values.
    #[error(transparent)]
    File(#[from] FileError),
    /// A certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A private key.
    #[error(transparent)]
    PrivateKey(#[from] PrivateKeyError),
    /// A private key whose file name does not end in `.key`.
    #[error("Only .key files are taken for a private key: choose one, or rename {0} if it is one.")]
    NotAKeyFile(String),
    /// A pasted text where only a file makes sense.
    #[error("Type the path of a file, or drop one here: pasted content has no file name to keep it under.")]
    NeedsFileName,
    /// A path was typed, but the file has not been loaded.
    #[error("The file has not been loaded yet: load it, or clear the line.")]
    NotLoaded,
    /// A new certificate, while the private key that stays belongs to the old one.
    #[error("The private key that is stored belongs to the old certificate: add the new one's key, or remove it.")]
    KeyOfOldCertificate,
    /// One row of keys and values.
    #[error("Row {}: {cause}", .row + 1)]
    Row {
        /// The row, from 0.
        row: usize,
        /// What is wrong with it.
        cause: RowError,
    },
    /// Write-only is for ever.
    #[error("It stays write-only: that cannot be taken back.")]
    WriteOnlyStays,
    /// What the vault or the operating system has against it, in a sentence.
    #[error("{0}")]
    Told(Box<str>),
}

/// What is wrong with one row of keys and values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The value.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// Another row has the same key; which, from 0.
    #[error("Row {} has the same key: change one of them.", .0 + 1)]
    Double(usize),
    /// The key of a stored pair was changed, but its value is known under the old key only.
    #[error("A new key needs its value again: enter it, or name the key {0:?} as before.")]
    Renamed(Box<str>),
}

impl FieldError {
    /// The row that the error is about, from 0, in a field of keys and values.
    pub fn row(&self) -> Option<usize> {
        match self {
            Self::Row { row, .. } => Some(*row),
            _ => None,
        }
    }
}
