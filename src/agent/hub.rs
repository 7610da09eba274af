//! The one vault in the middle: everybody's requests, one at a time, and who is told of what came of them.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use super::clients::Clients;
use super::events::EventLog;
use super::logind::Login;
use super::logins::Logins;
use super::newsroom::Newsroom;
use super::told::{About, news_of};
use super::turn::Turns;
use crate::domain::Timestamp;
use crate::domain::audit::Origin;
use crate::host::Clock;
use crate::host::owner::our_uid;
use crate::host::panics::quietly;
use crate::host::sync::hold;
use crate::host::waker::Waker;
use crate::service::{Door, DoorError, Progress, Request, Response, Service, Session, VaultStatus, of_our_own_accord};

type Answer = Result<Response, DoorError>;

/// What a vault was at a time.
pub(super) struct Seen {
    status: VaultStatus,
    /// Of several users, those who are in.
    pub(super) users: BTreeMap<u32, Session>,
    /// As [`Clock::uptime`] tells it.
    at: Duration,
}

impl Seen {
    /// The same for the user `uid` at `now`, when less is left until the idle lock.
    fn at(&self, now: Duration, uid: u32) -> VaultStatus {
        let mut status =
            self.users.get(&uid).map_or_else(|| self.status.clone(), |own| VaultStatus::Unlocked(own.clone()));
        if let VaultStatus::Unlocked(Session { locks_in: Some(left), .. }) = &mut status {
            let passed = u32::try_from(now.saturating_sub(self.at).as_secs()).unwrap_or(u32::MAX);
            *left = left.saturating_sub(passed);
        }
        status
    }
}

/// The vault and everybody around it.
pub(super) struct Hub {
    service: Turns<Service>,
    /// It serves several users, each in a session of their own.
    for_users: bool,
    /// What the vault was after the last request: for whoever only looks while another one is at work.
    pub(super) status: Mutex<Seen>,
    pub(super) clients: Clients,
    pub(super) newsroom: Newsroom,
    pub(super) log: EventLog,
    pub(super) logins: Logins,
    clock: Arc<dyn Clock>,
    /// Rings when something about the deadlines has changed.
    waker: Waker,
    ending: AtomicBool,
    /// Ends the process, for want of another way to forget the keys.
    quit: Box<dyn Fn() + Send + Sync>,
}

