//! The rules of the schema, kept at the door: forms say them beside the field, this is for whoever comes without one.

use super::VaultError;
use crate::domain::certificate::{Chain, check_belongs, read_chain, read_private_key};
use crate::domain::kind::{Field, Input, Schema};
use crate::domain::text::{check_name, check_text, check_value_size};
use crate::domain::web::{check_header_name, check_header_value, check_scope, check_url, split_scopes};
use crate::domain::{Kind, PublicField, Timestamp, Value};

/// Most parts of one value.
const MAX_PARTS: usize = 1024;
/// Most bytes of all parts together.
const MAX_TOTAL: usize = 4 * 1024 * 1024;

/// From when to when a secret is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dates {
    /// Until the end of this second; `None` is never.
    pub(super) expires: Option<Timestamp>,
    /// Not before this second.
    pub(super) not_before: Option<Timestamp>,
}

/// Whether the fields that are not secret are those of the type, each once, and keep their rules.
///
/// # Errors
/// [`VaultError::Invalid`].
pub(super) fn check_public(kind: Kind, public: &[PublicField]) -> Result<(), VaultError> {
    let schema = kind.schema();
    for (n, PublicField { key, text }) in public.iter().enumerate() {
        let known = schema.field(key).filter(|field| is_public(field));
        let field = known
            .ok_or_else(|| VaultError::invalid(key, format!("Leave it out: {} has no such field.", schema.label)))?;
        if public[..n].iter().any(|other| other.key == *key) {
            return Err(VaultError::invalid(key, "Give it only once."));
        }
        check_field(field, text).map_err(|cause| VaultError::invalid(key, cause))?;
    }
    match missing(schema, public) {
        Some(field) => Err(VaultError::invalid(field.key, format!("Required: give the {}.", field.label))),
        None => Ok(()),
    }
}

/// Whether the text of `field` is kept among the fields that are not secret; some have a place of their own.
fn is_public(field: &Field) -> bool {
    let kept = matches!(field.input, Input::HeaderName | Input::Text | Input::Url | Input::Scopes | Input::Choice(_));
    !field.secret && (kept || field.input == Input::CertificateFile)
}

