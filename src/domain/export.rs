//! Secrets as a JSON list that people and other tools can read, and that [`import`](super::import) reads again.

use super::certificate::MAX_BYTES;
use super::{Draft, SecretBytes};

/// The list, as text.
///
/// # Errors
/// The name of the secret and of the part that is no text.
pub fn plaintext(drafts: &[Draft]) -> Result<SecretBytes, (Box<str>, Box<str>)> {
    let mut to = SecretBytes::with_capacity(MAX_BYTES.min(256 * (1 + drafts.len())));
    to.push(b"[");
    for (n, draft) in drafts.iter().enumerate() {
        to.push(if n == 0 { b"\n" } else { b",\n" });
        write_secret(&mut to, draft)?;
    }
    to.push(b"\n]\n");
    Ok(to)
}

fn write_secret(to: &mut SecretBytes, draft: &Draft) -> Result<(), (Box<str>, Box<str>)> {
    to.push(b"  {\"name\": ");
    write_text(to, &draft.name);
    to.push(b", \"type\": ");
    write_text(to, draft.kind.schema().slug);
    if let Some(expires) = draft.expires {
        to.push(b", \"expires\": ");
        write_text(to, &expires.date().to_string());
    }
    if draft.write_only {
        to.push(b", \"write_only\": true");
    }
    to.push(b", \"fields\": {");
    let public = draft.public.iter().map(|field| (&*field.key, field.text.as_bytes()));
    // How the pairs got in says nothing about them.
    let public = public.filter(|(key, _)| draft.kind.schema().field(key).is_some_and(|field| !field.is_choice()));
    let value = draft.value.0.iter().map(|(name, bytes)| (&**name, bytes.expose()));
    for (n, (key, bytes)) in public.chain(value).enumerate() {
        to.push(if n == 0 { b"" } else { b", " });
        write_text(to, key);
        to.push(b": ");
        write_text(to, std::str::from_utf8(bytes).map_err(|_| (draft.name.clone(), key.into()))?);
    }
    to.push(b"}}");
    Ok(())
}

/// A JSON string (RFC 8259, section 7) that is safe to look at, too: what must not reach a terminal is escaped.
fn write_text(to: &mut SecretBytes, text: &str) {
    to.push(b"\"");
    for c in text.chars() {
        match c {
            '"' => to.push(b"\\\""),
            '\\' => to.push(b"\\\\"),
            '\n' => to.push(b"\\n"),
            c if super::text::is_forbidden(c) => {
                c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| to.push(format!("\\u{unit:04x}").as_bytes()));
            }
            c => to.push(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    to.push(b"\"");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::import::{Source, read};
    use crate::domain::{Kind, PublicField, Timestamp, Value};

    fn draft(kind: Kind, public: &[(&str, &str)], value: &[(&str, &str)]) -> Draft {
        Draft {
            scope: crate::domain::Scope::Organization,
            kind,
            name: "a \"b\" \u{202e}".into(),
            public: public.iter().map(|(key, text)| PublicField { key: (*key).into(), text: (*text).into() }).collect(),
            value: Value(value.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()),
            expires: Some(Timestamp(1_801_439_999)),
            not_before: None,
            write_only: true,
            encrypted_key: false,
        }
    }

    #[test]
    fn what_is_exported_is_imported_again() {
        let drafts = [
            draft(Kind::ApiKey, &[("header_name", "X-Key")], &[("value", "\u{1}\"\\é\n\t")]),
            draft(Kind::KeyValue, &[("method", "enter")], &[("A", "1"), ("B", "2")]),
        ];
        let drafts = drafts.map(|draft| Draft { name: draft.name.replace('\u{202e}', "").trim().into(), ..draft });
        let text = plaintext(&drafts).unwrap();
        let found = read(Source::Json, "x", &text, Timestamp(0)).unwrap();
        assert_eq!((found.drafts, found.skipped), (drafts.to_vec(), Vec::new()));
        assert_eq!(plaintext(&[]).unwrap().expose(), b"[\n]\n");
    }

    #[test]
    fn bytes_that_are_no_text_are_named() {
        let mut binary = draft(Kind::KeyValue, &[], &[]);
        binary.value = Value(vec![("key.der".into(), SecretBytes::new(vec![0xff, 0]))]);
        assert_eq!(plaintext(&[binary]).unwrap_err().1, "key.der".into());
    }
}
