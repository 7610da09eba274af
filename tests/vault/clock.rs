//! What a clock that cannot be trusted sweeps, and what a vault that is merely used does.

use std::fs;

use strongroom::service::{ClockTrouble, OpenReport, Request, Response};

use crate::support::{Bench, DAY, changed, draft, target};

/// A vault with one secret, and a tombstone of now; open.
fn with_a_tombstone() -> Bench {
    let mut bench = Bench::open();
    bench.register(draft("stays", "1"));
    let header = bench.register(draft("goes", "2"));
    changed(bench.call(Request::Delete(target(&header)))).unwrap();
    bench
}

fn sweep_anyway(bench: &mut Bench) -> OpenReport {
    let Response::Unlocked { report, .. } = bench.call(Request::SweepAnyway).unwrap() else { panic!("no report") };
    report
}

#[test]
fn a_clock_that_jumped_ahead_is_asked_about_until_somebody_answers() {
    let mut bench = with_a_tombstone();
    bench.clock.advance(40 * DAY);
    assert_eq!(bench.reopen().clock, Some(ClockTrouble::JumpedAhead(40)));
    bench.register(draft("written in between", "1"));
    bench.change_passphrase("another passphrase").unwrap();
    assert_eq!(bench.reopen().clock, Some(ClockTrouble::JumpedAhead(40)), "a write is no answer");
    assert_eq!(bench.headers().len(), 3);
    let report = sweep_anyway(&mut bench);
    assert_eq!((report.swept, report.clock), (1, None));
    assert_eq!(bench.reopen().clock, None);
}

#[test]
fn a_clock_that_stepped_back_sweeps_nothing_even_when_asked() {
    let mut bench = with_a_tombstone();
    for _ in 0..5 {
        bench.clock.advance(5 * DAY);
        bench.reopen();
    }
    // The vault stays open over the day on which the tombstone is due.
    bench.clock.advance(6 * DAY);
    bench.register(draft("seen later", "1"));
    bench.clock.advance(-50 * DAY);
    let trouble = Some(ClockTrouble::SteppedBack(50 * DAY));
    assert_eq!(bench.reopen().clock, trouble);
    let report = sweep_anyway(&mut bench);
    assert_eq!((report.swept, report.clock), (0, trouble));
    bench.clock.advance(50 * DAY);
    assert_eq!(bench.reopen().swept, 1);
}

#[test]
fn a_vault_that_is_only_looked_at_is_used_too() {
    let mut bench = with_a_tombstone();
    for day in 1..30 {
        bench.clock.advance(DAY);
        assert_eq!(bench.reopen(), OpenReport { needs_new_passphrase: true, ..OpenReport::default() }, "day {day}");
    }
    bench.clock.advance(DAY + 1);
    let report = bench.reopen();
    assert_eq!((report.swept, report.clock), (1, None), "used yesterday: nobody needs to be asked");
}

#[test]
fn a_sweep_that_fails_is_told_of_and_keeps_nobody_out() {
    let mut bench = with_a_tombstone();
    let stays = bench.headers().into_iter().find(|header| &*header.name == "stays").unwrap();
    bench.clock.advance(5 * DAY);
    bench.reopen();
    bench.call(Request::Lock).unwrap();
    // A directory that cannot be removed stands where the new store belongs.
    let blocked = bench.place().store(2);
    fs::write(&blocked, b"no directory").unwrap();
    for _ in 0..5 {
        bench.clock.advance(5 * DAY);
        bench.unlock().unwrap();
        bench.call(Request::Lock).unwrap();
    }
    bench.clock.advance(DAY);
    let report = bench.unlock().unwrap();
    assert_eq!((report.swept, report.trouble), (0, None));
    assert!(report.sweep_failed.is_some_and(|cause| cause.contains("store-2")));
    assert_eq!(bench.reveal(&stays, "value").unwrap(), "1");
    bench.call(Request::Lock).unwrap();
    fs::remove_file(&blocked).unwrap();
    assert_eq!(bench.unlock().unwrap().swept, 1);
}
