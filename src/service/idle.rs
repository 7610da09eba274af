//! The idle lock: after so long without a request the vault is locked.

use std::time::Duration;

/// How long that is unless somebody says otherwise.
pub const IDLE_LOCK: Duration = Duration::from_secs(15 * 60);

/// Counts from the last request. Times are those of [`Clock::uptime`](crate::host::Clock::uptime).
#[derive(Debug, Clone, Copy)]
pub(super) struct IdleLock {
    after: Option<Duration>,
    last_use: Duration,
}

impl IdleLock {
    /// One that locks after `after`; never, when that is `None`.
    pub(super) fn after(after: Option<Duration>) -> Self {
        Self { after, last_use: Duration::ZERO }
    }

    /// Whether one that locks after `after` would lock later.
    pub(super) fn is_shorter_than(&self, after: Option<Duration>) -> bool {
        match (self.after, after) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(present), Some(after)) => present < after,
        }
    }

    /// Somebody did something at `now`.
    pub(super) fn touch(&mut self, now: Duration) {
        self.last_use = now;
    }

    /// How long is left at `now`; `None`: for ever.
    pub(super) fn left(&self, now: Duration) -> Option<Duration> {
        self.after.map(|after| (self.last_use + after).saturating_sub(now))
    }

    /// Whether the time is over at `now`.
    pub(super) fn is_over(&self, now: Duration) -> bool {
        self.left(now) == Some(Duration::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_from_the_last_use() {
        let seconds = Duration::from_secs;
        let mut idle = IdleLock::after(Some(seconds(60)));
        idle.touch(seconds(100));
        assert_eq!(idle.left(seconds(130)), Some(seconds(30)));
        assert!(!idle.is_over(seconds(159)) && idle.is_over(seconds(160)) && idle.is_over(seconds(1000)));
        idle.touch(seconds(159));
        assert!(!idle.is_over(seconds(160)));
        assert!(idle.is_shorter_than(None) && idle.is_shorter_than(Some(seconds(61))));
        assert!(!idle.is_shorter_than(Some(seconds(60))) && !IdleLock::after(None).is_shorter_than(None));
        let never = IdleLock::after(None);
        assert!(never.left(seconds(1)).is_none() && !never.is_over(Duration::MAX));
    }
}
