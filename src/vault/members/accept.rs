//! Accepting an invitation: it takes the code, and no key of the vault.

use crate::crypto::{
    Acceptance, Identity, InvitationCode, OpenedInvitation, PersonalKey, SealedInvitation, Slot, SlotSecret, VaultFile,
};
use crate::domain::{InvitationId, MemberId, SecretBytes};
use crate::vault::organization::Pin;
use crate::vault::passphrase::check_passphrase;
use crate::vault::report::{Progress, Step, Watch};
use crate::vault::unlock::WITH_MEMBERS;
use crate::vault::{Home, Tools, Vault, VaultError};

/// What an acceptance came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The invitation.
    pub invitation: InvitationId,
    /// Of the keys that were made.
    pub fingerprint: Box<str>,
}

impl Vault {
    /// Accepts the invitation to the vault in `home` that `code` opens: makes a member's keys under `passphrase`, and hands
    /// them in. Nobody learns the passphrase. The membership log's foundation, as the code names it, is pinned.
    ///
    /// # Errors
    /// [`VaultError::NoVault`], [`VaultError::WrongCode`], [`VaultError::Invalid`] for `code` (also when it was used before)
    /// or `passphrase`, or that it cannot be written.
    pub fn accept(
        home: &mut dyn Home,
        code: &SecretBytes,
        passphrase: &SecretBytes,
        tools: &Tools,
        watch: Watch<'_>,
    ) -> Result<Accepted, VaultError> {
        let code = InvitationCode::parse(code.expose());
        let code = code.map_err(|error| VaultError::invalid("code", error.to_string()))?;
        check_passphrase(passphrase)?;
        let file = VaultFile::decode(&home.header()?.ok_or(VaultError::NoVault)?)?;
        let (sealed, opened) = find(&file, &code)?;
        if is_used(home, &file, sealed.id, &opened) {
            let cause = "It was used before. If that was not you, tell whoever invited you at once.";
            return Err(VaultError::invalid("code", cause));
        }
        watch(Progress { step: Step::DerivingKey, done: 0, total: 0 });
        let slot = new_slot(&file, &opened, passphrase, tools)?;
        let acceptance = Acceptance::create(file.vault, sealed.id, slot, &opened.identity, &*tools.entropy)?;
        home.put_acceptance(sealed.id, &acceptance.encode())?;
        pin(home, &file, &opened)?;
        Ok(Accepted { invitation: sealed.id, fingerprint: acceptance.fingerprint().into() })
    }
}

impl Vault {
    /// As [`Vault::accept`], to the vault that is open.
    ///
    /// # Errors
    /// As [`Vault::accept`].
    pub fn accept_here(
        &mut self,
        code: &SecretBytes,
        passphrase: &SecretBytes,
        watch: Watch<'_>,
    ) -> Result<Accepted, VaultError> {
        let tools = self.tools.clone();
        Self::accept(&mut *self.home, code, passphrase, &tools, watch)
    }
}

fn find<'f>(
    file: &'f VaultFile,
    code: &InvitationCode,
) -> Result<(&'f SealedInvitation, OpenedInvitation), VaultError> {
    if file.version() < WITH_MEMBERS {
        return Err(VaultError::WrongCode);
    }
    let open = |sealed: &'f SealedInvitation| Some((sealed, sealed.open(file.vault, code).ok()?));
    file.invitations.iter().find_map(open).ok_or(VaultError::WrongCode)
}

/// Whether somebody who had the code has handed something in already.
fn is_used(home: &dyn Home, file: &VaultFile, id: InvitationId, opened: &OpenedInvitation) -> bool {
    let handed_in = home.acceptances().into_iter().filter_map(|bytes| Acceptance::decode(&bytes).ok());
    let mut of_it = handed_in.filter(|one| one.invitation == id && one.vault == file.vault);
    of_it.any(|one| one.verify(opened.identity.public()).is_ok())
}

fn new_slot(
    file: &VaultFile,
    opened: &OpenedInvitation,
    passphrase: &SecretBytes,
    tools: &Tools,
) -> Result<Slot, VaultError> {
    let (vault, entropy) = (file.vault, &*tools.entropy);
    let mut member = MemberId([0; 16]);
    entropy.fill(&mut member.0)?;
    let (identity, personal) = (Identity::generate(entropy)?, PersonalKey::generate(entropy)?);
    let secret = SlotSecret::Passphrase(passphrase);
    let mut slot = Slot::create_for(vault, member, secret, tools.cost, &identity, &opened.anchor, entropy)?;
    slot.grant_personal(vault, &personal, entropy)?;
    Ok(slot)
}

/// Whoever invited says with the code in which organization: from here on it is that one, or none.
fn pin(home: &mut dyn Home, file: &VaultFile, opened: &OpenedInvitation) -> Result<(), VaultError> {
    if home.organization_pin(file.vault)?.is_some() {
        return Ok(());
    }
    home.remember_organization(file.vault, &Pin::to_foundation(opened.foundation).encode())
}
