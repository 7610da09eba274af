//! Whatever is done to the bytes of an audit log is noticed, and keeps nobody out.

use std::sync::Arc;

use strongroom::crypto::{KdfCost, VaultFile};
use strongroom::domain::audit::{Action, AuditQuery, AuditVerdict, Event, Origin, Subject};
use strongroom::domain::{SecretBytes, VaultId};
use strongroom::host::{FixedClock, SeededEntropy};
use strongroom::service::{Credential, OpenReport};
use strongroom::vault::{Deed, Founding, Home, Journal, MemoryHome, Tools, Vault};

use crate::support::{START, draft};

/// Events of [`Sample`].
const COUNT: u64 = 6;

/// A vault in memory with some events, closed.
struct Sample {
    home: MemoryHome,
    key: SecretBytes,
    id: VaultId,
    /// The log, and what is remembered of it.
    log: Vec<u8>,
    mark: Vec<u8>,
}

fn tools() -> Tools {
    Tools { clock: Arc::new(FixedClock::at(START)), entropy: Arc::new(SeededEntropy::new(4)), cost: KdfCost::DEFAULT }
}

fn note(vault: &mut Vault, action: Action) {
    let deed = Deed::done(action, Some(Subject::Other("somebody".into())));
    vault.record(&Origin::default(), vec![deed]).unwrap();
}

fn bytes_of(journal: &dyn Journal) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(journal.size()).unwrap()];
    journal.read(0, &mut bytes).unwrap();
    bytes
}

impl Sample {
    fn new() -> Self {
        let home = MemoryHome::default();
        let founding = Founding { organization: "O", member: "A Member", passphrase: None };
        let (mut vault, key) = Vault::create(Box::new(home.clone()), founding, tools(), &|_| {}).unwrap();
        vault.register(draft("one", "1")).unwrap();
        (0..COUNT).for_each(|_| note(&mut vault, Action::Registered));
        vault.close().unwrap();
        let id = VaultFile::decode(&home.header().unwrap().unwrap()).unwrap().vault;
        let log = bytes_of(&*home.audit(1).unwrap().unwrap());
        let mark = home.audit_mark(id).unwrap().unwrap();
        Self { home, key, id, log, mark }
    }

    /// Opens the vault with `log` in the place of its own, and notes that; what is said then, and what all events are.
    fn with(&self, log: &[u8], mark: &[u8]) -> (OpenReport, AuditVerdict, Vec<Event>) {
        let mut home = self.home.clone();
        let mut journal = home.make_audit(1).unwrap();
        journal.append(log).unwrap();
        home.put_audit(1).unwrap();
        home.remember_audit(self.id, mark).unwrap();
        self.opened()
    }

    fn opened(&self) -> (OpenReport, AuditVerdict, Vec<Event>) {
        let (home, key) = (Box::new(self.home.clone()), Credential::Recovery(self.key.clone()));
        let (mut vault, report) = Vault::unlock(home, &key, tools(), &|_| {}).unwrap();
        assert_eq!((report.trouble, vault.headers().len()), (None, 1), "nobody is kept out");
        note(&mut vault, Action::Unlocked);
        let (report, verdict) = (vault.report(), vault.verify_audit().unwrap());
        let events = vault.audit(&AuditQuery::default()).unwrap();
        vault.close().unwrap();
        (report, verdict, events)
    }

    /// Asserts that `log` is noticed, now and later, and that no number comes twice.
    fn assert_noticed(&self, what: &str, log: &[u8]) {
        let (report, verdict, _) = self.with(log, &self.mark);
        assert!(!verdict.troubles.is_empty(), "{what}: {report:?}");
        let (_, verdict, events) = self.opened();
        assert!(!verdict.troubles.is_empty(), "{what}, later");
        let numbers: Vec<u64> = events.iter().map(|event| event.number).filter(|number| *number > COUNT).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b) && numbers.len() >= 2, "{what}: {numbers:?}");
    }
}

/// Where each frame begins and ends, the beginning of the log first.
fn frames(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 9);
    while at < bytes.len() {
        let length = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        found.push(at..at + 16 + length);
        at += 16 + length;
    }
    found
}

#[test]
fn a_byte_that_is_changed_is_noticed_wherever_it_is() {
    let sample = Sample::new();
    for at in 0..sample.log.len() {
        let mut log = sample.log.clone();
        log[at] ^= 1 << (at % 8);
        sample.assert_noticed(&format!("byte {at} of {}", log.len()), &log);
    }
}

#[test]
fn a_log_that_is_cut_is_noticed_at_every_length() {
    let sample = Sample::new();
    for length in 0..sample.log.len() {
        let log = &sample.log[..length];
        assert!(sample.with(log, &sample.mark).0.audit.is_some(), "cut at {length}");
        sample.assert_noticed(&format!("cut at {length}"), log);
    }
}

#[test]
fn what_was_never_answered_is_taken_away_without_a_word() {
    let sample = Sample::new();
    let last = frames(&sample.log).pop().unwrap();
    let next = &sample.log[last];
    // The last two bytes are zeros: with those that follow, the event would be whole.
    for length in 1..next.len() - 2 {
        for zeros in [0, 1, 4096] {
            // As a kill, or a power cut, leaves it in the middle of the next event.
            let torn = [&sample.log[..], &next[..length], &vec![0; zeros]].concat();
            let (report, verdict, events) = sample.with(&torn, &sample.mark);
            assert_eq!((report.audit, verdict.troubles), (None, Vec::new()), "torn after {length}, {zeros} zeros");
            assert_eq!(events.last().unwrap().number, COUNT + 1);
        }
    }
}

#[test]
fn frames_that_are_removed_swapped_or_doubled_are_noticed() {
    let sample = Sample::new();
    let frames = frames(&sample.log);
    let with = |order: &[usize]| {
        let mut bytes = sample.log[..9].to_vec();
        order.iter().for_each(|n| bytes.extend_from_slice(&sample.log[frames[*n].clone()]));
        bytes
    };
    let all: Vec<usize> = (0..frames.len()).collect();
    for n in 1..frames.len() {
        let without: Vec<usize> = all.iter().copied().filter(|other| *other != n).collect();
        sample.assert_noticed(&format!("without {n}"), &with(&without));
        let mut doubled = all.clone();
        doubled.insert(n, n);
        sample.assert_noticed(&format!("{n} doubled"), &with(&doubled));
        if n > 1 {
            let mut swapped = all.clone();
            swapped.swap(n - 1, n);
            sample.assert_noticed(&format!("{n} before {}", n - 1), &with(&swapped));
        }
    }
}

/// Two logs that go on from the same event, each in its own way.
#[test]
fn a_log_that_went_another_way_is_noticed() {
    let sample = Sample::new();
    let cut = frames(&sample.log)[2].start;
    let home = sample.home.clone();
    let (_, _, _) = sample.with(&sample.log[..cut], b"");
    let other = bytes_of(&*home.audit(1).unwrap().unwrap());
    let mut longer = other.clone();
    for _ in 0..COUNT {
        sample.opened();
        longer = bytes_of(&*home.audit(1).unwrap().unwrap());
    }
    let (report, verdict, _) = sample.with(&longer, &sample.mark);
    assert!(report.audit.unwrap().contains("was replaced"), "{verdict:?}");
    sample.assert_noticed("a mixture", &[&other[..], &sample.log[other.len()..]].concat());
}
