//! What a test left out is said where it is heard, even when the test passes.

use std::io::Write;

/// Says `text` on standard error. Not with `eprintln!`: what that says is shown for tests that fail only.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Says that `test` cannot be done on this machine, whatever is installed there.
pub(crate) fn skip(test: &str, why: &str) {
    say(&format!("SKIPPED {test}: {why}"));
}

/// Says that `test` did not run for want of something that can be installed; fails it when `STRONGROOM_NO_SKIPS` is set.
pub(crate) fn skip_for_want(test: &str, why: &str) {
    assert!(std::env::var_os("STRONGROOM_NO_SKIPS").is_none(), "{test} must not be skipped, but {why}");
    skip(test, why);
}
