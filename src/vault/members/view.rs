//! The organization as it is shown to whoever is in.

use crate::domain::organization::{Member, MemberView, Organization, OrganizationView, PermissionRequest};
use crate::domain::{MemberId, Scope, State};
use crate::vault::organization::fingerprint_of;
use crate::vault::{Vault, VaultError};

impl Vault {
    /// The organization: everybody sees who is in it; requests, one's own only unless one can grant them.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`] in a vault of an older format.
    pub fn organization(&self) -> Result<OrganizationView, VaultError> {
        let log = self.log.as_ref().ok_or(VaultError::ReadOnly)?;
        let organization = log.organization();
        let (me, manages) = (self.rights()?, self.manages());
        let mut members: Vec<MemberView> = organization.members().map(|member| self.member_view(member)).collect();
        members.sort_by(|a, b| {
            let order = |view: &MemberView| view.state != crate::domain::organization::MemberState::Active;
            order(a).cmp(&order(b)).then_with(|| a.name.cmp(&b.name))
        });
        let is_shown = |request: &&PermissionRequest| manages || request.member == self.me;
        Ok(OrganizationView {
            name: organization.name().into(),
            fingerprint: fingerprint_of(&log.foundation()).into(),
            me,
            members,
            invitations: self.invitation_views(organization),
            requests: self.documents.requests.iter().filter(is_shown).cloned().collect(),
            reseal_owed: organization.reseal_owed(),
        })
    }

    fn invitation_views(&self, organization: &Organization) -> Vec<crate::domain::organization::InvitationView> {
        organization.invitations().map(|invitation| self.invitation_view(invitation)).collect()
    }

    fn member_view(&self, member: &Member) -> MemberView {
        MemberView {
            id: member.id,
            name: member.name.clone(),
            role: member.role,
            state: member.state.clone(),
            since: member.since.clone(),
            uid: member.uid,
            grants: member.grants.clone(),
            keys: u32::try_from(member.keys.len()).unwrap_or(u32::MAX),
            personal: self.personal_of(member.id),
        }
    }

    /// How many personal secrets the member has that are not deleted.
    fn personal_of(&self, member: MemberId) -> u32 {
        let closed = self.closed.values().filter(|closed| closed.owner == member && closed.deleted.is_none()).count();
        let is_theirs = |header: &&std::sync::Arc<crate::domain::Header>| {
            header.scope == Scope::Personal && header.owner == member && !matches!(header.state, State::Deleted(_))
        };
        u32::try_from(closed + self.index.headers().filter(is_theirs).count()).unwrap_or(u32::MAX)
    }
}
