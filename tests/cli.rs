//! The commands as a script sees them: what goes where, which exit code, what stays secret.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use assert_cmd::Command;
use strongroom::crypto::KdfCost;
use strongroom::domain::{Draft, Kind, PublicField, SecretBytes, Value};
use strongroom::host::{OsEntropy, SystemClock, lock::VaultLock};
use strongroom::service::{Credential, Door, Request, Response, Service};
use strongroom::vault::Place;
use tempfile::TempDir;

const PASSPHRASE: &str = "correct horse battery staple";

/// A home of its own, with nothing of the machine's environment.
struct Env {
    dir: TempDir,
}

impl Env {
    fn new() -> Self {
        let env = Self { dir: tempfile::tempdir().unwrap() };
        env.write("pass", &format!("{PASSPHRASE}\n"));
        env
    }

    /// With a vault in it; gives the recovery key too.
    fn with_vault() -> (Self, String) {
        let env = Self::new();
        let key = env.stdout(&["init", "--organization", "acme", "--name", "Ada", "--passphrase-file", "pass"]);
        let key = key.trim().to_owned();
        (env, key)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn run(&self, args: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("strongroom"));
        command.args(args).env_clear().env("HOME", self.dir.path()).current_dir(self.dir.path());
        command
    }

    fn stdout(&self, args: &[&str]) -> String {
        String::from_utf8(self.run(args).assert().success().get_output().stdout.clone()).unwrap()
    }

    #[track_caller]
    fn fails(&self, args: &[&str], code: i32, says: &str) {
        let output = self.run(args).assert().code(code).get_output().clone();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(says), "{says:?} is not in: {stderr}");
        assert!(output.stdout.is_empty(), "data on stdout beside an error");
    }

    fn place(&self) -> Place {
        Place { vault: self.path(".local/share/strongroom"), state: self.path(".local/state/strongroom") }
    }

    fn register(&self, name: &str, value: &str) {
        let mut service = Service::new(self.place(), Arc::new(SystemClock), Arc::new(OsEntropy), KdfCost::DEFAULT);
        service.call(Request::Unlock(Credential::Passphrase(PASSPHRASE.into())), &|_| {}).unwrap();
        let draft = Draft {
            kind: Kind::ApiKey,
            name: name.into(),
            public: vec![PublicField { key: "header_name".into(), text: "Authorization".into() }],
            value: Value(vec![("value".into(), SecretBytes::from(value))]),
            expires: None,
            not_before: None,
            write_only: false,
            encrypted_key: false,
        };
        let changed = service.call(Request::Register(draft), &|_| {}).unwrap();
        assert!(matches!(changed, Response::Changed(_)));
    }
}

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
fn each_refusal_has_its_code_and_says_what_to_do() {
    let (env, _) = Env::with_vault();
    env.write("wrong", "not the passphrase\n");
    env.fails(&["list", "--passphrase-file", "wrong"], 11, "does not open this vault");
    env.fails(&["list", "--passphrase-file", "missing"], 1, "missing");
    env.fails(&["list", "--vault", "elsewhere", "--passphrase-file", "pass"], 10, "there is no vault here");
    let again = ["init", "--organization", "o", "--name", "n", "--passphrase-file", "pass"];
    env.fails(&again, 14, "there is a vault here already");
    env.fails(&["list", "--nonsense"], 2, "--nonsense");
    env.fails(&["restore", "nothing", "--yes", "--passphrase-file", "pass"], 1, "nothing");
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
fn a_backup_comes_back_by_passphrase_and_by_recovery_key() {
    let (env, key) = Env::with_vault();
    env.register("kept", "value-1");
    env.stdout(&["backup", "safe.backup", "--passphrase-file", "pass"]);
    env.fails(&["backup", "safe.backup", "--passphrase-file", "pass"], 1, "safe.backup");
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
