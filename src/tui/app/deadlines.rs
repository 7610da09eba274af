//! What happens by itself: when it is due, and what it does.

use super::update::Effects;
use super::{APP, App};
use crate::tui::layer::{Effect, LayerId, Millis};

/// After so long without a key nothing is shown in clear any more.
const IDLE_BLUR: Millis = 60 * 1000;
/// After so long without a key what was entered into a form is kept: the line may break at any moment, and others may lock
/// the vault before it does.
const IDLE_KEEP: Millis = 3 * 1000;

impl App {
    /// When [`Msg::Tick`](super::Msg::Tick) is wanted, if at all: the earliest real deadline.
    pub fn deadline(&self) -> Option<Millis> {
        let layers = self.layers().filter_map(|placed| placed.layer.deadline());
        let toast = self.toast.as_ref().map(|(_, until)| *until);
        let idle = self.blur_deadline().into_iter().chain(self.keep_deadline()).chain(self.timer_deadline());
        layers.chain(toast).chain(self.clipboard_until).chain(idle).min()
    }

    /// No timer runs for values that nobody could see.
    fn blur_deadline(&self) -> Option<Millis> {
        let shown = self.layers().any(|placed| placed.layer.is_in_clear());
        shown.then_some(self.last_input + IDLE_BLUR)
    }

    /// Nor for forms that are kept.
    fn keep_deadline(&self) -> Option<Millis> {
        self.has_unkept().then_some(self.last_input + IDLE_KEEP)
    }

    /// Does what is due. It comes before the message of the same moment: a key that is too late counts as none.
    pub(super) fn on_due(&mut self) -> Effects {
        let now = self.shared.mono();
        self.toast.take_if(|(_, until)| *until <= now);
        let mut effects = Vec::new();
        if self.clipboard_until.take_if(|until| *until <= now).is_some() {
            effects.push((APP, Effect::ClearClipboard));
        }
        if self.last_input + IDLE_KEEP <= now {
            effects.extend(self.keep_unfinished());
        }
        if self.last_input + IDLE_BLUR <= now {
            effects.extend(self.blur());
        }
        effects.extend(self.ask_when_due());
        effects.extend(self.on_due_in_layers(now));
        effects
    }

    fn on_due_in_layers(&mut self, now: Millis) -> Effects {
        let is_due = |at: Option<Millis>| at.is_some_and(|at| at <= now);
        let due: Vec<LayerId> = self.layers().filter(|p| is_due(p.layer.deadline())).map(|p| p.id).collect();
        due.into_iter().flat_map(|id| self.with(id, |layer, cx| layer.on_deadline(cx))).collect()
    }
}
