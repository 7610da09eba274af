//! A panic of a command says where the bug is, and nothing of what it was about.

use std::path::Path;
use std::process::Command;

use crate::aloud::skip_for_want;
use crate::pty::home::{Home, PROGRAM};

#[test]
fn a_panic_of_a_command_keeps_its_text_to_itself() {
    let home = Home::with_vault();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pty/stopped_clock.c");
    let library = home.path().join("stopped_clock.so");
    let built = Command::new("cc").args(["-O1", "-shared", "-fPIC", "-o"]).arg(&library).arg(source).status();
    if !built.is_ok_and(|status| status.success()) {
        return skip_for_want("a_panic_of_a_command", "there is no C compiler");
    }
    let stop = home.write("stop", "");
    let mut command = Command::new(PROGRAM);
    command.args(["--no-agent", "list", "--passphrase-file", "pass"]).current_dir(home.path());
    command.env_clear().env("HOME", home.path()).env("LD_PRELOAD", &library).env("CLOCK_STOPPED", &stop);
    let ended = command.output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(101), "{said}");
    assert!(said.contains("strongroom stopped because of a bug at "), "{said}");
    // What the standard library panics with, and what it would add.
    assert!(!said.contains("InvalidInput") && !said.contains("unwrap") && !said.contains("panicked"), "{said}");
}
