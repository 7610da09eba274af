//! Private keys: read just far enough to tell whether they belong to a certificate.

use ed25519_dalek::SigningKey;
use pkcs1::{RsaPrivateKeyRef, RsaPublicKeyRef};
use pkcs8::der::asn1::{AnyRef, BitStringRef, OctetStringRef};
use pkcs8::der::{self, Decode, Encode, Header, Reader, SliceReader};
use pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use sec1::EcPrivateKey;
use x509_parser::prelude::{FromDer, SubjectPublicKeyInfo};

use super::found::Found;
use super::public_key::{self, compressed};
use super::text::{fingerprint, shown};
use super::{Chain, KeyError, MAX_BYTES, pem};
use crate::domain::SecretBytes;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
/// Where the schemes of PKCS#5 and PKCS#12 for encrypted keys are registered.
const ENCRYPTION_SCHEMES: [&str; 2] = ["1.2.840.113549.1.5.", "1.2.840.113549.1.12.1."];
/// What an encrypted key says of itself.
const UNKNOWN: &str = "unknown algorithm";

/// A private key. `Debug` shows everything but the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateKey {
    /// Algorithm and size, such as `RSA 2048`; `unknown algorithm` where the encryption hides it.
    pub algorithm: String,
    /// It is encrypted with a passphrase of its own.
    pub encrypted: bool,
    /// SHA-256 of its SubjectPublicKeyInfo, hex pairs with colons; `None` when it is encrypted.
    pub key_fingerprint: Option<String>,
    /// What it is matched by, however its point is written; `None` when it is encrypted.
    key_identity: Option<String>,
    /// The key as PEM and nothing else, in the form that it came in, with LF line ends.
    pub pem: SecretBytes,
}

/// Reads the private key of a file: PEM with any text around it, or DER; PKCS#8 (version 1 or 2,
/// plain or encrypted), PKCS#1 or SEC1. Other blocks in the file, such as certificates, are left out.
///
/// # Errors
/// When there is no private key or more than one, when it is damaged, or when its public key
/// cannot be told. The message says what to do.
pub fn read_private_key(bytes: &[u8]) -> Result<PrivateKey, KeyError> {
    check_size(bytes)?;
    let blocks = pem::blocks(bytes).map_err(|_| KeyError::Cut)?;
    let keys: Vec<_> = blocks.iter().filter(|block| Found::in_block(block.label) == Found::PrivateKey).collect();
    let key = match (keys.as_slice(), blocks.as_slice()) {
        ([key], _) => read_block(key)?,
        ([], []) if is_private_key(bytes) => read_plain(bytes)?,
        ([], []) => return Err(KeyError::Instead(Found::in_file(bytes))),
        ([], [first, ..]) => return Err(KeyError::Instead(Found::in_block(first.label))),
        (several, _) => return Err(KeyError::Several(several.len())),
    };
    // DER grows as PEM, and what is stored must be read again.
    check_size(key.pem.expose())?;
    Ok(key)
}

/// Checks that `key` is the key of the leaf. An encrypted key passes: it cannot be told.
///
/// # Errors
/// [`KeyError::Mismatch`] with both fingerprints.
pub fn check_belongs(key: &PrivateKey, chain: &Chain) -> Result<(), KeyError> {
    match (&key.key_identity, chain.leaf()) {
        (Some(identity), Some(leaf)) if *identity != leaf.key_identity => Err(KeyError::Mismatch {
            certificate_fingerprint: leaf.key_fingerprint.clone(),
            key_fingerprint: key.key_fingerprint.clone().unwrap_or_default(),
        }),
        _ => Ok(()),
    }
}

fn check_size(bytes: &[u8]) -> Result<(), KeyError> {
    match bytes.len() {
        0..=MAX_BYTES if bytes.trim_ascii().is_empty() => Err(KeyError::Empty),
        0..=MAX_BYTES => Ok(()),
        length => Err(KeyError::TooLarge(length)),
    }
}

