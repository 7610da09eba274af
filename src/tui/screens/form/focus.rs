//! Where one stands in a form, and how one gets on.

use std::sync::Arc;

use super::files::typed_path;
use super::{Screen, scope};
use crate::domain::kind::Input;
use crate::domain::{Header, State};
use crate::form::{Content, FieldError, Form, Mode, Row};
use crate::service::DoorError;
use crate::tui::app::Shared;
use crate::tui::layer::Cx;
use crate::tui::widgets::{SecretInput, TextInput};
use crate::tui::words;

/// A place in the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Focus {
    /// Personal or organization, while a secret is registered.
    Scope,
    /// A field, by its index in the schema.
    Field(usize),
    /// The button that submits.
    Submit,
    /// The button that leaves.
    Cancel,
}

/// What takes the keys typed at the place with the focus. What is typed goes into the form at once.
pub(super) enum Editor {
    /// Nothing can be typed: a flag, a choice, a button.
    None,
    /// A text, or the path of a file.
    Line(TextInput),
    /// A secret.
    Secret(SecretInput),
    /// The key of this row of pairs.
    Key(usize, TextInput),
    /// The value of this row of pairs.
    Value(usize, SecretInput),
}

impl Editor {
    /// The editor for `focus`, entered from above (`forward`) or from below.
    fn of(form: &Form, focus: Focus, forward: bool) -> Self {
        let Focus::Field(index) = focus else { return Self::None };
        match form.field(index).map(|field| field.content()) {
            Some(Content::Text(text)) => Self::Line(TextInput::new(text)),
            Some(Content::File(file)) => Self::Line(TextInput::new(&file.typed)),
            Some(Content::Secret(secret)) => Self::Secret(SecretInput::at_end(secret)),
            Some(Content::Pairs(rows)) if forward => Self::key(rows, 0),
            Some(Content::Pairs(rows)) => Self::value(rows, rows.len().saturating_sub(1)),
            _ => Self::None,
        }
    }

    fn key(rows: &[Row], row: usize) -> Self {
        rows.get(row).map_or(Self::None, |r| Self::Key(row, TextInput::new(r.key())))
    }

    fn value(rows: &[Row], row: usize) -> Self {
        rows.get(row).map_or(Self::None, |r| Self::Value(row, SecretInput::at_end(r.value())))
    }

    /// The editor of the secret being typed, if it is one.
    pub(super) fn secret(&self) -> Option<&SecretInput> {
        match self {
            Self::Secret(input) | Self::Value(_, input) => Some(input),
            _ => None,
        }
    }

    /// The row of pairs that it stands in.
    pub(super) fn row(&self) -> Option<usize> {
        match self {
            Self::Key(row, _) | Self::Value(row, _) => Some(*row),
            _ => None,
        }
    }

    pub(super) fn show_or_hide(&mut self) {
        if let Self::Secret(input) | Self::Value(_, input) = self {
            input.shown = !input.shown;
        }
    }

    pub(super) fn hide(&mut self) {
        if let Self::Secret(input) | Self::Value(_, input) = self {
            input.shown = false;
        }
    }
}

impl Screen {
    /// Every place that takes the focus, in order. The button that submits comes before the one that
    /// leaves, so that Enter after Enter fills in the form and sends it.
    pub(super) fn stops(&self) -> Vec<Focus> {
        let takes_focus = |index: &usize| {
            let content = self.form.field(*index).map(|field| field.content());
            !matches!(content, Some(Content::Derived(_)) | None)
        };
        let fields = self.form.visible().filter(takes_focus).map(Focus::Field);
        let scope = (!self.is_edit()).then_some(Focus::Scope);
        scope.into_iter().chain(fields).chain([Focus::Submit, Focus::Cancel]).collect()
    }

    /// Gives the focus to a place without asking what was left.
    pub(super) fn stand_on(&mut self, focus: Focus, forward: bool) {
        self.focus = focus;
        self.editor = Editor::of(&self.form, focus, forward);
    }

    /// To the next place, or the one before.
    pub(super) fn step(&mut self, forward: bool, cx: &mut Cx<'_>) {
        if !self.step_in_row(forward) {
            self.step_out(forward, cx);
        }
    }

