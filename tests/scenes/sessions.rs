//! Several sessions at one vault: what others did, and what was left unfinished.

use std::sync::Arc;

use strongroom::domain::{Header, Keeper, Kind, Stamp, State, Timestamp, Unfinished, UnfinishedId};
use strongroom::service::{DoorError, LeftForm, News, Request, Session};
use strongroom::tui::harness::{Harness, START};

use super::stage::Stage;
use super::states::{edit, select, unlock};
use super::{From, Scene, scene};

/// The secret called `name` as Bo left it two minutes ago.
fn by_bo(h: &Harness, name: &str, change: impl FnOnce(&mut Header)) -> Arc<Header> {
    let headers = &h.app().shared().headers;
    let mut header = (**headers.iter().find(|header| header.name.contains(name)).unwrap()).clone();
    header.revision += 1;
    header.modified = Stamp { at: Timestamp(START - 120), by: "Bo Lind".into() };
    change(&mut header);
    Arc::new(header)
}

/// Another header, another date, another value.
fn edited(header: &mut Header) {
    header.public[0].text = "X-Payments-Key".into();
    header.expires = header.expires.map(|end| end.plus_days(90));
    header.value_set = header.modified.at;
}

fn deleted(header: &mut Header) {
    header.state = State::Deleted(header.modified.clone());
    (header.public, header.parts) = (Vec::new(), Vec::new());
}

fn tell(h: &mut Harness, name: &str, change: impl FnOnce(&mut Header)) {
    let header = by_bo(h, name, change);
    h.news(News::Changed(vec![header]));
}

/// The demo's payments-api, which the door refuses to change: Bo was faster.
fn refused(change: fn(&mut Header)) -> Stage {
    let mut stage = Stage::open([]);
    let mut header = (*stage.header("payments-api")).clone();
    header.revision += 1;
    header.modified = Stamp { at: Timestamp(START - 120), by: "Bo Lind".into() };
    change(&mut header);
    stage.answer(Err(DoorError::Conflict { current: Arc::new(header) }));
    stage
}

/// Edits the name and the value of payments-api, and submits.
fn submit(h: &mut Harness) {
    unlock(h);
    edit(h, "payments-api");
    h.type_text("-eu").press("Tab Tab").type_text("pk_live_0123456789").press("^S");
}

fn left(id: u8, kind: usize, name: &str, minutes: i64, terminal: &str) -> LeftForm {
    let form = Unfinished {
        id: UnfinishedId([id; 16]),
        kind: Kind::ALL[kind],
        edits: None,
        name: name.into(),
        fields: vec![("name".into(), name.into()), ("header_name".into(), "Authorization".into())],
        saved: Timestamp(START - 60 * minutes),
        keeper: Keeper { pid: 7, started: 9, terminal: Some(terminal.into()) },
    };
    LeftForm { form, open: false }
}

fn one_left() -> Stage {
    Stage::open([]).with_left(vec![left(1, 0, "deploy", 10, "pts/3")])
}

fn session() -> Session {
    Session {
        organization: "Northwind Trading".into(),
        member: "Ada Park".into(),
        rights: strongroom::domain::organization::Rights::of(
            strongroom::domain::MemberId([1; 16]),
            strongroom::domain::organization::Role::AccountHolder,
        ),
        read_only: false,
        locks_in: Some(900),
    }
}

/// Each as a frame, like the screens.
pub(super) const SESSIONS: &[Scene] = &[
    scene("form-changed-elsewhere", From::Demo, |h| {
        edit(h, "payments-api");
        h.type_text("-eu");
        tell(h, "payments-api", edited);
    }),
    scene("conflict", From::Staged(|| refused(edited)), submit),
    scene("conflict-one-side", From::Staged(|| refused(|header| header.public[0].text = "X-Pay".into())), submit),
    scene("conflict-back", From::Staged(|| refused(edited)), |h| {
        submit(h);
        h.press("Enter");
    }),
    scene("conflict-deleted", From::Staged(|| refused(deleted)), submit),
    scene("conflict-anew", From::Staged(|| refused(deleted)), |h| {
        submit(h);
        h.press("Tab Enter");
    }),
    scene("deactivate-changed-elsewhere", From::Demo, |h| {
        select(h, "payments-api");
        h.press("d Tab");
        tell(h, "payments-api", edited);
    }),
    scene("deactivate-moot", From::Demo, |h| {
        select(h, "payments-api");
        h.press("d Tab");
        tell(h, "payments-api", |header| header.state = State::Inactive(header.modified.clone()));
    }),
    scene("delete-changed-elsewhere", From::Demo, |h| {
        select(h, "payments-api");
        h.press("x").type_text("payments");
        tell(h, "payments-api", edited);
    }),
    scene("detail-deleted-elsewhere", From::Demo, |h| {
        select(h, "payments-api");
        h.press("v");
        tell(h, "payments-api", deleted);
    }),
    scene("unlocked-elsewhere", From::Locked, |h| drop(h.news(News::Unlocked(session())).screen())),
    scene("agent-ended", From::Demo, |h| {
        h.door().call(Request::Lock, &|_| {}).expect("a vault that locks");
        h.lose_line();
    }),
    scene("unfinished", From::Staged(one_left), unlock),
    scene(
        "unfinished-several",
        From::Staged(|| {
            let left = vec![
                left(1, 4, "shop-production-eu", 3 * 1440, "pts/1"),
                left(2, 2, "", 95, "pts/3"),
                left(3, 0, "deploy", 10, "pts/3"),
            ];
            Stage::open([]).with_left(left)
        }),
        |h| {
            unlock(h);
            h.press("Down");
        },
    ),
    scene("unfinished-continued", From::Staged(one_left), |h| {
        unlock(h);
        h.press("Enter");
    }),
];
