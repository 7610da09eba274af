//! Where the agent of a vault is met: its socket, and the lock that makes it the only one.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::crypto::digest;
use crate::domain::Timestamp;
use crate::host::lock::{Held, holder};
use crate::host::place::{runtime_dir, system_socket_dir};
use crate::service::{DoorError, Holder};
use crate::vault::Place;

/// The directory, below the state directory, for what agents need.
const AGENT: &str = "agent";

/// A process that has the vault, or may have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InUse {
    /// Its agent.
    Agent(Holder),
    /// One without an agent.
    Alone(Holder),
}

impl InUse {
    /// Who it is.
    pub fn holder(self) -> Holder {
        let (Self::Agent(holder) | Self::Alone(holder)) = self;
        holder
    }
}

/// Where the agent of one vault is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentPlace {
    /// The vault; absolute, for the agent has a working directory of its own.
    pub vault: Place,
    /// The user's runtime directory, if there is one: the first choice for sockets.
    runtime: Option<PathBuf>,
    /// Where an agent is met that serves the whole machine.
    system: PathBuf,
}

impl AgentPlace {
    /// For the vault at `vault`; `env` gives the variables of the environment.
    pub fn new(vault: Place, env: impl Fn(&str) -> Option<OsString>) -> Self {
        let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
        let vault = Place { vault: absolute(vault.vault), state: absolute(vault.state) };
        Self { vault, runtime: runtime_dir(&env), system: system_socket_dir(env) }
    }

    /// The same, but for where an agent is met that serves the whole machine.
    #[must_use]
    pub fn with_system_dir(self, dir: PathBuf) -> Self {
        Self { system: std::path::absolute(&dir).unwrap_or(dir), ..self }
    }

    /// The directory in which an agent listens that serves several users of this machine.
    pub fn system_dir(&self) -> &Path {
        &self.system
    }

    /// The directories in which it listens, one at least: whoever knows of no runtime directory, as a job of cron, finds it
    /// in the last, and so does everybody once the runtime directory has gone with the last login.
    pub fn socket_dirs(&self) -> Vec<PathBuf> {
        self.runtime.iter().cloned().chain([self.lock_dir()]).collect()
    }

    /// The socket's name in its directory: the vault has one agent, however its path is written.
    pub fn socket_name(&self) -> String {
        format!("{}.socket", self.key())
    }

    /// The directory below the state directory: here the one agent of the vault has its first lock.
    pub fn lock_dir(&self) -> PathBuf {
        self.vault.state.join(AGENT)
    }

    /// What an agent holds as long as it listens in `dir`: agents with state directories of their own may share it.
    pub fn lock_beside(&self, dir: &Path) -> PathBuf {
        dir.join(format!("{}.lock", self.key()))
    }

    /// Who has the vault, as the locks tell; asked when no agent answers, and then nobody is told that it is locked.
    ///
    /// # Errors
    /// When a lock cannot be asked.
    pub fn in_use(&self) -> Result<Option<InUse>, DoorError> {
        if let Some(agent) = self.agent()? {
            return Ok(Some(InUse::Agent(agent)));
        }
        Ok(self.held()?.map(InUse::Alone))
    }

    /// The process that has the vault open, whether it is an agent or not.
    ///
    /// # Errors
    /// When its lock cannot be asked.
    pub fn held(&self) -> Result<Option<Holder>, DoorError> {
        Ok(holder(&self.vault.lock())?.map(told))
    }

    /// The agent that runs, although it may not listen yet, or any more.
    pub(super) fn agent(&self) -> Result<Option<Holder>, DoorError> {
        for dir in self.socket_dirs() {
            if let Some(held) = holder(&self.lock_beside(&dir))? {
                return Ok(Some(told(held)));
            }
        }
        Ok(None)
    }

    fn key(&self) -> String {
        let [a, b, c, d, e, f, g, h, ..] = digest(resolved(&self.vault.vault).as_os_str().as_bytes());
        format!("{:016x}", u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }
}

fn told(held: Held) -> Holder {
    Holder { pid: held.pid, terminal: held.terminal, since: Timestamp(held.since) }
}

/// `path` without links, as far as it exists.
fn resolved(path: &Path) -> PathBuf {
    match (path.canonicalize(), path.parent(), path.file_name()) {
        (Ok(real), ..) => real,
        (Err(_), Some(parent), Some(name)) => resolved(parent).join(name),
        _ => path.to_path_buf(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_vault_has_one_name_however_it_is_reached() {
        let dir = tempfile::tempdir().unwrap();
        let at =
            |vault: PathBuf| AgentPlace::new(Place { vault, state: dir.path().join("state") }, |_| None).socket_name();
        let before = at(dir.path().join("vault"));
        std::fs::create_dir(dir.path().join("vault")).unwrap();
        std::os::unix::fs::symlink("vault", dir.path().join("link")).unwrap();
        assert_eq!(before, at(dir.path().join("vault")), "before and after it exists");
        assert_eq!(before, at(dir.path().join("link")));
        assert_ne!(before, at(dir.path().join("other")));
    }
}
