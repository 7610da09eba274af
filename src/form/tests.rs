use super::*;
use crate::domain::{
    Change, MemberId, Part, PartChange, PublicField, Scope, SecretBytes, SecretId, Stamp, State, Timestamp, Value,
};

/// 2026-11-23 14:05 UTC, a Monday.
pub(super) const NOW: Timestamp = Timestamp(1_795_442_700);

pub(super) fn at(form: &Form, key: &str) -> usize {
    form.index_of(key).unwrap()
}

pub(super) fn set(form: &mut Form, key: &str, text: &str) {
    let index = at(form, key);
    match form.field(index).unwrap().content() {
        Content::Secret(_) => *form.secret_mut(index).unwrap() = text.into(),
        _ => form.set_text(index, text),
    }
}

pub(super) fn error(form: &Form, key: &str) -> Option<String> {
    form.field(at(form, key)).unwrap().error().map(ToString::to_string)
}

pub(super) fn header(kind: Kind, public: &[(&str, &str)], parts: &[&str]) -> Header {
    let stamp = Stamp { at: NOW, by: "Ada".into() };
    let field = |(key, text): &(&str, &str)| PublicField { key: (*key).into(), text: (*text).into() };
    Header {
        id: SecretId([1; 16]),
        revision: 3,
        name: "old-name".into(),
        kind,
        scope: Scope::Organization,
        owner: MemberId([2; 16]),
        author: MemberId([2; 16]),
        created: stamp.clone(),
        modified: stamp,
        value_set: NOW,
        expires: None,
        not_before: None,
        state: State::Active,
        write_only: false,
        encrypted_key: false,
        public: public.iter().map(field).collect(),
        parts: parts.iter().map(|name| Part { name: (*name).into(), size: 10 }).collect(),
    }
}

fn api_key() -> Form {
    let mut form = Form::register(Kind::ApiKey);
    set(&mut form, "name", "github-pat");
    set(&mut form, "header_name", "Authorization");
    set(&mut form, "value", "ghp_token");
    form
}

#[test]
fn a_sound_form_yields_a_draft() {
    let mut form = api_key();
    set(&mut form, "expires", "+90d");
    form.toggle(at(&form, "write_only"));
    let draft = form.draft(NOW).unwrap();
    assert_eq!((&*draft.name, draft.kind, draft.write_only), ("github-pat", Kind::ApiKey, true));
    assert_eq!(draft.public, [PublicField { key: "header_name".into(), text: "Authorization".into() }]);
    assert_eq!(draft.value, Value(vec![("value".into(), "ghp_token".into())]));
    assert_eq!(draft.expires.unwrap().to_minute(), "2027-02-21 23:59 UTC");
    assert_eq!(form.change(NOW), None, "a new secret is no change");
}

#[test]
fn the_scope_is_chosen_for_a_new_secret_alone_and_kept_with_the_rest() {
    let mut form = api_key();
    assert_eq!(form.draft(NOW).unwrap().scope, Scope::Organization);
    form.choose_scope(Scope::Personal);
    assert_eq!(form.draft(NOW).unwrap().scope, Scope::Personal);
    let mut other = Form::register(Kind::ApiKey);
    other.fill_in(&form.to_keep());
    assert_eq!(other.scope(), Scope::Personal);
    let mut alone = Form::register(Kind::ApiKey).beginning_in(Scope::Personal);
    assert!(!alone.is_changed() && alone.to_keep().is_empty());
    alone.choose_scope(Scope::Organization);
    assert!(alone.is_changed());
    let header = Header { scope: Scope::Personal, ..header(Kind::ApiKey, &[], &["value"]) };
    let mut edit = Form::edit(&header);
    edit.choose_scope(Scope::Organization);
    assert_eq!((edit.scope(), edit.is_changed()), (Scope::Personal, false));
}

