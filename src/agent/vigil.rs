//! Locks the vault when the session that opened it ends, and when the machine goes to sleep.
//!
//! One thread waits for all of that at once. A bus that is not there, or goes away, is tried again when the vault is
//! opened: only then does it matter.

use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, poll};

use super::hub::Hub;
use super::logind::{Login, Logind, Told};
use crate::host::slumber::Slumber;

/// What has come.
struct Ready {
    opened: bool,
    told: bool,
    woke_up: bool,
    /// The login sessions that have ended.
    left: Vec<Arc<Login>>,
}

/// Keeps watch until the agent ends.
pub(super) fn keep(hub: &Hub) {
    let mut vigil = Vigil { hub, logind: None, slumber: Slumber::watch().ok() };
    vigil.connect();
    while !hub.is_ending() {
        let Some(ready) = vigil.wait(&hub.logins.current()) else {
            return hub.log.write(format_args!("no watch is kept for sleep and the end of sessions"));
        };
        vigil.act(&ready);
    }
}

struct Vigil<'a> {
    hub: &'a Hub,
    logind: Option<Logind>,
    slumber: Option<Slumber>,
}

impl Vigil<'_> {
    /// Blocks until something has come; `None` when that is not possible.
    fn wait(&self, logins: &[Arc<Login>]) -> Option<Ready> {
        let leaders = logins.iter().filter_map(|login| Some((login, login.leader.as_ref()?)));
        let mut polled = vec![PollFd::new(&self.hub.logins, PollFlags::IN)];
        polled.extend(self.logind.iter().map(|fd| PollFd::new(fd, PollFlags::IN)));
        polled.extend(self.slumber.iter().map(|fd| PollFd::new(fd, PollFlags::IN)));
        polled.extend(leaders.clone().map(|(_, fd)| PollFd::new(fd, PollFlags::IN)));
        rustix::io::retry_on_intr(|| poll(&mut polled, None)).ok()?;
        let mut came = polled.iter().map(|fd| !fd.revents().is_empty());
        let mut next = |is_there: bool| is_there && came.next().unwrap_or_default();
        Some(Ready {
            opened: next(true),
            told: next(self.logind.is_some()),
            woke_up: next(self.slumber.is_some()),
            left: leaders.filter(|_| next(true)).map(|(login, _)| login.clone()).collect(),
        })
    }

    fn act(&mut self, ready: &Ready) {
        if ready.woke_up && self.slumber.as_mut().is_some_and(Slumber::is_over) {
            self.hub.lock("resume");
        }
        if ready.told {
            self.hear();
        }
        ready.left.iter().for_each(|login| self.end(login));
        if ready.opened {
            self.hub.logins.seen();
            if self.logind.is_none() {
                self.connect();
            }
        }
    }

    fn connect(&mut self) {
        match Logind::connect(&self.hub.logins.bus) {
            Ok(logind) => {
                let (there, delays) = (logind.is_there(), logind.delays_sleep());
                self.hub.log.write(format_args!("logind there={there} delays-sleep={delays}"));
                self.logind = Some(logind);
                self.hear_waiting();
            }
            Err(error) => self.hub.log.write(format_args!("logind: no bus: {error}")),
        }
    }

    /// Acts on what is told next.
    fn hear(&mut self) {
        let Some(logind) = &mut self.logind else { return };
        match logind.receive() {
            Ok(told) => self.obey(&told),
            Err(error) => return self.lose(&error),
        }
        self.hear_waiting();
    }

    /// Acts on what was told while something was asked.
    fn hear_waiting(&mut self) {
        while let Some(logind) = &mut self.logind {
            match logind.waiting() {
                Ok(Some(told)) => self.obey(&told),
                Ok(None) => return,
                Err(error) => self.lose(&error),
            }
        }
    }

    fn obey(&mut self, told: &Told) {
        match told {
            Told::Sleep => {
                self.hub.lock("sleep");
                let _ = self.logind.as_mut().map(Logind::allow_sleep);
            }
            Told::Ended(path) => {
                let logins = self.hub.logins.current().into_iter();
                logins.filter(|login| login.is(path)).for_each(|login| self.end(&login));
            }
            Told::Nothing => {}
        }
    }

    /// The session `login` has ended.
    fn end(&self, login: &Arc<Login>) {
        // Another one may have opened the vault in the meantime.
        if let Some(uid) = self.hub.logins.forget(login) {
            self.hub.login_ended(uid);
        }
    }

    fn lose(&mut self, error: &crate::host::bus::BusError) {
        self.logind = None;
        self.hub.log.write(format_args!("logind: the bus is lost: {error}"));
    }
}
