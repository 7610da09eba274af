//! Whose turn it is: the vault goes from hand to hand, and whoever wants to lock it comes before all others.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::time::{Duration, Instant};

use crate::host::sync::hold;

/// How long the lock waits for the request in hand: a machine that goes to sleep waits five seconds for us. The work itself
/// cannot be stopped half-way; after that the process ends with all that is in its memory, as a kill would do it: nothing
/// that was acknowledged is lost.
pub(super) const IN_HAND: Duration = Duration::from_secs(4);
/// Between two looks whether the request in hand is done.
const PAUSE: Duration = Duration::from_millis(1);

/// What only one has at a time.
pub(super) struct Turns<T> {
    shared: Mutex<T>,
    /// How many have no time to wait for their turn: the others let them go first.
    hurried: AtomicUsize,
}

impl<T> Turns<T> {
    /// Nobody has it yet.
    pub(super) fn new(shared: T) -> Self {
        Self { shared: Mutex::new(shared), hurried: AtomicUsize::new(0) }
    }

    /// It, if nobody has it.
    pub(super) fn now(&self) -> Option<MutexGuard<'_, T>> {
        match self.shared.try_lock() {
            Ok(shared) => Some(shared),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// It, before all who wait for their turn; `None` when the one who has it keeps it too long.
    pub(super) fn soon(&self) -> Option<MutexGuard<'_, T>> {
        self.hurried.fetch_add(1, Ordering::SeqCst);
        let shared = self.within(IN_HAND);
        self.hurried.fetch_sub(1, Ordering::SeqCst);
        shared
    }

    fn within(&self, time: Duration) -> Option<MutexGuard<'_, T>> {
        let begun = Instant::now();
        loop {
            match self.now() {
                None if begun.elapsed() < time => std::thread::sleep(PAUSE),
                shared => return shared,
            }
        }
    }

    /// It, once nobody is in a hurry.
    pub(super) fn in_turn(&self) -> MutexGuard<'_, T> {
        loop {
            let shared = self.next();
            if self.hurried.load(Ordering::SeqCst) == 0 {
                return shared;
            }
            drop(shared);
            std::thread::sleep(2 * PAUSE);
        }
    }

    /// It, when the one who has it is done: for those who only have a look.
    pub(super) fn next(&self) -> MutexGuard<'_, T> {
        hold(&self.shared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_in_a_hurry_goes_first() {
        let turns = Turns::new(Vec::new());
        let had = turns.next();
        std::thread::scope(|scope| {
            scope.spawn(|| turns.soon().unwrap().push("soon"));
            while turns.hurried.load(Ordering::SeqCst) == 0 {
                std::thread::yield_now();
            }
            scope.spawn(|| turns.in_turn().push("in turn"));
            std::thread::sleep(10 * PAUSE);
            drop(had);
        });
        assert_eq!(*turns.next(), ["soon", "in turn"]);
    }

    #[test]
    fn nobody_waits_for_ever() {
        let turns = Turns::new(());
        let _had = turns.next();
        assert!(turns.now().is_none() && turns.within(3 * PAUSE).is_none());
    }
}
