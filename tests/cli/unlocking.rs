//! Every way to give the passphrase without a terminal, and what each refuses.

use std::fs;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Output};

use crate::env::{Env, PASSPHRASE};
use crate::pty::home::Home;

/// Runs the shell's `line`, in which `$S` is the program.
fn shell(env: &Env, line: &str) -> Output {
    of_shell(env, line).output().unwrap()
}

fn of_shell(env: &Env, line: &str) -> Command {
    // An agent would keep the vault open, and the next one would need nothing to open it.
    let program = format!("{} --no-agent", assert_cmd::cargo::cargo_bin!("strongroom").display());
    let mut shell = Command::new("bash");
    shell.args(["-c", line]).env_clear().env("HOME", env.path("")).env("PATH", "/usr/bin:/bin").env("S", program);
    shell.current_dir(env.path(""));
    shell
}

#[track_caller]
fn ends(output: &Output, code: i32, says: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(code) && stderr.contains(says), "{:?}: {stderr}", output.status);
    assert!(!stderr.contains("horse"), "a passphrase is nobody's business: {stderr}");
}

#[test]
fn a_descriptor_gives_its_first_line() {
    let (env, _) = Env::with_vault();
    for line in [
        "$S list --passphrase-fd 3 3< pass",
        "$S list --passphrase-fd 9 9< <(cat pass; echo more)",
        "$S list --passphrase-fd 0 < pass",
        "cat pass | $S list --passphrase-fd 0",
        "printf %s \"$(cat pass)\" | $S list --passphrase-fd 3 3<&0 0</dev/null",
        // The other end of a named pipe has come and gone.
        "mkfifo p; exec 4<>p; cat pass >&4; exec 5<p 4>&-; timeout 20 $S list --passphrase-fd 5",
        // What is left of the pipe is for others.
        "(cat pass; echo left) | ($S list --passphrase-fd 3 3<&0 0</dev/null && read rest && [ \"$rest\" = left ])",
    ] {
        ends(&shell(&env, line), 0, "");
    }
}

#[test]
fn a_descriptor_that_cannot_be_read_is_refused() {
    let (env, _) = Env::with_vault();
    for (line, code, says) in [
        ("$S list --passphrase-fd 3 3<&-", 2, "file descriptor 3: nothing to be read is open there"),
        ("$S list --passphrase-fd 4000000000", 2, "nothing to be read is open there"),
        ("$S list --passphrase-fd 3 3> out", 2, "nothing to be read is open there"),
        ("$S list --passphrase-fd 1", 2, "output goes there"),
        ("$S list --passphrase-fd 2", 2, "output goes there"),
        ("$S list --passphrase-fd three", 2, "--passphrase-fd"),
        ("$S list --passphrase-fd 3 3< /dev/null", 11, "file descriptor 3: its first line is empty"),
        ("$S list --passphrase-fd 3 3< .", 1, "file descriptor 3: "),
        ("head -c 5000 /dev/zero | $S list --passphrase-fd 0", 1, "longer than 1024 bytes"),
        ("$S list --passphrase-fd 3 3< <(echo wrong)", 11, "does not open this vault"),
    ] {
        ends(&shell(&env, line), code, says);
    }
    // A socket is no file with a name; as standard input it is read as it is.
    for (line, code) in [("$S list --passphrase-fd 3 3<&0", 1), ("$S list --passphrase-fd 0", 0)] {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        writeln!(ours, "{PASSPHRASE}").unwrap();
        let output = of_shell(&env, line).stdin(OwnedFd::from(theirs)).output().unwrap();
        ends(&output, code, if code == 0 { "" } else { "file descriptor 3: a socket cannot be read here" });
    }
    let home = Home::with_vault();
    let mut session = home.start(&["list", "--passphrase-fd", "0"], (80, 24), &[]);
    assert_eq!(session.wait_exit().exit_code(), 2);
    session.wait_for("a terminal would show what is typed");
}

#[test]
fn a_command_gives_its_first_line() {
    let (env, _) = Env::with_vault();
    for line in [
        "$S list --passphrase-command 'cat pass'",
        "$S list --passphrase-command 'cat pass; head -c 1000000 /dev/zero'",
        // It has our input.
        "$S list --passphrase-command cat < pass",
        "$S list --passphrase-command 'echo Unlocking >&2; cat pass'",
    ] {
        ends(&shell(&env, line), 0, "");
    }
}

#[test]
fn a_command_that_fails_is_told_by_its_exit_code_alone() {
    let (env, _) = Env::with_vault();
    for (line, code, says) in [
        (
            "$S list --passphrase-command 'cat pass; exit 7'",
            1,
            "it ended with exit code 7; what it printed is not used",
        ),
        ("$S list --passphrase-command 'cat pass; kill -9 $$'", 1, "it was ended by signal 9"),
        (
            "$S list --passphrase-command no-such-program 2>&1 >/dev/null | tail -n 1 >&2; exit ${PIPESTATUS[0]}",
            1,
            "exit code 127",
        ),
        ("$S list --passphrase-command true", 11, "--passphrase-command: its first line is empty"),
        ("$S list --passphrase-command 'head -c 5000 /dev/zero'", 1, "longer than 1024 bytes"),
        ("$S list --passphrase-command 'echo wrong'", 11, "does not open this vault"),
    ] {
        ends(&shell(&env, line), code, says);
    }
}

