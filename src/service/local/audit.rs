//! What is recorded: every request that changes something or hands something over, before it is answered.

use super::{Answer, Service, noted};
use crate::domain::audit::{Action, Origin, Outcome, Subject};
use crate::domain::{Kind, Order, Reference, SecretId, SecretRef, Status, Timestamp, Want};
use crate::service::request::{AuditQuery, Credential, DoorError, Grant, Handed, Request, Response, SlotInfo, Uses};
use crate::vault::{Deed, Part, Vault};

/// Most things of one order.
const MOST_WANTS: usize = 1024;
/// Most bytes that are handed over for one order.
const MOST_BYTES: usize = 64 << 20;
/// The field of client credentials that is exchanged for a token.
const CLIENT_SECRET: &str = "client_secret";

/// What a request will be recorded as, when it is done.
pub(super) struct Noted {
    action: Action,
    /// What else it is.
    also: Option<Action>,
    subject: Option<Subject>,
}

impl Noted {
    /// `None` for what is not recorded, or not here: deliveries are before they are made, a lock while there are keys, and
    /// a vault that is restored records that itself.
    pub(super) fn of(request: &Request, vault: Option<&Vault>) -> Option<Self> {
        let other = |text: String| Some(Subject::Other(text.into()));
        let mut also = None;
        let (action, subject) = match request {
            Request::Create { .. } => (Action::Created, None),
            Request::Unlock(credential) => (Action::Unlocked, other(word(credential).to_owned())),
            Request::Register(_) => (Action::Registered, None),
            Request::Edit { id, change, .. } => {
                let before = vault.and_then(|vault| vault.header(*id).ok());
                let (action, besides) =
                    before.map_or((Action::Edited, None), |before| noted::of_an_edit(&before, change));
                also = besides;
                (action, None)
            }
            Request::Deactivate(_) => (Action::Deactivated, None),
            Request::Reactivate(_) => (Action::Reactivated, None),
            Request::Delete(_) => (Action::Deleted, None),
            Request::AddApplication(draft) => (Action::ApplicationAdded, Some(Subject::Other(draft.name.clone()))),
            Request::EditApplication { draft, .. } => {
                (Action::ApplicationEdited, Some(Subject::Other(draft.name.clone())))
            }
            Request::RemoveApplication { id, .. } => {
                let all = vault.map(Vault::applications).unwrap_or_default();
                let named = all.iter().find(|application| application.id == *id);
                (Action::ApplicationRemoved, named.and_then(|application| other(application.name.to_string())))
            }
            Request::ChangeSettings(_) => (Action::SettingsChanged, None),
            Request::ChangePassphrase { .. } => (Action::PassphraseChanged, None),
            Request::ChangeRecoveryKey { .. } => (Action::RecoveryKeyChanged, None),
            Request::AddSlot { .. } => (Action::SlotAdded, None),
            Request::RemoveSlot { id, .. } => {
                let slots = vault.map(Vault::slots).unwrap_or_default();
                (Action::SlotRemoved, slots.iter().find(|slot| slot.id == *id).map(called))
            }
            Request::Backup(file) => (Action::BackedUp, other(file.display().to_string())),
            Request::Repair => (Action::Repaired, None),
            Request::AcceptRollback => (Action::RollbackAccepted, None),
            Request::SweepAnyway => (Action::Swept, None),
            other => {
                let (action, subject) = noted::of_the_organization(other, vault)?;
                (action, Some(subject))
            }
        };
        Some(Self { action, also, subject })
    }

