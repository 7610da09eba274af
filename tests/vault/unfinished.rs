//! Unfinished forms: sealed, few, carried through a rewrite, and never in anybody's way.

use std::fs;

use strongroom::domain::{Keeper, Kind, SecretId, Timestamp, Unfinished, UnfinishedId};
use strongroom::host::process;
use strongroom::service::{DoorError, LeftForm, Request, Response};

use crate::support::{Bench, DAY, START, draft};

/// A form of that id; when it was kept is not what it says.
pub(crate) fn form(id: u8, name: &str) -> Unfinished {
    Unfinished {
        id: UnfinishedId([id; 16]),
        kind: Kind::ApiKey,
        edits: Some((SecretId([id; 16]), 3)),
        name: name.into(),
        fields: vec![("name".into(), name.into()), ("header_name".into(), "X-Canary-Header".into())],
        saved: Timestamp(START + i64::from(id)),
        keeper: Keeper { pid: 0, started: 0, terminal: Some("pts/3".into()) },
    }
}

fn keep(bench: &mut Bench, form: &Unfinished) {
    assert!(matches!(bench.call(Request::KeepUnfinished(form.clone())), Ok(Response::Done)));
}

fn left(bench: &mut Bench) -> Vec<LeftForm> {
    match bench.call(Request::Unfinished).unwrap() {
        Response::Unfinished(forms) => forms,
        other => panic!("{other:?}"),
    }
}

fn names(bench: &mut Bench) -> Vec<String> {
    left(bench).iter().map(|left| left.form.name.to_string()).collect()
}

