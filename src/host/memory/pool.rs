//! Which cells are free.

use std::io;
use std::sync::{Mutex, MutexGuard};

use super::page::{self, PAGE};
use crate::host::sync::hold;

/// Bytes of a cell: three keys side by side, as in a key slot.
pub(super) const CELL: usize = 96;

static POOL: Mutex<Pool> = Mutex::new(Pool { free: Vec::new(), unlocked: None });

/// How well the system guards the memory of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Locked in RAM.
    Locked,
    /// It may get into the swap, for this reason; all else holds.
    Swappable(io::ErrorKind),
}

/// How well keys are guarded in this process.
pub fn protection() -> Protection {
    let mut pool = pool();
    if pool.free.is_empty() {
        pool.grow();
    }
    pool.unlocked.map_or(Protection::Locked, Protection::Swappable)
}

/// A cell full of zeros.
pub(super) fn take() -> &'static mut [u8] {
    let mut pool = pool();
    loop {
        match pool.free.pop() {
            Some(cell) => return cell,
            None => pool.grow(),
        }
    }
}

/// Gives a cell back, which must be full of zeros.
pub(super) fn give_back(cell: &'static mut [u8]) {
    pool().free.push(cell);
}

/// Cells that nobody has. Pages are never given back: a program has few keys at a time.
struct Pool {
    free: Vec<&'static mut [u8]>,
    /// Why a page could not be locked.
    unlocked: Option<io::ErrorKind>,
}

impl Pool {
    fn grow(&mut self) {
        let (bytes, locked) = match page::map() {
            Ok(page) => (page.bytes, page.locked),
            // As good as any other memory of the program, and wiped all the same.
            Err(error) => (vec![0; PAGE].leak(), Err(error)),
        };
        self.unlocked = self.unlocked.or(locked.err().map(|error| error.kind()));
        self.free.extend(bytes.chunks_exact_mut(CELL));
    }
}

fn pool() -> MutexGuard<'static, Pool> {
    // Nothing in here can be left half done.
    hold(&POOL)
}
