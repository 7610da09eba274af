//! Submitting, and what the door answers.

use std::sync::Arc;

use super::{Column, Place, Screen};
use crate::domain::{Application, ApplicationDraft, Binding};
use crate::service::{DoorError, Request, Response};
use crate::tui::changes::when;
use crate::tui::keymap::Cmd;
use crate::tui::layer::{Cx, DoorAnswer, Tone};
use crate::tui::modals::{Confirm, Then};
use crate::tui::text::clean;
use crate::tui::words;

impl Screen {
    /// Submits what stands here; the first thing that is wrong gets the focus.
    pub(super) fn submit(&mut self, cx: &mut Cx<'_>) {
        if !cx.shared.writable() {
            return;
        }
        if self.base.is_some() && !self.is_changed() {
            cx.toast(Tone::Good, "Nothing was changed.");
            return cx.pop();
        }
        self.notice = None;
        let Some(draft) = self.draft() else { return };
        self.working = true;
        cx.ask(match &self.base {
            Some(base) => Request::EditApplication { id: base.id, revision: base.revision, draft },
            None => Request::AddApplication(draft),
        });
    }

    /// Submits over what somebody else changed in between.
    pub(super) fn overwrite(&mut self, cx: &mut Cx<'_>) {
        if let Some(theirs) = self.theirs.take() {
            self.base = Some(theirs);
            self.submit(cx);
        }
    }

    fn draft(&mut self) -> Option<ApplicationDraft> {
        let name = self.name.text().trim();
        self.name_error = name.is_empty().then(|| "Give it a name.".to_owned());
        if self.name_error.is_some() {
            self.place = Place::Name;
        }
        let bindings = self.bindings();
        let draft = ApplicationDraft {
            name: self.name.text().trim().into(),
            description: self.description.text().trim().into(),
            bindings: bindings?,
        };
        self.name_error.is_none().then_some(draft)
    }

    /// The rows that are filled in; `None` when one of them is not right.
    fn bindings(&mut self) -> Option<Vec<Binding>> {
        let mut bindings: Vec<Binding> = Vec::new();
        let mut wrong = None;
        for (row, line) in self.lines.iter_mut().enumerate().filter(|(_, line)| !line.is_blank()) {
            line.error = match line.binding(self.base.as_deref()) {
                Ok(binding) if bindings.iter().any(|other| other.target.collides_with(&binding.target)) => {
                    Some(format!("{} stands in another row already.", clean(binding.target.name())))
                }
                Ok(binding) => {
                    bindings.push(binding);
                    None
                }
                Err(error) => Some(error),
            };
            if line.error.is_some() && wrong.is_none() {
                wrong = Some(Place::Cell(row, missing(line)));
            }
        }
        match wrong {
            Some(place) if self.name_error.is_none() => self.place = place,
            Some(_) => {}
            None => return Some(bindings),
        }
        None
    }

    pub(super) fn answered(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        self.working = false;
        match answer {
            Ok(Response::Application(application)) => {
                cx.pop();
                let did = if self.base.is_some() { "Saved" } else { "Added" };
                cx.toast(Tone::Good, format!("{did} {}", words::short(&clean(&application.name))));
            }
            Ok(_) => {}
            Err(DoorError::ApplicationConflict { current }) => self.changed_in_between(current, cx),
            Err(DoorError::NoApplication) => {
                self.base = None;
                let text = "It was removed while you were editing. What you typed is still here: saving adds it anew.";
                self.notice = Some((Tone::Warn, text.to_owned()));
            }
            Err(error @ DoorError::ApplicationNameTaken(_)) => self.say_beside("name", &words::error(&error)),
            Err(DoorError::Invalid { field, cause }) => self.say_beside(&field, &cause),
            Err(error) => self.notice = Some((Tone::Bad, words::error(&error))),
        }
    }

    /// Puts the refusal beside the field, in the rows beside the one that it names.
    fn say_beside(&mut self, field: &str, cause: &str) {
        let text = cause.to_owned();
        let named = |name: &str| !name.is_empty() && cause.contains(name);
        let row = self.lines.iter().position(|line| named(line.target().name()));
        match (field, row) {
            ("name", _) => (self.name_error, self.place) = (Some(text), Place::Name),
            ("description", _) => (self.description_error, self.place) = (Some(text), Place::Description),
            (_, Some(row)) => {
                self.lines[row].error = Some(text);
                self.place = Place::Cell(row, Column::Name);
            }
            _ => self.notice = Some((Tone::Bad, text)),
        }
    }

    /// Somebody was faster. Nothing typed is lost, and theirs is not overwritten unasked.
    fn changed_in_between(&mut self, current: Arc<Application>, cx: &mut Cx<'_>) {
        let who = words::short(&clean(&current.modified.by)).into_owned();
        let when = when(current.modified.at, cx.shared.wall);
        let sentences = vec![
            format!("{who} changed {} {when}, while you were editing.", changes(self.base.as_deref(), &current)),
            "What you typed is still here. Saving it all the same takes the place of theirs.".to_owned(),
        ];
        let title = format!("{} was changed by somebody else", clean(&current.name));
        self.theirs = Some(current);
        cx.open(Confirm::new(title, sentences, "Back to the form", "Save mine", Then::Perform(Cmd::Overwrite)));
    }
}

/// The first column that is to be filled in, or the name.
fn missing(line: &super::Line) -> Column {
    match (line.name.text().trim().is_empty(), line.secret, &line.field) {
        (false, None, _) => Column::Secret,
        (false, Some(_), None) => Column::Field,
        _ => Column::Name,
    }
}

/// What is different in `new`.
fn changes(old: Option<&Application>, new: &Application) -> String {
    let Some(old) = old else { return "all of it".to_owned() };
    let mut what = Vec::new();
    if old.name != new.name {
        what.push("the name");
    }
    if old.description != new.description {
        what.push("the description");
    }
    if old.bindings != new.bindings {
        what.push("what it needs");
    }
    what.join(" and ")
}
