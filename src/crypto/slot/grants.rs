//! What is granted to a slot: the keys of one epoch, and the member's personal key.

use super::{Slot, SlotError};
use crate::crypto::grant::{self, granted_len};
use crate::crypto::wire::{Reader, WireError, Writer};
use crate::crypto::{CommonKey, Identity, Key, MemberKey, PersonalKey, VaultKey};
use crate::domain::VaultId;
use crate::host::Entropy;
use crate::host::memory::Guarded;

/// Length of a grant of one key.
pub(super) const ONE_LEN: usize = granted_len(Key::LEN);
/// Length of a grant of two.
pub(super) const TWO_LEN: usize = granted_len(2 * Key::LEN);

/// What a slot was granted for one epoch.
#[derive(Debug, Clone)]
pub enum Granted {
    /// The key that all others come from: an Account Holder's, or an Account Manager's.
    Root(VaultKey),
    /// What a Member has.
    Member {
        /// What all have.
        common: CommonKey,
        /// The member's own.
        member: MemberKey,
    },
}

/// The grant for one epoch, as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Grant {
    /// The vault key, in a file of a version without members.
    Old(Box<[u8]>),
    Root(Box<[u8]>),
    Member(Box<[u8]>),
}

impl Slot {
    /// Grants the vault key of `epoch` to this slot, in a file of a version without members, in the place of what was
    /// granted before. Needs no secret.
    ///
    /// # Errors
    /// [`SlotError::Entropy`]; [`SlotError::Damaged`] when the public key is none.
    pub fn grant(
        &mut self,
        vault: VaultId,
        epoch: u64,
        key: &VaultKey,
        entropy: &dyn Entropy,
    ) -> Result<(), SlotError> {
        let grant = grant::make(&self.public, &self.old_info(vault, epoch), key.expose(), entropy)?;
        self.grant = Some(Grant::Old(grant));
        Ok(())
    }

    /// The vault key that was granted for `epoch` in a file of a version without members. Check it with
    /// [`VaultFile::verify`](crate::crypto::VaultFile::verify): anybody can grant a key of their own.
    ///
    /// # Errors
    /// [`SlotError::NoGrant`]; [`SlotError::Damaged`] when the grant was changed, or made for another vault, epoch or slot.
    pub fn vault_key(&self, vault: VaultId, epoch: u64, identity: &Identity) -> Result<VaultKey, SlotError> {
        let Some(Grant::Old(sealed)) = &self.grant else { return Err(SlotError::NoGrant) };
        Ok(Key::from(grant::open(identity, &self.old_info(vault, epoch), sealed)?).into())
    }

    /// Grants the vault key of `epoch` to the slot of an Account Holder or Manager, in the place of what was granted for
    /// an epoch before. Needs no secret.
    ///
    /// # Errors
    /// As [`Slot::grant`].
    pub fn grant_root(
        &mut self,
        vault: VaultId,
        epoch: u64,
        key: &VaultKey,
        entropy: &dyn Entropy,
    ) -> Result<(), SlotError> {
        let info = self.epoch_info("strongroom 2 grant root", vault, epoch);
        self.grant = Some(Grant::Root(grant::make(&self.public, &info, key.expose(), entropy)?));
        Ok(())
    }

    /// Grants the keys of `epoch` to the slot of a Member, in the place of what was granted for an epoch before. Needs no
    /// secret.
    ///
    /// # Errors
    /// As [`Slot::grant`].
    pub fn grant_member(
        &mut self,
        vault: VaultId,
        epoch: u64,
        common: &CommonKey,
        member: &MemberKey,
        entropy: &dyn Entropy,
    ) -> Result<(), SlotError> {
        let mut both = Guarded::<{ 2 * Key::LEN }>::zeroed();
        both[..Key::LEN].copy_from_slice(common.expose());
        both[Key::LEN..].copy_from_slice(member.expose());
        let info = self.epoch_info("strongroom 2 grant member", vault, epoch);
        self.grant = Some(Grant::Member(grant::make(&self.public, &info, &*both, entropy)?));
        Ok(())
    }

    /// What was granted for `epoch`. Check it with [`VaultFile::verify_with`](crate::crypto::VaultFile::verify_with):
    /// anybody can grant keys of their own. Whether its member may have it, the membership log says.
    ///
    /// # Errors
    /// [`SlotError::NoGrant`]; [`SlotError::Damaged`] when the grant was changed, or made for another vault, epoch, member
    /// or slot, or to be another kind of grant.
    pub fn granted(&self, vault: VaultId, epoch: u64, identity: &Identity) -> Result<Granted, SlotError> {
        match &self.grant {
            Some(Grant::Root(sealed)) => {
                let info = self.epoch_info("strongroom 2 grant root", vault, epoch);
                Ok(Granted::Root(Key::from(grant::open(identity, &info, sealed)?).into()))
            }
            Some(Grant::Member(sealed)) => {
                let info = self.epoch_info("strongroom 2 grant member", vault, epoch);
                two_keys(&grant::open(identity, &info, sealed)?)
            }
            Some(Grant::Old(_)) | None => Err(SlotError::NoGrant),
        }
    }

