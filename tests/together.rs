//! Several screens on one vault, each in a terminal of its own: what one does the others see, and nothing of anybody is lost.

// In a test program, unwrapping is how helpers fail.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests skip")]
#[path = "support/aloud.rs"]
mod aloud;
mod pty;

use std::thread;
use std::time::{Duration, Instant};

use aloud::say;
use pty::home::{Home, PASSPHRASE, PROGRAM};
use pty::{Session, Signal};
use rustix::process::{Pid, kill_process};
use strongroom::domain::{Draft, Kind, PublicField, Scope, Value};
use strongroom::service::{AgentPlace, Door, Remote, Request, Response, Starter};
use strongroom::vault::Place;

const SIZE: (u16, u16) = (80, 24);
/// How soon a change is seen elsewhere, in the middle of so many.
const SEEN: Duration = Duration::from_millis(200);
const CHANGES: usize = 11;
const SUBMIT: &str = "\x13";

/// Fills in a new secret called `name`, up to the key that stores it.
fn fill_in(session: &mut Session, name: &str) {
    session.send("n\r");
    session.wait_for("Header Name");
    session.send(format!("{name}\tX-Key\tvalue-of-{name}"));
    // All of it has been taken.
    session.wait_for(&format!("{} characters", "value-of-".len() + name.len()));
}

fn register(session: &mut Session, name: &str) {
    fill_in(session, name);
    session.send(SUBMIT);
    back_in_the_listing(session, name);
}

fn back_in_the_listing(session: &mut Session, name: &str) {
    session.wait_for(&format!("Registered {name}"));
    session.send("\r");
    session.wait_for(&format!("▌ {name}"));
}

/// Opens the form in which `name` is edited, from the listing.
fn edit(session: &mut Session, name: &str) {
    session.wait_for(&format!("▌ {name}"));
    session.send("e");
    session.wait_for("Save changes");
}

/// A client that is no screen, connected to the agent that runs in `home`.
fn client(home: &Home) -> Remote {
    let place = Place { vault: home.vault(), state: home.path().join(".local/state/strongroom") };
    let agent = AgentPlace::new(place, |_| None);
    pty::agents::reached(Remote::to_running(agent, Starter::of(PROGRAM.into())).unwrap()).expect("an agent")
}

fn draft(name: &str) -> Draft {
    Draft {
        scope: Scope::Organization,
        kind: Kind::ApiKey,
        name: name.into(),
        public: vec![PublicField { key: "header_name".into(), text: "X-Key".into() }],
        value: Value(vec![("value".into(), "value".into())]),
        expires: None,
        not_before: None,
        write_only: false,
        encrypted_key: false,
    }
}

fn store(door: &mut Remote, name: &str) {
    let answer = door.call(Request::Register(draft(name)), &|_| {}).unwrap();
    assert!(matches!(answer, Response::Changed(_)), "{answer:?}");
}

#[test]
fn what_one_screen_changes_the_other_shows_at_once_and_keeps_its_selection() {
    let home = Home::with_vault();
    let mut first = home.unlocked(SIZE);
    register(&mut first, "middle");
    let second = home.unlocked(SIZE);
    second.wait_for("▌ middle");
    let mut times = Vec::new();
    for n in 0..CHANGES {
        // Above the selection and below it.
        let name = format!("{}-{n}", if n % 2 == 0 { "above" } else { "under" });
        fill_in(&mut first, &name);
        let stored = Instant::now();
        first.send(SUBMIT);
        second.wait_for(&name);
        times.push(stored.elapsed());
        assert!(second.screen().contains("▌ middle"), "{}", second.screen());
        back_in_the_listing(&mut first, &name);
    }
    times.sort();
    let middle = times[CHANGES / 2];
    say(&format!(
        "{CHANGES} changes of one screen seen in another: {middle:?} in the middle, {:?} at most",
        times[CHANGES - 1]
    ));
    assert!(middle <= SEEN, "{times:?}");
}

