//! Each process that works with the vault, and what it must not know any more.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::Pid;

use crate::pty::agents;
use crate::pty::home::Home;
use crate::scan::{Found, scan};
use crate::secrets::Secret;

/// What is left a moment after the lock, when every thread has come to rest, stays. A busy machine takes its time.
const MOMENT: Duration = Duration::from_secs(5);

/// A process, and what it is called when something is found in it.
#[derive(Debug, Clone, Copy)]
pub struct Process {
    name: &'static str,
    pid: Pid,
}

impl Process {
    pub fn new(name: &'static str, pid: Pid) -> Self {
        Self { name, pid }
    }

    /// The agent that was started in `home`.
    pub fn agent(home: &Home) -> Self {
        let pids = agents::pids(home.path());
        assert_eq!(pids.len(), 1, "one agent: {pids:?}");
        let pid = i32::try_from(pids[0]).ok().and_then(Pid::from_raw).expect("a process");
        Self::new("the agent", pid)
    }

    pub fn pid(self) -> Pid {
        self.pid
    }

    pub fn look(self, secrets: &[Secret]) -> Found {
        scan(&[self.pid], secrets).expect("it could be read before")
    }

    /// Fails unless every one of `secrets` is in it: the search finds what is there.
    #[track_caller]
    pub fn knows(self, secrets: &[Secret]) {
        let found = self.look(secrets);
        let missing: Vec<&str> =
            secrets.iter().map(|secret| &*secret.name).filter(|name| !found.has(name, "raw")).collect();
        assert!(missing.is_empty(), "the search finds {missing:?} in {}: {found:#?}", self.name);
    }

    /// Fails when one of `secrets` is in it now.
    #[track_caller]
    pub fn knows_none(self, secrets: &[Secret]) {
        let found = self.look(secrets);
        assert!(found.0.is_empty(), "never in {}: {:#?}", self.name, found.0);
    }

    /// Fails when one of `secrets` stays in it, after `what`.
    #[track_caller]
    pub fn forgets(self, secrets: &[Secret], what: &str) {
        let since = Instant::now();
        let mut found = self.look(secrets);
        while !found.0.is_empty() && since.elapsed() < MOMENT {
            sleep(Duration::from_millis(100));
            found = self.look(secrets);
        }
        assert!(found.0.is_empty(), "in {}, after {what}: {:#?}", self.name, found.0);
    }
}
