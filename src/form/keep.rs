//! What of a form may be kept outside of it: all that was entered and is not secret.

use crate::domain::kind::{Field, Input};
use crate::domain::{Scope, SecretBytes};

use super::content::{Content, FileContent, Held, Row};
use super::files::Material;
use super::{FieldState, Form};

/// Longer texts are not kept.
const MAX_TEXT: usize = 64 * 1024;
/// How a certificate begins that was kept whole: it is no secret.
const PEM: &str = "-----BEGIN ";

impl Form {
    /// What was entered, but for secret values: the schema's key of each field, and a text.
    pub fn to_keep(&self) -> Vec<(Box<str>, Box<str>)> {
        let entered = self.fields.iter().filter(|field| field.is_edited());
        let kept = entered.filter_map(|field| Some((field.spec.key.into(), text_of(field)?.into())));
        let scope = (self.scope != self.first_scope).then(|| (SCOPE.into(), scope_text(self.scope).into()));
        kept.filter(|(_, text): &(Box<str>, Box<str>)| text.len() <= MAX_TEXT).chain(scope).collect()
    }

    /// Enters what was kept. What this form has no place for is left out.
    pub fn fill_in(&mut self, kept: &[(Box<str>, Box<str>)]) {
        for (key, text) in kept {
            if &**key == SCOPE {
                let scopes = [Scope::Organization, Scope::Personal].into_iter();
                scopes.filter(|scope| scope_text(*scope) == &**text).for_each(|scope| self.choose_scope(scope));
            }
            let Some(index) = self.index_of(key) else { continue };
            match self.fields[index].spec.input {
                Input::WriteOnly if &**text == YES && self.fields[index].content == Content::Flag(false) => {
                    self.toggle(index);
                }
                Input::Choice(options) => {
                    self.choose(index, options.iter().position(|(option, _)| *option == &**text).unwrap_or(0));
                }
                Input::Pairs => self.fill_keys(index, text),
                // What is wrong with it stands beside the field.
                Input::CertificateFile if text.starts_with(PEM) => {
                    drop(self.load_file(index, None, SecretBytes::from(&**text)));
                }
                _ => self.set_text(index, &**text),
            }
        }
    }

    fn fill_keys(&mut self, index: usize, keys: &str) {
        let Content::Pairs(rows) = &self.fields[index].initial else { return };
        let row = |key: &str| {
            let stored = rows.iter().find(|row| row.stored.as_deref() == Some(key));
            stored.cloned().unwrap_or_else(|| Row { key: key.to_owned(), ..Row::default() })
        };
        self.fields[index].content = Content::Pairs(keys.split('\n').map(row).collect());
    }
}

const YES: &str = "yes";
/// What the scope is kept as; no field of a schema is called so.
const SCOPE: &str = "scope";

fn scope_text(scope: Scope) -> &'static str {
    match scope {
        Scope::Organization => "organization",
        Scope::Personal => "personal",
    }
}

fn text_of(field: &FieldState) -> Option<String> {
    match (field.spec.input, &field.content) {
        (_, Content::Text(text)) => Some(text.clone()),
        (_, Content::Flag(on)) => on.then(|| YES.to_owned()),
        (Input::Choice(options), Content::Choice(at)) => options.get(*at).map(|(option, _)| (*option).to_owned()),
        (_, Content::Pairs(rows)) => Some(keys(rows)).filter(|mine| match &field.initial {
            Content::Pairs(before) => *mine != keys(before),
            _ => true,
        }),
        (_, Content::File(file)) => file_text(file, field.spec),
        _ => None,
    }
}

fn keys(rows: &[Row]) -> String {
    rows.iter().filter(|row| !row.is_blank()).map(Row::key).collect::<Vec<_>>().join("\n")
}

/// The path that is being typed, or a certificate that has been loaded. Where a secret belongs, what is typed may be one.
fn file_text(file: &FileContent, spec: &Field) -> Option<String> {
    match &file.held {
        _ if spec.secret => None,
        _ if !file.typed.is_empty() => Some(file.typed.clone()),
        Held::Loaded(loaded) => match &loaded.material {
            Material::Certificate(bundle) => Some(bundle.pem.clone()),
            _ => None,
        },
        _ => None,
    }
}
