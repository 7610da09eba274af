//! The program as scripts and people at a prompt see it.
#![allow(clippy::unwrap_used)]

mod commands;
mod dumps;
mod env;
mod errors;
mod prompt;
#[path = "../pty/mod.rs"]
mod pty;
mod recovery_key;
mod slot;
mod unlocking;
