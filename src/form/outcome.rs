//! What a sound form yields. The form keeps what was typed, in case the vault says no.

use crate::domain::kind::{Field, Input};
use crate::domain::{Change, Draft, Header, PartChange, PublicField, SecretBytes, Timestamp, Value, date, web};

use super::content::{Content, FileContent, Held, Row};
use super::files::{Loaded, Material};
use super::{FieldState, Form};

impl Form {
    /// The secret to be registered; `None` when something is wrong, which the fields then say.
    pub fn draft(&mut self, now: Timestamp) -> Option<Draft> {
        if self.is_edit() || !self.validate(now) {
            return None;
        }
        let set = |(name, part)| match part {
            PartChange::Set(bytes) => Some((name, bytes)),
            PartChange::Keep => None,
        };
        Some(Draft {
            scope: self.scope,
            kind: self.kind,
            name: self.name(),
            public: self.public(),
            value: Value(self.parts().into_iter().filter_map(set).collect()),
            expires: self.expires(now),
            not_before: self.not_before(),
            write_only: self.write_only(),
            encrypted_key: self.encrypted_key(),
        })
    }

    /// The change to be made; `None` when something is wrong, which the fields then say.
    pub fn change(&mut self, now: Timestamp) -> Option<Change> {
        if !self.is_edit() || !self.validate(now) {
            return None;
        }
        Some(Change {
            name: self.name(),
            public: self.public(),
            parts: self.parts(),
            expires: self.expires(now),
            not_before: self.not_before(),
            write_only: self.write_only(),
            encrypted_key: self.encrypted_key(),
        })
    }

    pub(super) fn shown(&self) -> impl Iterator<Item = &FieldState> {
        self.visible().map(|index| &self.fields[index])
    }

    fn with_input(&self, input: Input) -> Option<&FieldState> {
        self.shown().find(|field| field.spec.input == input)
    }

    /// The name as it will be stored, without the space around it.
    pub fn name(&self) -> Box<str> {
        self.with_input(Input::Name).and_then(|field| field.content.text()).unwrap_or_default().trim().into()
    }

    fn write_only(&self) -> bool {
        self.with_input(Input::WriteOnly).is_some_and(|field| field.content == Content::Flag(true))
    }

    fn expires(&self, now: Timestamp) -> Option<Timestamp> {
        let stored = self.header().and_then(|header| header.expires);
        match self.with_input(Input::Expiration) {
            Some(field) if self.is_edit() && !field.is_edited() => stored,
            Some(field) => date::parse_expiration(field.content.text()?, now).ok().flatten(),
            None => self.chain().map_or(stored, |chain| chain.expires()),
        }
    }

    fn not_before(&self) -> Option<Timestamp> {
        match self.chain() {
            Some(chain) => chain.certificates.first().map(|leaf| leaf.not_before),
            None => self.header().and_then(|header| header.not_before),
        }
    }

    fn encrypted_key(&self) -> bool {
        let held = self.with_input(Input::PrivateKeyFile).and_then(|field| field.content.file());
        match held.map(|file| &file.held) {
            Some(Held::Loaded(loaded)) => matches!(&loaded.material, Material::PrivateKey(key) if key.encrypted),
            Some(Held::Kept(_)) => self.header().is_some_and(|header| header.encrypted_key),
            _ => false,
        }
    }

    /// The fields that are not secret and that the header has no place of its own for.
    fn public(&self) -> Vec<PublicField> {
        let public = |field: &FieldState| {
            let text = self.public_text(field)?;
            (!text.is_empty()).then(|| PublicField { key: field.spec.key.into(), text: text.into() })
        };
        self.shown().filter_map(public).collect()
    }

    fn public_text(&self, field: &FieldState) -> Option<String> {
        match (field.spec.input, &field.content) {
            (Input::HeaderName | Input::Text | Input::Url, Content::Text(text)) => Some(text.trim().to_owned()),
            (Input::Scopes, Content::Text(text)) => Some(web::split_scopes(text).join(" ")),
            (Input::Choice(options), Content::Choice(at)) => {
                let (chosen, _) = options.get(*at)?;
                Some(self.option_to_store(field.spec.key, chosen).to_owned())
            }
            (Input::CertificateFile, Content::File(file)) => certificate_text(file, field.spec, self.header()),
            _ => None,
        }
    }

    /// Pairs out of a file are pairs from then on: only a whole file is edited as a file.
    fn option_to_store(&self, choice: &str, chosen: &'static str) -> &'static str {
        let schema = self.kind.schema();
        let option_of = |input| {
            let (decided_by, option) = schema.with_input(input)?.when?;
            (decided_by == choice).then_some(option)
        };
        match (option_of(Input::AnyFile), option_of(Input::Pairs)) {
            (Some(file), Some(pairs)) if file == chosen && !self.holds_whole_file() => pairs,
            _ => chosen,
        }
    }

    fn holds_whole_file(&self) -> bool {
        let file = self.with_input(Input::AnyFile).and_then(|field| field.content.file());
        match file.map(|file| &file.held) {
            Some(Held::Loaded(loaded)) => matches!(loaded.material, Material::Whole { .. }),
            Some(Held::Kept(_)) => true,
            _ => false,
        }
    }

    /// The parts that the value shall have, in schema order.
    fn parts(&self) -> Vec<(Box<str>, PartChange)> {
        let parts = |field: &FieldState| match &field.content {
            Content::Secret(secret) => vec![(field.spec.key.into(), keep_or_set(secret))],
            Content::Pairs(rows) => rows.iter().filter(|row| !row.is_blank()).map(row_part).collect(),
            Content::File(file) if field.spec.secret => file_parts(file, field.spec),
            _ => Vec::new(),
        };
        self.shown().flat_map(parts).collect()
    }
}

fn keep_or_set(value: &SecretBytes) -> PartChange {
    if value.is_empty() { PartChange::Keep } else { PartChange::Set(value.clone()) }
}

fn row_part(row: &Row) -> (Box<str>, PartChange) {
    (row.key.as_str().into(), keep_or_set(&row.value))
}

fn file_parts(file: &FileContent, spec: &Field) -> Vec<(Box<str>, PartChange)> {
    match &file.held {
        Held::Nothing => Vec::new(),
        Held::Kept(kept) => vec![(kept.name.clone(), PartChange::Keep)],
        Held::Loaded(loaded) => loaded_parts(loaded, spec),
    }
}

fn loaded_parts(loaded: &Loaded, spec: &Field) -> Vec<(Box<str>, PartChange)> {
    let set = |name: &str, bytes: &SecretBytes| (name.into(), PartChange::Set(bytes.clone()));
    match &loaded.material {
        Material::PrivateKey(key) => vec![set(spec.key, &key.pem)],
        Material::Pairs { pairs, .. } => pairs.iter().map(|(key, value)| set(key, value)).collect(),
        Material::Whole { name, bytes, .. } => vec![set(name, bytes)],
        Material::Certificate(_) => Vec::new(),
    }
}

/// The certificates as PEM: the new ones, or those that are stored.
fn certificate_text(file: &FileContent, spec: &Field, header: Option<&Header>) -> Option<String> {
    match &file.held {
        Held::Loaded(loaded) => match &loaded.material {
            Material::Certificate(bundle) => Some(bundle.pem.clone()),
            _ => None,
        },
        Held::Kept(_) => header?.public(spec.key).map(str::to_owned),
        Held::Nothing => None,
    }
}
