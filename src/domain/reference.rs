//! References to secrets: how scripts and applications name what they need.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::SecretId;

/// What every written reference begins with.
pub const SCHEME: &str = "strongroom://";

/// One secret, as a person or a script names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SecretRef {
    /// By its identity.
    Id(SecretId),
    /// By its name; what looks like an id is one when no secret is called so.
    Named(Box<str>),
}

impl From<SecretId> for SecretRef {
    fn from(id: SecretId) -> Self {
        Self::Id(id)
    }
}

impl From<&str> for SecretRef {
    fn from(name: &str) -> Self {
        Self::Named(name.into())
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Named(name) => f.write_str(name),
        }
    }
}

/// One field of one secret: `strongroom://NAME/FIELD`. In both, `%` and two hex digits stand for a byte that cannot be
/// written there, such as `%2F` for a slash. Without a field, the secret's only one is meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reference {
    /// The secret.
    pub secret: SecretRef,
    /// The field: the schema's key, the key of a pair, or a file name.
    pub field: Option<Box<str>>,
}

/// The text is not a reference. The message says what one looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAReference {
    /// It does not begin so.
    #[error("a reference looks like strongroom://NAME/FIELD")]
    Scheme,
    /// The name or the field is empty.
    #[error("a reference names a secret and, after a slash, a field: strongroom://NAME/FIELD")]
    Empty,
    /// More slashes than one.
    #[error("a slash within a name or a field is written %2F")]
    Slash,
    /// A percent sign without two hex digits that give text.
    #[error("a percent sign is written %25, and stands for two hex digits otherwise")]
    Percent,
}

impl FromStr for Reference {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Self, NotAReference> {
        let rest = text.strip_prefix(SCHEME).ok_or(NotAReference::Scheme)?;
        let (name, field) = rest.split_once('/').map_or((rest, None), |(name, field)| (name, Some(field)));
        if name.is_empty() || field.is_some_and(str::is_empty) {
            return Err(NotAReference::Empty);
        }
        if field.is_some_and(|field| field.contains('/')) {
            return Err(NotAReference::Slash);
        }
        Ok(Self { secret: SecretRef::Named(unescape(name)?), field: field.map(unescape).transpose()? })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", escape(&self.secret.to_string()))?;
        self.field.as_ref().map_or(Ok(()), |field| write!(f, "/{}", escape(field)))
    }
}

fn unescape(text: &str) -> Result<Box<str>, NotAReference> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        let (high, low) = digit().zip(digit()).ok_or(NotAReference::Percent)?;
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| NotAReference::Percent)?);
    }
    String::from_utf8(bytes).map(Into::into).map_err(|_| NotAReference::Percent)
}

/// What cannot stand in a reference, or would end it where one is written: slash, percent, braces, quotes and white space.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '/' | '%' | '{' | '}' | '"' | '\'' | '\\') || c.is_whitespace() {
            c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| out += &format!("%{byte:02X}"));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn references_are_read() {
        let read = |text: &str| text.parse::<Reference>();
        let reference =
            |name: &str, field: Option<&str>| Reference { secret: name.into(), field: field.map(Into::into) };
        assert_eq!(read("strongroom://deploy"), Ok(reference("deploy", None)));
        assert_eq!(read("strongroom://deploy/value"), Ok(reference("deploy", Some("value"))));
        assert_eq!(read("strongroom://a%2Fb/c%20d"), Ok(reference("a/b", Some("c d"))));
        assert_eq!(read("strongroom://"), Err(NotAReference::Empty));
        assert_eq!(read("strongroom://a/"), Err(NotAReference::Empty));
        assert_eq!(read("strongroom://a/b/c"), Err(NotAReference::Slash));
        assert_eq!(read("strongroom://a%2"), Err(NotAReference::Percent));
        assert_eq!(read("strongroom://%FF"), Err(NotAReference::Percent));
        assert_eq!(read("deploy/value"), Err(NotAReference::Scheme));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(name in "\\PC{1,20}", field in proptest::option::of("\\PC{1,20}")) {
            let reference = Reference { secret: name.as_str().into(), field: field.map(Into::into) };
            prop_assert_eq!(reference.to_string().parse(), Ok(reference));
        }
    }
}
