//! The recovery key: printed once, or an error that says how to have one; and a new one in the place of the old.

use std::fs::OpenOptions;
use std::process::{Command, Output, Stdio};

use crate::env::{Env, INIT};

const NEW_KEY: [&str; 3] = ["recovery-key", "--passphrase-file", "pass"];

/// Runs `args` with `stdout` in the place of a pipe that is read.
fn run(env: &Env, args: &[&str], stdout: Stdio) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("strongroom"));
    command.arg("--no-agent").args(args).env_clear().env("HOME", env.path("")).current_dir(env.path("")).stdout(stdout);
    command.stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap()
}

fn says(output: &Output, code: i32, words: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(code) && stderr.contains(words), "{:?}: {stderr}", output.status);
}

/// Whether `key` opens the backup in `env`.
fn opens(env: &Env, key: &str) -> bool {
    env.write("key", key);
    let vault = env.path("tried");
    let restored = env.run(&["restore", "safe", "--vault", "tried", "--recovery-key-file", "key"]).output().unwrap();
    // It must not be there the next time.
    let _ = std::fs::remove_dir_all(vault);
    assert!(restored.status.success() || restored.status.code() == Some(11), "{restored:?}");
    restored.status.success()
}

#[test]
fn a_new_recovery_key_opens_and_the_old_one_does_not() {
    let (env, old) = Env::with_vault();
    env.register("kept", "value-1");
    let new = env.stdout(&NEW_KEY);
    assert_eq!((new.trim().split('-').count(), new.lines().count()), (14, 1), "the key alone: {new}");
    env.stdout(&["backup", "safe", "--passphrase-file", "pass"]);
    assert!(opens(&env, &new) && !opens(&env, &old));
    assert!(env.stdout(&["list", "--passphrase-file", "pass"]).contains("kept"));
}

#[test]
fn a_recovery_key_that_is_not_printed_is_an_error_and_a_new_one_can_be_had() {
    let env = Env::new();
    let full = || OpenOptions::new().write(true).open("/dev/full").unwrap().into();
    says(&run(&env, &INIT, full()), 1, "Make a new one with strongroom recovery-key");
    says(&run(&env, &NEW_KEY, full()), 1, "nobody has it now");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    says(&run(&env, &NEW_KEY, writer.into()), 1, "Make a new one with strongroom recovery-key");
    let key = env.stdout(&NEW_KEY);
    env.stdout(&["backup", "safe", "--passphrase-file", "pass"]);
    assert!(opens(&env, &key));
}

#[test]
fn nothing_is_made_when_nobody_could_read_the_recovery_key() {
    let env = Env::new();
    let program = assert_cmd::cargo::cargo_bin!("strongroom").to_str().unwrap();
    let mut closed = Command::new("sh");
    closed.args(["-c", "exec \"$0\" \"$@\" >&-", program]).args(INIT);
    let closed = closed.env_clear().env("HOME", env.path("")).current_dir(env.path("")).output().unwrap();
    for output in [run(&env, &INIT, Stdio::null()), closed] {
        says(&output, 2, "Send it to a terminal or a file");
    }
    assert!(!env.place().vault.exists());
}
