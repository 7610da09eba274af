//! The form engine: a schema becomes fields, fields are checked, and what comes out is a
//! [`Draft`](crate::domain::Draft) or a [`Change`](crate::domain::Change).
//!
//! It knows no terminal, does no I/O and has no clock: a front-end feeds it keystrokes as
//! edits and files as bytes, passes the time as an argument, and shows what [`Form`] tells. Fields are addressed by their
//! index in the schema; a method that does not fit the field's content does nothing.

mod content;
mod edit;
mod error;
mod files;
pub mod generate;
mod hint;
mod keep;
mod merge;
mod outcome;
pub mod paste;
pub mod strength;
mod validate;

pub use content::{Content, FileContent, Held, Kept, Row};
pub use error::{FieldError, RowError};
pub use files::{Loaded, Material, PreviewLine, left_out_in_words};
pub use merge::{Difference, Side, changed_fields};

use crate::domain::kind::{Field, Input};
use crate::domain::{Header, Kind, Scope};

/// What the form is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// A new secret.
    Register,
    /// A change to the secret under this header.
    Edit(Box<Header>),
}

/// A form as it is being filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    kind: Kind,
    mode: Mode,
    /// Personal or organization, and what it was in the beginning.
    scope: Scope,
    first_scope: Scope,
    fields: Vec<FieldState>,
}

/// One field: what it is, what it holds and what is wrong with that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldState {
    spec: &'static Field,
    content: Content,
    initial: Content,
    error: Option<FieldError>,
}

impl FieldState {
    fn new(spec: &'static Field, content: Content) -> Self {
        Self { spec, initial: content.clone(), content, error: None }
    }

    /// Its entry in the schema.
    pub fn spec(&self) -> &'static Field {
        self.spec
    }

    /// What it holds.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// What is wrong with that, as far as it has been checked.
    pub fn error(&self) -> Option<&FieldError> {
        self.error.as_ref()
    }

    /// Whether it holds something else than in the beginning.
    pub fn is_edited(&self) -> bool {
        self.content != self.initial
    }
}

impl Form {
    /// An empty form for a new secret of type `kind`.
    pub fn register(kind: Kind) -> Self {
        let fields = kind.schema().fields.iter().map(|spec| FieldState::new(spec, Content::empty(spec))).collect();
        let scope = Scope::Organization;
        Self { kind, mode: Mode::Register, scope, first_scope: scope, fields }
    }

    /// A form for the secret under `header`: what is not secret is filled in, what is secret
    /// is empty, which means that it stays as it is.
    pub fn edit(header: &Header) -> Self {
        let fields = header.kind.schema().fields.iter();
        let fields = fields.map(|spec| FieldState::new(spec, Content::of(spec, header))).collect();
        let (kind, scope) = (header.kind, header.scope);
        Self { kind, mode: Mode::Edit(Box::new(header.clone())), scope, first_scope: scope, fields }
    }

    /// The same, for a secret of `scope` unless another is chosen.
    #[must_use]
    pub fn beginning_in(self, scope: Scope) -> Self {
        Self { scope, first_scope: scope, ..self }
    }

    /// Personal or organization.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Chooses between personal and organization; a secret that is there stays what it is.
    pub fn choose_scope(&mut self, scope: Scope) {
        if !self.is_edit() {
            self.scope = scope;
        }
    }

    /// The type of the secret.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What the form is for.
    pub fn mode(&self) -> &Mode {
        &self.mode
    }

    /// All fields, in schema order, hidden ones too.
    pub fn fields(&self) -> &[FieldState] {
        &self.fields
    }

    /// The field at `index`.
    pub fn field(&self, index: usize) -> Option<&FieldState> {
        self.fields.get(index)
    }

    /// The index of the field called `key` in the schema.
    pub fn index_of(&self, key: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.spec.key == key)
    }

    /// The label of the field at `index`, which differs between registering and editing.
    pub fn label(&self, index: usize) -> &'static str {
        self.fields.get(index).map_or("", |field| self.label_of(field.spec))
    }

    /// The indices of the fields that are shown now, in order.
    pub fn visible(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.fields.len()).filter(|index| self.is_visible(*index))
    }

    /// Whether the field at `index` is shown: its condition, if it has one, holds.
    pub fn is_visible(&self, index: usize) -> bool {
        let Some(field) = self.fields.get(index) else { return false };
        field.spec.when.is_none_or(|(choice, option)| self.chosen(choice) == Some(option))
    }

    /// Whether anything was changed: leaving such a form asks first.
    pub fn is_changed(&self) -> bool {
        self.scope != self.first_scope || self.fields.iter().any(FieldState::is_edited)
    }

    /// The option that the choice field `key` stands at.
    fn chosen(&self, key: &str) -> Option<&'static str> {
        let field = &self.fields[self.index_of(key)?];
        match (field.spec.input, &field.content) {
            (Input::Choice(options), Content::Choice(at)) => options.get(*at).map(|(option, _)| *option),
            _ => None,
        }
    }

    fn label_of(&self, spec: &Field) -> &'static str {
        match self.mode {
            Mode::Register => spec.label,
            Mode::Edit(_) => spec.edit_label,
        }
    }

    /// The header that is being edited.
    fn header(&self) -> Option<&Header> {
        match &self.mode {
            Mode::Register => None,
            Mode::Edit(header) => Some(header),
        }
    }

    fn is_edit(&self) -> bool {
        self.header().is_some()
    }
}

#[cfg(test)]
mod sides_tests;
#[cfg(test)]
mod tests;
