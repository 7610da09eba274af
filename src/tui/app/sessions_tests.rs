//! Many sessions at one vault: when it locks, and what others do.

use super::others::{changed, deactivated};
use crate::domain::State;
use crate::service::{Credential, News, Request, Session, VaultStatus};
use crate::tui::harness::Harness;
use crate::tui::screens::script::{Asked, Script, session};

fn unlocked() -> (Harness, Asked) {
    Script::new(VaultStatus::Unlocked(session()), []).start(80, 24)
}

#[test]
fn others_keep_the_vault_open_and_the_screens_know_it_before_they_say_otherwise() {
    let (mut h, _) = unlocked();
    h.wait_seconds(9 * 60);
    h.door().call(Request::Touch, &|_| {}).unwrap();
    h.wait_seconds(5 * 60).expect_not("locks in").wait_seconds(5 * 60).expect("locks in 5 min");
    h.door().call(Request::Touch, &|_| {}).unwrap();
    h.expect("locks in 5 min").wait_seconds(60).expect_not("locks in");
    h.wait_seconds(15 * 60).expect("The vault is locked");
    assert_eq!(h.app().deadline(), None);
}

#[test]
fn a_key_after_a_sleep_counts_when_others_kept_the_vault_open() {
    let (mut h, _) = unlocked();
    h.sleep_seconds(14 * 60);
    h.door().call(Request::Touch, &|_| {}).unwrap();
    h.sleep_seconds(10 * 60).press("n").expect("Secrets Management").expect_not("Bearer Token");
    h.press("n").expect("Bearer Token");
}

#[test]
fn keys_tell_the_door_now_and_then_that_somebody_is_there() {
    let (mut h, _) = unlocked();
    for _ in 0..30 {
        h.wait_seconds(60).press("Down");
    }
    h.expect("Secrets Management").expect_not("locks in").wait_seconds(14 * 60).expect("locks in 1 min");
    h.wait_seconds(60).expect("The vault is locked");
}

#[test]
fn a_vault_that_never_locks_has_no_timer() {
    let never = Session { locks_in: None, ..session() };
    let (mut h, _) = Script::new(VaultStatus::Unlocked(never), []).start(80, 24);
    assert_eq!(h.press("Down").app().deadline(), None);
}

#[test]
fn a_change_shows_and_nobody_loses_their_place() {
    let mut h = Harness::demo(80, 24);
    h.press("Down Down Down Down");
    let name =
        h.screen().lines().find(|line| line.contains('▌')).unwrap().split_whitespace().nth(1).unwrap().to_owned();
    let news = changed(&h, "billing-service", |header| header.name = "zz-billing".into());
    h.news(news).expect("zz-billing").expect_not("billing-service").expect(&format!("▌ {name}"));
}

#[test]
fn the_row_where_one_stands_stays_at_its_height() {
    let mut h = Harness::demo(80, 16);
    let marked = |h: &Harness| h.screen().lines().position(|line| line.contains('▌'));
    let before = marked(h.press("Down Down Down Down Down Down Down Down"));
    let first = |h: &Harness| h.screen().lines().nth(6).map(str::to_owned);
    let top = first(&h);
    let news = changed(&h, "billing-service", |header| header.name = "zz-billing".into());
    h.news(news);
    assert_eq!((marked(&h), first(&h)), (before, top));
}

#[test]
fn an_older_header_never_takes_the_place_of_a_newer_one() {
    let mut h = Harness::demo(80, 24);
    let (newer, older) =
        (changed(&h, "crm-sync", |header| header.revision += 1), changed(&h, "crm-sync", |h| h.name = "old".into()));
    h.news(newer).news(older).expect("crm-sync").expect_not("old ");
}

#[test]
fn news_that_come_before_an_older_list_are_not_lost() {
    let mut h = Harness::demo(80, 24);
    let news = changed(&h, "crm-sync", |header| header.name = "crm-new".into());
    h.hold().news(News::ListAnew).news(news).release().expect("crm-new").expect_not("crm-sync");
}

