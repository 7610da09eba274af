//! What the fields of a form hold.

use crate::domain::certificate::{self, Chain};
use crate::domain::kind::{Field, Input};
use crate::domain::{Header, Part, SecretBytes, Timestamp};

use super::files::Loaded;

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A line of text that is not secret.
    Text(String),
    /// A secret; when editing, an empty one means that the stored one stays.
    Secret(SecretBytes),
    /// Yes or no.
    Flag(bool),
    /// The option chosen, by its index.
    Choice(usize),
    /// Keys and values; at least one row, perhaps a blank one.
    Pairs(Vec<Row>),
    /// A file.
    File(FileContent),
    /// The end that the certificate sets; `None` until there is one.
    Derived(Option<Timestamp>),
}

/// A key and its value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    pub(super) key: String,
    pub(super) value: SecretBytes,
    /// The key of the stored pair that this row stands for.
    pub(super) stored: Option<Box<str>>,
}

impl Row {
    /// The key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The value as typed; empty when the stored one stays.
    pub fn value(&self) -> &SecretBytes {
        &self.value
    }

    /// Whether the stored value stays as it is.
    pub fn is_kept(&self) -> bool {
        self.value.is_empty() && self.stored.as_deref() == Some(&*self.key)
    }

    /// Whether nothing was entered: such rows do not count.
    pub fn is_blank(&self) -> bool {
        self.key.is_empty() && self.value.is_empty() && self.stored.is_none()
    }
}

/// A file field: the path being typed, and what it holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileContent {
    /// The path as typed so far; emptied when the file has been loaded.
    pub typed: String,
    /// What the field holds, whatever is being typed.
    pub held: Held,
}

/// What a file field holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Held {
    /// Nothing.
    #[default]
    Nothing,
    /// What is stored stays.
    Kept(Kept),
    /// A file that has been read.
    Loaded(Box<Loaded>),
}

/// A stored file that stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The name of its part, or the schema's key of the field.
    pub name: Box<str>,
    /// The certificates, in a certificate field.
    pub chain: Option<Chain>,
}

impl Content {
    /// What a field holds in a new form.
    pub(super) fn empty(spec: &Field) -> Self {
        match spec.input {
            Input::Name | Input::HeaderName | Input::Text | Input::Scopes | Input::Url | Input::Expiration => {
                Self::Text(String::new())
            }
            Input::Secret | Input::HeaderValue => Self::Secret(SecretBytes::default()),
            Input::WriteOnly => Self::Flag(false),
            Input::Choice(_) => Self::Choice(0),
            Input::Pairs => Self::Pairs(vec![Row::default()]),
            Input::CertificateFile | Input::PrivateKeyFile | Input::AnyFile => Self::File(FileContent::default()),
            Input::ExpirationFromCertificate => Self::Derived(None),
        }
    }

    /// What a field holds when the secret under `header` is going to be edited.
    pub(super) fn of(spec: &Field, header: &Header) -> Self {
        let public = || header.public(spec.key).unwrap_or_default();
        match spec.input {
            Input::Name => Self::Text(header.name.to_string()),
            Input::HeaderName | Input::Text | Input::Scopes | Input::Url => Self::Text(public().to_owned()),
            Input::Expiration => Self::Text(header.expires.map(|end| end.date().to_string()).unwrap_or_default()),
            Input::ExpirationFromCertificate => Self::Derived(header.expires),
            Input::WriteOnly => Self::Flag(header.write_only),
            Input::Choice(options) => {
                Self::Choice(options.iter().position(|(key, _)| *key == public()).unwrap_or_default())
            }
            Input::Pairs => Self::Pairs(stored_rows(header)),
            Input::CertificateFile | Input::PrivateKeyFile | Input::AnyFile => {
                let held = stored_file(spec, header).map_or(Held::Nothing, Held::Kept);
                Self::File(FileContent { typed: String::new(), held })
            }
            Input::Secret | Input::HeaderValue => Self::empty(spec),
        }
    }

    /// The text, of a text field.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The file, of a file field.
    pub(super) fn file(&self) -> Option<&FileContent> {
        match self {
            Self::File(file) => Some(file),
            _ => None,
        }
    }

    /// What is stored, of a file field where it stays.
    pub(super) fn kept(&self) -> Option<&Kept> {
        match &self.file()?.held {
            Held::Kept(kept) => Some(kept),
            _ => None,
        }
    }
}

/// Whether the value under `header` is a whole file: the choice stands where the schema asks for one.
fn holds_whole_file(header: &Header) -> bool {
    let whole = header.kind.schema().with_input(Input::AnyFile).and_then(|field| field.when);
    whole.is_some_and(|(choice, option)| header.public(choice) == Some(option))
}

fn stored_rows(header: &Header) -> Vec<Row> {
    if holds_whole_file(header) || header.parts.is_empty() {
        return vec![Row::default()];
    }
    let row = |part: &Part| Row {
        key: part.name.to_string(),
        value: SecretBytes::default(),
        stored: Some(part.name.clone()),
    };
    header.parts.iter().map(row).collect()
}

fn stored_file(spec: &Field, header: &Header) -> Option<Kept> {
    let kept = |part: &Part| Kept { name: part.name.clone(), chain: None };
    match spec.input {
        Input::CertificateFile => {
            let chain = certificate::read_chain(header.public(spec.key)?.as_bytes()).ok().map(|bundle| bundle.chain);
            Some(Kept { name: spec.key.into(), chain })
        }
        Input::AnyFile if holds_whole_file(header) => header.parts.first().map(kept),
        Input::PrivateKeyFile => header.parts.iter().find(|part| &*part.name == spec.key).map(kept),
        _ => None,
    }
}
