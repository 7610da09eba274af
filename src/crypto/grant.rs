//! A grant: keys encrypted to one identity by HPKE (RFC 9180, with the
//! X-Wing, SHAKE256 and ChaCha20-Poly1305 suite of draft-ietf-hpke-pq).

use orion::hazardous::hpke::{MLKEM768_X25519_SHAKE256_CHACHA20 as Suite, ModeBase};
use orion::hazardous::kem::xwing::{CIPHERTEXT_SIZE, Ciphertext, ESEED_SIZE, EncapsulationKey, Eseed};

use super::aead::TAG_LEN;
use super::{Identity, PublicIdentity};
use crate::host::memory::Guarded;
use crate::host::{Entropy, EntropyError};

/// Why there is no grant, or why it does not open.
#[derive(Debug)]
pub(super) enum GrantError {
    Entropy(EntropyError),
    Refused,
}

/// Length of a grant of `secret` bytes: encapsulated key, then those bytes encrypted, with their tag.
pub(super) const fn granted_len(secret: usize) -> usize {
    CIPHERTEXT_SIZE + secret + TAG_LEN
}

/// Encrypts `secret` so that only the holder of `to` can read it, and only under the same `info`.
pub(super) fn make(
    to: &PublicIdentity,
    info: &[u8],
    secret: &[u8],
    entropy: &dyn Entropy,
) -> Result<Box<[u8]>, GrantError> {
    let mut seed = Guarded::<ESEED_SIZE>::zeroed();
    entropy.fill(&mut *seed).map_err(GrantError::Entropy)?;
    let to = EncapsulationKey::try_from(to.encapsulation()).map_err(|_| GrantError::Refused)?;
    let (mut sender, encapsulated) =
        ModeBase::<Suite>::new_sender_deterministic(&to, info, Eseed::from(*seed)).map_err(|_| GrantError::Refused)?;
    let mut grant = vec![0; granted_len(secret.len())];
    let (head, body) = grant.split_at_mut(CIPHERTEXT_SIZE);
    head.copy_from_slice(encapsulated.as_ref());
    sender.seal(secret, &[], body).map_err(|_| GrantError::Refused)?;
    Ok(grant.into())
}

/// The `N` secret bytes in `grant`, for the one that they were granted to.
pub(super) fn open<const N: usize>(identity: &Identity, info: &[u8], grant: &[u8]) -> Result<Guarded<N>, GrantError> {
    if grant.len() != granted_len(N) {
        return Err(GrantError::Refused);
    }
    let (head, body) = grant.split_at(CIPHERTEXT_SIZE);
    let encapsulated = Ciphertext::try_from(head).map_err(|_| GrantError::Refused)?;
    let mut recipient = ModeBase::<Suite>::new_recipient(&encapsulated, &identity.decapsulation(), info)
        .map_err(|_| GrantError::Refused)?;
    let mut secret = Guarded::zeroed();
    recipient.open(body, &[], &mut *secret).map_err(|_| GrantError::Refused)?;
    Ok(secret)
}
