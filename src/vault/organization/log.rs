//! The membership log: every entry with its signature, and the organization that they make.
//!
//! An entry is verified when this machine sees it first. Its hash is then pinned, and with it all before: those signatures
//! are not verified again. (One takes 0.12 ms; what the entries do is looked at each time.)

use super::codec;
use super::pin::Pin;
use crate::crypto::wire::{Reader, WireError, Writer};
use crate::crypto::{Identity, PublicIdentity, SIGNATURE_LEN, Signature, SignatureContext, digest};
use crate::domain::organization::{Act, Entry, Organization, Tampering, Unlawful};
use crate::domain::{SecretBytes, SlotId, Timestamp, VaultId};
use crate::host::Entropy;
use crate::vault::VaultError;

const VERSION: u8 = 1;

/// An entry as it is stored.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    pub(super) entry: Entry,
    /// What is signed, without the vault.
    bytes: SecretBytes,
    signature: Signature,
    /// Of the bytes and the signature.
    hash: [u8; 32],
}

/// The membership log of one vault. It has at least its foundation.
#[derive(Debug, Clone)]
pub struct MembershipLog {
    vault: VaultId,
    foundation: [u8; 32],
    head: [u8; 32],
    signed: Vec<Signed>,
    organization: Organization,
}

impl MembershipLog {
    /// The log of a new organization: `act` is [`Act::Founded`], and `by` one of the keys in it, that of `identity`.
    ///
    /// # Errors
    /// [`VaultError::Unlawful`], [`VaultError::Damaged`] for a public key that is none, or no randomness.
    pub fn found(
        vault: VaultId,
        act: Act,
        at: Timestamp,
        by: SlotId,
        identity: &Identity,
        entropy: &dyn Entropy,
    ) -> Result<Self, VaultError> {
        let entry = Entry { number: 0, previous: [0; 32], at, by, act };
        let organization = Organization::found(&entry)?;
        let first = sign(vault, &organization, entry, identity, entropy)?;
        Ok(Self { vault, foundation: first.hash, head: first.hash, signed: vec![first], organization })
    }

    /// Adds what the member with the key `by`, that of `identity`, does at `at`.
    ///
    /// # Errors
    /// [`VaultError::Unlawful`] when the log does not take it: nothing was signed then. [`VaultError::Damaged`] for a public
    /// key that is none, or no randomness: the log is as it was.
    pub fn append(
        &mut self,
        act: Act,
        at: Timestamp,
        by: SlotId,
        identity: &Identity,
        entropy: &dyn Entropy,
    ) -> Result<(), VaultError> {
        self.organization.check(&act, by, at)?;
        let entry = Entry { number: self.signed.len() as u64, previous: self.head, at, by, act };
        let signed = sign(self.vault, &self.organization, entry, identity, entropy)?;
        self.organization.take(&signed.entry)?;
        self.head = signed.hash;
        self.signed.push(signed);
        Ok(())
    }

    /// Adds what nobody checks, signed by whoever has `identity`.
    #[cfg(test)]
    pub(in crate::vault) fn force(&mut self, act: Act, by: SlotId, identity: &Identity, entropy: &dyn Entropy) {
        let entry = Entry { number: self.signed.len() as u64, previous: self.head, at: Timestamp(1), by, act };
        let bytes = codec::encode(&entry);
        let text = message(self.vault, &bytes);
        let signature = identity.sign(SignatureContext::Membership, text.expose(), entropy).unwrap();
        let signed = Signed::new(entry, bytes, signature);
        self.head = signed.hash;
        self.signed.push(signed);
    }

    /// The bytes of the whole log, to be sealed.
    pub fn encode(&self) -> SecretBytes {
        let len = |signed: &Signed| 4 + signed.bytes.len() + SIGNATURE_LEN;
        let mut to = Writer::with_capacity(5 + self.signed.iter().map(len).sum::<usize>());
        to.u8(VERSION);
        to.count(self.signed.len());
        for signed in &self.signed {
            to.bytes(signed.bytes.expose());
            signed.signature.write(&mut to);
        }
        to.into_secret()
    }

    /// Reads what [`MembershipLog::encode`] wrote for `vault`, and believes none of it: the entries follow each other, go on
    /// from what `pin` saw, are signed by whom they name (0.12 ms each, but for those that `pin` saw), and keep the rules.
    ///
    /// # Errors
    /// [`Tampering`], the first that is found.
    pub fn decode(bytes: &[u8], vault: VaultId, pin: Option<&Pin>) -> Result<Self, Tampering> {
        let signed = read(bytes)?;
        check_chain(&signed)?;
        let (Some(first), Some(last)) = (signed.first(), signed.last()) else { return Err(Tampering::LogMissing) };
        if let Some(pin) = pin {
            check_pin(&signed, pin)?;
        }
        let seen = pin.map_or(0, |pin| pin.number + 1);
        let organization = fold(&signed, vault, seen)?;
        Ok(Self { vault, foundation: first.hash, head: last.hash, signed, organization })
    }

    /// What this machine shall remember of it.
    pub fn pin(&self) -> Pin {
        Pin { foundation: self.foundation, number: self.signed.len() as u64 - 1, head: self.head }
    }

    /// The organization that the entries make.
    pub fn organization(&self) -> &Organization {
        &self.organization
    }

    /// The hash of the first entry: it names the organization.
    pub fn foundation(&self) -> [u8; 32] {
        self.foundation
    }

