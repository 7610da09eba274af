//! The audit log: who did what, when, from where, and what came of it. No values.
//!
//! `audit-<epoch>` is `magic ‖ version (u8) ‖ frames`, and only grows at its end: see [`frame`] for a frame, [`codec`] for what
//! is in it. Every frame is sealed under its number with the subkey `audit` of the epoch. The first one, number 0, tells how
//! the log begins. Every event holds the hash of the plaintext of the one before, so that nothing can be changed, left out
//! or put in between, whatever the epoch it is sealed under; and how often the store had been changed by then, so that a
//! change without its event is noticed at the next unlocking.
//!
//! An event is on the disk before whoever caused it is answered. One that was cut off by a crash was never answered for: it
//! is taken away at the next opening. What this machine saw last is remembered outside the vault ([`mark`]), so that a log
//! that was cut is told from that. No trouble with the log keeps anybody out of the vault: it is told, and noted as an event.
//! Where events are missing, so are their numbers.
//!
//! A backup holds no log: a vault that is restored begins a new one.

mod carry;
mod codec;
mod farewell;
mod frame;
mod log;
mod mark;
mod open;
mod read;
mod seen;
mod trim;
mod verify;

use codec::{Entry, encode};
use log::{Last, Log};
use mark::Mark;
use seen::Seen;

use super::{Vault, VaultError};
use crate::crypto::digest;
use crate::domain::audit::{Action, Event, Origin, Outcome, Subject};
use crate::domain::{Scope, VaultId};
use crate::vault::record::personal_name;

pub(super) use farewell::Farewell;

/// Most bytes of one text that is taken in.
const MOST_TEXT: usize = 512;

/// What was done, as the door tells it. The log adds number, time and member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// What was done.
    pub action: Action,
    /// To what.
    pub subject: Option<Subject>,
    /// The application that needed it, where one was told.
    pub application: Option<Box<str>>,
    /// The program that got it, where that was not whoever asked.
    pub command: Option<Box<str>>,
    /// What came of it.
    pub outcome: Outcome,
}

impl Deed {
    /// Something that was done, and of which there is no more to be said.
    pub fn done(action: Action, subject: Option<Subject>) -> Self {
        Self { action, subject, application: None, command: None, outcome: Outcome::Done }
    }

    /// Whether something is different since.
    fn is_change(&self) -> bool {
        !matches!(self.action, Action::Delivered(_)) && !matches!(self.outcome, Outcome::Refused(_))
    }

    /// Without texts that are too long.
    fn bounded(self) -> Self {
        let subject = self.subject.map(|subject| match subject {
            Subject::Secret { id, name, revision, field } => {
                Subject::Secret { id, name: short(name), revision, field: field.map(short) }
            }
            Subject::Other(name) => Subject::Other(short(name)),
        });
        let outcome = match self.outcome {
            Outcome::Refused(why) => Outcome::Refused(short(why)),
            other => other,
        };
        let (application, command) = (self.application.map(short), self.command.map(short));
        Self { subject, application, command, outcome, ..self }
    }
}

/// What an open vault knows of its log.
pub(super) struct Audit {
    log: Option<Log>,
    /// How often the store had been changed when the vault was opened.
    generation: u64,
    /// This machine had seen the vault before it was opened.
    known: bool,
    /// What it remembered of the log by then.
    remembered: Option<Mark>,
    /// What is owed: events of what was found when the log was opened, or of changes whose own were not written.
    owed: Vec<Deed>,
    /// What was wrong with the log.
    trouble: Option<Box<str>>,
    seen: Option<Seen>,
}

impl Audit {
    /// Of the vault `id` that is being opened, whether this machine has seen it before, and what it remembers of its log.
    pub(super) fn new(id: VaultId, generation: u64, known: bool, mark: Option<Vec<u8>>) -> Self {
        let remembered = mark.and_then(|bytes| Mark::decode(id, &bytes));
        Self { log: None, generation, known, remembered, owed: Vec::new(), trouble: None, seen: None }
    }
}

/// Events that are sealed, and what goes on from them.
struct Written {
    frames: Vec<u8>,
    events: Vec<Event>,
    last: Last,
}

impl Vault {
    /// Adds events of `deeds`, which `origin` asked for. They are on the disk when this returns.
    ///
    /// # Errors
    /// [`VaultError::NotRecorded`]; none of them is there then. A change among them is noted as [`Action::Unrecorded`] as soon
    /// as that can be.
    pub fn record(&mut self, origin: &Origin, deeds: Vec<Deed>) -> Result<(), VaultError> {
        if deeds.is_empty() {
            return Ok(());
        }
        let changes = deeds.iter().any(Deed::is_change);
        self.try_record(origin, deeds).map_err(|error| {
            if changes && !self.audit.owed.iter().any(|deed| deed.outcome == Outcome::Done) {
                self.audit.owed.push(Deed::done(Action::Unrecorded, None));
            }
            VaultError::NotRecorded(error.to_string())
        })
    }

