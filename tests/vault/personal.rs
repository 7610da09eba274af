//! A personal secret: its owner does with it what they do with every secret, and nobody reads it on the disk.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use strongroom::domain::{Change, Draft, Header, PartChange, Scope, SecretId, State};
use strongroom::service::{Credential, DoorError, OpenReport, Request, Response};

use crate::support::{Bench, PASSPHRASE, changed, draft, files, target};

/// A personal secret in an open vault, called so.
fn personal(bench: &mut Bench, name: &str, value: &str) -> Arc<Header> {
    bench.register(Draft { scope: Scope::Personal, ..draft(name, value) })
}

fn edit(bench: &mut Bench, header: &Header, name: &str, value: Option<&str>) -> Arc<Header> {
    let fate = value.map_or(PartChange::Keep, |value| PartChange::Set(value.into()));
    let change = Change {
        name: name.into(),
        public: header.public.clone(),
        parts: vec![("value".into(), fate)],
        expires: None,
        not_before: None,
        write_only: false,
        encrypted_key: false,
    };
    changed(bench.call(Request::Edit { id: header.id, revision: header.revision, change })).unwrap()
}

fn is_sound(report: &OpenReport) {
    assert_eq!((&report.trouble, &report.tampered[..], &report.reseal_failed), (&None, &[][..], &None));
}

fn revisions(bench: &mut Bench, id: SecretId) -> Vec<u64> {
    let Response::History(kept) = bench.call(Request::History(id)).unwrap() else { panic!("no history") };
    kept.iter().map(|kept| kept.header.revision).collect()
}

/// Leaves nothing that this machine has verified of the vault, so that all is verified again.
fn forget_what_is_known(bench: &mut Bench) {
    bench.call(Request::Lock).unwrap();
    let is_known = |file: &PathBuf| file.extension().is_some_and(|ending| ending == "known");
    let known: Vec<PathBuf> = files(&bench.place().state).into_iter().filter(is_known).collect();
    let [known] = &known[..] else { panic!("{known:?}") };
    fs::remove_file(known).unwrap();
}

#[test]
fn its_owner_does_with_it_what_they_do_with_every_secret() {
    let mut bench = Bench::open();
    let first = personal(&mut bench, "diary", "one");
    assert_eq!((first.scope, &bench.headers()[..]), (Scope::Personal, &[first.clone()][..]));
    assert_eq!(bench.reveal(&first, "value").unwrap(), "one");
    let renamed = edit(&mut bench, &first, "journal", None);
    assert_eq!(bench.reveal(&renamed, "value").unwrap(), "one");
    let second = edit(&mut bench, &renamed, "journal", Some(&"two".repeat(10_000)));
    assert_eq!(bench.reveal(&second, "value").unwrap(), "two".repeat(10_000));
    assert_eq!(revisions(&mut bench, first.id), [2]);
    let off = changed(bench.call(Request::Deactivate(target(&second)))).unwrap();
    assert!(matches!(bench.reveal(&off, "value"), Err(DoorError::Unavailable(_))));
    let on = changed(bench.call(Request::Reactivate(target(&off)))).unwrap();
    assert_eq!(bench.reveal(&on, "value").unwrap(), "two".repeat(10_000));
    let gone = changed(bench.call(Request::Delete(target(&on)))).unwrap();
    assert!(matches!(&gone.state, State::Deleted(_)) && gone.scope == Scope::Personal);
    assert!(matches!(bench.reveal(&gone, "value"), Err(DoorError::Unavailable(_))));
    assert!(revisions(&mut bench, first.id).is_empty());
    is_sound(&bench.reopen());
    assert_eq!(bench.headers(), [gone]);
}

#[test]
fn it_outlives_a_restart_and_every_rewrite() {
    let mut bench = Bench::open();
    let small = personal(&mut bench, "small", "one");
    let large = personal(&mut bench, "large", &"2".repeat(20_000));
    let small = edit(&mut bench, &small, "small", Some("three"));
    let off = personal(&mut bench, "off", "4");
    let off = changed(bench.call(Request::Deactivate(target(&off)))).unwrap();
    let shared = bench.register(draft("shared", "5"));
    let check = |bench: &mut Bench| {
        assert_eq!(bench.headers(), [large.clone(), off.clone(), shared.clone(), small.clone()]);
        assert_eq!(bench.reveal(&small, "value").unwrap(), "three");
        assert_eq!(bench.reveal(&large, "value").unwrap(), "2".repeat(20_000));
        assert_eq!(revisions(bench, small.id), [1]);
    };
    check(&mut bench);
    for (current, new) in [(PASSPHRASE, "another passphrase"), ("another passphrase", "a third passphrase")] {
        is_sound(&bench.reopen());
        check(&mut bench);
        // Each epoch that its owner begins has a personal key of its own.
        let current = Some(Credential::Passphrase(current.into()));
        bench.call(Request::ChangePassphrase { current, new: new.into() }).unwrap();
        check(&mut bench);
        forget_what_is_known(&mut bench);
        is_sound(&bench.unlock().unwrap());
        check(&mut bench);
    }
    let file = bench.dir.path().join("backup");
    bench.call(Request::Backup(file.clone())).unwrap();
    changed(bench.call(Request::Delete(target(&large)))).unwrap();
    let credential = bench.recovery.clone();
    bench.call(Request::Restore { file, credential, replace: true }).unwrap();
    is_sound(&bench.unlock().unwrap());
    check(&mut bench);
}

#[test]
fn nothing_readable_of_it_is_on_the_disk() {
    let mut bench = Bench::open();
    let first = personal(&mut bench, "personal-canary-1", "canary-value-1");
    let second = personal(&mut bench, "personal-canary-2", &"canary-value-2".repeat(2_000));
    edit(&mut bench, &first, "personal-canary-3", Some("canary-value-3"));
    changed(bench.call(Request::Delete(target(&second)))).unwrap();
    let check = |bench: &Bench, files_at_least: usize| {
        let files = files(bench.dir.path());
        assert!(files.len() >= files_at_least);
        for file in files {
            let bytes = fs::read(&file).unwrap();
            for canary in ["personal-canary", "canary-value", "X-Canary-Header", "Canary Member"] {
                let is_there = bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
                assert!(!is_there, "{canary} is in {}", file.display());
            }
        }
    };
    check(&bench, 5);
    bench.call(Request::Backup(bench.dir.path().join("backup"))).unwrap();
    check(&bench, 6);
    bench.change_passphrase("another passphrase").unwrap();
    bench.call(Request::Lock).unwrap();
    check(&bench, 6);
}
