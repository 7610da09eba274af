//! Names and numbers of a certificate, as text.

use std::net::{Ipv4Addr, Ipv6Addr};

use sha2::{Digest, Sha256};
use x509_parser::asn1_rs::{Any, Tag};
use x509_parser::extensions::GeneralName;
use x509_parser::x509::{AttributeTypeAndValue, RelativeDistinguishedName, X509Name};

use crate::domain::text::sanitize;

/// Most characters shown of one name.
const MAX_CHARACTERS: usize = 256;
/// Most alternative names shown.
const MAX_NAMES: usize = 256;
/// Most bytes shown of a number that nobody chose to be long.
const MAX_NUMBER: usize = 64;

/// The short names of RFC 4514 and a few that authorities use besides.
const ATTRIBUTES: [(&str, &str); 13] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "title"),
    ("2.5.4.97", "organizationIdentifier"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
];

/// `text` as it may be shown: sanitized, and cut with `…` where it is long.
pub(super) fn shown(text: &str) -> String {
    let mut characters = text.chars();
    let mut head: String = characters.by_ref().take(MAX_CHARACTERS).collect();
    if characters.next().is_some() {
        head.push('…');
    }
    sanitize(&head).into_owned()
}

/// `bytes` as hex pairs with colons, cut with `…` where there are many.
pub(super) fn hex_pairs(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().take(MAX_NUMBER).map(|byte| format!("{byte:02X}")).collect();
    let rest = if bytes.len() > MAX_NUMBER { "…" } else { "" };
    format!("{}{rest}", pairs.join(":"))
}

/// SHA-256 of `der`, as hex pairs with colons.
pub(super) fn fingerprint(der: &[u8]) -> String {
    hex_pairs(&Sha256::digest(der))
}

/// A distinguished name as in RFC 4514, with a space after each comma. Neither sanitized nor cut,
/// so that two names can be compared by it.
pub(super) fn distinguished_name(name: &X509Name<'_>) -> String {
    let mut parts: Vec<String> = name.iter().map(relative_name).collect();
    parts.reverse();
    parts.join(", ")
}

fn relative_name(name: &RelativeDistinguishedName<'_>) -> String {
    name.iter().map(attribute).collect::<Vec<_>>().join("+")
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let oid = attribute.attr_type().to_id_string();
    let key = ATTRIBUTES.iter().find(|(known, _)| *known == oid).map_or(oid.as_str(), |(_, short)| short);
    let value = match string(attribute.attr_value()) {
        Some(text) => escape(&text),
        None => format!("#{}", attribute.as_slice().iter().map(|byte| format!("{byte:02X}")).collect::<String>()),
    };
    format!("{key}={value}")
}

/// A string of any ASN.1 type; `None` when it is none.
fn string(value: &Any<'_>) -> Option<String> {
    let bytes = value.data;
    match value.tag() {
        Tag::BmpString => Some(String::from_utf16_lossy(&units(bytes, u16::from_be_bytes))),
        Tag::UniversalString => {
            let character = |code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
            Some(units(bytes, u32::from_be_bytes).into_iter().map(character).collect())
        }
        Tag::Utf8String
        | Tag::PrintableString
        | Tag::Ia5String
        | Tag::NumericString
        | Tag::VisibleString
        | Tag::T61String
        | Tag::GeneralString => Some(utf8_or_latin1(bytes)),
        _ => None,
    }
}

fn units<const N: usize, T>(bytes: &[u8], unit: fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks::<N>().0.iter().map(|chunk| unit(*chunk)).collect()
}

/// Old authorities wrote Latin-1 where the standard wants T.61.
fn utf8_or_latin1(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

/// Escapes as in RFC 4514, section 2.4.
fn escape(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut escaped = String::with_capacity(value.len());
    for (at, c) in value.chars().enumerate() {
        let at_edge = (at == 0 && matches!(c, ' ' | '#')) || (at == last && c == ' ');
        if at_edge || matches!(c, '"' | '+' | ',' | ';' | '<' | '>' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Alternative names as they may be shown, such as `DNS:example.com`.
pub(super) fn alternative_names(names: &[GeneralName<'_>]) -> Vec<String> {
    let mut texts: Vec<String> = names.iter().take(MAX_NAMES).map(|name| shown(&alternative_name(name))).collect();
    if names.len() > MAX_NAMES {
        texts.push(format!("and {} more", names.len() - MAX_NAMES));
    }
    texts
}

fn alternative_name(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::DNSName(text) => format!("DNS:{text}"),
        GeneralName::RFC822Name(text) => format!("email:{text}"),
        GeneralName::URI(text) => format!("URI:{text}"),
        GeneralName::IPAddress(bytes) => format!("IP:{}", address(bytes)),
        GeneralName::DirectoryName(name) => format!("name:{}", distinguished_name(name)),
        GeneralName::RegisteredID(oid) => format!("OID:{}", oid.to_id_string()),
        GeneralName::OtherName(oid, _) => format!("other:{}", oid.to_id_string()),
        GeneralName::X400Address(_) => "X.400 address".into(),
        GeneralName::EDIPartyName(_) => "EDI party".into(),
        GeneralName::Invalid(..) => "unreadable name".into(),
    }
}

fn address(bytes: &[u8]) -> String {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Ipv4Addr::from(four).to_string();
    }
    match <[u8; 16]>::try_from(bytes) {
        Ok(sixteen) => Ipv6Addr::from(sixteen).to_string(),
        Err(_) => hex_pairs(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_deceiving_text_is_tamed() {
        assert_eq!(shown("a\x1b]0;x\u{7}\u{202E}b"), "a\u{FFFD}]0;x\u{FFFD}\u{FFFD}b");
        assert_eq!(shown(&"x".repeat(1_000_000)).chars().count(), MAX_CHARACTERS + 1);
        assert_eq!(hex_pairs(&[0xAB; 100]).len(), MAX_NUMBER * 3 - 1 + "…".len());
        let names = vec![GeneralName::DNSName("a"); MAX_NAMES + 7];
        assert_eq!(alternative_names(&names).last().map(String::as_str), Some("and 7 more"));
    }

    #[test]
    fn values_are_escaped_as_in_rfc_4514() {
        assert_eq!(escape("Sue, Grabbit + Runn"), "Sue\\, Grabbit \\+ Runn");
        assert_eq!(escape("# x "), "\\# x\\ ");
    }

    #[test]
    fn every_kind_of_string_is_read() {
        assert_eq!(string(&Any::from_tag_and_data(Tag::BmpString, b"\0A\x20\xAC")).as_deref(), Some("A€"));
        assert_eq!(string(&Any::from_tag_and_data(Tag::UniversalString, b"\0\x01\xF6\0\xFF")).as_deref(), Some("😀"));
        assert_eq!(string(&Any::from_tag_and_data(Tag::T61String, b"Z\xFCrich")).as_deref(), Some("Zürich"));
        assert_eq!(string(&Any::from_tag_and_data(Tag::Integer, b"\x01")), None);
    }

    #[test]
    fn addresses_are_written_as_people_know_them() {
        assert_eq!(alternative_name(&GeneralName::IPAddress(&[192, 0, 2, 7])), "IP:192.0.2.7");
        assert_eq!(address(&[0; 16]), "::");
        assert_eq!(address(&[1, 2]), "01:02");
    }
}
