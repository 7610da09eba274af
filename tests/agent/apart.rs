//! What is between an agent and whoever started it or asks it: nothing that was meant for the other.

use std::fs::{self, File};
use std::process::{Command, Stdio};

use rustix::fs::{FlockOperation, flock};

use crate::aloud::{skip, skip_for_want};
use crate::home::{Foreground, Home, PROGRAM, list, session};
use crate::wait_for;

#[test]
fn an_agent_keeps_nothing_open_that_was_handed_to_the_command_that_started_it() {
    let home = Home::new();
    let path = home.path().join("theirs");
    let lock = File::create(&path).unwrap();
    flock(&lock, FlockOperation::NonBlockingLockExclusive).unwrap();
    // The passphrase is read after the agent was started: it stays open for the command itself.
    let script = "exec 7<&0 8<pass 0</dev/null; exec \"$0\" unlock --passphrase-fd 8";
    let mut command = Command::new("sh");
    command.args(["-c", script, PROGRAM]).env_clear().env("HOME", home.path()).current_dir(home.path());
    let unlocked = command.stdin(lock).output().unwrap();
    assert!(unlocked.status.success(), "{unlocked:?}");
    drop(command);
    flock(File::open(&path).unwrap(), FlockOperation::NonBlockingLockExclusive).expect("the agent has the lock");
    assert!(session(&mut home.remote()).is_some());
    let open = fs::read_dir(format!("/proc/{}/fd", home.agent_pid())).unwrap().filter_map(Result::ok);
    let open: Vec<_> = open.filter_map(|entry| fs::read_link(entry.path()).ok()).collect();
    assert!(!open.is_empty() && !open.iter().any(|file| file.ends_with("pass") || *file == path), "{open:?}");
}

/// `program` with process numbers of its own; `None`, said aloud, where that cannot be done.
fn in_another_namespace(test: &str, home: &Home, arguments: &[&str]) -> Option<Command> {
    let unshare = |program: &str| {
        let mut command = Command::new("unshare");
        command.args(["--pid", "--fork", "--mount-proc", "--kill-child", program]);
        command
    };
    match unshare("true").output() {
        Err(_) => skip_for_want(test, "unshare is not installed"),
        Ok(output) if !output.status.success() => skip(test, "only root may do that, where it is allowed"),
        Ok(_) => {
            let mut command = unshare(PROGRAM);
            command.args(arguments).env("HOME", home.path()).env_remove("XDG_RUNTIME_DIR").current_dir(home.path());
            command.env_remove("XDG_DATA_HOME").env_remove("XDG_STATE_HOME");
            return Some(command);
        }
    }
    None
}

#[test]
fn a_client_that_cannot_see_the_agent_s_process_is_served() {
    let home = Home::new();
    let _door = home.unlocked();
    let Some(mut status) = in_another_namespace("a client in a namespace", &home, &["status"]) else { return };
    let status = status.output().unwrap();
    assert!(status.status.success() && status.stdout.starts_with(b"Unlocked by Ada"), "{status:?}");
}

#[test]
fn an_agent_that_cannot_see_its_clients_processes_serves_them() {
    let home = Home::new();
    let Some(mut agent) = in_another_namespace("an agent in a namespace", &home, &["agent"]) else { return };
    let _agent = Foreground(agent.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    wait_for("its socket", || home.socket().exists().then_some(()));
    let mut door = home.unlocked();
    assert!(list(&mut door).is_empty());
    let told = String::from_utf8(home.run(&["status"]).stdout).unwrap();
    assert!(told.contains("  process -"), "{told}");
    let told = String::from_utf8(home.run(&["status", "--json"]).stdout).unwrap();
    assert!(told.contains("\"pid\": null") || told.contains("\"pid\":null"), "{told}");
}
