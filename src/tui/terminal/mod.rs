//! The real terminal: its modes, entered once and undone on every way out
//! ([`TerminalGuard`]), and its screen, written in one go per frame ([`FrameBackend`]).

mod backend;
mod encoder;
mod guard;
mod motion;
mod pen;
mod tty;

pub use backend::{FrameBackend, Output};
pub use guard::{Restorer, TerminalGuard, install_panic_hook};
pub use tty::Tty;
