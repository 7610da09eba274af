//! What a list tells of a secret: less than its header, for lists are long.

use serde::{Deserialize, Serialize};

use super::{Header, Kind, Scope, SecretId, State, Status, Timestamp};

/// One secret in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its identity.
    pub id: SecretId,
    /// Its revision.
    pub revision: u64,
    /// Its name.
    pub name: Box<str>,
    /// Its type.
    pub kind: Kind,
    /// Personal or organization.
    pub scope: Scope,
    /// When it was registered.
    pub created: Timestamp,
    /// Good until the end of this second; `None` is never.
    pub expires: Option<Timestamp>,
    /// Not good before this second.
    pub not_before: Option<Timestamp>,
    /// Active, inactive or a tombstone.
    pub state: State,
    /// The value is never displayed.
    pub write_only: bool,
}

impl Listed {
    /// Its status at `now`.
    pub fn status(&self, now: Timestamp) -> Status {
        Status::from_parts(&self.state, self.expires, self.not_before, now)
    }
}

impl From<&Header> for Listed {
    fn from(header: &Header) -> Self {
        Self {
            id: header.id,
            revision: header.revision,
            name: header.name.clone(),
            kind: header.kind,
            scope: header.scope,
            created: header.created.at,
            expires: header.expires,
            not_before: header.not_before,
            state: header.state.clone(),
            write_only: header.write_only,
        }
    }
}

/// Which secrets a list is asked for; nothing said is all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Find {
    /// Each stands in the name; one in small letters stands for capital ones, too.
    pub words: Vec<Box<str>>,
    /// Their type.
    pub kind: Option<Kind>,
}

impl Find {
    /// Whether the secret is one of those.
    pub fn takes(&self, header: &Header) -> bool {
        self.kind.is_none_or(|kind| kind == header.kind) && self.words.iter().all(|word| is_in(&header.name, word))
    }
}

fn is_in(name: &str, word: &str) -> bool {
    if word.chars().any(char::is_uppercase) { name.contains(word) } else { name.to_lowercase().contains(word) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_letters_find_capital_ones_and_not_the_other_way_round() {
        assert!(is_in("GitHub-PAT", "hub") && is_in("GitHub-PAT", "pat") && is_in("GitHub-PAT", "PAT"));
        assert!(!is_in("github-pat", "PAT") && !is_in("github", "gitlab"));
    }
}
