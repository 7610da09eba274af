//! Dialogs in which things are ticked: what a list shows, how far a permission reaches.

use std::borrow::Cow;
use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::organization::{Permission, Reach};
use crate::domain::{Kind, Scope, SecretId, State};
use crate::tui::app::Shared;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Arrange, Chosen, Cx, Layer, Nav};
use crate::tui::screens::audit::{EventFilter, Group};
use crate::tui::screens::listing::{Filter, STATUSES};
use crate::tui::screens::scope_word;
use crate::tui::text::clean;
use crate::tui::widgets::{Tick, Ticks};

/// What is said where nothing ticked shows all.
const SHOWS_ALL: &str = "Nothing ticked shows all.";
/// The scopes that the filter has.
const SCOPES: [Scope; 2] = [Scope::Organization, Scope::Personal];

struct Ticked {
    title: String,
    /// The footer's word for Enter.
    verb: &'static str,
    /// What it means that nothing is ticked.
    nothing: &'static str,
    wide: u16,
    ticks: Ticks,
    /// What follows from what is ticked.
    then: Box<dyn Fn(&Ticks) -> Nav + Send>,
}

/// Ticks the types, statuses and scopes that the listing shows.
pub fn filter(filter: &Filter) -> Box<dyn Layer> {
    let kinds = Kind::ALL.iter().map(|kind| Tick::new(kind.label(), filter.kinds.contains(kind)));
    let statuses = STATUSES.iter().map(|status| Tick::new(*status, filter.statuses.contains(status)));
    let scopes = SCOPES.iter().map(|scope| Tick::new(scope_word(*scope), filter.scopes.contains(scope)));
    let then = |ticks: &Ticks| {
        Nav::Arrange(Arrange::Filter(Filter {
            kinds: ticks.ticked(0).map(|at| Kind::ALL[at]).collect(),
            statuses: ticks.ticked(1).map(|at| STATUSES[at]).collect(),
            scopes: ticks.ticked(2).map(|at| SCOPES[at]).collect(),
        }))
    };
    shown(vec![kinds.collect(), statuses.collect(), scopes.collect()], then)
}

/// Ticks the kinds of events that the audit log shows.
pub fn events(filter: &EventFilter) -> Box<dyn Layer> {
    let groups = Group::ALL.iter().map(|group| Tick::new(group.label(), filter.groups.contains(group)));
    let refused = vec![Tick::new("What was refused", filter.refused)];
    let then = |ticks: &Ticks| {
        Nav::Arrange(Arrange::Events(EventFilter {
            groups: ticks.ticked(0).map(|at| Group::ALL[at]).collect(),
            refused: ticks.ticked(1).next().is_some(),
        }))
    };
    shown(vec![groups.collect(), refused], then)
}

fn shown(groups: Vec<Vec<Tick>>, then: impl Fn(&Ticks) -> Nav + Send + 'static) -> Box<dyn Layer> {
    let title = "Show only".to_owned();
    let ticks = Ticks::new(groups);
    Box::new(Ticked { title, verb: "Show these", nothing: SHOWS_ALL, wide: 44, ticks, then: Box::new(then) })
}

/// Ticks the secrets that `permission` of the member called `name` reaches; `now` is how far it does.
pub fn reach(name: &str, permission: Permission, now: Option<&Reach>, shared: &Shared) -> Box<dyn Layer> {
    let all = Tick::new("All secrets, also those registered later", now == Some(&Reach::All));
    let mut secrets: Vec<(String, SecretId)> = shared
        .headers
        .iter()
        .filter(|header| header.scope == Scope::Organization && !matches!(header.state, State::Deleted(_)))
        .map(|header| (clean(&header.name).into_owned(), header.id))
        .collect();
    // Registering reaches all secrets or none.
    secrets.retain(|_| permission != Permission::Register);
    secrets.sort_by_cached_key(|(name, _)| name.to_lowercase());
    let named = |id: &SecretId| matches!(now, Some(Reach::Named(ids)) if ids.contains(id));
    let ticks = secrets.iter().map(|(name, id)| Tick::new(name.clone(), named(id))).collect();
    // A secret that is not listed here any more stays as it is.
    let listed: BTreeSet<SecretId> = secrets.iter().map(|(_, id)| *id).collect();
    let kept: Vec<SecretId> = match now {
        Some(Reach::Named(ids)) => ids.difference(&listed).copied().collect(),
        _ => Vec::new(),
    };
    let then = move |ticks: &Ticks| {
        let ids: BTreeSet<SecretId> = ticks.ticked(1).map(|at| secrets[at].1).chain(kept.iter().copied()).collect();
        let reach = match ticks.ticked(0).next() {
            Some(_) => Some(Reach::All),
            None => (!ids.is_empty()).then_some(Reach::Named(ids)),
        };
        Nav::Chosen(Chosen::Reach(reach))
    };
    Box::new(Ticked {
        title: format!("{}: what may {} do it with?", permission.label(), clean(name)),
        verb: "Save",
        nothing: "Nothing ticked is none.",
        wide: 60,
        ticks: Ticks::new(vec![vec![all], ticks]),
        then: Box::new(then),
    })
}

impl Layer for Ticked {
    fn context(&self) -> Context {
        Context::Choice
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        match cmd {
            Cmd::Open => Some(self.verb.into()),
            Cmd::Toggle => Some("Tick".into()),
            _ => None,
        }
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.close(),
            Cmd::Open => cx.navs.push((self.then)(&self.ticks)),
            _ => self.ticks.on_cmd(cmd, cx.shared.size.1),
        }
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        self.ticks.render(area, buf, &self.title, self.wide, self.nothing, shared.theme);
    }
}
