//! A machine with several users: one system-wide agent, run by a user of its own, and clients that are other users.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use strongroom::domain::organization::Role;
use strongroom::host::files;
use strongroom::service::{AgentPlace, Door, DoorError, Remote, Request, Response, Running, Starter};
use strongroom::vault::Place;
use tempfile::TempDir;

use crate::aloud::{skip, skip_for_want};
use crate::office::{ADA, BEN, credential, passphrase};
use crate::wait_for;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_strongroom");
/// Users that no machine has.
pub(crate) const AGENT_UID: u32 = 64_200;
pub(crate) const ADA_UID: u32 = 64_201;
pub(crate) const BEN_UID: u32 = 64_202;
pub(crate) const EVE_UID: u32 = 64_203;

/// The users, their home directories, the vault, and the agent that serves it to all of them.
pub(crate) struct Machine {
    dir: TempDir,
    agent: Child,
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.agent.kill();
        let _ = self.agent.wait();
    }
}

impl Machine {
    /// One whose vault is Ada's; Ben is a Member. Both are bound to their users, and nobody is in. `None`, said aloud, where
    /// nobody can become another user.
    pub(crate) fn start(test: &str) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            skip(test, "only root may become another user");
            return None;
        }
        if Command::new("setpriv").arg("--version").output().is_err() {
            skip_for_want(test, "setpriv is not installed");
            return None;
        }
        files::set_umask_077();
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        open(dir.path(), 0o755);
        fs::copy(PROGRAM, at("strongroom")).unwrap();
        open(&at("strongroom"), 0o755);
        // What another test is just starting may have it open for writing, for a moment: it cannot be run meanwhile.
        wait_for("the copied program", || Command::new(at("strongroom")).arg("--version").output().ok());
        for (name, uid, mode) in [
            ("agent", AGENT_UID, 0o700),
            ("run", AGENT_UID, 0o755),
            ("64201", ADA_UID, 0o700),
            ("64202", BEN_UID, 0o700),
        ]
        .into_iter()
        .chain([("64203", EVE_UID, 0o700), ("0", 0, 0o700), ("vault-of-agent", AGENT_UID, 0o700)])
        {
            fs::create_dir(at(name)).unwrap();
            open(&at(name), mode);
            chown(at(name), Some(uid), Some(uid)).unwrap();
        }
        for (name, of) in [("64201", ADA), ("64202", BEN), ("64203", "Eve"), ("0", ADA)] {
            let file = at(name).join("pass");
            fs::write(&file, passphrase(of).expose()).unwrap();
            let uid: u32 = name.parse().unwrap();
            chown(&file, Some(uid), Some(uid)).unwrap();
        }
        let agent = spawn(dir.path());
        let machine = Self { dir, agent };
        machine.found();
        Some(machine)
    }

    fn found(&self) {
        let mut root = self.root();
        let create =
            Request::Create { organization: "Northwind".into(), member: ADA.into(), passphrase: passphrase(ADA) };
        call(&mut root, create).unwrap();
        let Response::Organization(view) = call(&mut root, Request::Organization).unwrap() else { panic!("no view") };
        let member = view.members[0].id;
        call(&mut root, Request::BindMember { member, uid: Some(ADA_UID) }).unwrap();
        let (invitation, code) = self.invite(BEN, BEN_UID);
        fs::write(self.home(BEN_UID).join("code"), code.expose()).unwrap();
        let accepted = call(&mut root, Request::Accept { code, passphrase: passphrase(BEN) });
        let Response::Accepted { fingerprint, .. } = accepted.unwrap() else { panic!("not accepted") };
        let admit = Request::Admit { invitation, fingerprint, current: Some(credential(ADA)) };
        call(&mut root, admit).unwrap();
        call(&mut root, Request::Lock).unwrap();
    }

    fn invite(&self, name: &str, uid: u32) -> (strongroom::domain::InvitationId, strongroom::domain::SecretBytes) {
        let invite = Request::Invite { name: name.into(), role: Role::Member, uid: Some(uid), days: 7 };
        match call(&mut self.root(), invite).unwrap() {
            Response::Invited { invitation, code } => (invitation.id, code),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn vault(&self) -> PathBuf {
        self.path().join("vault-of-agent")
    }

    pub(crate) fn home(&self, uid: u32) -> PathBuf {
        self.path().join(uid.to_string())
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path().join("agent/log")).unwrap_or_default()
    }

    /// The door of root, who may sign in as anybody: the tests' own.
    pub(crate) fn root(&self) -> Remote {
        let place = Place { vault: self.vault(), state: self.home(0).join("state") };
        let place = AgentPlace::new(place, |_| None).with_system_dir(self.path().join("run"));
        wait_for("the agent", || match Remote::to_running(place.clone(), Starter::of(PROGRAM.into())) {
            Ok(Running::Agent(remote)) => Some(remote),
            _ => None,
        })
    }

    /// What the user `uid` runs, as `setpriv` starts it.
    pub(crate) fn arguments(&self, uid: u32, arguments: &[&str]) -> Vec<String> {
        let uid = uid.to_string();
        let program = self.path().join("strongroom").display().to_string();
        let start = ["--reuid", &uid, "--regid", &uid, "--clear-groups", &program];
        start.iter().chain(arguments).map(|argument| (*argument).to_owned()).collect()
    }

    /// The variables of the user `uid`.
    pub(crate) fn variables(&self, uid: u32) -> Vec<(&'static str, String)> {
        let shown = |path: PathBuf| path.display().to_string();
        vec![
            ("HOME", shown(self.home(uid))),
            ("STRONGROOM_VAULT", shown(self.vault())),
            ("STRONGROOM_SOCKET_DIR", shown(self.path().join("run"))),
        ]
    }

    /// Runs strongroom as the user `uid`.
    pub(crate) fn run(&self, uid: u32, arguments: &[&str]) -> Output {
        let mut command = Command::new("setpriv");
        command.args(self.arguments(uid, arguments)).env_clear().envs(self.variables(uid));
        command.current_dir(self.home(uid)).stdin(Stdio::null()).output().unwrap()
    }

    /// The same, which has to work; gives what it printed.
    #[track_caller]
    pub(crate) fn done(&self, uid: u32, arguments: &[&str]) -> String {
        let output = self.run(uid, arguments);
        assert!(output.status.success(), "{uid} {arguments:?}: {output:?}\n{}", self.log());
        String::from_utf8(output.stdout).unwrap()
    }

    /// The same, which has to be refused; gives what it said.
    #[track_caller]
    pub(crate) fn refused(&self, uid: u32, arguments: &[&str]) -> String {
        let output = self.run(uid, arguments);
        assert!(!output.status.success(), "{uid} {arguments:?}: {output:?}");
        assert_eq!(output.stdout, b"");
        String::from_utf8(output.stderr).unwrap()
    }

    pub(crate) fn unlock(&self, uid: u32) {
        self.done(uid, &["unlock", "--passphrase-file", "pass"]);
    }

    /// Ends the agent as a service manager does.
    pub(crate) fn end_agent(&mut self) {
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.agent.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert!(self.agent.wait().unwrap().success());
    }
}

/// The system-wide agent of the vault below `dir`.
fn spawn(dir: &Path) -> Child {
    let uid = AGENT_UID.to_string();
    let mut command = Command::new("setpriv");
    command.args(["--reuid", &uid, "--regid", &uid, "--clear-groups"]).arg(dir.join("strongroom"));
    command.arg("--vault").arg(dir.join("vault-of-agent"));
    command.args(["agent", "--system", "--log", "log", "--socket-dir"]).arg(dir.join("run"));
    command.env_clear().env("HOME", dir.join("agent")).current_dir(dir.join("agent"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn open(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

pub(crate) fn call(door: &mut dyn Door, request: Request) -> Result<Response, DoorError> {
    door.call(request, &|_| {})
}