#[test]
fn a_value_that_others_changed_is_masked_and_the_detail_is_anew() {
    let mut h = Harness::demo(80, 24);
    h.press("/").type_text("crm-sync").press("Enter v").expect("Bearer demo");
    let news = changed(&h, "crm-sync", |header| header.public[0].text = "X-Crm".into());
    h.news(news).expect("X-Crm").expect_not("Bearer demo").expect("Changed");
    let news = changed(&h, "crm-sync", |header| {
        header.state = State::Deleted(header.modified.clone());
        header.parts.clear();
    });
    h.news(news).expect("⌫ Deleted").press("v").expect("▲ Deleted");
}

#[test]
fn a_lock_elsewhere_covers_the_screens_and_an_unlocking_opens_them() {
    let mut h = Harness::demo(80, 24);
    h.press("n Enter").type_text("deploy").press("Tab Tab").type_text("hunter2");
    h.door().call(Request::Lock, &|_| {}).unwrap();
    h.news(News::Locked).expect("The vault is locked").type_text("x").news(News::Locked).expect("•").press("Backspace");
    h.press("Enter").expect("Nothing is typed yet");
    h.door().call(Request::Unlock(Credential::Passphrase("x".into())), &|_| {}).unwrap();
    h.news(News::Unlocked(session())).expect("The vault was unlocked in another session: Enter goes on.");
    h.press("Enter").expect("deploy").expect("enter them again").expect_not("7 characters");
}

#[test]
fn enter_on_a_vault_that_was_locked_again_says_so() {
    let (mut h, _) = Script::locked([]).start(80, 24);
    h.news(News::Unlocked(session())).expect("Enter goes on").press("Enter").expect("It has been locked again.");
    h.press("Enter").expect("Nothing is typed yet");
    h.news(News::Unlocked(session())).news(News::Locked).expect_not("Enter goes on");
}

#[test]
fn an_answer_that_the_vault_is_locked_covers_the_screens() {
    let mut h = Harness::demo(80, 24);
    h.door().call(Request::Lock, &|_| {}).unwrap();
    h.press("y").expect("The vault is locked");
}

#[test]
fn an_agent_that_ends_locks_and_says_so() {
    let mut h = Harness::demo(80, 24);
    h.door().call(Request::Lock, &|_| {}).unwrap();
    h.lose_line().expect("The vault is locked").expect("▲ The agent ended: unlock to go on. Nothing stored is lost.");
    h.press("Tab").lose_line().expect_not("The agent ended");
}

#[test]
fn a_line_that_was_cut_by_an_agent_that_goes_on_is_no_lock() {
    let mut h = Harness::demo(80, 24);
    h.hold().lose_line().press("d").expect("locked?").expect_not("Deactivate");
    h.release().expect("12 secrets").expect_not("The agent ended");
    h.press("d").expect("Deactivate");
}

#[test]
fn an_answer_that_comes_after_the_lock_is_not_followed() {
    let mut h = Harness::demo(80, 24);
    h.press("/").type_text("crm-sync").press("Enter y").expect("Sent to the terminal");
    let sent = h.clipboard.len();
    h.hold().press("y").news(News::Locked).expect("The vault is locked").release();
    assert!(h.clipboard[sent..].iter().all(|bytes| bytes.is_empty()), "what was asked before the lock");
    h.expect("The vault is locked").type_text("x").press("Enter").expect("crm-sync");
}

#[test]
fn nothing_of_secrets_comes_back_after_the_lock() {
    let mut h = Harness::demo(80, 24);
    deactivated(&mut h, "crm-sync");
    h.press("/").type_text("crm-sync").press("Enter").hold().press("d Tab Enter").news(News::ListAnew);
    let news = changed(&h, "crm-sync", |header| header.name = "crm-new".into());
    h.news(news).news(News::Locked).release();
    assert_eq!(h.app().shared().headers, [], "neither a conflict nor a list");
    assert_eq!(h.app().heard(), 0);
    h.expect("The vault is locked").type_text("x").press("Enter").expect("crm-sync").expect_not("crm-new");
    let news = changed(&h, "crm-sync", |header| header.name = "crm-new".into());
    h.news(news);
    assert_eq!(h.app().heard(), 0, "outside a list nothing is collected");
}
