//! The directory of a vault: what cannot be told is not guessed, and no look at a broken store costs a good copy.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use strongroom::service::{Credential, DoorError, OpenReport, Request, Response, StoreTrouble, VaultStatus};

use crate::support::{Bench, draft};

#[test]
fn a_vault_that_cannot_be_looked_at_is_not_taken_for_none() {
    let mut bench = Bench::locked();
    let vault = bench.place().vault;
    fs::rename(&vault, bench.dir.path().join("elsewhere")).unwrap();
    assert!(matches!(bench.call(Request::Status), Ok(Response::Status(VaultStatus::Absent))));

    symlink("vault", &vault).unwrap();
    let create =
        Request::Create { organization: "O".into(), member: "M".into(), passphrase: "long enough, is it".into() };
    let credential = Credential::Recovery("not looked at".into());
    let restore = Request::Restore { file: "backup".into(), credential: credential.clone(), replace: false };
    for request in [Request::Status, create, Request::Unlock(credential), restore] {
        let refused = bench.call(request);
        assert!(matches!(&refused, Err(DoorError::File { file, .. }) if file.starts_with(&vault)), "{refused:?}");
    }
}

/// A vault with a secret in it and one good copy of its store, locked.
fn with_a_copy() -> Bench {
    let mut bench = Bench::open();
    bench.register(draft("kept", "1"));
    bench.call(Request::Lock).unwrap();
    fs::remove_file(bench.place().store(1).join("clean")).unwrap();
    assert_eq!(bench.reopen().trouble, None);
    bench.call(Request::Lock).unwrap();
    assert_eq!(copies(&bench), 1);
    bench
}

fn copies(bench: &Bench) -> usize {
    let names = fs::read_dir(bench.place().copies()).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name != ".unfinished").count()
}

/// Looks at the vault as somebody does who is then killed.
fn look(bench: &mut Bench) -> OpenReport {
    let report = bench.unlock().unwrap();
    bench.call(Request::Lock).unwrap();
    // Not there after a kill, nor where the engine could not open the store at all.
    let _ = fs::remove_file(bench.place().store(1).join("clean"));
    bench.clock.advance(60);
    report
}

fn has_a_good_copy(report: &OpenReport) -> bool {
    matches!(report.trouble, Some(StoreTrouble::Damaged { copy_from: Some(_), .. }))
}

/// Replaces the log by the same number of other bytes: the engine refuses it.
fn spoil(log: &Path, byte: u8) {
    let length = fs::metadata(log).unwrap().len().try_into().unwrap();
    fs::write(log, vec![byte; length]).unwrap();
}

#[test]
fn looking_at_a_broken_store_many_times_costs_no_good_copy() {
    let mut bench = with_a_copy();
    spoil(&bench.place().store(1).join("db"), 0xA5);
    for _ in 0..6 {
        assert!(has_a_good_copy(&look(&mut bench)));
    }
    assert_eq!(copies(&bench), 2, "the good one, and the broken one once");
    bench.unlock().unwrap();
    bench.call(Request::Repair).unwrap();
    assert_eq!(bench.headers().len(), 1);
    assert_eq!(bench.reopen().trouble, None);
}

#[test]
fn a_store_that_breaks_further_at_every_look_costs_no_good_copy() {
    let mut bench = with_a_copy();
    for n in 0..8 {
        spoil(&bench.place().store(1).join("db"), 0xA0 + n);
        assert!(has_a_good_copy(&look(&mut bench)), "look {n}");
    }
    assert!(copies(&bench) <= 4);
}

#[test]
fn a_store_that_opens_without_its_records_costs_no_good_copy() {
    let mut bench = with_a_copy();
    // The engine takes an empty log for a new store, and makes it one.
    for n in 0..8 {
        fs::write(bench.place().store(1).join("db"), b"").unwrap();
        for entry in fs::read_dir(bench.place().store(1)).unwrap().map(|entry| entry.unwrap()) {
            if entry.file_name().as_encoded_bytes().starts_with(b"snap.") {
                fs::remove_file(entry.path()).unwrap();
            }
        }
        assert!(has_a_good_copy(&look(&mut bench)), "look {n}");
        assert!(has_a_good_copy(&look(&mut bench)), "look {n}, again");
    }
}

#[test]
fn of_a_whole_store_the_three_newest_copies_are_kept() {
    let mut bench = with_a_copy();
    for n in 0..5 {
        bench.unlock().unwrap();
        bench.register(draft(&format!("secret {n}"), "1"));
        bench.call(Request::Lock).unwrap();
        fs::remove_file(bench.place().store(1).join("clean")).unwrap();
        assert_eq!(look(&mut bench).trouble, None);
    }
    assert_eq!(copies(&bench), 3);
}
