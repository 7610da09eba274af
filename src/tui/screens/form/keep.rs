//! What is kept of a form for the next start, and how one goes on with it.

use super::{Screen, scope};
use crate::domain::{State, Unfinished, UnfinishedId};
use crate::form::{Form, Mode};
use crate::tui::app::Shared;
use crate::tui::changes;
use crate::tui::layer::{Layer, Tone};

/// The fields that are kept, with their texts.
pub(super) type Fields = Vec<(Box<str>, Box<str>)>;

const ANEW: &str = "Secret values are never kept: enter those anew.";

/// The form that was left, filled in again.
pub fn resume(left: &Unfinished, shared: &Shared) -> Box<dyn Layer> {
    let header = left.edits.and_then(|(id, _)| shared.header(id));
    let alive = header.filter(|header| !matches!(header.state, State::Deleted(_)));
    let (form, notice) = match (left.edits, alive) {
        (None, _) => (Form::register(left.kind).beginning_in(scope::first(shared)), ANEW.to_owned()),
        (Some((_, revision)), Some(header)) if header.revision == revision => (Form::edit(header), ANEW.to_owned()),
        (Some(_), Some(header)) => {
            let (by, at) = (&header.modified.by, changes::when(header.modified.at, shared.wall));
            (
                Form::edit(header),
                format!("{by} changed it since, {at}: you will see both sides before it is saved. {ANEW}"),
            )
        }
        (Some(_), None) => {
            let gone = "The secret that it edits is not there any more: this registers a new one.";
            (Form::register(left.kind), format!("{gone} {ANEW}"))
        }
    };
    let revision = left.edits.filter(|_| alive.is_some()).map_or(0, |(_, revision)| revision);
    let mut screen = Screen::new(form, revision);
    screen.form.fill_in(&left.fields);
    // The revision that is there now has just been told of.
    screen.noticed = alive.map_or(revision, |header| header.revision);
    screen.kept = Some((left.id, left.fields.clone()));
    screen.notice = Some((Tone::Warn, notice));
    screen.stand_on(screen.focus, true);
    Box::new(screen)
}

impl Screen {
    /// What there is to keep, unless it is kept as it is. The demo keeps nothing, and nor does a vault that is locked.
    fn unkept(&self, shared: &Shared) -> Option<Fields> {
        if shared.demo || self.working || !shared.writable() {
            return None;
        }
        let fields = self.form.to_keep();
        let kept = self.kept.as_ref().is_some_and(|(_, kept)| *kept == fields);
        (!kept && !fields.is_empty()).then_some(fields)
    }

    pub(super) fn is_unkept(&self, shared: &Shared) -> bool {
        self.unkept(shared).is_some()
    }

    pub(super) fn keep(&mut self, shared: &Shared) -> Option<Unfinished> {
        let fields = self.unkept(shared)?;
        let id = match &self.kept {
            Some((id, _)) => *id,
            None => new_id(shared)?,
        };
        self.kept = Some((id, fields.clone()));
        let edits = match self.form.mode() {
            Mode::Edit(header) => Some((header.id, self.revision)),
            Mode::Register => None,
        };
        let (kind, name) = (self.form.kind(), self.form.name());
        Some(Unfinished { id, kind, edits, name, fields, saved: shared.wall, keeper: shared.keeper.clone() })
    }
}

/// Without randomness nothing is kept, and nothing else works either.
fn new_id(shared: &Shared) -> Option<UnfinishedId> {
    let mut id = [0; 16];
    shared.entropy.fill(&mut id).ok().map(|()| UnfinishedId(id))
}