#[test]
fn every_wrong_field_says_so_and_nothing_typed_is_lost() {
    let mut form = Form::register(Kind::ApiKey);
    set(&mut form, "header_name", "Authoriz ation");
    set(&mut form, "expires", "2020-01-01");
    let before = form.clone();
    assert_eq!(form.draft(NOW), None);
    assert_eq!(error(&form, "name").unwrap(), "Required: fill in Secret Name.");
    assert!(error(&form, "header_name").unwrap().contains("remove the one after \"Authoriz\""));
    assert_eq!(error(&form, "value").unwrap(), "Required: fill in Value.");
    assert!(error(&form, "expires").unwrap().starts_with("That day is past"));
    assert_eq!(form.focus_first_error(), form.index_of("name"));
    for (was, is) in before.fields().iter().zip(form.fields()) {
        assert_eq!(was.content(), is.content());
    }
    set(&mut form, "name", "x");
    assert_eq!(error(&form, "name"), None, "an edit takes the error back");
}

#[test]
fn a_field_is_checked_as_it_is_left_and_no_other() {
    let mut form = Form::register(Kind::ClientCredentials);
    set(&mut form, "token_url", "http://example.com");
    let index = at(&form, "token_url");
    assert!(!form.validate_field(index, NOW));
    assert!(error(&form, "token_url").is_some() && error(&form, "name").is_none());
}

#[test]
fn scopes_are_normalised_and_empty_options_left_out() {
    let mut form = Form::register(Kind::ClientCredentials);
    for (key, text) in [("name", "m2m"), ("client_id", "me"), ("client_secret", "s"), ("scopes", "a, b  a")] {
        set(&mut form, key, text);
    }
    assert_eq!(form.hint(at(&form, "scopes"), NOW).unwrap(), "2 scopes");
    let draft = form.draft(NOW).unwrap();
    let public: Vec<_> = draft.public.iter().map(|field| (&*field.key, &*field.text)).collect();
    assert_eq!(public, [("client_id", "me"), ("scopes", "a b")]);
}

#[test]
fn what_others_say_stands_beside_the_field_until_it_is_edited() {
    let mut form = api_key();
    let name = at(&form, "name");
    form.set_error(name, FieldError::Told("there is a secret called that already".into()));
    assert_eq!(error(&form, "name").unwrap(), "there is a secret called that already");
    set(&mut form, "name", "another");
    assert_eq!(error(&form, "name"), None);
    form.set_error(99, FieldError::NotLoaded);
}

#[test]
fn a_secret_left_alone_stays() {
    let stored = header(Kind::ApiKey, &[("header_name", "X-Key")], &["value"]);
    let mut form = Form::edit(&stored);
    assert!(!form.is_changed());
    assert_eq!(form.label(at(&form, "value")), "New Value");
    assert_eq!(form.hint(at(&form, "value"), NOW).unwrap(), "Kept as it is.");
    set(&mut form, "header_name", "X-New");
    assert!(form.is_changed());
    let Change { name, public, parts, .. } = form.change(NOW).unwrap();
    assert_eq!((&*name, &*public[0].text), ("old-name", "X-New"));
    assert_eq!(parts, [("value".into(), PartChange::Keep)]);
    set(&mut form, "value", "new");
    assert_eq!(form.change(NOW).unwrap().parts, [("value".into(), PartChange::Set("new".into()))]);
    assert_eq!(form.draft(NOW), None, "a change is no new secret");
}

#[test]
fn an_end_that_has_passed_may_stay_but_not_be_entered() {
    let mut stored = header(Kind::ApiKey, &[("header_name", "X-Key")], &["value"]);
    stored.expires = Some(Timestamp(NOW.0 - 864_007));
    let mut form = Form::edit(&stored);
    set(&mut form, "name", "renamed");
    assert_eq!(form.change(NOW).unwrap().expires, stored.expires, "to the second");
    set(&mut form, "expires", "2026-11-12");
    assert_eq!(form.change(NOW), None);
    set(&mut form, "expires", "");
    assert_eq!(form.change(NOW).unwrap().expires, None);
}

