//! Through a real sshd on loopback: the line breaks in the middle of a form, and nothing is lost but the secret's value.

// In a test program, unwrapping is how helpers fail.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests skip for other reasons")]
#[path = "support/aloud.rs"]
mod aloud;
mod pty;

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use pty::home::{Home, PASSPHRASE, PROGRAM};
use pty::{PATIENCE, Session, Signal};

const SIZE: (u16, u16) = (100, 30);
const SSHD: &str = "/usr/sbin/sshd";

/// A server for one user, with keys that nobody else has and that go with this value.
struct Sshd {
    process: Child,
    port: u16,
    dir: tempfile::TempDir,
}

impl Sshd {
    /// Starts it; `None`, said aloud, where there is none.
    fn start(test: &str) -> Option<Self> {
        if !Path::new(SSHD).exists() {
            aloud::skip_for_want(test, "there is no sshd");
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        for key in ["host", "user"] {
            let mut make = Command::new("ssh-keygen");
            make.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(dir.path().join(key));
            assert!(make.status().unwrap().success());
        }
        fs::copy(dir.path().join("user.pub"), dir.path().join("authorized")).unwrap();
        // As root it wants an empty directory for the half of it that has no privileges.
        let _ = fs::DirBuilder::new().recursive(true).mode(0o755).create("/run/sshd");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        fs::write(dir.path().join("config"), config(dir.path(), port)).unwrap();
        let mut command = Command::new(SSHD);
        command.args(["-D", "-e", "-f"]).arg(dir.path().join("config"));
        let process = command.stderr(fs::File::create(dir.path().join("log")).unwrap()).spawn().unwrap();
        let server = Self { process, port, dir };
        server.wait();
        Some(server)
    }

    fn wait(&self) {
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(started.elapsed() < PATIENCE, "{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    /// Logs in and starts the screens there.
    fn log_in(&self, home: &Home) -> Session {
        let remote = format!(
            "exec env -i HOME={} TERM=xterm-256color LANG=C.UTF-8 SSH_CONNECTION=\"$SSH_CONNECTION\" {PROGRAM}",
            home.path().display()
        );
        let (port, key) = (self.port.to_string(), self.dir.path().join("user"));
        let known = format!("UserKnownHostsFile={}", self.dir.path().join("known").display());
        let options = ["StrictHostKeyChecking=accept-new", "IdentitiesOnly=yes", "LogLevel=ERROR", &known];
        let mut arguments = vec!["-tt", "-F", "none", "-p", &port, "-i", key.to_str().unwrap()];
        options.iter().for_each(|option| arguments.extend(["-o", option]));
        arguments.extend(["127.0.0.1", &remote]);
        Session::start(Path::new("/usr/bin/ssh"), &arguments, SIZE, &pty::home::MODERN)
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn config(dir: &Path, port: u16) -> String {
    let file = |name: &str| -> PathBuf { dir.join(name) };
    format!(
        "ListenAddress 127.0.0.1\nPort {port}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nUsePAM no\n\
         StrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n",
        file("host").display(),
        file("authorized").display()
    )
}

/// Who is connected to the agent of `home`, by their terminals.
fn connected(home: &Home) -> Vec<String> {
    let status: serde_json::Value = serde_json::from_slice(&home.run(&["status", "--json"]).stdout).unwrap();
    let clients = status["clients"].as_array().unwrap();
    clients.iter().map(|client| client["tty"].as_str().unwrap_or("-").to_owned()).collect()
}

#[test]
fn a_broken_line_loses_nothing_but_the_value() {
    let Some(sshd) = Sshd::start("a_broken_line_loses_nothing_but_the_value") else { return };
    let home = Home::with_vault();
    let mut session = sshd.log_in(&home);
    session.wait_for("The vault is locked");
    session.send(format!("{PASSPHRASE}\r"));
    session.wait_for("No secrets yet");
    register(&mut session, "deploy");
    session.send("n\r");
    session.wait_for("Header Name");
    session.send("billing\tX-Billing\ta-value-half-typed");
    session.wait_for("X-Billing");
    assert_eq!(connected(&home).len(), 1);
    session.kill(Signal::KILL);
    session.wait_exit();
    let broken = Instant::now();
    while !connected(&home).is_empty() {
        assert!(broken.elapsed() < Duration::from_secs(8), "the screens outlive their line");
        std::thread::sleep(Duration::from_millis(20));
    }

    let mut session = sshd.log_in(&home);
    session.wait_for("Secrets Management");
    session.wait_for("unfinished");
    session.send("\r");
    session.wait_for("Register API Key");
    session.wait_for("billing");
    session.wait_for("X-Billing");
    assert!(!session.screen().contains("half-typed"));
    let kept: Vec<_> =
        home.files().into_iter().filter(|(_, bytes)| memchr::memmem::find(bytes, b"billing").is_some()).collect();
    assert!(kept.is_empty(), "a name in the open: {kept:?}");
}

#[test]
fn two_logins_see_each_others_changes() {
    let Some(sshd) = Sshd::start("two_logins_see_each_others_changes") else { return };
    let home = Home::with_vault();
    let mut first = sshd.log_in(&home);
    first.wait_for("The vault is locked");
    first.send(format!("{PASSPHRASE}\r"));
    first.wait_for("No secrets yet");
    let mut second = sshd.log_in(&home);
    second.wait_for("No secrets yet");
    register(&mut first, "deploy");
    second.wait_for("deploy");
    register(&mut second, "billing");
    first.wait_for("billing");
    assert_eq!(connected(&home).len(), 2);
    second.send("\x0c");
    first.wait_for("The vault is locked");
    assert!(!first.screen().contains("deploy"));
}

fn register(session: &mut Session, name: &str) {
    session.send("n\r");
    session.wait_for("Header Name");
    session.send(format!("{name}\tX-Key\tvalue-of-{name}\x13"));
    session.wait_for(&format!("Registered {name}"));
    session.send("\r");
    session.wait_for("Secret name");
}
