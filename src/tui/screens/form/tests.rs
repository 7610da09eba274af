//! The form, the picker and the screen after them, by the keys that a person presses.

use std::sync::Arc;

use crate::domain::{
    Draft, Header, Kind, MemberId, PartChange, PublicField, Scope, SecretBytes, SecretId, Stamp, State, Timestamp,
};
use crate::host::FixedClock;
use crate::service::{DoorError, Request, Response, VaultStatus};
use crate::tui::harness::{Harness, START, Start};
use crate::tui::input::Event;
use crate::tui::screens::script::{Asked, Script, session};
use crate::tui::theme::Theme;

type Answer = Result<Response, DoorError>;

fn header() -> Header {
    let ada = MemberId([1; 16]);
    let stamp = Stamp { at: Timestamp(START), by: "Ada".into() };
    Header {
        id: SecretId([7; 16]),
        revision: 1,
        name: "deploy".into(),
        kind: Kind::ALL[0],
        scope: Scope::Organization,
        owner: ada,
        author: ada,
        created: stamp.clone(),
        modified: stamp,
        value_set: Timestamp(START),
        expires: None,
        not_before: None,
        state: State::Active,
        write_only: false,
        encrypted_key: false,
        public: vec![PublicField { key: "header_name".into(), text: "X-Key".into() }],
        parts: Vec::new(),
    }
}

pub(super) fn changed() -> Answer {
    Ok(Response::Changed(Arc::new(header())))
}

/// The form for the type at this place of the list, over a door that answers as written down.
pub(super) fn form(kind: usize, answers: Vec<Answer>) -> (Harness, Asked) {
    let (mut h, asked) = Script::new(VaultStatus::Unlocked(session()), answers).start(80, 24);
    h.press("n");
    (0..kind).for_each(|_| {
        h.press("Down");
    });
    h.press("Enter");
    (h, asked)
}

pub(super) fn fill_in(h: &mut Harness) {
    h.type_text("deploy").press("Tab").type_text("X-Key").press("Tab").paste("hunter2\n");
}

#[track_caller]
pub(super) fn registered(asked: &Asked, at: usize) -> Draft {
    match asked.get(at) {
        Request::Register(draft) => draft,
        other => panic!("{other:?} is no registration"),
    }
}

fn text_of(draft: &Draft, part: &str) -> String {
    draft.value.part(part).and_then(SecretBytes::expose_text).unwrap_or_default().to_owned()
}

#[test]
fn what_is_typed_is_registered_and_can_be_saved_elsewhere() {
    let (mut h, asked) = form(0, vec![changed()]);
    fill_in(&mut h);
    h.expect("7 characters").expect_not("hunter2");
    h.press("Tab").type_text("+90d").expect("2027-02-21, a Sunday, in 90 days");
    h.press("Enter Enter Enter");
    let draft = registered(&asked, 1);
    assert_eq!((&*draft.name, text_of(&draft, "value")), ("deploy", "hunter2".to_owned()));
    h.expect("Copy and save now").expect("Registered deploy").expect_not("hunter2");
    h.press("v").expect("hunter2").wait_seconds(15).expect_not("hunter2");
    h.press("v").expect("hunter2").event(Event::FocusLost).expect_not("hunter2");
    h.press("y");
    assert_eq!(h.clipboard, [SecretBytes::from("hunter2")]);
    h.press("Enter").expect("1 of 1").expect_not("save now");
}

#[test]
fn an_error_stands_beside_its_field_and_takes_the_focus() {
    let (mut h, asked) = form(0, vec![]);
    h.press("Tab").type_text("X Key").press("^S");
    h.expect("▌ Secret Name").expect("Required: fill in Secret Name").expect("remove the one after").expect("X Key");
    assert_eq!(asked.len(), 1, "only the list was asked for");
}

#[test]
fn a_taken_name_is_said_beside_the_name() {
    let (mut h, asked) = form(0, vec![Err(DoorError::NameTaken("deploy".into())), changed()]);
    fill_in(&mut h);
    h.press("^S").expect("▌ Secret Name").expect("already: choose another name");
    h.type_text("-2").press("^S").expect("Registered");
    assert_eq!(&*registered(&asked, 2).name, "deploy-2");
}

#[test]
fn other_refusals_stand_above_the_buttons_and_lose_nothing() {
    let (mut h, _) = form(0, vec![Err(DoorError::DiskFull)]);
    fill_in(&mut h);
    h.press("^S").expect("The disk is full").expect("deploy").expect("7 characters");
}