#[test]
fn write_only_cannot_be_taken_back() {
    let mut stored = header(Kind::ApiKey, &[("header_name", "X-Key")], &["value"]);
    stored.write_only = true;
    let mut form = Form::edit(&stored);
    form.toggle(at(&form, "write_only"));
    assert!(error(&form, "write_only").unwrap().contains("cannot be taken back"));
    assert!(form.change(NOW).unwrap().write_only);
}

#[test]
fn pairs_are_rows_and_blank_rows_do_not_count() {
    let mut form = Form::register(Kind::KeyValue);
    set(&mut form, "name", "env");
    let pairs = at(&form, "pairs");
    assert!(form.is_visible(pairs) && !form.is_visible(at(&form, "file")));
    form.set_row_key(pairs, 0, "A");
    form.row_value_mut(pairs, 0).unwrap().push(b"1");
    assert_eq!(form.add_row(pairs), Some(1));
    assert_eq!(form.hint(pairs, NOW).unwrap(), "1 pair");
    let draft = form.draft(NOW).unwrap();
    assert_eq!(draft.value, Value(vec![("A".into(), "1".into())]));
    assert_eq!(draft.public, [PublicField { key: "method".into(), text: "enter".into() }]);
    form.set_row_key(pairs, 1, "A");
    form.row_value_mut(pairs, 1).unwrap().push(b"2");
    assert_eq!(form.draft(NOW), None);
    assert_eq!(error(&form, "pairs").unwrap(), "Row 2: Row 1 has the same key: change one of them.");
    assert_eq!(form.field(pairs).unwrap().error().unwrap().row(), Some(1));
    form.remove_row(pairs, 1);
    form.remove_row(pairs, 0);
    form.remove_row(pairs, 0);
    assert_eq!(form.draft(NOW), None);
    assert_eq!(error(&form, "pairs").unwrap(), "Required: fill in Keys and values.");
}

#[test]
fn stored_pairs_stay_change_and_go() {
    let stored = header(Kind::KeyValue, &[("method", "enter")], &["A", "B", "C"]);
    let mut form = Form::edit(&stored);
    let pairs = at(&form, "pairs");
    assert_eq!(form.hint(pairs, NOW).unwrap(), "3 pairs, 3 kept as they are");
    form.remove_row(pairs, 1);
    form.row_value_mut(pairs, 1).unwrap().push(b"new");
    let parts = form.change(NOW).unwrap().parts;
    assert_eq!(parts, [("A".into(), PartChange::Keep), ("C".into(), PartChange::Set("new".into()))]);
    form.set_row_key(pairs, 0, "Z");
    assert_eq!(form.change(NOW), None);
    assert_eq!(
        error(&form, "pairs").unwrap(),
        "Row 1: A new key needs its value again: enter it, or name the key \"A\" as before."
    );
}

#[test]
fn all_pairs_together_have_a_limit() {
    let mut stored = header(Kind::KeyValue, &[("method", "enter")], &["A"]);
    stored.parts[0].size = 1024 * 1024;
    let mut form = Form::edit(&stored);
    let pairs = at(&form, "pairs");
    assert!(form.validate(NOW));
    form.add_row(pairs);
    form.set_row_key(pairs, 1, "B");
    form.row_value_mut(pairs, 1).unwrap().push(b"x");
    assert!(!form.validate(NOW));
    assert!(error(&form, "pairs").unwrap().contains("1048577 bytes"));
}

fn with_file(file_name: &str, content: &str) -> Form {
    let mut form = Form::register(Kind::KeyValue);
    set(&mut form, "name", "app");
    form.choose(at(&form, "method"), 1);
    let _ = form.load_file(at(&form, "file"), Some(file_name), content.into());
    form
}

