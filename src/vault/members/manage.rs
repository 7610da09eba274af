//! Roles, grants, and the end of a membership.

use std::collections::BTreeMap;

use super::header::set_ring;
use crate::domain::audit::{Action, AuditQuery, Event, Outcome, Subject};
use crate::domain::organization::{Act, Member, Organization, Permission, Permissions, Reach, Role, ToRotate};
use crate::domain::{Header, MemberId, Scope, SecretId, Timestamp};
use crate::vault::chest::Chest;
use crate::vault::report::{Credential, Watch};
use crate::vault::rewrite::{Earlier, Kept, Old, Renewal};
use crate::vault::signed::Held;
use crate::vault::unlock::EpochKeys;
use crate::vault::{Vault, VaultError};

impl Vault {
    /// Gives the member another role. What they may do more takes effect at once; so that they have no key any more of what
    /// they may no longer do, everything is sealed anew. `current` is asked for as in [`Vault::change_passphrase`].
    ///
    /// # Errors
    /// [`VaultError::NotPermitted`], [`VaultError::NoMember`], [`VaultError::Unlawful`], [`VaultError::WrongCredential`], or
    /// that it cannot be written.
    pub fn change_role(
        &mut self,
        id: MemberId,
        role: Role,
        current: Option<&Credential>,
        watch: Watch<'_>,
    ) -> Result<(), VaultError> {
        self.permit_managing("change roles")?;
        self.check_current(current, watch)?;
        let had = self.organization_member(id)?.role;
        let act = Act::RoleChanged { member: id, role };
        match (had, role) {
            _ if id == self.me && !role.manages() => self.step_down(act),
            (Role::Member, _) => self.raise(id, act),
            _ => {
                let slots = self.file.slots.clone();
                self.rewrite(Renewal { slots, acts: vec![act], seat: None }, &|_| true, Old::Removed, watch)
            }
        }
    }

    /// The member holds all keys from now on.
    fn raise(&mut self, id: MemberId, act: Act) -> Result<(), VaultError> {
        let (vault, epoch) = (self.file.vault, self.file.epoch);
        let mut change = self.begin_change(vec![act])?;
        let root = change.root().ok_or(VaultError::ReadOnly)?.clone();
        for slot in change.file.slots.iter_mut().filter(|slot| slot.member() == id) {
            slot.grant_root(vault, epoch, &root, &*self.tools.entropy)?;
        }
        change.file.set_ring(id, None);
        self.make_change(change)
    }

    /// Whoever is in manages the organization no longer: the key of the epoch is somebody else's to replace.
    fn step_down(&mut self, act: Act) -> Result<(), VaultError> {
        let (vault, epoch, me) = (self.file.vault, self.file.epoch, self.me);
        let mut change = self.begin_change(vec![act])?;
        let root = change.root().ok_or(VaultError::ReadOnly)?.clone();
        let (common, own) = (root.common(vault, epoch), root.values(vault, epoch).member(me));
        for slot in change.file.slots.iter_mut().filter(|slot| slot.member() == me) {
            slot.grant_member(vault, epoch, &common, &own, &*self.tools.entropy)?;
        }
        change.keys = EpochKeys::Member(common, own.clone());
        self.make_change(change)?;
        let personal = self.sealer.chest().personal().cloned();
        self.known.hold(me, Held::of(epoch, Some(&own), personal.as_ref()));
        self.sealer.take_chest(Chest::of_ring(me, own, None, personal));
        Ok(())
    }

    /// Lets a Member do more.
    ///
    /// # Errors
    /// As [`Vault::change_role`]; [`VaultError::NotFound`] for a secret that is not one of the organization.
    pub fn grant(&mut self, id: MemberId, permissions: Permissions, reach: &Reach) -> Result<(), VaultError> {
        self.permit_managing("grant permissions")?;
        self.organization_member(id)?;
        self.check_reach(reach)?;
        self.adopt_registered()?;
        let act = Act::Granted { member: id, permissions, reach: reach.clone() };
        let mut change = self.begin_change(vec![act])?;
        let values = change.root().ok_or(VaultError::ReadOnly)?.values(self.file.vault, self.file.epoch);
        let member = change.log.organization().member(id).cloned().ok_or_else(|| no_member(id))?;
        set_ring(&mut change.file, &member, &values, &*self.tools.entropy)?;
        self.make_change(change)
    }

    /// Lets a Member do less, and seals everything anew: what they had a key of they have no longer.
    ///
    /// # Errors
    /// As [`Vault::change_role`].
    pub fn revoke(
        &mut self,
        id: MemberId,
        permissions: Permissions,
        reach: &Reach,
        watch: Watch<'_>,
    ) -> Result<(), VaultError> {
        self.permit_managing("revoke permissions")?;
        self.organization_member(id)?;
        let (slots, act) = (self.file.slots.clone(), Act::Revoked { member: id, permissions, reach: reach.clone() });
        self.rewrite(Renewal { slots, acts: vec![act], seat: None }, &|_| true, Old::Removed, watch)
    }