/// The only file of forms there is.
fn file(bench: &Bench) -> std::path::PathBuf {
    let names = fs::read_dir(&bench.place().vault).unwrap().map(|entry| entry.unwrap().path());
    let forms = |path: &std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with("forms-");
    let found: Vec<_> = names.filter(forms).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

#[test]
fn a_form_is_there_after_a_lock_until_it_is_dropped() {
    let mut bench = Bench::open();
    assert_eq!(left(&mut bench), []);
    keep(&mut bench, &form(1, "one"));
    keep(&mut bench, &form(2, "two"));
    keep(&mut bench, &form(1, "one more"));
    bench.reopen();
    let kept: Vec<_> = left(&mut bench).into_iter().map(|left| left.form).collect();
    // The door says when, not who keeps it.
    let stamped = |form: Unfinished| Unfinished { saved: Timestamp(START), ..form };
    assert_eq!(kept, [form(2, "two"), form(1, "one more")].map(stamped));
    for id in [1, 1, 2] {
        bench.call(Request::DropUnfinished(UnfinishedId([id; 16]))).unwrap();
    }
    assert_eq!(left(&mut bench), []);
    assert!(!bench.place().forms(1).exists(), "nothing is left of them");
}

#[test]
fn of_many_forms_the_oldest_go() {
    let mut bench = Bench::open();
    for id in 1..=10 {
        keep(&mut bench, &form(id, &format!("form {id}")));
        bench.clock.advance(1);
    }
    keep(&mut bench, &form(11, "last"));
    assert_eq!(names(&mut bench), ["form 4", "form 5", "form 6", "form 7", "form 8", "form 9", "form 10", "last"]);
    let huge = Unfinished { fields: vec![("scopes".into(), "x".repeat(300_000).into())], ..form(1, "huge") };
    assert!(matches!(bench.call(Request::KeepUnfinished(huge)), Err(DoorError::Invalid { .. })));
}

#[test]
fn only_what_is_not_secret_is_kept_and_only_fields_of_the_type() {
    let mut bench = Bench::open();
    let long = "x".repeat(9000);
    for (key, text) in [("value", "s3cr3t"), ("no_such_field", "x"), ("header_name", &*long)] {
        let form = Unfinished { fields: vec![(key.into(), text.into())], ..form(1, "one") };
        let answer = bench.call(Request::KeepUnfinished(form));
        assert!(matches!(answer, Err(DoorError::Invalid { .. })), "{key}: {answer:?}");
    }
    let twice = vec![("name".into(), "a".into()), ("name".into(), "b".into())];
    let answer = bench.call(Request::KeepUnfinished(Unfinished { fields: twice, ..form(1, "one") }));
    assert!(matches!(answer, Err(DoorError::Invalid { .. })), "{answer:?}");
    assert_eq!(left(&mut bench), []);
}

#[test]
fn forms_are_forgotten_after_thirty_days() {
    let mut bench = Bench::open();
    keep(&mut bench, &Unfinished { saved: Timestamp(i64::MAX), ..form(1, "one") });
    for _ in 0..29 {
        bench.clock.advance(DAY);
        bench.reopen();
    }
    assert_eq!(names(&mut bench), ["one"]);
    bench.clock.advance(DAY);
    bench.reopen();
    assert_eq!(names(&mut bench), [""; 0]);
}

#[test]
fn a_rewrite_removes_what_was_set_aside() {
    let mut bench = Bench::open();
    keep(&mut bench, &form(1, "one"));
    fs::write(file(&bench), b"torn").unwrap();
    assert!(bench.call(Request::Unfinished).is_err());
    assert!(bench.place().damaged_forms().exists());
    let current = Some(bench.recovery.clone());
    bench.call(Request::ChangeRecoveryKey { current }).unwrap();
    assert!(!bench.place().damaged_forms().exists());
}

#[test]
fn a_form_that_stands_in_a_living_program_is_marked() {
    let mut bench = Bench::open();
    let pid = std::process::id();
    let living = Keeper { pid, started: process::started(pid), terminal: None };
    keep(&mut bench, &Unfinished { keeper: living, ..form(1, "here") });
    keep(&mut bench, &form(2, "left"));
    assert_eq!(left(&mut bench).iter().map(|left| left.open).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn a_rewrite_seals_the_forms_again_and_leaves_no_old_ones() {
    let mut bench = Bench::open();
    keep(&mut bench, &form(1, "one"));
    let before = file(&bench);
    let current = Some(bench.recovery.clone());
    bench.call(Request::ChangeRecoveryKey { current }).unwrap();
    assert_eq!(names(&mut bench), ["one"]);
    assert_ne!(file(&bench), before);
    // As a crash before the exchange leaves it.
    fs::write(bench.place().forms(99), b"of an epoch that never came").unwrap();
    bench.recovery = strongroom::service::Credential::Passphrase(crate::support::PASSPHRASE.into());
    bench.reopen();
    assert_eq!(names(&mut bench), ["one"]);
    file(&bench);
}

#[test]
fn forms_that_cannot_be_read_are_set_aside_and_keep_nobody_out() {
    let mut bench = Bench::open();
    let ways: [fn(&mut Vec<u8>); 3] = [|bytes| bytes[40] ^= 1, |bytes| bytes.truncate(20), Vec::clear];
    for torn in ways {
        keep(&mut bench, &form(1, "one"));
        let path = file(&bench);
        let mut bytes = fs::read(&path).unwrap();
        torn(&mut bytes);
        fs::write(&path, bytes).unwrap();
        assert!(bench.reopen().trouble.is_none());
        let Err(DoorError::File { file: aside, .. }) = bench.call(Request::Unfinished) else { panic!("not told") };
        assert_eq!(aside, bench.place().damaged_forms());
        let Response::Examined(findings) = bench.call(Request::Doctor(None)).unwrap() else { panic!("not examined") };
        assert!(findings.iter().any(|finding| &*finding.what == "unfinished forms"), "{findings:?}");
        assert_eq!(left(&mut bench), []);
        fs::remove_file(aside).unwrap();
    }
    bench.register(draft("name", "value"));
}

#[test]
fn keeping_a_form_is_no_use_of_the_vault() {
    let mut bench = Bench::open();
    bench.clock.pass(14 * 60 * 1000);
    keep(&mut bench, &form(1, "one"));
    bench.clock.pass(60 * 1000);
    assert!(matches!(bench.call(Request::Unfinished), Err(DoorError::Locked)));
    bench.clock.advance(DAY);
    bench.unlock().unwrap();
    assert_eq!(names(&mut bench), ["one"]);
}