    /// Down or up: in pairs to the same column of the next row, in a choice to the next option.
    pub(super) fn step_down(&mut self, down: bool, cx: &mut Cx<'_>) {
        if !self.step_across_rows(down) && !self.choose_next(down) {
            self.step_out(down, cx);
        }
    }

    fn step_out(&mut self, forward: bool, cx: &mut Cx<'_>) {
        self.leave(cx);
        let stops = self.stops();
        let at = stops.iter().position(|stop| *stop == self.focus).unwrap_or(0);
        let step = if forward { 1 } else { stops.len() - 1 };
        self.stand_on(stops[(at + step) % stops.len()], forward);
    }

    /// Checks what is left behind, or reads the file whose path stands there.
    pub(super) fn leave(&mut self, cx: &mut Cx<'_>) {
        let Focus::Field(index) = self.focus else { return };
        let Some(field) = self.form.field(index) else { return };
        let field_is_name = field.spec().input == Input::Name;
        if typed_path(field.content()).is_some() {
            self.read_typed(index, cx);
        } else if field.is_edited() || field.error().is_some() {
            let sound = self.form.validate_field(index, cx.shared.wall);
            if sound && field_is_name {
                self.check_name_is_free(index, cx.shared);
            }
        }
    }

    /// The door would refuse a name that is taken; here it is told while one is at it.
    fn check_name_is_free(&mut self, index: usize, shared: &Shared) {
        let name = self.form.name();
        let mine = match self.form.mode() {
            Mode::Edit(header) => Some(header.id),
            Mode::Register => None,
        };
        let whose = self.whose(shared);
        let taken = |other: &&Arc<Header>| {
            other.name == name
                && whose.is_none_or(|whose| whose == scope::of(other))
                && Some(other.id) != mine
                && !matches!(other.state, State::Deleted(_))
        };
        if shared.headers.iter().any(|other| taken(&other)) {
            self.form.set_error(index, FieldError::Told(words::error(&DoorError::NameTaken(name)).into()));
        }
    }

    fn rows(&self) -> &[Row] {
        let Focus::Field(index) = self.focus else { return &[] };
        match self.form.field(index).map(|field| field.content()) {
            Some(Content::Pairs(rows)) => rows,
            _ => &[],
        }
    }

    /// Key to value to the next row's key, or back; whether there was one.
    fn step_in_row(&mut self, forward: bool) -> bool {
        let rows = self.rows();
        let editor = match (&self.editor, forward) {
            (Editor::Key(row, _), true) => Editor::value(rows, *row),
            (Editor::Value(row, _), true) if row + 1 < rows.len() => Editor::key(rows, row + 1),
            (Editor::Value(row, _), false) => Editor::key(rows, *row),
            (Editor::Key(row, _), false) if *row > 0 => Editor::value(rows, row - 1),
            _ => return false,
        };
        self.editor = editor;
        true
    }

    fn step_across_rows(&mut self, down: bool) -> bool {
        let rows = self.rows();
        let target = |row: usize| if down { Some(row + 1).filter(|r| *r < rows.len()) } else { row.checked_sub(1) };
        let editor = match &self.editor {
            Editor::Key(row, _) => target(*row).map(|row| Editor::key(rows, row)),
            Editor::Value(row, _) => target(*row).map(|row| Editor::value(rows, row)),
            _ => None,
        };
        editor.map(|editor| self.editor = editor).is_some()
    }

    /// Stands on the key of `row`.
    pub(super) fn stand_on_row(&mut self, row: usize) {
        let rows = self.rows();
        self.editor = Editor::key(rows, row.min(rows.len().saturating_sub(1)));
    }

    /// Gives the focus to the first field with an error, in pairs to the row that is meant.
    pub(super) fn stand_on_error(&mut self) {
        let Some(index) = self.form.focus_first_error() else { return };
        let row = self.form.field(index).and_then(|field| field.error()).and_then(|error| error.row());
        self.stand_on(Focus::Field(index), true);
        if let Some(row) = row {
            self.stand_on_row(row);
        }
    }
}
