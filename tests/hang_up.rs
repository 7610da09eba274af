//! The line breaks a hundred times: whether SIGHUP is delivered, ignored or blocked, the screens end at once and quietly,
//! and the agent goes on.

// In a test program, unwrapping is how helpers fail.
#![allow(clippy::unwrap_used)]

mod pty;

use std::path::Path;
use std::time::{Duration, Instant};

use pty::Session;
use pty::home::{Home, MODERN, PROGRAM};

const SIZE: (u16, u16) = (80, 24);
const DROPS: usize = 100;
/// A second is promised; a busy machine gets more, and a hang would take longer.
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
    let mut times = Vec::new();
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
        session.wait_exit();
    }
    times.sort();
    assert!(times[DROPS / 2] < Duration::from_secs(1), "in the middle {:?}", times[DROPS / 2]);
    let status = String::from_utf8(home.run(&["status", "--json"]).stdout).unwrap();
    assert!(status.contains("\"unlocked\"") && status.contains("\"clients\": []"), "{status}");
}
