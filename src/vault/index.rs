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
            self.names_of(&old).remove(&*old.name);
        }
        if is_living(&header) {
            self.names_of(&header).insert(ByName(header));
        }
    }

    /// Takes the header of `id` out.
    pub(super) fn remove(&mut self, id: SecretId) {
        if let Some(old) = self.headers.remove(&id)
            && is_living(&old)
        {
            self.names_of(&old).remove(&*old.name);
        }
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

    /// Whether there are two called `name`: a personal one, and one of the organization.
    pub(super) fn is_ambiguous(&self, name: &str) -> bool {
        self.living.contains(name) && self.personal.contains(name)
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
            index.names_of(header).insert(ByName(header.clone()));
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
