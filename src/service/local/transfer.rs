//! Importing and exporting, each secret with an event of its own.

use std::sync::Arc;

use super::{Answer, Service};
use crate::domain::audit::{Action, Origin, Subject};
use crate::domain::{Delivery, Draft, Header, SecretBytes};
use crate::service::request::Response;
use crate::vault::{Deed, Export, Imported};

impl Service {
    pub(super) fn import(&mut self, drafts: Vec<Draft>, dry_run: bool, who: &dyn Fn() -> Origin) -> Answer {
        let vault = self.open_mut()?;
        let Imported { stored, skipped } = vault.import(drafts, dry_run)?;
        if !dry_run {
            vault.record(&who(), deeds(Action::Imported, &stored))?;
        }
        Ok(Response::Imported { stored: stored.len() as u64, skipped })
    }

    pub(super) fn export(&mut self, passphrase: Option<&SecretBytes>, who: &dyn Fn() -> Origin) -> Answer {
        let vault = self.open_mut()?;
        let Export { file, headers, skipped } = vault.export(passphrase)?;
        vault.record(&who(), deeds(Action::Delivered(Delivery::Export), &headers))?;
        Ok(Response::Exported { file, exported: headers.len() as u64, skipped })
    }
}

/// The events of what was done to each of those.
fn deeds(action: Action, headers: &[Arc<Header>]) -> Vec<Deed> {
    let subject = |header: &Arc<Header>| {
        let (id, name, revision, field) = (Some(header.id), header.name.clone(), header.revision, None);
        Subject::Secret { id, name, revision, field }
    };
    headers.iter().map(|header| Deed::done(action, Some(subject(header)))).collect()
}
