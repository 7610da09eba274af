//! A rewrite that is killed at each of its steps leaves a vault that opens whole.

use std::env;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Command;

use strongroom::domain::{Change, PartChange};
use strongroom::service::{Door, Request, Response, Step};
use tempfile::TempDir;

use crate::support::{self, Bench, DAY, START, changed, copy_tree, draft, target};

const DIR: &str = "STRONGROOM_TEST_DIR";
const STEP: &str = "STRONGROOM_TEST_STEP";
/// When the sweep is due.
const DUE: i64 = START + 30 * DAY + 1;

/// A vault with three secrets and a tombstone that is over at [`DUE`], closed.
fn prepared() -> TempDir {
    let mut bench = Bench::open();
    for name in ["a", "b"] {
        bench.register(draft(name, name));
    }
    let mut last = bench.register(draft("large", &"x".repeat(60_000)));
    let gone = bench.register(draft("gone", "1"));
    changed(bench.call(Request::Delete(target(&gone)))).unwrap();
    for _ in 0..5 {
        // The vault is used now and then, so the clock is believed.
        bench.clock.advance(6 * DAY);
        let change = Change {
            name: last.name.clone(),
            public: last.public.clone(),
            parts: vec![("value".into(), PartChange::Keep)],
            expires: None,
            not_before: None,
            write_only: false,
            encrypted_key: false,
        };
        let request = Request::Edit { id: last.id, revision: last.revision, change };
        last = changed(bench.call(request)).unwrap();
    }
    bench.call(Request::Lock).unwrap();
    let Bench { dir, .. } = bench;
    dir
}

/// The process that is killed: run by the test below only.
#[test]
fn victim() {
    let Some(dir) = env::var_os(DIR).map(PathBuf::from) else { return };
    let deadly: u32 = env::var(STEP).unwrap().parse().unwrap();
    let clock = std::sync::Arc::new(strongroom::host::FixedClock::at(DUE));
    let mut service = support::service(&support::place_in(&dir), &clock, 5);
    let step = std::cell::Cell::new(0);
    let recovery = support::recovery_from(&dir);
    let answer = service.call(Request::Unlock(recovery), &|progress| {
        if progress.step == Step::Rewriting {
            if step.get() == deadly {
                rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL).unwrap();
            }
            step.set(step.get() + 1);
        }
    });
    answer.unwrap();
}

#[test]
fn a_rewrite_killed_at_any_step_leaves_one_whole_vault() {
    let sample = prepared();
    let mut killed = 0;
    loop {
        let dir = TempDir::new().unwrap();
        copy_tree(sample.path(), dir.path());
        let mut bench = Bench::at(dir, DUE);
        support::write_recovery(bench.dir.path(), &bench.recovery);
        let mut child = Command::new(env::current_exe().unwrap());
        child.args(["--exact", "crashes::victim", "--test-threads=1"]);
        let ended = child.env(DIR, bench.dir.path()).env(STEP, killed.to_string()).output().unwrap();
        let survived = ended.status.success();
        assert!(survived || ended.status.signal() == Some(9), "{}", String::from_utf8_lossy(&ended.stdout));

        let report = bench.unlock().unwrap();
        assert_eq!(report.trouble, None, "killed at step {killed}");
        assert_eq!(report.clock, None);
        let headers = bench.headers();
        assert_eq!(headers.iter().map(|h| &*h.name).collect::<Vec<_>>(), ["a", "b", "large"]);
        assert_eq!(bench.reveal(&headers[0], "value").unwrap(), "a");
        assert_eq!(bench.reveal(&headers[2], "value").unwrap(), "x".repeat(60_000));
        let Response::AuditVerdict(verdict) = bench.call(Request::VerifyAudit).unwrap() else { panic!("no verdict") };
        assert_eq!((verdict.first, verdict.troubles), (1, Vec::new()), "killed at step {killed}");
        assert!(verdict.events > 12, "killed at step {killed}: {} events", verdict.events);
        let stores = std::fs::read_dir(bench.place().vault).unwrap().map(|e| e.unwrap().file_name());
        let stores = stores.filter(|name| name.as_encoded_bytes().starts_with(b"store-")).count();
        assert_eq!(stores, 1, "killed at step {killed}");
        if survived {
            break;
        }
        killed += 1;
    }
    assert!(killed >= 6, "three records and three steps after them");
}