#[test]
fn it_is_submitted_once_while_the_door_works() {
    let (mut h, asked) = form(0, vec![changed()]);
    fill_in(&mut h);
    h.hold().press("^S").expect("Sealing…").press("^S").type_text("x").release();
    assert_eq!((asked.len(), text_of(&registered(&asked, 1), "value")), (2, "hunter2".to_owned()));
}

fn editing(answers: Vec<Answer>) -> (Harness, Asked) {
    let (mut h, asked) = form(0, std::iter::once(changed()).chain(answers).collect());
    fill_in(&mut h);
    h.press("^S Enter e").expect("No application depends on it").expect("Kept as it is");
    (h, asked)
}

#[test]
fn a_value_left_alone_is_kept() {
    let (mut h, asked) = editing(vec![changed()]);
    h.type_text("-2").press("^S").expect("Saved deploy").expect("Secret name");
    let Request::Edit { revision: 1, change, .. } = asked.get(2) else { panic!("{:?}", asked.get(2)) };
    assert_eq!((&*change.name, &*change.parts), ("deploy-2", &[("value".into(), PartChange::Keep)][..]));
}

#[test]
fn nothing_changed_asks_nothing() {
    let (mut h, asked) = editing(vec![]);
    h.press("^S").expect("Nothing was changed");
    assert_eq!(asked.len(), 2);
}

#[test]
fn leaving_asks_only_when_something_was_typed() {
    let (mut h, _) = form(0, vec![]);
    h.press("Esc").expect("Which type").press("Enter").type_text("x");
    h.press("Esc").expect("Discard this secret?").press("Enter").expect("Header Name");
    h.press("Esc Tab Enter").expect("Which type");
}

#[test]
fn a_lock_forgets_the_values_and_keeps_the_rest() {
    let mut h = Harness::demo(80, 24);
    h.press("n Enter");
    fill_in(&mut h);
    h.press("^L").expect_not("Header Name");
    h.type_text("x").press("Enter").expect("deploy").expect("X-Key").expect("enter them again");
    h.expect_not("7 characters");
}

#[test]
fn a_secret_is_shown_on_demand_and_masked_when_nobody_looks() {
    let (mut h, _) = form(0, vec![]);
    fill_in(&mut h);
    h.press("^R").expect("hunter2").event(Event::FocusLost).expect_not("hunter2");
    h.press("^R Tab").expect_not("hunter2");
    h.press("S-Tab").expect_not("hunter2").press("^G").expect("32 characters");
}

#[test]
fn a_value_of_several_lines_is_kept_whole() {
    let (mut h, asked) = form(2, vec![changed()]);
    h.type_text("deploy").press("Tab").type_text("X-Key").press("Tab");
    let value = "0123456789\n".repeat(120);
    h.paste(&value).expect("1,320 bytes, 120 lines").press("^S");
    assert_eq!(text_of(&registered(&asked, 1), "client_secret"), value);
}

#[test]
fn pairs_are_typed_and_pasted_row_by_row() {
    let (mut h, asked) = form(4, vec![changed()]);
    h.type_text("env").press("Tab Tab").type_text("HOST").press("Tab").type_text("db").press("Enter");
    h.paste("USER=ada\nexport PASSWORD='a b'\n").expect("3 pairs").expect_not("a b");
    h.press("Up Up").type_text("S").press("Down ^D").expect("2 pairs").press("^S");
    let draft = registered(&asked, 1);
    assert_eq!((text_of(&draft, "HOSTS"), text_of(&draft, "PASSWORD")), ("db".to_owned(), "a b".to_owned()));
}

#[test]
fn a_flaw_in_pasted_pairs_is_told_and_nothing_is_put_in() {
    let (mut h, asked) = form(4, vec![changed()]);
    h.type_text("env").press("Tab Tab");
    h.paste("DB=hunter2\nA=B\nA=C\n").expect("✕ \"A\" stands on line 2").expect("0 pairs").expect_not("hunter2");
    h.paste("first\nhunter2\n").expect("✕ Line 1 has no =").expect_not("hunter2");
    h.paste("PORT\n").expect_not("✕").expect("PORT").press("Tab").paste("a=b\nc").press("^S");
    assert_eq!(text_of(&registered(&asked, 1), "PORT"), "a=b\nc", "a value is taken as it is");
}

