//! What an open vault keeps in memory: every header, no value.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::domain::{Header, SecretId, State};

/// All headers by id, and those that are not deleted by name.
#[derive(Default)]
pub(super) struct Index {
    headers: BTreeMap<SecretId, Arc<Header>>,
    living: HashSet<ByName>,
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
            && self.named(&old.name) == Some(old.id)
        {
            self.living.remove(&*old.name);
        }
        if is_living(&header) {
            self.living.insert(ByName(header));
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

    /// The secret called `name` that is not deleted.
    pub(super) fn named(&self, name: &str) -> Option<SecretId> {
        self.living.get(name).map(|found| found.0.id)
    }
}

fn is_living(header: &Header) -> bool {
    !matches!(header.state, State::Deleted(_))
}

impl FromIterator<Arc<Header>> for Index {
    fn from_iter<I: IntoIterator<Item = Arc<Header>>>(headers: I) -> Self {
        let headers: BTreeMap<_, _> = headers.into_iter().map(|header| (header.id, header)).collect();
        let mut living = HashSet::with_capacity(headers.len());
        living.extend(headers.values().filter(|header| is_living(header)).cloned().map(ByName));
        Self { headers, living }
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
