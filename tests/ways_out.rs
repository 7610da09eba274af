//! Every way out of the real binary: the terminal is as it was, the vault is closed and free.

// In a test program, unwrapping is how helpers fail.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests skip for other reasons")]
#[path = "support/aloud.rs"]
mod aloud;
mod pty;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use pty::home::Home;
use pty::{Session, Signal};

const SIZE: (u16, u16) = (80, 24);
/// A second is promised; a busy machine gets more, and a hang would take longer.
const AT_ONCE: Duration = Duration::from_secs(8);

/// Unlocks the vault of `home`, which shows that the way out before left it free, leaves as `way` does and
/// expects exit code `code`.
fn leaves(home: &Home, code: u32, way: impl FnOnce(&mut Session)) -> Session {
    let mut session = home.unlocked_alone(SIZE);
    assert_ne!(&session.settings(), session.settings_at_start(), "raw mode is on");
    assert_held(home, &session);
    let started = Instant::now();
    way(&mut session);
    let status = session.wait_exit();
    assert!(started.elapsed() < AT_ONCE, "{:?}", started.elapsed());
    assert_eq!(status.exit_code(), code);
    session
}

/// A second process is kept out while the screens have the vault open.
fn assert_held(home: &Home, session: &Session) {
    let second = home.run(&["--no-agent", "list", "--passphrase-file", "pass"]);
    assert_eq!(second.status.code(), Some(12), "{second:?}");
    let holder = format!("rocess {}", session.pid().as_raw_nonzero());
    let errors = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(errors.contains(&holder), "{errors}");
}

/// The vault opens, and neither now nor before was it found unclosed.
fn assert_always_closed(home: &Home) {
    let next = home.run(&["--no-agent", "list", "--passphrase-file", "pass"]);
    assert!(next.status.success(), "{next:?}");
    assert_eq!(copies(home), 0, "a store that was not closed is copied before it is opened");
}

fn copies(home: &Home) -> usize {
    std::fs::read_dir(home.vault().join("copies")).map_or(0, Iterator::count)
}

#[test]
fn every_way_out_leaves_terminal_and_vault_in_order() {
    let home = Home::with_vault();
    for key in ["q", "\x03"] {
        leaves(&home, 0, |session| session.send(key)).assert_restored();
    }
    for (signal, number) in [(Signal::TERM, 15), (Signal::HUP, 1), (Signal::QUIT, 3), (Signal::INT, 2)] {
        leaves(&home, 128 + number, |session| session.kill(signal)).assert_restored();
    }
    leaves(&home, 129, Session::hang_up);
    assert_always_closed(&home);
}

#[test]
fn every_way_out_leaves_the_vault_to_the_agent() {
    let home = Home::with_vault();
    let is_open = || String::from_utf8_lossy(&home.run(&["status", "--json"]).stdout).contains("\"unlocked\"");
    type Way = fn(&mut Session);
    let ways: [(&str, Way, u32); 4] = [
        ("q", |session| session.send("q"), 0),
        ("SIGTERM", |session| session.kill(Signal::TERM), 143),
        ("the line breaks", Session::hang_up, 129),
        ("SIGKILL", |session| session.kill(Signal::KILL), 1),
    ];
    for (name, way, code) in ways {
        let mut session = home.unlocked(SIZE);
        way(&mut session);
        assert_eq!(session.wait_exit().exit_code(), code, "{name}");
        assert!(is_open(), "{name}: the others go on");
    }
    assert!(home.run(&["lock"]).status.success());
    assert!(!is_open());
    assert_always_closed(&home);
}

#[test]
fn a_form_that_a_broken_connection_cut_short_is_offered_at_the_next_start() {
    let home = Home::with_vault();
    let fill_in = |session: &mut Session| {
        session.send("n\r");
        session.wait_for("Header Name");
        session.send("deploy\tX-Key\thunter2-hunter2");
        session.wait_for("15 characters");
    };
    for way in [Session::hang_up, |session: &mut Session| session.kill(Signal::TERM)] {
        let mut session = home.unlocked(SIZE);
        fill_in(&mut session);
        way(&mut session);
        session.wait_exit();
        for (path, bytes) in home.files() {
            let leaked =
                ["deploy", "hunter2"].iter().any(|text| bytes.windows(text.len()).any(|w| w == text.as_bytes()));
            assert!(!leaked, "{}", path.display());
        }
        let mut session = home.unlocked(SIZE);
        session.wait_for("A form was left unfinished");
        session.wait_for("Register API Key \"deploy\"");
        session.send("\r");
        session.wait_for("Secret values are never kept");
        session.wait_for("X-Key");
        // Discarded: the next one is not offered anything.
        session.send("\x1b");
        session.wait_for("Discard this secret?");
        session.send("\t\r");
        session.wait_for("No secrets yet");
        session.send("q");
        session.wait_exit();
        let mut session = home.unlocked(SIZE);
        session.wait_settled(Session::screen);
        assert!(!session.screen().contains("left unfinished"), "{}", session.screen());
        session.send("q");
        session.wait_exit();
    }
}

