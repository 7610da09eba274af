//! Permissions that were asked for.

use crate::crypto::wire::{Reader, WireError};
use crate::domain::organization::{Permission, PermissionRequest};
use crate::domain::{MemberId, RequestId, SecretBytes, SecretId, Timestamp};
use crate::vault::codec::{CodecError, coded, read_list, reader, writer};

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
