//! Opening the log for writing. What is wrong with it is told and noted; nobody is kept out of the vault.

use std::path::Path;

use super::codec::{Begin, Why};
use super::frame::{self, Met};
use super::log::{End, Last, Log, begin_of, end_of, open};
use super::mark::Mark;
use super::{Action, Deed, Origin, Outcome, Subject};
use crate::vault::home::Journal;
use crate::vault::{Place, Vault, VaultError};

/// How far back an event that this machine remembers is looked for.
const FAR_BACK: u32 = 1000;
/// Whoever cuts the log would remove that, too.
const FORGOTTEN: &str = "What this machine remembered of the audit log was removed: nobody can tell whether its last events \
                         are there.";

impl Vault {
    /// Makes the log ready for events, if it is not yet.
    pub(super) fn settle(&mut self) -> Result<(), VaultError> {
        if self.audit.log.is_some() {
            return Ok(());
        }
        let (mark, forgotten) = (self.mark(), self.forgotten());
        let seen = mark.map_or(0, |mark| mark.number);
        let (log, mut troubles) = match self.home.audit(self.file.epoch) {
            Ok(Some(journal)) => self.take_up(journal, mark)?,
            Ok(None) if seen == 0 && forgotten.is_none() => (self.begin_log(Why::New, 1)?, Vec::new()),
            Ok(None) => {
                let gone = match seen {
                    0 => "The audit log is gone.".to_owned(),
                    _ => format!("The audit log is gone, with its events up to {seen}."),
                };
                (self.begin_log(Why::Lost, seen + 1)?, vec![gone])
            }
            Err(error) => self.begin_anew(seen, &error.to_string())?,
        };
        troubles.extend(forgotten.map(str::to_owned));
        self.owe(&log, troubles);
        self.audit.log = Some(log);
        Ok(())
    }

    /// What this machine remembers of the log, where it does.
    pub(super) fn mark(&self) -> Option<Mark> {
        let bytes = self.home.audit_mark(self.file.vault).ok().flatten();
        bytes.and_then(|bytes| Mark::decode(self.file.vault, &bytes)).or(self.audit.remembered)
    }

