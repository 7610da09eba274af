//! A key slot: what lets one passphrase, the recovery key or a machine key reach the vault key.
//!
//! The secret opens the slot's [`Identity`] and the vault's [`Anchor`]; the identity opens the slot's grant. Every slot
//! has an identity of its own, so a new epoch is granted to it without its secret, and a new passphrase means a new slot.

use std::fmt;

use super::aead::{self, NONCE_LEN, TAG_LEN};
use super::grant::{self, GRANT_LEN, GrantError};
use super::hash::digest;
use super::identity::GenerateError;
use super::kdf::SALT_LEN;
use super::wire::{Reader, WireError, Writer};
use super::{Anchor, Identity, KdfCost, KdfError, Key, MachineKey, PublicIdentity, RecoveryKey, VaultKey};
use crate::domain::{MemberId, SecretBytes, SlotId, VaultId};
use crate::host::memory::Guarded;
use crate::host::{Entropy, EntropyError};

/// Both seeds of the identity, then the anchor.
const UNSEALED_LEN: usize = Identity::SEEDS_LEN + Key::LEN;
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

/// How the secret becomes the key of the sealed identity. The recovery key and a machine key have 256 bits of their own
/// and need no stretching.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lock {
    Passphrase { cost: KdfCost, salt: [u8; SALT_LEN] },
    Recovery { salt: [u8; SALT_LEN] },
    Machine { salt: [u8; SALT_LEN] },
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
    fn read(bytes: &[u8; UNSEALED_LEN]) -> Result<Self, SlotError> {
        let (seeds, anchor) = bytes.split_first_chunk().ok_or(SlotError::Damaged)?;
        let anchor = Key::copy_of(anchor.first_chunk().ok_or(SlotError::Damaged)?).into();
        Ok(Self { identity: Identity::from_seeds(seeds).map_err(|_| SlotError::Damaged)?, anchor })
    }

    fn bytes(&self) -> Guarded<UNSEALED_LEN> {
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
    grant: Option<Box<[u8; GRANT_LEN]>>,
}

impl Slot {
    /// Length of the shortest written slot in bytes.
    pub(super) const MIN_LEN: usize = 1 + SALT_LEN + 16 + PublicIdentity::LEN + SEALED_LEN + 1;
    /// Length of the longest one.
    pub(super) const MAX_LEN: usize = Self::MIN_LEN + 12 + GRANT_LEN;

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
        let mut salt = [0; SALT_LEN];
        entropy.fill(&mut salt)?;
        let lock = match secret {
            SlotSecret::Passphrase(_) => Lock::Passphrase { cost, salt },
            SlotSecret::Recovery(_) => Lock::Recovery { salt },
            SlotSecret::Machine(_) => Lock::Machine { salt },
        };
        let identity = Identity::generate(entropy)?;
        let public = identity.public().clone();
        let mut slot = Self { lock, member, public, sealed: [0; SEALED_LEN], grant: None };
        slot.seal(vault, &lock.key(secret)?, &Unsealed { identity, anchor: anchor.clone() }, entropy)?;
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

    /// Grants the vault key of `epoch` to this slot, in the place of what was granted before. Needs no secret.
    ///
    /// # Errors
    /// [`SlotError::Entropy`]; [`SlotError::Damaged`] when the public key is none.
    pub fn grant(
        &mut self,
        vault: VaultId,
        epoch: u64,
        key: &VaultKey,
        entropy: &dyn Entropy,
    ) -> Result<(), SlotError> {
        let grant = grant::make(&self.public, &self.grant_info(vault, epoch), key, entropy)?;
        self.grant = Some(Box::new(grant));
        Ok(())
    }

    /// The vault key that was granted for `epoch`. Check it with [`VaultFile::verify`](super::VaultFile::verify):
    /// anybody can grant a key of their own.
    ///
    /// # Errors
    /// [`SlotError::NoGrant`]; [`SlotError::Damaged`] when the grant was changed, or made for another vault, epoch or slot.
    pub fn vault_key(&self, vault: VaultId, epoch: u64, identity: &Identity) -> Result<VaultKey, SlotError> {
        let granted = self.grant.as_ref().ok_or(SlotError::NoGrant)?;
        Ok(grant::open(identity, &self.grant_info(vault, epoch), granted)?)
    }

    /// What kind of secret opens it.
    pub fn kind(&self) -> SlotKind {
        match self.lock {
            Lock::Passphrase { .. } => SlotKind::Passphrase,
            Lock::Recovery { .. } => SlotKind::Recovery,
            Lock::Machine { .. } => SlotKind::Machine,
        }
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
        let mut public = Writer::with_capacity(PublicIdentity::LEN);
        self.public.write(&mut public);
        let [a, b, c, d, e, ..] = digest(public.as_bytes());
        SlotId([a, b, c, d, e])
    }

    /// The public half of its identity.
    pub fn public(&self) -> &PublicIdentity {
        &self.public
    }

