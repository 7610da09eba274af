//! A door in front of the demo that answers first what is written down: troubles that a sound vault does not have.

use std::collections::VecDeque;
use std::sync::Arc;

use strongroom::host::{FixedClock, SeededEntropy};
use strongroom::service::{
    Door, DoorError, OpenReport, Progress, Request, Response, Service, Session, StoreTrouble, VaultStatus,
};
use strongroom::tui::harness::START;

type Answer = Result<Response, DoorError>;

/// The door.
pub struct Stage {
    status: VaultStatus,
    inner: Service,
    answers: VecDeque<Answer>,
}

impl Stage {
    fn new(status: VaultStatus, answers: impl IntoIterator<Item = Answer>) -> Self {
        let inner = Service::demo(Arc::new(FixedClock::at(START)), Arc::new(SeededEntropy::new(7))).unwrap();
        Self { status, inner, answers: answers.into_iter().collect() }
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
            Request::List | Request::Details(_) => self.inner.call(request, progress),
            other => self.answers.pop_front().unwrap_or_else(|| self.inner.call(other, progress)),
        }
    }
}
