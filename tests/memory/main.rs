//! No secret outlives the lock in the memory of the program: not the passphrase, not a value, not a key, however it is
//! written there. Each search is shown to find what it looks for while the vault is open.
//!
//! The whole memory of every process that works with the vault is read, so this needs the right to read that of a
//! process that may not be dumped (root's, or `CAP_SYS_PTRACE`).

#[allow(dead_code, reason = "other tests skip for other reasons")]
#[path = "../support/aloud.rs"]
mod aloud;
mod control;
#[path = "../pty/mod.rs"]
mod pty;
mod rounds;
mod scan;
mod secrets;
mod spellings;
mod vault;

use rounds::{Way, rounds};

/// With six ways, more than fifty locks in all.
const ROUNDS: usize = 9;

#[test]
fn nothing_typed_outlives_the_lock() {
    rounds(Way::Typed, ROUNDS);
}

#[test]
fn nothing_pasted_outlives_the_lock() {
    rounds(Way::Pasted, ROUNDS);
}

#[test]
fn nothing_revealed_outlives_the_lock() {
    rounds(Way::Revealed, ROUNDS);
}

#[test]
fn nothing_edited_outlives_the_lock() {
    rounds(Way::Edited, ROUNDS);
}

#[test]
fn nothing_copied_outlives_the_lock() {
    rounds(Way::Copied, ROUNDS);
}

#[test]
fn nothing_left_in_a_form_outlives_the_lock() {
    rounds(Way::Unfinished, ROUNDS);
}
