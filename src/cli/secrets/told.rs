//! A secret as `--json` prints it, generated from the schema. Dates are ISO 8601; what does not apply is null.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::domain::lifecycle::gone_at;
use crate::domain::{Header, Part, PublicField, Stamp, State, Status, Timestamp};

/// What a listing tells. `gone` is the day on which nothing is left of a deleted one.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    id: String,
    name: &'a str,
    r#type: &'static str,
    created: String,
    expires: Option<String>,
    status: &'static str,
    deleted: Option<String>,
    gone: Option<String>,
    write_only: bool,
    revision: u64,
}

impl<'a> Row<'a> {
    pub(super) fn of(header: &'a Header, now: Timestamp) -> Self {
        Self {
            id: header.id.to_string(),
            name: &header.name,
            r#type: header.kind.schema().slug,
            created: header.created.at.date().to_string(),
            expires: header.expires.map(|end| end.date().to_string()),
            status: Status::of(header, now).slug(),
            deleted: deleted(header).map(|stamp| stamp.at.date().to_string()),
            gone: gone_at(header).map(|end| end.date().to_string()),
            write_only: header.write_only,
            revision: header.revision,
        }
    }
}

/// When it was deleted, and by whom.
pub(super) fn deleted(header: &Header) -> Option<&Stamp> {
    match &header.state {
        State::Deleted(stamp) => Some(stamp),
        _ => None,
    }
}

/// Everything but the value: of that, the size of each field.
#[derive(Serialize)]
pub(super) struct Secret<'a> {
    #[serde(flatten)]
    row: Row<'a>,
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
            row: Row::of(header, now),
            created_by: &header.created.by,
            modified: header.modified.at.to_iso(),
            modified_by: &header.modified.by,
            value_set: header.value_set.to_iso(),
            not_before: header.not_before.map(Timestamp::to_iso),
            inactive_since: inactive.map(|stamp| stamp.at.to_iso()),
            status_by: inactive.or_else(|| deleted(header)).map(|stamp| &*stamp.by),
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
