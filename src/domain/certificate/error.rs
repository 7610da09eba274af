//! Why a file is refused, in words that say what to do.

use super::found::Found;
use super::{MAX_BYTES, MAX_CERTIFICATES};

/// Characters of eight bytes in hex, with a colon between them.
const SHORT: usize = 23;

/// Why no certificate can be read. The message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// There is nothing but blank space.
    #[error("This file is empty: choose the file of the certificate.")]
    Empty,
    /// More than [`MAX_BYTES`], as it came or as PEM.
    #[error("Choose a smaller file: this one has {0} bytes, and {MAX_BYTES} is the most.")]
    TooLarge(usize),
    /// More than [`MAX_CERTIFICATES`].
    #[error("Leave only the certificate and its issuers: there are more than {MAX_CERTIFICATES} certificates here.")]
    TooMany,
    /// A `-----BEGIN` without its `-----END`, or one of them mangled.
    #[error("Copy it again, from the first -----BEGIN line to the last -----END line: one is missing or damaged.")]
    Cut,
    /// Between the right lines stands no certificate.
    #[error("Get certificate {number} of this file again: it is damaged.")]
    Damaged {
        /// Which, counted from 1.
        number: usize,
    },
    /// The file holds something else.
    #[error("{}", .0.instead_of_certificate())]
    Instead(Found),
    /// Two certificates that issued no other.
    #[error("Keep one certificate and its issuers: \"{first}\" and \"{second}\" do not belong together.")]
    SeveralLeaves {
        /// The name of one.
        first: String,
        /// The name of another.
        second: String,
    },
    /// Each certificate issued another, so that none is the leaf.
    #[error(
        "Keep one certificate and its issuers: \"{name}\" and others here name each other as issuers, in a circle."
    )]
    Circle {
        /// The name of one of them.
        name: String,
    },
    /// A certificate that is no issuer on the way up from the leaf.
    #[error("Remove \"{name}\", or add what links it to \"{leaf}\": it is not in that certificate's chain.")]
    Stranger {
        /// Its name.
        name: String,
        /// The name of the leaf.
        leaf: String,
    },
}

/// Why a private key cannot be read or does not belong. The message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is nothing but blank space.
    #[error("This file is empty: choose the file of the private key.")]
    Empty,
    /// More than [`MAX_BYTES`], as it came or as PEM.
    #[error("Choose a smaller file: this one has {0} bytes, and {MAX_BYTES} is the most.")]
    TooLarge(usize),
    /// A `-----BEGIN` without its `-----END`, or one of them mangled.
    #[error("Copy it again, from the first -----BEGIN line to the last -----END line: one is missing or damaged.")]
    Cut,
    /// Between the right lines stands no private key.
    #[error("Get this private key again: it is damaged.")]
    Damaged,
    /// The file holds something else.
    #[error("{}", .0.instead_of_key())]
    Instead(Found),
    /// More than one private key.
    #[error("Leave only the private key of the certificate: there are {0} private keys here.")]
    Several(usize),
    /// Its public key, which tells whether it belongs to a certificate, cannot be told.
    #[error("Use an RSA, EC (P-256, P-384, P-521) or Ed25519 key: {0} is not supported.")]
    Unsupported(String),
    /// An elliptic-curve key in SEC1 form without the name of its curve.
    #[error("Turn this key into PKCS#8 with the tool that made it: it has no name of its curve.")]
    NoCurve,
    /// The public key stored along with it is not its own.
    #[error("Get this private key again: the public key inside it belongs to another.")]
    Inconsistent,
    /// It is not the key of the certificate.
    #[error(
        "This key belongs to another certificate: choose this one's.\nCertificate  {}\nThis key     {}",
        short(.certificate_fingerprint), short(.key_fingerprint)
    )]
    Mismatch {
        /// SHA-256 of the certificate's SubjectPublicKeyInfo.
        certificate_fingerprint: String,
        /// SHA-256 of the private key's SubjectPublicKeyInfo.
        key_fingerprint: String,
    },
}

/// The first eight bytes of a fingerprint: enough to tell two apart, and they fit a line.
fn short(fingerprint: &str) -> String {
    fingerprint.get(..SHORT).map_or_else(|| fingerprint.to_owned(), |start| format!("{start}:…"))
}