#[test]
fn a_dotenv_file_becomes_pairs_with_masked_values() {
    let mut form = with_file(".env", "A=hunter2\nB=x");
    let index = at(&form, "file");
    assert_eq!(form.hint(index, NOW).unwrap(), ".env, 2 pairs");
    let Content::File(FileContent { held: Held::Loaded(loaded), .. }) = form.field(index).unwrap().content() else {
        panic!("not loaded")
    };
    let line = |label: &str| PreviewLine { label: label.into(), text: None };
    assert_eq!(loaded.preview(), [line("A"), line("B")]);
    assert!(!format!("{form:?}").contains("hunter2"));
    let draft = form.draft(NOW).unwrap();
    assert_eq!(draft.value, Value(vec![("A".into(), "hunter2".into()), ("B".into(), "x".into())]));
    assert_eq!(&*draft.public[0].text, "enter", "from then on they are pairs");
}

#[test]
fn another_file_is_kept_whole_under_its_name() {
    let mut form = with_file("config.yaml", "a: b");
    let draft = form.draft(NOW).unwrap();
    assert_eq!(draft.value, Value(vec![("config.yaml".into(), "a: b".into())]));
    assert_eq!(&*draft.public[0].text, "file");

    let stored = header(Kind::KeyValue, &[("method", "file")], &["config.yaml"]);
    let mut form = Form::edit(&stored);
    assert_eq!(form.hint(at(&form, "file"), NOW).unwrap(), "config.yaml. Kept as it is.");
    assert_eq!(form.change(NOW).unwrap().parts, [("config.yaml".into(), PartChange::Keep)]);
}

#[test]
fn a_file_that_cannot_be_read_leaves_what_was_there() {
    let mut form = with_file(".env", "A=1");
    let index = at(&form, "file");
    let refused = form.load_file(index, Some("b.env"), "A=1\nA=2".into());
    assert_eq!(refused.unwrap_err().to_string(), error(&form, "file").unwrap());
    assert_eq!(form.hint(index, NOW).unwrap(), ".env, 1 pair");
    assert_eq!(form.load_file(index, None, "A=1".into()), Err(FieldError::NeedsFileName));
}

#[test]
fn a_path_that_was_typed_but_not_loaded_is_not_forgotten() {
    let mut form = with_file(".env", "A=1");
    set(&mut form, "file", "/tmp/other.env");
    assert_eq!(form.draft(NOW), None);
    assert!(error(&form, "file").unwrap().contains("has not been loaded yet"));
    form.clear_file(at(&form, "file"));
    assert_eq!(form.draft(NOW), None);
    assert_eq!(error(&form, "file").unwrap(), "Required: fill in File.");
}

#[test]
fn hints_tell_what_the_content_means() {
    let mut form = api_key();
    let hint = |form: &Form, key: &str| form.hint(at(form, key), NOW);
    assert_eq!(hint(&form, "expires").unwrap(), "Never expires.");
    set(&mut form, "expires", "+90d");
    assert_eq!(hint(&form, "expires").unwrap(), "2027-02-21, a Sunday, in 90 days");
    set(&mut form, "expires", "+90");
    assert_eq!(hint(&form, "expires"), None);
    assert_eq!(hint(&form, "value").unwrap(), "9 characters");
    set(&mut form, "value", "ghp_token\n");
    assert_eq!(hint(&form, "value").unwrap(), "10 characters; there is a space or a line break at an end");
    set(&mut form, "value", "-----BEGIN\nxyz\n");
    assert_eq!(hint(&form, "value").unwrap(), "15 bytes, 2 lines");
    *form.secret_mut(at(&form, "value")).unwrap() = SecretBytes::new(vec![0xFF]);
    assert_eq!(hint(&form, "value").unwrap(), "1 byte");
    *form.secret_mut(at(&form, "value")).unwrap() = SecretBytes::new(vec![0xFF; 12_345]);
    assert_eq!(hint(&form, "value").unwrap(), "12,345 bytes");
}

/// The RSA pair of the fixtures, and the key of another certificate.
const CERTIFICATE: &str = include_str!("../../tests/fixtures/rsa.pem");
const ITS_KEY: &str = include_str!("../../tests/fixtures/rsa-pkcs8.key");
const OTHER_KEY: &str = include_str!("../../tests/fixtures/ed25519.key");

