//! The demo: a vault in memory with a sample of every type and status, applications that use some of them, and other
//! members.

mod organization;
mod samples;

use super::put::Fate;
use super::{Founding, Home, MemoryHome, Tools, Vault, VaultError};
use crate::domain::time::DAY;
use crate::domain::{
    Application, ApplicationId, Binding, BindingTarget, Header, PublicField, Scope, SecretBytes, SecretId, Stamp,
    State, Timestamp, Value,
};
use samples::{APPLICATIONS, Dates, SAMPLES, Sample, SampleApplication, Turn};

/// Makes the demo vault in `home` and opens it. Also gives its recovery key, the only thing that opens it:
/// a demo must not wait for a key derivation.
///
/// # Errors
/// When there is no randomness.
pub fn demo(home: MemoryHome, tools: Tools) -> Result<(Vault, SecretBytes), VaultError> {
    let founding = Founding { organization: "Northwind Trading", member: samples::ADA, passphrase: None };
    let (mut vault, key) = Vault::create(Box::new(home) as Box<dyn Home>, founding, tools, &|_| {})?;
    for sample in &SAMPLES {
        vault.plant(sample)?;
    }
    for sample in &APPLICATIONS {
        vault.plant_application(sample)?;
    }
    vault.plant_members()?;
    Ok((vault, key))
}

impl Vault {
    /// Puts a sample in, with the history that it tells.
    fn plant(&mut self, sample: &Sample) -> Result<(), VaultError> {
        let mut id = SecretId([0; 16]);
        self.tools.entropy.fill(&mut id.0)?;
        let stamp = |days_ago: i64, by: &str| Stamp { at: self.days_ago(days_ago), by: by.into() };
        let created = stamp(sample.created, sample.by);
        let state = match sample.turn {
            Turn::None => State::Active,
            Turn::Deactivated { days_ago, by } => State::Inactive(stamp(days_ago, by)),
            Turn::Deleted { days_ago, by } => State::Deleted(stamp(days_ago, by)),
        };
        let modified = match &state {
            State::Active => created.clone(),
            State::Inactive(stamp) | State::Deleted(stamp) => stamp.clone(),
        };
        let value = value(sample);
        let (not_before, expires) = self.dates(sample.dates);
        let public = sample.public.iter().map(|&(key, text)| PublicField { key: key.into(), text: text.into() });
        let header = Header {
            id,
            revision: 1,
            name: sample.name.into(),
            kind: sample.kind,
            scope: Scope::Organization,
            owner: self.me,
            author: self.me,
            value_set: created.at,
            created,
            modified,
            expires,
            not_before,
            state,
            write_only: sample.write_only,
            encrypted_key: false,
            public: public.collect(),
            parts: value.outline(),
        };
        self.put(header, Fate::Set(&value)).map(drop)
    }

    /// Puts a sample of an application in.
    fn plant_application(&mut self, sample: &SampleApplication) -> Result<(), VaultError> {
        let mut id = ApplicationId([0; 16]);
        self.tools.entropy.fill(&mut id.0)?;
        let binding = |(target, secret, field): &(BindingTarget, &str, &str)| {
            let secret = self.index.named(secret).ok_or_else(|| VaultError::NoSecret((*secret).into()))?;
            Ok(Binding { target: target.clone(), secret, field: (*field).into() })
        };
        let bindings = (sample.bindings)().iter().map(binding).collect::<Result<_, VaultError>>()?;
        let created = Stamp { at: self.days_ago(sample.created), by: sample.by.into() };
        let (name, description, modified) = (sample.name.into(), sample.description.into(), created.clone());
        let application = Application { id, revision: 1, name, description, bindings, created, modified };
        self.put_application(application).map(drop)
    }

    fn days_ago(&self, days: i64) -> Timestamp {
        // Not all at the same minute: nobody works like that.
        Timestamp(self.now().plus_days(-days).0 - days * 977)
    }

    fn dates(&self, dates: Dates) -> (Option<Timestamp>, Option<Timestamp>) {
        match dates {
            Dates::Never => (None, None),
            Dates::InDays(days) => (None, Some(Timestamp::end_of(self.now().plus_days(days).date()))),
            Dates::Certificate { from, to } => (Some(Timestamp(from * DAY)), Some(Timestamp(to * DAY - 1))),
        }
    }
}

fn value(sample: &Sample) -> Value {
    Value(sample.parts.iter().map(|&(name, text)| (name.into(), SecretBytes::from(text))).collect())
}
