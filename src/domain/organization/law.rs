//! The rules of the membership log: which entry it takes.

use super::{
    Act, Grants, Invitation, KeyState, Member, MemberKey, Organization, Permission, Permissions, Reach, Role, Unlawful,
};
use crate::domain::text::check_name;
use crate::domain::{InvitationId, MemberId, SlotId, Timestamp};

impl Organization {
    /// Whether the log would take `act`, signed at `at` by the key `by`: asked before anything is signed.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(&self, act: &Act, by: SlotId, at: Timestamp) -> Result<(), Unlawful> {
        let author = self.author(by)?;
        match act {
            Act::Founded { .. } => Err(Unlawful::Foundation),
            Act::KeyAdded(key) => self.check_new_key(key),
            Act::KeyRemoved(slot) => check_key_removed(author, *slot),
            Act::Invited { invitation, name, role, uid, .. } => {
                needs(author, over(*role))?;
                self.check_invited(*invitation, name, *uid, at)
            }
            Act::Withdrawn(invitation) => self.check_invitation(author, *invitation).map(drop),
            Act::Admitted { invitation, member, key } => {
                let invitation = self.check_invitation(author, *invitation)?;
                self.check_admitted(invitation, *member, key, at)
            }
            Act::RoleChanged { member, role } => {
                needs(author, over(*role))?;
                self.check_role(self.managed(author, *member)?, *role)
            }
            Act::Granted { member, permissions, reach } => {
                check_grant(self.managed(author, *member)?, *permissions, reach, Grants::grant)
            }
            Act::Revoked { member, permissions, reach } => {
                check_grant(self.managed(author, *member)?, *permissions, reach, Grants::revoke)
            }
            Act::Removed(member) if *member == author.id => self.check_leaves(author),
            Act::Removed(member) => self.managed(author, *member).and_then(|member| self.check_leaves(member)),
            Act::Bound { member, uid } => self.check_bound(self.managed(author, *member)?, *uid),
            Act::EpochBegun { epoch, .. } => {
                needs(author, Role::AccountManager)?;
                self.check_epoch(*epoch)
            }
        }
    }

    /// The present member whose key `by` is.
    fn author(&self, by: SlotId) -> Result<&Member, Unlawful> {
        match self.owner_of_key(by) {
            Some((member, KeyState::Present)) => self.member(member).ok_or(Unlawful::UnknownKey),
            _ => Err(Unlawful::UnknownKey),
        }
    }

    /// The present member called `id`, about whom `author` may do something.
    fn managed(&self, author: &Member, id: MemberId) -> Result<&Member, Unlawful> {
        needs(author, Role::AccountManager)?;
        let member = self.member(id).filter(|member| member.is_present()).ok_or(Unlawful::NoMember)?;
        needs(author, over(member.role))?;
        Ok(member)
    }

    /// A key is named once and for ever, and is one member's.
    fn check_new_key(&self, key: &MemberKey) -> Result<(), Unlawful> {
        let known = self.keys.iter().any(|(slot, known)| *slot == key.slot || known.public == key.public);
        unless(known, Unlawful::Repeated)
    }

    fn check_invited(&self, id: InvitationId, name: &str, uid: Option<u32>, at: Timestamp) -> Result<(), Unlawful> {
        unless(self.closed.contains(&id) || self.invitation(id).is_some(), Unlawful::Repeated)?;
        check_name(name).map_err(|_| Unlawful::BadName)?;
        let invited = self.invitations().any(|other| *other.name == *name && other.counts_at(at));
        unless(invited || self.by_name(name).is_some(), Unlawful::NameTaken)?;
        self.check_uid(uid)
    }

    /// The invitation, which somebody of the author's role could have made.
    fn check_invitation(&self, author: &Member, id: InvitationId) -> Result<&Invitation, Unlawful> {
        needs(author, Role::AccountManager)?;
        let invitation = self.invitation(id).ok_or(Unlawful::NoInvitation)?;
        needs(author, over(invitation.role))?;
        Ok(invitation)
    }

    fn check_admitted(
        &self,
        invitation: &Invitation,
        member: MemberId,
        key: &MemberKey,
        at: Timestamp,
    ) -> Result<(), Unlawful> {
        unless(!invitation.counts_at(at), Unlawful::NoInvitation)?;
        unless(self.member(member).is_some(), Unlawful::Repeated)?;
        self.check_new_key(key)?;
        // Looked at again: while an invitation's time was over, or before a clock went back, somebody else may have got it.
        unless(self.by_name(&invitation.name).is_some(), Unlawful::NameTaken)?;
        self.check_uid(invitation.uid)
    }

    fn check_role(&self, member: &Member, role: Role) -> Result<(), Unlawful> {
        unless(member.role == role, Unlawful::Nothing)?;
        self.check_leaves(member)
    }

    /// Whether the organization can do without `member`, or without them in their role.
    fn check_leaves(&self, member: &Member) -> Result<(), Unlawful> {
        let is_last = member.role == Role::AccountHolder && self.holders().all(|holder| holder.id == member.id);
        unless(is_last, Unlawful::LastHolder)
    }

    fn check_bound(&self, member: &Member, uid: Option<u32>) -> Result<(), Unlawful> {
        unless(member.uid == uid, Unlawful::Nothing)?;
        self.check_uid(uid)
    }

    fn check_uid(&self, uid: Option<u32>) -> Result<(), Unlawful> {
        let taken = uid.is_some() && self.present().any(|member| member.uid == uid);
        unless(taken, Unlawful::UidTaken)
    }

    fn check_epoch(&self, epoch: u64) -> Result<(), Unlawful> {
        unless(self.epoch.is_some_and(|last| epoch <= last.epoch), Unlawful::Epoch)
    }
}

