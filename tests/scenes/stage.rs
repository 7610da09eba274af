//! A door in front of the demo that answers first what is written down: troubles that a sound vault does not have.

use std::collections::VecDeque;
use std::sync::Arc;

use strongroom::domain::Header;
use strongroom::host::{FixedClock, SeededEntropy};
use strongroom::service::{
    Door, DoorError, LeftForm, OpenReport, Progress, Request, Response, Service, Session, StoreTrouble, VaultStatus,
};
use strongroom::tui::harness::START;

type Answer = Result<Response, DoorError>;

/// The door.
pub struct Stage {
    status: VaultStatus,
    inner: Service,
    left: Vec<LeftForm>,
    answers: VecDeque<Answer>,
}

impl Stage {
    fn new(status: VaultStatus, answers: impl IntoIterator<Item = Answer>) -> Self {
        let inner = Service::demo(Arc::new(FixedClock::at(START)), Arc::new(SeededEntropy::new(7))).unwrap();
        Self { status, inner, left: Vec::new(), answers: answers.into_iter().collect() }
    }

    /// The secret of the demo that is called `name`.
    pub fn header(&mut self, name: &str) -> Arc<Header> {
        let Ok(Response::Headers(headers)) = self.inner.call(Request::List, &|_| {}) else { panic!("no headers") };
        headers.into_iter().find(|header| &*header.name == name).unwrap()
    }

    /// Then this answer.
    pub fn answer(&mut self, answer: Answer) {
        self.answers.push_back(answer);
    }

    /// With these forms left unfinished.
    pub fn with_left(self, left: Vec<LeftForm>) -> Self {
        Self { left, ..self }
    }

    /// No vault yet.
    pub fn absent(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::new(VaultStatus::Absent, answers)
    }

    /// A vault, locked.
    pub fn locked(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::new(VaultStatus::Locked, answers)
    }

    /// Opened with this report; then these answers.
    pub fn reporting(report: OpenReport, answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::locked([Ok(unlocked(report))].into_iter().chain(answers))
    }

    /// Opened without trouble; then these answers.
    pub fn open(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::reporting(OpenReport::default(), answers)
    }
}

/// The answer to an unlocking.
pub fn unlocked(report: OpenReport) -> Response {
    let session = Session {
        organization: "Northwind Trading".into(),
        member: "Ada Park".into(),
        role: "Account Holder".into(),
        read_only: report.trouble.is_some(),
        locks_in: None,
    };
    Response::Unlocked { session, report }
}

/// The report of a store in trouble.
pub fn trouble(trouble: StoreTrouble) -> OpenReport {
    OpenReport { trouble: Some(trouble), ..OpenReport::default() }
}

impl Door for Stage {
    fn call(&mut self, request: Request, progress: &dyn Fn(Progress)) -> Answer {
        match request {
            Request::Status => Ok(Response::Status(self.status.clone())),
            Request::List | Request::Details(_) | Request::Touch => self.inner.call(request, progress),
            Request::Unfinished => Ok(Response::Unfinished(self.left.clone())),
            Request::KeepUnfinished(_) | Request::DropUnfinished(_) => Ok(Response::Done),
            other => self.answers.pop_front().unwrap_or_else(|| self.inner.call(other, progress)),
        }
    }
}
