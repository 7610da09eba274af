//! For tests: a door that answers as written down beforehand and remembers what it was asked.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use crate::host::FixedClock;
use crate::service::{Door, DoorError, Progress, Request, Response, Session, VaultStatus};
use crate::tui::harness::{Harness, START, Start};
use crate::tui::theme::Theme;

type Answer = Result<Response, DoorError>;

/// What the door will say, in order. [`Request::List`] always gets an empty list.
pub(in crate::tui) struct Script {
    status: VaultStatus,
    answers: VecDeque<Answer>,
    asked: Asked,
}

/// What the door was asked, apart from the status.
#[derive(Clone, Default)]
pub(in crate::tui) struct Asked(Arc<Mutex<Vec<Request>>>);

impl Asked {
    pub(in crate::tui) fn len(&self) -> usize {
        self.0.lock().expect("one thread").len()
    }

    #[track_caller]
    pub(in crate::tui) fn get(&self, index: usize) -> Request {
        self.0.lock().expect("one thread")[index].clone()
    }
}

impl Script {
    pub(in crate::tui) fn new(status: VaultStatus, answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { status, answers: answers.into_iter().collect(), asked: Asked::default() }
    }

    pub(in crate::tui) fn locked(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::new(VaultStatus::Locked, answers)
    }

    /// The program over this door.
    pub(in crate::tui) fn start(self, columns: u16, rows: u16) -> (Harness, Asked) {
        let asked = self.asked.clone();
        let start = Start {
            door: Box::new(self),
            clock: Arc::new(FixedClock::at(START)),
            theme: Theme::default(),
            demo: false,
            folder: PathBuf::from("/"),
            size: (columns, rows),
        };
        (Harness::start(start), asked)
    }
}

impl Door for Script {
    fn call(&mut self, request: Request, _progress: &dyn Fn(Progress)) -> Answer {
        if matches!(request, Request::Status) {
            return Ok(Response::Status(self.status.clone()));
        }
        let listing = matches!(request, Request::List);
        self.asked.0.lock().expect("one thread").push(request);
        if listing {
            return Ok(Response::Headers(Vec::new()));
        }
        self.answers.pop_front().unwrap_or_else(|| Err(DoorError::System("nothing more is written down".to_owned())))
    }
}

/// Who is in.
pub(in crate::tui) fn session() -> Session {
    Session {
        organization: "acme".into(),
        member: "Ada".into(),
        role: "Account Holder".into(),
        read_only: false,
        locks_in: Some(900),
    }
}
