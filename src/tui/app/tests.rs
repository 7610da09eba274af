use crate::domain::SecretBytes;
use crate::service::{
    ClockTrouble, DoorError, OpenReport, Progress, Request, Response, Step, StoreTrouble, VaultStatus,
};
use crate::tui::harness::Harness;
use crate::tui::input::{Code, Event, Key};
use crate::tui::screens::script::{Asked, Script, session};

type Answer = Result<Response, DoorError>;

const GOOD: &str = "correct horse battery staple kumquat";

fn opened(report: OpenReport) -> Answer {
    Ok(Response::Unlocked { session: session(), report })
}

fn opened_for_reading(report: OpenReport) -> Answer {
    let session = crate::service::Session { read_only: true, ..session() };
    Ok(Response::Unlocked { session, report })
}

fn owing(trouble: Option<StoreTrouble>, clock: Option<ClockTrouble>) -> OpenReport {
    OpenReport { needs_new_passphrase: true, trouble, clock, ..OpenReport::default() }
}

fn rolled_back() -> Option<StoreTrouble> {
    Some(StoreTrouble::RolledBack { found: 3, last_seen: 7 })
}

/// Unlocked with the recovery key, over a door that answers so.
fn recovered(answers: impl IntoIterator<Item = Answer>) -> (Harness, Asked) {
    let (mut h, asked) = Script::locked(answers).start(80, 24);
    h.press("Tab").type_text("7K3M").press("Enter");
    (h, asked)
}

fn unlocked(answers: impl IntoIterator<Item = Answer>) -> (Harness, Asked) {
    Script::new(VaultStatus::Unlocked(session()), answers).start(80, 24)
}

fn alt(code: Code) -> Event {
    Event::Key(Key { alt: true, ..Key::plain(code) })
}

#[test]
fn the_longest_name_stands_in_the_path_as_far_as_it_fits() {
    for columns in [60, 80] {
        let mut h = Harness::demo(columns, 24);
        h.press("n Enter").paste(&"n".repeat(128)).press("Tab").type_text("Authorization").press("Tab");
        h.type_text("a-value").press("^S Enter Enter").expect("Account Portal › … › nnnnnnnnnnnnnnnnnnnn");
        h.press("Esc x Esc e").expect("› Edit nnnn");
    }
}

#[test]
fn a_passphrase_that_is_owed_is_owed_after_every_dialog() {
    let jumped = owing(None, Some(ClockTrouble::JumpedAhead(400)));
    let (mut h, asked) = recovered([opened(jumped), opened(OpenReport::default()), Ok(Response::Done)]);
    h.expect("Is the clock right?").press("Tab Enter").expect("Swept.");
    assert!(matches!(asked.get(asked.len() - 2), Request::SweepAnyway));
    h.expect("Choose a new passphrase").expect("Account Portal › New passphrase");
    h.press("Esc").expect("Choose a new passphrase");
    h.type_text(GOOD).press("Enter").type_text(GOOD).press("Enter").expect("Secrets Management");
}

#[test]
fn whoever_leaves_without_the_passphrase_that_is_owed_leaves_a_locked_vault() {
    let (mut h, asked) = recovered([opened(owing(None, None)), Ok(Response::Done)]);
    h.expect("Choose a new passphrase").press("^C");
    assert!(h.ended && matches!(asked.get(asked.len() - 1), Request::Lock));
}

#[test]
fn a_passphrase_is_owed_as_soon_as_it_can_be_set() {
    let answers = [opened_for_reading(owing(rolled_back(), None)), opened(OpenReport::default())];
    let (mut h, _) = recovered(answers);
    h.expect("This is an older state").expect("Secrets Management").press("Tab Enter");
    h.expect("Accepted: this is the state of the vault now.").expect("Choose a new passphrase");
}

#[test]
fn whoever_comes_back_with_the_passphrase_owes_none() {
    let (mut h, _) =
        recovered([opened(owing(None, None)), Ok(Response::Done), opened(OpenReport::default()), Ok(Response::Done)]);
    h.expect("Choose a new passphrase").press("^L").expect("The vault is locked");
    h.type_text("pass").press("Enter").expect("Secrets Management").expect_not("Choose");
}

#[test]
fn a_vault_that_is_open_behind_a_passphrase_that_is_owed_locks() {
    let (mut h, _) = recovered([opened(owing(None, None)), Ok(Response::Done)]);
    h.type_text("half a").wait_seconds(14 * 60).expect("locks in 1 min");
    h.wait_seconds(60).expect("The vault is locked").expect_not("•");
    assert_eq!(h.app().deadline(), None);
}

