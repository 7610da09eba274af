//! How this process was started, so that a program which takes its place finds what it would have found without us.

use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit, umask};

use super::raw;

/// What we change of ourselves, as it was before. That other processes may not look into our memory needs no putting
/// back: it ends when another program begins. And SIGPIPE is ignored by the standard library before anything of ours runs;
/// it gives programs that it starts the default, whatever it was.
#[derive(Debug)]
pub struct AsStarted {
    core: Rlimit,
    umask: Mode,
    ignored: u64,
}

impl AsStarted {
    /// Notes it. Before anything is changed, and before there is a second thread.
    pub fn note() -> Self {
        let mode = umask(Mode::from_raw_mode(0o077));
        umask(mode);
        Self { core: getrlimit(Resource::Core), umask: mode, ignored: ignored() }
    }

    /// Puts it back, for the program that is about to begin.
    pub fn put_back(&self) {
        umask(self.umask);
        // It only goes up to where it was; a sandbox that refuses that leaves a program without dumps.
        let _ = setrlimit(Resource::Core, self.core);
        // A signal that was caught while a passphrase was asked for would do what it always does from now on.
        (1..64).filter(|signal| self.is_ignored(*signal)).for_each(raw::ignore);
    }

    fn is_ignored(&self, signal: i32) -> bool {
        signal != signal_hook::consts::SIGPIPE && self.ignored & (1 << (signal - 1)) != 0
    }
}

/// The signals that are ignored, as bits, the first being signal 1.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let bits = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    bits.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok()).unwrap_or_default()
}