    fn try_record(&mut self, origin: &Origin, deeds: Vec<Deed>) -> Result<(), VaultError> {
        // After a rewrite whose end is in doubt, it is not known which of two logs counts.
        self.check_certain()?;
        self.settle()?;
        // What is too large still is so next time.
        let _ = self.trim_large(origin);
        self.add(origin, deeds)
    }

    fn add(&mut self, origin: &Origin, deeds: Vec<Deed>) -> Result<(), VaultError> {
        let last = self.log()?.last;
        let written = self.seal_deeds(origin, deeds, last)?;
        self.log_mut()?.add(&written.frames, written.last)?;
        self.audit.owed.clear();
        if let Some(seen) = &mut self.audit.seen {
            written.events.iter().for_each(|event| seen.add(event));
        }
        self.remember_log();
        Ok(())
    }

    /// The log, which must be settled.
    fn log(&self) -> Result<&Log, VaultError> {
        self.audit.log.as_ref().ok_or_else(not_open)
    }

    fn log_mut(&mut self) -> Result<&mut Log, VaultError> {
        self.audit.log.as_mut().ok_or_else(not_open)
    }

    /// Seals events of what is owed and of `deeds`, which go on from `last`.
    fn seal_deeds(&self, origin: &Origin, deeds: Vec<Deed>, mut last: Last) -> Result<Written, VaultError> {
        let origin = bounded(origin);
        let member = self.member().map(|member| short(member.name.clone())).unwrap_or_default();
        let (mut frames, mut events) = (Vec::new(), Vec::new());
        for deed in self.audit.owed.iter().cloned().chain(deeds) {
            let Deed { action, subject, application, command, outcome } = deed.bounded();
            let subject = subject.map(|subject| self.as_all_may_read(subject));
            let (number, at, member, origin) = (last.number + 1, self.now(), member.clone(), origin.clone());
            let event = Event { number, at, member, origin, action, subject, application, command, outcome };
            let entry = Entry { event, generation: self.manifest.generation, previous: last.hash };
            let plain = encode(&entry);
            let sealed = self.sealer.seal_event(number, plain.expose(), &*self.tools.entropy)?;
            frames.extend(frame::bytes_of(number, &sealed));
            last = Last { number, hash: digest(plain.expose()), generation: Some(entry.generation) };
            events.push(entry.event);
        }
        Ok(Written { frames, events, last })
    }

    /// The subject without what is its owner's alone: everybody in the organization has the key of the log.
    fn as_all_may_read(&self, subject: Subject) -> Subject {
        let is_personal = |id| self.index.get(id).is_some_and(|header| header.scope == Scope::Personal);
        match subject {
            Subject::Secret { id: Some(id), revision, .. } if is_personal(id) => {
                Subject::Secret { id: Some(id), name: personal_name(id), revision, field: None }
            }
            other => other,
        }
    }

    /// Lets what is remembered of the log lie beside what is remembered of the vault, before that is written: of a vault that
    /// was moved here, what was remembered elsewhere; of one that nobody has seen here, that there is no event yet.
    pub(super) fn bring_memory_along(&mut self) {
        match self.audit.remembered {
            // What cannot be written now is with the first event.
            Some(mark) => drop(self.home.remember_audit(self.file.vault, &mark.encode(self.file.vault))),
            None if !self.audit.known => self.remember_event(Last::NONE),
            None => {}
        }
    }

    /// Remembers the last event outside the vault.
    fn remember_log(&mut self) {
        if let Some(last) = self.audit.log.as_ref().map(|log| log.last) {
            self.remember_event(last);
        }
    }

    fn remember_event(&mut self, last: Last) {
        let mark = Mark::of(&self.anchor, self.file.vault, &last).encode(self.file.vault);
        // Where the witness cannot be written either, the opening tells so.
        let _ = self.home.remember_audit(self.file.vault, &mark);
    }

    /// What was wrong with the log, if anything.
    pub(super) fn audit_trouble(&self) -> Option<Box<str>> {
        self.audit.trouble.clone()
    }
}

fn not_open() -> VaultError {
    VaultError::System("the audit log is not open".into())
}

fn bounded(origin: &Origin) -> Origin {
    let Origin { user, pid, terminal, host, parent } = origin.clone();
    Origin { user: short(user), pid, terminal: terminal.map(short), host: short(host), parent: parent.map(short) }
}

fn short(text: Box<str>) -> Box<str> {
    if text.len() <= MOST_TEXT {
        return text;
    }
    let end = (0..=MOST_TEXT).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text[..end].into()
}
