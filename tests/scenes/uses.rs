//! Where secrets are used: applications, deliveries, earlier values, the audit log, and what is set for the vault.

use std::sync::Arc;

use strongroom::domain::audit::{Action, Event, Origin, Outcome, Subject};
use strongroom::domain::{
    Application, ApplicationId, Binding, BindingTarget, Delivery, Header, KeptRevision, SecretId, SeenDelivery, Stamp,
    Timestamp,
};
use strongroom::service::{DoorError, Response};
use strongroom::tui::harness::{Harness, START};

use super::stage::{Outside, Stage};
use super::states::{edit, select, unlock};
use super::{From, Scene, scene};

const DAY: i64 = 86_400;

fn stamp(days: i64, by: &str) -> Stamp {
    Stamp { at: Timestamp(START - days * DAY), by: by.into() }
}

type Bound = (BindingTarget, &'static str, &'static str);

fn application(stage: &mut Stage, id: u8, name: &str, description: &str, bound: Vec<Bound>) -> Arc<Application> {
    let bindings = bound.into_iter().map(|(target, secret, field)| Binding {
        target,
        secret: stage.header(secret).id,
        field: field.into(),
    });
    let created = stamp(64 - i64::from(id), "Ben Okafor");
    Arc::new(Application {
        id: ApplicationId([id; 16]),
        revision: 1,
        name: name.into(),
        description: description.into(),
        bindings: bindings.collect(),
        modified: created.clone(),
        created,
    })
}

fn applications(stage: &mut Stage) -> Vec<Arc<Application>> {
    let env = |name: &str| BindingTarget::Variable(name.into());
    let file = |name: &str| BindingTarget::File(name.into());
    let billing = vec![
        (env("PAYMENTS_API_KEY"), "payments-api", "value"),
        (env("BILLING_CLIENT_SECRET"), "billing-service", "client_secret"),
        (BindingTarget::Header("Authorization".into()), "crm-sync", "header_value"),
    ];
    let deploy = vec![
        (env("DATABASE_URL"), "shop-production", "DATABASE_URL"),
        (env("PAYMENTS_API_KEY"), "payments-api", "value"),
        (file("TF_VARS_FILE"), "infrastructure-variables", "terraform.tfvars"),
        (env("STATUS_PAGE_KEY"), "status-page", "value"),
    ];
    let reports = vec![(env("PAYMENTS_API_KEY"), "payments-api", "value"), (env("MAPS_KEY"), "maps-tiles", "value")];
    let git = vec![(BindingTarget::Host("git.northwind.example".into()), "crm-sync", "header_value")];
    vec![
        application(stage, 1, "billing-worker", "Writes the invoices every night", billing),
        application(stage, 2, "deploy pipeline", "Builds the shop and rolls it out", deploy),
        application(stage, 3, "git host", "Where the sources are", git),
        application(stage, 4, "reports", "", reports),
    ]
}

fn origin(user: &str, terminal: Option<&str>, parent: &str) -> Origin {
    Origin {
        user: user.into(),
        pid: 4242,
        terminal: terminal.map(Into::into),
        host: "web-1".into(),
        parent: Some(parent.into()),
    }
}

fn seen(minutes: i64, how: Delivery, user: &str, parent: &str, revision: u64, times: u64) -> SeenDelivery {
    SeenDelivery {
        at: Timestamp(START - minutes * 60),
        how,
        origin: origin(user, None, parent),
        command: None,
        application: None,
        revision,
        old_value: false,
        times,
    }
}

fn deliveries(id: SecretId) -> Vec<(SecretId, SeenDelivery)> {
    let mut worker = seen(26 * 60, Delivery::Run, "billing", "systemd", 1, 61);
    (worker.command, worker.application) = (Some("invoices".into()), Some("billing-worker".into()));
    worker.old_value = true;
    let by_hand = seen(9 * 24 * 60, Delivery::Reveal, "ada", "bash", 1, 1);
    [seen(125, Delivery::Get, "deploy", "deploy.sh", 2, 14), worker, by_hand].map(|seen| (id, seen)).into()
}

