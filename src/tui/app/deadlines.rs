//! What happens by itself: when it is due, and what it does.

use super::update::Effects;
use super::{APP, App};
use crate::tui::layer::{Effect, LayerId, Millis};

/// After so long without a key nothing is shown in clear any more.
const IDLE_BLUR: Millis = 60 * 1000;
/// After so long without a key the vault is locked.
const IDLE_LOCK: Millis = 15 * 60 * 1000;
/// The remaining minutes are shown when there are no more than these.
const LOCK_SHOWN: Millis = 5 * 60 * 1000;

impl App {
    /// When [`Msg::Tick`](super::Msg::Tick) is wanted, if at all: the earliest real deadline.
    pub fn deadline(&self) -> Option<Millis> {
        let layers = self.layers().filter_map(|placed| placed.layer.deadline());
        let toast = self.toast.as_ref().map(|(_, until)| *until);
        let idle = self.blur_deadline().into_iter().chain(self.lock_deadline());
        layers.chain(toast).chain(self.clipboard_until).chain(idle).min()
    }

    /// No timer runs for values that nobody could see.
    fn blur_deadline(&self) -> Option<Millis> {
        let shown = self.layers().any(|placed| placed.layer.is_in_clear());
        shown.then_some(self.last_input + IDLE_BLUR)
    }

    /// The next moment at which the idle lock changes something: the note appears, counts, or it locks.
    fn lock_deadline(&self) -> Option<Millis> {
        if !self.locks_when_idle() {
            return None;
        }
        let end = self.last_input + IDLE_LOCK;
        let left = end.saturating_sub(self.shared.mono());
        if left > LOCK_SHOWN {
            return Some(end - LOCK_SHOWN);
        }
        Some(end - left.saturating_sub(1) / 60_000 * 60_000)
    }

    /// Whatever covers the screens: the vault is open.
    fn locks_when_idle(&self) -> bool {
        self.shared.session.is_some() && !self.shared.demo && !self.locking
    }

    /// What the corner says of the lock.
    pub(super) fn note(&self) -> Option<String> {
        if self.locking {
            return Some(format!("locking{}", self.shared.theme.ellipsis()));
        }
        let left = (self.last_input + IDLE_LOCK).saturating_sub(self.shared.mono());
        let shown = self.locks_when_idle() && left <= LOCK_SHOWN;
        shown.then(|| format!("locks in {} min", left.div_ceil(60_000)))
    }

    /// Does what is due. It comes before the message of the same moment: a key that is too late counts as none.
    pub(super) fn on_due(&mut self) -> Effects {
        let now = self.shared.mono();
        self.toast.take_if(|(_, until)| *until <= now);
        let mut effects = Vec::new();
        if self.clipboard_until.take_if(|until| *until <= now).is_some() {
            effects.push((APP, Effect::ClearClipboard));
        }
        if self.last_input + IDLE_BLUR <= now {
            self.blur();
        }
        if self.locks_when_idle() && self.last_input + IDLE_LOCK <= now {
            effects.extend(self.ask_to_lock());
        }
        effects.extend(self.on_due_in_layers(now));
        effects
    }

    fn on_due_in_layers(&mut self, now: Millis) -> Effects {
        let is_due = |at: Option<Millis>| at.is_some_and(|at| at <= now);
        let due: Vec<LayerId> = self.layers().filter(|p| is_due(p.layer.deadline())).map(|p| p.id).collect();
        due.into_iter().flat_map(|id| self.with(id, |layer, cx| layer.on_deadline(cx))).collect()
    }
}
