//! Slowing down whoever guesses at the keyboard. Against somebody with the file, the key derivation does.

/// The longest wait after a wrong guess, in seconds.
const MAX_WAIT: i64 = 30;
/// Wrong guesses that cost nothing: fingers slip.
const FREE: u32 = 2;

/// The wrong guesses since the last right one.
#[derive(Debug, Default)]
pub(super) struct Guesses {
    wrong: u32,
    last: i64,
}

impl Guesses {
    /// Notes down a wrong guess at `now`, in seconds; says how long to wait for the next.
    pub(super) fn wrong(&mut self, now: i64) -> u32 {
        self.wrong = self.wrong.saturating_add(1);
        self.last = now;
        self.wait(now)
    }

    /// How many seconds to wait at `now` before the next guess is taken.
    pub(super) fn wait(&mut self, now: i64) -> u32 {
        // A clock that stepped back must not lock anybody out for longer: the wait begins anew.
        self.last = self.last.min(now);
        u32::try_from(self.delay() - now.saturating_sub(self.last)).unwrap_or(0)
    }

    /// 0, 0, 1, 2, 4, 8, 16, 30, 30…
    fn delay(&self) -> i64 {
        match self.wrong.checked_sub(FREE + 1) {
            None => 0,
            Some(doublings) => 1_i64.checked_shl(doublings).map_or(MAX_WAIT, |wait| wait.clamp(1, MAX_WAIT)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Guesses;

    #[test]
    fn waits_grow_to_half_a_minute() {
        let mut guesses = Guesses::default();
        let waits: Vec<u32> = (0..10).map(|_| guesses.wrong(1000)).collect();
        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!((guesses.wait(1010), guesses.wait(1030)), (20, 0));
        assert_eq!((guesses.wait(0), guesses.wait(20)), (30, 10), "a clock that steps back begins the wait anew");
        for _ in 0..100 {
            guesses.wrong(1000);
        }
        assert_eq!(guesses.wait(1000), 30);
    }
}
