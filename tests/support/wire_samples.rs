//! One of each of the messages between agent and client.

#[path = "wire_organization.rs"]
mod organization;

use std::path::PathBuf;
use std::sync::Arc;

use strongroom::domain::lifecycle::{Refusal, Status, TransitionError};

use strongroom::domain::audit::{Action, AuditQuery, AuditVerdict, Event, Origin, Outcome, Subject};
use strongroom::domain::{
    Application, ApplicationDraft, ApplicationId, Binding, BindingTarget, Change, Draft, Find, Header, Keeper,
    KeptRevision, Kind, Listed, MemberId, Part, PartChange, PublicField, Reference, Scope, SecretId, SeenDelivery,
    SlotId, Stamp, State, Timestamp, Unfinished, UnfinishedId, Value,
};
use strongroom::service::wire::{Call, Reply};
use strongroom::service::{
    Client, ClockTrouble, Credential, CredentialKind, Delivery, DoorError, Finding, Grant, Handed, Holder, LeftForm,
    News, NotStored, OpenReport, Order, Progress, Repaired, Request, Response, Session, Settings, Skipped, SlotInfo,
    Step, StoreTrouble, Target, Uses, VaultStatus, Verdict, Want,
};

const ID: SecretId = SecretId([0x22; 16]);
const APPLICATION: ApplicationId = ApplicationId([0x33; 16]);
const AT: Timestamp = Timestamp(1_790_000_000);
const TARGET: Target = Target { id: ID, revision: 3 };

/// Everything that a client says.
pub(crate) fn calls() -> Vec<Call> {
    requests().into_iter().map(Call::Request).chain([Call::Listen]).collect()
}

/// Everything that an agent says.
pub(crate) fn replies() -> Vec<Reply> {
    let answers = responses().into_iter().map(Ok).chain(errors().into_iter().map(Err));
    let told = [Reply::Progress(progress())].into_iter().chain(answers.map(Reply::Answer));
    told.chain(news().into_iter().map(Reply::News)).chain([Reply::Busy]).collect()
}

/// One of each [`Request`].
pub(crate) fn requests() -> Vec<Request> {
    vec![
        Request::Status,
        Request::Create { organization: "acme".into(), member: "Ada".into(), passphrase: "correct horse".into() },
        Request::Unlock(Credential::Passphrase("correct horse".into())),
        Request::Unlock(Credential::Recovery("ABCD-EFGH".into())),
        Request::Unlock(Credential::Named { member: "Ada".into(), passphrase: "correct horse".into() }),
        Request::Lock,
        Request::Touch,
        Request::LockAfter { seconds: Some(900), credential: None },
        Request::LockAfter { seconds: None, credential: Some(Credential::Passphrase("correct horse".into())) },
        Request::Clients,
        Request::List,
        Request::Find(Find { words: vec!["dep".into()], kind: Some(Kind::ApiKey) }),
        Request::Details(ID.into()),
        Request::Details("deploy".into()),
        Request::Names("dep".into()),
        Request::hand_over(ID, "value", Delivery::Reveal),
        Request::Deliver(order()),
        Request::hand_over(ID, "value", Delivery::Copy),
        Request::Uses(ID),
        Request::History(ID),
        Request::Applications,
        Request::AddApplication(application_draft()),
        Request::EditApplication { id: APPLICATION, revision: 3, draft: application_draft() },
        Request::RemoveApplication { id: APPLICATION, revision: 3 },
        Request::Settings,
        Request::ChangeSettings(Settings::default()),
        Request::Audit(AuditQuery { secret: Some("deploy".into()), since: Some(AT), most: 9 }),
        Request::VerifyAudit,
        Request::Token { secret: "deploy".into(), allow_expired: true, anew: false },
        Request::KeepToken { id: ID, revision: 3, token: "hunter2".into(), expires: AT },
        Request::Import { drafts: vec![draft()], dry_run: true },
        Request::Export { passphrase: Some("correct horse".into()) },
        Request::OpenExport { file: "/export".into(), passphrase: "correct horse".into() },
        Request::Register(draft()),
        Request::Edit { id: ID, revision: 3, change: change() },
        Request::Deactivate(TARGET),
        Request::Reactivate(TARGET),
        Request::Delete(TARGET),
        Request::SweepAnyway,
        Request::AcceptRollback,
        Request::Repair,
        Request::ChangePassphrase { current: Some(Credential::Passphrase("old".into())), new: "new".into() },
        Request::ChangeRecoveryKey { current: None },
        Request::KeepUnfinished(unfinished(None)),
        Request::KeepUnfinished(unfinished(Some((ID, 3)))),
        Request::Unfinished,
        Request::DropUnfinished(UnfinishedId([0x66; 16])),
        Request::Slots,
        Request::AddSlot { current: Some(Credential::Recovery("ABCD".into())), label: Some("build".into()) },
        Request::RemoveSlot { id: SlotId([0x77; 5]), current: None },
        Request::Unlock(Credential::Machine("ABCD".into())),
        Request::Backup(PathBuf::from("/backup")),
        Request::Restore { file: "/backup".into(), credential: Credential::Passphrase("old".into()), replace: true },
        Request::Doctor(None),
        Request::Doctor(Some(Credential::Recovery("ABCD".into()))),
    ]
    .into_iter()
    .chain(organization::requests())
    .collect()
}

