//! A change of the organization that leaves the epoch as it is: only the header file is written.

use crate::crypto::{CommonKey, Identity, Slot, VaultFile, VaultKey};
use crate::domain::organization::Act;
use crate::domain::{SlotId, Timestamp};
use crate::vault::organization::MembershipLog;
use crate::vault::unlock::{EpochKeys, granted_keys};
use crate::vault::{Profile, SlotNote, Vault, VaultError};

/// A header file that is being changed.
pub(in crate::vault) struct Change {
    /// The file.
    pub(in crate::vault) file: VaultFile,
    /// The membership log, with what is done in it.
    pub(in crate::vault) log: MembershipLog,
    /// What the notes on key slots say.
    pub(in crate::vault) profile: Profile,
    /// The keys of the epoch, as the member who is in has them.
    pub(in crate::vault) keys: EpochKeys,
}

impl Change {
    /// The key that everybody has.
    pub(in crate::vault) fn common(&self) -> CommonKey {
        self.keys.common(self.file.vault, self.file.epoch)
    }

    /// The key of the epoch, for those who manage the organization.
    pub(in crate::vault) fn root(&self) -> Option<&VaultKey> {
        match &self.keys {
            EpochKeys::Root(key) => Some(key),
            EpochKeys::Old(_) | EpochKeys::Member(..) => None,
        }
    }

    /// Takes in `slot`, called `label`.
    pub(in crate::vault) fn take_in(&mut self, slot: Slot, label: &str, now: Timestamp) {
        self.profile.slots.push(SlotNote { id: slot.id(), label: label.into(), added: now });
        self.file.slots.push(slot);
    }

    /// Takes the slot called `id` out.
    pub(in crate::vault) fn take_out(&mut self, id: SlotId) {
        self.file.slots.retain(|slot| slot.id() != id);
        self.profile.slots.retain(|note| note.id != id);
    }
}

impl Vault {
    /// The header file as it is, with `acts` in its log.
    ///
    /// # Errors
    /// [`VaultError::Unlawful`], [`VaultError::ReadOnly`].
    pub(in crate::vault) fn begin_change(&self, acts: Vec<Act>) -> Result<Change, VaultError> {
        self.check_writable()?;
        let mut log = self.log.clone().ok_or(VaultError::ReadOnly)?;
        for act in acts {
            log.append(act, self.now(), self.signer.slot, &self.signer.identity, &*self.tools.entropy)?;
        }
        Ok(Change { file: self.file.clone(), log, profile: self.profile.clone(), keys: self.epoch_keys()? })
    }

    /// Writes what was changed; it is on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written. Nothing changes in here then: the next change writes the whole file.
    pub(in crate::vault) fn make_change(&mut self, mut change: Change) -> Result<(), VaultError> {
        let common = change.common();
        let profile = change.profile.clone().of_members(change.log.organization());
        self.sealer.write_organization(&mut change.file, &change.log, &profile, &*self.tools.entropy)?;
        self.home.replace_header(&change.file.encode_with(&common, &self.anchor)?)?;
        (self.file, self.profile, self.log) = (change.file, profile, Some(change.log));
        self.header_changes += 1;
        self.seated_as_of = self.header_changes;
        self.remember_organization();
        Ok(())
    }

    /// The keys of the epoch, from the grant of the slot that the member came through.
    pub(in crate::vault) fn epoch_keys(&self) -> Result<EpochKeys, VaultError> {
        let slot = self.my_slot().ok_or_else(|| VaultError::Damaged("the key slot is gone".into()))?;
        granted_keys(&self.file, slot, &self.signer.identity)
    }

    /// The slot that the member came through.
    pub(in crate::vault) fn my_slot(&self) -> Option<&Slot> {
        self.file.slots.iter().find(|slot| slot.id() == self.signer.slot)
    }

    /// Grants a new slot of the member who is in what they have themselves.
    pub(in crate::vault) fn grant_to(&self, slot: &mut Slot) -> Result<(), VaultError> {
        let (vault, epoch, entropy) = (self.file.vault, self.file.epoch, &*self.tools.entropy);
        match self.epoch_keys()? {
            EpochKeys::Root(root) => slot.grant_root(vault, epoch, &root, entropy)?,
            EpochKeys::Member(common, own) => slot.grant_member(vault, epoch, &common, &own, entropy)?,
            EpochKeys::Old(_) => return Err(VaultError::ReadOnly),
        }
        if let Some(personal) = self.sealer.chest().personal() {
            slot.grant_personal(vault, personal, entropy)?;
        }
        slot.set_hint(Slot::hint_of(vault, &self.member()?.name));
        Ok(())
    }

    /// Goes on with another key of the member who is in.
    pub(in crate::vault) fn take_seat(&mut self, (slot, identity): (SlotId, Identity)) {
        (self.signer.slot, self.signer.identity) = (slot, identity);
    }
}
