//! The agent as its clients see it: a crowd of them, broken ones, strangers, and what is left after a kill.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/aloud.rs"]
mod aloud;
mod apart;
mod counting;
mod crash;
mod crowd;
mod frames;
mod guessing;
mod held;
mod home;
mod hostile;
mod idle;
mod log;
mod places;
#[path = "../pty/mod.rs"]
mod pty;
mod recorded;
mod sockets;
mod strangers;
mod timers;
mod told;
#[path = "../support/wire_samples.rs"]
mod wire_samples;

use std::time::{Duration, Instant};

use pty::agents;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `done` gives something.
#[track_caller]
fn wait_for<T>(what: &str, mut done: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = done() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// What the choices of a test depend on: a new seed each time, or the one in `STRONGROOM_SEED`. It is shown when the
/// test fails.
fn seed() -> u64 {
    let seed = std::env::var("STRONGROOM_SEED").map_or(u64::from(std::process::id()), |text| text.parse().unwrap());
    println!("STRONGROOM_SEED={seed} makes the same choices again");
    seed
}
