//! The header file as the membership log wants it: who is granted which keys of an epoch.

use crate::crypto::{PersonalKey, PublicIdentity, Ring, SealedInvitation, Slot, ValuesKey, VaultFile, VaultKey};
use crate::domain::organization::{Grants, KeyState, Member, Organization, Permission, Reach, Role};
use crate::domain::{MemberId, SecretId};
use crate::host::Entropy;
use crate::vault::codec::encode_profile;
use crate::vault::organization::MembershipLog;
use crate::vault::record::Sealer;
use crate::vault::{Profile, VaultError};

/// What a header file of an epoch is made of.
pub(in crate::vault) struct HeaderParts<'a> {
    /// The key of the epoch.
    pub(in crate::vault) root: &'a VaultKey,
    /// Seals for it.
    pub(in crate::vault) sealer: &'a Sealer,
    /// Who is in the organization.
    pub(in crate::vault) log: &'a MembershipLog,
    /// The ways in; those that the log does not know are left out.
    pub(in crate::vault) slots: Vec<Slot>,
    /// What the notes on them say.
    pub(in crate::vault) profile: &'a Profile,
    /// Invitations that are open.
    pub(in crate::vault) invitations: Vec<SealedInvitation>,
    /// A new personal key, and whose.
    pub(in crate::vault) personal: Option<(MemberId, &'a PersonalKey)>,
}

impl HeaderParts<'_> {
    /// The header file.
    ///
    /// # Errors
    /// When there is no randomness, or it would be too large.
    pub(in crate::vault) fn build(self, entropy: &dyn Entropy) -> Result<VaultFile, VaultError> {
        let (vault, epoch) = (self.sealer.vault(), self.sealer.epoch());
        let (common, values) = (self.root.common(vault, epoch), self.root.values(vault, epoch));
        let organization = self.log.organization();
        let mut file = VaultFile::found(vault, epoch, &common);
        for mut slot in self.slots {
            let Some(member) = owner_of(organization, &slot) else { continue };
            if member.role.manages() {
                slot.grant_root(vault, epoch, self.root, entropy)?;
            } else {
                slot.grant_member(vault, epoch, &common, &values.member(member.id), entropy)?;
            }
            slot.set_hint(Slot::hint_of(vault, &member.name));
            if let Some((_, personal)) = self.personal.filter(|(owner, _)| *owner == member.id) {
                slot.grant_personal(vault, personal, entropy)?;
            }
            file.slots.push(slot);
        }
        for member in organization.members().filter(|member| member.is_present()) {
            set_ring(&mut file, member, &values, entropy)?;
        }
        file.invitations = self.invitations;
        file.invitations.retain(|sealed| organization.invitation(sealed.id).is_some());
        self.sealer.write_organization(&mut file, self.log, self.profile, entropy)?;
        Ok(file)
    }
}

impl Sealer {
    /// Puts the membership log and the profile into `file`.
    ///
    /// # Errors
    /// When there is no randomness, or they are too large.
    pub(in crate::vault) fn write_organization(
        &self,
        file: &mut VaultFile,
        log: &MembershipLog,
        profile: &Profile,
        entropy: &dyn Entropy,
    ) -> Result<(), VaultError> {
        file.log = self.seal_log(&log.encode(), entropy)?;
        file.profile = self.seal_profile(&encode_profile(profile), entropy)?;
        Ok(())
    }
}

/// The member whose slot it is, if the log knows it as theirs.
pub(in crate::vault) fn owner_of<'o>(organization: &'o Organization, slot: &Slot) -> Option<&'o Member> {
    let (owner, state) = organization.owner_of_key(slot.id())?;
    let public = PublicIdentity::from_bytes(&organization.public_keys(slot.id())?.0).ok()?;
    let is_theirs = state == KeyState::Present && owner == slot.member() && public == *slot.public();
    is_theirs.then(|| organization.member(owner)).flatten()
}

/// Puts the ring of `member` into `file`: the keys of the values that were shared with them.
pub(in crate::vault) fn set_ring(
    file: &mut VaultFile,
    member: &Member,
    values: &ValuesKey,
    entropy: &dyn Entropy,
) -> Result<(), VaultError> {
    let ring = (member.role == Role::Member).then(|| ring_of(&member.grants, values)).flatten();
    let own = values.member(member.id);
    let sealed = ring.map(|ring| ring.seal(&own, file.vault, file.epoch, member.id, entropy)).transpose()?;
    file.set_ring(member.id, sealed);
    Ok(())
}

fn ring_of(grants: &Grants, values: &ValuesKey) -> Option<Ring> {
    let needed = || Permission::ALL.into_iter().filter(|permission| permission.needs_value());
    if needed().any(|permission| grants.covers_all(permission)) {
        return Some(Ring::All(values.clone()));
    }
    let named = needed().filter_map(|permission| match grants.reach(permission) {
        Some(Reach::Named(secrets)) => Some(secrets.iter().copied()),
        Some(Reach::All) | None => None,
    });
    let named: std::collections::BTreeSet<SecretId> = named.flatten().collect();
    (!named.is_empty()).then(|| Ring::Named(named.into_iter().map(|id| (id, values.secret(id))).collect()))
}
