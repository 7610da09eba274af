//! The hidden prompt, at a terminal: nothing typed is shown, and whatever ends it gives the terminal back.

use std::thread;
use std::time::Duration;

use crate::pty::home::{Home, PASSPHRASE};
use crate::pty::{Session, Signal};

const SIZE: (u16, u16) = (80, 24);
const ASKED: &str = "Passphrase: ";

fn start(home: &Home, arguments: &[&str]) -> Session {
    // An agent would keep the vault open, and nothing would be asked any more.
    let session = home.start(&[&["--no-agent"], arguments].concat(), SIZE, &[]);
    wait_asked(&session, 1);
    session
}

/// Waits until it was asked so many times, and the terminal is ready for the answer.
fn wait_asked(session: &Session, times: usize) {
    session.wait_until("the question", |_, bytes| String::from_utf8_lossy(bytes).matches(ASKED).count() == times);
    assert_ne!(&session.settings(), session.settings_at_start(), "the echo is off");
}

fn said(session: &Session) -> String {
    String::from_utf8_lossy(&session.bytes()).into_owned()
}

#[track_caller]
fn ends(session: &mut Session, code: u32) {
    assert_eq!(session.wait_exit().exit_code(), code, "{}", session.screen());
    assert_eq!(&session.settings(), session.settings_at_start());
}

#[test]
fn nothing_typed_is_shown() {
    let home = Home::with_vault();
    let (first, rest) = PASSPHRASE.split_at(7);
    for arguments in [&["list"][..], &["list", "--passphrase-file", "-"]] {
        let mut session = start(&home, arguments);
        session.send([first, "typo\x7f\x7f\x7f\x7f", rest, "\r"].concat());
        ends(&mut session, 0);
        session.wait_for("Secret name");
        assert!(!said(&session).contains("corr") && !said(&session).contains("typo"));
    }
}

#[test]
fn ctrl_c_gives_up_and_gives_the_terminal_back() {
    let home = Home::with_vault();
    for (command, keys) in [("list", "\x03"), ("list", "half\x03"), ("list", "\x04"), ("doctor", "\x03")] {
        let mut session = start(&home, &[command]);
        session.send(keys);
        ends(&mut session, 3);
        session.wait_for("given up: nothing was changed");
        assert!(!said(&session).contains("ok "), "the doctor goes home, too");
    }
}

#[test]
fn a_signal_or_a_hang_up_ends_it_and_gives_the_terminal_back() {
    let home = Home::with_vault();
    for (signal, number) in [(Signal::TERM, 15), (Signal::HUP, 1), (Signal::QUIT, 3), (Signal::INT, 2)] {
        let mut session = start(&home, &["list"]);
        session.send("half");
        session.kill(signal);
        ends(&mut session, 128 + number);
    }
    let mut session = start(&home, &["list"]);
    // The harness presses Enter as it goes; after a key that is refused, that is not heard.
    session.send("\x1b");
    session.hang_up();
    assert_eq!(session.wait_exit().exit_code(), 129);
}

#[test]
fn ctrl_z_gives_the_terminal_back_until_fg_and_then_asks_again() {
    let home = Home::with_vault();
    let mut session = start(&home, &["list"]);
    session.send("half");
    for (times, stop) in [|s: &mut Session| s.send("\x1a"), |s: &mut Session| s.kill(Signal::TSTP)].iter().enumerate() {
        stop(&mut session);
        session.wait_state('T');
        assert_eq!(&session.settings(), session.settings_at_start());
        session.kill(Signal::CONT);
        wait_asked(&session, times + 2);
    }
    session.send([PASSPHRASE, "\r"].concat());
    ends(&mut session, 0);
}

#[test]
fn somebody_elses_stop_does_not_bring_the_echo_back() {
    let home = Home::with_vault();
    let mut session = start(&home, &["list"]);
    session.kill(Signal::STOP);
    session.wait_state('T');
    session.restore_settings();
    session.kill(Signal::CONT);
    wait_asked(&session, 2);
    session.send("\x03");
    ends(&mut session, 3);
}

#[test]
fn an_arrow_key_does_not_become_a_part_of_the_passphrase() {
    let home = Home::with_vault();
    let mut session = start(&home, &["list"]);
    for (times, keys) in ["\x1b[A", "tab\t", &"x".repeat(1025)].into_iter().enumerate() {
        session.send(keys);
        wait_asked(&session, times + 2);
    }
    // On a slow link it comes in parts.
    session.send("\x1b");
    thread::sleep(Duration::from_millis(20));
    session.send("[A");
    wait_asked(&session, 5);
    assert_eq!(said(&session).matches("That key cannot be part of it. Start again.").count(), 3);
    assert_eq!(said(&session).matches("That is too long. Start again.").count(), 1);
    session.send([PASSPHRASE, "\r"].concat());
    ends(&mut session, 0);
}

#[test]
fn two_passphrases_that_differ_are_told_and_nothing_is_made() {
    let home = Home::empty();
    let mut session = home.start(&["init", "--organization", "o", "--name", "n"], SIZE, &[]);
    session.wait_for("New passphrase: ");
    session.send("one long passphrase\r");
    session.wait_for("The same again: ");
    session.send("another passphrase\r");
    ends(&mut session, 3);
    session.wait_for("the second passphrase is not the same as the first: nothing was changed.");
    assert!(!home.vault().exists());
}

#[test]
fn what_was_typed_after_the_answer_is_not_the_next_answer() {
    let home = Home::empty();
    let mut session = home.start(&["init", "--organization", "o", "--name", "n"], SIZE, &[]);
    session.wait_for("New passphrase: ");
    session.send("pasted passphrase\rpasted passphrase\r");
    session.wait_for("The same again: ");
    session.send("\x03");
    ends(&mut session, 3);
}

#[test]
fn after_the_prompt_signals_do_what_they_always_do() {
    let home = Home::with_vault();
    let mut session = start(&home, &["list"]);
    session.send([PASSPHRASE, "\r"].concat());
    session.wait_for("Deriving the key");
    session.kill(Signal::TERM);
    assert_eq!(session.wait_exit().signal(), Some("Terminated"));
    assert_eq!(&session.settings(), session.settings_at_start());
}
