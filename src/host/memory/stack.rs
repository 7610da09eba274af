//! What calls that have returned left on the stack.

use std::hint::black_box;

use zeroize::Zeroize;

/// How deep work goes. Wiped stack stays resident, so that no more than needed is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Ciphers and hash functions; keys were found down to 10 KiB.
    Records,
    /// Key pairs, too: one of ML-DSA-65 is computed on the stack; keys were found down to 225 KiB.
    KeyPairs,
}

/// Does `work`, then overwrites the stack that it used: ciphers and hash functions leave keys there, and what they work
/// on, and a thread that waits or ends after that would keep them.
pub fn leaving_no_trace<T>(depth: Depth, work: impl FnOnce() -> T) -> T {
    let _after = WipeStack(depth);
    below(work)
}

/// Keeps the locals of `work` out of the caller's own frame, which stays as it is.
#[inline(never)]
fn below<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// Does it even when the work panics.
struct WipeStack(Depth);

impl Drop for WipeStack {
    fn drop(&mut self) {
        match self.0 {
            Depth::Records => wipe::<{ 64 * 1024 / 8 }>(),
            Depth::KeyPairs => wipe::<{ 512 * 1024 / 8 }>(),
        }
    }
}

#[inline(never)]
fn wipe<const WORDS: usize>() {
    let mut room = [u64::MAX; WORDS];
    black_box(&mut room).zeroize();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::FileExt;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    const MARK: u8 = 0xC3;

    /// Leaves a mark on the stack, far below; says where.
    #[inline(never)]
    fn leave_mark(depth: usize) -> u64 {
        let mut room = [MARK; 4096];
        black_box(&mut room);
        if depth > 0 { leave_mark(depth - 1) } else { u64::try_from(room.as_ptr().addr()).unwrap() }
    }

    fn is_marked(address: u64) -> bool {
        let mut bytes = [0; 64];
        std::fs::File::open("/proc/self/mem").unwrap().read_exact_at(&mut bytes, address).unwrap();
        bytes == [MARK; 64]
    }

    #[test]
    fn what_work_leaves_on_the_stack_is_gone_after_it() {
        let left = black_box(leave_mark(40));
        assert!(is_marked(left), "the look finds what was left");
        let left = leaving_no_trace(Depth::KeyPairs, || leave_mark(40));
        assert!(!is_marked(left));
        let mut left = 0;
        let work = AssertUnwindSafe(|| {
            leaving_no_trace(Depth::KeyPairs, || {
                left = leave_mark(40);
                assert!(left == 0, "{left:x} is where it is");
            });
        });
        assert!(catch_unwind(work).is_err() && !is_marked(left));
    }
}
