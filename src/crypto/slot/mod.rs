//! A key slot: what lets one passphrase, the recovery key or a machine key reach the vault key.
//!
//! The secret opens the slot's [`Identity`] and the vault's [`Anchor`]; the identity opens the slot's grants. Every slot
//! has an identity of its own, so a new epoch is granted to it without its secret, and a new passphrase means a new slot.
//!
//! From version 3 of the header file on, which has members, a slot also says by a hint whose it may be: with many members,
//! a passphrase is tried on few slots.

mod grants;
mod lock;
#[cfg(test)]
mod tests;

use std::fmt;

pub use grants::Granted;
use grants::{Grant, ONE_LEN, TWO_LEN};
use lock::Lock;

use super::aead::{self, NONCE_LEN, TAG_LEN};
use super::grant::GrantError;
use super::hash::digest;
use super::identity::GenerateError;
use super::kdf::SALT_LEN;
use super::vault_file::WITH_MEMBERS;
use super::wire::{Reader, WireError, Writer};
use super::{Anchor, Identity, KdfCost, KdfError, Key, MachineKey, PublicIdentity, RecoveryKey};
use crate::domain::{MemberId, SecretBytes, SlotId, VaultId};
use crate::host::memory::Guarded;
use crate::host::{Entropy, EntropyError};

/// Both seeds of the identity, then the anchor.
pub(super) const UNSEALED_LEN: usize = Identity::SEEDS_LEN + Key::LEN;
const SEALED_LEN: usize = NONCE_LEN + UNSEALED_LEN + TAG_LEN;

/// What kind of secret opens a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotKind {
    /// A member's passphrase.
    Passphrase,
    /// The recovery key.
    Recovery,
    /// A machine key. There may be several, and none before the second version of the header file.
    Machine,
}

impl SlotKind {
    fn code(self) -> u8 {
        match self {
            SlotKind::Passphrase => 1,
            SlotKind::Recovery => 2,
            SlotKind::Machine => 3,
        }
    }
}

