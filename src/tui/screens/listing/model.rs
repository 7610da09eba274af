//! The rows of the listing: sorted, filtered, found. Knows nothing of the screen.

use std::cmp::Ordering;
use std::sync::Arc;

use super::find::{Found, Names};
use crate::domain::{Header, Kind, Scope, SecretId, State, Status, Timestamp};

/// What the rows can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Column {
    /// Secret name.
    #[default]
    Name,
    /// Credential Type.
    Kind,
    /// Creation Date.
    Created,
    /// Expiration Date; those that never expire come last.
    Expires,
    /// Secret Status.
    Status,
}

impl Column {
    /// All columns, from left to right.
    pub const ALL: [Column; 5] = [Column::Name, Column::Kind, Column::Created, Column::Expires, Column::Status];

    /// Its heading, as the portal has it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "Secret name",
            Self::Kind => "Credential Type",
            Self::Created => "Creation Date",
            Self::Expires => "Expiration Date",
            Self::Status => "Secret Status",
        }
    }
}

/// Statuses as the filter has them: without the days.
pub const STATUSES: [&str; 6] = ["Active", "Expires soon", "Not yet valid", "Expired", "Inactive", "Deleted"];

/// What is shown: with nothing ticked, everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only these types, if any are named.
    pub kinds: Vec<Kind>,
    /// Only these statuses, by their words, if any are named.
    pub statuses: Vec<&'static str>,
    /// Only personal secrets, or those of the organization, if any are named.
    pub scopes: Vec<Scope>,
}

impl Filter {
    /// Whether nothing is filtered.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty() && self.statuses.is_empty() && self.scopes.is_empty()
    }

    fn passes(&self, header: &Header, now: Timestamp) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&header.kind))
            && (self.statuses.is_empty() || self.statuses.contains(&Status::of(header, now).word()))
            && (self.scopes.is_empty() || self.scopes.contains(&header.scope))
    }
}

/// The numbers above the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Secrets that are not deleted.
    pub secrets: usize,
    /// Of these, expired.
    pub expired: usize,
    /// Of these, expiring within 14 days.
    pub soon: usize,
    /// Of these, inactive.
    pub inactive: usize,
    /// Of these, personal.
    pub personal: usize,
    /// Tombstones.
    pub deleted: usize,
}

/// The rows, as they are shown.
#[derive(Default)]
pub struct Listing {
    all: Vec<Arc<Header>>,
    names: Names,
    /// Indexes into `all` that pass the filter, in the sort's order.
    sorted: Vec<u32>,
    /// What the query finds among them, best first; `None` without a query.
    found: Option<Found>,
    order: (Column, bool),
    filter: Filter,
    counts: Counts,
}

impl Listing {
    /// Takes in all secrets anew.
    pub fn fill(&mut self, headers: &[Arc<Header>], now: Timestamp) {
        self.all = headers.to_vec();
        self.names = Names::of(headers);
        self.counts = count(headers, now);
        self.arrange(now);
    }

    /// Sorts by `column`; by the same one again, the other way round.
    pub fn sort_by(&mut self, column: Column, now: Timestamp) {
        self.order = (column, self.order.0 == column && !self.order.1);
        self.arrange(now);
    }

    /// Shows only what passes `filter`.
    pub fn filter_by(&mut self, filter: Filter, now: Timestamp) {
        self.filter = filter;
        self.arrange(now);
    }

    /// Shows only what `query` finds, best first; the empty query ends the find.
    pub fn find(&mut self, query: &str) {
        if query.is_empty() {
            self.found = None;
        } else if !self.found.as_mut().is_some_and(|found| found.narrow(query, &self.names)) {
            self.found = Some(Found::new(query, &self.names, &self.sorted));
        }
    }

    /// One step back from what is narrowed: ends the find, or else the filter.
    pub fn widen(&mut self, now: Timestamp) {
        if self.found.take().is_none() {
            self.filter_by(Filter::default(), now);
        }
    }

