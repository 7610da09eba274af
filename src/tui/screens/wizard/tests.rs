use super::*;
use crate::service::{News, VaultStatus};
use crate::tui::harness::Harness;
use crate::tui::input::Event;
use crate::tui::screens::script::{Asked, Script, session};

const GOOD: &str = "correct horse battery staple kumquat";
const KEY: &str = "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG-HHHH-JJJJ-KKKK-MMMM-NNNN-PPPP-QQQQ";

fn created() -> Result<Response, DoorError> {
    Ok(Response::Created { session: session(), recovery_key: SecretBytes::from(KEY) })
}

/// At the passphrase step, with both names typed.
fn at_passphrase(answers: impl IntoIterator<Item = Result<Response, DoorError>>, size: (u16, u16)) -> (Harness, Asked) {
    let (mut h, asked) = Script::new(VaultStatus::Absent, answers).start(size.0, size.1);
    h.expect("Welcome to strongroom").expect("Step 1 of 4");
    h.type_text("acme").press("Enter").expect("Step 2 of 4").expect("Account Holder of acme");
    h.type_text("Ada").press("Enter").expect("Step 3 of 4");
    (h, asked)
}

fn at_key(size: (u16, u16)) -> (Harness, Asked) {
    let (mut h, asked) = at_passphrase([created()], size);
    h.type_text(GOOD).press("Enter").type_text(GOOD).press("Enter").expect("Step 4 of 4");
    (h, asked)
}

/// The groups that the screen asks for, from 0.
fn asked_groups(h: &Harness) -> Vec<usize> {
    let screen = h.screen();
    let labels = screen.lines().filter_map(|line| line.trim().strip_prefix("Group "));
    labels.map(|number| number.parse::<usize>().expect("a number") - 1).collect()
}

#[test]
fn four_steps_make_a_vault() {
    let (mut h, asked) = at_key((80, 24));
    for (n, group) in KEY.split('-').enumerate() {
        h.expect(&format!("{:>2}  {group}", n + 1));
    }
    h.press("Enter").expect_not("AAAA").expect_not("QQQQ");
    let groups: Vec<&str> = KEY.split('-').collect();
    for group in asked_groups(&h) {
        h.type_text(&groups[group].to_lowercase()).press("Enter");
    }
    h.expect("Secrets Management").expect("The vault of acme is ready");
    let Request::Create { organization, member, passphrase } = asked.get(0) else { panic!("{:?}", asked.get(0)) };
    assert_eq!((&*organization, &*member, passphrase.expose_text()), ("acme", "Ada", Some(GOOD)));
}

#[test]
fn a_wrong_group_is_refused_and_the_key_can_be_seen_again() {
    let (mut h, _) = at_key((80, 24));
    h.press("Enter");
    let first = asked_groups(&h)[0];
    h.type_text("9999").press("Enter").type_text("9999").press("Enter");
    h.expect(&format!("not group {}", first + 1)).expect("9999");
    h.press("Esc").expect("AAAA");
    h.press("Esc").expect("AAAA");
}

#[test]
fn the_key_hides_when_nobody_looks_and_is_not_lost() {
    let (mut h, _) = at_key((80, 24));
    h.event(Event::FocusLost).expect_not("AAAA").expect("hidden");
    h.press("^R").expect("AAAA");
    h.press("^C").expect("Quit strongroom?").expect("recovery key is shown only now");
}

#[test]
fn the_key_hides_after_a_minute_without_a_key() {
    let (mut h, _) = at_key((80, 24));
    h.wait_seconds(59).expect("AAAA");
    h.wait_seconds(1).expect_not("AAAA").expect("Ctrl-R shows it");
    assert_eq!(h.app().deadline(), None, "and no timer runs for what is hidden");
    h.press("^R Enter").type_text("shown").expect("shown").wait_seconds(60).expect_not("shown");
}

