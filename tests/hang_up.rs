//! The line breaks a hundred times: whether SIGHUP is delivered, ignored or blocked, the screens end at once and quietly,
//! and the agent goes on.

// In a test program, unwrapping is how helpers fail.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests skip")]
#[path = "support/aloud.rs"]
mod aloud;
mod pty;

use std::path::Path;
use std::time::{Duration, Instant};

use aloud::say;
use pty::Session;
use pty::home::{Home, MODERN, PROGRAM};

const SIZE: (u16, u16) = (80, 24);
const DROPS: usize = 100;
/// What is promised, to all drops but the few that a busy machine takes its time for.
const PROMISED: Duration = Duration::from_secs(1);
/// So many of a hundred keep the promise at least.
const KEPT: usize = 95;
/// What a drop on a busy machine gets; a hang would take longer.
const AT_ONCE: Duration = Duration::from_secs(8);
/// A clock tick is 10 ms: an end that spins for its second takes a hundred.
const MOST_TICKS: u64 = 10;

/// What becomes of SIGHUP, as env(1) has it.
const MODES: [&[&str]; 3] = [&[], &["--ignore-signal=HUP"], &["--block-signal=HUP"]];

fn start(home: &Home, mode: &[&str]) -> Session {
    let path = home.path().to_str().unwrap();
    let environment = [&MODERN[..], &[("HOME", path)]].concat();
    Session::start(Path::new("/usr/bin/env"), &[mode, &[PROGRAM]].concat(), SIZE, &environment)
}

#[test]
fn a_broken_line_ends_the_screens_at_once_and_quietly() {
    let home = Home::with_vault();
    home.run(&["unlock", "--passphrase-file", "pass"]);
    let (mut times, mut worked) = (Vec::new(), 0);
    for drop in 0..DROPS {
        let mut session = start(&home, MODES[drop % MODES.len()]);
        session.wait_for("No secrets yet");
        // Some in the middle of something.
        if drop % 10 == 5 {
            session.send("n");
            session.wait_for("API Key");
        }
        let (before, broken) = (session.cpu_ticks(), Instant::now());
        session.hang_up();
        session.wait_state('Z');
        times.push(broken.elapsed());
        assert!(broken.elapsed() < AT_ONCE, "drop {drop}: {:?}", broken.elapsed());
        let ticks = session.cpu_ticks() - before;
        assert!(ticks < MOST_TICKS, "drop {drop}: {ticks} ticks after the line broke");
        worked += ticks;
        session.wait_exit();
    }
    times.sort();
    let late = times[DROPS * KEPT / 100 - 1];
    say(&format!("{DROPS} drops: {KEPT} of 100 within {late:?}, {worked} clock ticks in all after the line broke"));
    assert!(late < PROMISED, "{KEPT} of 100 within {late:?}");
    // 1 % of the promised second is a tick.
    assert!(worked < DROPS as u64, "{worked} clock ticks after {DROPS} broken lines");
    let status = String::from_utf8(home.run(&["status", "--json"]).stdout).unwrap();
    assert!(status.contains("\"unlocked\"") && status.contains("\"clients\": []"), "{status}");
}
