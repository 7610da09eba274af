//! A secret as `--json` prints it, generated from the schema. Dates are ISO 8601; what does not apply is null.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::domain::{Header, Listed, Part, PublicField, Scope, State, Timestamp};

/// What a listing tells. `gone` is the day on which nothing is left of a deleted one.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    id: String,
    name: &'a str,
    r#type: &'static str,
    scope: &'static str,
    created: String,
    expires: Option<String>,
    status: &'static str,
    deleted: Option<String>,
    gone: Option<String>,
    write_only: bool,
    revision: u64,
}

impl<'a> Row<'a> {
    pub(super) fn of(secret: &'a Listed, now: Timestamp) -> Self {
        Self::named(&secret.name, secret, now)
    }

    fn named(name: &'a str, secret: &Listed, now: Timestamp) -> Self {
        Self {
            id: secret.id.to_string(),
            name,
            r#type: secret.kind.schema().slug,
            scope: scope(secret.scope),
            created: secret.created.date().to_string(),
            expires: secret.expires.map(|end| end.date().to_string()),
            status: secret.status(now).slug(),
            deleted: secret.state.deleted().map(|stamp| stamp.at.date().to_string()),
            gone: secret.state.gone_at().map(|end| end.date().to_string()),
            write_only: secret.write_only,
            revision: secret.revision,
        }
    }
}

fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Personal => "personal",
        Scope::Organization => "organization",
    }
}

/// Everything but the value: of that, the size of each field. A secret of the organization is nobody's own: its `owner` is null.
#[derive(Serialize)]
pub(super) struct Secret<'a> {
    #[serde(flatten)]
    row: Row<'a>,
    owner: Option<&'a str>,
    created_by: &'a str,
    modified: String,
    modified_by: &'a str,
    value_set: String,
    not_before: Option<String>,
    inactive_since: Option<String>,
    status_by: Option<&'a str>,
    fields: Public<'a>,
    values: Sizes<'a>,
}

impl<'a> Secret<'a> {
    pub(super) fn of(header: &'a Header, now: Timestamp) -> Self {
        let inactive = match &header.state {
            State::Inactive(stamp) => Some(stamp),
            _ => None,
        };
        Self {
            row: Row::named(&header.name, &Listed::from(header), now),
            // Who registered it, and nobody else.
            owner: (header.scope == Scope::Personal).then_some(&*header.created.by),
            created_by: &header.created.by,
            modified: header.modified.at.to_iso(),
            modified_by: &header.modified.by,
            value_set: header.value_set.to_iso(),
            not_before: header.not_before.map(Timestamp::to_iso),
            inactive_since: inactive.map(|stamp| stamp.at.to_iso()),
            status_by: inactive.or_else(|| header.state.deleted()).map(|stamp| &*stamp.by),
            fields: Public(&header.public),
            values: Sizes(&header.parts),
        }
    }
}

/// The fields that are not secret, by the schema's keys.
struct Public<'a>(&'a [PublicField]);

impl Serialize for Public<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|field| (&*field.key, &*field.text)))
    }
}

/// The fields of the value, each with its size in bytes.
struct Sizes<'a>(&'a [Part]);

impl Serialize for Sizes<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for part in self.0 {
            map.serialize_entry(&*part.name, &part.size)?;
        }
        map.end()
    }
}
