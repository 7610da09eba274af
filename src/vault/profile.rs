//! Whose vault it is: sealed inside `vault.header`, so that no name is on the disk in plain.

use crate::domain::organization::{self, Organization, Role};
use crate::domain::{MemberId, SlotId, Timestamp};

/// A person who can open the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who, whatever the name becomes.
    pub id: MemberId,
    /// The name that stamps carry.
    pub name: Box<str>,
    /// What they may do.
    pub role: Role,
}

/// What is known of a key slot besides what lies in the open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotNote {
    /// The slot.
    pub id: SlotId,
    /// What it was said to be for; may be empty.
    pub label: Box<str>,
    /// When it was made.
    pub added: Timestamp,
}

/// The organization and its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The organization's name.
    pub organization: Box<str>,
    /// Everybody with a key slot.
    pub members: Vec<Member>,
    /// Notes on the key slots; none on those that an older version made.
    pub slots: Vec<SlotNote>,
}

impl Profile {
    /// The member called `id`.
    pub fn member(&self, id: MemberId) -> Option<&Member> {
        self.members.iter().find(|member| member.id == id)
    }

    /// What is noted of the slot called `id`.
    pub fn note(&self, id: SlotId) -> Option<&SlotNote> {
        self.slots.iter().find(|note| note.id == id)
    }

    /// This profile with the members that `organization` knows: what it said of them itself does not count.
    pub(super) fn of_members(self, organization: &Organization) -> Self {
        let member =
            |member: &organization::Member| Member { id: member.id, name: member.name.clone(), role: member.role };
        let members = organization.members().map(member).collect();
        Self { organization: organization.name().into(), members, slots: self.slots }
    }

    /// This profile with notes on `present` alone: those that there are, and for the slots in `new` that they were made at
    /// `now`.
    pub(super) fn noting(&self, present: &[SlotId], new: &[SlotId], now: Timestamp) -> Self {
        let note = |id: &SlotId| {
            let made_now = || new.contains(id).then(|| SlotNote { id: *id, label: "".into(), added: now });
            self.note(*id).cloned().or_else(made_now)
        };
        Self { slots: present.iter().filter_map(note).collect(), ..self.clone() }
    }
}
