//! What going through the agent costs: `cargo bench --bench agent`.
//!
//! The binary is the stripped one of a release, in the page cache; so is the empty one that it is compared with, which does
//! nothing but begin and end.

// In a bench, unwrapping is how helpers fail.
#![allow(clippy::unwrap_used)]

#[path = "../pty/mod.rs"]
mod pty;
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use pty::{Session, agents};
use strongroom::domain::{Delivery, Draft, SecretBytes};
use strongroom::service::{AgentPlace, Credential, Door, Remote, Request, Response, Starter};
use strongroom::vault::Place;
use support::{Filled, PASSPHRASE, draft, middle_and_best, tell, timed};

const PROGRAM: &str = env!("CARGO_BIN_EXE_strongroom");
const LISTS: usize = 2_000;
const PROCESSES: usize = 1_000;
const OPENINGS: usize = 9;
const CHANGES: usize = 50;
/// What ends a frame: the terminal shows it now.
const FRAME_END: &[u8] = b"\x1b[?2026l";

fn main() {
    lists(&Agent::new(1_000));
    deliveries(&Agent::new(1_000));
    statuses(&Agent::new(0));
    changes(&Agent::new(10_000));
    openings(&Agent::new(10_000));
}

/// A vault, and how its agents are started; they end with this value.
struct Agent(Filled);

impl Drop for Agent {
    fn drop(&mut self) {
        agents::end(self.0.dir());
    }
}

impl Agent {
    fn new(secrets: usize) -> Self {
        let agent = Self(Filled::new(secrets));
        let starter = format!("#!/bin/sh\nexec env -i HOME='{}' {PROGRAM} \"$@\"\n", agent.0.dir().display());
        fs::write(agent.starter(), starter).unwrap();
        fs::set_permissions(agent.starter(), fs::Permissions::from_mode(0o700)).unwrap();
        agent
    }

    fn starter(&self) -> PathBuf {
        self.0.dir().join("starter")
    }

    fn place(&self) -> Place {
        Place { vault: self.0.place().vault, state: self.0.dir().join(".local/state/strongroom") }
    }

    fn door(&self) -> Remote {
        Remote::new(AgentPlace::new(self.place(), |_| None), Starter::of(self.starter()))
    }

    fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().env("HOME", self.0.dir()).env("STRONGROOM_VAULT", self.place().vault);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

fn call(door: &mut Remote, request: Request) -> Response {
    door.call(request, &|_| {}).unwrap()
}

fn lists(agent: &Agent) {
    let mut door = agent.door();
    call(&mut door, Request::Unlock(agent.0.recovery()));
    let mut times: Vec<Duration> = (0..LISTS).map(|_| timed(|| drop(call(&mut door, Request::List)))).collect();
    times.sort_unstable();
    let (middle, p99) = (times[LISTS / 2], times[LISTS * 99 / 100]);
    tell("list of 1,000 through the agent", &format!("p99 {} (median {})", ms(p99), ms(middle)), "");
}

/// A value handed over, which is on record before it goes; beside a look at the same secret, which is not.
fn deliveries(agent: &Agent) {
    let mut door = agent.door();
    call(&mut door, Request::Unlock(agent.0.recovery()));
    let Response::Headers(headers) = call(&mut door, Request::List) else { panic!("no headers") };
    let header = &headers[0];
    let (mut looks, mut given) = (Vec::new(), Vec::new());
    for _ in 0..LISTS {
        looks.push(timed(|| drop(call(&mut door, Request::Details(header.id.into())))));
        let part = &header.parts[0].name;
        given.push(timed(|| drop(call(&mut door, Request::hand_over(header.id, part, Delivery::Get)))));
    }
    for (what, mut times) in [("a look at one secret", looks), ("a delivery, recorded", given)] {
        times.sort_unstable();
        let (middle, p99) = (times[LISTS / 2], times[LISTS * 99 / 100]);
        tell(&format!("{what}, through the agent"), &format!("median {} (p99 {})", ms(middle), ms(p99)), "");
    }
}

/// The whole life of a process, ours and the empty one in turn, so that whatever else the machine does hits both.
fn statuses(agent: &Agent) {
    let mut door = agent.door();
    call(&mut door, Request::Unlock(agent.0.recovery()));
    let empty = empty_program(agent.0.dir());
    let run = |program: &Path, arguments: &[&str]| {
        let mut command = agent.command(program, arguments);
        timed(|| assert!(command.status().unwrap().success()))
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..PROCESSES {
        theirs.push(run(&empty, &[]));
        ours.push(run(Path::new(PROGRAM), &["status"]));
    }
    let ((ours, our_best), (theirs, their_best)) = (middle_and_best(ours), middle_and_best(theirs));
    tell("an empty program", &format!("{} (best {})", ms(theirs), ms(their_best)), "");
    tell("strongroom status", &format!("{} (best {})", ms(ours), ms(our_best)), "");
    let above = (ms(ours.saturating_sub(theirs)), ms(our_best.saturating_sub(their_best)));
    tell("strongroom status, above the empty one", &format!("{} (best {})", above.0, above.1), "≤ 1.5 ms");
}

/// From the moment at which one client asks for a change to the frame that shows it on the screen of another.
fn changes(agent: &Agent) {
    let mut door = agent.door();
    call(&mut door, Request::Unlock(agent.0.recovery()));
    let (home, vault) = (agent.0.dir().to_str().unwrap(), agent.place().vault);
    let environment = [("LANG", "C.UTF-8"), ("HOME", home), ("STRONGROOM_VAULT", vault.to_str().unwrap())];
    let screen = Session::start(Path::new(PROGRAM), &[], (120, 40), &environment);
    screen.wait_for("10000 secrets");
    let mut one = |n: usize| {
        screen.wait_settled(|screen| screen.bytes().len());
        let before = screen.bytes().len();
        // It comes first in the list, so that the frame shows it.
        let change = Draft { name: format!("000 {n}").into(), ..draft(n) };
        timed(|| {
            call(&mut door, Request::Register(change));
            let shown = |bytes: &[u8]| bytes[before..].windows(FRAME_END.len()).any(|end| end == FRAME_END);
            screen.wait_until("the change", |_, bytes| shown(bytes));
        })
    };
    let mut times: Vec<Duration> = (0..CHANGES).map(&mut one).collect();
    times.sort_unstable();
    let (middle, most) = (times[CHANGES / 2], times[CHANGES - 1]);
    tell("a change on another screen, of 10,000", &format!("{} (at most {})", ms(middle), ms(most)), "≤ 200 ms");
}

fn openings(agent: &Agent) {
    let mut door = agent.door();
    let once = |door: &mut Remote, credential: &Credential| {
        let time = timed(|| {
            call(door, Request::Unlock(credential.clone()));
            call(door, Request::List);
        });
        call(door, Request::Lock);
        time
    };
    for (how, credential) in [
        ("without a key derivation", agent.0.recovery()),
        ("with the passphrase", Credential::Passphrase(SecretBytes::from(PASSPHRASE))),
    ] {
        let (middle, best) = middle_and_best((0..OPENINGS).map(|_| once(&mut door, &credential)).collect());
        tell(&format!("unlock + list of 10,000, {how}"), &format!("{} (best {})", ms(middle), ms(best)), "");
    }
}

fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

/// Compiles a program that does nothing, as ours is compiled.
fn empty_program(dir: &Path) -> PathBuf {
    let (source, program) = (dir.join("empty.rs"), dir.join("empty"));
    fs::write(&source, "fn main() {}\n").unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let compiled = Command::new(rustc)
        .args(["-C", "opt-level=3", "-C", "lto=thin", "-C", "codegen-units=1", "-C", "strip=symbols", "-o"])
        .arg(&program)
        .arg(source)
        .status();
    assert!(compiled.unwrap().success());
    program
}
