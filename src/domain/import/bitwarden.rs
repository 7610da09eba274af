//! What Bitwarden exports as JSON that is not encrypted.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Entry, Found, ImportError, Skipped, text_of};
use crate::domain::SecretBytes;
use crate::domain::keyvalue::json_text;
use crate::domain::text::sanitize;

#[derive(Deserialize)]
struct Export<'a> {
    #[serde(default)]
    encrypted: bool,
    #[serde(default)]
    folders: Vec<Folder>,
    #[serde(borrow, default)]
    items: Vec<Item<'a>>,
}

#[derive(Deserialize)]
struct Folder {
    id: Option<String>,
    #[serde(default)]
    name: String,
}

/// Texts that may be secret stay where they are in the file until they are copied into bytes that are wiped.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    #[serde(default)]
    name: String,
    folder_id: Option<String>,
    #[serde(borrow)]
    notes: Option<&'a RawValue>,
    #[serde(borrow)]
    login: Option<Login<'a>>,
    #[serde(borrow)]
    card: Option<&'a RawValue>,
    #[serde(borrow)]
    identity: Option<&'a RawValue>,
    #[serde(borrow)]
    ssh_key: Option<&'a RawValue>,
    #[serde(borrow)]
    fields: Option<Vec<Extra<'a>>>,
    deleted_date: Option<String>,
}

#[derive(Deserialize)]
struct Login<'a> {
    #[serde(borrow)]
    username: Option<&'a RawValue>,
    #[serde(borrow)]
    password: Option<&'a RawValue>,
    #[serde(borrow)]
    totp: Option<&'a RawValue>,
    #[serde(borrow)]
    uris: Option<Vec<Uri<'a>>>,
}

#[derive(Deserialize)]
struct Uri<'a> {
    #[serde(borrow)]
    uri: Option<&'a RawValue>,
}

/// A field that a person added.
#[derive(Deserialize)]
struct Extra<'a> {
    name: Option<String>,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
}

/// Reads the export. The folder becomes the beginning of the name.
pub(super) fn read(bytes: &SecretBytes) -> Result<Found, ImportError> {
    let export: Export<'_> =
        serde_json::from_str(text_of(bytes)?).map_err(|error| ImportError::json("Bitwarden", &error))?;
    if export.encrypted {
        return Err(ImportError::Encrypted);
    }
    let mut found = Found::default();
    for item in &export.items {
        let name = name_of(item, &export.folders);
        found.add(match item.deleted_date {
            Some(_) => Err(Skipped { what: name, why: "It is in the trash.".into() }),
            None => entry_of(item, name).into_draft(),
        });
    }
    Ok(found)
}

fn name_of(item: &Item<'_>, folders: &[Folder]) -> String {
    let folder = item.folder_id.as_ref().and_then(|id| folders.iter().find(|folder| folder.id.as_ref() == Some(id)));
    let name = item.name.trim();
    folder.map_or_else(|| name.to_owned(), |folder| format!("{}/{name}", folder.name.trim()))
}

fn entry_of(item: &Item<'_>, name: String) -> Entry {
    let mut entry = Entry { name, parts: Vec::new() };
    if let Some(login) = &item.login {
        entry.add("username", text(login.username));
        entry.add("password", text(login.password));
        entry.add("totp", text(login.totp));
        login.uris.iter().flatten().for_each(|uri| entry.add("url", text(uri.uri)));
    }
    // A card, an identity or a key: a text for each member.
    for members in [item.card, item.identity, item.ssh_key].into_iter().flatten() {
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(members.get()).unwrap_or_default();
        members.into_iter().for_each(|(key, value)| entry.add(&sanitize(&key), text(Some(value))));
    }
    for extra in item.fields.iter().flatten() {
        let name = extra.name.as_deref().map(str::trim).filter(|name| !name.is_empty()).unwrap_or("field");
        entry.add(&sanitize(name), text(extra.value));
    }
    entry.add("notes", text(item.notes));
    entry
}

fn text(raw: Option<&RawValue>) -> SecretBytes {
    raw.and_then(|raw| json_text(raw.get())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_notes_cards_and_fields_are_read() {
        let export = r#"{"encrypted": false, "folders": [{"id": "f1", "name": "Web"}], "items": [
            {"type": 1, "name": "Shop", "folderId": "f1", "notes": "two\nlines", "favorite": true,
             "fields": [{"name": "pin", "value": "1234", "type": 1}, {"name": null, "value": "x", "type": 0}],
             "login": {"username": "ada", "password": "p\"w", "totp": null,
                       "uris": [{"match": null, "uri": "https://a"}, {"match": null, "uri": "https://b"}]}},
            {"type": 3, "name": "Card", "folderId": null, "notes": null, "card": {"number": "4111", "code": "123"}},
            {"type": 2, "name": "Empty", "notes": null, "secureNote": {"type": 0}},
            {"type": 2, "name": "Old", "notes": "x", "deletedDate": "2026-01-01T00:00:00Z"}]}"#;
        let found = read(&export.into()).unwrap();
        let keys = |n: usize| found.drafts[n].value.0.iter().map(|(key, _)| key.to_string()).collect::<Vec<_>>();
        assert_eq!(&*found.drafts[0].name, "Web/Shop");
        assert_eq!(keys(0), ["username", "password", "url", "url 2", "pin", "field", "notes"]);
        assert_eq!(found.drafts[0].value.part("password").unwrap().expose(), b"p\"w");
        assert_eq!(keys(1), ["code", "number"]);
        let skipped: Vec<_> = found.skipped.iter().map(|skipped| (&*skipped.what, &*skipped.why)).collect();
        assert_eq!(skipped, [("Empty", "It has no value."), ("Old", "It is in the trash.")]);
    }

    #[test]
    fn an_encrypted_export_is_refused() {
        assert_eq!(read(&r#"{"encrypted": true, "data": "2.x"}"#.into()), Err(ImportError::Encrypted));
        assert!(matches!(read(&"[1]".into()), Err(ImportError::Json { tool: "Bitwarden", .. })));
    }
}
