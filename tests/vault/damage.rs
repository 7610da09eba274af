//! Flips, cuts and swaps: always noticed, repaired or harmless.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use strongroom::domain::organization::Tampering;
use strongroom::domain::{ApplicationDraft, Change, PartChange, Reference, SecretBytes, Want};
use strongroom::service::{Credential, Delivery, DoorError, Order, Request, Response, StoreTrouble, Verdict};
use tempfile::TempDir;

use crate::aloud::say;
use crate::support::{Bench, START, changed, copy_tree, draft, files, target};

const SECRETS: [(&str, &str); 3] = [("one", "first value"), ("three", ""), ("two", "second value")];
/// The value of "three", large enough to be cut to pieces.
fn value_of(name: &str) -> String {
    SECRETS
        .iter()
        .find(|(n, _)| *n == name)
        .map(|(_, v)| if v.is_empty() { "3".repeat(9_000) } else { (*v).into() })
        .unwrap()
}

/// What the secret "one" had before.
const EARLIER: &str = "an earlier value";

/// A vault with [`SECRETS`] in it, an earlier value and an application, closed.
fn sample() -> TempDir {
    let mut bench = Bench::open();
    for (name, _) in SECRETS {
        let value = if name == "one" { EARLIER.into() } else { value_of(name) };
        bench.register(draft(name, &value));
    }
    let one = bench.headers()[0].clone();
    let change = Change {
        name: one.name.clone(),
        public: one.public.clone(),
        parts: vec![("value".into(), PartChange::Set(value_of("one").as_str().into()))],
        expires: None,
        not_before: None,
        write_only: false,
        encrypted_key: false,
    };
    bench.call(Request::Edit { id: one.id, revision: one.revision, change }).unwrap();
    let application = ApplicationDraft { name: "worker".into(), description: "".into(), bindings: Vec::new() };
    bench.call(Request::AddApplication(application)).unwrap();
    bench.call(Request::Lock).unwrap();
    // Four MiB of nothing, to be copied for each fault; where there is ballast, none is laid.
    fs::write(bench.place().vault.join("ballast"), b"").unwrap();
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
            // An older state, told of as that, has older values.
            Ok(value) if noticed && &*header.name == "one" && value == EARLIER => {}
            Ok(value) => assert_eq!(value, value_of(&header.name), "{what}: wrong plaintext"),
            Err(_) => noticed = true,
        }
    }
    match bench.call(Request::Applications) {
        Ok(Response::Applications(applications)) => {
            assert!(noticed || applications.len() == 1, "{what}: applications lost in silence");
        }
        other => panic!("{what}: {other:?}"),
    }
    if let Some(one) = headers.iter().find(|header| &*header.name == "one") {
        let wants = vec![Want { reference: Reference { secret: one.id.into(), field: None }, revision: Some(1) }];
        match bench.call(Request::Deliver(Order::new(Delivery::Reveal, wants))) {
            Ok(Response::Delivered { handed, .. }) => {
                assert_eq!(handed[0].bytes.expose_text(), Some(EARLIER), "{what}: wrong plaintext");
            }
            _ => noticed = true,
        }
    }
    assert!(noticed || headers.len() == SECRETS.len(), "{what}: lost in silence");
    if noticed { Outcome::Noticed } else { Outcome::Whole }
}

fn opened_after(sample: &TempDir, what: &str, change: impl FnOnce(&Path)) -> Outcome {
    // In memory where there is such a place: no fault here depends on the disk.
    let dir = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
    copy_tree(sample.path(), dir.path());
    change(dir.path());
    open(dir, what)
}

/// How many places are damaged in the long tail of zeros that a log ends with.
const IN_THE_TAIL: usize = 500;
/// Of what comes before the tail, every such byte is flipped and cut at. `STRONGROOM_FAULTS=all` damages all of both.
const WRITTEN: usize = 5;

/// The positions in files that are tried.
fn places(files: &[(PathBuf, Vec<u8>)]) -> impl Iterator<Item = (&Path, usize)> {
    let all = std::env::var("STRONGROOM_FAULTS").is_ok_and(|faults| faults == "all");
    files.iter().flat_map(move |(file, bytes)| {
        let tail = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let step = if all { 1 } else { (bytes.len() - tail).div_ceil(IN_THE_TAIL).max(1) };
        let written = if all { 1 } else { WRITTEN };
        (0..tail).step_by(written).chain((tail..bytes.len()).step_by(step)).map(move |at| (file.as_path(), at))
    })
}