#[test]
fn a_kill_leaves_a_vault_that_opens() {
    let home = Home::with_vault();
    leaves(&home, 1, |session| session.kill(Signal::KILL));
    let next = home.run(&["--no-agent", "list", "--passphrase-file", "pass"]);
    assert!(next.status.success(), "{next:?}");
    assert_eq!(copies(&home), 1, "so the other tests would notice a vault that was not closed");
}

#[test]
fn ctrl_z_gives_the_terminal_back_until_fg() {
    let home = Home::empty();
    let mut session = home.start(&["demo"], SIZE, &[]);
    session.wait_for("Secrets Management");
    for stop in [|session: &mut Session| session.send("\x1a"), |session: &mut Session| session.kill(Signal::TSTP)] {
        stop(&mut session);
        session.wait_state('T');
        session.assert_restored();
        let before = session.bytes().len();
        session.kill(Signal::CONT);
        session.wait_until("the screen to be drawn again", |screen, bytes| {
            let drawn = String::from_utf8_lossy(&bytes[before..]).contains("Secrets Management");
            drawn && screen.alternate_screen() && screen.bracketed_paste() && screen.hide_cursor()
        });
        assert_ne!(&session.settings(), session.settings_at_start());
    }
    session.send("q");
    assert!(session.wait_exit().success());
    session.assert_restored();
}

/// Builds the library that stops the clock of the program it is loaded into; `None`, said aloud, without a compiler.
fn stopped_clock(test: &str, home: &Home) -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pty/stopped_clock.c");
    let library = home.path().join("stopped_clock.so");
    let built = Command::new("cc").args(["-O1", "-shared", "-fPIC", "-o"]).arg(&library).arg(source).status();
    if built.is_ok_and(|status| status.success()) {
        return Some(library);
    }
    aloud::skip_for_want(test, "there is no C compiler");
    None
}

#[test]
fn a_panic_gives_the_terminal_back_and_says_where_the_bug_is() {
    let home = Home::with_vault();
    let Some(library) = stopped_clock("a_panic_gives_the_terminal_back", &home) else { return };
    let stop = home.path().join("stop");
    let environment = [("LD_PRELOAD", library.to_str().unwrap()), ("CLOCK_STOPPED", stop.to_str().unwrap())];
    let mut session = home.start(&["--no-agent"], SIZE, &environment);
    session.wait_for("The vault is locked");
    session.send(format!("{}\r", pty::home::PASSPHRASE));
    session.wait_for("No secrets yet");
    home.write("stop", "");
    session.send("j");
    assert_eq!(session.wait_exit().exit_code(), 101);
    session.assert_restored();
    session.wait_until("the epitaph", |_, bytes| {
        let said = String::from_utf8_lossy(bytes);
        said.contains("strongroom stopped because of a bug at ") && said.contains("nothing stored is lost")
    });
    let next = home.run(&["--no-agent", "list", "--passphrase-file", "pass"]);
    assert!(next.status.success(), "{next:?}");
}

#[test]
fn a_signal_while_a_key_is_derived_ends_it_too() {
    let home = Home::with_vault();
    let mut session = home.start(&["--no-agent"], SIZE, &[]);
    session.wait_for("The vault is locked");
    session.send(format!("{}\r", pty::home::PASSPHRASE));
    session.wait_for("Deriving the key");
    let started = Instant::now();
    session.kill(Signal::TERM);
    assert_eq!(session.wait_exit().exit_code(), 143);
    assert!(started.elapsed() < AT_ONCE, "{:?}", started.elapsed());
    session.assert_restored();
    // On a busy machine the grace may end while the store is being opened: it opens all the same.
    let next = home.run(&["--no-agent", "list", "--passphrase-file", "pass"]);
    assert!(next.status.success(), "{next:?}");
}

#[test]
fn what_is_typed_after_q_is_not_carried_out() {
    let home = Home::with_vault();
    let mut session = home.unlocked_alone(SIZE);
    session.send("n\r");
    session.wait_for("Header Name");
    session.send("token\tAuthorization\tvalue\x13");
    session.wait_for("Registered token");
    session.send("\r");
    session.wait_for("▌ token");
    // In one piece: the answer to the dialog waits behind the q.
    session.send("jkjkjkqd\t\r");
    assert!(session.wait_exit().success());
    let listed = home.run(&["--no-agent", "list", "--json", "--passphrase-file", "pass"]);
    let table = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(table.to_lowercase().contains("\"active\""), "{table}");
}
