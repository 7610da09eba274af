//! A clock that only goes forward, and goes on while the machine sleeps: nobody is at the keyboard then.

use std::time::Duration;

use rustix::time::{ClockId, Timespec, clock_gettime};

use crate::tui::layer::Millis;

/// On Linux, the monotonic clock stands still while the machine sleeps; elsewhere it does not.
#[cfg(target_os = "linux")]
const CLOCK: ClockId = ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const CLOCK: ClockId = ClockId::Monotonic;

/// Counts from the moment at which it was made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mono(Timespec);

impl Mono {
    pub(super) fn start() -> Self {
        Self(clock_gettime(CLOCK))
    }

    /// Milliseconds since the start.
    pub(super) fn now(self) -> Millis {
        let since = Duration::try_from(clock_gettime(CLOCK) - self.0).unwrap_or_default();
        Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_milliseconds() {
        let (clock, other) = (Mono::start(), std::time::Instant::now());
        std::thread::sleep(Duration::from_millis(20));
        let (counted, passed) = (clock.now(), other.elapsed().as_millis());
        assert!(counted >= 20 && u128::from(counted) <= passed + 5, "{counted} ms in {passed} ms");
    }
}
