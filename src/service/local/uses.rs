//! The requests about where secrets are used: applications, earlier values, and what is set for the vault.

use super::{Answer, Service};
use crate::domain::{ApplicationDraft, ApplicationId, SecretId, Settings};
use crate::service::request::{Response, Uses};

impl Service {
    pub(super) fn uses(&mut self, secret: SecretId) -> Answer {
        let vault = self.open_mut()?;
        let header = vault.header(secret)?;
        let deliveries = vault.seen_deliveries(&header)?;
        Ok(Response::Uses(Uses { applications: vault.applications_of(header.id), deliveries }))
    }

    pub(super) fn history(&self, secret: SecretId) -> Answer {
        Ok(Response::History(self.open()?.history(secret)?))
    }

    pub(super) fn applications(&self) -> Answer {
        Ok(Response::Applications(self.open()?.applications()))
    }

    pub(super) fn add_application(&mut self, draft: ApplicationDraft) -> Answer {
        Ok(Response::Application(self.open_mut()?.add_application(draft)?))
    }

    pub(super) fn edit_application(&mut self, id: ApplicationId, revision: u64, draft: ApplicationDraft) -> Answer {
        Ok(Response::Application(self.open_mut()?.edit_application(id, revision, draft)?))
    }

    pub(super) fn remove_application(&mut self, id: ApplicationId, revision: u64) -> Answer {
        self.open_mut()?.remove_application(id, revision)?;
        Ok(Response::Done)
    }

    pub(super) fn settings(&self) -> Answer {
        Ok(Response::Settings(self.open()?.settings()))
    }

    pub(super) fn change_settings(&mut self, settings: Settings) -> Answer {
        Ok(Response::Settings(self.open_mut()?.change_settings(settings)?))
    }
}
