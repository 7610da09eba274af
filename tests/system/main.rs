//! One vault for several users of the machine: seats at the vault, sessions at the door, and the agent that all of them use.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/aloud.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod aloud;
mod machine;
mod office;
#[path = "../pty/mod.rs"]
mod pty;
mod screens;
mod seats;
mod sessions;
mod users;

use std::time::{Duration, Instant};

/// Waits until `done` gives something.
#[track_caller]
fn wait_for<T>(what: &str, mut done: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = done() {
            return found;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
