//! The real binary on terminals that can do less: no colour, 16 colours, ASCII, small, and changing all the time.

mod pty;

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use pty::home::{Home, MODERN, PROGRAM};
use pty::{Session, Signal, agents};

const SIZE: (u16, u16) = (80, 24);

fn demo(size: (u16, u16), environment: &[(&str, &str)]) -> Session {
    Home::empty().start(&["demo"], size, environment)
}

/// The parameters of every colour-setting sequence (SGR) that was written.
fn pens(session: &Session) -> Vec<String> {
    let bytes = session.bytes();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let sequences = text.split("\x1b[").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';')?;
        rest[end..].starts_with('m').then(|| rest[..end].to_owned())
    });
    sequences.flat_map(|pen| pen.split(';').map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Whether a parameter paints: one of the 16 colours, or the beginning of a richer one.
fn paints(parameter: &str) -> bool {
    matches!(parameter.parse().unwrap_or(0), 30..=38 | 40..=48 | 90..=97 | 100..=107)
}

#[test]
fn sixteen_colours_are_enough_and_none_will_do() {
    let colourful = demo(SIZE, &[("TERM", "xterm")]);
    colourful.wait_for("billing-service");
    let used = pens(&colourful);
    assert!(used.iter().any(|pen| paints(pen)), "{used:?}");
    assert!(!used.iter().any(|pen| pen == "38" || pen == "48"), "no palette of 256 and no true colour: {used:?}");
    let plain = demo(SIZE, &[("NO_COLOR", "1")]);
    plain.wait_for("▌ billing-service");
    assert!(!pens(&plain).iter().any(|pen| paints(pen)), "{:?}", pens(&plain));
}

#[test]
fn the_linux_console_is_sent_no_value() {
    let mut session = demo(SIZE, &[("TERM", "linux")]);
    session.wait_for("billing-service");
    session.send("y");
    session.wait_for("The Linux console has no clipboard: reveal the value with v");
    session.send("q");
    assert!(session.wait_exit().success());
    assert!(!session.bytes().windows(4).any(|bytes| bytes == b"\x1b]52"));
}

#[test]
fn a_terminal_of_ascii_gets_ascii() {
    let mut session = demo(SIZE, &[("LANG", "C")]);
    session.wait_for("> billing-service");
    session.wait_for("* Active");
    for (keys, shown) in
        [("?", "Keys: Secrets Management"), ("m", "Delete Secret"), ("d", "Deactivate billing-service?"), ("v", "Mask")]
    {
        session.send(keys);
        session.wait_for(shown);
        session.send("\x1b");
        session.wait_gone(shown);
    }
    for step in ["API keys, tokens, credentials", "Secrets, and who may use them", "Account Holder of"] {
        session.send("\x1b");
        session.wait_for(step);
    }
    session.resize(40, 10);
    session.wait_for("strongroom needs 60x16");
    let bytes = session.bytes();
    let strange = bytes.iter().position(|byte| !byte.is_ascii());
    let around =
        strange.map(|at| String::from_utf8_lossy(&bytes[at.saturating_sub(60)..bytes.len().min(at + 20)]).into_owned());
    assert_eq!(around, None);
}

#[test]
fn a_small_terminal_says_so_and_a_larger_one_goes_on_where_it_was() {
    for size in [(40, 10), (1, 1)] {
        let mut session = demo(size, &[]);
        session.wait_until("a first frame", |screen, bytes| {
            let says = size.0 == 1 || screen.contents().contains("strongroom needs 60×16");
            says && bytes.ends_with(b"\x1b[?2026l")
        });
        // Stopping shows that the keys before it have been taken.
        session.send("jj\rv?\x1a");
        session.wait_state('T');
        session.resize(80, 24);
        session.kill(Signal::CONT);
        session.wait_for("▌ billing-service");
        session.wait_gone("Keys: ");
        session.send("\x03");
        assert!(session.wait_exit().success());
        session.assert_restored();
    }
}

#[test]
fn a_storm_of_sizes_ends_in_a_whole_screen() {
    let mut session = demo((120, 40), &[]);
    session.wait_for("1 of ");
    for step in 0_u16..120 {
        session.resize(1 + step * 7 % 200, 1 + step * 11 % 60);
        if step % 10 == 0 {
            session.send("j");
        }
    }
    session.resize(80, 24);
    session.wait_until("a whole screen", |screen, _| {
        let text = screen.contents();
        text.contains("Secrets Management") && text.contains("billing-service") && text.lines().count() == 24
    });
    session.send("q");
    assert!(session.wait_exit().success());
    session.assert_restored();
}

/// What shows no screens gets a plain sentence that names the commands, and nothing else.
fn refuses(home: &Home, mut session: Session) {
    assert_eq!(session.wait_exit().exit_code(), 2);
    session.wait_for("the screens need a terminal");
    session.wait_for("strongroom list");
    assert!(!session.bytes().contains(&b'\x1b'), "{:?}", String::from_utf8_lossy(&session.bytes()));
    assert_eq!(&session.settings(), session.settings_at_start());
    assert!(agents::pids(home.path()).is_empty(), "nothing was started for it");
}

#[test]
fn a_terminal_that_is_dumb_and_an_output_that_is_none_are_told_of_the_commands() {
    let home = Home::with_vault();
    let place = home.path().to_str().expect("a plain path");
    for arguments in [&[][..], &["demo"]] {
        refuses(&home, home.start(arguments, SIZE, &[("TERM", "dumb")]));
        let environment = [&MODERN[..], &[("HOME", place), ("PATH", "/usr/bin:/bin")]].concat();
        for pipe in ["\"$0\" \"$@\" | cat; exit ${PIPESTATUS[0]}", ": | \"$0\" \"$@\"; exit ${PIPESTATUS[1]}"] {
            let piped = [&["-c", pipe, PROGRAM], arguments].concat();
            refuses(&home, Session::start(Path::new("/bin/bash"), &piped, SIZE, &environment));
        }
    }
}

#[test]
fn an_arrow_key_that_a_slow_line_cuts_in_two_is_no_step_back() {
    const CUT: Duration = Duration::from_millis(30);
    /// Over an SSH connection an escape is held so long.
    const HELD: Duration = Duration::from_millis(100);
    let mut session = demo(SIZE, &[("SSH_CONNECTION", "192.0.2.7 50022 192.0.2.1 22")]);
    session.wait_for("▌ billing-service");
    let mut rounds = 0;
    while rounds < 5 {
        let before = session.screen();
        let begun = Instant::now();
        session.send("\x1b");
        sleep(CUT);
        session.send("[B");
        // On a machine that slept longer, it was the Esc key for all that anybody can tell.
        assert!(begun.elapsed() < HELD, "this machine is too busy: {:?}", begun.elapsed());
        session.wait_until("another selection", |screen, _| !before.contains(&screen.contents()));
        session.wait_for(&format!("{} of ", rounds + 2));
        rounds += 1;
    }
    let seen = String::from_utf8_lossy(&session.bytes()).into_owned();
    assert!(!seen.contains("API keys, tokens, credentials"), "never a step back");
    // Alone, it is one.
    session.send("\x1b");
    session.wait_for("API keys, tokens, credentials");
}
