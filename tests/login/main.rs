//! The agent locks the vault by itself: at the end of the login session that unlocked it, and when the machine sleeps.
#![allow(clippy::unwrap_used)]

#[path = "../support/aloud.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod aloud;
mod bus;

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use bus::{Bus, Logind, Session};
use strongroom::service::{
    AgentPlace, Credential, Door, News, Remote, Request, Response, Running, Starter, VaultStatus,
};
use strongroom::vault::Place;
use tempfile::TempDir;

/// How long anything may take on a machine that has other work, too.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long one waits to see that nothing happens.
const A_WHILE: Duration = Duration::from_millis(300);
const PASSPHRASE: &str = "correct horse battery staple";

/// An agent, and us as its only client.
struct Agent {
    dir: TempDir,
    process: Child,
    door: Remote,
    news: Receiver<News>,
}

impl Agent {
    /// With a vault that was made, and so unlocked, by us.
    fn with_open_vault(bus: &str) -> Self {
        let mut agent = Self::start(bus);
        let (organization, member) = ("acme".into(), "Ada".into());
        agent.ask(Request::Create { organization, member, passphrase: PASSPHRASE.into() });
        assert!(matches!(agent.news.recv_timeout(PATIENCE), Ok(News::Unlocked(_))));
        agent
    }