/// Whether a foundation by the key `by` is one.
pub(super) fn check_founded(organization: &str, name: &str, keys: &[MemberKey], by: SlotId) -> Result<(), Unlawful> {
    check_name(organization).and_then(|()| check_name(name)).map_err(|_| Unlawful::BadName)?;
    let repeats = |(n, key): (usize, &MemberKey)| {
        keys[..n].iter().any(|other| other.slot == key.slot || other.public == key.public)
    };
    unless(keys.iter().enumerate().any(repeats), Unlawful::Repeated)?;
    unless(keys.iter().all(|key| key.slot != by), Unlawful::UnknownKey)
}

fn check_key_removed(author: &Member, slot: SlotId) -> Result<(), Unlawful> {
    unless(!author.keys.contains(&slot) || author.keys.len() == 1, Unlawful::Key)
}

/// Whether `change` (to grant, or to revoke) is for a Member, and changes anything.
fn check_grant(
    member: &Member,
    permissions: Permissions,
    reach: &Reach,
    change: impl Fn(&mut Grants, Permissions, &Reach) -> bool,
) -> Result<(), Unlawful> {
    unless(member.role.manages(), Unlawful::NeedsNoGrant)?;
    unless(permissions.has(Permission::Register) && *reach != Reach::All, Unlawful::RegisterNamed)?;
    let changes = change(&mut member.grants.clone(), permissions, reach);
    unless(!changes, Unlawful::Nothing)
}

/// The role that it takes to do anything about somebody who is, or shall be, `role`.
fn over(role: Role) -> Role {
    if role == Role::AccountHolder { Role::AccountHolder } else { Role::AccountManager }
}

/// Refuses an author who is less than `role`.
fn needs(author: &Member, role: Role) -> Result<(), Unlawful> {
    unless(author.role > role, Unlawful::NeedsRole(role))
}

fn unless(broken: bool, rule: Unlawful) -> Result<(), Unlawful> {
    if broken { Err(rule) } else { Ok(()) }
}