fn load(form: &mut Form, key: &str, file_name: &str, content: &str) -> Result<(), FieldError> {
    form.load_file(at(form, key), Some(file_name), content.into())
}

#[test]
fn a_certificate_and_its_key_become_a_draft() {
    let mut form = Form::register(Kind::Certificate);
    set(&mut form, "name", "tls");
    load(&mut form, "certificate", "x.pem", CERTIFICATE).unwrap();
    load(&mut form, "private_key", "x.key", ITS_KEY).unwrap();
    let draft = form.draft(NOW).unwrap();
    let leaf = form.chain().unwrap().leaf().unwrap();
    assert_eq!((draft.expires, draft.not_before), (Some(leaf.not_after), Some(leaf.not_before)));
    assert_eq!(&*draft.public[0].text, CERTIFICATE);
    assert_eq!(draft.value, Value(vec![("private_key".into(), ITS_KEY.into())]));
    assert!(!draft.encrypted_key);
}

#[test]
fn a_key_of_another_certificate_is_held_with_its_error() {
    let mut form = Form::register(Kind::Certificate);
    set(&mut form, "name", "tls");
    load(&mut form, "private_key", "x.key", OTHER_KEY).unwrap();
    let _ = load(&mut form, "certificate", "x.pem", CERTIFICATE);
    assert!(error(&form, "private_key").unwrap().contains("belongs to another certificate"));
    assert!(form.draft(NOW).is_none());
    load(&mut form, "private_key", "x.key", ITS_KEY).unwrap();
    assert_eq!(error(&form, "private_key"), None);
}

#[test]
fn a_form_tells_what_a_certificate_file_holds_besides() {
    let mut form = Form::register(Kind::Certificate);
    load(&mut form, "certificate", "x.pem", &format!("{CERTIFICATE}{ITS_KEY}")).unwrap();
    assert!(form.warnings(at(&form, "certificate"), NOW).iter().any(|text| text.contains("private key")));
    let refused = load(&mut form, "certificate", "x.key", ITS_KEY).unwrap_err();
    assert_eq!(error(&form, "certificate"), Some(refused.to_string()));
}

#[test]
fn only_key_files_are_taken_as_private_keys() {
    let mut form = Form::register(Kind::Certificate);
    let refused = load(&mut form, "private_key", "x.pem", ITS_KEY);
    assert_eq!(refused, Err(FieldError::NotAKeyFile("x.pem".into())));
    assert_eq!(load(&mut form, "private_key", "X.KEY", ITS_KEY), Ok(()));
    assert_eq!(form.load_file(at(&form, "private_key"), None, ITS_KEY.into()), Ok(()), "pasted");
}

#[test]
fn a_new_certificate_needs_the_key_that_goes_with_it() {
    let old = rcgen::generate_simple_self_signed(["old.example.com".to_owned()]).unwrap().cert.pem();
    let stored = header(Kind::Certificate, &[("certificate", &old)], &["private_key"]);
    let mut form = Form::edit(&stored);
    assert_eq!(form.change(NOW).unwrap().parts, [("private_key".into(), PartChange::Keep)]);
    let _ = load(&mut form, "certificate", "new.pem", CERTIFICATE);
    assert_eq!(form.change(NOW), None);
    assert_eq!(error(&form, "private_key"), Some(FieldError::KeyOfOldCertificate.to_string()));

    let mut without_key = form.clone();
    without_key.clear_file(at(&without_key, "private_key"));
    assert_eq!(without_key.hint(at(&without_key, "private_key"), NOW).unwrap(), "Will be removed.");
    assert_eq!(without_key.change(NOW).unwrap().parts, []);

    load(&mut form, "private_key", "new.key", ITS_KEY).unwrap();
    assert_eq!(form.change(NOW).unwrap().parts, [("private_key".into(), PartChange::Set(ITS_KEY.into()))]);
    form.clear_file(at(&form, "certificate"));
    assert!(form.hint(at(&form, "certificate"), NOW).unwrap().ends_with("Kept as it is."), "the stored one is back");
}
