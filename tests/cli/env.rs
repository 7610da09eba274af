//! A home of its own, with or without a vault, and the program run in it.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use assert_cmd::Command;
use strongroom::crypto::KdfCost;
use strongroom::domain::{Draft, Kind, PublicField, Scope, SecretBytes, Value};
use strongroom::host::{OsEntropy, SystemClock};
use strongroom::service::{Credential, Door, Request, Response, Service};
use strongroom::vault::Place;
use tempfile::TempDir;

use crate::pty::agents;
use crate::pty::home::copy;

/// How a command reaches the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// In its own process, with the passphrase out of a file.
    Alone,
    /// Through the agent, which has the vault open.
    Agent,
}

pub(crate) const WAYS: [Way; 2] = [Way::Alone, Way::Agent];

pub(crate) const PASSPHRASE: &str = "correct horse battery staple";
/// The arguments that make a vault.
pub(crate) const INIT: [&str; 7] = ["init", "--organization", "acme", "--name", "Ada", "--passphrase-file", "pass"];

/// A home of its own, with nothing of the machine's environment.
pub(crate) struct Env {
    dir: TempDir,
}

impl Drop for Env {
    fn drop(&mut self) {
        agents::end(self.dir.path());
    }
}

impl Env {
    pub(crate) fn new() -> Self {
        let env = Self { dir: tempfile::tempdir().unwrap() };
        env.write("pass", &format!("{PASSPHRASE}\n"));
        env
    }

    /// With a vault in it; gives the recovery key too. It is a copy of one, for making one takes its time.
    pub(crate) fn with_vault() -> (Self, String) {
        static FIRST: OnceLock<(Env, String)> = OnceLock::new();
        let (first, key) = FIRST.get_or_init(|| {
            let env = Self::new();
            let key = env.stdout(&INIT).trim().to_owned();
            (env, key)
        });
        let env = Self::new();
        copy(first.dir.path(), env.dir.path());
        (env, key.clone())
    }

    /// With a vault in it that is ready for commands on their `way`.
    pub(crate) fn ready(way: Way) -> Self {
        let (env, _) = Self::with_vault();
        if way == Way::Agent {
            env.through_agent(&["unlock", "--passphrase-file", "pass"]).assert().success();
        }
        env
    }

    /// The program on its `way`.
    pub(crate) fn go(&self, way: Way, args: &[&str]) -> Command {
        match way {
            Way::Alone => self.run(&[args, &["--passphrase-file", "pass"]].concat()),
            Way::Agent => self.through_agent(args),
        }
    }

    /// What it prints when all goes well.
    #[track_caller]
    pub(crate) fn prints(&self, way: Way, args: &[&str]) -> String {
        String::from_utf8(self.go(way, args).assert().success().get_output().stdout.clone()).unwrap()
    }

    /// What it prints as JSON.
    #[track_caller]
    pub(crate) fn json(&self, way: Way, args: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.prints(way, &[args, &["--json"]].concat())).unwrap()
    }

    /// What it says on stderr when all goes well.
    #[track_caller]
    pub(crate) fn remarks(&self, way: Way, args: &[&str]) -> String {
        String::from_utf8(self.go(way, args).assert().success().get_output().stderr.clone()).unwrap()
    }

    /// It ends with `code` and says why, and prints nothing.
    #[track_caller]
    pub(crate) fn refuses(&self, way: Way, args: &[&str], code: i32, says: &str) {
        let output = self.go(way, args).assert().code(code).get_output().clone();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(says), "{says:?} is not in: {stderr}");
        assert!(output.stdout.is_empty(), "data on stdout beside an error");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The program, with the vault in its own process.
    pub(crate) fn run(&self, args: &[&str]) -> Command {
        self.through_agent(&[&["--no-agent"], args].concat())
    }

    /// The program, which starts an agent when none runs.
    pub(crate) fn through_agent(&self, args: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("strongroom"));
        command.args(args).env_clear().env("HOME", self.dir.path()).current_dir(self.dir.path());
        command
    }

    pub(crate) fn stdout(&self, args: &[&str]) -> String {
        String::from_utf8(self.run(args).assert().success().get_output().stdout.clone()).unwrap()
    }

    #[track_caller]
    pub(crate) fn fails(&self, args: &[&str], code: i32, says: &str) {
        let output = self.run(args).assert().code(code).get_output().clone();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(says), "{says:?} is not in: {stderr}");
        assert!(output.stdout.is_empty(), "data on stdout beside an error");
    }

    pub(crate) fn place(&self) -> Place {
        Place { vault: self.path(".local/share/strongroom"), state: self.path(".local/state/strongroom") }
    }

    pub(crate) fn register(&self, name: &str, value: &str) {
        let mut service = Service::new(self.place(), Arc::new(SystemClock), Arc::new(OsEntropy), KdfCost::DEFAULT);
        service.call(Request::Unlock(Credential::Passphrase(PASSPHRASE.into())), &|_| {}).unwrap();
        let draft = Draft {
            scope: Scope::Organization,
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
