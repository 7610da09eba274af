//! Our own plaintext export: a list of secrets; or one flat object.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Entry, Found, ImportError, Skipped, pairs, text_of};
use crate::domain::date::{parse_day, parse_expiration};
use crate::domain::keyvalue::json_text;
use crate::domain::kind::{Field, Input};
use crate::domain::{Draft, Kind, PublicField, Scope, SecretBytes, Timestamp, Value};

/// One secret of the list.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Item<'a> {
    name: String,
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    expires: Option<String>,
    #[serde(default)]
    write_only: bool,
    #[serde(borrow, default)]
    fields: Members<'a>,
}

/// Members of an object in their order, doubles included.
#[derive(Default)]
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct InOrder<'a>(PhantomData<&'a ()>);

        impl<'de: 'a, 'a> Visitor<'de> for InOrder<'a> {
            type Value = Members<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'a>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        from.deserialize_map(InOrder(PhantomData))
    }
}

/// Reads a list of secrets; an object is one secret, called `name`, of all its pairs.
pub(super) fn read(name: &str, bytes: &SecretBytes, now: Timestamp) -> Result<Found, ImportError> {
    let text = text_of(bytes)?;
    if !text.trim_start().starts_with('[') {
        return pairs(".json", name, bytes);
    }
    let items: Vec<Item<'_>> = serde_json::from_str(text).map_err(|error| ImportError::json("strongroom", &error))?;
    let mut found = Found::default();
    for item in items {
        let bytes = |(key, raw): (String, &RawValue)| Some((key, json_text(raw.get())?));
        let fields: Option<Vec<_>> = item.fields.0.into_iter().map(bytes).collect();
        let expires = item.expires.unwrap_or_default();
        found.add(match fields {
            Some(fields) => {
                let expires = day(&expires, now);
                typed(&item.name, &item.kind, expires, item.write_only, fields)
            }
            None => Err(Skipped { what: item.name, why: "A field is neither text nor a number.".into() }),
        });
    }
    Ok(found)
}

/// The secret of type `kind` (the slug; empty is Key/Value) that has these fields.
pub(super) fn typed(
    name: &str,
    kind: &str,
    expires: Result<Option<Timestamp>, String>,
    write_only: bool,
    fields: Vec<(String, SecretBytes)>,
) -> Result<Draft, Skipped> {
    let skipped = |why: String| Skipped { what: name.to_owned(), why };
    let kind = kind_called(kind).map_err(skipped)?;
    let expires = expires.map_err(skipped)?;
    if kind == Kind::KeyValue {
        let mut entry = Entry { name: name.to_owned(), parts: Vec::new() };
        fields.into_iter().for_each(|(key, value)| entry.add(&key, value));
        return entry.into_draft().map(|draft| Draft { expires, write_only, ..draft });
    }
    let (public, value) = sorted(kind, fields).map_err(skipped)?;
    let (name, not_before, encrypted_key) = (name.into(), None, false);
    Ok(Draft { scope: Scope::Organization, kind, name, public, value, expires, not_before, write_only, encrypted_key })
}

/// The fields in the schema's order: those that are shown freely, and the value.
fn sorted(kind: Kind, fields: Vec<(String, SecretBytes)>) -> Result<(Vec<PublicField>, Value), String> {
    let schema = kind.schema();
    let mut by_key: BTreeMap<String, SecretBytes> = BTreeMap::new();
    for (key, value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
        if schema.field(&key).is_none_or(|field| !is_entered(field)) {
            return Err(format!("{} has no field \"{key}\".", schema.label));
        }
        if by_key.insert(key.clone(), value).is_some() {
            return Err(format!("It has its field \"{key}\" twice."));
        }
    }
    let (mut public, mut value) = (Vec::new(), Value::default());
    for field in schema.fields {
        let Some(bytes) = by_key.remove(field.key) else { continue };
        if field.secret {
            value.0.push((field.key.into(), bytes));
        } else {
            let text = bytes.expose_text().ok_or_else(|| format!("Its field \"{}\" is no text.", field.key))?;
            public.push(PublicField { key: field.key.into(), text: text.into() });
        }
    }
    Ok((public, value))
}