    /// The events of it, now that the answer is known.
    fn deeds(self, answer: &Response) -> Vec<Deed> {
        let swept = match answer {
            Response::Unlocked { report, .. } if report.swept > 0 => {
                let subject = Subject::Other(secrets(report.swept.into()).into());
                Some(Deed::done(Action::Swept, Some(subject)))
            }
            _ => None,
        };
        let subject = match answer {
            Response::Changed(header) => Some(Subject::Secret {
                id: Some(header.id),
                name: header.name.clone(),
                revision: header.revision,
                field: None,
            }),
            Response::SlotAdded { slot, .. } => Some(called(slot)),
            Response::Accepted { invitation, .. } => Some(Subject::Other(invitation.to_string().into())),
            _ => self.subject,
        };
        let done = (self.action != Action::Swept).then_some(self.action);
        let done = done.into_iter().chain(self.also).map(|action| Deed::done(action, subject.clone()));
        done.chain(swept).collect()
    }
}

/// What a slot is called.
fn called(slot: &SlotInfo) -> Subject {
    Subject::Other(slot.label.clone().unwrap_or_else(|| format!("{} {}", slot.kind.word(), slot.id).into()))
}

fn word(credential: &Credential) -> &'static str {
    match credential {
        Credential::Passphrase(_) | Credential::Named { .. } => "passphrase",
        Credential::Recovery(_) => "recovery key",
        Credential::Machine(_) => "machine key",
    }
}

fn secrets(count: u64) -> String {
    if count == 1 { "1 secret".to_owned() } else { format!("{count} secrets") }
}

/// Whether the answer holds what is given once and kept nowhere: it is given, whatever becomes of the event.
fn is_given_once(answer: &Response) -> bool {
    matches!(
        answer,
        Response::Created { .. }
            | Response::RecoveryKey(_)
            | Response::SlotAdded { .. }
            | Response::Invited { .. }
            | Response::MemberRemoved { .. }
    )
}

impl Service {
    /// Records what was done, then gives `answer`. An unlocking that cannot be recorded is told of, and keeps nobody out.
    pub(super) fn note(&mut self, noted: Noted, who: &dyn Fn() -> Origin, mut answer: Response) -> Answer {
        let Some(vault) = &mut self.vault else { return Ok(answer) };
        let origin = who();
        let recorded = vault.record(&origin, noted.deeds(&answer));
        if let Response::Unlocked { report, .. } = &mut answer {
            // What is not over today is so tomorrow.
            let _ = vault.trim_old(&origin);
            report.audit = vault.report().audit.or_else(|| recorded.err().map(|error| error.to_string().into()));
            return Ok(answer);
        }
        match recorded {
            Err(error) if !is_given_once(&answer) => Err(error),
            _ => Ok(answer),
        }
    }

    pub(super) fn deliver(&mut self, order: &Order, who: &dyn Fn() -> Origin) -> Answer {
        let parts = self.hand_over(order, who)?.into_iter();
        let handed = parts.map(|Part { header, status, part, bytes }| Handed { header, status, part, bytes });
        Ok(Response::Delivered { how: order.how, handed: handed.collect() })
    }

    /// What `order` wants, through the gate. It is recorded before it is given: each thing that is handed over, or the one
    /// that was refused.
    fn hand_over(&mut self, order: &Order, who: &dyn Fn() -> Origin) -> Result<Vec<Part>, DoorError> {
        let vault = self.open_mut()?;
        if order.wants.len() > MOST_WANTS {
            return Err(too_much(format!("There are {} of them.", order.wants.len())));
        }
        let (mut parts, mut bytes) = (Vec::with_capacity(order.wants.len()), 0);
        for want in &order.wants {
            match vault.hand_over(want, order) {
                Ok(part) if bytes + part.bytes.len() > MOST_BYTES => {
                    return Err(too_much("They are larger together.".to_owned()));
                }
                Ok(part) => {
                    bytes += part.bytes.len();
                    parts.push(part);
                }
                Err(error) => {
                    // Nothing is handed over: why not is more than that it could not be recorded.
                    let _ = vault.record(&who(), vec![refused(order, want, &error, vault)]);
                    return Err(error);
                }
            }
        }
        let deeds = parts.iter().zip(&order.wants).map(|(part, want)| handed(order, want, part)).collect();
        vault.record(&who(), deeds)?;
        Ok(parts)
    }