#[test]
fn quitting_while_the_vault_is_made_says_what_becomes_of_the_key() {
    let (mut h, _) = at_passphrase([created()], (80, 24));
    h.type_text(GOOD).press("Enter").type_text(GOOD).hold().press("Enter ^C");
    h.expect("Quit strongroom?").expect("nobody ever sees that key");
    h.press("Enter").release();
    h.expect("AAAA");
}

#[test]
fn esc_goes_one_step_back_and_keeps_what_was_typed() {
    let (mut h, _) = at_passphrase([], (80, 24));
    h.type_text(GOOD).press("Esc").expect("Ada");
    h.press("Esc").expect("acme");
    h.press("Esc").expect("Step 1 of 4");
    h.press("Enter Enter").expect("••••").expect("very strong");
}

#[test]
fn tab_goes_on_from_the_only_field() {
    let (mut h, _) = Script::new(VaultStatus::Absent, []).start(80, 24);
    h.type_text("acme").press("Tab").expect("Step 2 of 4").expect("Account Holder of acme");
    h.type_text("Ada").press("Tab").expect("Step 3 of 4").press("Esc Up").expect("Step 1 of 4");
}

#[test]
fn a_name_is_checked_where_it_is_typed() {
    let (mut h, _) = Script::new(VaultStatus::Absent, []).start(80, 24);
    h.press("Enter").expect("cannot be empty");
    h.paste("a\u{200b}cme").press("^S").expect("Remove the invisible character");
    h.press("^U").expect_not("Remove").type_text("acme ");
    h.press("Enter").expect("Step 2 of 4").expect("Account Holder of acme.");
}

#[test]
fn weak_different_and_refused_passphrases_say_so() {
    let (mut h, asked) = at_passphrase([Err(DoorError::DiskFull)], (80, 24));
    h.type_text("short").press("Enter").expect("at least 8 characters");
    h.press("^U").type_text("password1").press("Enter").type_text("other").press("Enter").expect("not the same");
    h.press("^U").type_text("password1").press("Enter").expect("Enter again takes it anyway");
    assert_eq!(asked.len(), 0);
    h.hold().press("Enter").expect("Deriving the key");
    h.type_text("x").press("Esc").expect("Step 3 of 4");
    h.release();
    h.expect("disk is full").expect("••••");
}

#[test]
fn what_the_door_says_of_a_name_leads_to_that_name() {
    let invalid = DoorError::Invalid { field: "member".into(), cause: "no".into() };
    let (mut h, _) = at_passphrase([Err(invalid)], (80, 24));
    h.type_text(GOOD).press("Enter").type_text(GOOD).press("Enter").expect("Step 2 of 4").expect("Ada");
}

#[test]
fn a_small_terminal_shows_the_whole_key() {
    let (mut h, _) = at_key((60, 16));
    h.expect("AAAA").expect("QQQQ").expect("another password manager");
    h.press("Enter");
    h.expect(&format!("Group {}", asked_groups(&h)[1] + 1));
    for (columns, rows) in [(40, 10), (1, 1), (120, 40)] {
        h.resize(columns, rows).screen();
    }
}

#[test]
fn a_vault_that_another_session_makes_meanwhile_is_unlocked() {
    let (mut h, _) = Script::new(VaultStatus::Absent, []).start(80, 24);
    h.type_text("acme").press("Enter").news(News::Unlocked(session()));
    h.expect("The vault is locked").expect("Another session has made the vault").expect("Enter goes on");
}

#[test]
fn the_news_of_the_vault_that_is_made_here_changes_nothing() {
    let (mut h, _) = at_passphrase([created()], (80, 24));
    h.type_text(GOOD).press("Enter").type_text(GOOD).hold().press("Enter");
    h.news(News::Unlocked(session())).release().expect("Step 4 of 4");
}

#[test]
fn a_vault_that_was_made_first_elsewhere_is_unlocked() {
    let (mut h, _) = at_passphrase([Err(DoorError::VaultExists)], (80, 24));
    h.type_text(GOOD).press("Enter").type_text(GOOD).press("Enter").expect("Another session has made the vault");
}
