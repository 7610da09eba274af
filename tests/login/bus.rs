//! A bus of its own with a logind that says what a test wants; its side of D-Bus is a whole other implementation than ours.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};

use tempfile::TempDir;
use zbus::message::Header;
use zbus::{Connection, ObjectPath, OwnedObjectPath, block_on, connection, fdo};

use crate::PATIENCE;
use crate::aloud::skip_for_want;

const CONFIG: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path=SOCKET</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
"#;

/// A bus for one test.
pub(crate) struct Bus {
    dir: TempDir,
    daemon: Child,
}

impl Bus {
    /// Starts one for `test`; `None`, said aloud, where there is no dbus-daemon.
    pub(crate) fn start(test: &str) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let config = CONFIG.replace("SOCKET", dir.path().join("socket").to_str().unwrap());
        std::fs::write(dir.path().join("config"), config).unwrap();
        match daemon(&dir) {
            Ok(daemon) => Some(Self { dir, daemon }),
            Err(error) => {
                skip_for_want(test, &format!("dbus-daemon (Debian: dbus) does not run: {error}"));
                None
            }
        }
    }

    pub(crate) fn address(&self) -> String {
        format!("unix:path={}", self.dir.path().join("socket").display())
    }

    /// Ends it, with all its connections.
    pub(crate) fn end(&mut self) {
        self.daemon.kill().unwrap();
        self.daemon.wait().unwrap();
    }

    /// Starts it anew, at the same address.
    pub(crate) fn start_anew(&mut self) {
        std::fs::remove_file(self.dir.path().join("socket")).unwrap();
        self.daemon = daemon(&self.dir).unwrap();
    }

    /// Sends a signal of logind's to `to`, as anybody on a bus can.
    pub(crate) fn forge(&self, to: &str, name: &str, what: &str) {
        let mut send = Command::new("dbus-send");
        send.arg(format!("--bus={}", self.address())).args(["--type=signal", &format!("--dest={to}")]);
        send.args(["/org/freedesktop/login1", &format!("org.freedesktop.login1.Manager.{name}"), what]);
        assert!(send.status().unwrap().success());
    }
}

fn daemon(dir: &TempDir) -> std::io::Result<Child> {
    let mut daemon = Command::new("dbus-daemon");
    daemon.arg("--config-file").arg(dir.path().join("config")).args(["--nofork", "--nopidfile", "--print-address"]);
    let mut daemon = daemon.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    // It says its address once it listens.
    BufReader::new(daemon.stdout.as_mut().unwrap()).read_line(&mut String::new())?;
    Ok(daemon)
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// A session, as logind knows it.
pub(crate) struct Session {
    pub(crate) leader: u32,
    pub(crate) state: &'static str,
}

#[zbus::interface(name = "org.freedesktop.login1.Session")]
impl Session {
    #[zbus(property)]
    fn leader(&self) -> u32 {
        self.leader
    }

    #[zbus(property)]
    fn state(&self) -> String {
        self.state.to_owned()
    }
}

/// Somebody who has asked to be waited for before the machine sleeps.
pub(crate) struct Delay {
    pub(crate) asked: [String; 4],
    pub(crate) by: String,
    held: UnixStream,
}

impl Delay {
    /// Waits until they let the machine sleep.
    pub(crate) fn wait_for_end(mut self) {
        self.held.set_nonblocking(false).unwrap();
        self.held.set_read_timeout(Some(PATIENCE)).unwrap();
        assert_eq!(self.held.read(&mut [0]).unwrap(), 0, "let go");
    }

    /// Whether they still do not.
    pub(crate) fn is_held(&self) -> bool {
        self.held.set_nonblocking(true).unwrap();
        (&self.held).read(&mut [0]).is_err()
    }
}

struct Manager {
    session: Option<OwnedObjectPath>,
    delays: Sender<Delay>,
}

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    fn inhibit(
        &self,
        #[zbus(header)] header: Header<'_>,
        what: &str,
        who: &str,
        why: &str,
        mode: &str,
    ) -> zbus::OwnedFd {
        let (held, given) = UnixStream::pair().unwrap();
        let by = header.sender().unwrap().to_string();
        self.delays.send(Delay { asked: [what, who, why, mode].map(str::to_owned), by, held }).unwrap();
        std::os::fd::OwnedFd::from(given).into()
    }

    #[zbus(name = "GetSessionByPID")]
    fn session_by_pid(&self, _pid: u32) -> fdo::Result<OwnedObjectPath> {
        self.session.clone().ok_or_else(|| fdo::Error::Failed("no session".into()))
    }
}

/// What is called logind on a bus.
pub(crate) struct Logind {
    connection: Connection,
    pub(crate) delays: Receiver<Delay>,
}

/// The path of a session.
pub(crate) fn path(id: &str) -> OwnedObjectPath {
    ObjectPath::try_from(format!("/org/freedesktop/login1/session/{id}")).unwrap().into()
}

impl Logind {
    /// One that says of every process that it is in the session called `id`, or in none.
    pub(crate) fn start(bus: &Bus, session: Option<(&str, Session)>) -> Self {
        let (sender, delays) = mpsc::channel();
        let manager = Manager { session: session.as_ref().map(|(id, _)| path(id)), delays: sender };
        let mut logind = connection::Builder::address(bus.address().as_str())
            .serve_at("/org/freedesktop/login1", manager)
            .name("org.freedesktop.login1");
        if let Some((id, session)) = session {
            logind = logind.serve_at(path(id), session);
        }
        Self { connection: block_on(logind.build()).unwrap(), delays }
    }

    /// The next one that asks to be waited for.
    pub(crate) fn next_delay(&self) -> Delay {
        self.delays.recv_timeout(PATIENCE).unwrap()
    }

    pub(crate) fn says_sleep(&self, begins: bool) {
        self.tell("PrepareForSleep", &begins);
    }

    pub(crate) fn says_removed(&self, id: &str) {
        self.tell("SessionRemoved", &(id, path(id)));
    }

    fn tell<B: serde::Serialize + zbus::DynamicType>(&self, name: &str, body: &B) {
        let (path, interface) = ("/org/freedesktop/login1", "org.freedesktop.login1.Manager");
        block_on(self.connection.emit_signal(None::<&str>, path, interface, name, body)).unwrap();
    }
}
