//! Tests that cannot run everywhere say so.

use std::io::Write;

/// Says that `test` did not run for want of something that can be installed; fails it when `STRONGROOM_NO_SKIPS` is set.
pub(crate) fn skip_for_want(test: &str, why: &str) {
    assert!(std::env::var_os("STRONGROOM_NO_SKIPS").is_none(), "{test} must not be skipped, but {why}");
    skip(test, why);
}

/// Says that `test` cannot be done on this machine, whatever is installed there.
pub(crate) fn skip(test: &str, why: &str) {
    // Not `eprintln!`: what that says is shown for tests that fail only.
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {why}");
}
