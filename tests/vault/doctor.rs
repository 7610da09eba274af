//! The doctor looks and touches nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use strongroom::service::{Credential, DoorError, Finding, Request, Response, StoreTrouble, Verdict};

use crate::support::{Bench, DAY, changed, copy_tree, draft, files, target};

fn examined(bench: &mut Bench, credential: Option<Credential>) -> Vec<Finding> {
    match bench.call(Request::Doctor(credential)).unwrap() {
        Response::Examined(findings) => findings,
        other => panic!("{other:?}"),
    }
}

/// Every file but the lock, which tells who looked last.
fn content(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = files(dir).into_iter().filter(|path| !path.ends_with("vault.lock"));
    files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[test]
fn an_examination_leaves_every_byte_where_it_was() {
    let mut bench = Bench::open();
    let gone = bench.register(draft("gone", "1"));
    changed(bench.call(Request::Delete(target(&gone)))).unwrap();
    bench.call(Request::Lock).unwrap();
    // All that an opening would see to: a sweep that is due, a store that was not closed, one that is left over.
    bench.clock.advance(31 * DAY);
    let store = bench.place().store(1);
    fs::create_dir(bench.place().store(2)).unwrap();
    copy_tree(&store, &bench.place().store(2));
    fs::remove_file(store.join("clean")).unwrap();

    let before = content(bench.dir.path());
    let recovery = bench.recovery.clone();
    let findings = examined(&mut bench, Some(recovery));
    assert!(findings.iter().any(|finding| &*finding.what == "manifest"), "it was opened: {findings:?}");
    let left_over = |finding: &Finding| &*finding.what == "store" && matches!(finding.verdict, Verdict::Warning { .. });
    assert!(findings.iter().any(left_over), "it is told of what it found, not of what it tidied");
    assert_eq!(content(bench.dir.path()), before);
    assert!(matches!(bench.call(Request::List), Err(DoorError::Locked)));
}

#[test]
fn three_looks_at_a_broken_store_leave_its_good_copy() {
    let mut bench = Bench::open();
    bench.register(draft("kept", "1"));
    bench.call(Request::Lock).unwrap();
    let store = bench.place().store(1);
    fs::remove_file(store.join("clean")).unwrap();
    bench.reopen();
    bench.call(Request::Lock).unwrap();
    let log = fs::read(store.join("db")).unwrap();
    fs::write(store.join("db"), vec![0xA5; log.len()]).unwrap();
    for _ in 0..4 {
        bench.clock.advance(60);
        let recovery = bench.recovery.clone();
        examined(&mut bench, Some(recovery));
    }
    let report = bench.unlock().unwrap();
    assert!(matches!(report.trouble, Some(StoreTrouble::Damaged { copy_from: Some(_), .. })), "{report:?}");
}

#[test]
fn a_wrong_passphrase_is_a_guess_here_too() {
    let mut bench = Bench::locked();
    let mut guess = |guess: &str| bench.call(Request::Doctor(Some(Credential::Passphrase(guess.into()))));
    for wrong in ["wrong 1", "wrong 2", "wrong 3"] {
        assert!(matches!(guess(wrong), Err(DoorError::WrongCredential { .. })));
    }
    assert!(matches!(guess("wrong 4"), Err(DoorError::TooSoon { .. })));
}
