//! What a form says in time: before anything is sent, and beside the field that is meant.

use super::tests::{changed, file, file_form, fill_in, form, registered};

#[test]
fn a_taken_name_is_said_as_the_field_is_left() {
    let (mut h, asked) = form(0, vec![changed()]);
    fill_in(&mut h);
    h.press("^S").expect("Copy and save now").press("y Enter").expect("1 of 1");
    h.press("n Enter").type_text("deploy").press("Tab").expect("called \"deploy\" already");
    assert_eq!(asked.len(), 2, "nobody was asked");
    h.press("Up").type_text("-2").press("Tab").expect_not("already");
}

#[test]
fn space_around_a_name_is_no_error() {
    let (mut h, asked) = form(0, vec![changed()]);
    h.type_text("  ");
    fill_in(&mut h);
    h.press("Up Up").type_text(" ").press("^S");
    assert_eq!(&*registered(&asked, 1).name, "deploy");
}

#[test]
fn a_header_value_of_two_lines_is_told() {
    let (mut h, _) = form(0, vec![]);
    fill_in(&mut h);
    h.paste("Bearer abc\ndef").press("Tab").expect("one line (RFC 9110)").expect_not("Bearer");
}

#[test]
fn a_dropped_file_that_fails_can_be_corrected() {
    let (mut h, _) = file_form(vec![]);
    let (_dir, good) = file("good.env", "A=1\n");
    h.paste(&good).expect("good.env, 1 pair");
    h.paste("/nowhere/gone.env").expect("/nowhere/gone.env").expect("correct the path").expect_not("good.env, 1 pair");
}

#[test]
fn empty_keys_are_left_out_and_told() {
    let (mut h, _) = file_form(vec![]);
    let (_dir, path) = file("some.env", "A=1\nEMPTY=\n");
    h.paste(&path).expect("some.env, 1 pair").expect("1 empty key left out: EMPTY");
    let (mut h, _) = form(4, vec![]);
    h.type_text("env").press("Tab Tab").paste("DB=hunter2\nEMPTY=\n").expect("1 pair").expect("left out: EMPTY");
}
