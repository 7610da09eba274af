//! What a query finds, kept so that the next letter only looks among it.

use std::sync::Arc;

use crate::domain::Header;
use crate::tui::fuzzy::Finder;

/// All names in one piece of memory: a find reads each of them, and following a pointer for each costs
/// more than comparing it.
#[derive(Default)]
pub(super) struct Names {
    text: String,
    ends: Vec<u32>,
}

impl Names {
    /// The names of `headers`, by their index.
    pub(super) fn of(headers: &[Arc<Header>]) -> Self {
        let mut names = Self::default();
        for header in headers {
            names.text.push_str(&header.name);
            names.ends.push(u32::try_from(names.text.len()).unwrap_or(u32::MAX));
        }
        names
    }

    fn get(&self, index: u32) -> &str {
        let index = index as usize;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start as usize..self.ends[index] as usize]
    }
}

/// The rows that a query finds.
pub(super) struct Found {
    /// What was typed.
    pub(super) query: String,
    /// In the order of the listing.
    kept: Vec<u32>,
    /// Best first.
    rows: Vec<u32>,
}

impl Found {
    /// Looks for `query` among `rows`, which are indexes into `names`.
    pub(super) fn new(query: &str, names: &Names, rows: &[u32]) -> Self {
        let (kept, rows) = search(query, names, rows);
        Self { query: query.to_owned(), kept, rows }
    }

    /// Looks for a query that goes on where this one ended, among what this one found; `false` when it
    /// is not such a one. (Pattern signs such as `!` and `^` turn what they stand before round, so they begin anew.)
    pub(super) fn narrow(&mut self, query: &str, names: &Names) -> bool {
        let plain = !query.contains(['!', '^', '$', '\'', '\\']);
        if !plain || !query.starts_with(&self.query) {
            return false;
        }
        (self.kept, self.rows) = search(query, names, &self.kept);
        query.clone_into(&mut self.query);
        true
    }

    pub(super) fn rows(&self) -> &[u32] {
        &self.rows
    }
}

/// What `query` finds among `rows`: in their order, and best first.
fn search(query: &str, names: &Names, rows: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut finder = Finder::new(query);
    let score = |i: &u32| finder.score(names.get(*i)).map(|score| (score, *i));
    let mut scored: Vec<(u32, u32)> = rows.iter().filter_map(score).collect();
    let kept = scored.iter().map(|(_, i)| *i).collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    (kept, scored.into_iter().map(|(_, i)| i).collect())
}
