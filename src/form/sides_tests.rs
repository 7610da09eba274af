//! Two sides of a form: what differs, what becomes of both, and what is kept outside.

use super::tests::{NOW, at, error, header, set};
use super::*;
use crate::domain::Timestamp;

fn rows(form: &Form) -> Vec<(&str, bool)> {
    match form.field(at(form, "pairs")).unwrap().content() {
        Content::Pairs(rows) => rows.iter().map(|row| (row.key(), row.is_kept())).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn pairs_that_two_people_changed_are_merged_row_by_row() {
    let base = header(Kind::KeyValue, &[("method", "enter")], &["A", "B", "C", "D"]);
    let theirs = header(Kind::KeyValue, &[("method", "enter")], &["A", "B", "D", "THEIRS", "BOTH"]);
    let mut form = Form::edit(&base);
    let pairs = at(&form, "pairs");
    form.remove_row(pairs, 0);
    *form.row_value_mut(pairs, 0).unwrap() = "b".into();
    *form.row_value_mut(pairs, 1).unwrap() = "c".into();
    for key in ["MINE", "BOTH"] {
        let row = form.add_row(pairs).unwrap();
        form.set_row_key(pairs, row, key);
        *form.row_value_mut(pairs, row).unwrap() = "m".into();
    }
    form.rebase(&theirs);
    let merged = [("B", false), ("D", true), ("THEIRS", true), ("BOTH", false), ("C", false), ("MINE", false)];
    assert_eq!(rows(&form), merged, "A I removed; C they removed, but I gave it a value");
    assert!(form.change(NOW).is_some());
}

#[test]
fn what_nobody_touched_is_no_difference_and_no_value_is_told() {
    let base = header(Kind::ApiKey, &[("header_name", "X-Key")], &["value"]);
    let mut form = Form::edit(&base);
    assert_eq!(form.differences(&base), []);
    set(&mut form, "value", "hunter2");
    set(&mut form, "name", "new-name");
    let theirs = Header { name: "new-name".into(), value_set: Timestamp(NOW.0 + 1), ..base.clone() };
    let found = form.differences(&theirs);
    assert_eq!(found.len(), 1, "the same name is no difference: {found:?}");
    assert_eq!((&found[0].mine, &found[0].theirs, found[0].is_contested()), (&Side::New, &Side::Changed, true));
    assert!(!format!("{found:?}").contains("hunter2"));
    assert_eq!(changed_fields(&base, &theirs), ["Secret Name", "Value"]);
}

#[test]
fn a_form_of_a_secret_that_is_gone_becomes_a_new_one() {
    let base = header(Kind::ApiKey, &[("header_name", "X-Key")], &["value"]);
    let mut form = Form::edit(&base);
    form.start_anew();
    assert!(form.draft(NOW).is_none() && error(&form, "value").is_some(), "the stored value is gone");
    set(&mut form, "value", "again");
    assert_eq!(&*form.draft(NOW).unwrap().name, "old-name");
}

#[test]
fn what_is_kept_of_a_form_comes_back_and_no_value_is_in_it() {
    let mut form = Form::register(Kind::KeyValue);
    let pairs = at(&form, "pairs");
    set(&mut form, "name", "shop");
    set(&mut form, "expires", "2030-01-31");
    form.set_row_key(pairs, 0, "A");
    *form.row_value_mut(pairs, 0).unwrap() = "hunter2".into();
    let row = form.add_row(pairs).unwrap();
    form.set_row_key(pairs, row, "B");
    form.toggle(at(&form, "write_only"));
    let kept = form.to_keep();
    assert!(!format!("{kept:?}").contains("hunter2"));
    let mut again = Form::register(Kind::KeyValue);
    again.fill_in(&kept);
    assert_eq!((again.to_keep(), rows(&again)), (kept, vec![("A", false), ("B", false)]));
    let base = header(Kind::KeyValue, &[("method", "enter")], &["A", "C"]);
    let mut edit = Form::edit(&base);
    assert_eq!(edit.to_keep(), []);
    edit.remove_row(at(&edit, "pairs"), 1);
    let kept = edit.to_keep();
    let mut again = Form::edit(&base);
    again.fill_in(&kept);
    assert_eq!(rows(&again), [("A", true)]);
    let mut certificate = Form::register(Kind::Certificate);
    set(&mut certificate, "private_key", "hunter2");
    assert_eq!(certificate.to_keep(), [], "what is typed where a secret belongs may be one");
}
