//! A lock that outlives a panic.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Holds `mutex`. For what is never left half done, so that one which a panic poisoned still holds what it should.
pub fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
