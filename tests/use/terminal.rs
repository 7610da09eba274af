//! A program that `run` starts has the terminal as if we had never been there.

use crate::pty::Session;
use crate::pty::home::PASSPHRASE;
use crate::world::{VALUE, world};

const SIZE: (u16, u16) = (100, 30);

/// The shell's `line` at a terminal, in which `$S` is the program.
pub(crate) fn at_terminal(env: &crate::env::Env, line: &str) -> Session {
    let home = env.path("");
    let program = assert_cmd::cargo::cargo_bin!("strongroom");
    let set = [("HOME", home.to_str().unwrap()), ("S", program.to_str().unwrap()), ("PATH", "/usr/bin:/bin")];
    let line = format!("cd; {line}");
    Session::start("/bin/bash".as_ref(), &["--norc", "-mc", &line], SIZE, &set)
}

const RUN: &str = "$S --no-agent run --passphrase-file pass --env A=strongroom://api-active -- ";

#[test]
fn the_terminal_is_the_programs() {
    let env = world();
    let mut session =
        at_terminal(&env, &format!("{RUN} sh -c 'test -t 0 && test -t 1 && stty size && tty; read x; echo got $x'"));
    session.wait_for("30 100");
    session.wait_for("/dev/pts/");
    session.send("hello\r");
    session.wait_for("got hello");
    assert_eq!(session.wait_exit().exit_code(), 0);
    assert_eq!(&session.settings(), session.settings_at_start());
}

#[test]
fn ctrl_c_is_the_programs() {
    let env = world();
    let mut session =
        at_terminal(&env, &format!("{RUN} sh -c 'trap \"echo caught it\" INT; echo ready; read x; echo then $x'"));
    session.wait_for("ready");
    session.send("\x03");
    session.wait_for("caught it");
    session.send("more\r");
    session.wait_exit();
    let mut session = at_terminal(&env, &format!("sh -c 'trap : INT; {RUN} cat; echo ended with $?'"));
    session.send("x\r");
    session.wait_until("the line twice", |screen, _| screen.contents().matches('x').count() == 2);
    session.send("\x03");
    session.wait_for("ended with 130");
}

#[test]
fn ctrl_z_stops_the_program_and_fg_continues_it() {
    let env = world();
    let mut session =
        at_terminal(&env, &format!("{RUN} sh -c 'echo ready; exec cat'; echo stopped with $?; fg; echo over"));
    session.wait_for("ready");
    session.send("\x1a");
    session.wait_for("stopped with 148");
    session.send("again\r");
    session.wait_until("the line twice", |screen, _| screen.contents().matches("again").count() >= 2);
    session.send("\x04");
    session.wait_for("over");
    session.wait_exit();
}

#[test]
fn a_signal_that_was_ignored_stays_so_after_a_question() {
    let env = world();
    let line = "trap '' HUP; $S --no-agent run --env A=strongroom://api-active -- grep SigIgn /proc/self/status";
    let mut session = at_terminal(&env, line);
    session.wait_for("Passphrase: ");
    session.send(format!("{PASSPHRASE}\r"));
    session.wait_until("the ignored signals", |screen, _| {
        let contents = screen.contents();
        let bits = contents.lines().find_map(|line| line.strip_prefix("SigIgn:").map(str::trim).map(str::to_owned));
        bits.and_then(|bits| u64::from_str_radix(&bits, 16).ok()).is_some_and(|bits| bits & 1 == 1)
    });
    assert_eq!(session.wait_exit().exit_code(), 0);
}

#[test]
fn values_are_shown_on_no_terminal_unless_asked() {
    let env = world();
    env.write("t", "{{ strongroom://api-active }}\n");
    env.write("hidden", "{{ strongroom://api-hidden }}\n");
    let refused = |line: &str, says: &str, code| {
        let mut session = at_terminal(&env, &format!("$S --no-agent {line}"));
        assert_eq!(session.wait_exit().exit_code(), code, "{}", session.screen());
        session.wait_until(says, |screen, _| screen.contents().replace('\n', "").contains(says));
        assert!(!session.screen().contains(VALUE));
    };
    refused("curl-config --passphrase-file pass api-active", "would be shown on the terminal", 2);
    refused("inject --passphrase-file pass -i t", "would be shown on the terminal", 2);
    refused("inject --passphrase-file pass -i hidden -o -", "never displayed", 15);
    let mut session = at_terminal(&env, "$S --no-agent inject --passphrase-file pass -i t -o -");
    session.wait_for(VALUE);
    assert_eq!(session.wait_exit().exit_code(), 0);
}