impl Hub {
    /// `quit` ends the process.
    pub(super) fn new(
        mut service: Service,
        clock: Arc<dyn Clock>,
        log: EventLog,
        logins: Logins,
        quit: Box<dyn Fn() + Send + Sync>,
    ) -> io::Result<Self> {
        let status = status_of(&mut service).unwrap_or(VaultStatus::Locked);
        let status = Seen { status, users: BTreeMap::new(), at: clock.uptime() };
        let for_users = service.is_for_users();
        Ok(Self {
            for_users,
            service: Turns::new(service),
            status: Mutex::new(status),
            clients: Clients::of(for_users),
            newsroom: Newsroom::default(),
            log,
            logins,
            clock,
            waker: Waker::new()?,
            ending: AtomicBool::new(false),
            quit,
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp(self.clock.now())
    }

    pub(super) fn uptime(&self) -> Duration {
        self.clock.uptime()
    }

    /// Carries out one request. Requests that change something wait for each other; one that only looks at the status
    /// waits for nobody. `who` tells who asks; they are the user `uid`, and `login` is their session, where that matters.
    pub(super) fn call(
        &self,
        request: Request,
        (uid, login): (u32, Option<Login>),
        who: &dyn Fn() -> Origin,
        progress: &dyn Fn(Progress),
    ) -> Answer {
        let service = match request {
            Request::Clients => return Ok(Response::Clients(self.clients.list(|other| self.may_see(uid, other)))),
            Request::Status => match self.service.now() {
                Some(service) => return self.at(service, request, (uid, None), who, progress),
                None => return Ok(Response::Status(hold(&self.status).at(self.uptime(), uid))),
            },
            Request::Lock if !self.for_users => self.service_soon().ok_or_else(overdue)?,
            _ => self.service.in_turn(),
        };
        // Nobody opens it again behind the back of an agent that is ending: whoever has the service after the end has it
        // closed, and whoever has it before is waited for.
        if self.is_ending() && request != Request::Lock {
            return Err(DoorError::Locked);
        }
        self.at(service, request, (uid, login), who, progress)
    }

    /// Locks the vault, or ends the process where that cannot be done soon; `why` is for the log.
    pub(super) fn lock(&self, why: &str) {
        let Some(service) = self.service_soon() else { return };
        if !service.is_open() {
            return;
        }
        if self.for_users {
            self.lock_everybody(service, why);
        } else {
            // Whatever it says, the keys are forgotten.
            let _ = self.at(service, Request::Lock, (our_uid(), None), &of_our_own_accord, &|_| {});
        }
        self.log.write(format_args!("lock {why}"));
    }

    /// The login session for which the user `uid` is in has ended.
    pub(super) fn login_ended(&self, uid: u32) {
        if self.for_users {
            self.sign_out(self.service.in_turn(), uid, "session-end");
        } else {
            self.lock("session-end");
        }
    }

    /// The service, once the request in hand is done; `None` when that takes too long, and the process ends.
    fn service_soon(&self) -> Option<MutexGuard<'_, Service>> {
        let service = self.service.soon();
        if service.is_none() {
            self.ending.store(true, Ordering::SeqCst);
            self.log.write(format_args!("end: a request takes too long to lock the vault"));
            (self.quit)();
        }
        service
    }

    fn at(
        &self,
        mut service: MutexGuard<'_, Service>,
        request: Request,
        (uid, login): (u32, Option<Login>),
        who: &dyn Fn() -> Origin,
        progress: &dyn Fn(Progress),
    ) -> Answer {
        if self.for_users {
            return self.at_for(service, request, (uid, login), who, progress);
        }
        let was_open = service.is_open();
        let about = About::of(&request);
        let answer = self.carry_out(&mut service, request, who, progress);
        let is_open = service.is_open();
        match (was_open, is_open) {
            (false, true) => self.logins.opened_by(uid, login),
            (true, false) => self.logins.locked(our_uid()),
            _ => {}
        }
        // First, so that whoever hears the news and asks is not told of what was before.
        if let Some(status) = self.changed_status(was_open, &mut service, &answer) {
            self.note(status, BTreeMap::new());
        }
        // In the order in which it happened: the vault is still in our hands.
        news_of(&answer, about, was_open, is_open).iter().for_each(|news| self.newsroom.tell(news));
        if about == About::Timer || was_open != is_open || matches!(answer, Ok(Response::Unlocked { .. })) {
            self.alarm();
        }
        answer
    }

    /// Lets the service do it. A bug costs an open vault, and no more.
    fn carry_out(
        &self,
        service: &mut Service,
        request: Request,
        who: &dyn Fn() -> Origin,
        progress: &dyn Fn(Progress),
    ) -> Answer {
        quietly(|| service.call_for(request, who, progress)).unwrap_or_else(|_| {
            // What a bug left half done is not used any more.
            let _ = quietly(|| service.call_for(Request::Lock, &of_our_own_accord, &|_| {}));
            self.log.write(format_args!("bug: a request panicked, the vault was locked"));
            Err(DoorError::System(
                "strongroom has a bug and could not do it; the vault was locked, nothing stored is lost".into(),
            ))
        })
    }

    /// The status for those who only look, when this answer may have changed it.
    fn changed_status(&self, was_open: bool, service: &mut Service, answer: &Answer) -> Option<VaultStatus> {
        match answer {
            Ok(Response::Status(status)) => Some(status.clone()),
            Ok(Response::Unlocked { .. } | Response::Created { .. } | Response::Restored { .. }) => status_of(service),
            // Names of people do not outlive the keys, whatever cannot be told of the vault.
            _ if was_open && !service.is_open() => Some(status_of(service).unwrap_or(VaultStatus::Locked)),
            _ => None,
        }
    }

    /// Locks the vault when its time is over; says in how long the next one is. A request in hand is waited for: it is use.
    pub(super) fn lock_if_idle(&self) -> Option<Duration> {
        let service = self.service.next();
        if service.locks_in() == Some(Duration::ZERO) {
            if self.for_users {
                self.sign_out_idle(service);
                return self.service.next().locks_in();
            }
            let _ = self.at(service, Request::Status, (our_uid(), None), &of_our_own_accord, &|_| {});
            self.log.write(format_args!("lock idle"));
            return None;
        }
        service.locks_in()
    }

    /// What those who only look are told from now on.
    pub(super) fn note(&self, status: VaultStatus, users: BTreeMap<u32, Session>) {
        *hold(&self.status) = Seen { status, users, at: self.uptime() };
    }

    /// Whether it serves several users.
    pub(super) fn is_for_users(&self) -> bool {
        self.for_users
    }

    pub(super) fn is_open(&self) -> bool {
        self.service.next().is_open()
    }

    /// Something about the deadlines has changed: whoever waits for them looks again.
    pub(super) fn alarm(&self) {
        self.waker.ring();
    }

    /// Waits for `time`, which passes while the machine sleeps, too, or until the deadlines have changed.
    pub(super) fn wait(&self, time: Option<Duration>) {
        self.waker.wait(time);
    }

    /// The end has begun: the vault is locked, and nothing is taken any more.
    pub(super) fn end(&self, why: &str) {
        self.ending.store(true, Ordering::SeqCst);
        self.lock(why);
    }

    pub(super) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::SeqCst)
    }
}

fn overdue() -> DoorError {
    DoorError::Agent("another request takes too long: the agent ends instead, and the keys go with it".into())
}

pub(super) fn status_of(service: &mut Service) -> Option<VaultStatus> {
    match service.call(Request::Status, &|_| {}) {
        Ok(Response::Status(status)) => Some(status),
        _ => None,
    }
}

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