    fn start(bus: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut program = Command::new(assert_cmd::cargo::cargo_bin!("strongroom"));
        program.env_clear().env("HOME", dir.path()).env("DBUS_SYSTEM_BUS_ADDRESS", bus).current_dir(dir.path());
        program.args(["agent", "--log", "log"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = program.spawn().unwrap();
        let place = Place {
            vault: dir.path().join(".local/share/strongroom"),
            state: dir.path().join(".local/state/strongroom"),
        };
        let mut door = until("the agent serves", || {
            match Remote::to_running(AgentPlace::new(place.clone(), |_| None), Starter::of(PathBuf::new())) {
                Ok(Running::Agent(remote)) => Some(remote),
                _ => None,
            }
        });
        let mut listener = door.listen().unwrap().unwrap();
        let (sender, news) = mpsc::channel();
        thread::spawn(move || {
            while let Ok(told) = listener.next() {
                let _ = sender.send(told);
            }
        });
        Self { dir, process, door, news }
    }

    fn ask(&mut self, request: Request) -> Response {
        self.door.call(request, &|_| {}).unwrap()
    }

    fn unlock(&mut self) {
        self.ask(Request::Unlock(Credential::Passphrase(PASSPHRASE.into())));
        assert!(matches!(self.news.recv_timeout(PATIENCE), Ok(News::Unlocked(_))));
    }

    fn is_open(&mut self) -> bool {
        matches!(self.ask(Request::Status), Response::Status(VaultStatus::Unlocked(_)))
    }

    #[track_caller]
    fn locks_at_once(&mut self, why: &str) {
        let start = Instant::now();
        assert_eq!(self.news.recv_timeout(PATIENCE), Ok(News::Locked));
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
        assert!(!self.is_open());
        // Written once the keys are forgotten, by a thread of its own.
        self.logs(&format!(" lock {why}\n"));
    }

    #[track_caller]
    fn stays_open(&mut self) {
        assert!(self.news.recv_timeout(A_WHILE).is_err() && self.is_open(), "{}", self.log());
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap()
    }

    fn logs(&self, words: &str) {
        until(words, || self.log().contains(words).then_some(()));
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[track_caller]
fn until<T>(what: &str, mut there: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = there() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "in vain: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The process that a login session stands and falls with.
struct Leader(Child);

impl Leader {
    fn start() -> Self {
        Self(Command::new("sleep").arg("600").spawn().unwrap())
    }

    fn session(&self) -> Session {
        Session { leader: self.0.id(), state: "active" }
    }

    fn leave(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        self.leave();
    }
}

#[test]
fn the_end_of_the_session_that_unlocked_it_locks_the_vault() {
    let Some(bus) = Bus::start("the end of the session") else { return };
    let leader = Leader::start();
    let logind = Logind::start(&bus, Some(("_37", leader.session())));
    let mut agent = Agent::with_open_vault(&bus.address());
    logind.says_removed("_38");
    agent.stays_open();
    logind.says_removed("_37");
    agent.locks_at_once("session-end");
}

#[test]
fn it_has_ended_when_its_leader_has_though_other_processes_keep_it() {
    let Some(bus) = Bus::start("the end of the leader") else { return };
    let mut leader = Leader::start();
    let _logind = Logind::start(&bus, Some(("_37", leader.session())));
    let mut agent = Agent::with_open_vault(&bus.address());
    agent.stays_open();
    leader.leave();
    agent.locks_at_once("session-end");
}

#[test]
fn whoever_unlocks_after_the_end_of_their_session_is_not_locked_out_again() {
    let Some(bus) = Bus::start("a session that has ended before") else { return };
    let mut leader = Leader::start();
    let logind = Logind::start(&bus, Some(("c1", Session { state: "closing", ..leader.session() })));
    let mut agent = Agent::with_open_vault(&bus.address());
    leader.leave();
    agent.stays_open();
    logind.says_removed("c1");
    agent.locks_at_once("session-end");
}

#[test]
fn a_process_in_no_session_has_none_that_ends() {
    let Some(bus) = Bus::start("no session") else { return };
    let logind = Logind::start(&bus, None);
    let mut agent = Agent::with_open_vault(&bus.address());
    logind.says_removed("_37");
    agent.stays_open();
}

#[test]
fn the_machine_sleeps_when_the_vault_is_locked_and_not_before() {
    let Some(bus) = Bus::start("the sleep") else { return };
    let logind = Logind::start(&bus, None);
    let mut agent = Agent::with_open_vault(&bus.address());
    let delay = logind.next_delay();
    assert_eq!(delay.asked, ["sleep", "strongroom", "locks the vault", "delay"]);
    agent.stays_open();
    assert!(delay.is_held());
    logind.says_sleep(true);
    delay.wait_for_end();
    assert!(!agent.is_open(), "the keys are gone before the machine sleeps");
    agent.locks_at_once("sleep");
    logind.says_sleep(false);
    assert!(logind.next_delay().is_held(), "the next sleep waits, too");
}

#[test]
fn only_logind_is_believed() {
    let Some(bus) = Bus::start("forged signals") else { return };
    let leader = Leader::start();
    let logind = Logind::start(&bus, Some(("_37", leader.session())));
    let mut agent = Agent::with_open_vault(&bus.address());
    let ours = logind.next_delay().by;
    bus.forge(&ours, "PrepareForSleep", "boolean:true");
    agent.stays_open();
    logind.says_sleep(true);
    agent.locks_at_once("sleep");
}

#[test]
fn without_a_bus_the_agent_serves_and_looks_again_when_the_vault_is_unlocked() {
    let Some(mut bus) = Bus::start("a bus that goes away") else { return };
    let mut agent = Agent::with_open_vault(&bus.address());
    agent.logs("logind there=false");
    bus.end();
    agent.logs("logind: the bus is lost");
    agent.stays_open();
    bus.start_anew();
    let logind = Logind::start(&bus, None);
    agent.ask(Request::Lock);
    assert_eq!(agent.news.recv_timeout(PATIENCE), Ok(News::Locked));
    agent.unlock();
    assert!(logind.next_delay().is_held());
    logind.says_sleep(true);
    agent.locks_at_once("sleep");
}

#[test]
fn a_logind_that_comes_later_is_noticed() {
    let Some(bus) = Bus::start("a late logind") else { return };
    let mut agent = Agent::with_open_vault(&bus.address());
    agent.logs("logind there=false");
    let logind = Logind::start(&bus, None);
    assert!(logind.next_delay().is_held());
    logind.says_sleep(true);
    agent.locks_at_once("sleep");
}

#[test]
fn where_there_is_no_bus_everything_else_works() {
    let mut agent = Agent::with_open_vault("unix:path=/nonexistent/bus");
    agent.logs("logind: no bus");
    agent.stays_open();
    agent.ask(Request::Lock);
    assert!(!agent.is_open());
}
