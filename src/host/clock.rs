//! The clocks, injected.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};

/// On Linux, the monotonic clock stands still while the machine sleeps; elsewhere it does not.
#[cfg(target_os = "linux")]
const UPTIME: ClockId = ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const UPTIME: ClockId = ClockId::Monotonic;

/// Tells the time of day, and the time that passes whatever the time of day is set to.
pub trait Clock: Send + Sync {
    /// Seconds since the Unix epoch; negative before it.
    fn now(&self) -> i64;

    /// Time since some moment in the past: it only goes forward, and goes on while the machine sleeps.
    fn uptime(&self) -> Duration;
}

/// The machine's own clocks.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX),
        }
    }

    fn uptime(&self) -> Duration {
        clock_gettime(UPTIME).try_into().unwrap_or_default()
    }
}

/// Clocks that stand still until a test moves them.
#[derive(Debug)]
pub struct FixedClock {
    now: AtomicI64,
    uptime_ms: AtomicU64,
}

impl FixedClock {
    /// A clock that shows `now`, in seconds since the Unix epoch.
    pub fn at(now: i64) -> Self {
        Self { now: AtomicI64::new(now), uptime_ms: AtomicU64::new(0) }
    }

    /// Sets the time of day forward by `seconds`, or back when that is negative. No time passes.
    pub fn advance(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Lets `milliseconds` pass. The time of day stays what it was set to.
    pub fn pass(&self, milliseconds: u64) {
        self.uptime_ms.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    fn uptime(&self) -> Duration {
        Duration::from_millis(self.uptime_ms.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uptime_passes_as_time_does() {
        let (before, other) = (SystemClock.uptime(), std::time::Instant::now());
        std::thread::sleep(Duration::from_millis(20));
        let (counted, passed) = (SystemClock.uptime() - before, other.elapsed());
        assert!(counted.as_millis() >= 20 && counted <= passed + Duration::from_millis(5), "{counted:?} in {passed:?}");
    }
}
