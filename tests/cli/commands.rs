//! The commands as a script sees them: what goes where, what stays secret.

use std::fs;

use clap::CommandFactory;
use strongroom::cli::Cli;
use strongroom::host::lock::VaultLock;

use crate::env::Env;

#[test]
fn init_prints_the_recovery_key_alone_and_list_shows_no_value() {
    let (env, key) = Env::with_vault();
    assert_eq!(key.split('-').count(), 14, "the recovery key is groups of four: {key}");
    env.register("github-deploy-pat", "canary-3f9c1");
    let table = env.stdout(&["list", "--passphrase-file", "pass"]);
    assert!(table.contains("github-deploy-pat") && table.contains("API Key") && table.contains("Active"), "{table}");
    assert!(!table.contains("canary"));
    let json: serde_json::Value =
        serde_json::from_str(&env.stdout(&["list", "--json", "--passphrase-file", "pass"])).unwrap();
    assert_eq!(json[0]["name"], "github-deploy-pat");
    assert_eq!(json[0]["type"], "api-key");
    assert_eq!(json[0]["status"], "active");
    assert_eq!(json[0]["expires"], serde_json::Value::Null);
}

#[test]
fn the_readme_lists_every_command_and_option() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let mut cli = Cli::command();
    cli.build();
    let verbs =
        cli.get_subcommands().filter(|verb| verb.get_name() != "help" && !verb.is_hide_set()).flat_map(|verb| {
            // A verb with verbs of its own is none by itself.
            let below = verb.get_subcommands().filter(|below| below.get_name() != "help");
            let own: Vec<_> = below.map(|below| (format!("{} {}", verb.get_name(), below.get_name()), below)).collect();
            if own.is_empty() { vec![(verb.get_name().to_owned(), verb)] } else { own }
        });
    for (name, verb) in verbs {
        assert!(readme.contains(&format!("\nstrongroom {name} ")), "{name}");
        let shown = verb.get_arguments().filter(|argument| !argument.is_hide_set());
        for option in shown.filter_map(|argument| argument.get_long()).filter(|long| *long != "help") {
            assert!(readme.contains(&format!("--{option}")), "--{option} of {verb}");
        }
    }
}

#[test]
fn without_a_terminal_the_screens_name_the_commands() {
    let env = Env::new();
    env.fails(&[], 2, "strongroom list");
    env.fails(&["demo"], 2, "strongroom --help");
}

#[test]
fn a_second_process_is_told_who_holds_the_vault() {
    let (env, _) = Env::with_vault();
    let held = VaultLock::acquire(&env.place().vault.join("vault.lock"), 1_795_442_700).unwrap();
    let pid = std::process::id().to_string();
    env.fails(&["list", "--passphrase-file", "pass"], 12, &pid);
    drop(held);
    env.stdout(&["list", "--passphrase-file", "pass"]);
}

#[test]
fn a_new_passphrase_opens_and_the_old_one_does_not() {
    let (env, _) = Env::with_vault();
    env.register("one", "value-1");
    env.write("new", "another long passphrase\n");
    env.stdout(&["passphrase", "--passphrase-file", "pass", "--new-passphrase-file", "new"]);
    env.fails(&["list", "--passphrase-file", "pass"], 11, "passphrase");
    assert!(env.stdout(&["list", "--passphrase-file", "new"]).contains("one"));
}

#[test]
fn a_weak_passphrase_is_taken_with_a_warning() {
    let (env, _) = Env::with_vault();
    let change = |old, new| {
        let run = env.run(&["passphrase", "--passphrase-file", old, "--new-passphrase-file", new]).assert().success();
        String::from_utf8(run.get_output().stderr.clone()).unwrap()
    };
    env.write("weak", "password\n");
    env.write("good", "a lamp under nine green stairs\n");
    let said = change("pass", "weak");
    assert!(said.contains("Warning: this passphrase is very weak: guessing it takes"), "{said}");
    assert!(!change("weak", "good").contains("Warning"));
    env.fails(&["passphrase", "--passphrase-file", "good", "--new-passphrase-file", "good"], 1, "not the current one");
}

#[test]
fn standard_input_gives_a_line_at_a_time() {
    let (env, _) = Env::with_vault();
    let both = "correct horse battery staple\nanother long passphrase\n";
    let arguments = ["passphrase", "--passphrase-file", "-", "--new-passphrase-file", "-"];
    env.run(&arguments).write_stdin(both).assert().success();
    env.run(&["list", "--passphrase-file", "-"]).write_stdin("another long passphrase").assert().success();
}

#[test]
fn nothing_is_shown_of_progress_where_no_terminal_is() {
    let (env, _) = Env::with_vault();
    let output = env.run(&["list", "--passphrase-file", "pass"]).output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn a_backup_comes_back_by_passphrase_and_by_recovery_key() {
    let (env, key) = Env::with_vault();
    env.register("kept", "value-1");
    env.stdout(&["backup", "safe.backup", "--passphrase-file", "pass"]);
    env.register("later", "value-2");
    env.fails(&["restore", "safe.backup", "--passphrase-file", "pass"], 14, "--yes");
    env.stdout(&["restore", "safe.backup", "--yes", "--passphrase-file", "pass"]);
    let table = env.stdout(&["list", "--passphrase-file", "pass"]);
    assert!(table.contains("kept") && !table.contains("later"), "{table}");
    env.write("key", &format!("{}\n", key.to_lowercase()));
    env.stdout(&["restore", "safe.backup", "--vault", "other", "--recovery-key-file", "key"]);
    assert!(env.stdout(&["list", "--vault", "other", "--passphrase-file", "pass"]).contains("kept"));
}

#[test]
fn the_doctor_finds_a_sound_vault_sound_and_a_torn_header_broken() {
    let (env, _) = Env::with_vault();
    let report = env.stdout(&["doctor", "--passphrase-file", "pass"]);
    assert!(report.contains("ok ") && !report.contains("BROKEN"), "{report}");
    let header = env.place().vault.join("vault.header");
    let bytes = fs::read(&header).unwrap();
    fs::write(&header, &bytes[..bytes.len() / 2]).unwrap();
    let output = env.run(&["doctor", "--passphrase-file", "pass"]).assert().code(16).get_output().stdout.clone();
    assert!(String::from_utf8(output).unwrap().contains("BROKEN"));
}
