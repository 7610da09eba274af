//! Nothing to do is nothing done: wake-ups of the agent, and wake-ups, processor time and system calls of the screens that
//! are connected to it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use strongroom::service::Request;

use crate::aloud::{say, skip, skip_for_want};
use crate::home::{Home, PROGRAM, call, status, unlock};
use crate::pty::Session;
use crate::pty::home::MODERN;
use crate::wait_for;

/// How long nobody does anything.
const IDLE: Duration = Duration::from_secs(10);
/// After which what was begun before is done.
const REST: Duration = Duration::from_secs(2);
/// Clock ticks that are as good as none: a thread that spins takes a thousand in [`IDLE`].
const NO_TICKS: u64 = 2;

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

/// Processor time of `pid` so far, user and system, in clock ticks (10 ms on Linux). A thread that spins never sleeps: its
/// naps do not tell of it.
fn ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, after_name) = stat.rsplit_once(')').unwrap();
    after_name.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum()
}

/// Wake-ups in [`IDLE`], of the engine and of us; in all that time no thread may have been at work.
#[track_caller]
fn woken(pid: u32) -> (u64, u64) {
    sleep(REST);
    let before = (naps(pid), ticks(pid));
    sleep(IDLE);
    let after = (naps(pid), ticks(pid));
    let worked = after.1 - before.1;
    assert!(worked <= NO_TICKS, "{worked} clock ticks in {IDLE:?} of nothing to do");
    // A pool that shrinks takes the naps of its threads with it.
    (after.0.0.saturating_sub(before.0.0), after.0.1.saturating_sub(before.0.1))
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

/// The screens of an agent whose vault is open, at rest; their process.
fn screens_at_rest(home: &Home) -> (Session, u32) {
    let place = home.path().to_str().unwrap();
    drop(home.unlocked());
    let environment = [&MODERN[..], &[("HOME", place)]].concat();
    let screens = Session::start(Path::new(PROGRAM), &[], (120, 40), &environment);
    screens.wait_for("Secrets Management");
    let pid = u32::try_from(screens.pid().as_raw_nonzero().get()).unwrap();
    sleep(REST);
    (screens, pid)
}

#[test]
fn idle_screens_of_an_agent_sleep_and_are_silent() {
    let home = Home::new();
    let (screens, pid) = screens_at_rest(&home);
    let bytes = screens.bytes().len();
    let (engine, ours) = woken(pid);
    let written = screens.bytes().len() - bytes;
    say(&format!("screens of an agent, {IDLE:?} idle: {} wake-ups, {written} bytes", engine + ours));
    assert_eq!((engine, ours, written), (0, 0, 0));
}

/// The lines of the table that strace(1) makes of the system calls of all threads of `pid` in so many `seconds`, in which
/// `meanwhile` is done; `None`, said aloud, without one that may look.
fn system_calls(test: &str, pid: u32, seconds: u64, meanwhile: impl FnOnce()) -> Option<Vec<String>> {
    if Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_err() {
        skip_for_want(test, "strace is not installed");
        return None;
    }
    // It is asked to stop: then it lets go, and tells what it counted.
    let mut command = Command::new("timeout");
    command.args(["--signal=INT", &seconds.to_string(), "strace", "-f", "-c", "-p", &pid.to_string()]);
    let mut strace = command.stderr(Stdio::piped()).spawn().unwrap();
    let is_traced = || !fs::read_to_string(format!("/proc/{pid}/status")).unwrap().contains("TracerPid:\t0\n");
    let traced = wait_for("strace", || match strace.try_wait().unwrap() {
        None => is_traced().then_some(true),
        Some(_) => Some(false),
    });
    meanwhile();
    let told = String::from_utf8(strace.wait_with_output().unwrap().stderr).unwrap();
    if !traced {
        skip(test, &format!("strace may not look: {told}"));
        return None;
    }
    // It says nothing else of a process that asks for nothing.
    Some(told.lines().filter(|line| !line.starts_with("strace: Process ")).map(str::to_owned).collect())
}

#[test]
fn idle_screens_of_an_agent_ask_the_system_for_nothing() {
    let test = "system calls of idle screens";
    let home = Home::new();
    let (mut screens, pid) = screens_at_rest(&home);
    let bytes = screens.bytes().len();
    let Some(calls) = system_calls(test, pid, IDLE.as_secs(), || {}) else { return };
    say(&format!("screens of an agent, {IDLE:?} idle: {} lines of system calls", calls.len()));
    assert!(calls.is_empty(), "{calls:#?}");
    assert_eq!(screens.bytes().len(), bytes);
    let calls = system_calls(test, pid, 2, || screens.send("?")).unwrap();
    assert!(calls.iter().any(|line| line.ends_with(" read")), "a key is seen: {calls:#?}");
    assert!(screens.bytes().len() > bytes);
}
