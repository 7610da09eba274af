//! One vault for several users of the machine: seats at the vault, sessions at the door, and the agent that all of them use.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod office;
mod seats;
mod sessions;
