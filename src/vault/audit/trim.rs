//! The limits of the log: its oldest events go.

use super::codec::{Begin, Why};
use super::frame::{self, Met};
use super::log::{Log, open};
use super::open::copy_bytes;
use super::{Action, Deed, Origin, Subject};
use crate::domain::Timestamp;
use crate::domain::lifecycle::{ClockVerdict, judge_clock};
use crate::domain::text::grouped;
use crate::vault::{Vault, VaultError};

/// What may be kept.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Events before this go.
    oldest: Option<Timestamp>,
    /// Bytes of the file, from which the oldest go.
    bytes: Option<u64>,
}

/// The first event that stays.
struct Cut {
    /// Where it begins.
    at: u64,
    /// Its number.
    first: u64,
    /// The hash of the event before.
    previous: [u8; 32],
}

impl Vault {
    /// Removes the events whose days are over, once some are over for long enough that it is worth it. While the clock is
    /// not believed, none are.
    ///
    /// # Errors
    /// When the log cannot be written: it is as it was then.
    pub fn trim_old(&mut self, origin: &Origin) -> Result<(), VaultError> {
        let days = i64::from(self.settings().audit_days);
        self.settle()?;
        if days == 0 || judge_clock(Timestamp(self.manifest.last_seen), self.now()) != ClockVerdict::Sound {
            return Ok(());
        }
        let due = self.now().plus_days(-(days + days / 16));
        if self.first_at()?.is_none_or(|first| first >= due) {
            return Ok(());
        }
        self.trim(origin, Limits { oldest: Some(self.now().plus_days(-days)), bytes: None })
    }

    /// Removes the oldest events of a log that is too large, down to three quarters of what it may be.
    pub(super) fn trim_large(&mut self, origin: &Origin) -> Result<(), VaultError> {
        let most = u64::from(self.settings().audit_mib.max(1)) << 20;
        if self.log()?.journal.size() <= most {
            return Ok(());
        }
        self.trim(origin, Limits { oldest: None, bytes: Some(most / 4 * 3) })
    }

    /// When the first event that is kept was.
    fn first_at(&self) -> Result<Option<Timestamp>, VaultError> {
        let log = self.log()?;
        let first = frame::at(&*log.journal, log.start)?;
        Ok(first.and_then(|frame| open(&self.sealer, &frame)).map(|(entry, _)| entry.event.at))
    }

    fn trim(&mut self, origin: &Origin, limits: Limits) -> Result<(), VaultError> {
        let Some(cut) = self.first_to_stay(limits)? else { return Ok(()) };
        let epoch = self.file.epoch;
        let journal = self.home.make_audit(epoch)?;
        let old = self.log()?;
        let Cut { at, first, previous } = cut;
        let gone = first - old.begin.first;
        let begin = Begin { first, previous, at: self.now(), why: Why::Trimmed };
        let mut new = Log::begin(journal, begin, &self.sealer, &*self.tools.entropy)?;
        copy_bytes(&*old.journal, at..old.journal.size(), &mut *new.journal)?;
        new.journal.sync()?;
        new.last = old.last;
        self.home.put_audit(epoch)?;
        self.audit.log = Some(new);
        let told = format!("{} events, up to number {}", grouped(gone), first - 1);
        self.add(origin, vec![Deed::done(Action::Trimmed, Some(Subject::Other(told.into())))])
    }

    /// The first event that stays; `None` when all do. What cannot be read before it goes, too.
    fn first_to_stay(&self, limits: Limits) -> Result<Option<Cut>, VaultError> {
        let log = self.log()?;
        let too_much = limits.bytes.map_or(0, |bytes| log.journal.size().saturating_sub(bytes));
        let mut cut = None;
        frame::forth(&*log.journal, log.start, &mut |met| {
            let Met::Frame(frame) = met else { return Ok(true) };
            let Some((entry, _)) = open(&self.sealer, &frame) else { return Ok(true) };
            let goes = frame.at - log.start < too_much || limits.oldest.is_some_and(|oldest| entry.event.at < oldest);
            if !goes && frame.number > log.begin.first {
                cut = Some(Cut { at: frame.at, first: frame.number, previous: entry.previous });
            }
            Ok(goes)
        })?;
        Ok(cut)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::crypto::KdfCost;
    use crate::domain::audit::AuditQuery;
    use crate::host::{FixedClock, SeededEntropy};
    use crate::vault::{Credential, MemoryHome, Tools, demo};

    #[test]
    fn the_oldest_go_and_the_chain_holds() {
        let tools = Tools {
            clock: Arc::new(FixedClock::at(1_790_000_000)),
            entropy: Arc::new(SeededEntropy::new(1)),
            cost: KdfCost::DEFAULT,
        };
        let home = MemoryHome::default();
        let (mut vault, key) = demo(home.clone(), tools.clone()).unwrap();
        let origin = Origin::default();
        let swept = |n: u32| vec![Deed::done(Action::Swept, Some(Subject::Other(n.to_string().into())))];
        (0..100).for_each(|n| vault.record(&origin, swept(n)).unwrap());
        let most = vault.log().unwrap().journal.size() / 4 * 3;
        vault.trim(&origin, Limits { oldest: None, bytes: Some(most) }).unwrap();
        assert!(vault.log().unwrap().journal.size() <= most + 2000);
        vault.close().unwrap();

        let credential = Credential::Recovery(key);
        let (mut vault, _) = Vault::unlock(Box::new(home), &credential, tools, &|_| {}).unwrap();
        let verdict = vault.verify_audit().unwrap();
        assert_eq!(verdict.troubles, Vec::new());
        assert!((24..30).contains(&verdict.first), "{}", verdict.first);
        let events = vault.audit(&AuditQuery::default()).unwrap();
        assert_eq!(events.len() as u64, verdict.events);
        let last = events.last().unwrap();
        assert_eq!((last.number, last.action), (101, Action::Trimmed));
        let told = format!("{0} events, up to number {0}", verdict.first - 1);
        assert_eq!(last.subject, Some(Subject::Other(told.into())));
    }
}
