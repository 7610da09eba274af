//! Hostile texts in every place where text from outside comes in: no verb and no screen lets one through to the terminal.
#![allow(clippy::unwrap_used)]

mod checks;
mod cli;
mod door;
#[allow(dead_code, reason = "other tests use it in other ways")]
#[path = "../cli/env.rs"]
mod env;
#[path = "../pty/mod.rs"]
mod pty;
#[allow(dead_code, reason = "other tests play them as they are")]
#[path = "../scenes/mod.rs"]
mod scenes;
mod screens;
mod spawned;
mod texts;
mod verbs;
#[allow(dead_code, reason = "the wire has more to say")]
#[path = "../support/wire_samples.rs"]
mod wire_samples;

/// Whether all is asked for that takes its time.
fn thorough() -> bool {
    std::env::var("STRONGROOM_FAULTS").is_ok_and(|faults| faults == "all")
}