fn event(number: u64, minutes: i64, action: Action, user: &str, subject: Option<Subject>) -> Event {
    Event {
        number,
        at: Timestamp(START - minutes * 60),
        member: "Ada Park".into(),
        origin: origin(user, Some("pts/3"), "bash"),
        action,
        subject,
        application: None,
        command: None,
        outcome: Outcome::Done,
    }
}

fn about(header: &Header, field: Option<&str>) -> Option<Subject> {
    let field = field.map(Into::into);
    Some(Subject::Secret { id: Some(header.id), name: header.name.clone(), revision: header.revision, field })
}

fn log(stage: &mut Stage) -> Vec<Event> {
    let payments = stage.header("payments-api");
    let inactive = stage.header("status-page");
    let expired = stage.header("newsletter-export");
    let (get, run) = (Action::Delivered(Delivery::Get), Action::Delivered(Delivery::Run));
    let other = |name: &str| Some(Subject::Other(name.into()));
    let mut events = vec![
        event(1, 40 * 24 * 60, Action::Created, "ada", None),
        event(2, 40 * 24 * 60 - 3, Action::Registered, "ada", about(&payments, None)),
        event(3, 9 * 24 * 60, Action::Delivered(Delivery::Reveal), "ada", about(&payments, Some("value"))),
        event(4, 3 * 24 * 60, Action::ApplicationAdded, "ben", other("billing-worker")),
        event(5, 26 * 60, run, "billing", about(&payments, Some("value"))),
        event(6, 7 * 60, get, "carla", about(&expired, Some("value"))),
        event(7, 6 * 60, Action::Edited, "ada", about(&payments, None)),
        event(8, 125, get, "deploy", about(&payments, Some("value"))),
        event(9, 42, run, "deploy", about(&inactive, Some("value"))),
        event(10, 9, Action::BackedUp, "root", other("/var/backups/vault.backup")),
        event(11, 0, Action::Unlocked, "ada", None),
    ];
    events[4].origin = origin("billing", None, "systemd");
    (events[4].application, events[4].command) = (Some("billing-worker".into()), Some("invoices".into()));
    events[5].outcome = Outcome::AllowedExpired;
    events[7].origin = origin("deploy", None, "deploy.sh");
    events[8].origin = origin("deploy", None, "deploy.sh");
    events[8].application = Some("deploy pipeline".into());
    events[8].outcome = Outcome::Refused("status-page is Inactive since 2026-11-14 by Ben Okafor".into());
    events
}

/// An earlier value of payments-api, and the one before.
fn history(stage: &mut Stage) -> Vec<KeptRevision> {
    let now = stage.header("payments-api");
    let earlier = |revision: u64, set: i64, header_name: &str| {
        let mut header = (*now).clone();
        (header.revision, header.value_set) = (revision, Timestamp(START - set * DAY));
        header.modified = Stamp { at: header.value_set, by: "Ben Okafor".into() };
        header.public[0].text = header_name.into();
        header.expires = Some(Timestamp(START - 7 * DAY));
        KeptRevision { set_at: revision, header: Arc::new(header) }
    };
    vec![earlier(3, 40, "X-Payments-Key"), earlier(1, 155, "X-Pay")]
}

/// The demo with all of this.
fn used() -> Stage {
    let mut stage = Stage::open([]);
    let payments = stage.header("payments-api").id;
    let outside = Outside {
        applications: applications(&mut stage),
        deliveries: deliveries(payments),
        history: history(&mut stage),
        events: log(&mut stage),
        ..Outside::default()
    };
    stage.with_uses(outside)
}

/// The same, whose door answers this first to what changes something.
fn used_then(answers: impl IntoIterator<Item = Result<Response, DoorError>>) -> Stage {
    let mut stage = used();
    answers.into_iter().for_each(|answer| stage.answer(answer));
    stage
}

/// The demo with nothing seen.
fn unused() -> Stage {
    Stage::open([]).with_uses(Outside::default())
}

fn unreadable() -> Stage {
    Stage::open([]).with_uses(Outside { fails: true, ..Outside::default() })
}