    /// Grants the member's personal key to this slot, for all epochs. Needs no secret but that key.
    ///
    /// # Errors
    /// As [`Slot::grant`].
    pub fn grant_personal(
        &mut self,
        vault: VaultId,
        key: &PersonalKey,
        entropy: &dyn Entropy,
    ) -> Result<(), SlotError> {
        let info = self.info("strongroom 2 personal", vault);
        self.personal = Some(grant::make(&self.public, info.as_bytes(), key.expose(), entropy)?);
        Ok(())
    }

    /// The member's personal key; `None` when the slot was granted none.
    ///
    /// # Errors
    /// [`SlotError::Damaged`] when the grant was changed, or made for another vault, member or slot.
    pub fn personal(&self, vault: VaultId, identity: &Identity) -> Result<Option<PersonalKey>, SlotError> {
        let Some(sealed) = &self.personal else { return Ok(None) };
        let key = grant::open(identity, self.info("strongroom 2 personal", vault).as_bytes(), sealed)?;
        Ok(Some(Key::from(key).into()))
    }

    /// Takes away what was granted: that of the epoch and the personal key.
    pub fn take_grants_away(&mut self) {
        (self.grant, self.personal) = (None, None);
    }

    /// Writes what a file of a version without members says of the grant: there are no others.
    pub(super) fn write_old_grant(&self, to: &mut Writer) {
        let grant = match &self.grant {
            Some(Grant::Old(sealed)) => Some(&**sealed),
            _ => None,
        };
        write_optional(grant, to);
    }

    /// Writes the grants, but for an old one: that opens nothing in a file with members.
    pub(super) fn write_grants(&self, to: &mut Writer) {
        match &self.grant {
            None | Some(Grant::Old(_)) => to.u8(0),
            Some(Grant::Root(sealed)) => write_coded(1, sealed, to),
            Some(Grant::Member(sealed)) => write_coded(2, sealed, to),
        }
        write_optional(self.personal.as_deref(), to);
    }

    fn old_info(&self, vault: VaultId, epoch: u64) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.text("strongroom 1 grant");
        writer.raw(&vault.0);
        writer.u64(epoch);
        writer.raw(&self.member.0);
        writer.u8(self.kind().code());
        writer.as_bytes().to_vec()
    }

    fn epoch_info(&self, label: &str, vault: VaultId, epoch: u64) -> Vec<u8> {
        let mut writer = self.info(label, vault);
        writer.u64(epoch);
        writer.as_bytes().to_vec()
    }

    fn info(&self, label: &str, vault: VaultId) -> Writer {
        let mut writer = Writer::new();
        writer.text(label);
        writer.raw(&vault.0);
        writer.raw(&self.member.0);
        writer.u8(self.kind().code());
        writer.raw(&self.id().0);
        writer
    }
}

/// For those who forge slots.
#[cfg(test)]
impl Slot {
    /// Has what `other` was granted for an epoch.
    pub(crate) fn take_grant_of(&mut self, other: &Self) {
        self.grant.clone_from(&other.grant);
    }

    /// Has the personal key that `other` was granted.
    pub(crate) fn take_personal_of(&mut self, other: &Self) {
        self.personal.clone_from(&other.personal);
    }

    /// Has the keys of `other`, under its own lock.
    pub(crate) fn take_keys_of(&mut self, other: &Self) {
        self.public = other.public.clone();
    }

    /// Says that it is that of `member`.
    pub(crate) fn claim(&mut self, member: crate::domain::MemberId) {
        self.member = member;
    }

    /// Is opened with a passphrase, at `cost`.
    pub(crate) fn have_cost(&mut self, cost: crate::crypto::KdfCost) {
        self.lock = super::Lock::Passphrase { cost, salt: [7; crate::crypto::SALT_LEN] };
    }
}

fn two_keys(both: &Guarded<{ 2 * Key::LEN }>) -> Result<Granted, SlotError> {
    let (common, member) = both.split_first_chunk().ok_or(SlotError::Damaged)?;
    let member = member.first_chunk().ok_or(SlotError::Damaged)?;
    Ok(Granted::Member { common: Key::copy_of(common).into(), member: Key::copy_of(member).into() })
}

fn write_optional(sealed: Option<&[u8]>, to: &mut Writer) {
    match sealed {
        Some(sealed) => write_coded(1, sealed, to),
        None => to.u8(0),
    }
}

fn write_coded(code: u8, sealed: &[u8], to: &mut Writer) {
    to.u8(code);
    to.raw(sealed);
}

/// Reads what [`Slot::write_old_grant`] wrote.
pub(super) fn read_old(from: &mut Reader<'_>) -> Result<Option<Grant>, WireError> {
    Ok(read_personal(from)?.map(Grant::Old))
}

/// Reads the first of what [`Slot::write_grants`] wrote.
pub(super) fn read(from: &mut Reader<'_>) -> Result<Option<Grant>, WireError> {
    match from.u8()? {
        0 => Ok(None),
        1 => Ok(Some(Grant::Root(from.raw(ONE_LEN)?.into()))),
        2 => Ok(Some(Grant::Member(from.raw(TWO_LEN)?.into()))),
        _ => Err(WireError::UnknownCode),
    }
}

/// Reads the second.
pub(super) fn read_personal(from: &mut Reader<'_>) -> Result<Option<Box<[u8]>>, WireError> {
    Ok(if from.flag()? { Some(from.raw(ONE_LEN)?.into()) } else { None })
}
