//! The one vault in the middle: everybody's requests, one at a time, and who is told of what came of them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, TryLockError};
use std::time::Duration;

use super::clients::Clients;
use super::events::EventLog;
use super::logind::Login;
use super::logins::Logins;
use super::newsroom::{Newsroom, hold};
use crate::domain::Timestamp;
use crate::host::Clock;
use crate::host::panics::quietly;
use crate::service::{Door, DoorError, News, Progress, Request, Response, Service, VaultStatus};

type Answer = Result<Response, DoorError>;

/// The vault and everybody around it.
pub(super) struct Hub {
    service: Mutex<Service>,
    /// What the vault was after the last request: for whoever only looks while another one is at work.
    status: Mutex<VaultStatus>,
    pub(super) clients: Clients,
    pub(super) newsroom: Newsroom,
    pub(super) log: EventLog,
    pub(super) logins: Logins,
    clock: Arc<dyn Clock>,
    /// Something about the deadlines has changed.
    changed: Mutex<bool>,
    wake: Condvar,
    ending: AtomicBool,
}

impl Hub {
    pub(super) fn new(mut service: Service, clock: Arc<dyn Clock>, log: EventLog, logins: Logins) -> Self {
        let status = status_of(&mut service).unwrap_or(VaultStatus::Locked);
        Self {
            service: Mutex::new(service),
            status: Mutex::new(status),
            clients: Clients::default(),
            newsroom: Newsroom::default(),
            log,
            logins,
            clock,
            changed: Mutex::new(false),
            wake: Condvar::new(),
            ending: AtomicBool::new(false),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp(self.clock.now())
    }

    pub(super) fn uptime(&self) -> Duration {
        self.clock.uptime()
    }

    /// Carries out one request. Requests that change something wait for each other; one that only looks at the status
    /// waits for nobody. `login` is the session of whoever asks, where that matters.
    pub(super) fn call(&self, request: Request, login: Option<Login>, progress: &dyn Fn(Progress)) -> Answer {
        match request {
            Request::Clients => return Ok(Response::Clients(self.clients.list())),
            Request::Status => match self.service.try_lock() {
                Ok(service) => return self.at(service, request, None, progress),
                Err(TryLockError::Poisoned(poisoned)) => {
                    return self.at(poisoned.into_inner(), request, None, progress);
                }
                Err(TryLockError::WouldBlock) => return Ok(Response::Status(hold(&self.status).clone())),
            },
            _ => {}
        }
        let service = hold(&self.service);
        // Nobody opens it again behind the back of an agent that is ending.
        if self.is_ending() {
            return Err(DoorError::Locked);
        }
        self.at(service, request, login, progress)
    }

    /// Locks the vault; `why` is for the log.
    pub(super) fn lock(&self, why: &str) {
        let service = hold(&self.service);
        if service.is_open() {
            self.log.write(format_args!("lock {why}"));
            // Whatever it says, the keys are forgotten.
            let _ = self.at(service, Request::Lock, None, &|_| {});
        }
    }

    fn at(
        &self,
        mut service: MutexGuard<'_, Service>,
        request: Request,
        login: Option<Login>,
        progress: &dyn Fn(Progress),
    ) -> Answer {
        let was_open = service.is_open();
        let sets_timer = matches!(request, Request::LockAfter { .. });
        let unlocks = matches!(request, Request::Unlock(_));
        let answer = quietly(|| service.call(request, progress)).unwrap_or_else(|_| {
            // What a bug left half done is not used any more.
            let _ = quietly(|| service.call(Request::Lock, &|_| {}));
            self.log.write(format_args!("bug: a request panicked, the vault was locked"));
            Err(DoorError::System(
                "strongroom has a bug and could not do it; the vault was locked, nothing stored is lost".into(),
            ))
        });
        match (was_open, service.is_open()) {
            (false, true) => self.logins.opened_by(login),
            (true, false) => self.logins.locked(),
            _ => {}
        }
        self.tell(was_open, &mut service, &answer);
        if let (true, Ok(Response::Status(VaultStatus::Unlocked(session)))) = (sets_timer, &answer) {
            self.newsroom.tell(&News::Timer(session.clone()));
        }
        if sets_timer || unlocks || was_open != service.is_open() {
            self.alarm();
        }
        answer
    }

    /// Tells everybody what came of a request, in the order in which it happened: the vault is still in our hands.
    fn tell(&self, was_open: bool, service: &mut Service, answer: &Answer) {
        let is_open = service.is_open();
        match answer {
            Ok(Response::Changed(header)) => self.newsroom.tell(&News::Changed(vec![header.clone()])),
            Ok(Response::Unlocked { session, .. } | Response::Created { session, .. }) if !was_open => {
                self.newsroom.tell(&News::Unlocked(session.clone()));
            }
            Ok(Response::Unlocked { .. }) => self.newsroom.tell(&News::ListAnew),
            _ if was_open && !is_open => self.newsroom.tell(&News::Locked),
            _ => {}
        }
        if let Some(status) = self.changed_status(was_open, service, answer) {
            *hold(&self.status) = status;
        }
    }

    /// The status for those who only look, when this answer may have changed it.
    fn changed_status(&self, was_open: bool, service: &mut Service, answer: &Answer) -> Option<VaultStatus> {
        match answer {
            Ok(Response::Status(status)) => Some(status.clone()),
            Ok(Response::Unlocked { .. } | Response::Created { .. } | Response::Restored { .. }) => status_of(service),
            _ if was_open != service.is_open() => status_of(service),
            _ => None,
        }
    }

    /// Locks the vault when its time is over; says in how long the next one is.
    pub(super) fn lock_if_idle(&self) -> Option<Duration> {
        let service = hold(&self.service);
        if service.locks_in() == Some(Duration::ZERO) {
            self.log.write(format_args!("lock idle"));
            let _ = self.at(service, Request::Status, None, &|_| {});
            return None;
        }
        service.locks_in()
    }

    pub(super) fn is_open(&self) -> bool {
        hold(&self.service).is_open()
    }

    /// Something about the deadlines has changed: whoever waits for them looks again.
    pub(super) fn alarm(&self) {
        *hold(&self.changed) = true;
        self.wake.notify_all();
    }

    /// Waits for `time`, or until the deadlines have changed.
    pub(super) fn wait(&self, time: Option<Duration>) {
        let changed = hold(&self.changed);
        let unchanged = |changed: &mut bool| !*changed;
        let mut changed = match time {
            Some(time) => match self.wake.wait_timeout_while(changed, time, unchanged) {
                Ok((changed, _)) => changed,
                Err(poisoned) => poisoned.into_inner().0,
            },
            None => self.wake.wait_while(changed, unchanged).unwrap_or_else(std::sync::PoisonError::into_inner),
        };
        *changed = false;
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

fn status_of(service: &mut Service) -> Option<VaultStatus> {
    match service.call(Request::Status, &|_| {}) {
        Ok(Response::Status(status)) => Some(status),
        _ => None,
    }
}