#[test]
fn what_is_pasted_is_stored_as_it_is_or_refused() {
    let (mut h, asked) = form(0, vec![changed()]);
    h.paste("deploy\u{200b}\n").expect("deploy\u{fffd}").press("Tab").type_text("X-Key").press("Tab").type_text("v");
    h.press("^S").expect("✕ Remove the invisible character U+200B after \"deploy\"");
    assert_eq!(asked.len(), 1, "only the list was asked for");
    h.press("Backspace").paste("\r\ntwo").press("^S");
    assert_eq!(&*registered(&asked, 1).name, "deploy two");
}

#[test]
fn pairs_may_have_the_names_of_fields() {
    let mut h = Harness::demo(80, 24);
    h.press("n Down Down Down Down Enter").type_text("own").press("Tab Tab");
    h.paste("name=n-value\nmethod=m-value\nexpires=e-value\n").press("^S").expect("Registered own");
    h.expect("▌ name  ").expect("  method  ").press("Enter Enter").expect("  expires  ");
    h.press("Esc n Down Down Down Down Enter").type_text("one").press("Tab Tab").paste("name=n-value\n").press("^S");
    h.press("Enter y");
    assert_eq!(h.clipboard, [SecretBytes::from("n-value")]);
}

#[test]
fn a_wrong_row_takes_the_focus() {
    let (mut h, _) = form(4, vec![]);
    h.type_text("env").press("Tab Tab").paste("A=1\nB=2\n").press("S-Tab S-Tab").type_text("=").press("^S");
    h.expect("Row 1: ").type_text("x").expect("A=x");
}

pub(super) fn file(name: &str, content: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    (folder, path.to_str().unwrap().to_owned())
}

pub(super) fn file_form(answers: Vec<Answer>) -> (Harness, Asked) {
    let (mut h, asked) = form(4, answers);
    h.type_text("env").press("Tab Down Tab").expect("▌ File");
    (h, asked)
}

#[test]
fn a_dropped_file_is_loaded_in_a_file_field_and_text_elsewhere() {
    let (_folder, path) = file(".env", "A=secret-a\nB=2\n");
    let (mut h, asked) = file_form(vec![changed()]);
    h.paste(&format!("'{path}' ")).expect(".env, 2 pairs").expect("A  ••••").expect_not("secret-a");
    h.press("^D").expect_not("2 pairs").paste(&path).expect("2 pairs").press("^S");
    assert_eq!(text_of(&registered(&asked, 1), "A"), "secret-a");
    let (mut h, _) = form(0, vec![]);
    h.paste("/tmp").expect("/tmp");
}

#[test]
fn a_typed_path_is_read_before_it_is_submitted() {
    let (_folder, path) = file("config.yaml", "a: 1");
    let (mut h, asked) = file_form(vec![changed()]);
    h.type_text(&format!("{path}x")).press("^S").expect("Choose another file").expect("▌ File");
    h.press("Backspace ^S").expect("Registered");
    assert_eq!(text_of(&registered(&asked, 1), "config.yaml"), "a: 1");
}

#[test]
fn a_submission_that_waits_for_a_file_ends_where_one_goes_on() {
    let (_folder, path) = file("config.yaml", "a: 1");
    let (mut h, asked) = file_form(vec![changed()]);
    h.type_text(&path).hold().press("^S").expect("Reading…").press("Esc").expect("Discard this secret?");
    h.release().expect("Discard this secret?");
    assert_eq!(asked.len(), 1, "nothing was registered");
    h.press("Tab Enter").expect("Which type");
    let (mut h, asked) = file_form(vec![changed()]);
    h.type_text(&path).hold().press("^S S-Tab S-Tab").type_text("2").release().expect("env2");
    assert_eq!(asked.len(), 1);
    h.press("^S").expect("Registered");
}

#[test]
fn a_question_about_the_form_goes_with_it() {
    let (_folder, path) = file("config.yaml", "a: 1");
    let (mut h, _) = file_form(vec![changed()]);
    h.type_text(&path).hold().press("^S ^C").expect("Quit strongroom?").release();
    h.expect("Registered").expect_not("Quit strongroom?");
}

#[test]
fn a_slow_file_does_not_take_the_place_of_what_was_typed_since() {
    let (_folder, path) = file(".env", "A=1\n");
    let (mut h, _) = file_form(vec![]);
    h.type_text(&path).hold().press("Enter").expect("Reading…").type_text(".old").expect_not("Reading…");
    h.release().expect(".env.old").expect_not("1 pair");
    h.press("Backspace Backspace Backspace Backspace Enter").expect("1 pair");
}