fn read_block(block: &pem::Block<'_>) -> Result<PrivateKey, KeyError> {
    let decoded = block.decode().ok_or(KeyError::Damaged)?;
    if decoded.headers.is_empty() {
        return read_plain(&decoded.der);
    }
    let header = |name: &str| decoded.headers.iter().copied().find(|header| header.starts_with(name));
    match (header("Proc-Type:"), header("DEK-Info:")) {
        (Some(kind), Some(cipher)) if kind.ends_with("ENCRYPTED") => {
            let pem = to_pem(block.label, &[kind, cipher], &decoded.der);
            let algorithm = block.label.strip_suffix(" PRIVATE KEY").unwrap_or(UNKNOWN).to_owned();
            Ok(PrivateKey { algorithm, encrypted: true, key_fingerprint: None, key_identity: None, pem })
        }
        _ => read_plain(&decoded.der),
    }
}

/// The forms that a key may have; what stands inside tells them apart, whatever a label says.
enum Form<'a> {
    Pkcs8(PrivateKeyInfoRef<'a>),
    EncryptedPkcs8,
    Pkcs1(RsaPrivateKeyRef<'a>),
    Sec1(EcPrivateKey<'a>),
}

impl<'a> Form<'a> {
    fn of(der: &'a [u8]) -> Option<Self> {
        PrivateKeyInfoRef::from_der(der)
            .map(Self::Pkcs8)
            .or_else(|_| RsaPrivateKeyRef::from_der(der).map(Self::Pkcs1))
            .or_else(|_| EcPrivateKey::from_der(der).map(Self::Sec1))
            .ok()
            .or_else(|| is_encrypted(der).then_some(Self::EncryptedPkcs8))
    }

    fn label(&self) -> &'static str {
        match self {
            Self::Pkcs8(_) => "PRIVATE KEY",
            Self::EncryptedPkcs8 => "ENCRYPTED PRIVATE KEY",
            Self::Pkcs1(_) => "RSA PRIVATE KEY",
            Self::Sec1(_) => "EC PRIVATE KEY",
        }
    }

    /// The SubjectPublicKeyInfo in DER; `None` when it is encrypted.
    fn public_key(&self) -> Result<Option<Vec<u8>>, KeyError> {
        match self {
            Self::Pkcs8(info) => pkcs8_public(info).map(Some),
            Self::EncryptedPkcs8 => Ok(None),
            Self::Pkcs1(key) => rsa_public(plain_rsa(), key).map(Some),
            Self::Sec1(key) => {
                let curve = key.parameters.and_then(|parameters| parameters.named_curve());
                ec_public(curve.ok_or(KeyError::NoCurve)?, key).map(Some)
            }
        }
    }
}

/// Whether `der` is a private key in one of the forms taken here.
pub(super) fn is_private_key(der: &[u8]) -> bool {
    Form::of(der).is_some()
}

/// Whether `der` is an `EncryptedPrivateKeyInfo` (RFC 5958): a scheme that is known for it, then an octet string.
fn is_encrypted(der: &[u8]) -> bool {
    let scheme = || -> der::Result<ObjectIdentifier> {
        let mut reader = SliceReader::new(der)?;
        Header::decode(&mut reader)?.tag().assert_eq(der::Tag::Sequence)?;
        let scheme = AlgorithmIdentifierRef::decode(&mut reader)?.oid;
        <&OctetStringRef>::decode(&mut reader)?;
        reader.finish()?;
        Ok(scheme)
    };
    scheme().is_ok_and(|oid| ENCRYPTION_SCHEMES.iter().any(|arc| oid.to_string().starts_with(arc)))
}

fn read_plain(der: &[u8]) -> Result<PrivateKey, KeyError> {
    let form = Form::of(der).ok_or(KeyError::Damaged)?;
    let public = form.public_key()?;
    let key = public.as_deref().map(SubjectPublicKeyInfo::from_der).transpose().map_err(damaged)?;
    let key = key.map(|(_, key)| key);
    Ok(PrivateKey {
        algorithm: key.as_ref().map_or_else(|| UNKNOWN.to_owned(), |key| shown(&public_key::describe(key))),
        encrypted: key.is_none(),
        key_fingerprint: key.as_ref().map(|key| fingerprint(key.raw)),
        key_identity: key.as_ref().map(public_key::identity),
        pem: to_pem(form.label(), &[], der),
    })
}

fn to_pem(label: &str, headers: &[&str], der: &[u8]) -> SecretBytes {
    let mut pem = SecretBytes::default();
    pem::write(label, headers, der, |piece| pem.push(piece.as_bytes()));
    pem
}

fn pkcs8_public(info: &PrivateKeyInfoRef<'_>) -> Result<Vec<u8>, KeyError> {
    let inside = info.private_key.as_bytes();
    match info.algorithm.oid {
        RSA => rsa_public(plain_rsa(), &RsaPrivateKeyRef::from_der(inside).map_err(damaged)?),
        RSA_PSS => rsa_public(info.algorithm, &RsaPrivateKeyRef::from_der(inside).map_err(damaged)?),
        EC => {
            let unnamed = |_| KeyError::Unsupported("a curve given by its parameters".into());
            let curve = info.algorithm.parameters_oid().map_err(unnamed)?;
            ec_public(curve, &EcPrivateKey::from_der(inside).map_err(damaged)?)
        }
        ED25519 => ed25519_public(info),
        other => match info.public_key.and_then(|public| public.as_bytes()) {
            Some(public) => public_info(info.algorithm, public),
            None => Err(unsupported(other)),
        },
    }
}

fn plain_rsa() -> AlgorithmIdentifierRef<'static> {
    AlgorithmIdentifierRef { oid: RSA, parameters: Some(AnyRef::NULL) }
}

