//! Flips, cuts and swaps: always noticed, repaired or harmless.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use strongroom::domain::SecretBytes;
use strongroom::service::{Credential, DoorError, Request, Response, StoreTrouble, Verdict};
use tempfile::TempDir;

use crate::support::{Bench, START, copy_tree, draft, files};

const SECRETS: [(&str, &str); 3] = [("one", "first value"), ("three", ""), ("two", "second value")];
/// The value of "three", large enough to be cut to pieces.
fn value_of(name: &str) -> String {
    SECRETS
        .iter()
        .find(|(n, _)| *n == name)
        .map(|(_, v)| if v.is_empty() { "3".repeat(9_000) } else { (*v).into() })
        .unwrap()
}

/// A vault with [`SECRETS`] in it, closed.
fn sample() -> TempDir {
    let mut bench = Bench::open();
    for (name, _) in SECRETS {
        bench.register(draft(name, &value_of(name)));
    }
    bench.call(Request::Lock).unwrap();
    // Four MiB of nothing, to be copied for each fault.
    fs::remove_file(bench.place().vault.join("ballast")).unwrap();
    bench.dir
}

/// What came of opening a vault that something had happened to.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Outcome {
    /// Nothing is missing, nothing is wrong.
    Whole,
    /// Opening it failed, or the vault said that it is in trouble, or a value said that it is damaged.
    Noticed,
}

/// Opens the vault in `dir`.
///
/// # Panics
/// When something is lost or wrong and nobody says so.
fn open(dir: TempDir, what: &str) -> Outcome {
    let mut bench = Bench::at(dir, START);
    let Ok(report) = bench.unlock() else { return Outcome::Noticed };
    let mut noticed = report.trouble.is_some();
    let headers = bench.headers();
    for header in &headers {
        match bench.reveal(header, "value") {
            Ok(value) => assert_eq!(value, value_of(&header.name), "{what}: wrong plaintext"),
            Err(_) => noticed = true,
        }
    }
    assert!(noticed || headers.len() == SECRETS.len(), "{what}: lost in silence");
    if noticed { Outcome::Noticed } else { Outcome::Whole }
}

fn opened_after(sample: &TempDir, what: &str, change: impl FnOnce(&std::path::Path)) -> Outcome {
    // In memory where there is such a place: no fault here depends on the disk.
    let dir = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
    copy_tree(sample.path(), dir.path());
    change(dir.path());
    open(dir, what)
}

/// The positions in a file that are tried: those in blocks where something is written, 1,500 of them at most.
/// All of them: `STRONGROOM_FAULTS=all`.
fn positions(bytes: &[u8]) -> Vec<usize> {
    let written = |at: &usize| {
        let block = at / 512 * 512;
        bytes[block..bytes.len().min(block + 512)].iter().any(|byte| *byte != 0)
    };
    let all: Vec<usize> = (0..bytes.len()).filter(written).collect();
    let most = if std::env::var("STRONGROOM_FAULTS").is_ok_and(|faults| faults == "all") { all.len() } else { 1_500 };
    let stride = all.len().div_ceil(most.max(1)).max(1);
    all.into_iter().step_by(stride).collect()
}

#[test]
fn a_flip_or_a_cut_in_any_file_is_noticed_repaired_or_harmless() {
    let sample = sample();
    assert_eq!(opened_after(&sample, "untouched", |_| {}), Outcome::Whole);
    let noticed = AtomicUsize::new(0);
    let tried = AtomicUsize::new(0);
    let names = files(sample.path());
    let at = |file| positions(&fs::read(file).unwrap()).into_iter().map(move |at| (file, at));
    let work: Vec<_> = names.iter().flat_map(at).collect();
    std::thread::scope(|scope| {
        for half in work.chunks(work.len().div_ceil(2)) {
            let (sample, noticed, tried) = (&sample, &noticed, &tried);
            scope.spawn(move || {
                for (file, at) in half {
                    let name = file.strip_prefix(sample.path()).unwrap();
                    let flip = |dir: &std::path::Path| {
                        let mut bytes = fs::read(dir.join(name)).unwrap();
                        bytes[*at] ^= 1 << (at % 8);
                        fs::write(dir.join(name), bytes).unwrap();
                    };
                    let cut = |dir: &std::path::Path| {
                        let bytes = fs::read(dir.join(name)).unwrap();
                        fs::write(dir.join(name), &bytes[..*at]).unwrap();
                    };
                    let outcomes = [
                        opened_after(sample, &format!("{} flipped at {at}", name.display()), flip),
                        opened_after(sample, &format!("{} cut at {at}", name.display()), cut),
                    ];
                    noticed.fetch_add(outcomes.iter().filter(|o| **o == Outcome::Noticed).count(), Ordering::Relaxed);
                    tried.fetch_add(2, Ordering::Relaxed);
                }
            });
        }
    });
    let (noticed, tried) = (noticed.into_inner(), tried.into_inner());
    println!("{tried} faults, {noticed} noticed, the others repaired or harmless");
    assert!(noticed > tried / 2, "{noticed} of {tried}: the faults do not reach anything");
}