#[test]
fn a_pasted_piece_of_a_path_goes_to_the_cursor() {
    let (folder, _) = file("app.env", "A=1\n");
    let (mut h, _) = file_form(vec![]);
    h.type_text(&format!("{}/.env", folder.path().display())).press("Left Left Left Left").paste("app").press("Enter");
    h.expect("app.env, 1 pair");
}

#[test]
fn the_picker_goes_through_folders_to_the_file() {
    let (folder, _) = file(".env", "A=1\n");
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    std::fs::write(folder.path().join("b\u{202e}ad\u{1b}"), "x").unwrap();
    let (mut h, _) = file_form(vec![]);
    h.press("^O").expect("Filter");
    for step in folder.path().components().skip(1) {
        h.type_text(step.as_os_str().to_str().unwrap()).press("Enter");
    }
    h.expect("sub/").expect("4 B").expect("b\u{fffd}ad\u{fffd}").press("^T").expect_not(".env").press("^T");
    h.press("Enter").expect("This folder is empty").press("Left").expect("▌ sub");
    h.type_text("env").press("Enter").expect(".env, 1 pair");
    h.press("^O").expect(folder.path().to_str().unwrap());
}

#[test]
fn every_place_of_every_form_is_in_view_on_the_smallest_terminal() {
    for kind in 0..Kind::ALL.len() {
        let (mut h, _) = form(kind, vec![]);
        h.resize(60, 16);
        for _ in 0..8 {
            let screen = h.screen();
            let buttons = screen.contains("( Cancel )   ( Register Secret )");
            assert!(buttons, "{screen}");
            let marked = screen.contains('▌') || h.snapshot().contains("reversed");
            assert!(marked, "{screen}");
            h.press("Tab");
        }
    }
}

fn fixture(name: &str) -> String {
    format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_certificate_fills_in_the_date_and_judges_the_key() {
    let (mut h, asked) = form(3, vec![changed()]);
    h.type_text("mtls").press("Tab").paste(&fixture("rsa.pem"));
    h.expect("SHA-256").expect("RSA 2048").expect("not valid before 2026-11-24");
    h.press("Tab").paste(&fixture("ed25519.key")).expect("✕ This key belongs to another certificate");
    h.press("^S").expect("▌ Private Key").press("Backspace").expect_not("✕");
    h.paste(&fixture("rsa-pkcs8.key")).expect("2036-11-21, a Friday").press("^S").expect("save now");
    let draft = registered(&asked, 1);
    assert!(text_of(&draft, "private_key").contains("PRIVATE KEY"));
    assert!(draft.expires.is_some() && draft.not_before.is_some());
}

#[test]
fn two_dropped_files_find_their_fields() {
    let (mut h, _) = form(3, vec![]);
    let dropped = format!("{} {}\n", fixture("rsa-pkcs8.key"), fixture("rsa.pem"));
    h.press("Tab").paste(&dropped).expect("✓ rsa.pem").press("Tab").expect("✓ rsa-pkcs8.key");
}

#[test]
fn pasted_pem_is_the_content_and_is_never_on_the_screen() {
    let (mut h, _) = form(3, vec![]);
    let key = std::fs::read_to_string(fixture("rsa-pkcs8.key")).unwrap();
    h.press("Tab Tab").paste(&key).expect("✓ pasted").expect_not("BEGIN");
}

#[test]
fn plain_terminals_get_plain_characters() {
    for kind in Kind::ALL {
        let answer = Script::new(VaultStatus::Unlocked(session()), []);
        let mut h = Harness::start(Start {
            door: Box::new(answer),
            clock: Arc::new(FixedClock::at(START)),
            theme: Theme::plain(),
            demo: false,
            folder: "/".into(),
            size: (80, 24),
        });
        h.press("n");
        (0..kind as usize).for_each(|_| {
            h.press("Down");
        });
        h.press("Enter ^S");
        assert!(h.screen().is_ascii(), "{}", h.screen());
    }
}

#[test]
fn a_personal_secret_may_have_a_name_that_the_organization_has() {
    let mut script = Script::new(VaultStatus::Unlocked(session()), [changed()]);
    script.headers = vec![Arc::new(header())];
    let (mut h, asked) = script.start(80, 24);
    h.press("n Enter");
    fill_in(&mut h);
    h.press("S-Tab S-Tab Tab").expect("There is a secret called").press("S-Tab S-Tab Space Tab Tab");
    h.expect("(•) Personal").expect_not("There is a secret called").press("^S").expect("Registered deploy");
    assert_eq!(registered(&asked, 1).scope, Scope::Personal);
}
