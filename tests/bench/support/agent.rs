//! A vault whose agent is asked by whole processes, and the empty program that they are compared with.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use strongroom::service::{AgentPlace, Remote, Starter};
use strongroom::vault::Place;

use crate::agents;
use crate::support::Filled;

/// The stripped binary of a release.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_strongroom");

/// A vault, and how its agents are started; they end with this value.
pub struct Agent(pub Filled);

impl Drop for Agent {
    fn drop(&mut self) {
        agents::end(self.0.dir());
    }
}

impl Agent {
    /// One of a vault with so many secrets.
    pub fn new(secrets: usize) -> Self {
        let agent = Self(Filled::new(secrets));
        let starter = format!("#!/bin/sh\nexec env -i HOME='{}' {PROGRAM} \"$@\"\n", agent.0.dir().display());
        fs::write(agent.starter(), starter).unwrap();
        fs::set_permissions(agent.starter(), fs::Permissions::from_mode(0o700)).unwrap();
        agent
    }

    fn starter(&self) -> PathBuf {
        self.0.dir().join("starter")
    }

    /// Where the vault is.
    pub fn place(&self) -> Place {
        Place { vault: self.0.place().vault, state: self.0.dir().join(".local/state/strongroom") }
    }

    /// Its door.
    pub fn door(&self) -> Remote {
        Remote::new(AgentPlace::new(self.place(), |_| None), Starter::of(self.starter()))
    }

    /// `program`, as its user would start it.
    pub fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().env("HOME", self.0.dir()).env("STRONGROOM_VAULT", self.place().vault);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

/// A time in words.
pub fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

/// Compiles a program that does nothing, as ours is compiled.
pub fn empty_program(dir: &Path) -> PathBuf {
    let (source, program) = (dir.join("empty.rs"), dir.join("empty"));
    fs::write(&source, "fn main() {}\n").unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let compiled = Command::new(rustc)
        .args(["-C", "opt-level=3", "-C", "lto=thin", "-C", "codegen-units=1", "-C", "strip=symbols", "-o"])
        .arg(&program)
        .arg(source)
        .status();
    assert!(compiled.unwrap().success());
    program
}