    /// Binds a member to the Unix user `uid`, or to none.
    ///
    /// # Errors
    /// As [`Vault::change_role`].
    pub fn bind(&mut self, id: MemberId, uid: Option<u32>) -> Result<(), VaultError> {
        self.permit_managing("bind members to users")?;
        self.organization_member(id)?;
        let change = self.begin_change(vec![Act::Bound { member: id, uid }])?;
        self.make_change(change)
    }

    /// Removes a member, and the personal secrets that nobody else can open; seals everything anew. Gives what they could
    /// have read. `current` is asked for as in [`Vault::change_passphrase`].
    ///
    /// # Errors
    /// As [`Vault::change_role`]; [`VaultError::Invalid`] for oneself.
    pub fn remove_member(
        &mut self,
        id: MemberId,
        current: Option<&Credential>,
        watch: Watch<'_>,
    ) -> Result<Vec<ToRotate>, VaultError> {
        self.permit_managing("remove members")?;
        self.check_current(current, watch)?;
        let member = self.organization_member(id)?.clone();
        if id == self.me {
            return Err(VaultError::invalid("member", "Ask another Account Holder or Manager to remove you."));
        }
        let to_rotate = self.readable_by(&member)?;
        let slots = self.file.slots.iter().filter(|slot| slot.member() != id).cloned().collect();
        let withdrawn = self.invitations_by(&member).into_iter().map(Act::Withdrawn);
        let acts = withdrawn.chain([Act::Removed(id)]).collect();
        let own = self.index.headers().cloned().collect();
        let closed = self.closed.values().filter(|closed| closed.owner != id).map(|closed| closed.id).collect();
        let kept = Kept { own, closed, more: None, documents: self.documents.clone(), earlier: Earlier::All };
        self.rewrite_of(Renewal { slots, acts, seat: None }, &kept, Old::Removed, watch)?;
        self.forget_requests_of(id)?;
        Ok(to_rotate)
    }

    /// The secrets of the organization whose values `member` could have read, by name.
    fn readable_by(&mut self, member: &Member) -> Result<Vec<ToRotate>, VaultError> {
        let deliveries = self.deliveries_to(&member.name)?;
        let rights = member.rights();
        let could = |header: &Header| {
            let is_known = header.owner == member.id || deliveries.contains_key(&header.id);
            let may = |permission| rights.may(permission, header.into());
            is_known || Permission::ALL.into_iter().filter(|one| one.needs_value()).any(may)
        };
        let living = |header: &Header| header.scope == Scope::Organization && !header.parts.is_empty();
        let readable = self.index.headers().filter(|header| living(header) && could(header));
        let mut to_rotate: Vec<ToRotate> = readable
            .map(|header| ToRotate {
                id: header.id,
                name: header.name.clone(),
                last_delivered: deliveries.get(&header.id).copied(),
            })
            .collect();
        to_rotate.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(to_rotate)
    }

    /// When each secret was last handed to the member called `name`.
    fn deliveries_to(&mut self, name: &str) -> Result<BTreeMap<SecretId, Timestamp>, VaultError> {
        let mut last = BTreeMap::new();
        for event in self.audit(&AuditQuery::default())? {
            if let (Some(id), true) = (delivered(&event), *event.member == *name) {
                last.insert(id, event.at);
            }
        }
        Ok(last)
    }

    fn invitations_by(&self, member: &Member) -> Vec<crate::domain::InvitationId> {
        let organization = self.log.as_ref().map(|log| log.organization());
        let invitations = organization.into_iter().flat_map(Organization::invitations);
        invitations.filter(|invitation| *invitation.made.by == *member.name).map(|invitation| invitation.id).collect()
    }

    /// The member `id`, who is one still.
    pub(super) fn organization_member(&self, id: MemberId) -> Result<&Member, VaultError> {
        let organization = self.log.as_ref().map(|log| log.organization());
        let member = organization.and_then(|organization| organization.member(id));
        member.filter(|member| member.is_present()).ok_or_else(|| no_member(id))
    }

    fn check_reach(&self, reach: &Reach) -> Result<(), VaultError> {
        let Reach::Named(secrets) = reach else { return Ok(()) };
        let is_shared = |id: &SecretId| self.index.get(*id).is_some_and(|header| header.scope == Scope::Organization);
        if secrets.iter().all(is_shared) { Ok(()) } else { Err(VaultError::NotFound) }
    }
}

fn no_member(id: MemberId) -> VaultError {
    VaultError::NoMember(id.to_string().into())
}

/// The secret that was handed over, when the event is that.
fn delivered(event: &Event) -> Option<SecretId> {
    match (event.action, &event.subject, &event.outcome) {
        (Action::Delivered(_), Some(Subject::Secret { id, .. }), Outcome::Done | Outcome::AllowedExpired) => *id,
        _ => None,
    }
}
