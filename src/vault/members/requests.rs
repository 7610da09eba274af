//! Permissions that were asked for.

use crate::crypto::wire::{Reader, WireError};
use crate::domain::organization::{Permission, PermissionRequest, Permissions, Reach, Unlawful, Whose};
use crate::domain::{MemberId, RequestId, SecretBytes, SecretId, Timestamp};
use crate::vault::codec::{CodecError, coded, read_list, reader, writer};
use crate::vault::documents::Document;
use crate::vault::{Vault, VaultError};

/// Most requests that are kept, and of one member.
const MOST: usize = 256;
const MOST_OF_ONE: usize = 32;

impl Vault {
    /// Asks for a permission, for `secret` or for all; asking again changes nothing.
    ///
    /// # Errors
    /// [`VaultError::Invalid`] when there is nothing to ask for, or too much was asked for already; [`VaultError::NotFound`];
    /// or that it cannot be written.
    pub fn ask_permission(
        &mut self,
        permission: Permission,
        secret: Option<SecretId>,
    ) -> Result<PermissionRequest, VaultError> {
        let invalid = |cause: &str| VaultError::invalid("permission", cause);
        let may = match secret {
            Some(id) => self.rights()?.may(permission, Whose::from(&*self.header(id)?)),
            None => self.rights()?.grants.covers_all(permission) || self.manages(),
        };
        if may {
            return Err(invalid("You have it already."));
        }
        if permission == Permission::Register && secret.is_some() {
            return Err(invalid("Ask to register for all secrets: it cannot be granted for one."));
        }
        let asked = &self.documents.requests;
        let is_same = |request: &&PermissionRequest| {
            (request.member, request.permission, request.secret) == (self.me, permission, secret)
        };
        if let Some(request) = asked.iter().find(is_same) {
            return Ok(request.clone());
        }
        let own = asked.iter().filter(|request| request.member == self.me).count();
        if asked.len() >= MOST || own >= MOST_OF_ONE {
            return Err(invalid("Too many are waiting: let an Account Holder or Manager answer them first."));
        }
        let mut id = RequestId([0; 5]);
        self.tools.entropy.fill(&mut id.0)?;
        let request = PermissionRequest { id, member: self.me, permission, secret, at: self.now() };
        let mut new = self.documents.clone();
        new.requests.push(request.clone());
        self.put_document(Document::Requests, new)?;
        Ok(request)
    }

    /// Grants what was asked for, or takes it off the list; whoever asked may take it off, too.
    ///
    /// # Errors
    /// [`VaultError::NoRequest`], and as [`Vault::grant`].
    pub fn answer_request(&mut self, id: RequestId, grant: bool) -> Result<(), VaultError> {
        let request = self.documents.requests.iter().find(|request| request.id == id).cloned();
        let request = request.filter(|request| request.member == self.me || self.manages());
        let PermissionRequest { member, permission, secret, .. } = request.ok_or(VaultError::NoRequest(id))?;
        if grant {
            let reach = secret.map_or(Reach::All, |secret| Reach::Named([secret].into()));
            match self.grant(member, Permissions::from_iter([permission]), &reach) {
                // It was granted in another way meanwhile.
                Err(VaultError::Unlawful(Unlawful::Nothing)) => {}
                granted => granted?,
            }
        }
        self.retain_requests(|request| request.id != id)
    }

    /// Takes what the member asked for off the list.
    pub(super) fn forget_requests_of(&mut self, member: MemberId) -> Result<(), VaultError> {
        self.retain_requests(|request| request.member != member)
    }

    fn retain_requests(&mut self, stays: impl Fn(&PermissionRequest) -> bool) -> Result<(), VaultError> {
        if self.documents.requests.iter().all(&stays) {
            return Ok(());
        }
        let mut new = self.documents.clone();
        new.requests.retain(stays);
        self.put_document(Document::Requests, new)
    }
}

/// The plaintext of `requests`.
pub(in crate::vault) fn encode_requests(requests: &[PermissionRequest]) -> SecretBytes {
    let mut to = writer();
    to.count(requests.len());
    for request in requests {
        to.raw(&request.id.0);
        to.raw(&request.member.0);
        to.u8(request.permission as u8);
        to.flag(request.secret.is_some());
        request.secret.iter().for_each(|secret| to.raw(&secret.0));
        to.i64(request.at.0);
    }
    to.into_secret()
}

/// The requests whose plaintext `bytes` are.
pub(in crate::vault) fn decode_requests(bytes: &[u8]) -> Result<Vec<PermissionRequest>, CodecError> {
    let mut from = reader(bytes)?;
    let requests = read_list(&mut from, 31, read_request)?;
    from.finish()?;
    Ok(requests)
}

fn read_request(from: &mut Reader<'_>) -> Result<PermissionRequest, WireError> {
    Ok(PermissionRequest {
        id: RequestId(from.array()?),
        member: MemberId(from.array()?),
        permission: coded(from, &Permission::ALL)?,
        secret: if from.flag()? { Some(SecretId(from.array()?)) } else { None },
        at: Timestamp(from.i64()?),
    })
}
