//! Forms that are left: when they are kept, when they are offered, and that no secret value is among it.

use crate::domain::{Keeper, Kind, SecretId, Timestamp, Unfinished, UnfinishedId};
use crate::service::{DoorError, LeftForm, Request, Response, VaultStatus};
use crate::tui::harness::{Harness, START};
use crate::tui::input::Event;
use crate::tui::screens::script::{Asked, Script, session};

fn script(left: Vec<LeftForm>, answers: Vec<Result<Response, DoorError>>) -> (Harness, Asked) {
    let mut script = Script::new(VaultStatus::Unlocked(session()), answers);
    script.left = left;
    script.start(80, 24)
}

/// The form of an API key, with a name, a header and a value in it.
fn filled() -> (Harness, Asked) {
    let (mut h, asked) = script(Vec::new(), vec![Ok(Response::Done)]);
    h.press("n Enter").type_text("deploy").press("Tab").type_text("X-Key").press("Tab").type_text("hunter2");
    (h, asked)
}

/// What has been kept, and nothing else.
#[track_caller]
fn kept(asked: &Asked) -> Vec<Unfinished> {
    let form = |request| match request {
        Request::KeepUnfinished(form) => form,
        other => panic!("{other:?}"),
    };
    asked.unfinished().into_iter().map(form).collect()
}

fn left(id: u8, name: &str, open: bool) -> LeftForm {
    let form = Unfinished {
        id: UnfinishedId([id; 16]),
        kind: Kind::ALL[0],
        edits: None,
        name: name.into(),
        fields: vec![("name".into(), name.into()), ("header_name".into(), "X-Key".into())],
        saved: Timestamp(START - 600),
        keeper: Keeper { pid: 7, started: 9, terminal: Some("pts/3".into()) },
    };
    LeftForm { form, open }
}

#[test]
fn a_form_that_nobody_looks_at_is_kept_once_and_without_its_values() {
    let ways: [fn(&mut Harness) -> &mut Harness; 5] = [
        |h| h.event(Event::FocusLost),
        |h| h.event(Event::Suspend),
        |h| h.wait_seconds(60),
        |h| h.press("^P Esc"),
        |h| h.event(Event::HangUp),
    ];
    for way in ways {
        let (mut h, asked) = filled();
        assert_eq!(kept(&asked), []);
        way(&mut h);
        let forms = kept(&asked);
        assert_eq!(forms.len(), 1);
        assert_eq!((&*forms[0].name, forms[0].fields.len()), ("deploy", 2));
        assert!(!format!("{forms:?}").contains("hunter2"));
    }
}

#[test]
fn what_is_kept_is_not_kept_again_until_it_changes() {
    let (mut h, asked) = filled();
    h.event(Event::FocusLost).event(Event::FocusLost).type_text("more of the value").event(Event::FocusLost);
    assert_eq!(kept(&asked).len(), 1);
    h.press("S-Tab").type_text("-2").event(Event::FocusLost);
    let forms = kept(&asked);
    assert_eq!((forms.len(), forms[0].id == forms[1].id), (2, true));
}

#[test]
fn it_is_kept_before_the_vault_locks_and_lives_on_in_this_session() {
    let (mut h, asked) = filled();
    h.press("^L").expect("The vault is locked");
    assert_eq!(kept(&asked).len(), 1);
    assert!(matches!(asked.get(asked.len() - 1), Request::Lock));
}

#[test]
fn what_is_submitted_or_discarded_is_forgotten() {
    let (mut h, asked) = filled();
    h.event(Event::FocusLost).press("Esc Tab Enter").expect("Which type");
    assert!(matches!(asked.unfinished()[..], [Request::KeepUnfinished(_), Request::DropUnfinished(_)]));
    let (mut h, asked) = filled();
    h.event(Event::FocusLost).press("^C Tab Enter");
    assert!(h.ended && matches!(asked.unfinished()[..], [Request::KeepUnfinished(_), Request::DropUnfinished(_)]));
}

#[test]
fn the_demo_keeps_nothing() {
    let mut h = Harness::demo(80, 24);
    h.press("n Enter").type_text("x").event(Event::FocusLost);
    assert_eq!(h.app().deadline(), None);
    let Ok(Response::Unfinished(forms)) = h.door().call(Request::Unfinished, &|_| {}) else { panic!("no answer") };
    assert_eq!(forms, []);
}

#[test]
fn a_form_that_was_left_is_offered_and_gone_on_with() {
    let (mut h, asked) = script(vec![left(1, "deploy", false)], vec![]);
    h.expect("A form was left unfinished").expect("Register API Key \"deploy\" · 10 min ago · pts/3");
    h.press("Enter").expect("Header Name").expect("deploy").expect("X-Key").expect("Secret values are never kept");
    let claimed = kept(&asked);
    assert_eq!(claimed.iter().map(|form| (form.id, form.keeper.pid)).collect::<Vec<_>>(), [(UnfinishedId([1; 16]), 0)]);
    h.type_text("-2").event(Event::FocusLost);
    assert_eq!(kept(&asked)[1].id, UnfinishedId([1; 16]));
}

#[test]
fn it_can_be_discarded_or_left_for_later() {
    let (mut h, asked) = script(vec![left(1, "deploy", false)], vec![]);
    h.press("Tab Enter").expect("Discarded.").expect_not("left unfinished");
    assert!(matches!(asked.unfinished()[..], [Request::DropUnfinished(_)]));
    for keys in ["Esc", "Tab Tab Enter"] {
        let (mut h, asked) = script(vec![left(1, "deploy", false)], vec![]);
        h.press(keys).expect("It is offered again at the next start.").expect_not("left unfinished");
        assert_eq!(asked.unfinished(), []);
    }
}

#[test]
fn of_several_one_is_chosen_the_newest_first() {
    let (mut h, asked) = script(vec![left(1, "old", false), left(2, "new", false)], vec![]);
    h.expect("2 forms were left unfinished").expect("▌ Register API Key \"new\"").press("Down Tab Enter");
    h.expect("A form was left unfinished").expect("\"new\"").expect_not("\"old\"").press("Enter").expect("new");
    assert!(matches!(
        asked.unfinished()[..],
        [Request::DropUnfinished(UnfinishedId([1, ..])), Request::KeepUnfinished(_)]
    ));
}

#[test]
fn what_stands_in_another_session_is_not_offered() {
    let (mut h, _) = script(vec![left(1, "deploy", true)], vec![]);
    h.expect("Secrets Management").expect_not("left unfinished");
}

#[test]
fn a_secret_that_is_gone_is_registered_anew() {
    let mut gone = left(1, "deploy", false);
    gone.form.edits = Some((SecretId([9; 16]), 4));
    let (mut h, _) = script(vec![gone], vec![]);
    h.expect("Edit \"deploy\"").press("Enter").expect("is not there any more: this registers a");
    h.expect("Register Secret").expect("X-Key");
}
