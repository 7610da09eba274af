//! Waiting for a time, or to be woken before. The time goes on while the machine sleeps.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, timerfd_create, timerfd_settime};

use super::bell::Bell;

/// One that waits, and the others that wake it.
#[derive(Debug)]
pub struct Waker {
    bell: Bell,
    /// `None` where the system gives none: then the time that is waited stands still with the machine.
    timer: Option<OwnedFd>,
}

impl Waker {
    /// Nobody has rung yet.
    ///
    /// # Errors
    /// When the system has no descriptor to give.
    pub fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
        Ok(Self { bell: Bell::new()?, timer: timerfd_create(TimerfdClockId::Boottime, flags).ok() })
    }

    /// Whoever waits goes on; if nobody does, the next one.
    pub fn ring(&self) {
        self.bell.ring();
    }

    /// Waits for `time`, for ever when that is `None`, or until somebody rings.
    pub fn wait(&self, time: Option<Duration>) {
        let timer = self.timer.as_ref().filter(|timer| arm(timer, time).is_ok());
        let time = time.filter(|_| timer.is_none()).and_then(|time| Timespec::try_from(time).ok());
        let mut polled = vec![PollFd::new(&self.bell, PollFlags::IN)];
        polled.extend(timer.map(|timer| PollFd::new(timer, PollFlags::IN)));
        // Whoever was interrupted looks at the time again.
        let _ = poll(&mut polled, time.as_ref());
        self.bell.hear();
    }
}

/// The timer comes after `time`; never, when that is `None`. It is not readable before.
fn arm(timer: &OwnedFd, time: Option<Duration>) -> io::Result<()> {
    let never = Timespec { tv_sec: 0, tv_nsec: 0 };
    // Nothing at all would mean never.
    let time = time.map(|time| Timespec::try_from(time.max(Duration::from_nanos(1))));
    let it_value = time.transpose().map_err(io::Error::other)?.unwrap_or(never);
    timerfd_settime(timer, TimerfdTimerFlags::empty(), &Itimerspec { it_interval: never, it_value })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd;
    use std::time::Instant;

    use super::*;

    #[test]
    fn it_wakes_when_the_time_is_over_and_when_somebody_rings() {
        let waker = Waker::new().unwrap();
        let silent = Waker { timer: None, ..Waker::new().unwrap() };
        for waker in [&waker, &silent] {
            let begun = Instant::now();
            waker.wait(Some(Duration::from_millis(30)));
            assert!(begun.elapsed() >= Duration::from_millis(29), "{:?}", begun.elapsed());
            waker.wait(Some(Duration::ZERO));
            waker.ring();
            waker.wait(None);
            std::thread::scope(|scope| {
                scope.spawn(|| waker.wait(None));
                waker.ring();
            });
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn its_clock_goes_on_while_the_machine_sleeps() {
        let waker = Waker::new().unwrap();
        let timer = waker.timer.as_ref().unwrap().as_raw_fd();
        let told = std::fs::read_to_string(format!("/proc/self/fdinfo/{timer}")).unwrap();
        let boottime = format!("clockid: {}", rustix::time::ClockId::Boottime as u32);
        assert!(told.lines().any(|line| line == boottime), "{told}");
    }
}
