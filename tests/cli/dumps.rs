//! No core dumps, of the screens, the commands and the agent: the kernel is asked while they run.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{PtySize, native_pty_system};
use rustix::process::{Resource, Rlimit, geteuid, getrlimit, setrlimit};

use crate::pty::{PATIENCE, agents};

/// A user without rights: what root may look into says nothing.
const NOBODY: u32 = 65534;

/// The program, where that user may run it, and a home for it.
struct Program {
    dir: tempfile::TempDir,
}

impl Drop for Program {
    fn drop(&mut self) {
        agents::end(&self.home());
    }
}

impl Program {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::copy(assert_cmd::cargo::cargo_bin!("strongroom"), dir.path().join("strongroom")).unwrap();
        let program = Self { dir };
        fs::create_dir(program.home()).unwrap();
        fs::set_permissions(program.home(), fs::Permissions::from_mode(0o700)).unwrap();
        if geteuid().is_root() {
            chown(program.home(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        program
    }

    fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    fn start(&self, args: &[&str], stdio: [Stdio; 3]) -> Running {
        let core = getrlimit(Resource::Core);
        // As high as it may be, or there would be nothing to see.
        setrlimit(Resource::Core, Rlimit { current: core.maximum, ..core }).unwrap();
        let [input, output, errors] = stdio;
        let mut command = Command::new(self.dir.path().join("strongroom"));
        command.args(args).env_clear().env("HOME", self.home()).env("TERM", "xterm").current_dir("/");
        command.stdin(input).stdout(output).stderr(errors);
        if geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        Running(command.spawn().unwrap())
    }
}

/// A process, by its number.
struct Process(u32);

impl Process {
    fn told(&self, of: &str) -> PathBuf {
        format!("/proc/{}/{of}", self.0).into()
    }

    fn core_limit(&self) -> String {
        let limits = fs::read_to_string(self.told("limits")).unwrap();
        let line = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
        line.split_whitespace().next().unwrap().to_owned()
    }

    /// The files that tell of a process which may not be dumped belong to root, whoever runs it.
    fn is_closed(&self) -> bool {
        self.core_limit() == "0" && fs::metadata(self.told("environ")).unwrap().uid() == 0
    }

    fn assert_closes(&self) {
        let started = Instant::now();
        while !self.is_closed() {
            let environ = fs::metadata(self.told("environ")).unwrap().uid();
            assert!(started.elapsed() < PATIENCE, "{}, environ is of user {environ}", self.core_limit());
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// One that ends with this value.
struct Running(Child);

impl Running {
    fn assert_closes(&self) {
        Process(self.0.id()).assert_closes();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn a_command_leaves_no_core_dump() {
    let init = ["init", "--organization", "o", "--name", "n", "--passphrase-file", "-"];
    // It waits for its passphrase.
    let waiting = Program::new().start(&init, [Stdio::piped(), Stdio::piped(), Stdio::null()]);
    waiting.assert_closes();
}

#[test]
fn the_screens_leave_no_core_dump() {
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let name = pair.master.tty_name().unwrap();
    let terminal = || Stdio::from(File::options().read(true).write(true).open(&name).unwrap());
    let screens = Program::new().start(&["demo"], [terminal(), terminal(), terminal()]);
    screens.assert_closes();
}

#[test]
fn the_agent_that_a_command_starts_leaves_no_core_dump() {
    let program = Program::new();
    let mut restore = program.start(&["restore", "missing"], [Stdio::null(), Stdio::null(), Stdio::null()]);
    assert_eq!(restore.0.wait().unwrap().code(), Some(10), "there is no such backup, and an agent already");
    let pids = agents::pids(&program.home());
    assert_eq!(pids.len(), 1);
    Process(pids[0]).assert_closes();
}
