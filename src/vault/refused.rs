//! What is refused on the way in, because somebody wrote it who had no right to.

use crate::domain::organization::Tampering;
use crate::domain::{Header, MemberId, Scope, SecretId};

/// A record or a document that is not served as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    /// The secret; `None` for a document.
    pub(super) id: Option<SecretId>,
    /// What it calls itself.
    pub(super) name: Option<Box<str>>,
    /// Who it says wrote it.
    pub(super) author: Option<MemberId>,
    /// Why it is refused.
    pub(super) why: Tampering,
    /// The earlier revision that is served in its place.
    pub(super) served: Option<u64>,
    /// Whose personal secret it is, which nobody else is told of.
    pub(super) owner: Option<MemberId>,
}

impl Refused {
    /// The record of `header`.
    pub(super) fn of(header: &Header, why: Tampering) -> Self {
        let (name, author) = (Some(header.name.clone()), Some(header.author));
        let owner = (header.scope == Scope::Personal).then_some(header.owner);
        Self { id: Some(header.id), name, author, why, served: None, owner }
    }

    /// One of which no more can be told.
    pub(super) fn unnamed(id: SecretId, why: Tampering) -> Self {
        Self { id: Some(id), name: None, author: None, why, served: None, owner: None }
    }

    /// The document called `name`.
    pub(super) fn document(name: &str, why: Tampering) -> Self {
        Self { id: None, name: Some(name.into()), author: None, why, served: None, owner: None }
    }
}
