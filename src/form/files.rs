//! Files that a form has read, and what it tells of them. Values are never in what it tells.

use crate::domain::certificate::{self, Bundle, Certificate, PrivateKey};
use crate::domain::keyvalue::{self, Format, Pair, Parsed};
use crate::domain::kind::Input;
use crate::domain::text::sanitize;
use crate::domain::{SecretBytes, Timestamp};

use super::FieldError;

/// Most keys that are named in a sentence.
const MOST_NAMED: usize = 5;

/// A file, or pasted content, that has been read and fits its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The file's name without its folder, fit to be shown; `None` when it was pasted.
    pub file_name: Option<String>,
    /// Its size in bytes.
    pub size: usize,
    /// What is in it.
    pub material: Material,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Material {
    /// Certificates.
    Certificate(Bundle),
    /// A private key.
    PrivateKey(PrivateKey),
    /// Keys and values.
    Pairs {
        /// The pairs, in the file's order.
        pairs: Vec<Pair>,
        /// How the file was read.
        from: Format,
        /// The keys without a value, which were left out.
        left_out: Vec<String>,
    },
    /// Any content, kept as it is.
    Whole {
        /// The name that it is kept under.
        name: String,
        /// The content.
        bytes: SecretBytes,
        /// It is JSON, but no flat object.
        nested_json: bool,
    },
}

/// One line that tells of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewLine {
    /// What it is about.
    pub label: String,
    /// What there is to tell; `None` for a value, to be shown as a mask.
    pub text: Option<String>,
}

impl Loaded {
    /// Reads `bytes` as what a field with this input takes; `None` when it takes no files.
    pub(super) fn read(input: Input, file_name: Option<&str>, bytes: SecretBytes) -> Result<Option<Self>, FieldError> {
        let size = bytes.len();
        let material = match input {
            Input::CertificateFile => Material::Certificate(certificate::read_chain(bytes.expose())?),
            Input::PrivateKeyFile => private_key(file_name, &bytes)?,
            Input::AnyFile => any_file(file_name, bytes)?,
            _ => return Ok(None),
        };
        let file_name = file_name.map(|name| sanitize(name).into_owned());
        Ok(Some(Self { file_name, size, material }))
    }

    /// The file in one line, such as `.env, 3 pairs`.
    pub fn summary(&self) -> String {
        let from = self.file_name.as_deref().unwrap_or("pasted");
        format!("{from}, {}", self.content_in_words())
    }

    /// The file in a few lines; of values, only the keys.
    pub fn preview(&self) -> Vec<PreviewLine> {
        match &self.material {
            Material::Certificate(bundle) => chain_lines(&bundle.chain),
            Material::PrivateKey(key) => vec![line("Private key", &key_in_words(key))],
            Material::Pairs { pairs, .. } => {
                pairs.iter().map(|(key, _)| PreviewLine { label: sanitize(key).into_owned(), text: None }).collect()
            }
            Material::Whole { name, .. } => vec![line(&sanitize(name), &self.content_in_words())],
        }
    }

    /// What a person should know about the file, though it is taken.
    pub(super) fn warnings(&self, now: Timestamp) -> Vec<String> {
        match &self.material {
            Material::Certificate(bundle) => bundle.warnings(now).iter().map(ToString::to_string).collect(),
            Material::Pairs { left_out, .. } => left_out_in_words(left_out).into_iter().collect(),
            Material::PrivateKey(_) | Material::Whole { .. } => Vec::new(),
        }
    }

    fn content_in_words(&self) -> String {
        match &self.material {
            Material::Certificate(bundle) => chain_in_words(&bundle.chain),
            Material::PrivateKey(key) => key_in_words(key),
            Material::Pairs { pairs, .. } if pairs.len() == 1 => "1 pair".into(),
            Material::Pairs { pairs, .. } => format!("{} pairs", pairs.len()),
            Material::Whole { nested_json: true, .. } => {
                format!("{}, kept whole: its JSON is not flat", in_bytes(self.size))
            }
            Material::Whole { .. } => format!("{}, kept whole", in_bytes(self.size)),
        }
    }
}

/// `2 empty keys left out: A, B`; `None` when there are none.
pub fn left_out_in_words(keys: &[String]) -> Option<String> {
    let named = keys.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if keys.len() > MOST_NAMED { format!(" and {} more", keys.len() - MOST_NAMED) } else { String::new() };
    match keys.len() {
        0 => None,
        1 => Some(format!("1 empty key left out: {named}")),
        count => Some(format!("{count} empty keys left out: {named}{more}")),
    }
}

fn private_key(file_name: Option<&str>, bytes: &SecretBytes) -> Result<Material, FieldError> {
    if let Some(name) = file_name.filter(|name| !name.to_ascii_lowercase().ends_with(".key")) {
        return Err(FieldError::NotAKeyFile(sanitize(name).into_owned()));
    }
    Ok(Material::PrivateKey(certificate::read_private_key(bytes.expose())?))
}

fn any_file(file_name: Option<&str>, bytes: SecretBytes) -> Result<Material, FieldError> {
    let file_name = file_name.ok_or(FieldError::NeedsFileName)?;
    Ok(match keyvalue::read_file(file_name, bytes)? {
        Parsed::Pairs { pairs, from, left_out } => Material::Pairs { pairs, from, left_out },
        Parsed::Whole { file_name, bytes, nested_json } => Material::Whole { name: file_name, bytes, nested_json },
    })
}

/// The leaf in full, then a line for each that vouches for the one before.
fn chain_lines(chain: &certificate::Chain) -> Vec<PreviewLine> {
    let Some((leaf, issuers)) = chain.certificates.split_first() else { return Vec::new() };
    let issuer = |issuer: &Certificate| {
        line("Vouched by", &format!("{}, valid until {}", issuer.subject, issuer.not_after.date()))
    };
    certificate_lines(leaf).into_iter().chain(issuers.iter().map(issuer)).collect()
}

fn certificate_lines(certificate: &Certificate) -> Vec<PreviewLine> {
    let names = certificate.sans.join(", ");
    let valid = format!("{} to {}", certificate.not_before.date(), certificate.not_after.date());
    let mut lines = vec![line("Subject", &certificate.subject)];
    if !names.is_empty() {
        lines.push(line("Names", &names));
    }
    lines.extend([
        line("Issuer", &certificate.issuer),
        line("Serial", &certificate.serial),
        line("Valid", &valid),
        line("Key", &certificate.key),
        line("SHA-256", &certificate.fingerprint),
    ]);
    lines
}

fn line(label: &str, text: &str) -> PreviewLine {
    PreviewLine { label: label.to_owned(), text: Some(text.to_owned()) }
}

/// The leaf's name, its last day and how many certificates there are.
pub(super) fn chain_in_words(chain: &certificate::Chain) -> String {
    let Some(leaf) = chain.certificates.first() else { return String::new() };
    let count = match chain.certificates.len() {
        1 => String::new(),
        count => format!(", a chain of {count}"),
    };
    format!("{}, valid until {}{count}", leaf.name(), leaf.not_after.date())
}

fn key_in_words(key: &PrivateKey) -> String {
    let encrypted = if key.encrypted { ", encrypted with a passphrase of its own" } else { "" };
    format!("{}{encrypted}", key.algorithm)
}

fn in_bytes(size: usize) -> String {
    match size {
        1 => "1 byte".into(),
        0..10_240 => format!("{size} bytes"),
        _ => format!("{} KiB", size.div_ceil(1024)),
    }
}