/// One of each [`Response`].
fn responses() -> Vec<Response> {
    vec![
        Response::Status(VaultStatus::Absent),
        Response::Status(VaultStatus::Locked),
        Response::Status(VaultStatus::Unlocked(session())),
        Response::Clients(vec![client(Some("pts/3")), client(None)]),
        Response::Created { session: session(), recovery_key: "ABCD-EFGH".into() },
        Response::Unlocked { session: session(), report: report() },
        Response::Unlocked { session: session(), report: OpenReport::default() },
        Response::Done,
        Response::RecoveryKey("ABCD-EFGH".into()),
        Response::Headers(headers()),
        Response::Found(headers().iter().map(|header| Listed::from(&**header)).collect()),
        Response::Details(Arc::new(header(State::Active)).into()),
        Response::Delivered { how: Delivery::Copy, handed: vec![handed()] },
        Response::Names(vec!["deploy".into()]),
        Response::Uses(Uses { applications: vec![application()], deliveries: Delivery::ALL.map(seen).into() }),
        Response::History(vec![KeptRevision { set_at: 1, header: Arc::new(header(State::Active)) }]),
        Response::Applications(vec![application()]),
        Response::Application(application()),
        Response::Settings(Settings::default()),
        Response::Events(events()),
        Response::AuditVerdict(AuditVerdict { events: 9, first: 3, since: Some(AT), troubles: vec!["a gap".into()] }),
        Response::Token(Grant::Kept { token: "hunter2".into(), expires: AT, status: Status::Active }),
        Response::Token(Grant::Ask {
            header: Arc::new(header(State::Active)),
            status: Status::Active,
            client_secret: "hunter2".into(),
        }),
        Response::Imported { stored: 3, skipped: vec![NotStored { draft: 2, why: "It has no value.".into() }] },
        Response::Exported { file: "hunter2".into(), exported: 3, skipped: vec![skipped()] },
        Response::Drafts(vec![draft()]),
        Response::Changed(Arc::new(header(State::Active))),
        Response::BackedUp { records: 3, bytes: 4096 },
        Response::Restored { records: 3, machine_slots: 1, set_aside: Some("/old".into()) },
        Response::Restored { records: 3, machine_slots: 0, set_aside: None },
        Response::Slots(vec![slot(Some("build")), slot(None)]),
        Response::SlotAdded { slot: slot(None), key: "ABCD-EFGH".into() },
        Response::Unfinished(vec![LeftForm { form: unfinished(None), open: true }]),
        Response::Examined(findings()),
    ]
    .into_iter()
    .chain(organization::responses())
    .collect()
}

fn skipped() -> Skipped {
    Skipped { what: "shop".into(), why: "It has no value.".into() }
}

fn order() -> Order {
    let reference = Reference { secret: "deploy".into(), field: None };
    Order {
        wants: vec![Want { reference, revision: Some(2) }],
        how: Delivery::Run,
        application: Some("billing".into()),
        command: Some("deploy.sh".into()),
        allow_expired: true,
    }
}

fn handed() -> Handed {
    let header = Arc::new(header(State::Active));
    Handed { header, status: Status::ExpiresSoon(9), part: "value".into(), bytes: "hunter2".into() }
}