/// The application that is edited, as Carla left it two minutes ago.
fn conflicting() -> Stage {
    let mut stage = used();
    let mut theirs = (*applications(&mut stage)[0]).clone();
    theirs.revision = 2;
    theirs.description = "Writes the invoices".into();
    theirs.modified = Stamp { at: Timestamp(START - 120), by: "Carla Ruiz".into() };
    stage.answer(Err(DoorError::ApplicationConflict { current: Arc::new(theirs) }));
    stage
}

/// A new value of payments-api is taken.
fn replaced() -> Stage {
    let mut stage = used();
    let mut header = (*stage.header("payments-api")).clone();
    header.revision += 1;
    header.value_set = Timestamp(START);
    stage.answer(Ok(Response::Changed(Arc::new(header))));
    stage
}

fn to_applications(h: &mut Harness) {
    unlock(h);
    h.press("Esc Down Enter");
}

fn to_audit(h: &mut Harness) {
    unlock(h);
    h.press("Esc Down Down Enter");
}

fn to_history(h: &mut Harness) {
    unlock(h);
    select(h, "payments");
    h.press("Enter h");
}

/// Begins to add an application, up to its first secret.
fn begin_form(h: &mut Harness) {
    to_applications(h);
    h.press("n").type_text("shop-web").press("Tab").type_text("The shop itself").press("Tab Tab");
    h.type_text("PAYMENTS_API_KEY").press("Tab");
}

