//! Unfinished forms: kept whenever nobody looks at them any more, offered at the next start, forgotten when they are done.

use super::update::Effects;
use super::{APP, App, KEEP, LEFT};
use crate::domain::{Unfinished, UnfinishedId};
use crate::service::{DoorError, LeftForm, Request, Response};
use crate::tui::layer::{DoorAnswer, Effect, Nav, Toast, Tone};
use crate::tui::{modals, words};

impl App {
    /// Keeps what was entered since it was kept last.
    pub(super) fn keep_unfinished(&mut self) -> Effects {
        let Self { shared, screens, .. } = self;
        let forms = screens.iter_mut().filter_map(|placed| placed.layer.to_keep(shared));
        forms.map(|form| (KEEP, Effect::Ask(Request::KeepUnfinished(form)))).collect()
    }

    /// Whether there is something to be kept.
    pub(super) fn has_unkept(&self) -> bool {
        self.screens.iter().any(|placed| placed.layer.is_unkept(&self.shared))
    }

    /// Takes the screens from `at` on off the stack, and what is kept of them out of the vault: it is done, or discarded.
    pub(super) fn leave_from(&mut self, at: usize) -> Effects {
        let left = self.screens.split_off(at.min(self.screens.len()));
        self.shared.left_at = left.iter().find_map(|placed| placed.layer.stands_on()).or(self.shared.left_at);
        left.iter().filter_map(|placed| placed.layer.kept_as()).map(forget).collect()
    }

    /// What is kept of all screens is discarded.
    pub(super) fn forget_unfinished(&self) -> Effects {
        self.screens.iter().filter_map(|placed| placed.layer.kept_as()).map(forget).collect()
    }

    /// What came of keeping or forgetting.
    pub(super) fn on_kept(&mut self, answer: DoorAnswer) -> Effects {
        match answer {
            Ok(_) => Vec::new(),
            Err(DoorError::Locked) => self.lock(),
            Err(error) => self.warn(format!("The unfinished form could not be kept. {}", words::error(&error))),
        }
    }

    /// Asks for the forms that were left unfinished, the first time that somebody is in.
    pub(super) fn ask_for_left(&mut self) -> Effects {
        if self.asked_for_left || self.shared.demo || !self.shared.writable() {
            return Vec::new();
        }
        self.asked_for_left = true;
        vec![(LEFT, Effect::Ask(Request::Unfinished))]
    }

    pub(super) fn on_left(&mut self, answer: DoorAnswer) -> Effects {
        match answer {
            Ok(Response::Unfinished(forms)) => {
                // What stands in another session is not left, and what stands here is not to be offered.
                let mine = |form: &LeftForm| self.screens.iter().any(|p| p.layer.kept_as() == Some(form.form.id));
                self.left = forms.into_iter().filter(|form| !form.open && !mine(form)).map(|left| left.form).collect();
                Vec::new()
            }
            Err(DoorError::Locked) => self.lock(),
            Err(error @ DoorError::File { .. }) => self.warn(format!("{}.", words::capital(&error.to_string()))),
            // Older doors know no such forms, and a failing one says so when somebody wants something of it.
            _ => Vec::new(),
        }
    }

    /// Offers the forms that were left, as soon as nothing else is asked.
    pub(super) fn offer_left(&mut self) -> Effects {
        let busy = self.gate.is_some() || self.dialog.is_some() || !self.shared.loaded;
        if busy || self.left.is_empty() {
            return Vec::new();
        }
        let mut left: Vec<Unfinished> = std::mem::take(&mut self.left);
        left.reverse();
        self.follow(APP, vec![Nav::Open(modals::offer(left))])
    }

    fn warn(&mut self, text: String) -> Effects {
        self.follow(APP, vec![Nav::Toast(Toast { text, tone: Tone::Warn })])
    }
}

fn forget(id: UnfinishedId) -> (crate::tui::layer::LayerId, Effect) {
    (KEEP, Effect::Ask(Request::DropUnfinished(id)))
}
