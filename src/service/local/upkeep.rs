//! The requests about the vault as a whole: what is swept, repaired, backed up and examined.

use std::path::PathBuf;

use super::{Answer, Ground, Service, Watch};
use crate::service::request::{Credential, OpenReport, Response};
use crate::vault::{self, Sweep, Swept};

impl Service {
    pub(super) fn sweep_anyway(&mut self, watch: Watch<'_>) -> Answer {
        let vault = self.open_mut()?;
        let Swept { swept, clock } = vault.sweep(Sweep::Anyway, watch)?;
        let report = OpenReport { swept, clock, ..vault.report() };
        self.unlocked(report)
    }

    pub(super) fn accept_rollback(&mut self) -> Answer {
        self.open_mut()?.accept_rollback()?;
        self.unlocked(self.open()?.report())
    }

    pub(super) fn repair(&mut self, watch: Watch<'_>) -> Answer {
        let vault = self.open_mut()?;
        let repaired = Some(vault.repair(watch)?);
        let report = OpenReport { repaired, ..vault.report() };
        self.unlocked(report)
    }

    pub(super) fn backup(&self, file: PathBuf, watch: Watch<'_>) -> Answer {
        let size = self.open()?.backup(&file, watch)?;
        Ok(Response::BackedUp { records: size.records, bytes: size.bytes })
    }

    pub(super) fn examine(&mut self, credential: Option<Credential>, watch: Watch<'_>) -> Answer {
        // Before anything is opened: this is how the person left it.
        let mut findings = match &self.ground {
            Ground::Disk(place) => vault::examine_files(place, self.vault.is_some(), &self.tools),
            Ground::Demo(..) => Vec::new(),
        };
        let is_open = self.vault.is_some();
        match (self.open_mut(), credential) {
            (Ok(vault), _) => findings.extend(vault.examine(watch)),
            // Others have it: there is no second way to open it.
            (Err(locked), Some(_)) if is_open => return Err(locked),
            (Err(_), Some(credential)) => findings.extend(self.look(&credential, watch)?),
            (Err(_), None) => {}
        }
        Ok(Response::Examined(findings))
    }
}
