//! A home of its own for the real binary, with or without a vault in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use tempfile::TempDir;

use super::{Session, agents};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_strongroom");
pub const PASSPHRASE: &str = "correct horse battery staple";
pub const ORGANIZATION: &str = "Northwind Trading";
pub const MEMBER: &str = "Ada Lovelace";
/// What a shell of today has; the tests run with this and nothing of the machine's environment.
pub const MODERN: [(&str, &str); 2] = [("TERM", "xterm-256color"), ("LANG", "C.UTF-8")];

/// The program under test: [`PROGRAM`], or another build of it, for tests that say so.
fn program() -> PathBuf {
    std::env::var_os("STRONGROOM_TEST_PROGRAM").map_or_else(|| PROGRAM.into(), PathBuf::from)
}

/// A directory that is `HOME`, and goes with this value, as do the agents that were started in it.
pub struct Home(TempDir);

impl Drop for Home {
    fn drop(&mut self) {
        agents::end(self.path());
    }
}

impl Home {
    /// With nothing in it.
    pub fn empty() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    /// With an empty vault of `PASSPHRASE`: a copy of one, for making one derives keys twice.
    pub fn with_vault() -> Self {
        static FIRST: OnceLock<Home> = OnceLock::new();
        let first = FIRST.get_or_init(|| {
            let home = Self::empty();
            home.write("pass", PASSPHRASE);
            let names = ["--organization", ORGANIZATION, "--name", MEMBER];
            let init = home.run(&[&["--no-agent", "init", "--passphrase-file", "pass"], &names[..]].concat());
            assert!(init.status.success(), "{init:?}");
            home
        });
        let home = Self::empty();
        copy(first.path(), home.path());
        home
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn vault(&self) -> PathBuf {
        self.path().join(".local/share/strongroom")
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, content).expect("a file");
        path
    }

    /// A command, without a terminal.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(program());
        command.args(arguments).env_clear().env("HOME", self.path()).current_dir(self.path());
        command.output().expect("the program starts")
    }

    /// The screens, in an environment that `environment` changes.
    pub fn start(&self, arguments: &[&str], size: (u16, u16), environment: &[(&str, &str)]) -> Session {
        let home = self.path().to_str().expect("a plain path");
        let all: Vec<(&str, &str)> = MODERN.iter().chain(&[("HOME", home)]).chain(environment).copied().collect();
        Session::start(&program(), arguments, size, &all)
    }

    /// The screens over the vault that is there, in the hands of an agent, which is unlocked now if it was not.
    pub fn unlocked(&self, size: (u16, u16)) -> Session {
        self.unlocked_with(&[], size)
    }

    /// The same, without an agent.
    pub fn unlocked_alone(&self, size: (u16, u16)) -> Session {
        self.unlocked_with(&["--no-agent"], size)
    }

    fn unlocked_with(&self, arguments: &[&str], size: (u16, u16)) -> Session {
        let mut session = self.start(arguments, size, &[]);
        session.wait_until("a way in", |screen, _| {
            let screen = screen.contents();
            ["The vault is locked", "Secrets Management"].iter().any(|seen| screen.contains(seen))
        });
        if session.with_screen(|screen| screen.contents().contains("Secrets Management")) {
            session.wait_gone("Reading the secrets");
            return session;
        }
        session.send(format!("{PASSPHRASE}\r"));
        session.wait_for("Secrets Management");
        session.wait_gone("Reading the secrets");
        session
    }

    /// Every file under it, with what is in it.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        visit(self.path(), &mut |path| found.push((path.to_path_buf(), fs::read(path).expect("its content"))));
        found
    }
}

fn visit(folder: &Path, seen: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            visit(&entry, seen);
        } else if entry.is_file() {
            // A socket holds nothing.
            seen(&entry);
        }
    }
}

/// Puts all that is in `from` into `to`.
pub fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status().expect("cp");
    assert!(copied.success());
}
