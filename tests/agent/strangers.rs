//! Another user of the machine: not let in at the directory, nor at the socket, and not taken for an agent.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use strongroom::service::{Remote, Request};

use crate::aloud::{skip, skip_for_want};
use crate::home::{Home, PASSPHRASE, PROGRAM, call, changed, draft, list};
use crate::wait_for;

const STRANGER: &str = "65534";

/// A copy of a program that every user can run, wherever the program is.
struct Copied {
    dir: tempfile::TempDir,
}

impl Copied {
    fn of(program: &Path) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
        let copied = Self { dir };
        fs::copy(program, copied.path()).unwrap();
        copied
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("program")
    }
}

/// `program` as another user; `None`, said aloud, where that cannot be done.
fn as_stranger(test: &str, program: &Path) -> Option<Command> {
    if !rustix::process::geteuid().is_root() {
        skip(test, "only root may become another user");
        return None;
    }
    if Command::new("setpriv").arg("--version").output().is_err() {
        skip_for_want(test, "setpriv is not installed");
        return None;
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid", STRANGER, "--regid", STRANGER, "--clear-groups"])
        .arg(program)
        .env_clear()
        .current_dir("/");
    Some(command)
}

/// All directories down to `path` let everybody in.
fn open_up(path: &Path) {
    for dir in path.ancestors().filter(|dir| dir.parent().is_some() && fs::metadata(dir).unwrap().is_dir()) {
        let mode = fs::metadata(dir).unwrap().permissions().mode();
        fs::set_permissions(dir, Permissions::from_mode(mode | 0o055)).unwrap();
    }
}

fn failed(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{stderr}");
    stderr
}

/// Connects to `socket` with nothing of our own checks, sends a hello, and says what came back.
fn knock(mut command: Command, socket: &Path) -> Output {
    command.args(["--exact", "strangers::knocks", "--ignored", "--nocapture", "--test-threads", "1"]);
    command.env("STRONGROOM_KNOCK_AT", socket).output().unwrap()
}

#[test]
#[ignore = "is the stranger's process that the tests here start"]
fn knocks() {
    use std::io::{Read, Write};
    let socket = std::env::var_os("STRONGROOM_KNOCK_AT").unwrap();
    let answer = std::os::unix::net::UnixStream::connect(socket).and_then(|mut stream| {
        let hello = strongroom::service::wire::Hello::ours().encode();
        // The agent may have closed it by now.
        let _ = stream.write_all(&hello);
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).map(|_| answer)
    });
    match answer {
        Ok(answer) => println!("told {} bytes", answer.len()),
        Err(error) => println!("refused: {:?}", error.kind()),
    }
}

#[test]
fn a_stranger_is_refused_at_the_directory_and_at_the_socket() {
    let test = "a stranger at the socket";
    let this = Copied::of(&std::env::current_exe().unwrap());
    let Some(command) = as_stranger(test, &this.path()) else { return };
    let home = Home::new();
    let log = home.path().join("log");
    let _agent = home.agent(&["--log", log.to_str().unwrap()]);
    let mut door = home.remote();
    crate::home::unlock(&mut door, home.recovery());
    let told = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
    let output = knock(command, &home.socket());
    assert!(told(&output).contains("refused: PermissionDenied"), "{output:?}");
    open_up(home.socket().parent().unwrap());
    fs::set_permissions(home.socket(), Permissions::from_mode(0o666)).unwrap();
    let output = knock(as_stranger(test, &this.path()).unwrap(), &home.socket());
    assert!(told(&output).contains("told 0 bytes") || told(&output).contains("ConnectionReset"), "{output:?}");
    wait_for("a line in the log", || fs::read_to_string(&log).unwrap().contains("refused uid=65534").then_some(()));
    // The connection that was there before goes on.
    changed(call(&mut door, Request::Register(draft("mine", "x")))).unwrap();
    assert_eq!(list(&mut door).len(), 1);
}

#[test]
fn our_client_trusts_no_directory_and_no_socket_of_a_stranger() {
    let test = "a socket of a stranger";
    if as_stranger(test, Path::new(PROGRAM)).is_none() {
        return;
    }
    let home = Home::new();
    let _agent = home.agent(&[]);
    let own = |path: &Path, uid| std::os::unix::fs::chown(path, Some(uid), None).unwrap();
    let refused = || failed(&home.run(&["status"]));
    own(&home.socket(), 65534);
    assert!(refused().contains("another user") || refused().contains("65534"), "{}", refused());
    own(&home.socket(), 0);
    own(&home.place().lock_dir(), 65534);
    assert!(refused().contains("another user") || refused().contains("65534"), "{}", refused());
    own(&home.place().lock_dir(), 0);
    assert!(crate::agents::reached(Remote::to_running(home.place(), home.starter()).unwrap()).is_some());
}

/// The owner of the socket's file is ours, the process that listens is not: only the kernel can tell.
#[test]
fn nothing_is_sent_to_an_agent_that_another_user_runs() {
    let test = "an agent of a stranger";
    let (home, program) = (Home::new(), Copied::of(Path::new(PROGRAM)));
    let Some(mut agent) = as_stranger(test, &program.path()) else { return };
    let theirs = Home::new();
    let chowned = Command::new("chown").args(["-R", STRANGER]).arg(theirs.path()).status().unwrap();
    assert!(chowned.success());
    let path = home.socket();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::set_permissions(path.parent().unwrap(), Permissions::from_mode(0o700)).unwrap();
    agent.arg("agent").env("HOME", theirs.path());
    let mut agent = crate::home::Foreground(agent.stderr(std::process::Stdio::null()).spawn().unwrap());
    let socket = theirs.place().lock_dir().join(theirs.place().socket_name());
    wait_for("the stranger's agent", || {
        assert_eq!(agent.0.try_wait().unwrap(), None, "it ended");
        socket.exists().then_some(())
    });
    // An ordinary user has an agent as root has one.
    let mut status = as_stranger(test, &program.path()).unwrap();
    let unlocked = status.args(["unlock", "--passphrase-file"]).arg(theirs.path().join("pass"));
    let unlocked = unlocked.env("HOME", theirs.path()).output().unwrap();
    assert!(unlocked.status.success(), "{unlocked:?}");
    assert!(!String::from_utf8_lossy(&unlocked.stderr).contains(PASSPHRASE));
    fs::rename(&socket, &path).unwrap();
    std::os::unix::fs::chown(&path, Some(0), None).unwrap();
    let told = failed(&home.run(&["status"]));
    assert!(told.contains("served by user 65534, not by you: nothing was sent to it"), "{told}");
}
