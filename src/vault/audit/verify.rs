//! Holding every event of the log against the others, and against what this machine remembers.

use super::codec::{Begin, Entry, Why};
use super::frame::{self, Met};
use super::log::{Last, begin_of, open};
use super::mark::Mark;
use super::{Action, Outcome};
use crate::domain::Timestamp;
use crate::domain::audit::AuditVerdict;
use crate::vault::home::Journal;
use crate::vault::{Vault, VaultError};

/// So many troubles are told; more say nothing more.
const MOST: usize = 50;

impl Vault {
    /// Looks over the whole log. What is wrong with it is in the answer.
    ///
    /// # Errors
    /// When the log can neither be read nor begun anew.
    pub fn verify_audit(&mut self) -> Result<AuditVerdict, VaultError> {
        self.settle()?;
        // Not the file that is open: others may have put another one in its place.
        self.look_at_audit()?.ok_or_else(|| VaultError::Damaged("the file of the audit log is gone".into()))
    }

    /// The same, of what lies there: nothing is begun, moved or cut. `None` when there is no log.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(in crate::vault) fn look_at_audit(&self) -> Result<Option<AuditVerdict>, VaultError> {
        let seen = self.forgotten().is_some() || self.mark().is_some_and(|mark| mark.number > 0);
        match self.home.audit(self.file.epoch)? {
            Some(journal) => self.verdict_on(&*journal).map(Some),
            None if seen => Ok(Some(unusable("The audit log is gone."))),
            None => Ok(None),
        }
    }

    fn verdict_on(&self, journal: &dyn Journal) -> Result<AuditVerdict, VaultError> {
        let Some((begin, start)) = begin_of(journal, &self.sealer)? else {
            return Ok(unusable("The beginning of the audit log cannot be read."));
        };
        let mut check = Check::new(&begin, self.mark());
        if let Some(trouble) = self.forgotten() {
            check.tell(trouble.to_owned());
        }
        frame::forth(journal, start, &mut |met| {
            match met {
                Met::Rubble => check.rubble(),
                Met::Frame(frame) => match open(&self.sealer, &frame) {
                    None => check.unreadable(),
                    Some((entry, last)) => {
                        let seen = check.mark.is_some_and(|mark| mark.number == last.number);
                        let marked = seen.then(|| Mark::of(&self.anchor, self.file.vault, &last));
                        check.event(&entry, last, marked);
                    }
                },
            }
            Ok(true)
        })?;
        Ok(check.verdict())
    }
}

/// What is to be said of a log with no event in it that can be read.
fn unusable(trouble: &str) -> AuditVerdict {
    AuditVerdict { events: 0, first: 0, since: None, troubles: vec![trouble.into()] }
}

/// How far the look has come.
struct Check {
    verdict: AuditVerdict,
    /// The number that the next event should have.
    next: u64,
    /// The hash of the event before it, where that could be read.
    hash: Option<[u8; 32]>,
    mark: Option<Mark>,
    since: Option<Timestamp>,
}

impl Check {
    fn new(begin: &Begin, mark: Option<Mark>) -> Self {
        let verdict = AuditVerdict { events: 0, first: begin.first, since: None, troubles: Vec::new() };
        let mut check = Self { verdict, next: begin.first, hash: Some(begin.previous), mark, since: Some(begin.at) };
        match begin.why {
            Why::New | Why::Trimmed | Why::Restored => {}
            Why::Lost if begin.first == 1 => check.tell("The log before its first event is lost.".to_owned()),
            Why::Lost => check.tell(format!("The log is lost up to event {}.", begin.first - 1)),
            Why::Damaged => check.tell(format!("The log up to event {} could not be read.", begin.first - 1)),
        }
        check
    }

    fn tell(&mut self, trouble: String) {
        if self.verdict.troubles.len() < MOST {
            self.verdict.troubles.push(trouble.into());
        }
    }

    fn rubble(&mut self) {
        self.tell(format!("A part of the log after event {} cannot be read.", self.next - 1));
        self.hash = None;
    }

    fn unreadable(&mut self) {
        self.tell(format!("Event {} cannot be read.", self.next));
        self.next += 1;
        self.hash = None;
    }

    fn event(&mut self, entry: &Entry, last: Last, marked: Option<Mark>) {
        let number = last.number;
        if number < self.next {
            return self.tell(format!("Event {number} is out of place."));
        }
        if number > self.next {
            self.tell(missing(self.next, number - 1));
        }
        if self.hash.is_some_and(|hash| hash != entry.previous) {
            self.tell(format!("Event {number} does not follow from the one before it: one of them was replaced."));
        }
        if marked != self.mark.filter(|mark| mark.number == number) {
            self.tell(format!("Event {number} is not the one that this machine saw."));
        }
        if let (Action::Unrecorded, Outcome::Refused(why)) = (entry.event.action, &entry.event.outcome) {
            self.tell(format!("Noted as event {number}: {why}"));
        }
        self.since = self.since.filter(|_| self.verdict.events > 0).or(Some(entry.event.at));
        self.verdict.events += 1;
        (self.next, self.hash) = (number + 1, Some(last.hash));
    }

    fn verdict(mut self) -> AuditVerdict {
        if let Some(mark) = self.mark.filter(|mark| mark.number >= self.next) {
            self.tell(missing(self.next, mark.number));
        }
        AuditVerdict { since: self.since, ..self.verdict }
    }
}

fn missing(from: u64, to: u64) -> String {
    if from == to { format!("Event {from} is missing.") } else { format!("Events {from} to {to} are missing.") }
}
