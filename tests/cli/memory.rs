//! A system that lets nothing be locked gets no refusal, and a word about it.

use std::process::Command;

use rustix::process::geteuid;

use crate::aloud::skip_for_want;
use crate::pty::home::{Home, PROGRAM};

const WARNING: &str = "warning  memory: keys may get into the swap";

/// The doctor, under a shell that is told `limit` first.
fn doctor(home: &Home, limit: &str) -> Option<String> {
    let script = format!("{limit} && exec {PROGRAM} --no-agent doctor --passphrase-file pass");
    // Root may lock what it wants, whatever the limit.
    let mut command = if geteuid().is_root() { Command::new("setpriv") } else { Command::new("env") };
    if geteuid().is_root() {
        command.args(["--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock"]);
    }
    command.args(["sh", "-c", &script]).env("HOME", home.path()).current_dir(home.path());
    let ended = command.output().ok()?;
    assert!(ended.status.success(), "{ended:?}");
    Some(String::from_utf8_lossy(&ended.stdout).into_owned())
}

#[test]
fn without_locked_pages_the_vault_opens_and_the_doctor_says_so() {
    let home = Home::with_vault();
    let Some(report) = doctor(&home, "ulimit -l 0") else {
        return skip_for_want("without_locked_pages", "setpriv of util-linux is not installed");
    };
    assert!(report.contains(WARNING) && report.contains("ulimit -l 64"), "{report}");
    let report = doctor(&home, "ulimit -l 64").unwrap();
    assert!(report.contains("ok       memory: keys are locked in RAM"), "{report}");
}
