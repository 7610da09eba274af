//! A grant: the vault key of one epoch, encrypted to one identity by HPKE (RFC 9180, with the
//! X-Wing, SHAKE256 and ChaCha20-Poly1305 suite of draft-ietf-hpke-pq).

use orion::hazardous::hpke::{MLKEM768_X25519_SHAKE256_CHACHA20 as Suite, ModeBase};
use orion::hazardous::kem::xwing::{CIPHERTEXT_SIZE, Ciphertext, ESEED_SIZE, EncapsulationKey, Eseed};

use super::aead::TAG_LEN;
use super::{Identity, Key, PublicIdentity, VaultKey};
use crate::host::memory::Guarded;
use crate::host::{Entropy, EntropyError};

/// Encapsulated key, then the encrypted vault key with its tag.
pub(super) const GRANT_LEN: usize = CIPHERTEXT_SIZE + Key::LEN + TAG_LEN;

/// Why there is no grant, or why it does not open.
#[derive(Debug)]
pub(super) enum GrantError {
    Entropy(EntropyError),
    Refused,
}

/// Encrypts `key` so that only the holder of `to` can read it, and only under the same `info`.
pub(super) fn make(
    to: &PublicIdentity,
    info: &[u8],
    key: &VaultKey,
    entropy: &dyn Entropy,
) -> Result<[u8; GRANT_LEN], GrantError> {
    let mut seed = Guarded::<ESEED_SIZE>::zeroed();
    entropy.fill(&mut *seed).map_err(GrantError::Entropy)?;
    let to = EncapsulationKey::try_from(to.encapsulation()).map_err(|_| GrantError::Refused)?;
    let (mut sender, encapsulated) =
        ModeBase::<Suite>::new_sender_deterministic(&to, info, Eseed::from(*seed)).map_err(|_| GrantError::Refused)?;
    let mut grant = [0; GRANT_LEN];
    let (head, body) = grant.split_at_mut(CIPHERTEXT_SIZE);
    head.copy_from_slice(encapsulated.as_ref());
    sender.seal(key.expose(), &[], body).map_err(|_| GrantError::Refused)?;
    Ok(grant)
}

/// The vault key in `grant`, for the one that it was granted to.
pub(super) fn open(identity: &Identity, info: &[u8], grant: &[u8; GRANT_LEN]) -> Result<VaultKey, GrantError> {
    let (head, body) = grant.split_at(CIPHERTEXT_SIZE);
    let encapsulated = Ciphertext::try_from(head).map_err(|_| GrantError::Refused)?;
    let mut recipient = ModeBase::<Suite>::new_recipient(&encapsulated, &identity.decapsulation(), info)
        .map_err(|_| GrantError::Refused)?;
    let key = Key::filled(|key| recipient.open(body, &[], key)).map_err(|_| GrantError::Refused)?;
    Ok(VaultKey::from(key))
}
