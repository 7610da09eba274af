//! Whether the machine has slept, noticed when it wakes up, without looking at a clock now and then.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime, timerfd_create,
    timerfd_settime,
};

/// Both clocks cannot be read at once: so far they may drift apart without any sleep.
const AT_ONCE: Duration = Duration::from_secs(1);
/// Longer than anybody waits, in seconds.
const FAR: i64 = 1 << 32;

/// Readable when the machine wakes up, and when its time of day is set.
#[derive(Debug)]
pub struct Slumber {
    timer: OwnedFd,
    slept: Duration,
}

impl Slumber {
    /// Watches from now on.
    ///
    /// # Errors
    /// When the system cannot do that.
    pub fn watch() -> io::Result<Self> {
        let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
        let timer = timerfd_create(TimerfdClockId::Realtime, flags)?;
        arm(&timer)?;
        Ok(Self { timer, slept: slept() })
    }

    /// Whether the machine has slept since this was asked last. Not readable afterwards.
    pub fn is_over(&mut self) -> bool {
        // Says that it was cancelled, which we know.
        let _ = rustix::io::read(&self.timer, &mut [0; 8]);
        // It says that here, too, when it happened in between: it counts as of now all the same.
        let _ = arm(&self.timer);
        self.has_slept(slept())
    }

    fn has_slept(&mut self, now: Duration) -> bool {
        now.saturating_sub(std::mem::replace(&mut self.slept, now)) > AT_ONCE
    }
}

impl AsFd for Slumber {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.timer.as_fd()
    }
}

/// A timer that never comes, but is cancelled by every jump of the time of day, such as the one over a sleep.
fn arm(timer: &OwnedFd) -> io::Result<()> {
    let far = Timespec { tv_sec: clock_gettime(ClockId::Realtime).tv_sec.saturating_add(FAR), tv_nsec: 0 };
    let never = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: far };
    timerfd_settime(timer, TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET, &never)?;
    Ok(())
}

/// How long the machine has slept since it was started: one clock stands still meanwhile, the other does not.
fn slept() -> Duration {
    let read = |clock| Duration::try_from(clock_gettime(clock)).unwrap_or_default();
    read(ClockId::Boottime).saturating_sub(read(ClockId::Monotonic))
}

#[cfg(test)]
mod tests {
    use rustix::event::{PollFd, PollFlags, poll};

    use super::*;

    #[test]
    fn nothing_is_heard_of_a_machine_that_is_awake() {
        let mut slumber = Slumber::watch().unwrap();
        for _ in 0..2 {
            let wait = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
            let ready = poll(&mut [PollFd::new(&slumber, PollFlags::IN)], Some(&wait)).unwrap();
            assert_eq!(ready, 0, "the timer waits");
            assert!(!slumber.is_over());
        }
    }

    #[test]
    fn a_sleep_is_told_once() {
        let mut slumber = Slumber::watch().unwrap();
        let before = slumber.slept;
        assert!(!slumber.has_slept(before + Duration::from_millis(900)), "read one after the other");
        assert!(slumber.has_slept(before + Duration::from_secs(3)));
        assert!(!slumber.has_slept(before + Duration::from_secs(3)));
        assert!(!slumber.has_slept(before), "no machine sleeps backwards");
    }
}