fn application_draft() -> ApplicationDraft {
    let targets = [
        BindingTarget::Variable("API_KEY".into()),
        BindingTarget::Header("X-Key".into()),
        BindingTarget::File("CERT".into()),
        BindingTarget::Host("git.example.com".into()),
    ];
    let bindings = targets.map(|target| Binding { target, secret: ID, field: "value".into() });
    ApplicationDraft { name: "billing".into(), description: "the invoices".into(), bindings: bindings.into() }
}

fn application() -> Arc<Application> {
    let ApplicationDraft { name, description, bindings } = application_draft();
    let (created, modified) = (stamp(), stamp());
    Arc::new(Application { id: APPLICATION, revision: 3, name, description, bindings, created, modified })
}

fn origin() -> Origin {
    Origin {
        user: "ada".into(),
        pid: 7,
        terminal: Some("pts/3".into()),
        host: "web-1".into(),
        parent: Some("deploy.sh".into()),
    }
}

fn seen(how: Delivery) -> SeenDelivery {
    SeenDelivery {
        at: AT,
        how,
        origin: origin(),
        command: Some("deploy.sh".into()),
        application: None,
        revision: 3,
        old_value: true,
        times: 9,
    }
}

/// All actions, subjects and outcomes.
fn events() -> Vec<Event> {
    let secret = Subject::Secret { id: Some(ID), name: "deploy".into(), revision: 3, field: Some("value".into()) };
    let subjects = [None, Some(secret), Some(Subject::Other("billing".into()))];
    let outcomes = [Outcome::Done, Outcome::AllowedExpired, Outcome::Refused("it is Inactive".into())];
    let event = |(n, action): (usize, &Action)| Event {
        number: n as u64 + 1,
        at: AT,
        member: "Ada".into(),
        origin: origin(),
        action: *action,
        subject: subjects[n % 3].clone(),
        application: Some("billing".into()),
        command: None,
        outcome: outcomes[n % 3].clone(),
    };
    Action::ALL.iter().enumerate().map(event).collect()
}

fn unfinished(edits: Option<(SecretId, u64)>) -> Unfinished {
    Unfinished {
        id: UnfinishedId([0x66; 16]),
        kind: Kind::ApiKey,
        edits,
        name: "deploy".into(),
        fields: vec![("header_name".into(), "X-Key".into())],
        saved: AT,
        keeper: Keeper { pid: 7, started: 9, terminal: Some("pts/3".into()) },
    }
}

fn slot(label: Option<&str>) -> SlotInfo {
    SlotInfo {
        id: SlotId([0x77; 5]),
        kind: CredentialKind::Machine,
        member: "Ada".into(),
        label: label.map(Into::into),
        added: label.map(|_| AT),
    }
}

/// One of each [`DoorError`].
fn errors() -> Vec<DoorError> {
    let by: Option<Arc<str>> = Some("Ada".into());
    let refusal = |status| Refusal { name: "deploy".into(), status, since: AT, by: by.clone(), application: None };
    let statuses = [
        Status::Active,
        Status::ExpiresSoon(9),
        Status::NotYetValid,
        Status::Expired,
        Status::Inactive,
        Status::Deleted,
    ];
    let mut errors = vec![
        DoorError::NoVault,
        DoorError::VaultExists,
        DoorError::Locked,
        DoorError::WrongCredential { kind: CredentialKind::Recovery, wait_seconds: 4 },
        DoorError::TooSoon { wait_seconds: 4 },
        DoorError::Held(Holder { pid: 7, terminal: Some("pts/3".into()), since: AT }),
        DoorError::ReadOnly,
        DoorError::NotFound,
        DoorError::NameTaken("deploy".into()),
        DoorError::Invalid { field: "name".into(), cause: "Give it a name.".into() },
        DoorError::Conflict { current: Arc::new(header(State::Active)) },
        DoorError::WriteOnly,
        DoorError::Transition(TransitionError::Deleted),
        DoorError::Transition(TransitionError::AlreadyInactive),
        DoorError::Transition(TransitionError::NotInactive),
        DoorError::NoSecret("deploy".into()),
        DoorError::NoField { secret: "deploy".into(), field: "a".into(), fields: vec!["b".into()] },
        DoorError::WhichField { secret: "deploy".into(), fields: vec!["a".into(), "b".into()] },
        DoorError::NoRevision { secret: "deploy".into(), revision: 2 },
        DoorError::NoApplication,
        DoorError::ApplicationConflict { current: application() },
        DoorError::ApplicationNameTaken("billing".into()),
        DoorError::NotRecorded("the disk is full".into()),
        DoorError::Damaged("a record is missing".into()),
        DoorError::NoFile("/backup".into()),
        DoorError::FileExists("/backup".into()),
        DoorError::File { file: "/backup".into(), cause: "permission denied".into() },
        DoorError::DiskFull,
        DoorError::Agent("it ended".into()),
        DoorError::System("it rained".into()),
    ];
    errors.extend(statuses.map(|status| DoorError::Unavailable(refusal(status))));
    errors.extend(organization::errors());
    errors
}

