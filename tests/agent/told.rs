//! `strongroom status`: what it tells of the vault and of who is connected.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use strongroom::host::{Clock, SystemClock};

use crate::home::{Home, PROGRAM};
use crate::pty::Session;
use crate::pty::home::MODERN;

/// After so many seconds without a request an agent locks the vault, unless it is told otherwise.
const LOCKS_AFTER: i64 = 900;
/// Seconds between two looks at the clock, on a busy machine.
const APART: i64 = 30;

fn status(home: &Home) -> Value {
    let output = home.run(&["status", "--json"]);
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Seconds of Unix time.
fn time(told: &Value) -> i64 {
    chrono::DateTime::parse_from_rfc3339(told.as_str().unwrap()).unwrap().timestamp()
}

fn is_about(seconds: i64, expected: i64) -> bool {
    (seconds - expected).abs() <= APART
}

fn said(command: &str, arguments: &[&str]) -> String {
    String::from_utf8(Command::new(command).args(arguments).output().unwrap().stdout).unwrap().trim().to_owned()
}

#[test]
fn status_tells_when_the_vault_is_locked_and_who_is_connected() {
    let home = Home::new();
    drop(home.unlocked());
    let place = home.path().to_str().unwrap();
    let environment = [&MODERN[..], &[("HOME", place)]].concat();
    let screens = Session::start(Path::new(PROGRAM), &[], (80, 24), &environment);
    screens.wait_for("Secrets Management");
    let (now, told) = (SystemClock.now(), status(&home));
    assert_eq!((&told["status"], &told["organization"]), (&"unlocked".into(), &"acme".into()));
    let left = told["locks_in_seconds"].as_i64().unwrap();
    assert!(left <= LOCKS_AFTER && is_about(left, LOCKS_AFTER), "{told}");
    assert!(is_about(time(&told["locks_at"]), now + left), "{told}");
    let clients = told["clients"].as_array().unwrap();
    let pid = screens.pid().as_raw_nonzero().get();
    assert!(!clients.is_empty() && clients.iter().all(|client| client["pid"] == pid), "{told}");
    let terminal = said("readlink", &[&format!("/proc/{pid}/fd/0")]);
    for client in clients {
        assert_eq!(client["tty"].as_str().unwrap(), terminal.strip_prefix("/dev/").unwrap());
        assert_eq!(client["user"].as_str().unwrap(), said("id", &["-un"]));
        assert!(is_about(time(&client["since"]), now), "{told}");
    }
    let text = String::from_utf8(home.run(&["status"]).stdout).unwrap();
    assert!(text.contains("locked in 1") && text.contains(&format!("process {pid}")), "{text}");
}

#[test]
fn status_of_a_locked_vault_tells_of_no_time_and_of_nobody() {
    let home = Home::new();
    drop(home.unlocked());
    assert!(home.run(&["lock"]).status.success());
    let told = status(&home);
    assert_eq!(told["status"], "locked");
    for of in ["organization", "member", "role", "read_only", "locks_in_seconds", "locks_at"] {
        assert_eq!(told[of], Value::Null, "{of}");
    }
    assert_eq!(told["clients"], Value::Array(Vec::new()));
}
