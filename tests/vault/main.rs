//! The vault through its one door: use cases, crashes, damage, and what lies on the disk.
#![allow(clippy::unwrap_used)]

mod canary;
mod cases;
mod clock;
mod crashes;
mod damage;
mod doctor;
mod failures;
mod forgery;
mod formats;
mod memory;
mod recovery;
mod repair;
mod restoring;
mod support;
