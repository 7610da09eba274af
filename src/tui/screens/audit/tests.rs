//! The audit log over a door that answers as written down.

use super::super::script::{Script, session};
use crate::domain::Timestamp;
use crate::domain::audit::{Action, Event, Origin, Outcome, Subject};
use crate::service::{AuditVerdict, DoorError, Response, VaultStatus};
use crate::tui::harness::{Harness, START};

fn event(number: u64, name: &str, outcome: Outcome) -> Event {
    let action = if number.is_multiple_of(2) { Action::Edited } else { Action::ApplicationAdded };
    Event {
        number,
        at: Timestamp(START - 60),
        member: "Ada".into(),
        origin: Origin { user: "ada".into(), host: "web\u{1b}[31m".into(), ..Origin::default() },
        action,
        subject: Some(Subject::Other(name.into())),
        application: None,
        command: None,
        outcome,
    }
}

/// At the log, which the door fills with the first of its answers.
fn log(answers: Vec<Result<Response, DoorError>>) -> Harness {
    let (mut h, _) = Script::new(VaultStatus::Unlocked(session()), answers).start(80, 24);
    h.press("Esc Down Down Enter");
    h
}

fn events() -> Result<Response, DoorError> {
    let refused = Outcome::Refused("no\u{202e}t now".into());
    Ok(Response::Events(vec![
        event(1, "oldest", Outcome::Done),
        event(2, "refused\u{200b}one", refused),
        event(3, "newest", Outcome::Done),
    ]))
}

#[test]
fn the_newest_comes_first_and_each_esc_takes_one_step_back() {
    let mut h = log(vec![events()]);
    let screen = h.screen();
    assert!(screen.find("newest") < screen.find("oldest"));
    h.press("f End Space Enter").expect("Only what was refused").expect_not("newest");
    h.press("/").type_text("zzz").expect("Nothing matches.").press("Enter").expect("Esc ends the find");
    h.press("Esc").expect("Only what was refused").expect("Esc shows all").press("Esc").expect("3 events");
    h.press("Esc").expect("▌ Audit log");
}

#[test]
fn nothing_from_outside_steers_the_terminal() {
    let mut h = log(vec![events()]);
    h.expect("web\u{fffd}[31m").expect("refused\u{fffd}one").press("Down Enter");
    h.expect("Refused: no\u{fffd}t now").expect("refused\u{fffd}one");
}

#[test]
fn an_error_says_so_and_the_log_can_be_verified_all_the_same() {
    let troubles = vec!["Event 2 is missing.".into()];
    let verdict = AuditVerdict { events: 2, first: 1, since: Some(Timestamp(START)), troubles };
    let mut h = log(vec![Err(DoorError::DiskFull), Ok(Response::AuditVerdict(verdict))]);
    h.expect("The audit log cannot be shown.").press("v").expect("✕ Event 2 is missing.").press("Enter");
    h.expect_not("missing").press("v").expect("Nothing more is written down");
}

#[test]
fn fifty_thousand_events_are_scrolled_like_ten() {
    let many = (1..=50_000).map(|i| event(i, &format!("name-{i}"), Outcome::Done)).collect();
    let mut h = log(vec![Ok(Response::Events(many))]);
    h.expect("50,000 events").expect("1 of 50,000").press("End").expect("name-1 ").expect("50,000 of 50,000");
    h.press("g PgDn").expect("17 of 50,000").press("/").type_text("name-77").expect("1 of 111");
}
