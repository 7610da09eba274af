//! Submitting, and what the door answers.

use std::sync::Arc;

use super::Screen;
use super::focus::Focus;
use crate::domain::kind::Input;
use crate::domain::{Header, State};
use crate::form::{FieldError, Mode};
use crate::service::{DoorError, Request, Response};
use crate::tui::app::Shared;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Nav, Tone};
use crate::tui::screens::{saved, served};
use crate::tui::text::clean;
use crate::tui::{changes, modals, words};

impl Screen {
    /// Submits the form; files whose paths are typed are read first.
    pub(super) fn submit(&mut self, cx: &mut Cx<'_>) {
        self.leave(cx);
        self.submit_when_read = self.read_all_typed(cx);
        if !self.submit_when_read {
            self.send(cx);
        }
    }

    /// Submits over what somebody else changed in between: what they changed and nobody touched here stays theirs.
    pub(super) fn overwrite(&mut self, cx: &mut Cx<'_>) {
        if let Some(theirs) = self.theirs.take() {
            self.rebase(&theirs);
            self.submit(cx);
        }
    }

    fn rebase(&mut self, theirs: &Header) {
        self.form.rebase(theirs);
        self.revision = theirs.revision;
        self.notice = None;
        self.stand_on(self.focus, true);
    }

    /// Goes on with what stands here as a new secret.
    pub(super) fn start_anew(&mut self, cx: &Cx<'_>) {
        self.form.start_anew();
        (self.revision, self.theirs) = (0, None);
        let text = "This registers a new secret. The stored values are gone with the old one: enter what is missing.";
        self.notice = Some((Tone::Warn, text.to_owned()));
        if !self.form.validate(cx.shared.wall) {
            self.stand_on_error();
        }
    }

    pub(super) fn send(&mut self, cx: &mut Cx<'_>) {
        if self.is_edit() && !self.form.is_changed() {
            cx.toast(Tone::Good, "Nothing was changed.");
            return cx.pop();
        }
        self.notice = None;
        match self.request(cx) {
            Some(request) => {
                self.working = true;
                cx.ask(request);
            }
            None => self.stand_on_error(),
        }
    }

    fn request(&mut self, cx: &Cx<'_>) -> Option<Request> {
        let id = match self.form.mode() {
            Mode::Edit(header) => header.id,
            Mode::Register => {
                self.sent = self.form.draft(cx.shared.wall);
                return self.sent.clone().map(Request::Register);
            }
        };
        let change = self.form.change(cx.shared.wall)?;
        Some(Request::Edit { id, revision: self.revision, change })
    }

    pub(super) fn answered(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        if let Some(header) = self.stored.take() {
            return self.leave_for_served(&header, answer, cx);
        }
        let answer = if self.is_edit() { self.uses.take(answer) } else { Some(answer) };
        let Some(answer) = answer else { return };
        self.working = false;
        match answer {
            Ok(Response::Changed(header)) => self.stored(&header, cx),
            Ok(_) => {}
            Err(error) => self.refused(error, cx),
        }
    }

    fn stored(&mut self, header: &Header, cx: &mut Cx<'_>) {
        // Whatever was being asked about the form has its answer.
        cx.close();
        match self.sent.take() {
            Some(draft) => cx.navs.push(Nav::Replace(saved::screen(header, draft, cx.shared.size.1))),
            None if self.has_new_value(header) => {
                (self.stored, self.working) = (Some(Arc::new(header.clone())), true);
                cx.ask(Request::Uses(header.id));
            }
            None if self.is_edit() => {
                cx.pop();
                cx.toast(Tone::Good, format!("Saved {}", words::short(&clean(&header.name))));
            }
            // The vault was locked meanwhile, and the draft forgotten.
            None => cx.navs.push(Nav::ToListing(header.id)),
        }
    }

    fn has_new_value(&self, header: &Header) -> bool {
        matches!(self.form.mode(), Mode::Edit(base) if base.value_set != header.value_set)
    }

    /// The new value is stored: says who was last served the one before, where somebody was.
    fn leave_for_served(&mut self, header: &Header, answer: DoorAnswer, cx: &mut Cx<'_>) {
        let saved = format!("Saved {}", words::short(&clean(&header.name)));
        let (tone, text) = match answer {
            Ok(Response::Uses(uses)) if uses.deliveries.iter().any(|seen| seen.old_value) => {
                return cx.navs.push(Nav::Replace(served::screen(header, uses)));
            }
            Ok(_) => (Tone::Good, format!("{saved}. No use of an earlier value has been seen.")),
            Err(error) => (
                Tone::Warn,
                format!("{saved}. Who was served an earlier value cannot be told: {}", words::error(&error)),
            ),
        };
        cx.pop();
        cx.toast(tone, text);
    }

    fn refused(&mut self, error: DoorError, cx: &mut Cx<'_>) {
        self.sent = None;
        let text = words::error(&error);
        match error {
            DoorError::NameTaken(_) => {
                let name = self.form.fields().iter().find(|field| field.spec().input == Input::Name);
                let key = name.map_or("", |field| field.spec().key);
                self.say_beside(key, &text);
            }
            DoorError::Invalid { field, cause } => self.say_beside(&field, &cause),
            DoorError::Conflict { current } => self.changed_in_between(current, cx),
            DoorError::NotFound | DoorError::NoSecret(_) if self.is_edit() => self.is_gone(None, cx),
            _ => self.say(text),
        }
    }

    /// Puts the refusal beside the field, or above the buttons when there is no such field.
    fn say_beside(&mut self, key: &str, text: &str) {
        let shown = self.form.index_of(key).filter(|index| self.form.is_visible(*index));
        match shown {
            Some(index) => {
                self.form.set_error(index, FieldError::Told(text.into()));
                self.stand_on(Focus::Field(index), true);
            }
            None => self.say(text.to_owned()),
        }
    }

    fn say(&mut self, text: String) {
        self.notice = Some((Tone::Bad, text));
    }

    /// Somebody was faster. Nothing typed is lost, and nothing of theirs: both sides are shown.
    fn changed_in_between(&mut self, current: Arc<Header>, cx: &mut Cx<'_>) {
        self.note_change(&current, cx.shared);
        if matches!(current.state, State::Deleted(_)) {
            return self.is_gone(Some(&current), cx);
        }
        let differences = self.form.differences(&current);
        cx.navs.push(Nav::Open(modals::conflict(cx.me, differences, &current, cx.shared.wall)));
        self.theirs = Some(current);
    }

    fn is_gone(&mut self, tombstone: Option<&Header>, cx: &mut Cx<'_>) {
        let name = self.form.name();
        cx.navs.push(Nav::Open(modals::gone(cx.me, &name, tombstone, cx.shared.wall)));
    }

    /// Says in the form what others have made of its secret since it was opened.
    pub(super) fn note_change(&mut self, now: &Header, shared: &Shared) {
        let Mode::Edit(base) = self.form.mode() else { return };
        let told = changes::told(base, now, shared.wall);
        let key = words::key(Context::Form, Cmd::Submit, shared.theme);
        let next = match now.state {
            State::Deleted(_) => "can make a new secret of what stands here.",
            _ => "shows both sides before anything is saved.",
        };
        self.notice = Some((Tone::Warn, format!("{told}. {key} {next}")));
    }
}
