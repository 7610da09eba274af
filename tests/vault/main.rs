//! The vault through its one door: use cases, crashes, damage, and what lies on the disk.
#![allow(clippy::unwrap_used)]

#[path = "../support/aloud.rs"]
mod aloud;
mod applications;
mod audit;
mod audit_damage;
mod before_members;
mod canary;
mod cases;
mod clock;
mod crashes;
mod damage;
mod doctor;
mod failures;
mod forgery;
mod formats;
mod full_disk;
mod gate;
mod guessing;
mod history;
mod home;
mod idle;
mod import;
mod memory;
mod personal;
mod recovery;
mod repair;
mod restoring;
mod slots;
#[path = "../support/small_disk.rs"]
mod small_disk;
mod support;
mod tokens;
mod unfinished;
