//! The ways into the vault, and those for machines: one more, and one less.

use super::report::{Credential, CredentialKind, Progress, SlotInfo, Step, Watch};
use super::rewrite::{Old, Renewal, key_of};
use super::{Vault, VaultError};
use crate::crypto::{MAX_SLOTS, MachineKey, Slot, SlotKind, SlotSecret};
use crate::domain::organization::Act;
use crate::domain::text::check_name;
use crate::domain::{SecretBytes, SlotId};

/// Longest label in bytes: so many of them fit the header.
const MAX_LABEL: usize = 256;

impl Vault {
    /// Every way into the vault, in the order of the header; to a Member, their own.
    pub fn slots(&self) -> Vec<SlotInfo> {
        let is_shown = |slot: &&Slot| slot.member() == self.me || self.log.is_none() || self.manages();
        self.file.slots.iter().filter(is_shown).map(|slot| self.slot_info(slot)).collect()
    }

    fn slot_info(&self, slot: &Slot) -> SlotInfo {
        let (id, note) = (slot.id(), self.profile.note(slot.id()));
        SlotInfo {
            id,
            kind: slot.kind().into(),
            member: self.profile.member(slot.member()).map(|member| member.name.clone()).unwrap_or_default(),
            label: note.map(|note| note.label.clone()).filter(|label| !label.is_empty()),
            added: note.map(|note| note.added),
        }
    }

    /// Makes a machine slot of the member who is in, and gives its key in the written form, which is kept nowhere. Only the
    /// header is written: no epoch begins.
    ///
    /// `current` is the passphrase that holds now: whoever finds the vault open must not be able to leave a way in.
    ///
    /// # Errors
    /// [`VaultError::WrongCredential`], [`VaultError::Invalid`] for `label`, `slot` or `current_passphrase`,
    /// [`VaultError::ReadOnly`], or that it cannot be written: there is no such slot then, or one whose key nobody has.
    pub fn add_machine_slot(
        &mut self,
        current: Option<&Credential>,
        label: Option<&str>,
        watch: Watch<'_>,
    ) -> Result<(SlotInfo, SecretBytes), VaultError> {
        self.check_writable()?;
        label.map_or(Ok(()), check_label)?;
        if self.file.slots.len() >= MAX_SLOTS {
            let cause = format!("A vault has at most {MAX_SLOTS} key slots. Remove one first.");
            return Err(VaultError::invalid("slot", cause));
        }
        watch(Progress { step: Step::DerivingKey, done: 0, total: 0 });
        self.check_passphrase_set(current)?;
        let machine = MachineKey::generate(&*self.tools.entropy)?;
        let mut slot = self.machine_slot(&machine)?;
        self.grant_to(&mut slot)?;
        let mut change = self.begin_change(vec![Act::KeyAdded(key_of(&slot))])?;
        change.take_in(slot.clone(), label.unwrap_or_default(), self.now());
        // When this fails nothing changes in here: the next rewrite leaves the slot out, should it be in the file.
        self.make_change(change)?;
        Ok((self.slot_info(&slot), machine.to_text()))
    }

    fn machine_slot(&self, machine: &MachineKey) -> Result<Slot, VaultError> {
        let (secret, cost) = (SlotSecret::Machine(machine), self.tools.cost);
        Ok(Slot::create(self.file.vault, self.me, secret, cost, &self.anchor, &*self.tools.entropy)?)
    }

    /// Takes the slot called `id` away and seals everything under a new epoch: what opened it opens nothing from then on,
    /// except backups made before. `current` is asked for as in [`Vault::change_passphrase`].
    ///
    /// # Errors
    /// [`VaultError::NoSlot`]; [`VaultError::Invalid`] for a `slot` that must stay or for `current_passphrase`;
    /// [`VaultError::WrongCredential`], [`VaultError::ReadOnly`], or that it cannot be written: the slot is still there then.
    pub fn remove_slot(
        &mut self,
        id: SlotId,
        current: Option<&Credential>,
        watch: Watch<'_>,
    ) -> Result<(), VaultError> {
        self.check_writable()?;
        let slot = self.file.slots.iter().find(|slot| slot.id() == id).ok_or(VaultError::NoSlot(id))?;
        self.check_removable(slot)?;
        watch(Progress { step: Step::DerivingKey, done: 0, total: 0 });
        self.check_current(current, watch)?;
        if self.manages() {
            let slots = self.file.slots.iter().filter(|slot| slot.id() != id).cloned().collect();
            let renewal = Renewal { slots, acts: vec![Act::KeyRemoved(id)], seat: None };
            return self.rewrite(renewal, &|_| true, Old::Removed, watch);
        }
        let mut change = self.begin_change(vec![Act::KeyRemoved(id)])?;
        change.take_out(id);
        self.make_change(change)
    }

    /// Nobody may be left without a way in.
    fn check_removable(&self, slot: &Slot) -> Result<(), VaultError> {
        let is_another = |other: &&Slot| other.kind() == slot.kind() && other.member() == slot.member();
        let is_last = self.file.slots.iter().filter(is_another).count() == 1;
        let why = match slot.kind() {
            _ if slot.member() != self.me => "It is another member's: only they remove it, or it goes with the member.",
            SlotKind::Passphrase if is_last => {
                "A member's last passphrase stays: change it with strongroom passphrase."
            }
            SlotKind::Recovery => "The recovery key stays: make a new one with strongroom recovery-key.",
            _ if slot.id() == self.signer.slot => "It opened the vault just now: unlock it with the passphrase first.",
            SlotKind::Machine | SlotKind::Passphrase => return Ok(()),
        };
        Err(VaultError::invalid("slot", why))
    }
}

fn check_label(label: &str) -> Result<(), VaultError> {
    check_name(label).map_err(|error| VaultError::invalid("label", error.to_string()))?;
    if label.len() > MAX_LABEL {
        return Err(VaultError::invalid("label", format!("Use at most {MAX_LABEL} bytes; this is {}.", label.len())));
    }
    Ok(())
}

impl From<SlotKind> for CredentialKind {
    fn from(kind: SlotKind) -> Self {
        match kind {
            SlotKind::Passphrase => Self::Passphrase,
            SlotKind::Recovery => Self::Recovery,
            SlotKind::Machine => Self::Machine,
        }
    }
}
