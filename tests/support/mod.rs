//! What several tests and benches need: many headers, and a door that only lists them.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::sync::Arc;

use strongroom::domain::{
    Header, Kind, MemberId, Part, PublicField, Scope, SecretId, SecretRef, Stamp, State, Timestamp,
};
use strongroom::host::{Entropy, FixedClock, SeededEntropy};
use strongroom::service::{Details, Door, DoorError, Progress, Request, Response, Session, VaultStatus};
use strongroom::tui::harness::{Harness, START, Start};
use strongroom::tui::theme::Theme;

/// `count` headers of all types, with names as people give them.
pub fn headers(count: usize) -> Vec<Arc<Header>> {
    let entropy = SeededEntropy::new(5);
    let places = ["github", "gitlab", "billing", "grafana", "payments", "legacy", "stripe", "smtp", "vault", "ci"];
    let things = ["deploy", "reader", "mtls", "token", "m2m", "api", "backup", "webhook", "metrics", "admin"];
    (0..count)
        .map(|i| {
            let mut id = [0; 16];
            entropy.fill(&mut id).unwrap();
            let name = format!("{}-{}-{i:06}", places[usize::from(id[0]) % 10], things[usize::from(id[1]) % 10]);
            let made = Stamp { at: Timestamp(START - i64::from(id[2]) * 86_400), by: "Ada".into() };
            Arc::new(Header {
                id: SecretId(id),
                revision: 1,
                name: name.into(),
                kind: Kind::ALL[i % 5],
                scope: Scope::Organization,
                owner: MemberId([1; 16]),
                author: MemberId([1; 16]),
                created: made.clone(),
                modified: made.clone(),
                value_set: made.at,
                expires: (i % 3 == 0).then_some(Timestamp(START + (i64::from(id[3]) - 30) * 86_400)),
                not_before: None,
                state: if i % 17 == 0 { State::Inactive(made) } else { State::Active },
                write_only: false,
                encrypted_key: false,
                public: vec![PublicField { key: "header_name".into(), text: "Authorization".into() }],
                parts: vec![Part { name: "value".into(), size: 40 }],
            })
        })
        .collect()
}

/// A door to an open vault that lists headers and has nothing behind them.
pub struct ListDoor(pub Vec<Arc<Header>>);

impl Door for ListDoor {
    fn call(&mut self, request: Request, _progress: &dyn Fn(Progress)) -> Result<Response, DoorError> {
        match request {
            Request::Status => Ok(Response::Status(VaultStatus::Unlocked(Session {
                organization: "acme".into(),
                member: "Ada".into(),
                rights: strongroom::domain::organization::Rights::of(
                    strongroom::domain::MemberId([1; 16]),
                    strongroom::domain::organization::Role::AccountHolder,
                ),
                read_only: false,
                locks_in: None,
            }))),
            Request::Unfinished => Ok(Response::Unfinished(Vec::new())),
            Request::List => Ok(Response::Headers(self.0.clone())),
            Request::Details(SecretRef::Id(id)) => {
                let header = self.0.iter().find(|header| header.id == id).ok_or(DoorError::NotFound)?;
                Ok(Response::Details(Details { header: header.clone(), chain: None }))
            }
            _ => Err(DoorError::ReadOnly),
        }
    }
}

/// A harness over such a door.
pub fn listing(count: usize, size: (u16, u16)) -> Harness {
    Harness::start(Start {
        door: Box::new(ListDoor(headers(count))),
        clock: Arc::new(FixedClock::at(START)),
        theme: Theme::default(),
        demo: false,
        folder: "/".into(),
        size,
    })
}
