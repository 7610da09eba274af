//! The list, one application and its form, over a door that answers as written down.

use std::sync::Arc;

use super::super::script::{Asked, Script, session};
use crate::domain::{Application, ApplicationDraft, ApplicationId, Binding, BindingTarget, SecretId, Stamp, Timestamp};
use crate::service::{DoorError, News, Request, Response, VaultStatus};
use crate::tui::harness::{Harness, START};

fn id(name: &str) -> ApplicationId {
    ApplicationId([name.len() as u8; 16])
}

fn application(name: &str) -> Arc<Application> {
    let stamp = Stamp { at: Timestamp(START - 86_400), by: "Ben".into() };
    let target = BindingTarget::Variable("API_KEY".into());
    Arc::new(Application {
        id: id(name),
        revision: 3,
        name: name.into(),
        description: "what it is".into(),
        bindings: vec![Binding { target, secret: SecretId([9; 16]), field: "value".into() }],
        created: stamp.clone(),
        modified: stamp,
    })
}

fn all(names: &[&str]) -> Result<Response, DoorError> {
    Ok(Response::Applications(names.iter().map(|name| application(name)).collect()))
}

/// At the list, which the door fills with the first of its answers.
fn listed(answers: Vec<Result<Response, DoorError>>) -> (Harness, Asked) {
    let (mut h, asked) = Script::new(VaultStatus::Unlocked(session()), answers).start(80, 24);
    h.press("Esc Down Enter");
    (h, asked)
}

#[track_caller]
fn last(asked: &Asked) -> Request {
    asked.get(asked.len() - 1)
}

#[test]
fn news_of_applications_are_asked_for_and_the_selection_stays() {
    let (mut h, _) = listed(vec![all(&["alpha", "beta"]), all(&["aa", "alpha", "beta"])]);
    h.press("Down").expect("▌ beta").news(News::Applications).expect("▌ beta").expect("3 applications");
}

#[test]
fn what_is_bound_and_gone_counts_as_refused() {
    let (mut h, _) = listed(vec![all(&["alpha"])]);
    h.expect("(gone)").expect("✕ 1 refused").press("Enter").expect("env    API_KEY ←  (gone)/value  ⌫ (gone)");
    h.expect_not("Open the secret");
}

#[test]
fn removing_asks_and_the_safe_button_has_the_focus() {
    let (mut h, asked) = listed(vec![all(&["alpha"]), all(&["alpha"]), Ok(Response::Done), all(&[])]);
    h.press("x").expect("Remove alpha?").press("Enter").expect("1 application");
    assert_eq!(last(&asked), Request::Applications);
    h.press("x Tab Enter").expect("Removed alpha").expect("No applications yet.");
    let removed = Request::RemoveApplication { id: id("alpha"), revision: 3 };
    assert_eq!(asked.get(asked.len() - 2), removed);
}

#[test]
fn one_that_is_removed_elsewhere_leaves_its_screen() {
    let (mut h, _) = listed(vec![all(&["alpha", "beta"]), all(&["beta"]), all(&["beta"])]);
    h.press("Enter").expect("Added").news(News::Applications).expect("1 application").expect("▌ beta");
}

#[test]
fn what_is_submitted_is_what_stands_in_the_rows_that_are_filled_in() {
    let saved = Ok(Response::Application(application("alpha-eu")));
    let (mut h, asked) = listed(vec![all(&["alpha"]), saved, all(&["alpha-eu"])]);
    h.press("e").type_text("-eu").press("Tab Tab Space Tab Tab Tab Enter").expect("  2 env").press("^S");
    h.expect("Saved alpha-eu");
    let target = BindingTarget::Header("API_KEY".into());
    let bindings = vec![Binding { target, secret: SecretId([9; 16]), field: "value".into() }];
    let draft = ApplicationDraft { name: "alpha-eu".into(), description: "what it is".into(), bindings };
    let edited = Request::EditApplication { id: id("alpha"), revision: 3, draft };
    assert_eq!(asked.get(asked.len() - 2), edited);
}

#[test]
fn a_conflict_keeps_what_was_typed_and_asks_before_it_overwrites() {
    let mut theirs = (*application("alpha")).clone();
    (theirs.revision, theirs.description) = (4, "theirs".into());
    let conflict = || Err(DoorError::ApplicationConflict { current: Arc::new(theirs.clone()) });
    let saved = Ok(Response::Application(application("alpha-eu")));
    let (mut h, asked) = listed(vec![all(&["alpha"]), conflict(), conflict(), saved, all(&["alpha-eu"])]);
    h.press("e")
        .type_text("-eu")
        .press("^S")
        .expect("changed by somebody else")
        .expect("Ben changed the description 1 d ago");
    h.press("Enter").expect("alpha-eu").press("^S").expect("changed by somebody else").press("Tab Enter");
    h.expect("Saved alpha-eu");
    assert!(matches!(asked.get(asked.len() - 2), Request::EditApplication { revision: 4, .. }));
}

#[test]
fn one_that_is_gone_is_added_anew() {
    let added = Ok(Response::Application(application("alpha")));
    let (mut h, asked) = listed(vec![all(&["alpha"]), Err(DoorError::NoApplication), added, all(&["alpha"])]);
    h.press("e").type_text("!").press("^S").expect("removed while you were editing").expect("alpha!").press("^S");
    h.expect("Added alpha");
    assert!(matches!(asked.get(asked.len() - 2), Request::AddApplication(_)));
}

#[test]
fn errors_stand_beside_their_field_and_nothing_is_asked() {
    let refused = |field: &str, cause: &str| Err(DoorError::Invalid { field: field.into(), cause: cause.into() });
    let (name, bindings) = (refused("name", "Taken."), refused("bindings", "API_KEY: Choose another."));
    let (mut h, asked) = listed(vec![all(&["alpha"]), all(&["alpha"]), name, bindings]);
    h.press("n ^S").expect("✕ Give it a name.").type_text("beta").expect_not("✕");
    h.press("Tab Tab Tab").type_text("KEY").press("^S").expect("✕ Choose a secret").press("Tab Tab Enter");
    assert_eq!(asked.len(), 2, "the list of secrets, and that of applications");
    h.press("Esc").expect("Discard this application?").press("Tab Enter");
    h.press("e").type_text("!").press("^S").expect("✕ Taken.").press("^S").expect("✕ 1").expect("Choose another.");
}

#[test]
fn a_variable_that_no_secret_may_set_is_refused_on_the_spot() {
    let (mut h, asked) = listed(vec![all(&["alpha"])]);
    h.press("e Tab Tab Tab ^U").type_text("LD_PRELOAD").press("^S").expect("✕ Choose another variable: LD_PRELOAD");
    assert_eq!(last(&asked), Request::Applications);
}

#[test]
fn a_lock_keeps_what_was_typed() {
    let unlocked = Ok(Response::Unlocked { session: session(), report: Default::default() });
    let (mut h, _) = listed(vec![all(&["alpha"]), Ok(Response::Done), unlocked]);
    h.press("n").type_text("half a name").press("^L").type_text("x").press("Enter").expect("half a name");
}
