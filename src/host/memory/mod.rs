//! Memory for keys: locked in RAM, left out of dumps and of child processes, wiped when it is given back.
//!
//! [`Guarded`] bytes live in cells of pages that the system was asked to keep so. Moving one moves a pointer, so that no
//! copy of the bytes stays behind on the stack. Where the system refuses to lock, everything else holds all the same,
//! and [`protection`] tells.
//!
//! Turning a fresh mapping into bytes that the rest of the program may use is the one thing here that the compiler
//! cannot check: it stays in `page`. From there on cells are plain references, each owned by one [`Guarded`] or by the
//! list of free cells, and all is safe code.

mod guarded;
#[allow(unsafe_code, reason = "mapped pages become references here, and nowhere else")]
mod page;
mod pool;
mod stack;

pub use guarded::Guarded;
pub use pool::{Protection, protection};
pub use stack::{Depth, leaving_no_trace};
