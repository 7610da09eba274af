//! What the program ends with when it does not do it, and what it says then: what failed, why, what to do next.

use std::fs;

use strongroom::cli::Exit;
use strongroom::host::lock::VaultLock;

use crate::env::{Env, INIT, WAYS, Way};
use crate::pty::home::Home;

const LIST: [&str; 3] = ["list", "--passphrase-file", "pass"];

/// Another vault, that is not there.
const ELSEWHERE: [&str; 2] = ["--vault", "elsewhere"];

fn with<'a>(command: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [command, more].concat()
}

/// A vault with what the table below needs.
fn prepared(way: Way) -> Env {
    let env = Env::ready(way);
    env.write("wrong", "not the passphrase\n");
    for name in ["on", "off"] {
        env.prints(way, &["register", "api-key", name, "--header-name", "X", "--generate"]);
    }
    env.prints(way, &["deactivate", "off"]);
    env.prints(way, &["register", "api-key", "hidden", "--header-name", "X", "--generate", "--write-only"]);
    env
}

/// The program on its `way` with no more than these arguments: it ends with `code`, and says why.
#[track_caller]
fn ends(env: &Env, way: Way, arguments: &[&str], code: i32, says: &str) {
    let mut command = if way == Way::Alone { env.run(arguments) } else { env.through_agent(arguments) };
    let output = command.assert().code(code).get_output().clone();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains(says), "{way:?} {arguments:?}: {says:?} is not in: {stderr}");
}

#[test]
fn every_exit_code_that_a_command_can_end_with() {
    for way in WAYS {
        let env = prepared(way);
        env.prints(way, &["list"]);
        for (arguments, code, says) in [
            (&["deactivate", "off"][..], 1, "it is inactive already"),
            (&["list", "--nonsense"], 2, "--nonsense"),
            (&["get", "nothing"], 10, "See strongroom list."),
            (&["get", "off"], 13, "strongroom reactivate"),
            (&["rename", "on", "off"], 14, "Choose another name."),
            (&["get", "hidden"], 15, "write-only"),
        ] {
            env.refuses(way, arguments, code, says);
        }
        ends(&env, way, &with(&LIST, &ELSEWHERE), 10, "strongroom init");
        ends(&env, way, &INIT, 14, "there is a vault here already");
        ends(&env, way, &["list", "--passphrase-file", "wrong"], 11, "does not open this vault");
        let log = env.place().vault.join("audit-1");
        let mut bytes = fs::read(&log).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&log, &bytes).unwrap();
        let opens = if way == Way::Alone { &["--passphrase-file", "pass"][..] } else { &[] };
        ends(&env, way, &with(&["audit", "verify"], opens), 16, "is not as it was written");
        if way == Way::Agent {
            env.through_agent(&["lock"]).assert().success();
        }
        ends(&env, way, &["get", "on"], 12, "there is no terminal to ask at");
    }
}

#[test]
fn whoever_asks_is_told_when_nobody_can_open_the_vault() {
    let (env, _) = Env::with_vault();
    env.write("short", "short\n");
    let init_short = ["init", "--organization", "o", "--name", "n", "--passphrase-file", "short"];
    env.fails(&with(&init_short, &ELSEWHERE), 1, "Use at least 8 characters");
    let held = VaultLock::acquire(&env.place().vault.join("vault.lock"), 1_795_442_700).unwrap();
    for way in WAYS {
        ends(&env, way, &LIST, 12, "Close it there, then try again");
    }
    drop(held);
    fs::write(env.place().vault.join("vault.header"), "torn").unwrap();
    for way in WAYS {
        ends(&env, way, &LIST, 16, "strongroom doctor");
    }
}

#[test]
fn ctrl_c_at_a_question_ends_with_a_code_of_its_own() {
    let home = Home::with_vault();
    for arguments in [&["--no-agent", "list"][..], &["list"]] {
        let mut session = home.start(arguments, (80, 24), &[]);
        session.wait_for("Passphrase:");
        session.send("\x03");
        assert_eq!(session.wait_exit().exit_code(), 3);
    }
}

#[test]
fn the_readme_lists_the_exit_codes() {
    let all = [
        Exit::Ok,
        Exit::Failure,
        Exit::Usage,
        Exit::Aborted,
        Exit::NotFound,
        Exit::WrongKey,
        Exit::Locked,
        Exit::Unavailable,
        Exit::Conflict,
        Exit::NotPermitted,
        Exit::Damaged,
    ];
    let codes: Vec<String> = all.iter().map(|exit| exit.code().to_string()).collect();
    assert_eq!(codes, ["0", "1", "2", "3", "10", "11", "12", "13", "14", "15", "16"]);
    assert_eq!(Exit::Signal(15).code(), 143);
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let list = readme.split("Exit codes: ").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap();
    let listed: Vec<&str> = list.split(" · ").filter_map(|entry| entry.split_whitespace().next()).collect();
    assert_eq!(listed, [codes.iter().map(String::as_str).collect(), vec!["128"]].concat());
}

