//! X.509 certificates and the private keys that belong to them.
//!
//! [`read_chain`] and [`read_private_key`] take what a file holds, in PEM or DER, and say what is
//! in it or what is wrong with it. A chain is put in order by names and key identifiers; that the
//! signatures are good is for those to check who are handed the certificate.

mod chain;
mod error;
mod found;
mod parse;
mod pem;
mod private_key;
mod public_key;
mod text;
mod warning;

pub use chain::read_chain;
pub use error::{CertificateError, KeyError};
pub use found::Found;
pub use private_key::{PrivateKey, check_belongs, read_private_key};
pub use warning::Warning;

use super::Timestamp;

/// Largest certificate or key file taken, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;
/// Most certificates taken in one chain.
pub const MAX_CERTIFICATES: usize = 32;

/// What one certificate says. All text is sanitized and shortened: it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Subject distinguished name, the most specific part first as in RFC 4514. May be empty.
    pub subject: String,
    /// Issuer distinguished name, likewise.
    pub issuer: String,
    /// Subject alternative names, such as `DNS:example.com`.
    pub sans: Vec<String>,
    /// Serial number, hex pairs with colons.
    pub serial: String,
    /// First second of validity.
    pub not_before: Timestamp,
    /// Last second of validity.
    pub not_after: Timestamp,
    /// Key algorithm and size, such as `RSA 2048` or `EC P-256`.
    pub key: String,
    /// SHA-256 of the DER, hex pairs with colons.
    pub fingerprint: String,
    /// SHA-256 of the SubjectPublicKeyInfo as it stands there, hex pairs with colons: what other tools show.
    pub key_fingerprint: String,
    /// What the key is matched by, however its point is written.
    key_identity: String,
}

impl Certificate {
    /// Whether both certificates are for the same key.
    pub fn has_key_of(&self, other: &Certificate) -> bool {
        self.key_identity == other.key_identity
    }

    /// What to call it: the subject, or where that is empty, the first alternative name or the serial number.
    pub fn name(&self) -> &str {
        match (self.subject.as_str(), self.sans.first()) {
            ("", Some(san)) => san,
            ("", None) => &self.serial,
            (subject, _) => subject,
        }
    }
}

/// A certificate and the ones that vouch for it: the leaf first, each next one the issuer of the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// At least one certificate, leaf first.
    pub certificates: Vec<Certificate>,
    /// Whether the order had to be changed.
    pub reordered: bool,
}

impl Chain {
    /// The certificate that the chain is for; `None` only in a chain put together without any.
    pub fn leaf(&self) -> Option<&Certificate> {
        self.certificates.first()
    }

    /// The last second of the leaf's validity: when the secret expires. An issuer that ends
    /// earlier is told by [`Chain::warnings`].
    pub fn expires(&self) -> Option<Timestamp> {
        self.leaf().map(|leaf| leaf.not_after)
    }
}

/// What a file of certificates holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// What the certificates say.
    pub chain: Chain,
    /// The certificates themselves as PEM and nothing else: leaf first, LF line ends.
    pub pem: String,
    /// The file holds a private key too, which was left out.
    pub contains_private_key: bool,
}

#[cfg(test)]
mod tests;