    /// The entries, the oldest first.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.signed.iter().map(|signed| &signed.entry)
    }

    /// How many entries there are.
    #[expect(clippy::len_without_is_empty, reason = "there is always a first entry")]
    pub fn len(&self) -> usize {
        self.signed.len()
    }
}

/// `entry` with the signature of `identity`, whose key must be the one that it names.
fn sign(
    vault: VaultId,
    organization: &Organization,
    entry: Entry,
    identity: &Identity,
    entropy: &dyn Entropy,
) -> Result<Signed, VaultError> {
    let public = identity.public().to_bytes();
    if organization.public_keys(entry.by).is_none_or(|named| named.0 != public) {
        return Err(Unlawful::UnknownKey.into());
    }
    let bytes = codec::encode(&entry);
    // What nobody can read would make the log worthless: looked at before it is there.
    codec::decode(bytes.expose()).map_err(|error| VaultError::Damaged(format!("an entry with a bad key: {error}")))?;
    let signature = identity
        .sign(SignatureContext::Membership, message(vault, &bytes).expose(), entropy)
        .map_err(|error| VaultError::System(error.to_string()))?;
    Ok(Signed::new(entry, bytes, signature))
}

impl Signed {
    fn new(entry: Entry, bytes: SecretBytes, signature: Signature) -> Self {
        let mut hashed = Writer::with_capacity(bytes.len() + SIGNATURE_LEN);
        hashed.raw(bytes.expose());
        signature.write(&mut hashed);
        let hash = digest(hashed.as_bytes());
        Self { entry, bytes, signature, hash }
    }
}

/// What is signed: `vault id ‖ entry`.
fn message(vault: VaultId, bytes: &SecretBytes) -> SecretBytes {
    let mut message = Writer::with_capacity(vault.0.len() + bytes.len());
    message.raw(&vault.0);
    message.raw(bytes.expose());
    message.into_secret()
}

/// The entries in `bytes`, which may be anything.
fn read(bytes: &[u8]) -> Result<Vec<Signed>, Tampering> {
    let mut from = Reader::new(bytes);
    let begin = |from: &mut Reader<'_>| -> Result<usize, WireError> {
        if from.u8()? != VERSION {
            return Err(WireError::UnknownCode);
        }
        from.count(usize::MAX, 4 + SIGNATURE_LEN)
    };
    let count = begin(&mut from).map_err(|_| Tampering::LogMalformed(0))?;
    let mut signed = Vec::with_capacity(count);
    for number in 0..count {
        let one = read_one(&mut from).map_err(|_| Tampering::LogMalformed(number as u64))?;
        signed.push(one);
    }
    from.finish().map_err(|_| Tampering::LogMalformed(count as u64))?;
    Ok(signed)
}

fn read_one(from: &mut Reader<'_>) -> Result<Signed, WireError> {
    let bytes = from.bytes(usize::MAX)?;
    let signature = Signature::read(from)?;
    Ok(Signed::new(codec::decode(bytes)?, SecretBytes::new(bytes.to_vec()), signature))
}

/// Whether each entry stands at its place and names the one before.
fn check_chain(signed: &[Signed]) -> Result<(), Tampering> {
    let mut previous = [0; 32];
    for (Signed { entry, hash, .. }, number) in signed.iter().zip(0..) {
        if entry.number != number || entry.previous != previous {
            return Err(Tampering::LogBroken(number));
        }
        previous = *hash;
    }
    Ok(())
}

/// Whether the log goes on from what was seen of it.
fn check_pin(signed: &[Signed], pin: &Pin) -> Result<(), Tampering> {
    if signed.first().is_some_and(|first| first.hash != pin.foundation) {
        return Err(Tampering::LogForeign);
    }
    let seen = usize::try_from(pin.number).ok().and_then(|number| signed.get(number));
    match seen {
        None => Err(Tampering::LogOlder { found: signed.len() as u64, last_seen: pin.number.saturating_add(1) }),
        Some(seen) if seen.hash != pin.head => Err(Tampering::LogForked(pin.number)),
        Some(_) => Ok(()),
    }
}

/// The organization that the entries make. The signatures of the first `seen` were verified before.
fn fold(signed: &[Signed], vault: VaultId, seen: u64) -> Result<Organization, Tampering> {
    let mut organization: Option<Organization> = None;
    for (one, number) in signed.iter().zip(0..) {
        let unlawful = |rule| Tampering::LogUnlawful(number, rule);
        let verify = |organization: &Organization| match number < seen {
            true => Ok(()),
            false => check_signature(one, organization, vault, number),
        };
        match &mut organization {
            // The foundation names its own key.
            None => {
                let founded = Organization::found(&one.entry).map_err(unlawful)?;
                verify(&founded)?;
                organization = Some(founded);
            }
            Some(organization) => {
                verify(organization)?;
                organization.take(&one.entry).map_err(unlawful)?;
            }
        }
    }
    organization.ok_or(Tampering::LogMissing)
}

/// Whether an entry is signed by the key that it names, as far as the organization had it by then.
fn check_signature(signed: &Signed, organization: &Organization, vault: VaultId, number: u64) -> Result<(), Tampering> {
    let unknown = Tampering::LogUnlawful(number, Unlawful::UnknownKey);
    let key = organization.public_keys(signed.entry.by).ok_or(unknown)?;
    let key = PublicIdentity::from_bytes(&key.0).map_err(|_| Tampering::LogMalformed(number))?;
    let message = message(vault, &signed.bytes);
    let verified = key.verify(SignatureContext::Membership, message.expose(), &signed.signature);
    verified.map_err(|_| Tampering::LogUnsigned(number))
}