    /// What is wrong when this machine has seen the vault before, and does not remember its log.
    pub(super) fn forgotten(&self) -> Option<&'static str> {
        (self.audit.known && self.mark().is_none()).then_some(FORGOTTEN)
    }

    /// The log in `journal`, and what is wrong with it.
    fn take_up(&mut self, mut journal: Box<dyn Journal>, mark: Option<Mark>) -> Result<(Log, Vec<String>), VaultError> {
        let seen = mark.map_or(0, |mark| mark.number);
        let Some((begin, start)) = begin_of(&*journal, &self.sealer)? else {
            return self.begin_anew(seen, "its beginning cannot be read");
        };
        let (mut log, mut troubles) = match end_of(&*journal, &self.sealer, (&begin, start), seen)? {
            End::At(size, last) => {
                if size < journal.size() {
                    journal.cut(size)?;
                    journal.sync()?;
                }
                (Log { journal, begin, start, last }, Vec::new())
            }
            End::Unreadable(last) => {
                let trouble = format!("Event {} of the audit log cannot be read.", last.number);
                (Log { journal, begin, start, last }, vec![trouble])
            }
            End::Nowhere(whole, last) => {
                let log = self.copy_of(&*journal, whole, (begin, start), last)?;
                let trouble = self.set_aside("its end cannot be read")?;
                self.home.put_audit(self.file.epoch)?;
                (log, vec![trouble])
            }
        };
        troubles.extend(mark.and_then(|mark| self.held_against(mark, &mut log)));
        Ok((log, troubles))
    }

    /// The first `size` bytes of the log in `journal`, to take its place.
    fn copy_of(
        &mut self,
        journal: &dyn Journal,
        size: u64,
        (begin, start): (Begin, u64),
        last: Last,
    ) -> Result<Log, VaultError> {
        let mut copy = self.home.make_audit(self.file.epoch)?;
        copy_bytes(journal, 0..size, &mut *copy)?;
        copy.sync()?;
        Ok(Log { journal: copy, begin, start, last })
    }

    /// A new log in the place of one that cannot be read at all; says what happened.
    fn begin_anew(&mut self, seen: u64, cause: &str) -> Result<(Log, Vec<String>), VaultError> {
        let trouble = self.set_aside(cause)?;
        Ok((self.begin_log(Why::Damaged, seen + 1)?, vec![trouble]))
    }

    fn set_aside(&mut self, cause: &str) -> Result<String, VaultError> {
        let aside = self.home.set_audit_aside(self.file.epoch, self.now())?;
        let name = aside.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(format!("The audit log was damaged ({cause}) and is set aside as {name}."))
    }

    /// A log that begins for that reason.
    pub(super) fn begin_log(&mut self, why: Why, first: u64) -> Result<Log, VaultError> {
        let begin = Begin { first, previous: [0; 32], at: self.now(), why };
        let journal = self.home.make_audit(self.file.epoch)?;
        let mut log = Log::begin(journal, begin, &self.sealer, &*self.tools.entropy)?;
        log.journal.sync()?;
        self.home.put_audit(self.file.epoch)?;
        Ok(log)
    }

    /// Begins the log of a vault that was made from the backup `file`, to be put at `place`: its numbers go on from those that
    /// this machine has seen there. Gives what it shall remember.
    pub(in crate::vault) fn begin_restored_log(
        &mut self,
        place: &Place,
        origin: &Origin,
        file: &Path,
    ) -> Result<Vec<u8>, VaultError> {
        let vault = self.file.vault;
        let seen = place.audit_mark(vault).ok().flatten().and_then(|bytes| Mark::decode(vault, &bytes));
        self.audit.log = Some(self.begin_log(Why::Restored, seen.map_or(0, |mark| mark.number) + 1)?);
        let subject = Subject::Other(file.display().to_string().into());
        self.record(origin, vec![Deed::done(Action::Restored, Some(subject))])?;
        Ok(Mark::of(&self.anchor, vault, &self.log()?.last).encode(vault))
    }

    /// Whether the event that this machine remembers is there. Where events are gone, no new one gets their numbers.
    fn held_against(&self, mark: Mark, log: &mut Log) -> Option<String> {
        let (from, to) = (log.last.number + 1, mark.number);
        if from <= to {
            log.last.number = to;
            return Some(format!("Events {from} to {to} of the audit log are gone."));
        }
        let remembered = self.event_numbered(log, mark.number)?;
        let same = Mark::of(&self.anchor, self.file.vault, &remembered) == mark;
        (!same)
            .then(|| format!("Event {to} of the audit log is not the one that this machine saw: the log was replaced."))
    }

    /// What goes on from event `number`, if it is there, whole, and not far from the end.
    fn event_numbered(&self, log: &Log, number: u64) -> Option<Last> {
        let (mut found, mut left) = (None, FAR_BACK);
        let walked = frame::back(&*log.journal, log.start, &mut |met| {
            left -= 1;
            let Met::Frame(frame) = met else { return Ok(false) };
            if frame.number == number {
                found = open(&self.sealer, &frame).map(|(_, last)| last);
            }
            Ok(frame.number > number && left > 0)
        });
        walked.ok().and(found)
    }

    /// What was found is noted by the next event.
    fn owe(&mut self, log: &Log, troubles: Vec<String>) {
        if log.last.generation.is_some_and(|generation| generation < self.audit.generation) {
            self.audit.owed.push(Deed::done(Action::Unrecorded, None));
        }
        if troubles.is_empty() {
            return;
        }
        let trouble: Box<str> = troubles.join(" ").into();
        let outcome = Outcome::Refused(trouble.clone());
        self.audit.owed.push(Deed { outcome, ..Deed::done(Action::Unrecorded, None) });
        self.audit.trouble = Some(trouble);
    }
}

/// Appends the bytes of `from` in `range` to `to`, a part at a time.
pub(super) fn copy_bytes(
    from: &dyn Journal,
    range: std::ops::Range<u64>,
    to: &mut dyn Journal,
) -> Result<(), VaultError> {
    let mut part = vec![0; 64 * 1024];
    let mut at = range.start;
    while at < range.end {
        let length = usize::try_from(range.end - at).unwrap_or(usize::MAX).min(part.len());
        from.read(at, &mut part[..length])?;
        to.append(&part[..length])?;
        at += length as u64;
    }
    Ok(())
}
