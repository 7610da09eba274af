//! For tests: a door that answers as written down beforehand and remembers what it was asked.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::domain::Header;
use crate::host::{Clock, FixedClock};
use crate::service::{Door, DoorError, LeftForm, Progress, Request, Response, Session, Uses, VaultStatus};
use crate::tui::harness::{Harness, START, Start};
use crate::tui::theme::Theme;

type Answer = Result<Response, DoorError>;

/// What the door will say, in order. [`Request::List`] and [`Request::Uses`] always get the same.
pub(in crate::tui) struct Script {
    status: VaultStatus,
    clock: Arc<FixedClock>,
    last_use: Duration,
    /// The forms that were left unfinished.
    pub(in crate::tui) left: Vec<LeftForm>,
    /// The secrets that are listed.
    pub(in crate::tui) headers: Vec<Arc<Header>>,
    /// Where each of them is applied.
    pub(in crate::tui) uses: Uses,
    /// Requests that always get the same answer, whatever is written down.
    pub(in crate::tui) steady: Vec<(Request, Response)>,
    answers: VecDeque<Answer>,
    asked: Asked,
}

/// What the door was asked, apart from the status; and what it was told of unfinished forms.
#[derive(Clone, Default)]
pub(in crate::tui) struct Asked(Arc<Mutex<Vec<Request>>>, Arc<Mutex<Vec<Request>>>);

impl Asked {
    pub(in crate::tui) fn len(&self) -> usize {
        self.0.lock().expect("one thread").len()
    }

    /// What it was told of unfinished forms.
    pub(in crate::tui) fn unfinished(&self) -> Vec<Request> {
        self.1.lock().expect("one thread").clone()
    }

    #[track_caller]
    pub(in crate::tui) fn get(&self, index: usize) -> Request {
        self.0.lock().expect("one thread")[index].clone()
    }
}

impl Script {
    pub(in crate::tui) fn new(status: VaultStatus, answers: impl IntoIterator<Item = Answer>) -> Self {
        Self {
            status,
            clock: Arc::new(FixedClock::at(START)),
            last_use: Duration::ZERO,
            left: Vec::new(),
            headers: Vec::new(),
            uses: Uses::default(),
            steady: Vec::new(),
            answers: answers.into_iter().collect(),
            asked: Asked::default(),
        }
    }

    pub(in crate::tui) fn locked(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::new(VaultStatus::Locked, answers)
    }

    /// The program over this door.
    pub(in crate::tui) fn start(self, columns: u16, rows: u16) -> (Harness, Asked) {
        let (asked, clock) = (self.asked.clone(), self.clock.clone());
        let start = Start {
            door: Box::new(self),
            clock,
            theme: Theme::default(),
            demo: false,
            folder: PathBuf::from("/"),
            size: (columns, rows),
        };
        (Harness::start(start), asked)
    }
}

impl Script {
    /// The status as the door would tell it: it counts down, and at the end the vault is locked.
    fn status(&mut self) -> VaultStatus {
        if let VaultStatus::Unlocked(session @ Session { locks_in: Some(all), .. }) = &self.status {
            let passed = u32::try_from((self.clock.uptime() - self.last_use).as_secs()).unwrap_or(u32::MAX);
            match all.saturating_sub(passed) {
                0 => self.status = VaultStatus::Locked,
                left => return VaultStatus::Unlocked(Session { locks_in: Some(left), ..session.clone() }),
            }
        }
        self.status.clone()
    }

    /// What an answer does to the status.
    fn follow(&mut self, lock: bool, answer: &Answer) {
        match answer {
            _ if lock => self.status = VaultStatus::Locked,
            Ok(Response::Unlocked { session, .. } | Response::Created { session, .. }) => {
                self.status = VaultStatus::Unlocked(session.clone());
            }
            _ => {}
        }
    }
}

impl Door for Script {
    fn call(&mut self, request: Request, _progress: &dyn Fn(Progress)) -> Answer {
        let status = self.status();
        if let Some((_, answer)) = self.steady.iter().find(|(steady, _)| *steady == request) {
            return Ok(answer.clone());
        }
        match request {
            Request::Status => return Ok(Response::Status(status)),
            Request::Uses(_) => return Ok(Response::Uses(self.uses.clone())),
            Request::Unfinished => return Ok(Response::Unfinished(self.left.clone())),
            Request::KeepUnfinished(_) | Request::DropUnfinished(_) => {
                self.asked.1.lock().expect("one thread").push(request);
                return Ok(Response::Done);
            }
            _ => {}
        }
        self.last_use = self.clock.uptime();
        if request == Request::Touch {
            return Ok(Response::Status(self.status()));
        }
        let lock = request == Request::Lock;
        let listing = matches!(request, Request::List);
        self.asked.0.lock().expect("one thread").push(request);
        if listing {
            return Ok(Response::Headers(self.headers.clone()));
        }
        let answer = self.answers.pop_front();
        let answer = answer.unwrap_or_else(|| Err(DoorError::System("nothing more is written down".to_owned())));
        self.follow(lock, &answer);
        answer
    }
}

/// Who is in.
pub(in crate::tui) fn session() -> Session {
    Session {
        organization: "acme".into(),
        member: "Ada".into(),
        rights: crate::domain::organization::Rights::of(
            crate::domain::MemberId([1; 16]),
            crate::domain::organization::Role::AccountHolder,
        ),
        read_only: false,
        locks_in: Some(900),
    }
}