/// The secret that a slot is made for, or opened with.
#[derive(Debug, Clone, Copy)]
pub enum SlotSecret<'a> {
    /// A passphrase, byte for byte as typed.
    Passphrase(&'a SecretBytes),
    /// A recovery key.
    Recovery(&'a RecoveryKey),
    /// A machine key.
    Machine(&'a MachineKey),
}

/// Why a slot cannot be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum SlotError {
    /// The secret is not this slot's.
    #[error("the secret does not open this slot")]
    WrongSecret,
    /// The cost is out of bounds; no memory was taken.
    #[error(transparent)]
    Cost(#[from] KdfError),
    /// The slot is not what was written.
    #[error("the key slot is damaged")]
    Damaged,
    /// No vault key has been granted to it.
    #[error("the key slot has no grant")]
    NoGrant,
    /// No randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// What a slot keeps for whoever has its secret.
#[derive(Debug, Clone)]
pub struct Unsealed {
    /// Who the slot belongs to, as keys.
    pub identity: Identity,
    /// What proves the header file.
    pub anchor: Anchor,
}

impl Unsealed {
    pub(super) fn read(bytes: &[u8; UNSEALED_LEN]) -> Result<Self, SlotError> {
        let (seeds, anchor) = bytes.split_first_chunk().ok_or(SlotError::Damaged)?;
        let anchor = Key::copy_of(anchor.first_chunk().ok_or(SlotError::Damaged)?).into();
        Ok(Self { identity: Identity::from_seeds(seeds).map_err(|_| SlotError::Damaged)?, anchor })
    }

    pub(super) fn bytes(&self) -> Guarded<UNSEALED_LEN> {
        let mut bytes = Guarded::zeroed();
        bytes[..Identity::SEEDS_LEN].copy_from_slice(&*self.identity.seeds());
        bytes[Identity::SEEDS_LEN..].copy_from_slice(self.anchor.expose());
        bytes
    }
}

/// One way into the vault, as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Slot {
    lock: Lock,
    member: MemberId,
    public: PublicIdentity,
    sealed: [u8; SEALED_LEN],
    hint: Option<u8>,
    grant: Option<Grant>,
    personal: Option<Box<[u8]>>,
}

impl Slot {
    /// Length of the shortest written slot in bytes.
    pub(super) const MIN_LEN: usize = 1 + SALT_LEN + 16 + PublicIdentity::LEN + SEALED_LEN + 1;
    /// Length of the longest one, in a file with members.
    pub(super) const MAX_LEN: usize = Self::MIN_LEN + 12 + 2 + TWO_LEN + 1 + ONE_LEN;

    /// A slot of `member` in `vault`, whose anchor is `anchor`, for `secret`; with a new identity and no grant yet. A
    /// passphrase is stretched at `cost`; take it from the configuration, never from an older slot.
    ///
    /// # Errors
    /// [`SlotError::Cost`], [`SlotError::Entropy`].
    pub fn create(
        vault: VaultId,
        member: MemberId,
        secret: SlotSecret<'_>,
        cost: KdfCost,
        anchor: &Anchor,
        entropy: &dyn Entropy,
    ) -> Result<Self, SlotError> {
        let lock = Lock::create(secret, cost, entropy)?;
        let identity = Identity::generate(entropy)?;
        Self::locked((lock, secret), (vault, member), &identity, anchor, entropy)
    }

    /// As [`Slot::create`], for `identity`, which the caller goes on with.
    ///
    /// # Errors
    /// As [`Slot::create`].
    pub fn create_for(
        vault: VaultId,
        member: MemberId,
        secret: SlotSecret<'_>,
        cost: KdfCost,
        identity: &Identity,
        anchor: &Anchor,
        entropy: &dyn Entropy,
    ) -> Result<Self, SlotError> {
        let lock = Lock::create(secret, cost, entropy)?;
        Self::locked((lock, secret), (vault, member), identity, anchor, entropy)
    }

    fn locked(
        (lock, secret): (Lock, SlotSecret<'_>),
        (vault, member): (VaultId, MemberId),
        identity: &Identity,
        anchor: &Anchor,
        entropy: &dyn Entropy,
    ) -> Result<Self, SlotError> {
        let (public, sealed) = (identity.public().clone(), [0; SEALED_LEN]);
        let mut slot = Self { lock, member, public, sealed, hint: None, grant: None, personal: None };
        let kept = Unsealed { identity: identity.clone(), anchor: anchor.clone() };
        slot.seal(vault, &lock.key(secret)?, &kept, entropy)?;
        Ok(slot)
    }

    /// What the slot keeps, when `secret` is this slot's. Takes as long as the stored cost says.
    ///
    /// # Errors
    /// [`SlotError::WrongSecret`] also when the slot was changed or comes from another vault: the
    /// two cannot be told apart here, see [`VaultFile::decode`](super::VaultFile::decode).
    /// [`SlotError::Cost`] before any memory is taken; [`SlotError::Damaged`].
    pub fn open(&self, vault: VaultId, secret: SlotSecret<'_>) -> Result<Unsealed, SlotError> {
        let key = self.lock.key(secret)?;
        let mut reader = Reader::new(&self.sealed);
        let nonce = reader.array()?;
        let mut bytes = Guarded::<UNSEALED_LEN>::copy_of(&reader.array()?);
        let tag = reader.array()?;
        aead::open_in_place(&key, &nonce, &self.parameters(vault), &mut *bytes, &tag)
            .map_err(|_| SlotError::WrongSecret)?;
        let unsealed = Unsealed::read(&bytes)?;
        // The cipher does not commit to its key; the public half does.
        if unsealed.identity.public() == &self.public { Ok(unsealed) } else { Err(SlotError::Damaged) }
    }

    /// What kind of secret opens it.
    pub fn kind(&self) -> SlotKind {
        self.lock.kind()
    }

    /// Whose it is.
    pub fn member(&self) -> MemberId {
        self.member
    }

    /// What opening costs; `None` for a key, which needs no stretching.
    pub fn cost(&self) -> Option<KdfCost> {
        match self.lock {
            Lock::Passphrase { cost, .. } => Some(cost),
            Lock::Recovery { .. } | Lock::Machine { .. } => None,
        }
    }

    /// Its name: a digest of the public half of its identity, which is its own from the first day to the last.
    pub fn id(&self) -> SlotId {
        self.public.slot()
    }

    /// The hint of a slot of the member called `name`: one byte, so that it tells a stranger little. Case and space around
    /// do not matter.
    pub fn hint_of(vault: VaultId, name: &str) -> u8 {
        let mut writer = Writer::new();
        writer.text("strongroom 2 hint");
        writer.raw(&vault.0);
        writer.text(&name.trim().to_lowercase());
        digest(writer.as_bytes())[0]
    }

    /// What [`Slot::hint_of`] gave for the name of its member; `None` while nobody has said.
    pub fn hint(&self) -> Option<u8> {
        self.hint
    }

    /// Says whose it may be. Needs no secret.
    pub fn set_hint(&mut self, hint: u8) {
        self.hint = Some(hint);
    }

    /// The public half of its identity.
    pub fn public(&self) -> &PublicIdentity {
        &self.public
    }

    /// Writes the slot for a `vault.header` of `version`. What that version has no room for is left out.
    pub(super) fn write(&self, to: &mut Writer, version: u16) {
        self.write_parameters(to);
        to.raw(&self.sealed);
        if version < WITH_MEMBERS {
            return self.write_old_grant(to);
        }
        to.flag(self.hint.is_some());
        self.hint.into_iter().for_each(|hint| to.u8(hint));
        self.write_grants(to);
    }

    /// Reads what [`Slot::write`] wrote.
    pub(super) fn read(from: &mut Reader<'_>, version: u16) -> Result<Self, WireError> {
        let (lock, member) = (Lock::read(from)?, MemberId(from.array()?));
        let (public, sealed) = (PublicIdentity::read(from)?, from.array()?);
        if version < WITH_MEMBERS {
            let grant = grants::read_old(from)?;
            return Ok(Self { lock, member, public, sealed, hint: None, grant, personal: None });
        }
        let hint = if from.flag()? { Some(from.u8()?) } else { None };
        let (grant, personal) = (grants::read(from)?, grants::read_personal(from)?);
        Ok(Self { lock, member, public, sealed, hint, grant, personal })
    }

    fn seal(&mut self, vault: VaultId, key: &Key, kept: &Unsealed, entropy: &dyn Entropy) -> Result<(), EntropyError> {
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce)?;
        let mut bytes = kept.bytes();
        let tag = aead::seal_in_place(key, &nonce, &self.parameters(vault), &mut *bytes);
        let (head, body) = self.sealed.split_at_mut(NONCE_LEN);
        head.copy_from_slice(&nonce);
        body[..UNSEALED_LEN].copy_from_slice(&*bytes);
        body[UNSEALED_LEN..].copy_from_slice(&tag);
        Ok(())
    }

    /// Everything that is said in plain about the slot, and where it belongs: what is sealed in it opens only while all of
    /// it is as it was.
    fn parameters(&self, vault: VaultId) -> Vec<u8> {
        let mut writer = Writer::with_capacity(Self::MAX_LEN);
        writer.text("strongroom 1 slot");
        writer.raw(&vault.0);
        self.write_parameters(&mut writer);
        writer.as_bytes().to_vec()
    }

    fn write_parameters(&self, to: &mut Writer) {
        self.lock.write(to);
        to.raw(&self.member.0);
        self.public.write(to);
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slot({:?} of {:?})", self.kind(), self.member)
    }
}

impl From<WireError> for SlotError {
    fn from(_: WireError) -> Self {
        SlotError::Damaged
    }
}

impl From<GenerateError> for SlotError {
    fn from(error: GenerateError) -> Self {
        match error {
            GenerateError::Entropy(error) => SlotError::Entropy(error),
            GenerateError::Seed(_) => SlotError::Damaged,
        }
    }
}

impl From<GrantError> for SlotError {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Entropy(error) => SlotError::Entropy(error),
            GrantError::Refused => SlotError::Damaged,
        }
    }
}
