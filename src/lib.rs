//! strongroom: a secrets manager that lives in the terminal.
//!
//! It brings the "Manage Secrets" pages of a developer portal to people who work over SSH: register,
//! list, edit, deactivate and delete typed secrets with the keyboard alone, in an encrypted vault.
//!
//! # The house
//! Arrows point down only; `tests/house.rs` reads the `use` lines and fails on one that points up.
//!
//! ```text
//! main → {cli, tui, agent} → service → vault → {crypto, store, form, domain};  form → domain
//! host (clock, entropy, files, lock, paths, signals, system bus) may be used by all
//! ```
//!
//! * [`domain`]: the rules, pure. `kind` is the ONE SCHEMA: form, validation, JSON and detail come from it.
//! * [`form`]: schema → fields → validation → a draft; knows no terminal.
//! * [`crypto`]: the only room that imports orion: key derivation, sealing, key slots, the byte formats.
//! * [`store`]: opaque bytes under keys; the engines. Never sees plaintext.
//! * [`vault`]: the use cases over crypto and store: unlock, register, edit, deliver, record, import, sweep, rewrite, …
//!   In it, `organization` is the membership log, `members` what is done to it, `signed` what members sign and how that is
//!   checked when a store is read, `chest` the keys of values that a member holds, `seats` several members at one vault.
//! * [`service`]: THE ONE DOOR: `Request → Response`. What the vault refuses, such as a delivery at the status gate,
//!   is refused to every front-end.
//!   In this process, or over the socket of the agent.
//! * [`agent`]: the process that owns an unlocked vault; screens and commands are its clients, through the same door.
//! * [`cli`]: one file per verb. [`tui`]: the screens.
//! * [`host`]: what the operating system gives us, injected where it varies.
//!
//! # How a key press travels
//! `Event → Cmd` (what the person means, from the keymap) `→ App::update → Effect` (a request, or something
//! for the terminal) `→ service → Response → App::update → render(&App)`. `render` looks and changes nothing.
//!
//! # Who may do what
//! [`domain::organization::Rights`] is asked by the use cases before they act, by the verification of records when a store is
//! read, and by the screens: one function. What it takes to open a value, nobody holds who may not use it.
//!
//! # Where a secret value may be
//! In [`domain::SecretBytes`] and nothing else, from the first byte typed to the last byte sealed: it is
//! overwritten when dropped and its `Debug` prints `[redacted]`. Keys are in [`host::memory`], locked in RAM. What passes
//! on the way (an encoder's buffer, a channel's, a library's) is wiped when it is freed, by the binary's allocator.
// Allowed in two places: `host::memory::page`, where pages for keys come from the kernel, and `host::raw`, for two calls to it.
#![deny(unsafe_code)]
#![warn(missing_docs, unreachable_pub, clippy::unwrap_used)]

pub mod agent;
pub mod cli;
pub mod crypto;
pub mod domain;
pub mod form;
pub mod host;
pub mod service;
pub mod store;
pub mod tui;
pub mod vault;