/// Whether the field is one of those that are entered as they are: the others stand beside them.
fn is_entered(field: &Field) -> bool {
    use Input::{Choice, Expiration, ExpirationFromCertificate, Name, WriteOnly};
    !matches!(field.input, Name | Expiration | ExpirationFromCertificate | WriteOnly | Choice(_))
}

fn kind_called(slug: &str) -> Result<Kind, String> {
    if slug.is_empty() {
        return Ok(Kind::KeyValue);
    }
    let [others @ .., last] = Kind::ALL.map(|kind| kind.schema().slug);
    let known = Kind::ALL.into_iter().find(|kind| kind.schema().slug == slug);
    known.ok_or_else(|| format!("There is no type \"{slug}\": use {} or {last}.", others.join(", ")))
}

/// The end of the day, or of a period from `now` on; a day that is past is no obstacle here.
pub(super) fn day(text: &str, now: Timestamp) -> Result<Option<Timestamp>, String> {
    if text.is_empty() || text == "never" {
        return Ok(None);
    }
    // Exports tell the time, too: the day is what counts.
    let date = text.split_once('T').map_or(text, |(date, _)| date);
    let end = if text.starts_with('+') { parse_expiration(text, now) } else { parse_day(date).map(Some) };
    end.map_err(|error| format!("Its expiration date cannot be taken. {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-23.
    const NOW: Timestamp = Timestamp(1_795_442_700);

    #[test]
    fn an_end_is_a_day_or_a_period() {
        let end = |text| day(text, NOW).map(|end| end.map(|end| end.date().to_string()));
        assert_eq!(end("+90d"), Ok(Some("2027-02-21".to_owned())));
        assert_eq!(end("2020-01-01"), Ok(Some("2020-01-01".to_owned())));
        assert_eq!([end(""), end("never")], [Ok(None), Ok(None)]);
        assert!(end("90d").unwrap_err().contains("+90d"));
    }

    #[test]
    fn a_list_of_secrets_is_read() {
        let text = r#"[
            {"name": "gateway", "type": "api-key", "expires": "2027-01-31T23:59:59Z", "write_only": true,
             "fields": {"header_name": "X-Key", "value": "a\"b\u00e9"}},
            {"name": "shop", "fields": {"A": "1", "B": 2, "C": null}},
            {"name": "deep", "fields": {"A": {"x": 1}}},
            {"name": "when", "fields": {"A": "1"}, "expires": "soon"}
        ]"#;
        let found = read("x", &text.into(), NOW).unwrap();
        assert_eq!(found.drafts[0].value.part("value").unwrap().expose(), "a\"bé".as_bytes());
        assert_eq!(found.drafts[0].expires.unwrap().date().to_string(), "2027-01-31");
        assert_eq!(found.drafts[1].value.outline().len(), 2);
        let skipped: Vec<_> = found.skipped.iter().map(|skipped| &*skipped.what).collect();
        assert_eq!(skipped, ["deep", "when"]);
    }

    #[test]
    fn an_object_is_one_secret() {
        let found = read("shop", &r#"{"A": "1", "B": ""}"#.into(), NOW).unwrap();
        assert_eq!((&*found.drafts[0].name, found.drafts[0].value.0.len()), ("shop", 1));
        assert_eq!(found.skipped[0].what, "shop, B");
    }

    #[test]
    fn another_shape_is_refused_with_its_place() {
        let nested = read("x", &r#"{"a": {"b": 1}}"#.into(), NOW).unwrap_err();
        assert!(matches!(nested, ImportError::NoPairs), "{nested}");
        let error = read("x", &"[\n {\"nome\": 1}]".into(), NOW).unwrap_err();
        assert!(matches!(error, ImportError::Json { line: 2, .. }), "{error}");
    }
}
