//! The rows of bindings, as they are filled in.

use crate::domain::{Application, Binding, BindingTarget, SecretId};
use crate::tui::app::Shared;
use crate::tui::layer::Chosen;
use crate::tui::widgets::TextInput;

/// The kinds of targets, by the word that stands for each.
const KINDS: [fn(Box<str>) -> BindingTarget; 4] =
    [BindingTarget::Variable, BindingTarget::Header, BindingTarget::File, BindingTarget::Host];

/// A row: where a field of a secret goes, as far as it is filled in.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    /// Which of [`KINDS`].
    kind: usize,
    /// The name of the variable, header or host.
    pub(super) name: TextInput,
    pub(super) secret: Option<SecretId>,
    pub(super) field: Option<Box<str>>,
    /// What is wrong with it.
    pub(super) error: Option<String>,
}

impl PartialEq for Line {
    /// By what is filled in.
    fn eq(&self, other: &Self) -> bool {
        let text = |line: &Self| (line.kind, line.name.text().to_owned());
        text(self) == text(other) && (self.secret, &self.field) == (other.secret, &other.field)
    }
}

/// The rows of `application`; one to be filled in when there are none.
pub(super) fn of(application: Option<&Application>) -> Vec<Line> {
    let lines: Vec<Line> = application.iter().flat_map(|one| one.bindings.iter().map(Line::of)).collect();
    if lines.is_empty() { vec![Line::default()] } else { lines }
}

/// Whether the same is filled in.
pub(super) fn are_alike(one: &[Line], other: &[Line]) -> bool {
    let filled = |line: &&Line| !line.is_blank();
    one.iter().filter(filled).eq(other.iter().filter(filled))
}

impl Line {
    fn of(binding: &Binding) -> Self {
        let is_it = |kind: &fn(Box<str>) -> BindingTarget| kind(Box::default()).slug() == binding.target.slug();
        Self {
            kind: KINDS.iter().position(is_it).unwrap_or(0),
            name: TextInput::new(binding.target.name()),
            secret: Some(binding.secret),
            field: Some(binding.field.clone()),
            error: None,
        }
    }

    /// The target as far as it is filled in.
    pub(super) fn target(&self) -> BindingTarget {
        KINDS[self.kind](self.name.text().trim().into())
    }

    /// The next kind, or the one before.
    pub(super) fn turn_kind(&mut self, forward: bool) {
        let step = if forward { 1 } else { KINDS.len() - 1 };
        self.kind = (self.kind + step) % KINDS.len();
    }

    /// Whether nothing is filled in: such a row counts as none.
    pub(super) fn is_blank(&self) -> bool {
        self.name.text().trim().is_empty() && self.secret.is_none()
    }

    /// Takes in what was chosen. Of a secret with one part, that is the field.
    pub(super) fn choose(&mut self, chosen: Chosen, shared: &Shared) {
        match chosen {
            Chosen::Secret(id) => {
                let header = shared.header(id);
                let kept = self.field.take().filter(|field| header.is_some_and(|header| header.has(field)));
                let only = header.and_then(|header| match &*header.parts {
                    [part] => Some(part.name.clone()),
                    _ => None,
                });
                (self.secret, self.field) = (Some(id), kept.or(only));
            }
            Chosen::Field(field) => self.field = Some(field),
            Chosen::Reach(_) => {}
        }
    }

    /// The binding, or what is missing or wrong. One that `base` has already is taken as it is.
    pub(super) fn binding(&self, base: Option<&Application>) -> Result<Binding, String> {
        let target = self.target();
        if target.name().is_empty() {
            return Err(format!("Write {}.", what(&target)));
        }
        let secret = self.secret.ok_or("Choose a secret: Space opens the list.")?;
        let field = self.field.clone().ok_or("Choose a field of the secret: Space opens the list.")?;
        let binding = Binding { target, secret, field };
        if base.is_some_and(|base| base.bindings.contains(&binding)) {
            return Ok(binding);
        }
        let target = binding.target.checked().map_err(|error| error.to_string())?;
        Ok(Binding { target, ..binding })
    }
}

/// What stands in the name's place, for each kind.
pub(super) fn what(target: &BindingTarget) -> &'static str {
    match target {
        BindingTarget::Variable(_) => "the name of the environment variable, such as API_KEY",
        BindingTarget::Header(_) => "the name of the HTTP header, such as X-Api-Key",
        BindingTarget::File(_) => "the name of the variable that holds the file's path, such as TLS_KEY_FILE",
        BindingTarget::Host(_) => "the host that git or docker asks for, such as git.example.com",
    }
}
