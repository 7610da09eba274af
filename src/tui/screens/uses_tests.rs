//! Uses over the demo's own vault: what one screen does is seen in the others.

use crate::tui::harness::Harness;

fn demo() -> Harness {
    let mut h = Harness::demo(120, 40);
    h.press("/").type_text("payments-api").press("Enter");
    h
}

#[test]
fn a_reveal_is_seen_in_the_detail_and_in_the_audit_log() {
    let mut h = demo();
    h.press("v Esc d").expect("2 applications depend on it (billing-worker, deploy pipeline)");
    h.expect("last revealed just now by").press("Esc Enter").expect("Last served to").expect("reveal by");
    h.press("Esc Esc Esc Down Down Enter").expect("reveal").expect("payments-api/value").expect("✓ done");
    h.press("Enter").expect("Secret               payments-api").press("Enter").expect("● Active").press("Esc Esc");
    h.press("v").expect("1 event since 2026-11-23 is whole: none is missing").press("Enter ^L").expect("Unlock");
}

#[test]
fn a_new_value_says_who_was_served_the_one_before_and_keeps_it() {
    let mut h = demo();
    h.wait_seconds(60).press("y").wait_seconds(60).press("e Tab Tab").type_text("pk_live_new").press("^S");
    h.expect("Saved payments-api").expect("copy by").press("Enter").expect("▌ payments-api");
    h.press("Enter").expect("▲ copy by").press("h").expect("1 earlier value is kept").press("v");
    h.expect("pk_live_").expect_not("pk_live_new");
}

#[test]
fn a_refused_copy_is_in_the_log_with_its_reason() {
    let mut h = Harness::demo(120, 40);
    h.press("/").type_text("status-page").press("Enter y Esc Esc Down Down Enter");
    h.expect("✕ refused").press("f End Space Enter").expect("1 of 1").press("Enter").expect("Refused: status-page");
}

#[test]
fn an_application_is_added_edited_and_removed_with_the_keyboard_alone() {
    let mut h = Harness::demo(80, 24);
    h.press("Esc Down Enter").expect("3 applications").press("n").type_text("shop-web").press("Tab Tab Tab");
    h.type_text("MAPS_KEY").press("Tab Enter").type_text("maps").press("Enter").expect("value").press("^S");
    h.expect("Added shop-web")
        .expect("▲ 1 expires soon")
        .press("End Enter")
        .expect("env    MAPS_KEY ←  maps-tiles/value");
    h.press("Enter").expect("Where it is applied").expect("shop-web").press("Esc e").type_text("-eu").press("^S");
    h.expect("Saved shop-web-eu")
        .expect("Applications › shop-web-eu")
        .press("x Tab Enter")
        .expect("Removed shop-web-eu");
    h.expect("3 applications");
}

#[test]
fn the_settings_are_kept_and_what_is_wrong_stands_beside_its_field() {
    let mut h = Harness::demo(80, 24);
    h.press("^P").type_text("vault settings").press("Enter").expect("Earlier values kept").press("^U").type_text("500");
    h.press("^S").expect("✕ Keep at most 100").press("^U").type_text("7").press("^S").expect("The settings are saved.");
    h.press("^P").type_text("vault settings").press("Enter").expect("   7").press("Esc").expect("12 secrets");
}
