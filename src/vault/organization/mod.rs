//! The membership log as it is stored: signed, chained, and held against what this machine saw of it before.

mod codec;
mod log;
#[cfg(test)]
mod log_tests;
mod pin;

pub use log::MembershipLog;
pub use pin::{Pin, fingerprint_of};
