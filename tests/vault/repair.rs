//! Repair: what is whole goes on, what is missing comes back where it can, and nothing is thrown away.

use std::fs;
use std::path::PathBuf;

use strongroom::service::{DoorError, OpenReport, Repaired, Request, Response, StoreTrouble};
use strongroom::store::Batch;
use strongroom::store::Store;
use strongroom::store::sled::SledStore;

use crate::support::{Bench, START, changed, draft, target};

fn repair(bench: &mut Bench) -> OpenReport {
    let Response::Unlocked { report, .. } = bench.call(Request::Repair).unwrap() else { panic!("no report") };
    report
}

fn names(bench: &mut Bench) -> Vec<String> {
    bench.headers().iter().map(|header| header.name.to_string()).collect()
}

/// Removes from the closed store, behind the vault's back, what `doomed` says yes to.
fn lose(bench: &Bench, doomed: impl Fn(&[u8]) -> bool) {
    let (store, _) = SledStore::open(&bench.place().store(1), START).unwrap();
    let mut store: Box<dyn Store> = Box::new(store);
    let mut batch = Batch::default();
    store
        .scan(b"", &mut |key, _| {
            if doomed(key) {
                batch.remove(key.to_vec());
            }
            true
        })
        .unwrap();
    store.commit(batch).unwrap();
    store.close().unwrap();
}

fn set_aside(bench: &Bench) -> Vec<PathBuf> {
    let entries = fs::read_dir(bench.place().vault).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("damaged-")).collect()
}

/// A vault with three secrets, closed; the middle one's id.
fn with_three() -> (Bench, [u8; 16]) {
    let mut bench = Bench::open();
    bench.register(draft("one", "1"));
    let lost = bench.register(draft("two", "2"));
    bench.register(draft("three", "3"));
    bench.call(Request::Lock).unwrap();
    (bench, lost.id.0)
}

#[test]
fn without_a_copy_what_is_whole_goes_on() {
    let (mut bench, lost) = with_three();
    lose(&bench, |key| key.windows(16).any(|part| part == lost));
    let report = bench.unlock().unwrap();
    assert!(
        matches!(report.trouble, Some(StoreTrouble::Damaged { expected: 3, found: 2, copy_from: None })),
        "{report:?}"
    );
    let report = repair(&mut bench);
    assert_eq!(report.repaired, Some(Repaired { whole: 2, brought_back: 0, lost: 1 }));
    assert_eq!(report.trouble, None);
    assert_eq!(names(&mut bench), ["one", "three"]);
    bench.register(draft("new", "4"));
    assert_eq!(bench.reopen().trouble, None);
}

#[test]
fn what_is_missing_comes_back_from_the_copy_and_what_is_newer_stays() {
    let (mut bench, lost) = with_three();
    // Not closed cleanly: the next opening copies it first.
    fs::remove_file(bench.place().store(1).join("clean")).unwrap();
    bench.unlock().unwrap();
    let newer = bench.register(draft("newer than the copy", "4"));
    let one = bench.headers().into_iter().find(|header| &*header.name == "one").unwrap();
    let off = changed(bench.call(Request::Deactivate(target(&one)))).unwrap();
    bench.call(Request::Lock).unwrap();
    lose(&bench, |key| key.windows(16).any(|part| part == lost));

    let report = bench.unlock().unwrap();
    assert!(matches!(report.trouble, Some(StoreTrouble::Damaged { copy_from: Some(_), .. })), "{report:?}");
    assert_eq!(repair(&mut bench).repaired, Some(Repaired { whole: 3, brought_back: 1, lost: 0 }));
    assert_eq!(names(&mut bench), ["newer than the copy", "one", "three", "two"]);
    assert_eq!(bench.reveal(&newer, "value").unwrap(), "4");
    let headers = bench.headers();
    assert_eq!((headers[1].revision, &headers[1].state), (off.revision, &off.state));
    assert_eq!(bench.reveal(&headers[3], "value").unwrap(), "2");
    assert_eq!(bench.reopen().trouble, None);
}

#[test]
fn the_damaged_store_is_a_vault_to_look_into() {
    let (mut bench, lost) = with_three();
    lose(&bench, |key| key.windows(16).any(|part| part == lost));
    bench.unlock().unwrap();
    repair(&mut bench);
    bench.reopen();
    let [aside] = &set_aside(&bench)[..] else { panic!("{:?}", set_aside(&bench)) };
    let place = strongroom::vault::Place { vault: aside.clone(), state: bench.place().state };
    let mut service = crate::support::service(&place, &bench.clock, 9);
    let open = Request::Unlock(bench.recovery.clone());
    strongroom::service::Door::call(&mut service, open, &|_| {}).unwrap();
    let Response::Headers(headers) = strongroom::service::Door::call(&mut service, Request::List, &|_| {}).unwrap()
    else {
        panic!("no headers")
    };
    assert_eq!(headers.len(), 2, "what was there before the repair");
}

#[test]
fn a_repair_cut_off_after_its_exchange_throws_nothing_away() {
    let (mut bench, lost) = with_three();
    lose(&bench, |key| key.windows(16).any(|part| part == lost));
    bench.unlock().unwrap();
    repair(&mut bench);
    bench.call(Request::Lock).unwrap();
    // As a kill before the last step leaves it: the damaged store where it was, its place prepared.
    let [aside] = &set_aside(&bench)[..] else { panic!() };
    fs::rename(aside.join("store-1"), bench.place().store(1)).unwrap();
    assert_eq!(bench.unlock().unwrap().trouble, None);
    assert!(aside.join("store-1").join("db").is_file() && !bench.place().store(1).exists());
}

#[test]
fn a_value_that_lost_a_piece_stops_the_backup_by_name_and_not_the_vault() {
    let mut bench = Bench::open();
    let large = bench.register(draft("large", &"x".repeat(60_000)));
    bench.register(draft("small", "1"));
    bench.call(Request::Lock).unwrap();
    let is_piece = |key: &[u8]| key.windows(16).any(|part| part == large.id.0) && key[0] != b'r';
    let last = std::cell::Cell::new(true);
    lose(&bench, |key| is_piece(key) && last.replace(false));
    assert_eq!(bench.unlock().unwrap().trouble, None, "headers are whole");
    let file = bench.dir.path().join("backup");
    let Err(DoorError::Damaged(cause)) = bench.call(Request::Backup(file.clone())) else {
        panic!("a backup of damage")
    };
    assert!(cause.contains("large") && cause.contains("1 of 2"), "{cause}");
    assert!(!file.exists());
    let answer = bench.change_passphrase("another passphrase");
    assert!(matches!(&answer, Err(DoorError::Damaged(cause)) if cause.starts_with("large")), "{answer:?}");
    // What the doctor advises.
    let gone = changed(bench.call(Request::Delete(target(&large)))).unwrap();
    assert!(gone.parts.is_empty());
    bench.call(Request::Backup(file)).unwrap();
}
