//! What this machine remembers of a vault, so that an older state put in its place is noticed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use strongroom::service::{Finding, Request, Response, StoreTrouble, Verdict};
use tempfile::TempDir;

use crate::support::{Bench, copy_tree, draft};

/// The file of this vault at its place; the one from which all vaults here are copied left its own.
fn witness(bench: &Bench) -> PathBuf {
    let files = fs::read_dir(bench.place().state).unwrap().map(|entry| entry.unwrap());
    let files = files.filter(|file| file.path().extension().is_some_and(|ending| ending == "witness"));
    files.max_by_key(|file| file.metadata().unwrap().modified().unwrap()).unwrap().path()
}

fn put_back(vault: &Path, older: &Path) {
    fs::remove_dir_all(vault).unwrap();
    fs::create_dir(vault).unwrap();
    fs::set_permissions(vault, fs::Permissions::from_mode(0o700)).unwrap();
    copy_tree(older, vault);
}

#[test]
fn a_vault_is_remembered_from_the_first_moment_and_whenever_it_is_opened() {
    let mut bench = Bench::locked();
    let older = TempDir::new().unwrap();
    copy_tree(&bench.place().vault, older.path());
    bench.unlock().unwrap();
    bench.register(draft("one", "1"));
    bench.call(Request::Lock).unwrap();
    // A machine that has never seen it, and only looks.
    fs::remove_dir_all(bench.place().state).unwrap();
    assert_eq!(bench.unlock().unwrap().trouble, None);
    bench.call(Request::Lock).unwrap();
    put_back(&bench.place().vault, older.path());
    assert!(matches!(bench.unlock().unwrap().trouble, Some(StoreTrouble::RolledBack { .. })));
}

#[test]
fn a_vault_that_was_moved_is_known_by_what_was_seen_of_it_elsewhere() {
    let mut bench = Bench::open();
    let older = TempDir::new().unwrap();
    bench.call(Request::Lock).unwrap();
    copy_tree(&bench.place().vault, older.path());
    bench.unlock().unwrap();
    bench.register(draft("one", "1"));
    bench.call(Request::Lock).unwrap();
    fs::set_permissions(older.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let place = strongroom::vault::Place { vault: older.path().to_owned(), state: bench.place().state };
    let mut moved = crate::support::service(&place, &bench.clock, 9);
    let unlock = Request::Unlock(bench.recovery.clone());
    let Response::Unlocked { report, .. } = strongroom::service::Door::call(&mut moved, unlock, &|_| {}).unwrap()
    else {
        panic!("locked")
    };
    assert!(matches!(report.trouble, Some(StoreTrouble::RolledBack { .. })), "{report:?}");
}

#[test]
fn a_torn_memory_is_told_of_once_and_written_anew() {
    let mut bench = Bench::open();
    bench.call(Request::Lock).unwrap();
    let path = witness(&bench);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let report = bench.unlock().unwrap();
    assert_eq!(report.trouble, None);
    assert!(report.memory_failed.is_some_and(|cause| cause.contains("torn")));
    assert_eq!(bench.reopen().memory_failed, None);
}

#[test]
fn a_memory_that_cannot_be_written_is_told_of_and_the_doctor_agrees() {
    let mut bench = Bench::open();
    bench.call(Request::Lock).unwrap();
    fs::set_permissions(bench.place().state, fs::Permissions::from_mode(0o755)).unwrap();
    let report = bench.unlock().unwrap();
    assert!(report.memory_failed.is_some_and(|cause| cause.contains("open to other users")));
    bench.call(Request::Lock).unwrap();
    fs::remove_dir_all(bench.place().state).unwrap();
    let Response::Examined(findings) = bench.call(Request::Doctor(None)).unwrap() else { panic!() };
    let memory = |f: &&Finding| &*f.what == "memory of this machine";
    assert!(matches!(findings.iter().find(memory).unwrap().verdict, Verdict::Warning { .. }), "{findings:?}");
}
