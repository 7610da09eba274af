//! The lock timer. The door decides when the vault locks; here is only what it said last, and when to ask again.

use super::update::Effects;
use super::{App, TIMER};
use crate::service::{DoorError, Request, Response, Session, VaultStatus};
use crate::tui::layer::{DoorAnswer, Effect, Millis};

/// The door is told of somebody at the keyboard no more often than this.
const TOUCH_EVERY: Millis = 20 * 1000;
/// The remaining minutes are shown when there are no more than these.
const SHOWN: Millis = 5 * 60 * 1000;
const MINUTE: Millis = 60 * 1000;

/// What the door said of its idle lock.
#[derive(Debug, Default)]
pub(super) struct LockTimer {
    /// When the vault is locked unless somebody does something; `None`: never, or it is locked.
    ends: Option<Millis>,
    /// How long that was when the door said it.
    told: Millis,
    /// When the door was told the last time that somebody is at the keyboard.
    touched: Millis,
    /// It has been asked and has not answered yet.
    asked: bool,
}

impl LockTimer {
    /// Takes in what the door says at `now`.
    pub(super) fn set(&mut self, session: &Session, now: Millis) {
        // It rounds up: at the end by this clock its own time is over.
        self.told = session.locks_in.map_or(0, |seconds| u64::from(seconds.max(1)) * 1000);
        self.ends = session.locks_in.map(|_| now + self.told);
        self.asked = false;
    }

    /// The vault is locked.
    pub(super) fn stop(&mut self) {
        *self = Self::default();
    }

    /// When to ask again: at the end, and before that whenever the note is to appear or to change. Others may have kept the
    /// vault open.
    fn ask_at(&self) -> Option<Millis> {
        let end = self.ends?;
        match self.told {
            _ if self.asked => Some(end),
            told if told > SHOWN => Some(end - SHOWN),
            told => Some(end - told.saturating_sub(1) / MINUTE * MINUTE),
        }
    }

    fn is_over(&self, now: Millis) -> bool {
        self.ends.is_some_and(|end| end <= now)
    }

    /// How many minutes are left at `now`, if the door said that they are few.
    fn minutes(&self, now: Millis) -> Option<u64> {
        let left = self.ends?.saturating_sub(now);
        (self.told <= SHOWN && left <= SHOWN).then(|| left.div_ceil(MINUTE))
    }
}

impl App {
    /// When the lock timer wants to be looked at, if at all.
    pub(super) fn timer_deadline(&self) -> Option<Millis> {
        self.timer.ask_at().filter(|_| !self.is_covered())
    }

    /// The screens take no keys: it is not known whether the vault is open still.
    pub(super) fn is_covered(&self) -> bool {
        self.locking || self.checking
    }

    /// What the corner says of the lock.
    pub(super) fn note(&self) -> Option<String> {
        let ellipsis = self.shared.theme.ellipsis();
        match (self.locking, self.checking) {
            (true, _) => Some(format!("locking{ellipsis}")),
            (_, true) => Some(format!("locked?{ellipsis}")),
            _ => self.timer.minutes(self.shared.mono()).map(|minutes| format!("locks in {minutes} min")),
        }
    }

    /// Asks the door how long the vault stays open, where that is due. At the end no key counts until it has answered.
    pub(super) fn ask_when_due(&mut self) -> Effects {
        let now = self.shared.mono();
        let over = self.timer.is_over(now) && !self.is_covered();
        if !over && self.timer_deadline().is_none_or(|at| at > now) {
            return Vec::new();
        }
        if over {
            return self.check();
        }
        self.timer.asked = true;
        vec![(TIMER, Effect::Ask(Request::Status))]
    }

    /// Asks whether the vault is open still. Until the door has answered no key counts.
    pub(super) fn check(&mut self) -> Effects {
        let mut effects = self.blur();
        (self.checking, self.timer.asked) = (true, true);
        effects.push((TIMER, Effect::Ask(Request::Status)));
        effects
    }

    /// Tells the door that somebody is at the keyboard, unless it has just been told.
    pub(super) fn touch(&mut self) -> Effects {
        let now = self.shared.mono();
        // Where the time is short, what is done here has to be told sooner.
        let every = TOUCH_EVERY.min(self.timer.told / 4);
        let needless = self.timer.ends.is_none() || now < self.timer.touched + every;
        if needless || self.is_covered() {
            return Vec::new();
        }
        (self.timer.touched, self.timer.asked) = (now, true);
        vec![(TIMER, Effect::Ask(Request::Touch))]
    }

    /// What the door says of the vault, asked by the timer.
    pub(super) fn on_timer(&mut self, answer: DoorAnswer) -> Effects {
        let mut effects = self.timer_answered(answer);
        if !self.checking {
            effects.extend(self.after_line_lost());
        }
        effects
    }

    fn timer_answered(&mut self, answer: DoorAnswer) -> Effects {
        let now = self.shared.mono();
        match answer {
            // Locked in between, and asked before that.
            _ if self.shared.session.is_none() => Vec::new(),
            Ok(Response::Status(VaultStatus::Unlocked(session))) => {
                self.timer.set(&session, now);
                self.shared.session = Some(session);
                self.checking = false;
                Vec::new()
            }
            Ok(Response::Status(_)) | Err(DoorError::Locked) => self.lock(),
            // Whether it is open nobody knows: it is treated as locked.
            Err(error) if self.checking => self.locked(Some(error)),
            // It is asked again at the end.
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::screens::script::session;

    fn timer(left: Option<u32>, now: Millis) -> LockTimer {
        let mut timer = LockTimer::default();
        timer.set(&Session { locks_in: left, ..session() }, now);
        timer
    }

    #[test]
    fn it_asks_before_it_shows_and_at_every_minute_it_shows() {
        let long = timer(Some(900), 1000);
        assert_eq!((long.ask_at(), long.minutes(1000)), (Some(601_000), None));
        assert_eq!(long.minutes(700_000), None, "not before the door has said so");
        let short = timer(Some(300), 601_000);
        assert_eq!((short.ask_at(), short.minutes(601_000)), (Some(661_000), Some(5)));
        let last = timer(Some(60), 841_000);
        assert_eq!((last.ask_at(), last.minutes(841_000)), (Some(901_000), Some(1)));
        assert!(!last.is_over(900_999) && last.is_over(901_000));
        let never = timer(None, 1000);
        assert_eq!((never.ask_at(), never.minutes(1000), never.is_over(Millis::MAX)), (None, None, false));
    }
}
