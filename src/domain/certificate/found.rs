//! What a file turned out to hold instead of what was asked for.

use std::fmt;

use pkcs8::der::asn1::AnyRef;
use pkcs8::der::{Decode, Tag};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::{CertificateRevocationList, FromDer, SubjectPublicKeyInfo, X509Certificate};

use super::private_key::is_private_key;
use super::text::shown;

/// The start of a PKCS#12 file, inside its outer sequence: version 3 (RFC 7292).
const PKCS12: &[u8] = &[0x02, 0x01, 0x03, 0x30];
/// The start of a PKCS#7 file, inside its outer sequence: the identifier of signed data (RFC 2315).
const PKCS7: &[u8] = &[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];

/// What a file holds, when that is not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A certificate.
    Certificate,
    /// A private key.
    PrivateKey,
    /// A public key.
    PublicKey,
    /// A certificate signing request (PKCS#10).
    SigningRequest,
    /// A list of revoked certificates.
    RevocationList,
    /// A PKCS#12 file: certificates and keys under a passphrase.
    Pkcs12,
    /// A PKCS#7 file: certificates in an envelope.
    Pkcs7,
    /// A key of SSH's own format.
    SshKey,
    /// Text in UTF-16.
    Utf16,
    /// A PEM block with this label, sanitized.
    Block(String),
    /// Nothing that is known here.
    Unknown,
}

impl Found {
    /// What a PEM block with this label holds.
    pub(super) fn in_block(label: &str) -> Self {
        match label {
            "CERTIFICATE" | "X509 CERTIFICATE" => Self::Certificate,
            "PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY" => Self::PrivateKey,
            "PUBLIC KEY" | "RSA PUBLIC KEY" => Self::PublicKey,
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Self::SigningRequest,
            "X509 CRL" => Self::RevocationList,
            "PKCS7" | "CMS" => Self::Pkcs7,
            "OPENSSH PRIVATE KEY" => Self::SshKey,
            other => Self::Block(shown(other)),
        }
    }

    /// What a file without PEM blocks holds.
    pub(super) fn in_file(bytes: &[u8]) -> Self {
        let content = AnyRef::from_der(bytes).ok().filter(|any| any.header().tag() == Tag::Sequence);
        match content.map(|any| any.value()) {
            None if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") => Self::Utf16,
            None if bytes.starts_with(b"ssh-") || bytes.starts_with(b"ecdsa-sha2-") => Self::SshKey,
            None => Self::Unknown,
            Some(content) if content.starts_with(PKCS12) => Self::Pkcs12,
            Some(content) if content.starts_with(PKCS7) => Self::Pkcs7,
            Some(_) if is_private_key(bytes) => Self::PrivateKey,
            Some(_) if X509Certificate::from_der(bytes).is_ok() => Self::Certificate,
            Some(_) if X509CertificationRequest::from_der(bytes).is_ok() => Self::SigningRequest,
            Some(_) if CertificateRevocationList::from_der(bytes).is_ok() => Self::RevocationList,
            Some(_) if SubjectPublicKeyInfo::from_der(bytes).is_ok() => Self::PublicKey,
            Some(_) => Self::Unknown,
        }
    }

    pub(super) fn instead_of_certificate(&self) -> String {
        let advice = match self {
            Self::PrivateKey | Self::PublicKey => "choose the certificate that belongs to it",
            Self::SigningRequest => "choose the certificate that the authority made from it",
            Self::Pkcs12 => "take the certificates out with `openssl pkcs12 -in FILE -nokeys`",
            Self::Pkcs7 => "take the certificates out with `openssl pkcs7 -in FILE -print_certs`",
            Self::Utf16 => "save it as UTF-8",
            _ => "choose a file that starts with -----BEGIN CERTIFICATE-----, or its DER form",
        };
        format!("This is {self}, not a certificate: {advice}.")
    }

    pub(super) fn instead_of_key(&self) -> String {
        let advice = match self {
            Self::Certificate | Self::PublicKey | Self::SigningRequest => "choose the private key that belongs to it",
            Self::Pkcs12 => "take the key out with `openssl pkcs12 -in FILE -nocerts`",
            Self::SshKey => "turn a copy of the private key into PKCS#8 with `ssh-keygen -p -m PKCS8 -f COPY`",
            Self::Utf16 => "save it as UTF-8",
            _ => "choose a file with a line -----BEGIN … PRIVATE KEY-----, or its DER form",
        };
        format!("This is {self}, not the private key of a certificate: {advice}.")
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => "a certificate",
            Self::PrivateKey => "a private key",
            Self::PublicKey => "a public key",
            Self::SigningRequest => "a certificate signing request",
            Self::RevocationList => "a list of revoked certificates",
            Self::Pkcs12 => "a PKCS#12 file",
            Self::Pkcs7 => "a PKCS#7 file",
            Self::SshKey => "an SSH key",
            Self::Utf16 => "text in UTF-16",
            Self::Block(label) => return write!(f, "\"{label}\""),
            Self::Unknown => "an unknown kind of file",
        })
    }
}
