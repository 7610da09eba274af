//! Reading the log.

use super::codec::Entry;
use super::frame::{self, Met};
use super::log::open;
use super::seen::Seen;
use super::{Event, Subject};
use crate::domain::audit::AuditQuery;
use crate::domain::{Header, SecretId, SecretRef, SeenDelivery};
use crate::vault::{Vault, VaultError};

/// Most events of one answer.
const MOST: usize = 100_000;

/// What the events are about that are asked for.
enum About {
    Secret(SecretId),
    /// One that is not there any more.
    Named(Box<str>),
}

impl About {
    fn fits(&self, event: &Event) -> bool {
        match (self, &event.subject) {
            (Self::Secret(wanted), Some(Subject::Secret { id, .. })) => *id == Some(*wanted),
            (Self::Named(wanted), Some(Subject::Secret { name, .. })) => name == wanted,
            _ => false,
        }
    }
}

impl Vault {
    /// The events that `query` asks for, the oldest first; at most the 100,000 newest.
    ///
    /// # Errors
    /// When the log cannot be read. What is damaged in it is left out: see [`Vault::verify_audit`].
    pub fn audit(&mut self, query: &AuditQuery) -> Result<Vec<Event>, VaultError> {
        self.settle()?;
        // What others did, those see who manage the organization.
        let own = if self.log.is_none() || self.manages() { None } else { Some(self.member()?.name.clone()) };
        let about = query.secret.as_ref().map(|secret| self.about(secret));
        let most = usize::try_from(query.most).ok().filter(|most| *most > 0).unwrap_or(MOST).min(MOST);
        let mut events = Vec::new();
        let log = self.log()?;
        frame::back(&*log.journal, log.start, &mut |met| {
            let Met::Frame(frame) = met else { return Ok(true) };
            let Some((Entry { event, .. }, _)) = open(&self.sealer, &frame) else { return Ok(true) };
            let fits = about.as_ref().is_none_or(|about| about.fits(&event));
            let fits = fits && own.as_ref().is_none_or(|own| *own == event.member);
            if fits && query.since.is_none_or(|since| event.at >= since) {
                events.push(event);
            }
            Ok(events.len() < most)
        })?;
        events.reverse();
        Ok(events)
    }

    fn about(&self, secret: &SecretRef) -> About {
        match (self.find(secret), secret) {
            (Ok(header), _) => About::Secret(header.id),
            (Err(_), SecretRef::Id(id)) => About::Secret(*id),
            (Err(_), SecretRef::Named(name)) => name.parse().map_or_else(|_| About::Named(name.clone()), About::Secret),
        }
    }

    /// The last delivery of the secret under `header` to each command of each user, the newest first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn seen_deliveries(&mut self, header: &Header) -> Result<Vec<SeenDelivery>, VaultError> {
        if self.audit.seen.is_none() {
            self.audit.seen = Some(self.look_through()?);
        }
        let set_at = self.value_set_at(header.id)?;
        Ok(self.audit.seen.as_ref().map(|seen| seen.of(header.id, set_at)).unwrap_or_default())
    }

    /// All deliveries of the log, once: from then on every event is added as it comes.
    fn look_through(&mut self) -> Result<Seen, VaultError> {
        self.settle()?;
        let (log, mut seen) = (self.log()?, Seen::default());
        frame::forth(&*log.journal, log.start, &mut |met| {
            if let Met::Frame(frame) = met
                && let Some((entry, _)) = open(&self.sealer, &frame)
            {
                seen.add(&entry.event);
            }
            Ok(true)
        })?;
        Ok(seen)
    }
}