/// Flips a bit at `at` of `file` and, in another copy of the sample, cuts it there; says how many of both were noticed.
fn noticed(sample: &TempDir, file: &Path, at: usize) -> usize {
    let name = file.strip_prefix(sample.path()).unwrap();
    let flip = |dir: &Path| {
        let mut bytes = fs::read(dir.join(name)).unwrap();
        bytes[at] ^= 1 << (at % 8);
        fs::write(dir.join(name), bytes).unwrap();
    };
    let cut = |dir: &Path| {
        let file = fs::File::options().write(true).open(dir.join(name)).unwrap();
        file.set_len(at.try_into().unwrap()).unwrap();
    };
    let outcomes = [
        opened_after(sample, &format!("{} flipped at {at}", name.display()), flip),
        opened_after(sample, &format!("{} cut at {at}", name.display()), cut),
    ];
    outcomes.iter().filter(|outcome| **outcome == Outcome::Noticed).count()
}

#[test]
fn a_flip_or_a_cut_in_any_file_is_noticed_repaired_or_harmless() {
    let sample = sample();
    assert_eq!(opened_after(&sample, "untouched", |_| {}), Outcome::Whole);
    let files: Vec<_> = files(sample.path()).into_iter().map(|file| (file.clone(), fs::read(file).unwrap())).collect();
    let shares = thread::available_parallelism().map_or(1, usize::from);
    let tries = |n| places(&files).skip(n).step_by(shares).map(|(file, at)| noticed(&sample, file, at)).sum::<usize>();
    let noticed: usize = thread::scope(|scope| {
        let tries = &tries;
        let threads: Vec<_> = (0..shares).map(|n| scope.spawn(move || tries(n))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    let (tried, bytes) = (places(&files).count(), files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>());
    say(&format!(
        "{tried} of {bytes} bytes of a vault flipped and cut at: {noticed} faults noticed, the others repaired or harmless"
    ));
    assert!(noticed > tried, "{noticed} of {}: the faults do not reach anything", 2 * tried);
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

/// Locks the vault and gives a copy of it.
fn set_by(bench: &mut Bench) -> TempDir {
    bench.call(Request::Lock).unwrap();
    let older = TempDir::new().unwrap();
    copy_tree(&bench.place().vault, older.path());
    older
}

/// Locks the vault and puts `older` in its place.
fn put_back(bench: &mut Bench, older: &TempDir) {
    bench.call(Request::Lock).unwrap();
    let vault = bench.place().vault;
    fs::remove_dir_all(&vault).unwrap();
    fs::create_dir(&vault).unwrap();
    fs::set_permissions(&vault, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    copy_tree(older.path(), &vault);
}

#[test]
fn an_older_state_put_back_is_noticed_until_it_is_accepted() {
    let mut bench = Bench::open();
    let one = bench.register(draft("one", "1"));
    let older = set_by(&mut bench);
    bench.unlock().unwrap();
    bench.register(draft("two", "2"));
    changed(bench.call(Request::Deactivate(target(&one)))).unwrap();
    put_back(&mut bench, &older);

    // A second opening, too: it is not forgotten because it was told of.
    for _ in 0..2 {
        let report = bench.unlock().unwrap();
        let Some(StoreTrouble::RolledBack { found, last_seen }) = report.trouble else { panic!("{report:?}") };
        assert!(found < last_seen);
        assert_eq!(report.tampered, [], "that one secret is older, and another gone, goes without saying");
        assert_eq!(bench.headers(), std::slice::from_ref(&one));
        assert!(matches!(bench.call(Request::Register(draft("three", "3"))), Err(DoorError::ReadOnly)));
        assert!(matches!(bench.call(Request::SweepAnyway), Err(DoorError::ReadOnly)));
        bench.call(Request::Lock).unwrap();
    }
    bench.unlock().unwrap();
    bench.call(Request::AcceptRollback).unwrap();
    bench.register(draft("three", "3"));
    let report = bench.reopen();
    assert_eq!((report.trouble, report.tampered), (None, Vec::new()));
    assert_eq!(bench.headers().len(), 2);
}

#[test]
fn an_older_state_from_before_a_new_epoch_opens_no_more_but_a_backup_of_then_does() {
    let mut bench = Bench::open();
    bench.register(draft("one", "1"));
    let file = bench.dir.path().join("backup");
    bench.call(Request::Backup(file.clone())).unwrap();
    let older = set_by(&mut bench);
    bench.unlock().unwrap();
    bench.change_passphrase("another passphrase").unwrap();
    put_back(&mut bench, &older);
    let older = bench.unlock();
    assert!(matches!(older, Err(DoorError::Tampered(Tampering::LogOlder { .. }))), "{older:?}");
    let credential = bench.recovery.clone();
    bench.call(Request::Restore { file, credential, replace: true }).unwrap();
    let report = bench.unlock().unwrap();
    assert_eq!((report.trouble, report.tampered), (None, Vec::new()));
    assert_eq!(bench.headers().len(), 1);
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
