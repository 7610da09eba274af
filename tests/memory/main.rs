//! No secret outlives the lock in the memory of the program: not the passphrase, not a value, not a key, not a name,
//! however it is written there. Each search is shown to find what it looks for while the vault is open.
//!
//! Most rounds are done with an agent, in whose memory, and in that of every screen, it looks; the vault is locked by
//! the screens, by a command, by other screens. The rest is done with the vault in the process of the screens.
//!
//! The whole memory of every process that works with the vault is read, so this needs the right to read that of a
//! process that may not be dumped (root's, or `CAP_SYS_PTRACE`).
//!
//! What a compiler leaves where depends on how it optimizes: with the path of another build of the program in
//! `STRONGROOM_TEST_PROGRAM`, such as that of a release, the same is done with that one.

#[allow(dead_code, reason = "other tests skip for other reasons")]
#[path = "../support/aloud.rs"]
mod aloud;
mod control;
mod processes;
#[path = "../pty/mod.rs"]
mod pty;
mod recovery;
mod rounds;
mod scan;
mod secrets;
mod spellings;
mod vault;

use rounds::{Keeper, Way, rounds};

/// With six ways, and those below, more than fifty locks in all.
const WITH_AGENT: usize = 7;
const ALONE: usize = 2;

fn outlives_nothing(way: Way) {
    rounds(way, Keeper::Agent, WITH_AGENT);
    rounds(way, Keeper::Screens, ALONE);
}

#[test]
fn nothing_typed_outlives_the_lock() {
    outlives_nothing(Way::Typed);
}

#[test]
fn nothing_pasted_outlives_the_lock() {
    outlives_nothing(Way::Pasted);
}

#[test]
fn nothing_revealed_outlives_the_lock() {
    outlives_nothing(Way::Revealed);
}

#[test]
fn nothing_edited_outlives_the_lock() {
    outlives_nothing(Way::Edited);
}

#[test]
fn nothing_copied_outlives_the_lock() {
    outlives_nothing(Way::Copied);
}

#[test]
fn nothing_left_in_a_form_outlives_the_lock() {
    outlives_nothing(Way::Unfinished);
}