fn rsa_public(algorithm: AlgorithmIdentifierRef<'_>, key: &RsaPrivateKeyRef<'_>) -> Result<Vec<u8>, KeyError> {
    let public: RsaPublicKeyRef<'_> = key.public_key();
    public_info(algorithm, &public.to_der().map_err(damaged)?)
}

/// The public key is computed where the curve is known here, or else taken from inside `key`.
fn ec_public(curve: ObjectIdentifier, key: &EcPrivateKey<'_>) -> Result<Vec<u8>, KeyError> {
    let secret = key.private_key;
    let computed = match curve {
        P256 => Some(p256::SecretKey::from_slice(secret).map(|key| key.public_key().to_sec1_bytes())),
        P384 => Some(p384::SecretKey::from_slice(secret).map(|key| key.public_key().to_sec1_bytes())),
        P521 => Some(p521::SecretKey::from_slice(secret).map(|key| key.public_key().to_sec1_bytes())),
        _ => None,
    };
    let algorithm = AlgorithmIdentifierRef { oid: EC, parameters: Some(AnyRef::from(&curve)) };
    match (computed.transpose().map_err(damaged)?, key.public_key) {
        (Some(own), Some(stored)) if !is_same_point(stored, &own) => Err(KeyError::Inconsistent),
        (Some(own), _) => public_info(algorithm, &own),
        (None, Some(stored)) => public_info(algorithm, stored),
        (None, None) => Err(unsupported(curve)),
    }
}

/// Whether both are one point, though perhaps one of them is compressed.
fn is_same_point(a: &[u8], b: &[u8]) -> bool {
    if a.len() == b.len() { a == b } else { compressed(a) == compressed(b) }
}

/// The seed stands in an octet string inside the octet string (RFC 8410, section 7).
fn ed25519_public(info: &PrivateKeyInfoRef<'_>) -> Result<Vec<u8>, KeyError> {
    let seed = <&OctetStringRef>::from_der(info.private_key.as_bytes()).map_err(damaged)?;
    let own = SigningKey::from_bytes(seed.as_bytes().try_into().map_err(damaged)?).verifying_key();
    match info.public_key {
        Some(stored) if stored.as_bytes() != Some(own.as_bytes()) => Err(KeyError::Inconsistent),
        _ => public_info(info.algorithm, own.as_bytes()),
    }
}

fn public_info(algorithm: AlgorithmIdentifierRef<'_>, public: &[u8]) -> Result<Vec<u8>, KeyError> {
    let subject_public_key = BitStringRef::from_bytes(public).map_err(damaged)?;
    SubjectPublicKeyInfoRef { algorithm, subject_public_key }.to_der().map_err(damaged)
}

fn unsupported(algorithm: ObjectIdentifier) -> KeyError {
    KeyError::Unsupported(public_key::name_of(&algorithm.to_string()).to_owned())
}

/// What the parsers say is for programmers, and could tell of the key.
fn damaged<E>(_: E) -> KeyError {
    KeyError::Damaged
}