#[test]
fn a_missing_file_is_noticed_repaired_or_harmless() {
    let sample = sample();
    for file in files(sample.path()) {
        let name = file.strip_prefix(sample.path()).unwrap();
        let outcome = opened_after(&sample, &name.display().to_string(), |dir| {
            fs::remove_file(dir.join(name)).unwrap();
        });
        if name.ends_with("db") || name.ends_with("vault.header") {
            assert_eq!(outcome, Outcome::Noticed, "{}", name.display());
        }
    }
}

#[test]
fn an_older_state_put_back_is_noticed_until_it_is_accepted() {
    let mut bench = Bench::open();
    bench.register(draft("one", "1"));
    bench.call(Request::Lock).unwrap();
    let vault = bench.place().vault;
    let older = TempDir::new().unwrap();
    copy_tree(&vault, older.path());
    bench.unlock().unwrap();
    bench.register(draft("two", "2"));
    // A new epoch in between: the witness knows it all the same.
    bench.call(Request::ChangePassphrase(SecretBytes::from("another passphrase"))).unwrap();
    bench.call(Request::Lock).unwrap();
    fs::remove_dir_all(&vault).unwrap();
    fs::create_dir(&vault).unwrap();
    fs::set_permissions(&vault, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    copy_tree(older.path(), &vault);

    let report = bench.unlock().unwrap();
    let Some(StoreTrouble::RolledBack { found, last_seen }) = report.trouble else { panic!("{report:?}") };
    assert!(found < last_seen);
    assert_eq!(bench.headers().len(), 1);
    assert!(matches!(bench.call(Request::Register(draft("three", "3"))), Err(DoorError::ReadOnly)));
    assert!(matches!(bench.call(Request::SweepAnyway), Err(DoorError::ReadOnly)));
    bench.call(Request::AcceptRollback).unwrap();
    bench.register(draft("three", "3"));
    assert_eq!(bench.reopen().trouble, None);
}

#[test]
fn a_damaged_store_is_replaced_by_its_newest_whole_copy_and_kept() {
    let sample = sample();
    let dir = TempDir::new().unwrap();
    copy_tree(sample.path(), dir.path());
    let mut bench = Bench::at(dir, START);
    let store = bench.place().store(1);
    // A store that was not closed: the next opening copies it first.
    fs::remove_file(store.join("clean")).unwrap();
    assert_eq!(bench.unlock().unwrap().trouble, None);
    bench.call(Request::Lock).unwrap();
    let log = fs::read(store.join("db")).unwrap();
    fs::write(store.join("db"), vec![0xA5; log.len()]).unwrap();

    let report = bench.unlock().unwrap();
    let Some(StoreTrouble::Damaged { expected: 3, copy_from: Some(_), .. }) = report.trouble else {
        panic!("{report:?}")
    };
    assert!(matches!(bench.call(Request::Register(draft("new", "1"))), Err(DoorError::ReadOnly)));
    let Response::Unlocked { report, .. } = bench.call(Request::Repair).unwrap() else { panic!() };
    assert_eq!(report.trouble, None);
    let aside = bench.place().vault.join(format!("damaged-1-{START}"));
    assert!(aside.join("store-1").join("db").is_file() && aside.join("vault.header").is_file());
    assert_eq!(bench.headers().len(), 3);
    assert_eq!(bench.reopen().trouble, None);
    let headers = bench.headers();
    for header in headers {
        assert_eq!(bench.reveal(&header, "value").unwrap(), value_of(&header.name));
    }
}

#[test]
fn a_damaged_header_is_no_wrong_passphrase() {
    let sample = sample();
    let mut bench = Bench::at(sample, START);
    let path = bench.place().header();
    let mut bytes = fs::read(&path).unwrap();
    bytes[100] ^= 1;
    fs::write(&path, bytes).unwrap();
    let credential = Credential::Passphrase(SecretBytes::from("whatever"));
    assert!(matches!(bench.unlock_with(credential), Err(DoorError::Damaged(_))));
}

#[test]
fn the_doctor_finds_what_is_wrong_and_nothing_where_nothing_is() {
    let examined = |bench: &mut Bench| match bench.call(Request::Doctor(None)).unwrap() {
        Response::Examined(findings) => findings,
        other => panic!("{other:?}"),
    };
    let bad = |bench: &mut Bench| -> Vec<String> {
        let findings = examined(bench).into_iter();
        findings.filter(|f| matches!(f.verdict, Verdict::Bad { .. })).map(|f| f.what.to_string()).collect()
    };
    let sample = sample();
    let whole = TempDir::new().unwrap();
    copy_tree(sample.path(), whole.path());
    let mut bench = Bench::at(whole, START);
    bench.unlock().unwrap();
    let findings = examined(&mut bench);
    assert!(findings.iter().all(|f| matches!(f.verdict, Verdict::Good(_))), "{findings:#?}");
    assert!(findings.len() >= 12);
    bench.call(Request::Lock).unwrap();
    assert!(bad(&mut bench).is_empty());

    fs::set_permissions(bench.place().vault, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(bad(&mut bench), ["directory"]);
    fs::set_permissions(bench.place().vault, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    fs::rename(bench.place().store(1), bench.place().store(7)).unwrap();
    assert_eq!(bad(&mut bench), ["store"]);
    bench.unlock().unwrap();
    assert_eq!(bad(&mut bench), ["store", "manifest"]);
    bench.call(Request::Lock).unwrap();
    assert!(bench.place().store(7).join("db").is_file(), "a store is removed only beside a whole one");
}
