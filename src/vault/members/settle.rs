//! What is owed to the organization when somebody opens the vault who can pay it.

use crate::crypto::Anchor;
use crate::domain::organization::Role;
use crate::vault::documents::Document;
use crate::vault::layout::{self, Item};
use crate::vault::record::RecordError;
use crate::vault::refused::Refused;
use crate::vault::report::{Refusal, StoreTrouble, Watch};
use crate::vault::rewrite::{Old, Renewal};
use crate::vault::{Vault, VaultError};

impl Vault {
    /// Brings a vault of an older format to this one; seals everything anew when a Member changed or removed a key; seals
    /// for everybody what Members registered.
    ///
    /// # Errors
    /// When it cannot be written: the vault is as it was then, and the next opening tries again.
    pub(in crate::vault) fn settle_organization(&mut self, watch: Watch<'_>) -> Result<(), VaultError> {
        let owed = match &self.log {
            None => true,
            Some(log) => log.organization().reseal_owed() && self.manages(),
        };
        if owed {
            let slots = self.file.slots.clone();
            self.rewrite(Renewal::of(slots), &|_| true, Old::Removed, watch)?;
        }
        self.adopt_registered()
    }

    /// Whether whoever is in can seal everything anew: it takes the key of the epoch.
    ///
    /// # Errors
    /// [`VaultError::NotPermitted`].
    pub(in crate::vault) fn check_holds_root(&self) -> Result<(), VaultError> {
        self.permit_managing("seal the vault anew")
    }

    /// What is stored and not served, as it is told.
    pub(in crate::vault) fn refusals(&self) -> Vec<Refusal> {
        let name_of = |id| self.profile.member(id).map(|member| member.name.clone());
        let told = |refused: &Refused| Refusal {
            what: refused
                .name
                .clone()
                .unwrap_or_else(|| refused.id.map(|id| id.to_string()).unwrap_or_default().into()),
            why: refused.why.clone(),
            author: refused.author.and_then(name_of),
            served: refused.served,
        };
        let is_theirs = |refused: &&Refused| refused.owner.is_none_or(|owner| owner == self.me);
        self.refused.iter().filter(is_theirs).map(told).collect()
    }

    /// Whether the member who is in is an Account Holder or Manager.
    pub(in crate::vault) fn manages(&self) -> bool {
        self.role().is_some_and(Role::manages)
    }

    fn role(&self) -> Option<Role> {
        let organization = self.log.as_ref()?.organization();
        organization.rights(self.me).map(|rights| rights.role)
    }

    /// Seals values that their registrars sealed for themselves with the key that they are shared with.
    pub(super) fn adopt_registered(&mut self) -> Result<(), VaultError> {
        if self.sealer.chest().all().is_none() || self.for_registrars.is_empty() {
            return Ok(());
        }
        let mut changes = self.changes();
        for id in std::mem::take(&mut self.for_registrars) {
            let item = Item::Record(id);
            let Some(stored) = layout::read(&*self.store, item)? else { continue };
            let opened = self.sealer.open_record(item, &stored.bytes)?;
            let plain = match self.sealer.open_plain(&opened, &*self.store) {
                Err(RecordError::Store(error)) => return Err(error.into()),
                // Whoever asks for it is told so: nobody else shall wait for it.
                Err(_) => continue,
                Ok(plain) => plain,
            };
            let (Some(plain), Some(signed)) = (plain, &opened.signed) else { continue };
            let entropy = &*self.tools.entropy;
            let set_at = opened.link.set_at().unwrap_or(opened.header.revision);
            let value = self.sealer.seal_plain(&opened.header, &plain, set_at, entropy)?;
            let record = self.sealer.seal_record(&opened.header, signed, &value, entropy)?;
            changes.write(item, opened.header.revision, &record, Some((opened.header.revision, &stored)))?;
            value.pieces.into_iter().zip(0..).for_each(|(piece, n)| changes.piece(item, n, piece));
        }
        self.make(changes)
    }

    /// Remembers how far the membership log goes, and what was verified.
    pub(in crate::vault) fn remember_organization(&mut self) {
        let Some(log) = &self.log else { return };
        let vault = self.file.vault;
        let remembered = self.home.remember_organization(vault, &log.pin().encode());
        let remembered = remembered.and_then(|()| self.remember_known());
        if let Err(error) = remembered {
            self.memory_failed.get_or_insert_with(|| error.to_string().into());
        }
    }

    /// What this machine shall remember of the organization: how far its log goes, and what was verified.
    pub(in crate::vault) fn memory_of_organization(&self) -> (Vec<u8>, Vec<u8>) {
        let pin = self.log.as_ref().map(|log| log.pin().encode()).unwrap_or_default();
        (pin, known_bytes(self, &self.anchor))
    }

    /// Remembers what was verified, when that is more than before; not of an older vault that nobody has accepted.
    pub(in crate::vault) fn remember_known(&mut self) -> Result<(), VaultError> {
        let epoch = self.file.epoch;
        let is_older = matches!(self.trouble, Some(StoreTrouble::RolledBack { .. }));
        if is_older || self.log.is_none() || (!self.known.has_changed() && self.known.epoch() == epoch) {
            return Ok(());
        }
        let bytes = known_bytes(self, &self.anchor);
        self.home.remember_known(self.file.vault, &bytes)?;
        self.known.settled(epoch);
        Ok(())
    }
}

/// What is in the vault now, and verified.
fn known_bytes(vault: &Vault, anchor: &Anchor) -> Vec<u8> {
    let is_refused = |id| vault.refused.iter().any(|refused| refused.id == Some(id));
    let is_here = |id| {
        vault.index.get(id).is_some() || vault.closed.contains_key(&id) || Document::of(id).is_some() || is_refused(id)
    };
    vault.known.encode(vault.file.vault, vault.file.epoch, anchor, is_here)
}
