//! An entry of another tool: a name and its fields become a Key/Value secret.

use super::Skipped;
use crate::domain::keyvalue::{MAX_PAIRS, check_key};
use crate::domain::text::{check_name, check_value_size};
use crate::domain::{Draft, Kind, PublicField, Scope, SecretBytes, Value};

/// A name, and what is kept under it.
#[derive(Debug, Default)]
pub struct Entry {
    /// The name.
    pub name: String,
    /// Key and value; empty values are no parts.
    pub parts: Vec<(String, SecretBytes)>,
}

impl Entry {
    /// Adds a part, unless it is empty; a key that is there already gets a number.
    pub(super) fn add(&mut self, key: &str, value: SecretBytes) {
        if value.is_empty() {
            return;
        }
        let taken = |wanted: &str| self.parts.iter().any(|(key, _)| key == wanted);
        let numbered = |n: usize| if n == 1 { key.to_owned() } else { format!("{key} {n}") };
        let key = (1..).map(numbered).find(|wanted| !taken(wanted)).unwrap_or_default();
        self.parts.push((key, value));
    }

    /// The entry as a Key/Value secret.
    ///
    /// # Errors
    /// [`Skipped`] when its name or a key breaks a rule, or nothing is in it.
    pub fn into_draft(self) -> Result<Draft, Skipped> {
        match self.trouble() {
            Some(why) => Err(Skipped { what: self.name, why }),
            None => Ok(draft(self)),
        }
    }

    fn trouble(&self) -> Option<String> {
        if let Err(error) = check_name(&self.name) {
            return Some(format!("Its name cannot be taken. {error}"));
        }
        match self.parts.len() {
            0 => return Some("It has no value.".to_owned()),
            1..=MAX_PAIRS => {}
            _ => return Some(format!("It has more than {MAX_PAIRS} fields.")),
        }
        self.parts.iter().find_map(|(key, value)| {
            let wrong = check_key(key).map_err(|error| error.to_string());
            let wrong = wrong.and_then(|()| check_value_size(value.len()).map_err(|error| error.to_string()));
            wrong.err().map(|error| format!("Its field \"{key}\" cannot be taken. {error}"))
        })
    }
}

fn draft(entry: Entry) -> Draft {
    let parts = entry.parts.into_iter().map(|(key, value)| (key.into(), value));
    Draft {
        scope: Scope::Organization,
        kind: Kind::KeyValue,
        name: entry.name.into(),
        public: vec![PublicField { key: "method".into(), text: "enter".into() }],
        value: Value(parts.collect()),
        expires: None,
        not_before: None,
        write_only: false,
        encrypted_key: false,
    }
}
