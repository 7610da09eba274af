//! A home of its own with a vault in it, and the agents that are started there.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, OnceLock};

use strongroom::crypto::KdfCost;
use strongroom::domain::{Draft, Header, Kind, PublicField, Scope, SecretBytes, Value};
use strongroom::host::{OsEntropy, SystemClock, files};
use strongroom::service::{
    AgentPlace, Credential, Door, DoorError, Remote, Request, Response, Service, Session, Starter, VaultStatus,
};
use strongroom::vault::Place;
use tempfile::TempDir;

use crate::pty::home::copy;
use crate::{agents, wait_for};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_strongroom");
pub(crate) const PASSPHRASE: &str = "correct horse battery staple";

/// A directory that is `HOME`; it goes with this value, and so do the agents that were started in it.
pub(crate) struct Home {
    dir: TempDir,
    recovery: SecretBytes,
}

impl Drop for Home {
    fn drop(&mut self) {
        agents::end(self.path());
    }
}

impl Home {
    /// With an empty vault of [`PASSPHRASE`]: a copy of one, for making one takes its time.
    pub(crate) fn new() -> Self {
        static FIRST: OnceLock<Home> = OnceLock::new();
        let first = FIRST.get_or_init(|| Self::make(directory()));
        Self::copy_of(first, directory())
    }

    /// The same, in `dir`.
    pub(crate) fn copy_of(first: &Self, dir: TempDir) -> Self {
        copy(first.path(), dir.path());
        let home = Self { dir, recovery: first.recovery.clone() };
        home.write_starter(&[]);
        home
    }

    fn make(dir: TempDir) -> Self {
        files::set_umask_077();
        let mut home = Self { dir, recovery: SecretBytes::default() };
        let create =
            Request::Create { organization: "acme".into(), member: "Ada".into(), passphrase: PASSPHRASE.into() };
        let answer = home.alone().call(create, &|_| {}).unwrap();
        let Response::Created { recovery_key, .. } = answer else { panic!("{answer:?}") };
        home.recovery = recovery_key;
        fs::write(home.path().join("pass"), PASSPHRASE).unwrap();
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// What opens the vault without a key derivation.
    pub(crate) fn recovery(&self) -> Credential {
        Credential::Recovery(self.recovery.clone())
    }

    pub(crate) fn vault(&self) -> Place {
        let local = self.path().join(".local");
        Place { vault: local.join("share/strongroom"), state: local.join("state/strongroom") }
    }

    /// Where its agent is met by those who know of no runtime directory.
    pub(crate) fn place(&self) -> AgentPlace {
        self.place_with(None)
    }

    /// Where it is met by those whose runtime directory is `runtime`.
    pub(crate) fn place_with(&self, runtime: Option<&Path>) -> AgentPlace {
        let runtime = runtime.map(|path| OsString::from(path.as_os_str()));
        AgentPlace::new(self.vault(), |name| runtime.clone().filter(|_| name == "XDG_RUNTIME_DIR"))
    }

    /// The socket of its agent.
    pub(crate) fn socket(&self) -> PathBuf {
        self.place().lock_dir().join(self.place().socket_name())
    }

    /// The vault in this process.
    pub(crate) fn alone(&self) -> Service {
        Service::new(self.vault(), Arc::new(SystemClock), Arc::new(OsEntropy), KdfCost::DEFAULT)
    }

    /// Starts agents in this home, whatever the environment of the tests is.
    pub(crate) fn starter(&self) -> Starter {
        Starter::of(self.path().join("starter"))
    }

    /// From now on [`Home::starter`] gives agents these variables, too.
    pub(crate) fn write_starter(&self, variables: &[(&str, &Path)]) {
        let path = self.path().join("starter");
        let more: String = variables.iter().map(|(name, value)| format!(" {name}='{}'", value.display())).collect();
        let text = format!("#!/bin/sh\nexec env -i HOME='{}'{more} {PROGRAM} \"$@\"\n", self.path().display());
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).unwrap();
    }

    /// The door behind the agent, which is started when none runs.
    pub(crate) fn remote(&self) -> Remote {
        Remote::new(self.place(), self.starter())
    }

    /// The same, after the vault has been unlocked.
    pub(crate) fn unlocked(&self) -> Remote {
        let mut door = self.remote();
        unlock(&mut door, self.recovery());
        door
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).env_clear().env("HOME", self.path()).current_dir(self.path());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// An agent in the foreground, as a service manager starts it, once it serves.
    pub(crate) fn agent(&self, arguments: &[&str]) -> Foreground {
        let mut command = self.command(&[&["agent"], arguments].concat());
        let child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut agent = Foreground(child);
        let stderr = BufReader::new(agent.0.stderr.take().unwrap());
        let said = stderr.lines().next().map_or_else(String::new, Result::unwrap);
        wait_for(&format!("the agent, which said {said:?}"), || {
            agents::reached(Remote::to_running(self.place(), self.starter()).unwrap())
        });
        agent
    }

    /// The process of the agent that runs here.
    pub(crate) fn agent_pid(&self) -> u32 {
        wait_for("the agent's note", || agents::pids(self.path()).first().copied())
    }
}

/// An agent that ends with this value.
pub(crate) struct Foreground(pub(crate) Child);

impl Drop for Foreground {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A directory for files whose syncs need not take time: in memory, where there is such a place.
pub(crate) fn directory() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

pub(crate) fn call(door: &mut dyn Door, request: Request) -> Result<Response, DoorError> {
    door.call(request, &|_| {})
}

pub(crate) fn unlock(door: &mut dyn Door, credential: Credential) {
    let answer = call(door, Request::Unlock(credential)).unwrap();
    assert!(matches!(answer, Response::Unlocked { .. }), "{answer:?}");
}

pub(crate) fn status(door: &mut dyn Door) -> VaultStatus {
    match call(door, Request::Status).unwrap() {
        Response::Status(status) => status,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn session(door: &mut dyn Door) -> Option<Session> {
    match status(door) {
        VaultStatus::Unlocked(session) => Some(session),
        _ => None,
    }
}

pub(crate) fn list(door: &mut dyn Door) -> Vec<Arc<Header>> {
    match call(door, Request::List).unwrap() {
        Response::Headers(headers) => headers,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn changed(answer: Result<Response, DoorError>) -> Result<Arc<Header>, DoorError> {
    match answer? {
        Response::Changed(header) => Ok(header),
        other => panic!("{other:?}"),
    }
}

/// An API key called `name`.
pub(crate) fn draft(name: &str, value: &str) -> Draft {
    Draft {
        scope: Scope::Organization,
        kind: Kind::ApiKey,
        name: name.into(),
        public: vec![PublicField { key: "header_name".into(), text: "n0".into() }],
        value: Value(vec![("value".into(), SecretBytes::from(value))]),
        expires: None,
        not_before: None,
        write_only: false,
        encrypted_key: false,
    }
}
