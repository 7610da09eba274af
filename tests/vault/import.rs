//! Importing: all at once, or nothing.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use strongroom::host::FixedClock;
use strongroom::service::{Door, Request, Response};

use crate::aloud::say;
use crate::support::{self, Bench, START, draft};

/// Tells the victim where its vault is.
const DIR: &str = "STRONGROOM_TEST_IMPORT";
/// So many secrets a victim imports.
const VICTIMS: usize = 1_500;
/// How many victims are killed, each a little later than the one before.
const KILLS: u32 = 16;

fn many(count: usize) -> Vec<strongroom::domain::Draft> {
    (0..count).map(|n| draft(&format!("secret {n:05}"), &format!("value {n}"))).collect()
}

#[test]
fn everything_is_there_afterwards_each_with_its_value() {
    let mut bench = Bench::open();
    bench.register(draft("before", "1"));
    let mut drafts = many(300);
    drafts[7] = draft("large", &"x".repeat(60_000));
    let request = Request::Import { drafts, dry_run: false };
    let Response::Imported { stored, .. } = bench.call(request).unwrap() else { panic!() };
    assert_eq!(stored, 300);
    assert_eq!(bench.reopen().trouble, None);
    let headers = bench.headers();
    assert_eq!(headers.len(), 301);
    for header in headers.iter().filter(|header| header.name.starts_with("secret")) {
        let number: usize = header.name["secret ".len()..].parse().unwrap();
        assert_eq!(bench.reveal(header, "value").unwrap(), format!("value {number}"));
    }
    let large = headers.iter().find(|header| &*header.name == "large").unwrap();
    assert_eq!(bench.reveal(large, "value").unwrap().len(), 60_000);
}

#[test]
fn what_cannot_be_stored_is_skipped_with_its_reason() {
    let mut bench = Bench::open();
    bench.register(draft("taken", "1"));
    let more = [draft("taken", "1"), draft("secret 00003", "1"), draft("empty", "")];
    for (dry_run, there) in [(true, 1), (false, 6)] {
        let drafts = many(5).into_iter().chain(more.clone()).collect();
        let request = Request::Import { drafts, dry_run };
        let Response::Imported { stored, skipped } = bench.call(request).unwrap() else { panic!() };
        let which: Vec<u32> = skipped.iter().map(|skipped| skipped.draft).collect();
        assert_eq!((stored, &which[..]), (5, &[5, 6, 7][..]));
        assert_eq!(bench.reopen().trouble, None);
        assert_eq!(bench.headers().len(), there);
    }
}

/// The process that is killed: run by the test below only.
#[test]
fn victim() {
    let Some(dir) = env::var_os(DIR).map(PathBuf::from) else { return };
    let mut service = support::service(&support::place_in(&dir), &Arc::new(FixedClock::at(START)), 5);
    service.call(Request::Unlock(support::recovery_from(&dir)), &|_| {}).unwrap();
    let drafts = many(VICTIMS);
    println!("\nimporting");
    service.call(Request::Import { drafts, dry_run: false }, &|_| {}).unwrap();
    println!("\nimported");
}

/// Lets a victim import, and kills it `after` it began; nobody is killed without. Says whether it had been told that all is
/// stored, how long that took, and how many secrets there are.
fn import_and_kill(after: Option<Duration>) -> (bool, Duration, usize) {
    let mut bench = Bench::locked();
    support::write_recovery(bench.dir.path(), &bench.recovery);
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", "import::victim", "--nocapture", "--test-threads=1"]).env(DIR, bench.dir.path());
    let mut child = child.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line == "importing"));
    let begun = Instant::now();
    if let Some(after) = after {
        thread::sleep(after);
        child.kill().unwrap();
    }
    let acknowledged = lines.any(|line| line == "imported");
    let took = begun.elapsed();
    child.wait().unwrap();
    assert_eq!(bench.unlock().unwrap().trouble, None, "killed after {after:?}");
    (acknowledged, took, bench.headers().len())
}

#[test]
fn an_import_that_is_killed_is_there_as_a_whole_or_not_at_all() {
    let (acknowledged, took, stored) = import_and_kill(None);
    assert!(acknowledged && stored == VICTIMS);
    let mut all = 0;
    for n in 0..KILLS {
        let (acknowledged, _, stored) = import_and_kill(Some(took * n / KILLS));
        assert!(stored == VICTIMS || stored == 0 && !acknowledged, "{stored} of {VICTIMS}");
        all += u32::from(stored == VICTIMS);
    }
    say(&format!("an import of {VICTIMS} killed {KILLS} times within {took:?}: {all} times all were there, else none"));
}
