//! Inviting somebody, and admitting whoever accepted.

use crate::crypto::{Acceptance, Identity, InvitationCode, PublicIdentity, SealedInvitation, Slot, SlotKind};
use crate::domain::organization::{Act, Invitation, InvitationState, InvitationView, PublicKeys, Role, Tampering};
use crate::domain::text::check_name;
use crate::domain::{InvitationId, SecretBytes};
use crate::vault::report::{Credential, Watch};
use crate::vault::rewrite::key_of;
use crate::vault::{Vault, VaultError};

/// Most days that an invitation counts.
const MOST_DAYS: u16 = 90;

impl Vault {
    /// Invites somebody who will be called `name`; gives the one-time code in its written form, which is kept nowhere.
    ///
    /// # Errors
    /// [`VaultError::NotPermitted`], [`VaultError::Unlawful`], [`VaultError::Invalid`] for `name` or `days`, or that it
    /// cannot be written.
    pub fn invite(
        &mut self,
        name: &str,
        role: Role,
        uid: Option<u32>,
        days: u16,
    ) -> Result<(InvitationView, SecretBytes), VaultError> {
        self.permit_managing("invite members")?;
        check_name(name).map_err(|error| VaultError::invalid("name", error.to_string()))?;
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(VaultError::invalid("days", format!("Use 1 to {MOST_DAYS}.")));
        }
        let entropy = self.tools.entropy.clone();
        let mut id = InvitationId([0; 5]);
        entropy.fill(&mut id.0)?;
        let (code, identity) = (InvitationCode::generate(&*entropy)?, Identity::generate(&*entropy)?);
        let public = PublicKeys(identity.public().to_bytes());
        let expires = self.now().plus_days(i64::from(days));
        let act = Act::Invited { invitation: id, name: name.into(), role, uid, expires, public };
        let mut change = self.begin_change(vec![act])?;
        let foundation = change.log.foundation();
        let sealed =
            SealedInvitation::create(self.file.vault, id, &code, &identity, &self.anchor, &foundation, &*entropy)?;
        change.file.invitations.push(sealed);
        self.make_change(change)?;
        let invitation = self.invitation(id)?;
        Ok((self.invitation_view(&invitation), code.to_text()))
    }

    /// Lets the invitation `id` count no longer.
    ///
    /// # Errors
    /// [`VaultError::NoInvitation`], and as [`Vault::invite`].
    pub fn withdraw(&mut self, id: InvitationId) -> Result<(), VaultError> {
        self.permit_managing("withdraw invitations")?;
        self.invitation(id)?;
        let mut change = self.begin_change(vec![Act::Withdrawn(id)])?;
        change.file.invitations.retain(|sealed| sealed.id != id);
        self.make_change(change)?;
        self.home.remove_acceptance(id);
        Ok(())
    }

    /// Admits whoever accepted the invitation `id`: grants their key what their role has. `fingerprint` is what they read
    /// out; `current` is asked for as in [`Vault::change_passphrase`].
    ///
    /// # Errors
    /// [`VaultError::OtherFingerprint`]; [`VaultError::NoInvitation`] when there is none or nobody accepted it;
    /// [`VaultError::Tampered`] when what was handed in is not signed with the code; and as [`Vault::invite`].
    pub fn admit(
        &mut self,
        id: InvitationId,
        fingerprint: &str,
        current: Option<&Credential>,
        watch: Watch<'_>,
    ) -> Result<(), VaultError> {
        self.permit_managing("admit members")?;
        self.check_current(current, watch)?;
        let invitation = self.invitation(id)?;
        let acceptance = self.acceptance_of(&invitation)?.ok_or(VaultError::NoInvitation(id))?;
        if bare(&acceptance.fingerprint()) != bare(fingerprint) {
            return Err(VaultError::OtherFingerprint);
        }
        let mut slot = acceptance.slot().clone();
        let (vault, epoch, entropy) = (self.file.vault, self.file.epoch, &*self.tools.entropy);
        let act = Act::Admitted { invitation: id, member: slot.member(), key: key_of(&slot) };
        let mut change = self.begin_change(vec![act])?;
        let root = change.root().ok_or(VaultError::ReadOnly)?;
        if invitation.role.manages() {
            slot.grant_root(vault, epoch, root, entropy)?;
        } else {
            let own = root.values(vault, epoch).member(slot.member());
            slot.grant_member(vault, epoch, &change.common(), &own, entropy)?;
        }
        slot.set_hint(Slot::hint_of(vault, &invitation.name));
        change.take_in(slot, "", self.now());
        change.file.invitations.retain(|sealed| sealed.id != id);
        self.make_change(change)?;
        self.home.remove_acceptance(id);
        Ok(())
    }

    /// The invitation `id`, when it still counts.
    fn invitation(&self, id: InvitationId) -> Result<Invitation, VaultError> {
        let organization = self.log.as_ref().map(|log| log.organization());
        let found = organization.and_then(|organization| organization.invitation(id));
        found.cloned().ok_or(VaultError::NoInvitation(id))
    }

    /// What was handed in for `invitation`, signed with its code.
    fn acceptance_of(&self, invitation: &Invitation) -> Result<Option<Acceptance>, VaultError> {
        let handed_in = self.home.acceptances().into_iter().filter_map(|bytes| Acceptance::decode(&bytes).ok());
        let mut of_it = handed_in.filter(|one| one.invitation == invitation.id && one.vault == self.file.vault);
        let Some(acceptance) = of_it.next() else { return Ok(None) };
        let forged = |_| VaultError::Tampered(Tampering::BadSignature);
        let public = PublicIdentity::from_bytes(&invitation.public.0)
            .map_err(|_| VaultError::Tampered(Tampering::UnknownKey))?;
        acceptance.verify(&public).map_err(forged)?;
        // Only a passphrase lets a person in.
        let is_passphrase = acceptance.slot().kind() == SlotKind::Passphrase;
        if is_passphrase { Ok(Some(acceptance)) } else { Err(VaultError::Tampered(Tampering::Mixed)) }
    }

    /// `invitation` as it is shown.
    pub(super) fn invitation_view(&self, invitation: &Invitation) -> InvitationView {
        let state = match self.acceptance_of(invitation) {
            _ if !invitation.counts_at(self.now()) => InvitationState::Expired,
            Ok(None) => InvitationState::Open,
            Ok(Some(acceptance)) => InvitationState::Accepted { fingerprint: acceptance.fingerprint().into() },
            Err(_) => InvitationState::Forged,
        };
        InvitationView {
            id: invitation.id,
            name: invitation.name.clone(),
            role: invitation.role,
            uid: invitation.uid,
            made: invitation.made.clone(),
            expires: invitation.expires,
            state,
        }
    }
}

/// A fingerprint without what people put in between.
fn bare(fingerprint: &str) -> String {
    fingerprint.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}