    /// Writes the slot for `vault.header`.
    pub(super) fn write(&self, to: &mut Writer) {
        self.write_parameters(to);
        to.raw(&self.sealed);
        to.flag(self.grant.is_some());
        if let Some(grant) = &self.grant {
            to.raw(&**grant);
        }
    }

    /// Reads what [`Slot::write`] wrote.
    pub(super) fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self {
            lock: Lock::read(from)?,
            member: MemberId(from.array()?),
            public: PublicIdentity::read(from)?,
            sealed: from.array()?,
            grant: if from.flag()? { Some(Box::new(from.array()?)) } else { None },
        })
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

    fn grant_info(&self, vault: VaultId, epoch: u64) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.text("strongroom 1 grant");
        writer.raw(&vault.0);
        writer.u64(epoch);
        writer.raw(&self.member.0);
        writer.u8(self.kind().code());
        writer.as_bytes().to_vec()
    }
}

impl Lock {
    fn key(self, secret: SlotSecret<'_>) -> Result<Key, SlotError> {
        match (self, secret) {
            (Lock::Passphrase { cost, salt }, SlotSecret::Passphrase(passphrase)) => {
                Ok(cost.derive(passphrase.expose(), &salt)?)
            }
            (Lock::Recovery { salt }, SlotSecret::Recovery(key)) => Ok(key.slot_key(&salt)),
            (Lock::Machine { salt }, SlotSecret::Machine(key)) => Ok(key.slot_key(&salt)),
            _ => Err(SlotError::WrongSecret),
        }
    }

