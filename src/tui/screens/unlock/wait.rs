//! The pause after a wrong guess.

use crate::tui::layer::Millis;

/// The pause after a wrong guess, as it is shown: in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wait {
    until: Millis,
    /// Seconds that are left.
    pub(super) left: u64,
}

impl Wait {
    pub(super) fn new(seconds: u32, now: Millis) -> Option<Self> {
        let left = u64::from(seconds);
        (left > 0).then_some(Self { until: now + left * 1000, left })
    }

    /// When the number of seconds changes next.
    pub(super) fn next_second(self) -> Millis {
        self.until - (self.left - 1) * 1000
    }

    /// What is left of it at `now`.
    pub(super) fn at(self, now: Millis) -> Option<Self> {
        let left = self.until.saturating_sub(now).div_ceil(1000);
        (left > 0).then_some(Self { left, ..self })
    }
}