/// One of each [`News`].
fn news() -> Vec<News> {
    vec![
        News::Changed(headers()),
        News::ListAnew,
        News::Applications,
        News::Organization,
        News::Locked,
        News::Unlocked(session()),
        News::Session(session()),
    ]
}

fn draft() -> Draft {
    Draft {
        scope: Scope::Organization,
        kind: Kind::ApiKey,
        name: "deploy".into(),
        public: vec![PublicField { key: "header_name".into(), text: "X-Key".into() }],
        value: Value(vec![("value".into(), "hunter2".into())]),
        expires: Some(AT),
        not_before: Some(Timestamp(-1)),
        write_only: true,
        encrypted_key: false,
    }
}

fn change() -> Change {
    Change {
        name: "deploy".into(),
        public: vec![PublicField { key: "header_name".into(), text: "X-Key".into() }],
        parts: vec![("a".into(), PartChange::Keep), ("b".into(), PartChange::Set("hunter2".into()))],
        expires: Some(AT),
        not_before: None,
        write_only: true,
        encrypted_key: false,
    }
}

fn stamp() -> Stamp {
    Stamp { at: AT, by: "Ada".into() }
}

fn header(state: State) -> Header {
    Header {
        id: ID,
        revision: 3,
        name: "deploy".into(),
        kind: Kind::ApiKey,
        scope: Scope::Organization,
        owner: MemberId([0x44; 16]),
        author: MemberId([0x55; 16]),
        created: stamp(),
        modified: stamp(),
        value_set: AT,
        expires: Some(AT),
        not_before: None,
        state,
        write_only: true,
        encrypted_key: false,
        public: vec![PublicField { key: "header_name".into(), text: "X-Key".into() }],
        parts: vec![Part { name: "value".into(), size: 40 }],
    }
}

/// All types, states and scopes.
fn headers() -> Vec<Arc<Header>> {
    let states = [State::Active, State::Inactive(stamp()), State::Deleted(stamp())];
    let mut headers: Vec<Header> = states.map(header).into();
    headers.extend(Kind::ALL.map(|kind| Header { kind, scope: Scope::Personal, ..header(State::Active) }));
    headers.into_iter().map(Arc::new).collect()
}

fn session() -> Session {
    Session {
        organization: "acme".into(),
        member: "Ada".into(),
        rights: organization::rights(),
        read_only: false,
        locks_in: Some(900),
    }
}

fn client(terminal: Option<&str>) -> Client {
    Client { pid: 7, terminal: terminal.map(Into::into), user: "ada".into(), since: AT }
}

fn report() -> OpenReport {
    OpenReport {
        swept: 2,
        clock: Some(ClockTrouble::JumpedAhead(9)),
        sweep_failed: Some("no room".into()),
        memory_failed: Some("no room".into()),
        repaired: Some(Repaired { whole: 3, brought_back: 2, lost: 1 }),
        trouble: Some(StoreTrouble::Damaged { expected: 3, found: 2, copy_from: Some(AT) }),
        needs_new_passphrase: true,
        audit: Some("Events 3 to 4 of the audit log are gone.".into()),
        tampered: vec![organization::refusal()],
        reseal_failed: Some("no room".into()),
    }
}

fn findings() -> Vec<Finding> {
    let verdicts = [
        Verdict::Good("whole".into()),
        Verdict::Warning { cause: "old".into(), advice: "renew it".into() },
        Verdict::Bad { cause: "gone".into(), advice: "restore it".into() },
    ];
    verdicts.map(|verdict| Finding { what: "the store".into(), verdict }).into()
}

fn progress() -> Progress {
    Progress { step: Step::Examining, done: 3, total: 9 }
}