    /// Forgets every secret and what was looked for; the order and the filter stay.
    pub fn clear(&mut self) {
        *self = Self { order: self.order, filter: std::mem::take(&mut self.filter), ..Self::default() };
    }

    fn arrange(&mut self, now: Timestamp) {
        let passes = |(_, header): &(usize, &Arc<Header>)| self.filter.passes(header, now);
        let kept = self.all.iter().enumerate().filter(passes).map(|(i, _)| u32::try_from(i).unwrap_or(u32::MAX));
        self.sorted = kept.collect();
        self.sort(now);
        if let Some(query) = self.found.take().map(|found| found.query) {
            self.found = Some(Found::new(&query, &self.names, &self.sorted));
        }
    }

    fn sort(&mut self, now: Timestamp) {
        let (column, backwards) = self.order;
        let all = &self.all;
        self.sorted.sort_by(|a, b| {
            let (a, b) = (&all[*a as usize], &all[*b as usize]);
            let order = compare(column, a, b, now);
            let order = if backwards { order.reverse() } else { order };
            order.then_with(|| names(a, b)).then_with(|| a.id.cmp(&b.id))
        });
    }

    fn rows(&self) -> &[u32] {
        self.found.as_ref().map_or(&self.sorted, |found| found.rows())
    }

    /// How many rows are shown.
    pub fn len(&self) -> usize {
        self.rows().len()
    }

    /// Whether no row is shown.
    pub fn is_empty(&self) -> bool {
        self.rows().is_empty()
    }

    /// The secret in row `row`.
    pub fn row(&self, row: usize) -> Option<&Arc<Header>> {
        self.rows().get(row).map(|i| &self.all[*i as usize])
    }

    /// The row of the secret `id`.
    pub fn position(&self, id: SecretId) -> Option<usize> {
        self.rows().iter().position(|i| self.all[*i as usize].id == id)
    }

    /// Whether find or filter hide something.
    pub fn is_narrowed(&self) -> bool {
        self.found.is_some() || !self.filter.is_empty()
    }

    /// What is being looked for.
    pub fn query(&self) -> &str {
        self.found.as_ref().map_or("", |found| &found.query)
    }

    /// The sort: its column, and whether it is turned round.
    pub fn order(&self) -> (Column, bool) {
        self.order
    }

    /// The filter.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// The numbers above the table.
    pub fn counts(&self) -> Counts {
        self.counts
    }
}

fn count(headers: &[Arc<Header>], now: Timestamp) -> Counts {
    let mut counts = Counts::default();
    for header in headers {
        counts.secrets += 1;
        let alive = !matches!(header.state, State::Deleted(_));
        counts.personal += usize::from(alive && header.scope == Scope::Personal);
        match Status::of(header, now) {
            Status::Expired => counts.expired += 1,
            Status::ExpiresSoon(_) => counts.soon += 1,
            Status::Inactive => counts.inactive += 1,
            Status::Deleted => {
                counts.deleted += 1;
                counts.secrets -= 1;
            }
            Status::Active | Status::NotYetValid => {}
        }
    }
    counts
}

/// By name, without regard to ASCII case.
fn names(a: &Header, b: &Header) -> Ordering {
    let fold = |byte: u8| byte.to_ascii_lowercase();
    a.name.bytes().map(fold).cmp(b.name.bytes().map(fold))
}

fn compare(column: Column, a: &Header, b: &Header, now: Timestamp) -> Ordering {
    match column {
        Column::Name => names(a, b),
        Column::Kind => a.kind.cmp(&b.kind),
        Column::Created => a.created.at.cmp(&b.created.at),
        Column::Expires => end(a).cmp(&end(b)),
        Column::Status => Status::of(a, now).cmp(&Status::of(b, now)),
    }
}

/// When a secret ends, as far as its row is concerned: tombstones and those without an end come last.
fn end(header: &Header) -> Timestamp {
    match header.state {
        State::Deleted(_) => Timestamp(i64::MAX),
        _ => header.expires.unwrap_or(Timestamp(i64::MAX - 1)),
    }
}