#[test]
fn what_is_typed_in_clear_is_masked_after_a_minute_without_a_key() {
    let mut h = Harness::demo(80, 24);
    h.press("n Enter Tab Tab").type_text("hunter2");
    assert_eq!(h.app().deadline(), None, "nothing is in clear, nothing has to be masked");
    h.press("^R").expect("hunter2").wait_seconds(59).expect("hunter2");
    h.wait_seconds(1).expect_not("hunter2").expect("•••••••");
    assert_eq!(h.app().deadline(), None);
    let (mut h, _) = Script::locked([]).start(80, 24);
    h.type_text("hunter2").press("^R").expect("hunter2").wait_seconds(60).expect_not("hunter2");
}

#[test]
fn a_dialog_covers_what_was_shown() {
    let mut h = Harness::demo(80, 24);
    h.press("n Enter Tab Tab").type_text("hunter2").press("^R").expect("hunter2");
    h.press("^P Esc").expect_not("hunter2");
}

#[test]
fn a_key_after_a_long_sleep_finds_the_vault_locked() {
    let (mut h, asked) = unlocked([]);
    h.sleep_seconds(8 * 3600).press("n");
    h.expect("The vault is locked");
    assert_eq!(asked.len(), 1, "the list; it is the door that locks");
}

#[test]
fn nothing_is_done_between_the_lock_and_its_answer() {
    let (mut h, asked) = unlocked([Ok(Response::Done)]);
    h.hold().press("^L").expect("locking").press("n ^L").paste("text").expect_not("Bearer Token").release();
    h.expect("The vault is locked");
    assert_eq!(asked.len(), 2, "the list and one lock");
}

#[test]
fn a_lock_that_fails_covers_the_screens_and_says_why() {
    let (mut h, _) = unlocked([Err(DoorError::DiskFull)]);
    h.press("^L").expect("The vault is locked").expect("disk is full");
}

#[test]
fn esc_and_a_key_that_came_as_alt_are_both_keys_where_no_text_is_taken() {
    let mut h = Harness::demo(80, 24);
    h.press("Enter").event(alt(Code::Char('/'))).type_text("shop").expect("shop-staging");
    h.event(alt(Code::Char('z'))).expect("shop-staging");
    h.press("Enter Enter").event(alt(Code::Enter)).expect("shop-production").expect("Where it is applied");
}

#[test]
fn a_paste_that_was_cut_is_told() {
    let mut h = Harness::demo(80, 24);
    h.press("/").paste("sho").event(Event::PasteCut).expect("The paste stood still and was cut").expect("shop");
}

#[test]
fn a_terminal_that_is_too_small_takes_the_ways_out_and_nothing_else() {
    let (mut h, asked) = Script::locked([]).start(40, 10);
    h.expect("make it larger, or ^C quits").type_text("q").paste("text").resize(80, 24).expect_not("•");
    h.resize(40, 10).press("Enter ^C");
    assert!(h.ended && asked.len() == 0);
    let mut h = Harness::demo(80, 24);
    h.press("n Enter").type_text("x").resize(40, 10).press("^C").expect("not all is saved: ^C again quits");
    assert!(!h.ended);
    h.press("^C");
    assert!(h.ended);
}

#[test]
fn what_was_sent_to_the_clipboard_does_not_outlive_a_confirmed_quit() {
    let mut h = Harness::demo(80, 24);
    h.press("y n Enter").type_text("x").press("^C").expect("Quit strongroom?").press("Tab Enter");
    assert!(h.ended);
    assert_eq!(h.clipboard.last(), Some(&SecretBytes::default()));
}

#[test]
fn a_dialog_tells_of_the_work_that_it_started_and_of_its_end() {
    let damaged = StoreTrouble::Damaged { expected: 9, found: 8, copy_from: Some(crate::domain::Timestamp(0)) };
    let report = OpenReport { trouble: Some(damaged), ..OpenReport::default() };
    let (mut h, _) = Script::locked([opened_for_reading(report), opened(OpenReport::default())]).start(80, 24);
    h.type_text("pass").press("Enter").expect("The store is damaged").hold().press("Tab Enter");
    h.expect("Working…").expect_not("Press the button");
    h.progress(Progress { step: Step::Rewriting, done: 12, total: 345 }).expect("Sealing the vault again: 12 of 345");
    h.press("Esc").expect("The store is damaged").release();
    h.expect("Repaired.").expect_not("The store is damaged");
}