#[test]
fn when_two_edit_one_secret_the_second_sees_both_sides_and_saves_both() {
    let home = Home::with_vault();
    let mut first = home.unlocked(SIZE);
    register(&mut first, "deploy");
    let mut second = home.unlocked(SIZE);
    for session in [&mut first, &mut second] {
        edit(session, "deploy");
    }
    second.send("-eu");
    second.wait_for("deploy-eu");
    first.send(["\t-Theirs\ttheir-value", SUBMIT].concat());
    first.wait_for("Saved deploy");
    second.wait_for("changed Header Name and Value");
    second.send(SUBMIT);
    for shown in ["deploy was changed by somebody else", "Yours", "Theirs", "deploy-eu", "X-Key-Theirs"] {
        second.wait_for(shown);
    }
    // The button beside the one that has the focus, which is the safe one.
    second.send("\t\r");
    second.wait_for("Saved deploy-eu");
    for session in [&mut first, &mut second] {
        session.wait_for("▌ deploy-eu");
        session.send("\r");
        session.wait_for("X-Key-Theirs");
        session.send("v");
        session.wait_for("their-value");
    }
}

#[test]
fn screens_whose_agent_is_killed_go_on_with_the_next_one() {
    let home = Home::with_vault();
    let mut session = home.unlocked(SIZE);
    register(&mut session, "deploy");
    let agent = pty::agents::pids(home.path());
    kill_process(Pid::from_raw(i32::try_from(agent[0]).unwrap()).unwrap(), Signal::KILL).unwrap();
    session.wait_for("The agent ended: unlock to go on. Nothing stored is lost.");
    assert!(!session.screen().contains("deploy"), "{}", session.screen());
    session.send(format!("{PASSPHRASE}\r"));
    session.wait_for("▌ deploy");
    assert_ne!(pty::agents::pids(home.path()), agent, "a new one");
    store(&mut client(&home), "of-another");
    session.wait_for("of-another");
    register(&mut session, "of-this");
}

#[test]
fn screens_that_were_stopped_while_another_client_locked_are_locked() {
    let home = Home::with_vault();
    let mut session = home.unlocked(SIZE);
    register(&mut session, "deploy");
    session.send("\x1a");
    session.wait_state('T');
    session.assert_restored();
    assert!(home.run(&["lock"]).status.success());
    session.kill(Signal::CONT);
    session.wait_for("The vault is locked");
    assert!(!session.screen().contains("deploy"), "{}", session.screen());
    session.send(format!("{PASSPHRASE}\r"));
    session.wait_for("▌ deploy");
    session.send("q");
    assert!(session.wait_exit().success());
    session.assert_restored();
}

#[test]
fn a_storm_of_sizes_while_another_client_writes_ends_in_a_whole_screen() {
    const SECRETS: usize = 60;
    let home = Home::with_vault();
    let mut session = home.unlocked((120, 40));
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut door = client(&home);
            (0..SECRETS).for_each(|n| store(&mut door, &format!("secret-{n:02}")));
        });
        for step in (0_u16..).take_while(|step| *step < 120 || !writer.is_finished()) {
            session.resize(1 + step * 7 % 200, 1 + step * 11 % 60);
            if step % 10 == 0 {
                session.send("j");
            }
            thread::sleep(Duration::from_millis(2));
        }
    });
    session.resize(SIZE.0, SIZE.1);
    // A size that is too small takes no keys: this is the first that counts for certain.
    session.wait_for("Secrets Management");
    session.wait_for(&format!("of {SECRETS}"));
    session.send("g");
    session.wait_for("▌ secret-00");
    let fresh = home.unlocked(SIZE);
    fresh.wait_for("▌ secret-00");
    assert_eq!(session.wait_settled(Session::screen), fresh.wait_settled(Session::screen));
    session.send("q");
    assert!(session.wait_exit().success());
    session.assert_restored();
}