/// The first field that must be there and is not. A way to go on has a first option, which is taken unless another is named.
fn missing(schema: &'static Schema, public: &[PublicField]) -> Option<&'static Field> {
    let needed = |field: &&Field| field.required && is_public(field) && !matches!(field.input, Input::Choice(_));
    schema.fields.iter().filter(needed).find(|field| !public.iter().any(|given| *given.key == *field.key))
}

fn check_field(field: &Field, text: &str) -> Result<(), String> {
    match field.input {
        Input::HeaderName => check_header_name(text).map_err(|error| error.to_string()),
        Input::Url => check_url(text).map_err(|error| error.to_string()),
        Input::Scopes => split_scopes(text).into_iter().try_for_each(check_scope).map_err(|error| error.to_string()),
        Input::Choice(options) if options.iter().all(|(key, _)| *key != text) => {
            let known = options.iter().map(|(key, _)| *key).collect::<Vec<_>>().join(" or ");
            Err(format!("Use {known}."))
        }
        Input::Text => check_text(text).map_err(|error| error.to_string()),
        _ => Ok(()),
    }
}

/// Whether the value can be stored: the parts of its type, each with a name of its own, none empty, not too many nor too
/// large.
///
/// # Errors
/// [`VaultError::Invalid`].
pub(super) fn check_parts(kind: Kind, value: &Value) -> Result<(), VaultError> {
    let schema = kind.schema();
    let field = schema.fields.iter().find(|field| field.secret).map_or("value", |field| field.key);
    let invalid = |cause: String| VaultError::invalid(field, cause);
    let needs_one = schema.fields.iter().any(|field| field.secret && field.required);
    if value.0.is_empty() && needs_one {
        return Err(invalid("Give it a value: an empty one is of no use.".into()));
    }
    if value.0.len() > MAX_PARTS {
        return Err(invalid(format!("Use at most {MAX_PARTS} keys.")));
    }
    for (n, (name, bytes)) in value.0.iter().enumerate() {
        check_part_name(schema, name)?;
        check_value_size(bytes.len()).map_err(|error| invalid(error.to_string()))?;
        if schema.field_of_part(name).is_some_and(|field| field.input == Input::HeaderValue) {
            check_header_value(bytes.expose()).map_err(|error| VaultError::invalid(name, error.to_string()))?;
        }
        if value.0[..n].iter().any(|(other, _)| other == name) {
            return Err(invalid(format!("Use the key {name} only once.")));
        }
    }
    let total: usize = value.0.iter().map(|(_, bytes)| bytes.len()).sum();
    if total > MAX_TOTAL {
        return Err(invalid(format!("Use smaller values: {total} bytes together, and {MAX_TOTAL} is the most.")));
    }
    Ok(())
}

/// Parts are called as the schema's secret fields are; in a type of free pairs, as a person likes.
fn check_part_name(schema: &Schema, name: &str) -> Result<(), VaultError> {
    check_name(name).map_err(|error| VaultError::invalid(name, error.to_string()))?;
    let is_free = schema.fields.iter().any(|field| matches!(field.input, Input::Pairs | Input::AnyFile));
    if is_free || schema.field(name).is_some_and(|field| field.secret) {
        return Ok(());
    }
    Err(VaultError::invalid(name, format!("Leave it out: the value of {} has no such part.", schema.label)))
}

/// Whether secrets of this type have a certificate.
pub(super) fn has_certificate(kind: Kind) -> bool {
    kind.schema().fields.iter().any(|field| field.input == Input::CertificateFile)
}

/// The certificate among the fields of a secret, for a type that has one.
///
/// # Errors
/// [`VaultError::Invalid`] when it is none.
fn chain(kind: Kind, public: &[PublicField]) -> Result<Option<Chain>, VaultError> {
    let certificate = kind.schema().fields.iter().find(|field| field.input == Input::CertificateFile);
    let Some(text) = certificate.and_then(|field| public.iter().find(|given| *given.key == *field.key)) else {
        return Ok(None);
    };
    let bundle = read_chain(text.text.as_bytes()).map_err(|error| VaultError::invalid(&text.key, error.to_string()))?;
    Ok(Some(bundle.chain))
}

/// The dates of a secret, and whether its private key is encrypted: a certificate tells them itself, whatever is `told`.
///
/// # Errors
/// [`VaultError::Invalid`] when the certificate or the key is none, or when the key belongs to another certificate.
pub(super) fn certified(
    kind: Kind,
    public: &[PublicField],
    value: &Value,
    told: Dates,
) -> Result<(Dates, bool), VaultError> {
    let Some(chain) = chain(kind, public)? else { return Ok((told, false)) };
    let dates = Dates { expires: chain.expires(), not_before: chain.leaf().map(|leaf| leaf.not_before) };
    let field = kind.schema().fields.iter().find(|field| field.input == Input::PrivateKeyFile);
    let Some((field, bytes)) = field.and_then(|field| Some((field, value.part(field.key)?))) else {
        return Ok((dates, false));
    };
    let invalid = |cause: String| VaultError::invalid(field.key, cause);
    let key = read_private_key(bytes.expose()).map_err(|error| invalid(error.to_string()))?;
    check_belongs(&key, &chain).map_err(|error| invalid(error.to_string()))?;
    Ok((dates, key.encrypted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SecretBytes;

    const CERTIFICATE: &str = include_str!("demo/gateway.pem");
    const KEY: &str = include_str!("demo/gateway.key");
    const NEVER: Dates = Dates { expires: None, not_before: None };

    fn public(fields: &[(&str, &str)]) -> Vec<PublicField> {
        fields.iter().map(|&(key, text)| PublicField { key: key.into(), text: text.into() }).collect()
    }

    fn refused(kind: Kind, fields: &[(&str, &str)]) -> Option<String> {
        match check_public(kind, &public(fields)) {
            Err(VaultError::Invalid { field, .. }) => Some(field.into()),
            _ => None,
        }
    }

    fn parts(parts: &[(&str, &str)]) -> Value {
        Value(parts.iter().map(|&(name, text)| (name.into(), SecretBytes::from(text))).collect())
    }

    #[test]
    fn fields_keep_their_rules_without_a_form() {
        assert_eq!(refused(Kind::ApiKey, &[("header_name", "Authorization")]), None);
        assert_eq!(refused(Kind::ApiKey, &[("header_name", "Authoriz ation")]).unwrap(), "header_name");
        let client = |key: &'static str, text: &'static str| {
            refused(Kind::ClientCredentials, &[("client_id", "me"), (key, text)])
        };
        assert_eq!(client("scopes", "profile iam.role"), None);
        assert_eq!(client("scopes", "pro\\file").unwrap(), "scopes");
        assert_eq!(client("token_url", "http://example.com/token").unwrap(), "token_url");
        assert_eq!(refused(Kind::ClientCredentials, &[("client_id", "two\nlines")]).unwrap(), "client_id");
        assert_eq!(refused(Kind::KeyValue, &[("method", "guess")]).unwrap(), "method");
        assert_eq!(refused(Kind::KeyValue, &[]), None, "the first way is taken");
    }

    #[test]
    fn fields_are_those_of_the_type_each_once_and_none_is_missing() {
        assert_eq!(refused(Kind::ApiKey, &[]).unwrap(), "header_name");
        assert_eq!(refused(Kind::Certificate, &[]).unwrap(), "certificate");
        let header = ("header_name", "X-Key");
        assert_eq!(refused(Kind::ApiKey, &[header, header]).unwrap(), "header_name");
        for stranger in ["\u{1b}[2J", "client_id", "value", "expires", "write_only"] {
            assert_eq!(refused(Kind::ApiKey, &[header, (stranger, "x")]).unwrap(), stranger);
        }
    }

    #[test]
    fn parts_are_those_of_the_type() {
        assert!(check_parts(Kind::ApiKey, &parts(&[("value", "1")])).is_ok());
        assert!(check_parts(Kind::ApiKey, &parts(&[("header_name", "1")])).is_err());
        assert!(check_parts(Kind::ApiKey, &parts(&[("value", "Bearer abc\ndef")])).is_err(), "a header is one line");
        assert!(check_parts(Kind::KeyValue, &parts(&[("value", "two\nlines")])).is_ok(), "a pair is not");
        assert!(check_parts(Kind::Certificate, &parts(&[])).is_ok(), "the key is optional");
        assert!(check_parts(Kind::KeyValue, &parts(&[("ANY", "1")])).is_ok());
        assert!(check_parts(Kind::KeyValue, &parts(&[("A\u{202e}", "1")])).is_err());
    }

    #[test]
    fn a_certificate_tells_its_own_dates_and_knows_its_key() {
        let public = public(&[("certificate", CERTIFICATE)]);
        let told = Dates { expires: Some(Timestamp(i64::MAX)), ..NEVER };
        let (dates, encrypted) = certified(Kind::Certificate, &public, &parts(&[("private_key", KEY)]), told).unwrap();
        assert!(dates.expires < told.expires && dates.not_before.is_some() && !encrypted);
        for key in ["no key", include_str!("../../tests/fixtures/ec-p256-pkcs8.key")] {
            let other = certified(Kind::Certificate, &public, &parts(&[("private_key", key)]), NEVER);
            assert!(matches!(other, Err(VaultError::Invalid { field, .. }) if &*field == "private_key"));
        }
        let none = certified(Kind::Certificate, &self::public(&[("certificate", "none")]), &parts(&[]), NEVER);
        assert!(matches!(none, Err(VaultError::Invalid { field, .. }) if &*field == "certificate"));
    }
}
