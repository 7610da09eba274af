//! The rows of the list of applications: what each needs, and whether it would be served.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::{Application, Binding, SecretId, Status};
use crate::tui::app::Shared;
use crate::tui::fuzzy::Finder;
use crate::tui::text::clean;
use crate::tui::theme::Theme;
use ratatui::style::Style;

/// Said in the place of a secret that is not in the vault any more.
pub(super) const GONE: &str = "(gone)";

/// What would come of it if an application asked for all it needs, now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Health {
    /// It needs nothing.
    Idle,
    /// It would be served.
    Usable,
    /// It would be served, but so many of its secrets expire soon.
    Soon(usize),
    /// So many of its secrets are refused.
    Refused(usize),
}

impl Health {
    /// Of an application, by the secrets as they are now.
    pub(super) fn of(application: &Application, shared: &Shared) -> Self {
        let secrets: BTreeSet<SecretId> = application.bindings.iter().map(|binding| binding.secret).collect();
        let statuses: Vec<Status> = secrets.iter().map(|id| status_of(*id, shared)).collect();
        let refused = statuses.iter().filter(|status| !status.is_usable()).count();
        let soon = statuses.iter().filter(|status| matches!(status, Status::ExpiresSoon(_))).count();
        match (refused, soon) {
            _ if statuses.is_empty() => Self::Idle,
            (0, 0) => Self::Usable,
            (0, soon) => Self::Soon(soon),
            (refused, _) => Self::Refused(refused),
        }
    }

    /// Glyph and word, and how they are painted.
    pub(super) fn words(self, theme: Theme) -> (String, Style) {
        match self {
            Self::Idle => (format!("{} needs nothing", theme.either("–", "-")), theme.dim()),
            Self::Usable => (format!("{} usable", theme.status_glyph(Status::Active)), theme.good()),
            Self::Soon(1) => (format!("{} 1 expires soon", theme.alert()), theme.warn()),
            Self::Soon(count) => (format!("{} {count} expire soon", theme.alert()), theme.warn()),
            Self::Refused(count) => (format!("{} {count} refused", theme.cross()), theme.bad()),
        }
    }
}

/// The status of a secret; one that is gone is as good as deleted.
pub(super) fn status_of(id: SecretId, shared: &Shared) -> Status {
    shared.header(id).map_or(Status::Deleted, |header| Status::of(header, shared.wall))
}

/// The secret's name.
pub(super) fn name_of(id: SecretId, shared: &Shared) -> String {
    shared.header(id).map_or(GONE.to_owned(), |header| clean(&header.name).into_owned())
}

/// One row.
pub(super) struct Entry {
    /// The application.
    pub(super) application: Arc<Application>,
    /// The names of the secrets that it needs, each once.
    pub(super) needs: String,
    /// Whether it would be served.
    pub(super) health: Health,
}

impl Entry {
    fn of(application: &Arc<Application>, shared: &Shared) -> Self {
        let mut names: Vec<String> = Vec::new();
        for Binding { secret, .. } in &application.bindings {
            let name = name_of(*secret, shared);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Self { application: application.clone(), needs: names.join(", "), health: Health::of(application, shared) }
    }

    /// What a find looks at.
    fn text(&self) -> String {
        format!("{} {} {}", self.application.name, self.needs, self.application.description)
    }
}

/// The rows, as they are shown.
#[derive(Default)]
pub(super) struct Model {
    /// All applications, by name; `None` until they are here.
    pub(super) all: Option<Vec<Arc<Application>>>,
    entries: Vec<Entry>,
    found: Vec<usize>,
    query: String,
}

impl Model {
    /// Takes in all applications, or looks at the secrets anew.
    pub(super) fn fill(&mut self, all: Option<Vec<Arc<Application>>>, shared: &Shared) {
        self.all = all.or(self.all.take());
        self.entries = self.all.iter().flatten().map(|application| Entry::of(application, shared)).collect();
        self.search();
    }

    /// Shows only what `query` finds; the empty query shows all.
    pub(super) fn find(&mut self, query: &str) {
        query.clone_into(&mut self.query);
        self.search();
    }

    /// In the order of the names: there are few of them.
    fn search(&mut self) {
        let mut finder = Finder::new(&self.query);
        let found = self.entries.iter().enumerate().filter(|(_, entry)| finder.score(&entry.text()).is_some());
        self.found = found.map(|(row, _)| row).collect();
    }

    /// What is being looked for.
    pub(super) fn query(&self) -> &str {
        &self.query
    }

    /// How many rows are shown.
    pub(super) fn len(&self) -> usize {
        self.found.len()
    }

    /// How many there are.
    pub(super) fn total(&self) -> usize {
        self.entries.len()
    }

    /// How many need a secret that is refused now.
    pub(super) fn refused(&self) -> usize {
        self.entries.iter().filter(|entry| matches!(entry.health, Health::Refused(_))).count()
    }

    /// The application in row `row`.
    pub(super) fn row(&self, row: usize) -> Option<&Entry> {
        self.found.get(row).map(|at| &self.entries[*at])
    }
}
