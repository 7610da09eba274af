//! What each entry of the membership log makes of the organization.

use std::collections::{BTreeMap, BTreeSet};

use super::law::check_founded;
use super::members::Key;
use super::{
    Act, Begun, Entry, Grants, Invitation, KeyState, Member, MemberKey, MemberState, Organization, Role, Unlawful,
};
use crate::domain::{InvitationId, MemberId, SlotId, Stamp};

impl Organization {
    /// The organization that a log with this first entry begins.
    ///
    /// # Errors
    /// [`Unlawful::Foundation`] when it is none, or the rule that it breaks.
    pub fn found(entry: &Entry) -> Result<Self, Unlawful> {
        let Act::Founded { organization, member, name, keys } = &entry.act else { return Err(Unlawful::Foundation) };
        check_founded(organization, name, keys, entry.by)?;
        let founder = Member {
            id: *member,
            name: name.clone(),
            role: Role::AccountHolder,
            state: MemberState::Active,
            since: Stamp { at: entry.at, by: (**name).into() },
            uid: None,
            grants: Grants::default(),
            keys: Vec::new(),
        };
        let mut founded = Self {
            name: organization.clone(),
            members: vec![founder],
            keys: BTreeMap::new(),
            invitations: Vec::new(),
            closed: BTreeSet::new(),
            epoch: None,
            reseal_owed: false,
        };
        keys.iter().for_each(|key| founded.add_key(*member, key));
        Ok(founded)
    }

    /// Takes the next entry of the log.
    ///
    /// # Errors
    /// The rule that it breaks, as [`Organization::check`] has it: nothing is changed then.
    pub fn take(&mut self, entry: &Entry) -> Result<(), Unlawful> {
        self.check(&entry.act, entry.by, entry.at)?;
        if let Some((author, stamp)) = self.stamp(entry) {
            self.apply(&entry.act, author, stamp);
        }
        Ok(())
    }

    fn stamp(&self, entry: &Entry) -> Option<(MemberId, Stamp)> {
        let (author, _) = self.owner_of_key(entry.by)?;
        let name = &self.member(author)?.name;
        Some((author, Stamp { at: entry.at, by: (**name).into() }))
    }

    /// Does what was found lawful.
    fn apply(&mut self, act: &Act, author: MemberId, stamp: Stamp) {
        match act {
            // It only ever begins a log.
            Act::Founded { .. } => {}
            Act::KeyAdded(key) => self.add_key(author, key),
            Act::KeyRemoved(slot) => self.remove_key(*slot),
            Act::Invited { invitation, name, role, uid, expires, public } => self.invitations.push(Invitation {
                id: *invitation,
                name: name.clone(),
                role: *role,
                uid: *uid,
                made: stamp,
                expires: *expires,
                public: public.clone(),
            }),
            Act::Withdrawn(invitation) => drop(self.close(*invitation)),
            Act::Admitted { invitation, member, key } => self.admit(*invitation, *member, key, stamp),
            Act::RoleChanged { member, role } => self.change_role(*member, *role),
            Act::Granted { member, permissions, reach } => {
                self.change(*member, |member| {
                    member.grants.grant(*permissions, reach);
                });
            }
            Act::Revoked { member, permissions, reach } => {
                self.change(*member, |member| {
                    member.grants.revoke(*permissions, reach);
                });
                self.reseal_owed = true;
            }
            Act::Removed(member) => self.remove(*member, stamp),
            Act::Bound { member, uid } => self.change(*member, |member| member.uid = *uid),
            Act::EpochBegun { epoch, key, taken_over } => {
                self.epoch = Some(Begun { epoch: *epoch, key: *key, taken_over: *taken_over, by: author });
                self.reseal_owed = false;
            }
        }
    }

    fn change(&mut self, id: MemberId, change: impl FnOnce(&mut Member)) {
        if let Some(member) = self.members.iter_mut().find(|member| member.id == id) {
            change(member);
        }
    }

    fn add_key(&mut self, member: MemberId, key: &MemberKey) {
        let added = Key { member, public: key.public.clone(), state: KeyState::Present };
        self.keys.insert(key.slot, added);
        self.change(member, |member| member.keys.push(key.slot));
    }

    fn remove_key(&mut self, slot: SlotId) {
        let epoch = self.epoch.map_or(0, |begun| begun.epoch);
        if let Some(key) = self.keys.get_mut(&slot) {
            key.state = KeyState::RemovedSince(epoch);
            let member = key.member;
            self.change(member, |member| member.keys.retain(|other| *other != slot));
        }
        self.reseal_owed = true;
    }

    /// The invitation, which counts no longer.
    fn close(&mut self, id: InvitationId) -> Option<Invitation> {
        let at = self.invitations.iter().position(|invitation| invitation.id == id)?;
        self.closed.insert(id);
        Some(self.invitations.remove(at))
    }

    fn admit(&mut self, invitation: InvitationId, id: MemberId, key: &MemberKey, since: Stamp) {
        let Some(Invitation { name, role, uid, .. }) = self.close(invitation) else { return };
        let state = MemberState::Active;
        let grants = Grants::default();
        self.members.push(Member { id, name, role, state, since, uid, grants, keys: Vec::new() });
        self.add_key(id, key);
    }

    /// Grants do not outlast a role: Account Holders and Managers need none, and whoever becomes a Member begins with none.
    fn change_role(&mut self, id: MemberId, role: Role) {
        self.reseal_owed |= self.member(id).is_some_and(|member| member.role < role);
        self.change(id, |member| {
            member.role = role;
            member.grants = Grants::default();
        });
    }

    fn remove(&mut self, id: MemberId, stamp: Stamp) {
        let keys = self.member(id).map(|member| member.keys.clone()).unwrap_or_default();
        keys.into_iter().for_each(|slot| self.remove_key(slot));
        self.change(id, |member| member.state = MemberState::Removed(stamp));
        self.reseal_owed = true;
    }
}
