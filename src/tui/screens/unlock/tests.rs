//! Unlocking, over a door that answers as written down.

use super::*;
use crate::domain::Timestamp;
use crate::service::{CredentialKind, Holder, VaultStatus};
use crate::tui::harness::START;
use crate::tui::screens::script::{Script, session};

fn wrong(wait_seconds: u32) -> Result<Response, DoorError> {
    Err(DoorError::WrongCredential { kind: CredentialKind::Passphrase, wait_seconds })
}

fn opened() -> Result<Response, DoorError> {
    Ok(Response::Unlocked { session: session(), report: Default::default() })
}

#[test]
fn the_passphrase_opens_the_vault_and_is_never_on_the_screen() {
    let (mut h, asked) = Script::locked([opened()]).start(80, 24);
    h.hold().paste("hunter two\n").expect_not("hunter").expect("••••••••••");
    h.press("Enter");
    h.expect("Deriving the key…");
    h.release();
    h.expect("Secrets Management");
    assert!(matches!(&asked.get(0), Request::Unlock(Credential::Passphrase(p)) if p.expose() == b"hunter two"));
}

#[test]
fn a_name_is_asked_for_only_when_it_is_wanted() {
    let (mut h, asked) = Script::locked([wrong(0), opened()]).start(80, 24);
    h.expect_not("Member").press("^N").type_text("Grace").press("Enter").type_text("one").press("Enter");
    let named = |index| match asked.get(index) {
        Request::Unlock(Credential::Named { member, passphrase }) => (member, passphrase),
        other => panic!("{other:?}"),
    };
    assert_eq!(named(0), ("Grace".into(), "one".into()));
    h.expect("does not open this vault").expect("Grace").press("Tab").expect_not("Grace").press("Tab Up ^U Down");
    h.press("Up ^N").expect_not("Member").type_text("two").press("Enter").expect("Secrets Management");
    assert!(matches!(asked.get(1), Request::Unlock(Credential::Passphrase(typed)) if typed.expose() == b"two"));
}

#[test]
fn a_wrong_guess_is_wiped_and_the_next_one_has_to_wait() {
    let (mut h, asked) = Script::locked([wrong(3), opened()]).start(80, 24);
    h.type_text("wrong").press("Enter");
    h.expect("does not open this vault").expect("again in 3 s").expect_not("•");
    h.wait_seconds(1).expect("again in 2 s");
    h.type_text("right").press("Enter");
    assert_eq!(asked.len(), 1, "no guess before the pause is over");
    h.wait_seconds(2).expect_not("again in");
    assert_eq!(h.app().deadline(), None, "and no timer after it");
    h.expect("•••••");
    h.press("Enter").expect("Secrets Management");
    assert_eq!(asked.len(), 2 + 1, "two guesses, then the list");
}

#[test]
fn a_guess_that_came_too_soon_is_kept() {
    let (mut h, _) = Script::locked([Err(DoorError::TooSoon { wait_seconds: 8 })]).start(80, 24);
    h.type_text("right").press("Enter").expect("again in 8 s").expect("•••••");
}

#[test]
fn the_recovery_key_has_a_field_of_its_own() {
    let (mut h, asked) = Script::locked([opened()]).start(80, 24);
    h.type_text("pass").press("Tab").expect("Recovery key").expect_not("•");
    h.paste("7K3M-ABCD\n  EFGH\n").press("^R").expect("7K3M-ABCDEFGH");
    h.event(crate::tui::input::Event::FocusLost);
    h.expect_not("7K3M");
    h.press("Tab").expect("••••");
    h.press("Tab Enter");
    assert!(matches!(&asked.get(0), Request::Unlock(Credential::Recovery(k)) if k.expose() == b"7K3M-ABCDEFGH"));
}

#[test]
fn it_says_who_holds_the_vault_and_what_is_damaged() {
    let holder = Holder { pid: 4242, terminal: Some("pts/3".into()), since: Timestamp(START - 300) };
    let damaged = DoorError::Damaged("vault.header is cut short".to_owned());
    let (mut h, _) = Script::locked([Err(DoorError::Held(holder)), Err(damaged)]).start(80, 24);
    h.press("Enter").expect("Nothing is typed yet");
    h.type_text("pass").press("Enter").expect("Process 4242 on pts/3").expect("Close it there");
    h.expect("••••");
    h.press("Enter").expect("vault.header is cut short").expect("strongroom doctor");
}

#[test]
fn the_demo_says_what_opens_it() {
    let mut h = crate::tui::harness::Harness::demo(80, 24);
    h.press("^L").expect("opens the demo");
    h.type_text("x").press("Enter").expect("Secrets Management");
}

#[test]
fn every_size_that_is_worked_in_shows_field_and_error() {
    let (mut h, _) = Script::new(VaultStatus::Locked, [wrong(30)]).start(60, 16);
    h.type_text("wrong").press("Enter").expect("Passphrase").expect("again in 30 s");
    for (columns, rows) in [(40, 10), (1, 1), (200, 60)] {
        h.resize(columns, rows).screen();
    }
}