#[test]
fn files_that_are_missing_or_wrong_are_named_once_with_a_way_out() {
    let (env, _) = Env::with_vault();
    let missing = "there is no such file or directory. Check the path.";
    env.fails(&["list", "--passphrase-file", "missing"], 10, &format!("strongroom: missing: {missing}"));
    let no_file = "strongroom: missing: there is no such file or directory. Check the path.";
    env.fails(&["restore", "missing", "--yes", "--passphrase-file", "pass"], 10, no_file);
    env.write("taken", "");
    let taken = "strongroom: taken: there is a file already. Choose another name, or move it away first.";
    env.fails(&["backup", "taken", "--passphrase-file", "pass"], 14, taken);
    env.fails(&["backup", "no/dir", "--passphrase-file", "pass"], 10, &format!("strongroom: no/dir: {missing}"));
    let no_backup = "strongroom: pass: not a strongroom backup. Name a file that strongroom backup has written.";
    env.fails(&["restore", "pass", "--yes", "--passphrase-file", "pass"], 1, no_backup);
}

#[test]
fn a_directory_that_others_may_enter_is_named_once() {
    use std::os::unix::fs::PermissionsExt;
    let env = Env::new();
    let open = env.path("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
    let says = "strongroom: open: open to other users (mode 755, must be 700). Check the path and who may use it";
    env.fails(&with(&INIT, &["--vault", "open"]), 1, says);
}

#[test]
fn a_passphrase_file_is_looked_at_aloud() {
    let (env, _) = Env::with_vault();
    env.write("empty", "\nsecond line\n");
    env.fails(&["list", "--passphrase-file", "empty"], 11, "empty: its first line is empty. Write the secret into it.");
    env.write("long", &"x".repeat(5000));
    env.fails(&["list", "--passphrase-file", "long"], 1, "long: its first line is longer than 1024 bytes");
    let input = env.run(&["list", "--passphrase-file", "-"]).write_stdin("x".repeat(5000)).output().unwrap();
    assert!(String::from_utf8_lossy(&input.stderr).contains("standard input: its first line is longer"), "{input:?}");
}

#[test]
fn what_can_be_known_before_is_said_before_a_passphrase_is_asked_for() {
    let (env, _) = Env::with_vault();
    env.stdout(&["backup", "safe", "--passphrase-file", "pass"]);
    // No passphrase is given: who asked for one would say that there is none.
    let nowhere = ["--passphrase-file", "nowhere"];
    env.fails(&with(&["restore", "missing", "--yes"], &nowhere), 10, "strongroom: missing:");
    env.fails(&with(&["restore", "safe"], &nowhere), 14, "--yes");
    env.fails(&with(&["restore", ".", "--yes"], &nowhere), 1, "not a regular file");
    env.fails(&with(&["backup", "safe"], &nowhere), 14, "there is a file already");
    let name = ["init", "--organization", "o", "--name", "n ", "--vault", "elsewhere"];
    env.fails(&with(&name, &nowhere), 2, "--name: Remove the space at the end.");
}

#[test]
fn a_backup_that_is_cut_or_not_ours_is_told_as_that() {
    let (env, key) = Env::with_vault();
    env.stdout(&["backup", "safe", "--passphrase-file", "pass"]);
    let whole = fs::read(env.path("safe")).unwrap();
    fs::write(env.path("cut"), &whole[..whole.len() - 10]).unwrap();
    let says = "nothing was restored from cut: the backup is cut or was changed. Take another backup.";
    env.fails(&["restore", "cut", "--yes", "--passphrase-file", "pass"], 16, says);
    env.write("wrong", "not the passphrase\n");
    env.fails(&["restore", "safe", "--yes", "--passphrase-file", "wrong"], 11, "that does not open safe. It takes");
    env.write("mistyped", &key[..key.len() - 1]);
    let says = "recovery key: a recovery key has 56 letters and digits; this has 55. Compare it";
    env.fails(&["restore", "safe", "--yes", "--recovery-key-file", "mistyped"], 11, says);
}

#[test]
fn no_sentence_stops_twice() {
    let env = Env::new();
    env.write("short", "short\n");
    let output =
        env.run(&["init", "--organization", "o", "--name", "n", "--passphrase-file", "short"]).output().unwrap();
    let says = "strongroom: passphrase: Use at least 8 characters; four random words are better.\n";
    assert_eq!(String::from_utf8(output.stderr).unwrap(), says);
}

#[test]
fn what_needs_an_agent_is_not_done_without_one() {
    let (env, _) = Env::with_vault();
    for command in ["unlock", "agent"] {
        env.fails(&[command], 2, "Leave --no-agent away.");
    }
}
