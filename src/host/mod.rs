//! What the operating system gives us: the time, randomness, and (see the
//! submodules) paths, careful file access, and who and where we are.
//!
//! Nothing here knows what a secret is. Everything that varies between runs is a
//! value that is handed in ([`Clock`], [`Entropy`]), so that tests fix it.

pub mod answer;
pub mod as_started;
pub mod bell;
pub mod bus;
pub mod clipboard;
mod clock;
pub mod dumps;
mod entropy;
pub mod files;
pub mod handed_over;
pub mod key_file;
pub mod lock;
pub mod memory;
pub mod owner;
pub mod panics;
pub mod path_bytes;
pub mod place;
pub mod process;
pub mod put;
#[allow(unsafe_code, reason = "calls to the kernel that take plain numbers and addresses, and no others")]
mod raw;
pub mod signals;
pub mod slumber;
pub mod socket;
pub mod sync;
pub mod waker;

pub use clock::{Clock, FixedClock, SystemClock};
pub use entropy::{Entropy, EntropyError, OsEntropy, SeededEntropy};
