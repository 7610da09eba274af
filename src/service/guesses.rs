//! Slowing down whoever guesses at the keyboard. Against somebody with the file, the key derivation does.
//!
//! Nobody may be kept out by the guesses of others: a wrong guess that comes again counts for nothing, so a program with a
//! stale passphrase disturbs nobody; and who was told to wait goes before those who never waited.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};

use crate::domain::SecretBytes;

/// The longest wait after a wrong guess, in seconds.
const MAX_WAIT: i64 = 30;
/// Wrong guesses that cost nothing: fingers slip.
const FREE: u32 = 2;
/// So many marks are kept of each kind.
const MOST_MARKS: usize = 256;

/// What tells a guess from most others. So short that it tells next to nothing of the guess.
type Mark = u16;

/// The wrong guesses since the last right one.
#[derive(Debug, Default)]
pub(super) struct Guesses {
    wrong: u32,
    last: i64,
    key: RandomState,
    /// Those that were wrong.
    known: VecDeque<Mark>,
    /// Those that came too soon: they are expected again.
    turned_away: VecDeque<Mark>,
}

impl Guesses {
    /// Whether `guess` may be tried at `now`, in seconds.
    ///
    /// # Errors
    /// How many seconds to wait first. Having come too soon makes nobody wait for longer.
    pub(super) fn admit(&mut self, guess: &SecretBytes, now: i64) -> Result<(), u32> {
        let (mark, wait) = (self.mark(guess), self.wait(now));
        let expected = self.turned_away.contains(&mark);
        self.turned_away.retain(|other| *other != mark);
        if wait == 0 && (expected || self.turned_away.is_empty()) {
            return Ok(());
        }
        if !self.known.contains(&mark) {
            keep(&mut self.turned_away, mark);
        }
        Err(wait.max(1))
    }

    /// Notes down that `guess` was wrong at `now`; says how long to wait for the next.
    pub(super) fn wrong(&mut self, guess: &SecretBytes, now: i64) -> u32 {
        let mark = self.mark(guess);
        if !self.known.contains(&mark) {
            keep(&mut self.known, mark);
            self.wrong = self.wrong.saturating_add(1);
            self.last = now;
        }
        self.wait(now)
    }

    /// Whether there is anything to be kept.
    pub(super) fn has_any(&self) -> bool {
        self.wrong > 0 || !self.turned_away.is_empty()
    }

    /// How many seconds to wait at `now` before the next guess is taken.
    fn wait(&mut self, now: i64) -> u32 {
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

    fn mark(&self, guess: &SecretBytes) -> Mark {
        (self.key.hash_one(guess.expose()) & u64::from(Mark::MAX)) as Mark
    }
}

/// Puts `mark` in; the oldest goes where there is no room.
fn keep(marks: &mut VecDeque<Mark>, mark: Mark) {
    if marks.len() == MOST_MARKS {
        marks.pop_front();
    }
    marks.push_back(mark);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(n: u32) -> SecretBytes {
        SecretBytes::new(n.to_le_bytes().to_vec())
    }

    /// With marks that no two guesses here share.
    fn guesses(to: u32) -> Guesses {
        let distinct = |guesses: &Guesses| {
            let marks: std::collections::HashSet<Mark> = (0..to).map(|n| guesses.mark(&guess(n))).collect();
            marks.len() == to as usize
        };
        std::iter::repeat_with(Guesses::default).find(distinct).unwrap()
    }

    #[test]
    fn waits_grow_to_half_a_minute() {
        let mut guesses = guesses(110);
        let waits: Vec<u32> = (0..10).map(|n| guesses.wrong(&guess(n), 1000)).collect();
        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!((guesses.wait(1010), guesses.wait(1030)), (20, 0));
        assert_eq!((guesses.wait(0), guesses.wait(20)), (30, 10), "a clock that steps back begins the wait anew");
        for n in 10..110 {
            guesses.wrong(&guess(n), 1000);
        }
        assert_eq!(guesses.wait(1000), 30);
    }

    #[test]
    fn the_same_wrong_guess_again_makes_nobody_wait() {
        let mut guesses = guesses(3);
        for now in 0..1000 {
            assert_eq!((guesses.admit(&guess(1), now), guesses.wrong(&guess(1), now)), (Ok(()), 0));
        }
        assert_eq!(guesses.admit(&guess(2), 1000), Ok(()));
    }

    #[test]
    fn one_that_came_too_soon_goes_before_those_that_never_waited() {
        let mut guesses = guesses(100);
        assert_eq!((0..5).map(|n| guesses.wrong(&guess(n), 0)).max(), Some(4));
        let (owner, mut others) = (guess(99), (5..99).map(guess));
        assert_eq!(guesses.admit(&owner, 1), Err(3));
        for now in 1..10 {
            assert!(guesses.admit(&others.next().unwrap(), now).is_err(), "there is somebody who waits");
        }
        assert_eq!(guesses.admit(&owner, 10), Ok(()));
    }

    #[test]
    fn whoever_is_alone_waits_once() {
        let mut guesses = guesses(10);
        assert_eq!((0..5).map(|n| guesses.wrong(&guess(n), 0)).max(), Some(4));
        assert_eq!((guesses.admit(&guess(7), 0), guesses.admit(&guess(7), 4)), (Err(4), Ok(())));
    }
}
