//! Secrets at work: what the verbs hand over, to real programs and servers that the tests start.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests skip for other reasons")]
#[path = "../support/aloud.rs"]
mod aloud;
mod canary;
mod cert;
mod curl;
mod docker;
#[allow(dead_code, reason = "other tests use it in other ways")]
#[path = "../cli/env.rs"]
mod env;
mod gate;
mod git;
mod inject;
#[path = "../pty/mod.rs"]
mod pty;
mod run;
mod server;
mod terminal;
mod token;
mod world;
