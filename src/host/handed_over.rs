//! Descriptors that whoever started us left open for us: a passphrase in a file, a lock, the pipe of a `$(…)`.

use std::fs;
use std::os::fd::RawFd;

use super::raw::close_on_exec;

/// The first descriptor that is not for input, output or errors.
const FIRST: RawFd = 3;

/// As long as this lives, a program that we start gets none of them.
#[derive(Debug)]
pub struct Withheld(Vec<RawFd>);

impl Withheld {
    /// Withholds all of them. What we open ourselves is closed when a program starts, anyway.
    pub fn all() -> Self {
        Self::all_but(0)
    }

    /// Withholds all of them but the first so many.
    pub fn all_but(first: RawFd) -> Self {
        let open = fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
        let numbers: Vec<RawFd> = open.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
        // The one that listed them is closed by now, and would have been anyway.
        let handed_over =
            |number: &RawFd| *number >= FIRST.saturating_add(first) && close_on_exec(*number, true).unwrap_or_default();
        Self(numbers.into_iter().filter(handed_over).collect())
    }
}

impl Drop for Withheld {
    fn drop(&mut self) {
        for number in &self.0 {
            // As it was: somebody may be told to read from it yet.
            let _ = close_on_exec(*number, false);
        }
    }
}
