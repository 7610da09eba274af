//! Panics that are caught and turned into an error must not write over the screen.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

/// Threads of the embedded store engine, whose panics reach us as errors of its calls.
const ENGINE_THREADS: &str = "sled-";

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// The code panicked; this is what it said.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Panicked(pub String);

/// Runs `work` and turns a panic into an error, without a word on the terminal.
///
/// `work` must leave nothing in use that a panic could have left half done. A panic hook that is installed after the
/// first call takes the place of the one that keeps quiet.
///
/// # Errors
/// [`Panicked`] with the panic's message.
pub fn quietly<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    static HOOK: Once = Once::new();
    HOOK.call_once(respect_quiet);
    let before = QUIET.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(before);
    result.map_err(|payload| {
        let text = payload.downcast_ref::<&str>().copied().map(str::to_owned);
        Panicked(text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panicked".into()))
    })
}

/// Whether a panic on this thread is expected and will be caught.
fn is_quiet() -> bool {
    QUIET.get() || std::thread::current().name().is_some_and(|name| name.starts_with(ENGINE_THREADS))
}

fn respect_quiet() {
    let loud = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !is_quiet() {
            loud(info);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_and_the_quiet_ends() {
        let caught = quietly(|| {
            assert!(is_quiet());
            assert!(!is_quiet(), "segment {} is torn", 7);
        });
        assert_eq!(caught.unwrap_err().to_string(), "segment 7 is torn");
        assert!(!is_quiet());
        assert_eq!(quietly(|| 5).unwrap(), 5);
    }
}
