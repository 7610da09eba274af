//! A restoring that was cut off, and two at once.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use strongroom::service::{Credential, DoorError, Request, Response};

use crate::support::{Bench, copy_tree, draft};

/// An open vault with the secret "old" and a backup from before it.
fn with_a_backup() -> (Bench, PathBuf) {
    let mut bench = Bench::open();
    bench.register(draft("in the backup", "1"));
    let file = bench.dir.path().join("backup");
    bench.call(Request::Backup(file.clone())).unwrap();
    bench.register(draft("only here", "2"));
    bench.call(Request::Lock).unwrap();
    (bench, file)
}

fn restore(bench: &mut Bench, file: &Path) -> Result<Option<PathBuf>, DoorError> {
    let credential = bench.recovery.clone();
    match bench.call(Request::Restore { file: file.to_path_buf(), credential, replace: true })? {
        Response::Restored { set_aside, .. } => Ok(set_aside),
        other => panic!("{other:?}"),
    }
}

fn names(bench: &mut Bench) -> Vec<String> {
    bench.unlock().unwrap();
    let names = bench.headers().iter().map(|header| header.name.to_string()).collect();
    bench.call(Request::Lock).unwrap();
    names
}

fn restoring(bench: &Bench) -> PathBuf {
    bench.dir.path().join("vault.restoring")
}

fn beside(bench: &Bench) -> Vec<String> {
    let entries = fs::read_dir(bench.dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.retain(|name| name.starts_with("vault"));
    names.sort();
    names
}

#[test]
fn the_two_change_places_and_the_old_one_is_a_vault_still() {
    let (mut bench, file) = with_a_backup();
    let aside = restore(&mut bench, &file).unwrap().unwrap();
    assert_eq!(names(&mut bench), ["in the backup"]);
    assert_eq!(beside(&bench), ["vault".to_owned(), aside.file_name().unwrap().to_string_lossy().into_owned()]);
    assert!(aside.join("vault.header").is_file() && !bench.place().vault.join("unfinished").exists());
}

#[test]
fn what_a_cut_off_restoring_left_unfinished_is_removed() {
    let (mut bench, file) = with_a_backup();
    let left = restoring(&bench);
    fs::create_dir(&left).unwrap();
    fs::set_permissions(&left, fs::Permissions::from_mode(0o700)).unwrap();
    copy_tree(&bench.place().vault, &left);
    fs::write(left.join("unfinished"), b"").unwrap();
    restore(&mut bench, &file).unwrap();
    assert_eq!(names(&mut bench), ["in the backup"]);
    assert_eq!(beside(&bench).len(), 2, "the vault and the one that was replaced: {:?}", beside(&bench));
}

#[test]
fn a_vault_that_a_cut_off_restoring_took_out_of_its_place_is_kept() {
    let (mut bench, file) = with_a_backup();
    restore(&mut bench, &file).unwrap();
    // As a kill right after the exchange leaves it: the old vault under the name of the building site.
    let [_, aside] = &beside(&bench)[..] else { panic!() };
    fs::rename(bench.dir.path().join(aside), restoring(&bench)).unwrap();
    restore(&mut bench, &file).unwrap();
    assert_eq!(names(&mut bench), ["in the backup"]);
    assert_eq!(beside(&bench).len(), 3, "{:?}", beside(&bench));
    let kept = beside(&bench).into_iter().skip(1).map(|name| bench.dir.path().join(name));
    assert!(kept.map(|dir| dir.join("vault.header")).all(|header| header.is_file()));
}

#[test]
fn a_backup_restored_elsewhere_makes_nothing_older_of_the_vault() {
    let (mut bench, file) = with_a_backup();
    let place = strongroom::vault::Place { vault: bench.dir.path().join("drill"), state: bench.place().state };
    let mut drill = crate::support::service(&place, &bench.clock, 9);
    let credential = bench.recovery.clone();
    strongroom::service::Door::call(&mut drill, Request::Restore { file, credential, replace: false }, &|_| {})
        .unwrap();
    assert_eq!(bench.unlock().unwrap().trouble, None);
}

#[test]
fn a_second_restoring_waits_its_turn() {
    let (mut bench, file) = with_a_backup();
    fs::remove_dir_all(bench.place().vault).unwrap();
    let site = strongroom::vault::Place { vault: restoring(&bench), state: bench.place().state };
    let first = strongroom::vault::DirHome::acquire(site, strongroom::domain::Timestamp(0)).unwrap();
    fs::write(restoring(&bench).join("unfinished"), b"").unwrap();
    assert!(matches!(restore(&mut bench, &file), Err(DoorError::Held(_))));
    drop(first);
    assert_eq!(restore(&mut bench, &file).unwrap(), None);
    assert_eq!(names(&mut bench), ["in the backup"]);
}

#[test]
fn a_backup_that_does_not_open_locks_nobody_out() {
    let (mut bench, file) = with_a_backup();
    bench.unlock().unwrap();
    let wrong = |guess: &str| Request::Restore {
        file: file.clone(),
        credential: Credential::Passphrase(guess.into()),
        replace: true,
    };
    for (guess, wait) in [("wrong 1", 0), ("wrong 2", 0), ("wrong 3", 1)] {
        let answer = bench.call(wrong(guess));
        assert!(
            matches!(answer, Err(DoorError::WrongCredential { wait_seconds, .. }) if wait_seconds == wait),
            "{answer:?}"
        );
    }
    assert!(matches!(bench.call(wrong("wrong 4")), Err(DoorError::TooSoon { .. })));
    let mut bytes = fs::read(&file).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let torn = bench.dir.path().join("torn");
    fs::write(&torn, bytes).unwrap();
    assert!(matches!(restore(&mut bench, &torn), Err(DoorError::Damaged(_))));
    assert_eq!(bench.headers().len(), 2, "it is open still");
    assert_eq!(beside(&bench), ["vault"]);
    restore(&mut bench, &file).unwrap();
    assert!(!bench.service.is_open());
    assert_eq!(names(&mut bench), ["in the backup"]);
}