    fn write(self, to: &mut Writer) {
        match self {
            Lock::Passphrase { cost, salt } => {
                to.u8(SlotKind::Passphrase.code());
                cost.write(to);
                to.raw(&salt);
            }
            Lock::Recovery { salt } => {
                to.u8(SlotKind::Recovery.code());
                to.raw(&salt);
            }
            Lock::Machine { salt } => {
                to.u8(SlotKind::Machine.code());
                to.raw(&salt);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        match from.u8()? {
            1 => Ok(Lock::Passphrase { cost: KdfCost::read(from)?, salt: from.array()? }),
            2 => Ok(Lock::Recovery { salt: from.array()? }),
            3 => Ok(Lock::Machine { salt: from.array()? }),
            _ => Err(WireError::UnknownCode),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::SeededEntropy;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    const VAULT: VaultId = VaultId([1; 16]);
    const OTHER: VaultId = VaultId([2; 16]);
    const MEMBER: MemberId = MemberId([3; 16]);

    /// A recovery slot: as a passphrase slot in all but the stretching, and quick.
    struct Sample {
        slot: Slot,
        secret: RecoveryKey,
        identity: Identity,
        anchor: Anchor,
        key: VaultKey,
    }

    static SAMPLE: LazyLock<Sample> = LazyLock::new(|| {
        let entropy = SeededEntropy::new(1);
        let secret = RecoveryKey::generate(&entropy).unwrap();
        let key = VaultKey::generate(&entropy).unwrap();
        let anchor = Anchor::generate(&entropy).unwrap();
        let mut slot =
            Slot::create(VAULT, MEMBER, SlotSecret::Recovery(&secret), KdfCost::DEFAULT, &anchor, &entropy).unwrap();
        slot.grant(VAULT, 1, &key, &entropy).unwrap();
        let identity = slot.open(VAULT, SlotSecret::Recovery(&secret)).unwrap().identity;
        Sample { slot, secret, identity, anchor, key }
    });

    fn written(slot: &Slot) -> Vec<u8> {
        let mut writer = Writer::new();
        slot.write(&mut writer);
        writer.as_bytes().to_vec()
    }

    fn read(bytes: &[u8]) -> Result<Slot, WireError> {
        let mut reader = Reader::new(bytes);
        let slot = Slot::read(&mut reader)?;
        reader.finish().map(|()| slot)
    }

    #[test]
    fn the_secret_leads_to_the_vault_key() {
        let s = &*SAMPLE;
        let unsealed = s.slot.open(VAULT, SlotSecret::Recovery(&s.secret)).unwrap();
        assert_eq!(unsealed.anchor.expose(), s.anchor.expose());
        let key = s.slot.vault_key(VAULT, 1, &unsealed.identity).unwrap();
        assert_eq!(key.expose(), s.key.expose());
    }

    #[test]
    fn another_secret_does_not() {
        let s = &*SAMPLE;
        let other = RecoveryKey::generate(&SeededEntropy::new(2)).unwrap();
        let passphrase = SecretBytes::from("passphrase");
        let machine = MachineKey::generate(&SeededEntropy::new(1)).unwrap();
        for secret in [SlotSecret::Recovery(&other), SlotSecret::Passphrase(&passphrase), SlotSecret::Machine(&machine)]
        {
            assert!(matches!(s.slot.open(VAULT, secret), Err(SlotError::WrongSecret)));
        }
    }

    #[test]
    fn a_machine_key_opens_its_own_slot_and_no_other() {
        let (s, entropy) = (&*SAMPLE, SeededEntropy::new(5));
        let [mine, theirs] = [(); 2].map(|()| MachineKey::generate(&entropy).unwrap());
        let [slot, other] = [&mine, &theirs].map(|key| {
            let secret = SlotSecret::Machine(key);
            Slot::create(VAULT, MEMBER, secret, KdfCost::DEFAULT, &s.anchor, &entropy).unwrap()
        });
        assert_eq!((slot.kind(), slot.cost()), (SlotKind::Machine, None));
        assert_eq!(slot.open(VAULT, SlotSecret::Machine(&mine)).unwrap().anchor.expose(), s.anchor.expose());
        assert_eq!(read(&written(&slot)), Ok(slot.clone()));
        for wrong in [&other, &s.slot] {
            assert!(matches!(wrong.open(VAULT, SlotSecret::Machine(&mine)), Err(SlotError::WrongSecret)));
        }
        assert!(slot.id() != other.id() && slot.id() == read(&written(&slot)).unwrap().id());
    }

    #[test]
    fn a_slot_does_not_open_as_one_of_another_kind() {
        // The same 256 bits under both names.
        let (s, entropy) = (&*SAMPLE, SeededEntropy::new(6));
        let machine = MachineKey::generate(&SeededEntropy::new(7)).unwrap();
        let recovery = RecoveryKey::generate(&SeededEntropy::new(7)).unwrap();
        let secret = SlotSecret::Machine(&machine);
        let mut slot = Slot::create(VAULT, MEMBER, secret, KdfCost::DEFAULT, &s.anchor, &entropy).unwrap();
        let Lock::Machine { salt } = slot.lock else { panic!() };
        slot.lock = Lock::Recovery { salt };
        assert!(matches!(slot.open(VAULT, SlotSecret::Recovery(&recovery)), Err(SlotError::WrongSecret)));
    }

    #[test]
    fn a_slot_opens_in_its_own_vault_only() {
        let s = &*SAMPLE;
        let opened = s.slot.open(OTHER, SlotSecret::Recovery(&s.secret));
        assert!(matches!(opened, Err(SlotError::WrongSecret)));
        assert!(matches!(s.slot.vault_key(OTHER, 1, &s.identity), Err(SlotError::Damaged)));
        assert!(matches!(s.slot.vault_key(VAULT, 2, &s.identity), Err(SlotError::Damaged)));
    }

    #[test]
    fn a_new_epoch_is_granted_without_the_secret() {
        let s = &*SAMPLE;
        let entropy = SeededEntropy::new(3);
        let next = VaultKey::generate(&entropy).unwrap();
        let mut slot = s.slot.clone();
        slot.grant(VAULT, 2, &next, &entropy).unwrap();
        assert_eq!(slot.vault_key(VAULT, 2, &s.identity).unwrap().expose(), next.expose());
        assert!(matches!(slot.vault_key(VAULT, 1, &s.identity), Err(SlotError::Damaged)));
    }

    #[test]
    fn without_a_grant_there_is_no_key() {
        let slot = Slot { grant: None, ..SAMPLE.slot.clone() };
        assert!(matches!(slot.vault_key(VAULT, 1, &SAMPLE.identity), Err(SlotError::NoGrant)));
        assert_eq!(read(&written(&slot)), Ok(slot));
    }

    #[test]
    fn a_hostile_cost_is_refused_before_any_work() {
        let cost = KdfCost { memory_kib: u32::MAX, ..KdfCost::DEFAULT };
        let slot = Slot { lock: Lock::Passphrase { cost, salt: [0; SALT_LEN] }, ..SAMPLE.slot.clone() };
        let opened = read(&written(&slot)).unwrap().open(VAULT, SlotSecret::Passphrase(&SecretBytes::from("p")));
        assert!(matches!(opened, Err(SlotError::Cost(KdfError::TooCostly(_)))));
    }

    #[test]
    fn lengths_are_as_announced() {
        let bare = Slot { grant: None, ..SAMPLE.slot.clone() };
        assert_eq!(written(&bare).len(), Slot::MIN_LEN);
        let lock = Lock::Passphrase { cost: KdfCost::DEFAULT, salt: [0; SALT_LEN] };
        assert_eq!(written(&Slot { lock, ..SAMPLE.slot.clone() }).len(), Slot::MAX_LEN);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_flip_and_cut_is_refused(at in any::<prop::sample::Index>(), bit in 0..8u8) {
            let s = &*SAMPLE;
            let good = written(&s.slot);
            let at = at.index(good.len());
            prop_assert!(read(&good[..at]).is_err());
            let mut flipped = good;
            flipped[at] ^= 1 << bit;
            let key = read(&flipped).map_err(SlotError::from).and_then(|slot| {
                let unsealed = slot.open(VAULT, SlotSecret::Recovery(&s.secret))?;
                slot.vault_key(VAULT, 1, &unsealed.identity)
            });
            prop_assert!(key.is_err());
        }
    }
}
