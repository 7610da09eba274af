//! Nobody is told that the vault is locked while somebody has it open.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use strongroom::host::lock::VaultLock;
use strongroom::service::{Door, DoorError, Remote, Request, Starter};

use crate::aloud::skip;
use crate::home::{Foreground, Home, PROGRAM, call, directory, list, session, unlock};
use crate::wait_for;

/// `output` is that the vault is in use, and `why`.
#[track_caller]
fn refused(output: &Output, why: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(12) && stderr.contains(why), "{output:?}");
    assert!(output.stdout.is_empty() && !stderr.contains("Locked"), "{output:?}");
}

#[test]
fn an_agent_whose_socket_is_gone_has_the_vault_all_the_same() {
    let home = Home::new();
    let mut door = home.unlocked();
    fs::remove_file(home.socket()).unwrap();
    let why = format!("an agent, process {}", home.agent_pid());
    for command in ["lock", "status"] {
        refused(&home.run(&[command]), &why);
        refused(&home.run(&["--no-agent", command]), "leave --no-agent away");
    }
    refused(&home.run(&["list", "--passphrase-file", "pass"]), "in use by process");
    assert!(list(&mut door).is_empty(), "it serves whoever is connected");
}

#[test]
fn a_process_without_an_agent_is_named() {
    let home = Home::new();
    let mut door = home.alone();
    unlock(&mut door, home.recovery());
    let why = format!("in use by process {}", std::process::id());
    for command in ["lock", "status"] {
        refused(&home.run(&[command]), "without an agent");
        refused(&home.run(&["--no-agent", command]), &why);
    }
    drop(door);
    for command in ["lock", "status"] {
        let output = home.run(&[command]);
        assert!(output.status.success(), "{output:?}");
    }
}

/// An agent of the same vault and the same runtime directory, but with a state directory of its own.
fn second_agent(home: &Home, runtime: &Path, state: &Path) -> std::process::Command {
    let mut command = home.command(&["agent"]);
    command.env("XDG_RUNTIME_DIR", runtime).env("XDG_STATE_HOME", state);
    command
}

#[test]
fn a_second_agent_takes_no_socket_from_the_first() {
    let (home, runtime, state) = (Home::new(), directory(), directory());
    home.write_starter(&[("XDG_RUNTIME_DIR", runtime.path())]);
    let place = home.place_with(Some(runtime.path()));
    let mut door = Remote::new(place.clone(), home.starter());
    unlock(&mut door, home.recovery());
    let second = second_agent(&home, runtime.path(), state.path()).output().unwrap();
    refused(&second, &format!("process {} is the agent", home.agent_pid()));
    let mut command = home.command(&["lock"]);
    let locked = command.env("XDG_RUNTIME_DIR", runtime.path()).env("XDG_STATE_HOME", state.path()).output().unwrap();
    assert!(locked.status.success(), "{locked:?}");
    assert!(session(&mut door).is_none(), "it reached the one agent");
}

/// Two in turn, as after a kill: what the first leaves behind is the second's, and its end takes that with it.
#[test]
fn the_next_agent_takes_over_what_a_killed_one_left() {
    let (home, runtime, state) = (Home::new(), directory(), directory());
    let socket = runtime.path().join("strongroom").join(home.place().socket_name());
    for _ in 0..2 {
        let mut agent = Foreground(second_agent(&home, runtime.path(), state.path()).spawn().unwrap());
        let half_made = socket.with_file_name(format!(".{}.999999999", home.place().socket_name()));
        wait_for("its socket", || std::os::unix::net::UnixStream::connect(&socket).ok());
        assert!(!half_made.exists());
        drop(std::os::unix::net::UnixListener::bind(half_made).unwrap());
        agent.0.kill().unwrap();
        agent.0.wait().unwrap();
    }
    assert!(socket.exists());
}

#[test]
fn an_ending_agent_is_waited_for() {
    let home = Home::new();
    for _ in 0..5 {
        let mut door = home.unlocked();
        assert!(door.listen().unwrap().is_some());
        let pid = rustix::process::Pid::from_raw(i32::try_from(home.agent_pid()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        // Until it takes note of the signal it may answer; from then on it is waited for, and that is no error.
        wait_for("the vault to be locked", || {
            let status = home.run(&["status"]);
            assert!(status.status.success(), "{status:?}");
            status.stdout.starts_with(b"Locked.").then_some(())
        });
    }
}

#[test]
fn nobody_starts_agents_in_vain() {
    let home = Home::new();
    drop(home.agent(&[]));
    // One that is just coming, for ever.
    let _lock = VaultLock::acquire(&home.place().lock_beside(&home.place().lock_dir()), 0).unwrap();
    let starts = home.path().join("starts");
    let script = home.path().join("counting");
    fs::write(&script, format!("#!/bin/sh\necho >> '{}'\nexec '{PROGRAM}' \"$@\"\n", starts.display())).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();
    let mut door = Remote::new(home.place(), Starter::of(script));
    let answer = call(&mut door, Request::List);
    assert!(matches!(answer, Err(DoorError::Held(_))), "{answer:?}");
    assert!(!starts.exists());
}

#[test]
fn a_log_of_somebody_else_is_not_written() {
    if !rustix::process::geteuid().is_root() {
        return skip("a log of somebody else", "only root may give a file away");
    }
    let home = Home::new();
    let log = home.path().join("log");
    fs::write(&log, "").unwrap();
    std::os::unix::fs::chown(&log, Some(65534), None).unwrap();
    let agent = home.run(&["agent", "--log", log.to_str().unwrap()]);
    assert!(!agent.status.success() && String::from_utf8_lossy(&agent.stderr).contains("65534"), "{agent:?}");
    assert_eq!(fs::read(&log).unwrap(), b"");
}
