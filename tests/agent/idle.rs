//! Nothing to do is nothing done: wake-ups of the agent, and of the screens that are connected to it.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use strongroom::service::Request;

use crate::aloud::say;
use crate::home::{Home, PROGRAM, call, status, unlock};
use crate::pty::Session;
use crate::pty::home::MODERN;

/// How long nobody does anything.
const IDLE: Duration = Duration::from_secs(10);
/// After which what was begun before is done.
const REST: Duration = Duration::from_secs(2);

/// How often threads of `pid` went to sleep so far: of the embedded engine, and of all others.
fn naps(pid: u32) -> (u64, u64) {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).unwrap().filter_map(Result::ok);
    let status = tasks.filter_map(|task| fs::read_to_string(task.path().join("status")).ok());
    status.fold((0, 0), |(engine, ours), status| {
        let field = |name| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim();
        let count: u64 = field("voluntary_ctxt_switches:").parse().unwrap();
        if field("Name:").starts_with("sled-io-") { (engine + count, ours) } else { (engine, ours + count) }
    })
}

/// Wake-ups in [`IDLE`]: of the engine, and of us.
fn woken(pid: u32) -> (u64, u64) {
    sleep(REST);
    let before = naps(pid);
    sleep(IDLE);
    let after = naps(pid);
    // A pool that shrinks takes the naps of its threads with it.
    (after.0.saturating_sub(before.0), after.1.saturating_sub(before.1))
}

#[test]
fn an_idle_agent_is_never_woken_by_us() {
    let home = Home::new();
    let mut door = home.remote();
    status(&mut door);
    let pid = home.agent_pid();
    assert_eq!(woken(pid), (0, 0), "of an agent whose vault nobody has opened yet");
    unlock(&mut door, home.recovery());
    let (engine, ours) = woken(pid);
    say(&format!("unlocked agent, {IDLE:?} idle: {ours} wake-ups of ours, {engine} of sled"));
    assert_eq!(ours, 0);
    call(&mut door, Request::Lock).unwrap();
    let (engine, ours) = woken(pid);
    // The engine's pool of threads stays when its last store is closed.
    say(&format!("locked agent, {IDLE:?} idle: {ours} wake-ups of ours, {engine} of sled"));
    assert_eq!(ours, 0);
}

#[test]
fn idle_screens_of_an_agent_sleep_and_are_silent() {
    let home = Home::new();
    let place = home.path().to_str().unwrap();
    drop(home.unlocked());
    let environment = [&MODERN[..], &[("HOME", place)]].concat();
    let screens = Session::start(Path::new(PROGRAM), &[], (120, 40), &environment);
    screens.wait_for("Secrets Management");
    let pid = u32::try_from(screens.pid().as_raw_nonzero().get()).unwrap();
    sleep(REST);
    let bytes = screens.bytes().len();
    let (engine, ours) = woken(pid);
    let written = screens.bytes().len() - bytes;
    say(&format!("screens of an agent, {IDLE:?} idle: {} wake-ups, {written} bytes", engine + ours));
    assert_eq!((engine, ours, written), (0, 0, 0));
}
