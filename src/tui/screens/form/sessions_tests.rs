//! Two people at the same secret: neither loses what they did.

use crate::domain::PartChange;
use crate::service::{Request, Target};
use crate::tui::app::others::{edited, header, news};
use crate::tui::harness::Harness;

const NAME: &str = "payments-api";

/// The form of an API key in the demo.
fn editing() -> Harness {
    let mut h = Harness::demo(80, 24);
    h.press("/").type_text(NAME).press("Enter e").expect("Edit payments-api");
    h
}

#[test]
fn a_change_elsewhere_is_noted_in_the_form_at_once() {
    let mut h = editing();
    h.type_text("-eu");
    news(&mut h, NAME, |header| header.public[0].text = "X-Pay".into());
    h.expect("▲ Bo Lind changed Header Name 2 min ago. ^S shows both sides").expect("payments-api-eu");
}

#[test]
fn both_sides_are_shown_and_saving_keeps_both() {
    let mut h = editing();
    edited(&mut h, NAME, |change| change.public[0].text = "X-Pay".into());
    h.type_text("-eu")
        .press("^S")
        .expect("payments-api was changed by somebody else")
        .expect("while you were editing.");
    h.expect("Secret Name  payments-api-eu").expect("Header Name  as it was").expect("X-Pay");
    h.expect("Saving keeps both").press("Enter").expect("^S shows both sides").expect("payments-api-eu");
    h.press("^S Tab Enter").expect("Saved payments-api-eu");
    let saved = header(&h, "payments-api-eu");
    assert_eq!((saved.public("header_name"), saved.revision), (Some("X-Pay"), 3));
}

#[test]
fn where_both_changed_it_mine_wins_when_i_say_so_and_no_value_is_shown() {
    let mut h = editing();
    edited(&mut h, NAME, |change| {
        change.name = "pay".into();
        change.parts = vec![("value".into(), PartChange::Set("theirs-hunter2".into()))];
    });
    h.type_text("-eu").press("Tab Tab").type_text("mine-hunter2").press("^S");
    h.expect("▲ Secret Name  payments-api-eu")
        .expect("▲ Value")
        .expect("the value you entered")
        .expect("another value")
        .expect("Save, mine wins");
    h.expect("Where both did, yours").expect_not("hunter2").press("Tab Enter").expect("Saved payments-api-eu");
}

#[test]
fn the_smallest_terminal_shows_both_sides_and_every_button() {
    let mut h = editing();
    edited(&mut h, NAME, |change| {
        change.public[0].text = "X-Pay".into();
        change.expires = None;
        change.write_only = true;
        change.parts = vec![("value".into(), PartChange::Set("theirs".into()))];
    });
    h.type_text("-eu").press("^S").resize(60, 16);
    h.expect("Ada Park changed it")
        .expect("payments-api-eu")
        .expect("Yours")
        .expect("more")
        .expect("Saving keeps both");
    h.expect("( Back )   ( Save both )   ( Discard mine )");
}

#[test]
fn mine_can_be_discarded() {
    let mut h = editing();
    edited(&mut h, NAME, |change| change.public[0].text = "X-Pay".into());
    h.type_text("-eu").press("^S Tab Tab Enter").expect("Secrets Management").expect_not("Edit payments-api");
    assert_eq!(header(&h, NAME).public("header_name"), Some("X-Pay"));
}

#[test]
fn a_second_change_in_between_is_a_second_question() {
    let mut h = editing();
    edited(&mut h, NAME, |change| change.public[0].text = "X-Pay".into());
    h.type_text("-eu").press("^S").expect("X-Pay");
    edited(&mut h, NAME, |change| change.public[0].text = "X-Pay-2".into());
    h.press("Tab Enter").expect("X-Pay-2").press("Tab Enter").expect("Saved payments-api-eu");
    assert_eq!(header(&h, "payments-api-eu").public("header_name"), Some("X-Pay-2"));
}

#[test]
fn of_a_secret_that_is_gone_a_new_one_can_be_made() {
    let mut h = editing();
    let deleted = header(&h, NAME);
    h.door().call(Request::Delete(Target { id: deleted.id, revision: deleted.revision }), &|_| {}).unwrap();
    h.type_text("-eu").press("^S").expect("is not there any more").expect("deleted it just now,");
    h.press("Enter").expect("can make a new secret of").press("^S Tab Enter");
    h.expect("This registers a new secret.").expect("Required: fill in Value").expect("payments-api-eu");
    h.type_text("hunter2").press("^S").expect("Registered payments-api-eu");
}

#[test]
fn pairs_of_both_are_there_after_saving() {
    let mut h = Harness::demo(80, 24);
    h.press("/").type_text("shop-production").press("Enter e Tab Tab");
    let keys =
        |h: &Harness| header(h, "shop-production").parts.iter().map(|part| part.name.to_string()).collect::<Vec<_>>();
    assert_eq!(keys(&h), ["DATABASE_URL", "REDIS_URL", "SESSION_KEY"]);
    edited(&mut h, "shop-production", |change| {
        change.parts.remove(0);
        change.parts.push(("THEIRS".into(), PartChange::Set("1".into())));
    });
    h.press("Tab Tab Tab").type_text("mine").press("^S").expect("▲ Keys and values").press("Tab Enter").expect("Saved");
    assert_eq!(keys(&h), ["REDIS_URL", "SESSION_KEY", "THEIRS"]);
}
