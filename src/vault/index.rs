//! What an open vault keeps in memory: every header, no value.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::domain::{Header, Scope, SecretId, State};

/// All headers by id, and those that are not deleted by name.
#[derive(Default)]
pub(super) struct Index {
    headers: BTreeMap<SecretId, Arc<Header>>,
    living: HashSet<ByName>,
    /// The personal ones among those, which may be called as one of the organization.
    personal: HashSet<ByName>,
    /// Names that several of one scope have, which nobody may give: whoever writes to the store directly can.
    doubled: HashSet<Box<str>>,
}

/// A header that is found by its name, without a second copy of the name.
struct ByName(Arc<Header>);

impl Index {
    /// The header of `id`.
    pub(super) fn get(&self, id: SecretId) -> Option<&Arc<Header>> {
        self.headers.get(&id)
    }

    /// Puts `header` in, in the place of an older one.
    pub(super) fn insert(&mut self, header: Arc<Header>) {
        if let Some(old) = self.headers.insert(header.id, header.clone())
            && is_living(&old)
        {
            self.forget_name(&old);
        }
        if is_living(&header) {
            self.note_name(header);
        }
    }

    /// Takes the header of `id` out.
    pub(super) fn remove(&mut self, id: SecretId) {
        if let Some(old) = self.headers.remove(&id)
            && is_living(&old)
        {
            self.forget_name(&old);
        }
    }

    fn note_name(&mut self, header: Arc<Header>) {
        let name = header.name.clone();
        if !self.names_of(&header).insert(ByName(header)) {
            self.doubled.insert(name);
        }
    }

    /// `old` is called so no more; others of the same name still are.
    fn forget_name(&mut self, old: &Header) {
        if !self.doubled.remove(&*old.name) {
            self.names_of(old).remove(&*old.name);
            return;
        }
        self.living.remove(&*old.name);
        self.personal.remove(&*old.name);
        let is_other = |other: &&Arc<Header>| is_living(other) && other.name == old.name && other.id != old.id;
        let others: Vec<Arc<Header>> = self.headers.values().filter(is_other).cloned().collect();
        others.into_iter().for_each(|other| self.note_name(other));
    }

    /// How many headers there are.
    pub(super) fn len(&self) -> usize {
        self.headers.len()
    }

    /// All headers, in no order that means anything.
    pub(super) fn headers(&self) -> impl Iterator<Item = &Arc<Header>> {
        self.headers.values()
    }

    /// The secret called `name` that is not deleted; that of the organization before a personal one.
    pub(super) fn named(&self, name: &str) -> Option<SecretId> {
        self.living.get(name).or_else(|| self.personal.get(name)).map(|found| found.0.id)
    }

    /// Whether there are several called `name`: a personal one and one of the organization, or two that somebody called so
    /// who went around the rules.
    pub(super) fn is_ambiguous(&self, name: &str) -> bool {
        self.doubled.contains(name) || (self.living.contains(name) && self.personal.contains(name))
    }

    fn names_of(&mut self, header: &Header) -> &mut HashSet<ByName> {
        match header.scope {
            Scope::Organization => &mut self.living,
            Scope::Personal => &mut self.personal,
        }
    }
}

fn is_living(header: &Header) -> bool {
    !matches!(header.state, State::Deleted(_))
}

impl FromIterator<Arc<Header>> for Index {
    fn from_iter<I: IntoIterator<Item = Arc<Header>>>(headers: I) -> Self {
        let headers: BTreeMap<_, _> = headers.into_iter().map(|header| (header.id, header)).collect();
        let mut index = Self { living: HashSet::with_capacity(headers.len()), ..Self::default() };
        for header in headers.values().filter(|header| is_living(header)) {
            index.note_name(header.clone());
        }
        Self { headers, ..index }
    }
}

impl Borrow<str> for ByName {
    fn borrow(&self) -> &str {
        &self.0.name
    }
}

impl Hash for ByName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (*self.0.name).hash(state);
    }
}

impl PartialEq for ByName {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for ByName {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Kind, MemberId, Stamp, Timestamp};

    fn header(id: u8, name: &str, scope: Scope, revision: u64) -> Arc<Header> {
        let stamp = Stamp { at: Timestamp(1), by: "Ada".into() };
        Arc::new(Header {
            id: SecretId([id; 16]),
            revision,
            name: name.into(),
            kind: Kind::ApiKey,
            scope,
            owner: MemberId([1; 16]),
            author: MemberId([1; 16]),
            created: stamp.clone(),
            value_set: stamp.at,
            modified: stamp,
            expires: None,
            not_before: None,
            state: State::Active,
            write_only: false,
            encrypted_key: false,
            public: Vec::new(),
            parts: Vec::new(),
        })
    }

    #[test]
    fn a_name_that_two_have_stands_for_neither_until_one_gives_way() {
        let (org, own) = (Scope::Organization, Scope::Personal);
        let mut index: Index =
            [header(1, "a", org, 1), header(2, "a", org, 1), header(3, "a", own, 1)].into_iter().collect();
        assert!(index.is_ambiguous("a"));
        index.insert(header(1, "b", org, 2));
        assert!(index.is_ambiguous("a"), "one personal, and one of the organization");
        assert_eq!((index.named("a"), index.named("b")), (Some(SecretId([2; 16])), Some(SecretId([1; 16]))));
        index.insert(header(3, "c", own, 2));
        assert!(!index.is_ambiguous("a"));
        index.insert(header(1, "a", org, 3));
        assert!(index.is_ambiguous("a"));
    }
}
