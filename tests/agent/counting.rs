//! How much memory a thread takes at once.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static NOW: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

/// Counts, and leaves the work to the system's allocator.
struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

/// Counts from here on, in this thread.
pub(crate) fn begin() {
    NOW.set(0);
    MOST.set(0);
}

/// The most bytes that were taken at once since [`begin`].
pub(crate) fn most() -> usize {
    usize::try_from(MOST.get()).unwrap_or(0)
}

fn count(bytes: isize) {
    // A thread that is just ending has no counters any more.
    let _ = NOW.try_with(|now| {
        now.set(now.get() + bytes);
        let _ = MOST.try_with(|most| most.set(most.get().max(now.get())));
    });
}

fn signed(bytes: usize) -> isize {
    isize::try_from(bytes).unwrap_or(isize::MAX)
}

// SAFETY: what the system's allocator is given and gives is passed on as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(signed(layout.size()));
        // SAFETY: as the caller promised us.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(-signed(layout.size()));
        // SAFETY: as the caller promised us.
        unsafe { System.dealloc(memory, layout) }
    }
}
