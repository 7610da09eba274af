//! The organization as its membership log makes it: what can be asked of it.

use std::collections::{BTreeMap, BTreeSet};

use super::members::Key;
use super::{Begun, Invitation, KeyState, Member, PublicKeys, Rights, Role};
use crate::domain::{InvitationId, MemberId, SlotId};

/// The fold of a membership log: begun by [`Organization::found`], and one [`Organization::take`] for each entry after.
///
/// It knows the rules, and no signature: that an entry is signed by the key that it names, whoever hands it in has looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    pub(super) name: Box<str>,
    /// Everybody who ever was a member, in the order in which they came.
    pub(super) members: Vec<Member>,
    /// Every key that there ever was: none comes back.
    pub(super) keys: BTreeMap<SlotId, Key>,
    /// Those that were neither used nor withdrawn, the oldest first.
    pub(super) invitations: Vec<Invitation>,
    /// The others: none comes back.
    pub(super) closed: BTreeSet<InvitationId>,
    /// The last epoch that was begun.
    pub(super) epoch: Option<Begun>,
    pub(super) reseal_owed: bool,
}

impl Organization {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Everybody who is or ever was a member, in the order in which they came.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.iter()
    }

    /// Who is a member.
    pub fn present(&self) -> impl Iterator<Item = &Member> {
        self.members().filter(|member| member.is_present())
    }

    /// The Account Holders. There is at least one.
    pub fn holders(&self) -> impl Iterator<Item = &Member> {
        self.present().filter(|member| member.role == Role::AccountHolder)
    }

    /// The member called `id`, also one who was removed.
    pub fn member(&self, id: MemberId) -> Option<&Member> {
        self.members().find(|member| member.id == id)
    }

    /// The present member of that name.
    pub fn by_name(&self, name: &str) -> Option<&Member> {
        self.present().find(|member| *member.name == *name)
    }

    /// What a present member may do.
    pub fn rights(&self, id: MemberId) -> Option<Rights> {
        self.member(id).filter(|member| member.is_present()).map(Member::rights)
    }

    /// Whose key it is or was, and whether it counts.
    pub fn owner_of_key(&self, slot: SlotId) -> Option<(MemberId, KeyState)> {
        self.keys.get(&slot).map(|key| (key.member, key.state))
    }

    /// What the key is checked with, also one that counts no longer.
    pub fn public_keys(&self, slot: SlotId) -> Option<&PublicKeys> {
        self.keys.get(&slot).map(|key| &key.public)
    }

    /// The invitation called `id`, when it was neither used nor withdrawn.
    pub fn invitation(&self, id: InvitationId) -> Option<&Invitation> {
        self.invitations().find(|invitation| invitation.id == id)
    }

    /// The invitations that were neither used nor withdrawn, the oldest first.
    pub fn invitations(&self) -> impl Iterator<Item = &Invitation> {
        self.invitations.iter()
    }

    /// The last epoch that was begun.
    pub fn epoch(&self) -> Option<Begun> {
        self.epoch
    }

    /// Whether somebody may do less since the last epoch was begun: a key or a member was removed, a permission was taken
    /// back, a role went down. Whoever can, seals everything anew.
    pub fn reseal_owed(&self) -> bool {
        self.reseal_owed
    }

    /// The names of those who can grant permissions, in their order.
    pub fn who_can_grant(&self) -> Vec<Box<str>> {
        let mut names: Vec<Box<str>> =
            self.present().filter(|member| member.role.manages()).map(|member| member.name.clone()).collect();
        names.sort_unstable();
        names
    }
}
