//! What a panic may say: where the bug is, and nothing of what it was about. One that is caught and turned into an error
//! says nothing at all.

use std::cell::Cell;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
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

/// From now on a panic of any thread says where the bug is, on standard error, and never its own text, which may hold a
/// secret. One in a destructor, on the way out of another, is told in the same way, before the process ends.
pub fn say_only_where() {
    std::panic::set_hook(Box::new(|panic| {
        if !is_quiet() {
            // Nobody is left to tell when this fails.
            let _ = writeln!(io::stderr(), "{}", epitaph(panic));
        }
    }));
}

/// Where the bug is, for people.
pub fn epitaph(panic: &PanicHookInfo<'_>) -> String {
    let place =
        panic.location().map_or_else(|| "an unknown place".to_owned(), |at| format!("{}:{}", at.file(), at.line()));
    format!("strongroom stopped because of a bug at {place}; nothing stored is lost")
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

    const SECRET: &str = "hunter2-said-by-a-panic";

    struct PanicsWhenDropped(String);

    impl Drop for PanicsWhenDropped {
        fn drop(&mut self) {
            panic!("{}", self.0);
        }
    }

    /// In a process of its own, which does not survive it.
    fn panic_in_every_way() {
        say_only_where();
        let text = SECRET.to_owned();
        let _ = std::thread::spawn(move || panic!("{text}")).join();
        let _twice = PanicsWhenDropped(SECRET.to_owned());
        panic!("{SECRET}");
    }

    #[test]
    fn panics_of_threads_and_of_destructors_keep_their_text() {
        const CHILD: &str = "STRONGROOM_PANICS";
        if std::env::var_os(CHILD).is_some() {
            return panic_in_every_way();
        }
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        let name = "host::panics::tests::panics_of_threads_and_of_destructors_keep_their_text";
        let ended = child.args(["--exact", name, "--nocapture"]).env(CHILD, "1").output().unwrap();
        let said = [ended.stdout, ended.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        let told = said.lines().filter(|line| line.contains("because of a bug at src/host/panics.rs")).count();
        assert_eq!(told, 3, "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}
