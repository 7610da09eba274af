//! The requests about the organization.

use super::{Answer, Service, Watch};
use crate::domain::SecretBytes;
use crate::service::request::{DoorError, Request, Response};
use crate::vault::{Accepted, Vault};

impl Service {
    /// Carries out what is about members, their rights and what they ask for.
    pub(super) fn of_the_organization(&mut self, request: Request, watch: Watch<'_>) -> Answer {
        match request {
            Request::Organization => {}
            Request::Invite { name, role, uid, days } => {
                let (invitation, code) = self.open_mut()?.invite(&name, role, uid, days)?;
                return Ok(Response::Invited { invitation, code });
            }
            Request::Withdraw(id) => self.open_mut()?.withdraw(id)?,
            Request::Accept { code, passphrase } => return self.accept(&code, &passphrase, watch),
            Request::Admit { invitation, fingerprint, current } => {
                let admit = |door: &mut Self| door.open_mut()?.admit(invitation, &fingerprint, current.as_ref(), watch);
                self.with_guess(current.as_ref(), admit)?;
            }
            Request::ChangeRole { member, role, current } => {
                let change = |door: &mut Self| door.open_mut()?.change_role(member, role, current.as_ref(), watch);
                self.with_guess(current.as_ref(), change)?;
            }
            Request::Grant { member, permissions, reach } => self.open_mut()?.grant(member, permissions, &reach)?,
            Request::Revoke { member, permissions, reach } => {
                self.open_mut()?.revoke(member, permissions, &reach, watch)?;
            }
            Request::BindMember { member, uid } => self.open_mut()?.bind(member, uid)?,
            Request::RemoveMember { member, current } => {
                let remove = |door: &mut Self| door.open_mut()?.remove_member(member, current.as_ref(), watch);
                let to_rotate = self.with_guess(current.as_ref(), remove)?;
                return Ok(Response::MemberRemoved { to_rotate });
            }
            Request::AskPermission { permission, secret } => {
                return Ok(Response::Asked(self.open_mut()?.ask_permission(permission, secret)?));
            }
            Request::AnswerRequest { id, grant } => self.open_mut()?.answer_request(id, grant)?,
            _ => return Err(DoorError::System("this is no request about the organization".into())),
        }
        Ok(Response::Organization(Box::new(self.open()?.organization()?)))
    }

    /// Nobody has to be in for that: the code is what counts. It is guessed at no faster than a passphrase.
    fn accept(&mut self, code: &SecretBytes, passphrase: &SecretBytes, watch: Watch<'_>) -> Answer {
        let Accepted { invitation, fingerprint } = self.with_code(code, |door| match &mut door.vault {
            Some(vault) => vault.accept_here(code, passphrase, watch),
            None => Vault::accept(&mut *door.home()?, code, passphrase, &door.tools, watch),
        })?;
        Ok(Response::Accepted { invitation, fingerprint })
    }
}
