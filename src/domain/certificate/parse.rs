//! One certificate out of its DER bytes.

use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::text::{alternative_names, distinguished_name, fingerprint, hex_pairs, shown};
use super::{Certificate, public_key};
use crate::domain::Timestamp;

/// A certificate, its bytes, and what links it to others.
pub(super) struct Parsed {
    pub(super) certificate: Certificate,
    pub(super) der: Vec<u8>,
    pub(super) links: Links,
}

/// What tells who issued whom. Names are compared in full and without regard to case (RFC 5280, section 7.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Links {
    pub(super) subject: String,
    pub(super) issuer: String,
    pub(super) key_id: Option<Vec<u8>>,
    pub(super) issuer_key_id: Option<Vec<u8>>,
    pub(super) is_authority: bool,
}

/// Reads one certificate; `None` when `der` is none, or more than one.
pub(super) fn parse(der: &[u8]) -> Option<Parsed> {
    let (rest, x509) = X509Certificate::from_der(der).ok()?;
    if !rest.is_empty() {
        return None;
    }
    let subject = distinguished_name(x509.subject());
    let issuer = distinguished_name(x509.issuer());
    let certificate = certificate(&x509, &subject, &issuer)?;
    let links = links(&x509, &subject, &issuer);
    Some(Parsed { certificate, der: der.to_vec(), links })
}

fn certificate(x509: &X509Certificate<'_>, subject: &str, issuer: &str) -> Option<Certificate> {
    let sans = x509.subject_alternative_name().ok()?;
    Some(Certificate {
        subject: shown(subject),
        issuer: shown(issuer),
        sans: sans.map(|extension| alternative_names(&extension.value.general_names)).unwrap_or_default(),
        serial: serial(x509.raw_serial()),
        not_before: Timestamp(x509.validity().not_before.timestamp()),
        not_after: Timestamp(x509.validity().not_after.timestamp()),
        key: shown(&public_key::describe(x509.public_key())),
        fingerprint: fingerprint(x509.as_raw()),
        key_fingerprint: fingerprint(x509.public_key().raw),
        key_identity: public_key::identity(x509.public_key()),
    })
}

/// A zero in front only says that the number is not negative.
fn serial(bytes: &[u8]) -> String {
    match bytes {
        [0, rest @ ..] if !rest.is_empty() => hex_pairs(rest),
        bytes => hex_pairs(bytes),
    }
}

fn links(x509: &X509Certificate<'_>, subject: &str, issuer: &str) -> Links {
    let mut links = Links { subject: subject.to_lowercase(), issuer: issuer.to_lowercase(), ..Links::default() };
    for extension in x509.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(id) => links.key_id = Some(id.0.to_vec()),
            ParsedExtension::AuthorityKeyIdentifier(authority) => {
                links.issuer_key_id = authority.key_identifier.as_ref().map(|id| id.0.to_vec());
            }
            ParsedExtension::BasicConstraints(constraints) => links.is_authority = constraints.ca,
            _ => {}
        }
    }
    links
}

impl Links {
    /// Whether the subject named itself as its issuer.
    pub(super) fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    /// Whether this is the issuer of `other`, another certificate. One that names itself as its
    /// issuer has another only when the key identifiers say so: a new key signed with the old.
    pub(super) fn issued(&self, other: &Links) -> bool {
        let keys_agree = match (&self.key_id, &other.issuer_key_id) {
            (Some(key), Some(wanted)) => {
                key == wanted && (!other.is_self_issued() || other.key_id.as_ref() != Some(key))
            }
            _ => !other.is_self_issued(),
        };
        self.subject == other.issuer && keys_agree
    }
}