#[test]
fn a_command_may_ask_at_the_terminal() {
    let home = Home::with_vault();
    let command = "printf 'Card PIN: ' > /dev/tty; read -r pin < /dev/tty; [ \"$pin\" = 1234 ] && cat pass";
    let path = [("PATH", "/usr/bin:/bin")];
    let mut session = home.start(&["list", "--passphrase-command", command], (80, 24), &path);
    session.wait_for("Card PIN: ");
    session.send("1234\r");
    assert_eq!(session.wait_exit().exit_code(), 0, "{}", session.screen());
}

#[test]
fn only_one_way_is_taken() {
    let (env, _) = Env::with_vault();
    let ways = ["--passphrase-file", "--passphrase-fd", "--passphrase-command", "--key-file"];
    for (at, one) in ways.iter().enumerate() {
        for other in &ways[at + 1..] {
            env.fails(&["list", one, "3", other, "3"], 2, "cannot be used with");
        }
        env.fails(&["restore", "b", one, "3", "--recovery-key-file", "k"], 2, "cannot be used with");
    }
    env.fails(&["list", "--passphrase", PASSPHRASE], 2, "--passphrase");
}

#[test]
fn without_an_option_the_surroundings_are_asked_in_their_order() {
    let (env, _) = Env::with_vault();
    env.stdout(&["slot", "add", "--key-file", "key", "--passphrase-file", "pass"]);
    for (folder, file) in [("with-words", "pass"), ("with-key", "key")] {
        fs::create_dir(env.path(folder)).unwrap();
        fs::copy(env.path(file), env.path(folder).join("strongroom")).unwrap();
    }
    env.write("wrong", "not the passphrase\n");
    fs::create_dir(env.path("without")).unwrap();
    let run = |variables: &str, args: &str| shell(&env, &format!("{variables} $S {args} < /dev/null"));
    let words = "CREDENTIALS_DIRECTORY=$PWD/with-words";
    let key = "CREDENTIALS_DIRECTORY=$PWD/with-key";
    ends(&run("STRONGROOM_PASSPHRASE_FILE=pass", "list"), 0, "");
    ends(&run(words, "list"), 0, "");
    ends(&run(key, "list"), 0, "");
    ends(&run(key, "doctor"), 0, "");
    ends(&run(&format!("{words} STRONGROOM_PASSPHRASE_FILE=wrong"), "list"), 11, "that passphrase does not open");
    ends(&run("STRONGROOM_PASSPHRASE_FILE=wrong", "list --passphrase-file pass"), 0, "");
    ends(&run("STRONGROOM_PASSPHRASE_FILE=wrong", "list --key-file key"), 0, "");
    ends(&run("STRONGROOM_PASSPHRASE_FILE=missing", "list"), 10, "missing: there is no such file");
    // Empty is as good as unset; so is a directory without ours.
    ends(&run(&format!("STRONGROOM_PASSPHRASE_FILE= {words}"), "list"), 0, "");
    ends(
        &run("CREDENTIALS_DIRECTORY=$PWD/without", "list"),
        12,
        "the vault is locked, and there is no terminal to ask at. Unlock it with strongroom unlock",
    );
    ends(&run(key, "slot add --key-file another"), 11, "the systemd credential is a machine key");
    ends(&run(words, "slot add --key-file another"), 0, "Made the machine key");
}

#[test]
fn a_new_passphrase_is_not_taken_from_where_the_old_one_is() {
    let (env, _) = Env::with_vault();
    let changed = shell(&env, "STRONGROOM_PASSPHRASE_FILE=pass $S passphrase < /dev/null");
    ends(&changed, 2, "--new-passphrase-file F");
    ends(&shell(&env, "STRONGROOM_PASSPHRASE_FILE=pass $S list"), 0, "");
}

#[test]
fn a_vault_can_be_made_and_restored_without_a_terminal() {
    let env = Env::new();
    ends(&shell(&env, "$S init --organization o --name n --passphrase-command 'cat pass' > key"), 0, "");
    ends(&shell(&env, "$S backup safe --passphrase-fd 3 3< pass"), 0, "");
    ends(&shell(&env, "STRONGROOM_PASSPHRASE_FILE=pass $S restore safe --vault other"), 0, "");
    ends(&shell(&env, "$S restore safe --vault third --passphrase-command 'cat pass'"), 0, "");
    ends(&shell(&env, "STRONGROOM_PASSPHRASE_FILE=pass $S init --organization o --name n --vault fourth > key"), 0, "");
}

#[test]
fn what_is_named_has_to_be_right_also_when_the_vault_is_open() {
    let (env, _) = Env::with_vault();
    env.write("wrong", "not the passphrase\n");
    env.through_agent(&["unlock", "--passphrase-file", "pass"]).assert().success();
    for command in ["unlock", "list"] {
        env.through_agent(&[command, "--passphrase-file", "wrong"]).assert().code(11);
        env.through_agent(&[command, "--passphrase-file", "pass"]).assert().success();
    }
    // And a wrong one keeps nobody out.
    env.through_agent(&["list"]).assert().success();
}
