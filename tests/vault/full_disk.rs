//! A vault on a full disk opens, and can be read; with room again, it can be changed.

use std::fs;

use strongroom::domain::Delivery;
use strongroom::domain::audit::Action;
use strongroom::service::{AuditQuery, DoorError, Request, Response};
use tempfile::TempDir;

use crate::small_disk::SmallDisk;
use crate::support::{Bench, START, copy_tree, draft};

/// A vault on `disk` with one secret in it, locked.
fn vault_on(disk: &SmallDisk) -> Bench {
    let blank = Bench::locked();
    let dir = TempDir::new_in(disk.path()).unwrap();
    copy_tree(blank.dir.path(), dir.path());
    let mut bench = Bench::at(dir, START);
    bench.unlock().unwrap();
    bench.register(draft("kept", "a value"));
    bench.call(Request::Lock).unwrap();
    assert_eq!(fs::metadata(bench.place().lock()).unwrap().len(), 0, "the next note needs room");
    bench
}

fn opens_and_reads(bench: &mut Bench) {
    assert_eq!(bench.unlock().unwrap().trouble, None);
    let headers = bench.headers();
    assert_eq!(headers.len(), 1);
    assert_eq!(bench.reveal(&headers[0], "value").unwrap(), "a value");
}

fn works_again(bench: &mut Bench) {
    assert_eq!(bench.reopen().trouble, None);
    bench.register(draft("another", "2"));
    assert_eq!(bench.reopen().trouble, None);
    assert_eq!(bench.headers().len(), 2);
    assert!(bench.place().vault.join("ballast").exists(), "laid again when there is room");
}

#[test]
fn a_vault_opens_with_no_byte_free() {
    let Some(disk) = SmallDisk::mount("a_vault_opens_with_no_byte_free", "size=40m") else { return };
    let mut bench = vault_on(&disk);
    disk.fill();
    opens_and_reads(&mut bench);
    assert!(matches!(bench.call(Request::Register(draft("refused", "1"))), Err(DoorError::DiskFull)));
    disk.empty();
    works_again(&mut bench);
}

#[test]
fn a_vault_that_was_killed_opens_with_no_byte_and_no_file_free() {
    let test = "a_vault_that_was_killed_opens_with_no_byte_and_no_file_free";
    let Some(disk) = SmallDisk::mount(test, "size=40m,nr_inodes=64") else { return };
    let mut bench = vault_on(&disk);
    fs::remove_file(bench.place().store(1).join("clean")).unwrap();
    disk.fill();
    disk.fill_with_files();
    assert!(!bench.place().copies().exists());
    opens_and_reads(&mut bench);
    assert!(!bench.place().copies().exists(), "a copy is not what fills the disk");
    disk.empty();
    works_again(&mut bench);
}

#[test]
fn what_cannot_be_recorded_is_not_handed_over() {
    let Some(disk) = SmallDisk::mount("what_cannot_be_recorded_is_not_handed_over", "size=40m") else { return };
    let mut bench = vault_on(&disk);
    bench.unlock().unwrap();
    let header = bench.headers().pop().unwrap();
    disk.fill();
    let refused = |answer: &Result<String, DoorError>| matches!(answer, Err(DoorError::NotRecorded(_)));
    let first = (0..2000).find(|_| refused(&bench.reveal(&header, "value")));
    let given = first.expect("there is an end to the room that was made ahead");
    assert!(given > 50, "{given}: some room was made ahead");
    assert!(refused(&bench.reveal(&header, "value")) && !bench.headers().is_empty());
    disk.empty();
    assert_eq!(bench.reveal(&header, "value").unwrap(), "a value");
    let Response::Events(events) = bench.call(Request::Audit(AuditQuery::default())).unwrap() else { panic!() };
    let reveals = events.iter().filter(|event| event.action == Action::Delivered(Delivery::Reveal));
    assert_eq!(reveals.count(), given + 1, "what was refused is not there");
    let Response::AuditVerdict(verdict) = bench.call(Request::VerifyAudit).unwrap() else { panic!() };
    assert_eq!(verdict.troubles, Vec::new());
    assert_eq!(bench.reopen().audit, None);
}
