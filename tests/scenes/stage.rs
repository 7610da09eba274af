//! A door in front of the demo that answers first what is written down: troubles that a sound vault does not have.

use std::collections::VecDeque;
use std::sync::Arc;

use strongroom::domain::organization::{OrganizationView, Rights, Role};
use strongroom::domain::{Application, Header, KeptRevision, MemberId, Scope, SecretId, SeenDelivery, Settings};
use strongroom::host::{FixedClock, SeededEntropy};
use strongroom::service::{
    AuditVerdict, Door, DoorError, Event, LeftForm, OpenReport, Progress, Request, Response, Service, Session,
    StoreTrouble, Uses, VaultStatus,
};
use strongroom::tui::harness::START;

type Answer = Result<Response, DoorError>;

/// The door.
pub struct Stage {
    status: VaultStatus,
    inner: Service,
    left: Vec<LeftForm>,
    outside: Option<Outside>,
    /// The secrets that are in somebody's profile, by name.
    personal: Vec<(&'static str, MemberId)>,
    answers: VecDeque<Answer>,
}

impl Stage {
    fn new(status: VaultStatus, answers: impl IntoIterator<Item = Answer>) -> Self {
        let inner = Service::demo(Arc::new(FixedClock::at(START)), Arc::new(SeededEntropy::new(7))).unwrap();
        Self {
            status,
            inner,
            left: Vec::new(),
            outside: None,
            personal: Vec::new(),
            answers: answers.into_iter().collect(),
        }
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

    /// With all this seen of the uses of its secrets.
    pub fn with_uses(self, outside: Outside) -> Self {
        Self { outside: Some(outside), ..self }
    }

    /// With this secret in the profile of `owner`.
    pub fn with_personal(mut self, name: &'static str, owner: MemberId) -> Self {
        self.personal.push((name, owner));
        self
    }

    /// Each as the stage has it: personal, where it is.
    fn staged(&self, header: Arc<Header>) -> Arc<Header> {
        match self.personal.iter().find(|(name, _)| **name == *header.name) {
            Some((_, owner)) => Arc::new(Header { scope: Scope::Personal, owner: *owner, ..(*header).clone() }),
            None => header,
        }
    }

    fn with_scopes(&self, answer: Answer) -> Answer {
        match answer? {
            Response::Headers(headers) => {
                Ok(Response::Headers(headers.into_iter().map(|header| self.staged(header)).collect()))
            }
            Response::Details(details) => Ok(Response::Details(self.staged(details.header).into())),
            other => Ok(other),
        }
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

/// What is told of the uses of secrets, always the same.
#[derive(Default)]
pub struct Outside {
    /// All applications.
    pub applications: Vec<Arc<Application>>,
    /// The deliveries of one secret.
    pub deliveries: Vec<(SecretId, SeenDelivery)>,
    /// Its earlier values.
    pub history: Vec<KeptRevision>,
    /// The audit log, the oldest first.
    pub events: Vec<Event>,
    /// What is wrong with it.
    pub troubles: Vec<Box<str>>,
    /// The organization.
    pub organization: Option<OrganizationView>,
    /// Nothing of it can be read.
    pub fails: bool,
}

impl Outside {
    /// The answer to a request about uses; `None` to all else.
    fn answer(&self, request: &Request) -> Option<Answer> {
        let response = match request {
            Request::Uses(id) => Response::Uses(Uses {
                applications: self.applications.iter().filter(|one| one.needs(*id)).cloned().collect(),
                deliveries: self.deliveries.iter().filter(|(of, _)| of == id).map(|(_, seen)| seen.clone()).collect(),
            }),
            Request::History(_) => Response::History(self.history.clone()),
            Request::Applications => Response::Applications(self.applications.clone()),
            Request::Settings => Response::Settings(Settings::default()),
            Request::Organization => Response::Organization(Box::new(self.organization.clone()?)),
            Request::Audit(_) => Response::Events(self.events.clone()),
            Request::VerifyAudit => Response::AuditVerdict(AuditVerdict {
                events: self.events.len() as u64,
                first: 1,
                since: self.events.first().map(|event| event.at),
                troubles: self.troubles.clone(),
            }),
            _ => return None,
        };
        let failed = || Err(DoorError::Damaged("what is stored of the uses cannot be read".to_owned()));
        Some(if self.fails { failed() } else { Ok(response) })
    }
}

/// The answer to an unlocking.
pub fn unlocked(report: OpenReport) -> Response {
    unlocked_by("Ada Park", Rights::of(MemberId([1; 16]), Role::AccountHolder), report)
}

/// The answer to an unlocking by somebody else.
pub fn unlocked_by(member: &str, rights: Rights, report: OpenReport) -> Response {
    let session = Session {
        organization: "Northwind Trading".into(),
        member: member.into(),
        rights,
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
        if let Some(answer) = self.outside.as_ref().and_then(|outside| outside.answer(&request)) {
            return answer;
        }
        match request {
            Request::Uses(_) => self.inner.call(request, progress),
            Request::Status => Ok(Response::Status(self.status.clone())),
            Request::Touch => self.inner.call(request, progress),
            Request::List | Request::Details(_) => {
                let answer = self.inner.call(request, progress);
                self.with_scopes(answer)
            }
            Request::Unfinished => Ok(Response::Unfinished(self.left.clone())),
            Request::KeepUnfinished(_) | Request::DropUnfinished(_) => Ok(Response::Done),
            other => self.answers.pop_front().unwrap_or_else(|| self.inner.call(other, progress)),
        }
    }
}