    pub(super) fn token(
        &mut self,
        secret: SecretRef,
        (allow_expired, anew): (bool, bool),
        who: &dyn Fn() -> Origin,
    ) -> Answer {
        if self.open()?.find(&secret).is_ok_and(|header| header.kind != Kind::ClientCredentials) {
            let cause = "Only client credentials are exchanged for a token.".into();
            return Err(DoorError::Invalid { field: "secret".into(), cause });
        }
        let reference = Reference { secret, field: Some(CLIENT_SECRET.into()) };
        let order = Order { allow_expired, ..Order::of(crate::domain::Delivery::Token, reference) };
        let parts = self.hand_over(&order, who)?;
        let Some(Part { header, status, bytes, .. }) = parts.into_iter().next() else {
            return Err(DoorError::NotFound);
        };
        let now = Timestamp(self.tools.clock.now());
        Ok(Response::Token(match self.tokens.good(header.id, header.revision, now).filter(|_| !anew) {
            Some((token, expires)) => Grant::Kept { token, expires, status },
            None => Grant::Ask { header, status, client_secret: bytes },
        }))
    }

    /// Keeps a token, unless the client credentials were changed meanwhile.
    pub(super) fn keep_token(
        &mut self,
        (id, revision): (SecretId, u64),
        token: crate::domain::SecretBytes,
        expires: Timestamp,
    ) -> Answer {
        if self.open()?.header(id)?.revision == revision {
            self.tokens.keep(id, revision, token, expires);
        }
        Ok(Response::Done)
    }

    pub(super) fn uses(&mut self, id: SecretId) -> Answer {
        let vault = self.open_mut()?;
        let header = vault.header(id)?;
        let deliveries = vault.seen_deliveries(&header)?;
        Ok(Response::Uses(Uses { applications: vault.applications_of(id), deliveries }))
    }

    pub(super) fn audit(&mut self, query: &AuditQuery) -> Answer {
        Ok(Response::Events(self.open_mut()?.audit(query)?))
    }

    pub(super) fn verify_audit(&mut self) -> Answer {
        Ok(Response::AuditVerdict(self.open_mut()?.verify_audit()?))
    }
}

/// Whoever asks for that would keep everybody else waiting.
fn too_much(what: String) -> DoorError {
    let cause = format!("{what} At most {MOST_WANTS} values go out at once, of {} MiB in all.", MOST_BYTES >> 20);
    DoorError::Invalid { field: "references".into(), cause: cause.into() }
}

/// The event of `part`, which `want` is about.
fn handed(order: &Order, want: &Want, part: &Part) -> Deed {
    let subject = Subject::Secret {
        id: Some(part.header.id),
        name: part.header.name.clone(),
        revision: want.revision.unwrap_or(part.header.revision),
        field: Some(part.part.clone()),
    };
    let outcome = if part.status == Status::Expired { Outcome::AllowedExpired } else { Outcome::Done };
    delivery(order, subject, outcome)
}

/// The event of `want`, which was refused.
fn refused(order: &Order, want: &Want, why: &DoorError, vault: &Vault) -> Deed {
    let Reference { secret, field } = &want.reference;
    let subject = match vault.find(secret) {
        Ok(header) => Subject::Secret {
            id: Some(header.id),
            name: header.name.clone(),
            revision: want.revision.unwrap_or(header.revision),
            field: field.clone(),
        },
        Err(_) => {
            let id = if let SecretRef::Id(id) = secret { Some(*id) } else { None };
            Subject::Secret { id, name: secret.to_string().into(), revision: 0, field: field.clone() }
        }
    };
    delivery(order, subject, Outcome::Refused(why.to_string().into()))
}

fn delivery(order: &Order, subject: Subject, outcome: Outcome) -> Deed {
    Deed {
        action: Action::Delivered(order.how),
        subject: Some(subject),
        application: order.application.clone(),
        command: order.command.clone(),
        outcome,
    }
}
