//! Two people changed the same secret: what differs, and one form out of both.
//!
//! Field by field: what I changed stays mine, where I changed nothing theirs is taken. Pairs are merged row by row.

use crate::domain::kind::Input;
use crate::domain::{Header, State, Timestamp};

use super::content::{Content, Held, Row};
use super::{FieldState, Form, Mode};

/// A field that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field's label.
    pub label: &'static str,
    /// What stands in this form.
    pub mine: Side,
    /// What they made of it.
    pub theirs: Side,
    /// Whether it is they who changed it, or also they.
    pub theirs_changed: bool,
}

impl Difference {
    /// Whether both changed it: only one of the two can stay.
    pub fn is_contested(&self) -> bool {
        self.theirs_changed && self.mine != Side::Kept
    }
}

/// One side of a [`Difference`]; never a secret value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// As it was: nothing was done to it.
    Kept,
    /// This, which is not secret.
    Text(String),
    /// Another value, which is secret or too long to be told.
    Changed,
    /// A value that has just been entered.
    New,
}

impl Form {
    /// What differs between this form and `theirs`, a later revision of the secret that it edits.
    pub fn differences(&self, theirs: &Header) -> Vec<Difference> {
        let Some(base) = self.header() else { return Vec::new() };
        let fields = self.shown().filter_map(|field| {
            let (mine, theirs) = (mine(field), their_side(field, base, theirs));
            let theirs_changed = theirs != their_side(field, base, base);
            // The same text on both sides is no difference, and neither is what nobody touched.
            let same = mine == theirs || (mine == Side::Kept && !theirs_changed);
            (!same).then_some(Difference { label: field.spec.label, mine, theirs, theirs_changed })
        });
        fields.chain(state(base, theirs)).collect()
    }

    /// The same form over `theirs`: what was changed here stays, all else is as they left it.
    pub fn rebase(&mut self, theirs: &Header) {
        let mut onto = Self::edit(theirs);
        for (mine, theirs) in self.fields.iter_mut().zip(&mut onto.fields) {
            if mine.is_edited() {
                let content = std::mem::replace(&mut mine.content, Content::Flag(false));
                theirs.content = match (&mine.initial, content, &theirs.content) {
                    (Content::Pairs(base), Content::Pairs(mine), Content::Pairs(now)) => {
                        Content::Pairs(merged_rows(base, mine, now))
                    }
                    (_, content, _) => content,
                };
            }
        }
        onto.follow_files();
        *self = onto;
    }

    /// The same form for a new secret. What was kept of the stored values is not there any more.
    pub fn start_anew(&mut self) {
        self.mode = Mode::Register;
        for field in &mut self.fields {
            match &mut field.content {
                Content::Pairs(rows) => rows.iter_mut().for_each(|row| row.stored = None),
                Content::File(file) if matches!(file.held, Held::Kept(_)) => file.held = Held::Nothing,
                _ => {}
            }
            field.initial = Content::empty(field.spec);
            field.error = None;
        }
        self.follow_files();
    }
}

fn mine(field: &FieldState) -> Side {
    if !field.is_edited() {
        return Side::Kept;
    }
    match (field.spec.input, &field.content) {
        (_, Content::Text(text)) => Side::Text(text.trim().to_owned()),
        (_, Content::Flag(on)) => Side::Text(yes_or_no(*on)),
        (Input::Choice(options), Content::Choice(at)) => {
            Side::Text(options.get(*at).map_or("", |(_, label)| label).to_owned())
        }
        (_, Content::File(file)) if file.held == Held::Nothing => Side::Text("removed".to_owned()),
        _ => Side::New,
    }
}

/// What they have in the place of `field`; [`Side::Kept`] for a secret value that is as it was.
fn their_side(field: &FieldState, base: &Header, theirs: &Header) -> Side {
    match (field.spec.input, Content::of(field.spec, theirs)) {
        (_, Content::Text(text)) => Side::Text(text),
        (_, Content::Flag(on)) => Side::Text(yes_or_no(on)),
        (Input::Choice(options), Content::Choice(at)) => {
            Side::Text(options.get(at).map_or("", |(_, label)| label).to_owned())
        }
        (_, Content::Derived(end)) => Side::Text(date_of(end)),
        (Input::CertificateFile, _) if theirs.public(field.spec.key) == base.public(field.spec.key) => Side::Kept,
        (Input::CertificateFile, _) => Side::Changed,
        _ if theirs.value_set == base.value_set && theirs.parts == base.parts => Side::Kept,
        _ => Side::Changed,
    }
}

/// Whether it was put out of use, or back in use, in between.
fn state(base: &Header, theirs: &Header) -> Option<Difference> {
    let word = match (&base.state, &theirs.state) {
        (State::Active, State::Inactive(_)) => "Inactive",
        (State::Inactive(_), State::Active) => "Active",
        _ => return None,
    };
    let theirs = Side::Text(word.to_owned());
    Some(Difference { label: "Status", mine: Side::Kept, theirs, theirs_changed: true })
}

fn yes_or_no(on: bool) -> String {
    if on { "yes" } else { "no" }.to_owned()
}

fn date_of(end: Option<Timestamp>) -> String {
    end.map_or_else(|| "never".to_owned(), |end| end.date().to_string())
}

/// `now` with what was done to `base` here: rows given a value or another key, removed and added.
fn merged_rows(base: &[Row], mine: Vec<Row>, now: &[Row]) -> Vec<Row> {
    let stands_for = |row: &Row, stored: &Row| row.stored.is_some() && row.stored == stored.stored;
    let was_there = |row: &Row| base.iter().any(|old| stands_for(old, row));
    let is_left = |row: &Row| mine.iter().any(|kept| stands_for(kept, row));
    let stays = |row: &&Row| !row.is_blank() && (is_left(row) || !was_there(row));
    let mut rows: Vec<Row> = now.iter().filter(stays).cloned().collect();
    for row in mine.into_iter().filter(|row| !row.is_kept() && !row.is_blank()) {
        let place = rows.iter().position(|theirs| stands_for(theirs, &row) || theirs.key == row.key);
        match place {
            Some(at) => rows[at] = row,
            // They removed it; a value that was entered here is not lost by that.
            None => rows.push(Row { stored: None, ..row }),
        }
    }
    if rows.is_empty() {
        rows.push(Row::default());
    }
    rows
}

/// The labels of what changed from `old` to `new`; none when nothing did that a form shows.
pub fn changed_fields(old: &Header, new: &Header) -> Vec<&'static str> {
    Form::edit(old).differences(new).iter().map(|difference| difference.label).collect()
}