/// Each as a frame, like the screens.
pub(super) const USES: &[Scene] = &[
    // Applications.
    scene("applications", From::Staged(used), |h| {
        to_applications(h);
        h.press("Down");
    }),
    scene("applications-empty", From::Staged(unused), to_applications),
    scene("applications-reading", From::Staged(used), |h| {
        unlock(h);
        h.press("Esc Down").hold().press("Enter");
    }),
    scene("applications-unreadable", From::Staged(unreadable), to_applications),
    scene("applications-find", From::Staged(used), |h| {
        to_applications(h);
        h.press("/").type_text("crm");
    }),
    scene("applications-find-nothing", From::Staged(used), |h| {
        to_applications(h);
        h.press("/").type_text("zzzz");
    }),
    scene("applications-ascii", From::StagedPlain(used), to_applications),
    scene("application", From::Staged(used), |h| {
        to_applications(h);
        h.press("Down Enter Down");
    }),
    scene("application-ascii", From::StagedPlain(used), |h| {
        to_applications(h);
        h.press("Down Enter");
    }),
    scene("application-remove", From::Staged(used), |h| {
        to_applications(h);
        h.press("x");
    }),
    scene("application-form", From::Staged(unused), |h| {
        to_applications(h);
        h.press("n");
    }),
    scene("application-form-filled", From::Staged(used), |h| {
        begin_form(h);
        h.type_text("pay").press("Enter Enter");
    }),
    scene("application-choose-secret", From::Staged(used), |h| {
        begin_form(h);
        h.type_text("sh");
    }),
    scene("application-choose-field", From::Staged(used), |h| {
        begin_form(h);
        h.type_text("billing").press("Enter Space");
    }),
    scene("application-form-errors", From::Staged(used), |h| {
        to_applications(h);
        h.press("n Tab Tab Tab").type_text("MAPS_KEY").press("^S");
    }),
    scene(
        "application-form-refused",
        From::Staged(|| {
            let cause = "1KEY: A variable is called with letters, digits and _, and does not begin with a digit.";
            used_then([Err(DoorError::Invalid { field: "bindings".into(), cause: cause.into() })])
        }),
        |h| {
            to_applications(h);
            h.press("e Tab Tab Tab Home").type_text("1KEY").press("^K ^S");
        },
    ),
    scene("application-form-edit", From::Staged(used), |h| {
        to_applications(h);
        h.press("e Tab Tab");
    }),
    scene("application-form-ascii", From::StagedPlain(used), |h| {
        to_applications(h);
        h.press("e Tab Tab Tab");
    }),
    scene("application-form-discard", From::Staged(used), |h| {
        begin_form(h);
        h.press("Esc");
    }),
    scene("application-conflict", From::Staged(conflicting), |h| {
        to_applications(h);
        h.press("e").type_text("-eu").press("^S");
    }),
    // Where a secret is applied.
    scene("detail-applied", From::Staged(used), |h| {
        unlock(h);
        select(h, "payments");
        h.press("Enter");
    }),
    scene("detail-applied-unreadable", From::Staged(unreadable), |h| {
        unlock(h);
        select(h, "payments");
        h.press("Enter");
    }),
    scene("edit-applied", From::Staged(used), |h| {
        unlock(h);
        edit(h, "payments");
    }),
    scene("deactivate-applied", From::Staged(used), |h| {
        unlock(h);
        select(h, "payments");
        h.press("d");
    }),
    scene("deactivate-looking", From::Staged(used), |h| {
        unlock(h);
        select(h, "payments");
        h.hold().press("d");
    }),
    scene("delete-applied", From::Staged(used), |h| {
        unlock(h);
        select(h, "payments");
        h.press("x");
    }),
    scene("served-before", From::Staged(replaced), |h| {
        unlock(h);
        edit(h, "payments");
        h.press("Tab Tab").type_text("pk_live_0123456789").press("^S");
    }),
    // Earlier values.
    scene("history", From::Staged(used), to_history),
    scene("history-empty", From::Staged(unused), to_history),
    scene("history-unreadable", From::Staged(unreadable), to_history),
    scene("history-reading", From::Staged(used), |h| {
        unlock(h);
        select(h, "payments");
        h.press("Enter").hold().press("h");
    }),
    // The audit log.
    scene("audit", From::Staged(used), |h| {
        to_audit(h);
        h.press("Down Down");
    }),
    scene("audit-empty", From::Staged(unused), to_audit),
    scene("audit-reading", From::Staged(used), |h| {
        unlock(h);
        h.press("Esc Down Down").hold().press("Enter");
    }),
    scene("audit-unreadable", From::Staged(unreadable), to_audit),
    scene("audit-find", From::Staged(used), |h| {
        to_audit(h);
        h.press("/").type_text("payments get");
    }),
    scene("audit-find-nothing", From::Staged(used), |h| {
        to_audit(h);
        h.press("/").type_text("zzzz");
    }),
    scene("audit-filter", From::Staged(used), |h| {
        to_audit(h);
        h.press("f Space End Space");
    }),
    scene("audit-filtered", From::Staged(used), |h| {
        to_audit(h);
        h.press("f Space End Space Enter");
    }),
    scene("audit-ascii", From::StagedPlain(used), to_audit),
    scene("audit-event", From::Staged(used), |h| {
        to_audit(h);
        h.press("Down Down Down Down Down Down Enter");
    }),
    scene("audit-event-refused", From::Staged(used), |h| {
        to_audit(h);
        h.press("Down Down Enter");
    }),
    scene("audit-verified", From::Staged(used), |h| {
        to_audit(h);
        h.press("v");
    }),
    scene("audit-verifying", From::Staged(used), |h| {
        to_audit(h);
        h.hold().press("v");
    }),
    scene(
        "audit-broken",
        From::Staged(|| {
            let mut stage = Stage::open([]);
            let events = log(&mut stage);
            let troubles = vec![
                "Events 6 and 7 are missing.".into(),
                "Event 9 was changed: it does not fit the one after it.".into(),
            ];
            stage.with_uses(Outside { events, troubles, ..Outside::default() })
        }),
        |h| {
            to_audit(h);
            h.press("v");
        },
    ),
    // What is set for the vault.
    scene("vault-settings", From::Staged(unused), |h| {
        unlock(h);
        h.press("^P").type_text("vault settings").press("Enter");
    }),
    scene("vault-settings-wrong", From::Staged(unused), |h| {
        unlock(h);
        h.press("^P").type_text("vault settings").press("Enter Tab ^U").type_text("many").press("^S");
    }),
    scene("vault-settings-unreadable", From::Staged(unreadable), |h| {
        unlock(h);
        h.press("^P").type_text("vault settings").press("Enter");
    }),
];
