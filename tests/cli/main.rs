//! The program as scripts and people at a prompt see it.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests skip for other reasons")]
#[path = "../support/aloud.rs"]
mod aloud;
mod applications;
mod audit;
mod commands;
mod dumps;
mod editing;
mod env;
mod errors;
mod getting;
mod hostile;
mod lifecycle;
mod members;
mod memory;
mod next_steps;
mod panics;
mod prompt;
#[path = "../pty/mod.rs"]
mod pty;
mod recovery_key;
mod registering;
mod served;
mod slot;
mod transfer;
mod unlocking;
mod watching;
