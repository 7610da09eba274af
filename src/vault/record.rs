//! How one secret is sealed: a record, and the pieces of a large value beside it.
//!
//! `format (u8) ‖ revision (u64) ‖ length of the sealed header (u32) ‖ sealed header ‖ sealed value, if small`. A personal
//! record has two sealed headers: one that everybody can open, which says whose it is, and one for its owner alone.
//! The sealed header has the signed blocks, and tells where the value is ([`Link`]). A value that does not fit is cut into
//! pieces, each sealed under its own number; the link holds how many and a digest over all of them.
//! A change of the header alone leaves the sealed value as it is.

use super::chest::{Chest, Values};
use super::codec::{
    CodecError, SALT_LEN, commitment, decode_old_header, decode_value, encode_value, read_link, write_link,
};
use super::error::VaultError;
use super::layout::{Item, MAX_ENTRY};
use super::signed::{BLOCK_SALT_LEN, Block, Signed, StateBlock, birth_of, content_of, state_of};
use crate::crypto::wire::{Reader, WireError, Writer};
use crate::crypto::{self, Binding, CommonKey, Key, Manifest, OpenError, PartTag, SealError, Subkeys, VaultKey};
use crate::domain::organization::Tampering;
use crate::domain::{Header, Kind, MemberId, Scope, SecretBytes, SecretId, State, Value, VaultId};
use crate::host::Entropy;
use crate::store::{Store, StoreError};

/// The format of a record that nobody signed, of vaults with one member.
const OLD_FORMAT: u8 = 1;
const FORMAT: u8 = 2;
/// The format of a personal record.
const PERSONAL: u8 = 3;
/// Version of the plaintext of a record.
const RECORD_VERSION: u8 = 2;
/// What everybody can open of a personal record: no part of another record has this tag.
const OUTER: PartTag = PartTag(u32::MAX);
/// Most bytes of the plaintext of it.
const OUTER_LEN: usize = 512;
/// Lengths and places of the signatures of three blocks.
const MARKS_LEN: usize = 3 * (4 + 8 + 16 + 4) + 1;
/// Most bytes of the plaintext of a header: all the text of the longest chain of certificates, and room to spare.
const MAX_HEADER: usize = 4 * 1024 * 1024;
/// Plaintext of one piece: fills its size bucket exactly.
const PIECE: usize = 8 * 1024 - 4;
/// Version, revision and length.
const FRAME: usize = 1 + 8 + 4;

/// Where the value of a record is, and the revision that it was sealed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// Nowhere: a tombstone, or a certificate without its key.
    None,
    /// In the record itself.
    Inline {
        /// The revision that set it.
        revision: u64,
    },
    /// In pieces of its own.
    Pieces {
        /// The revision that set it.
        revision: u64,
        /// How many.
        count: u32,
        /// The digest over the digests of all pieces, in order.
        digest: [u8; 32],
    },
}

impl Link {
    /// The revision that set the value, if there is one.
    pub(super) fn set_at(&self) -> Option<u64> {
        match self {
            Link::None => None,
            Link::Inline { revision } | Link::Pieces { revision, .. } => Some(*revision),
        }
    }

    /// How many pieces there are.
    pub(super) fn pieces(&self) -> u32 {
        match self {
            Link::Pieces { count, .. } => *count,
            Link::None | Link::Inline { .. } => 0,
        }
    }
}

/// A record, opened as far as a listing needs it.
pub(super) struct Opened<'a> {
    /// Where it lies in the store.
    pub(super) item: Item,
    /// The header.
    pub(super) header: Header,
    /// What is signed of it; `None` in a vault of format 2 or older.
    pub(super) signed: Option<Signed>,
    /// What the content says to be bound to the value.
    commitment: Option<[u8; 32]>,
    /// Where the value is.
    pub(super) link: Link,
    /// Whether the value is sealed for its registrar alone, and for those who hold the key of all values.
    pub(super) for_registrar: bool,
    /// The sealed value, when it is in the record.
    pub(super) inline: &'a [u8],
}

impl Opened<'_> {
    /// What the content says to be bound to the value.
    pub(super) fn commitment(&self) -> Option<[u8; 32]> {
        self.commitment
    }

    /// Whether the sealed value may stay in the record when `header` comes in the place of this one.
    pub(super) fn fits_beside(&self, header: &Header) -> bool {
        most_of_record(header) + self.inline.len() <= MAX_ENTRY
    }
}

/// A personal record, as far as others can open it.
#[derive(Debug, Clone)]
pub(super) struct Closed {
    /// The secret.
    pub(super) id: SecretId,
    /// Its revision.
    pub(super) revision: u64,
    /// Whose it is.
    pub(super) owner: MemberId,
    /// That it is deleted, as it was signed.
    pub(super) deleted: Option<Block>,
    /// Whether its owner could open more.
    pub(super) has_inner: bool,
}

impl Closed {
    /// When it was deleted, and by whom.
    pub(super) fn deletion(&self) -> Option<StateBlock> {
        self.deleted.as_ref().and_then(|block| StateBlock::read_alone(block).ok())
    }
}

impl Closed {
    /// What is left of it for its owner, and for whoever deleted it: not even its name.
    pub(super) fn tombstone(&self) -> Option<Header> {
        let StateBlock { written, state } = self.deletion()?;
        Some(Header {
            id: self.id,
            revision: self.revision,
            kind: Kind::KeyValue,
            name: personal_name(self.id),
            scope: Scope::Personal,
            owner: self.owner,
            author: written.author,
            created: written.stamp.clone(),
            value_set: written.stamp.at,
            modified: written.stamp,
            expires: None,
            not_before: None,
            state,
            write_only: false,
            encrypted_key: false,
            public: Vec::new(),
            parts: Vec::new(),
        })
    }
}

/// A record of the store.
pub(super) enum Record<'a> {
    /// One that this member can open.
    Open(Box<Opened<'a>>),
    /// A personal one of somebody else, or one's own that somebody else deleted.
    Closed(Closed),
}

/// A value, sealed.
pub(super) struct SealedValue {
    /// What the header has to say about it.
    pub(super) link: Link,
    /// What the content has to say to be bound to it.
    pub(super) commitment: Option<[u8; 32]>,
    /// Whether it is sealed for its registrar alone.
    pub(super) for_registrar: bool,
    /// What goes into the record.
    pub(super) inline: Vec<u8>,
    /// What goes beside it, in order.
    pub(super) pieces: Vec<Vec<u8>>,
}

impl SealedValue {
    /// No value, as of a tombstone.
    pub(super) fn none() -> Self {
        Self { link: Link::None, commitment: None, for_registrar: false, inline: Vec::new(), pieces: Vec::new() }
    }

    /// The value of `old` as it is.
    pub(super) fn kept(old: &Opened<'_>) -> Self {
        let (commitment, for_registrar) = (old.commitment, old.for_registrar);
        Self { link: old.link, commitment, for_registrar, inline: old.inline.to_vec(), pieces: Vec::new() }
    }
}

/// Why a record cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum RecordError {
    #[error(transparent)]
    Frame(#[from] WireError),
    #[error("a record of form {0}, which this version of strongroom does not know")]
    Format(u8),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Codec(#[from] CodecError),
    #[error("a piece of a secret is missing or was changed")]
    Piece,
    #[error("a secret is too large to be stored")]
    TooLarge,
    #[error("it belongs to somebody else")]
    Closed,
    #[error("its value was not shared with whoever is in")]
    NotShared,
    #[error(transparent)]
    Tampered(#[from] Tampering),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl From<RecordError> for VaultError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Store(error) => error.into(),
            RecordError::Seal(error) => error.into(),
            RecordError::Tampered(why) => Self::Tampered(why),
            other => VaultError::Damaged(other.to_string()),
        }
    }
}

/// Seals and opens what is in one vault during one epoch, for one member.
pub(super) struct Sealer {
    vault: VaultId,
    epoch: u64,
    /// The format of all that it seals and opens.
    format: u8,
    keys: Subkeys,
    chest: Chest,
}

impl Sealer {
    /// The sealer of `epoch`, whose common key is `common`, for whoever has `chest`.
    pub(super) fn new(vault: VaultId, epoch: u64, common: &CommonKey, chest: Chest) -> Self {
        Self { vault, epoch, format: FORMAT, keys: common.subkeys(vault, epoch), chest }
    }

    /// The sealer of a vault of format 2 or older, whose one member is `me`.
    pub(super) fn old(vault: VaultId, epoch: u64, key: &VaultKey, me: MemberId) -> Self {
        let chest = Chest::new(me, Values::Old(key.old_value_key(vault, epoch)), None);
        Self { vault, epoch, format: OLD_FORMAT, keys: key.subkeys(vault, epoch), chest }
    }

    /// The vault.
    pub(super) fn vault(&self) -> VaultId {
        self.vault
    }

    /// The epoch.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The keys of the epoch.
    pub(super) fn keys(&self) -> &Subkeys {
        &self.keys
    }

    /// The keys of values.
    pub(super) fn chest(&self) -> &Chest {
        &self.chest
    }

    /// Has other keys of values from here on.
    pub(super) fn take_chest(&mut self, chest: Chest) {
        self.chest = chest;
    }

    /// The same; gives those that it had.
    pub(super) fn exchange_chest(&mut self, chest: Chest) -> Chest {
        std::mem::replace(&mut self.chest, chest)
    }

    /// The record of `header`, of which all that is `signed` is written.
    pub(super) fn seal_record(
        &self,
        header: &Header,
        signed: &Signed,
        value: &SealedValue,
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        let mut plain = Writer::with_capacity(1024);
        plain.u8(RECORD_VERSION);
        signed.write(&mut plain);
        plain.flag(value.for_registrar);
        write_link(&mut plain, &value.link);
        if header.scope == Scope::Organization {
            let binding = self.binding(header.id, PartTag::HEADER, header.revision);
            let sealed = crypto::seal(&self.keys.header, &binding, plain.as_bytes(), entropy)?;
            return Ok(frame(FORMAT, header.revision, &[&sealed], &value.inline));
        }
        let personal = self.chest.personal().ok_or(SealError::TooLong(0))?;
        let binding = self.personal_binding(header.id, PartTag::HEADER, header.revision);
        let inner = crypto::seal(&personal.header(), &binding, plain.as_bytes(), entropy)?;
        let deleted = signed.state.as_ref().filter(|_| matches!(header.state, State::Deleted(_)));
        let outer = self.seal_outer(header.id, header.revision, header.owner, deleted, entropy)?;
        Ok(frame(PERSONAL, header.revision, &[&outer, &inner], &value.inline))
    }

    /// The record of a personal secret of somebody else, which is deleted.
    pub(super) fn seal_closed(&self, closed: &Closed, entropy: &dyn Entropy) -> Result<Vec<u8>, SealError> {
        let Closed { id, revision, owner, deleted, .. } = closed;
        let outer = self.seal_outer(*id, *revision, *owner, deleted.as_ref(), entropy)?;
        Ok(frame(PERSONAL, *revision, &[&outer, &[]], &[]))
    }

    /// The record of a personal secret of somebody else, sealed anew on the outside: what is in it stays as it is.
    pub(super) fn reseal_closed(
        &self,
        from: &Self,
        item: Item,
        bytes: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, RecordError> {
        let (id, parts) = (id_of(item)?, Parts::read(bytes)?);
        let outer = from.open_outer(id, &parts)?;
        let sealed = self.seal_outer(id, parts.revision, outer.owner, outer.deleted.as_ref(), entropy);
        let sealed = sealed.map_err(|_| RecordError::TooLarge)?;
        Ok(frame(PERSONAL, parts.revision, &[&sealed, parts.header], parts.inline))
    }

    fn seal_outer(
        &self,
        id: SecretId,
        revision: u64,
        owner: MemberId,
        deleted: Option<&Block>,
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        let mut plain = Writer::with_capacity(256);
        plain.u8(RECORD_VERSION);
        plain.raw(&owner.0);
        plain.flag(deleted.is_some());
        deleted.iter().for_each(|block| block.write(&mut plain));
        crypto::seal(&self.keys.header, &self.binding(id, OUTER, revision), plain.as_bytes(), entropy)
    }

    fn open_outer(&self, id: SecretId, parts: &Parts<'_>) -> Result<Closed, RecordError> {
        let revision = parts.revision;
        let plain = crypto::open(&self.keys.header, &self.binding(id, OUTER, revision), parts.outer)?;
        let mut from = Reader::new(plain.expose());
        check_version(from.u8()?)?;
        let owner = MemberId(from.array()?);
        let deleted = if from.flag()? { Some(Block::read(&mut from)?) } else { None };
        from.finish()?;
        Ok(Closed { id, revision, owner, deleted, has_inner: !parts.header.is_empty() })
    }

    /// Whether `header` is small enough to be stored.
    pub(super) fn fits(header: &Header) -> bool {
        most_of_record(header) <= MAX_HEADER
    }

    /// Opens the record `item`; a kept one opens only at its revision.
    ///
    /// # Errors
    /// [`RecordError::Closed`] for a personal one of somebody else.
    pub(super) fn open_record<'a>(&self, item: Item, bytes: &'a [u8]) -> Result<Opened<'a>, RecordError> {
        match self.open_any(item, bytes)? {
            Record::Open(opened) => Ok(*opened),
            Record::Closed(_) => Err(RecordError::Closed),
        }
    }

    /// Opens the record `item` as far as this member can.
    pub(super) fn open_any<'a>(&self, item: Item, bytes: &'a [u8]) -> Result<Record<'a>, RecordError> {
        let (id, parts) = (id_of(item)?, Parts::read(bytes)?);
        if matches!(item, Item::Kept(_, kept) if kept != parts.revision) {
            return Err(OpenError::Refused.into());
        }
        let opened = match parts.format {
            OLD_FORMAT => self.open_old(item, id, &parts)?,
            FORMAT => {
                let binding = self.binding(id, PartTag::HEADER, parts.revision);
                open_header(item, id, &parts, &self.keys.header, &binding)?
            }
            _ => {
                let closed = self.open_outer(id, &parts)?;
                match self.chest.personal().filter(|_| closed.has_inner && closed.owner == self.chest.me()) {
                    None => return Ok(Record::Closed(closed)),
                    Some(personal) => {
                        let binding = self.personal_binding(id, PartTag::HEADER, parts.revision);
                        open_header(item, id, &parts, &personal.header(), &binding)?
                    }
                }
            }
        };
        // The outside says whose it is, too: neither may be moved to the other side.
        let is_personal = parts.format == PERSONAL;
        if (opened.header.scope == Scope::Personal) != is_personal && parts.format != OLD_FORMAT {
            return Err(Tampering::Mixed.into());
        }
        Ok(Record::Open(Box::new(opened)))
    }

    fn open_old<'a>(&self, item: Item, id: SecretId, parts: &Parts<'a>) -> Result<Opened<'a>, RecordError> {
        // A vault that has members has no record that nobody signed.
        if self.format != OLD_FORMAT {
            return Err(Tampering::Unsigned.into());
        }
        let binding = self.binding(id, PartTag::HEADER, parts.revision);
        let plain = crypto::open(&self.keys.header, &binding, parts.header)?;
        let (header, link) = decode_old_header(id, parts.revision, plain.expose())?;
        let inline = parts.inline;
        Ok(Opened { item, header, signed: None, commitment: None, link, for_registrar: false, inline })
    }

    /// Seals `value` for the record of `header`, at `revision`, which set it.
    ///
    /// # Errors
    /// [`RecordError::NotShared`] when the member has no key for it.
    pub(super) fn seal_value(
        &self,
        header: &Header,
        value: &Value,
        revision: u64,
        entropy: &dyn Entropy,
    ) -> Result<SealedValue, RecordError> {
        if value.0.is_empty() {
            return Ok(SealedValue::none());
        }
        let mut salt = [0; SALT_LEN];
        entropy.fill(&mut salt).map_err(SealError::from)?;
        self.seal_plain(header, &encode_value(value, &salt), revision, entropy)
    }

    /// Seals the plaintext of a value that was sealed before.
    ///
    /// # Errors
    /// As [`Sealer::seal_value`].
    pub(super) fn seal_plain(
        &self,
        header: &Header,
        plain: &SecretBytes,
        revision: u64,
        entropy: &dyn Entropy,
    ) -> Result<SealedValue, RecordError> {
        let (key, for_registrar) = self.chest.seals(header).ok_or(RecordError::NotShared)?;
        let commitment = commitment(header.id, plain);
        if most_of_record(header) + crypto::sealed_len(plain.len()) > MAX_ENTRY {
            let (link, pieces) = self.seal_pieces(header, plain, revision, &key, entropy)?;
            return Ok(SealedValue { link, commitment, for_registrar, inline: Vec::new(), pieces });
        }
        let binding = self.value_binding(header, PartTag::VALUE, revision);
        let inline = crypto::seal(&key, &binding, plain.expose(), entropy)?;
        Ok(SealedValue { link: Link::Inline { revision }, commitment, for_registrar, inline, pieces: Vec::new() })
    }

    /// Opens the value of a record.
    pub(super) fn open_value(&self, opened: &Opened<'_>, store: &dyn Store) -> Result<Value, RecordError> {
        match self.open_plain(opened, store)? {
            None => Ok(Value::default()),
            Some(plain) => Ok(decode_value(&plain)?),
        }
    }

    /// The plaintext of the value of a record, if it has one: it is the one that its author signed.
    pub(super) fn open_plain(
        &self,
        opened: &Opened<'_>,
        store: &dyn Store,
    ) -> Result<Option<SecretBytes>, RecordError> {
        let header = &opened.header;
        let key = || self.chest.opens(header, opened.for_registrar).ok_or(RecordError::NotShared);
        let plain = match opened.link {
            Link::None if opened.commitment.is_some() => return Err(Tampering::OtherValue.into()),
            Link::None => return Ok(None),
            Link::Inline { revision } => {
                crypto::open(&key()?, &self.value_binding(header, PartTag::VALUE, revision), opened.inline)?
            }
            Link::Pieces { revision, count, digest } => {
                self.open_pieces(opened, (revision, count, digest), &key()?, store)?
            }
        };
        if opened.signed.is_some() && commitment(header.id, &plain) != opened.commitment {
            return Err(Tampering::OtherValue.into());
        }
        Ok(Some(plain))
    }

    /// Seals the manifest.
    pub(super) fn seal_manifest(&self, manifest: &Manifest, entropy: &dyn Entropy) -> Result<Vec<u8>, SealError> {
        manifest.seal(&self.keys.manifest, &self.manifest_binding(), entropy)
    }

    /// Opens the manifest.
    pub(super) fn open_manifest(&self, sealed: &[u8]) -> Result<Manifest, OpenError> {
        Manifest::open(&self.keys.manifest, &self.manifest_binding(), sealed)
    }

    /// Seals the plaintext of the profile.
    pub(super) fn seal_profile(&self, plain: &SecretBytes, entropy: &dyn Entropy) -> Result<Vec<u8>, SealError> {
        crypto::seal(&self.keys.profile, &self.manifest_binding(), plain.expose(), entropy)
    }

    /// Opens the plaintext of the profile.
    pub(super) fn open_profile(&self, sealed: &[u8]) -> Result<SecretBytes, OpenError> {
        crypto::open(&self.keys.profile, &self.manifest_binding(), sealed)
    }

    /// Seals the membership log.
    pub(super) fn seal_log(&self, plain: &SecretBytes, entropy: &dyn Entropy) -> Result<Vec<u8>, SealError> {
        crypto::seal(&self.keys.log, &Binding::membership_log(self.vault, self.epoch), plain.expose(), entropy)
    }

    /// Seals the plaintext of the unfinished forms of the member who is in, for them alone.
    pub(super) fn seal_own_forms(&self, plain: &SecretBytes, entropy: &dyn Entropy) -> Result<Vec<u8>, SealError> {
        let personal = self.chest.personal().ok_or(SealError::TooLong(0))?;
        crypto::seal(&personal.forms(), &self.forms_binding(), plain.expose(), entropy)
    }

    /// Opens what [`Sealer::seal_own_forms`] made.
    pub(super) fn open_own_forms(&self, sealed: &[u8]) -> Result<SecretBytes, OpenError> {
        let personal = self.chest.personal().ok_or(OpenError::Refused)?;
        crypto::open(&personal.forms(), &self.forms_binding(), sealed)
    }

    fn forms_binding(&self) -> Binding {
        self.personal_binding(SecretId(self.chest.me().0), PartTag::VALUE, 0)
    }

    /// Whose it is that is sealed for one member alone.
    pub(super) fn me(&self) -> MemberId {
        self.chest.me()
    }

    /// Opens the plaintext of unfinished forms of version 1, which everybody could open.
    pub(super) fn open_forms(&self, sealed: &[u8]) -> Result<SecretBytes, OpenError> {
        crypto::open(&self.keys.forms, &self.manifest_binding(), sealed)
    }

    /// Seals the plaintext of event `number` of the audit log; 0 is the log's beginning.
    pub(super) fn seal_event(&self, number: u64, plain: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, SealError> {
        crypto::seal(&self.keys.audit, &self.event_binding(number), plain, entropy)
    }

    /// Opens what [`Sealer::seal_event`] made.
    pub(super) fn open_event(&self, number: u64, sealed: &[u8]) -> Result<SecretBytes, OpenError> {
        crypto::open(&self.keys.audit, &self.event_binding(number), sealed)
    }

    fn seal_pieces(
        &self,
        header: &Header,
        plain: &SecretBytes,
        revision: u64,
        key: &Key,
        entropy: &dyn Entropy,
    ) -> Result<(Link, Vec<Vec<u8>>), SealError> {
        let mut pieces = Vec::new();
        let mut digests = Vec::new();
        for (n, piece) in (0..).zip(plain.expose().chunks(PIECE)) {
            let part = PartTag::chunk(n).ok_or(SealError::TooLong(plain.len()))?;
            let sealed = crypto::seal(key, &self.value_binding(header, part, revision), piece, entropy)?;
            digests.extend_from_slice(&crypto::digest(&sealed));
            pieces.push(sealed);
        }
        let count = u32::try_from(pieces.len()).map_err(|_| SealError::TooLong(plain.len()))?;
        Ok((Link::Pieces { revision, count, digest: crypto::digest(&digests) }, pieces))
    }

    fn open_pieces(
        &self,
        of: &Opened<'_>,
        (revision, count, digest): (u64, u32, [u8; 32]),
        key: &Key,
        store: &dyn Store,
    ) -> Result<SecretBytes, RecordError> {
        let mut plain = SecretBytes::default();
        let mut digests = Vec::new();
        for n in 0..count {
            let entry = store.get(&of.item.piece_key(n))?.ok_or(RecordError::Piece)?;
            let part = PartTag::chunk(n).ok_or(RecordError::Piece)?;
            digests.extend_from_slice(&crypto::digest(&entry.bytes));
            plain.push(crypto::open(key, &self.value_binding(&of.header, part, revision), &entry.bytes)?.expose());
        }
        if crypto::digest(&digests) == digest { Ok(plain) } else { Err(RecordError::Piece) }
    }

    fn value_binding(&self, header: &Header, part: PartTag, revision: u64) -> Binding {
        match header.scope {
            Scope::Organization => self.binding(header.id, part, revision),
            Scope::Personal => self.personal_binding(header.id, part, revision),
        }
    }

    /// What is sealed to its owner alone stays as it is when an epoch begins.
    fn personal_binding(&self, id: SecretId, part: PartTag, revision: u64) -> Binding {
        Binding { format: FORMAT, vault: self.vault, epoch: 0, record: id.0, part, revision }
    }

    /// The place of `part` of what has the id `id`.
    pub(super) fn binding(&self, id: SecretId, part: PartTag, revision: u64) -> Binding {
        Binding { format: self.format, vault: self.vault, epoch: self.epoch, record: id.0, part, revision }
    }

    /// Events have a key of their own, too: their number is their place.
    fn event_binding(&self, number: u64) -> Binding {
        self.binding(SecretId([0; 16]), PartTag::HEADER, number)
    }

    /// The one manifest, the one profile and the forms of an epoch have keys of their own, so their place needs no name.
    fn manifest_binding(&self) -> Binding {
        self.binding(SecretId([0; 16]), PartTag::HEADER, 0)
    }
}

/// The parts of a record as it lies in the store.
struct Parts<'a> {
    format: u8,
    revision: u64,
    /// What everybody can open of a personal one.
    outer: &'a [u8],
    header: &'a [u8],
    inline: &'a [u8],
}

impl<'a> Parts<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, RecordError> {
        let mut from = Reader::new(bytes);
        let format = from.u8()?;
        if !(OLD_FORMAT..=PERSONAL).contains(&format) {
            return Err(RecordError::Format(format));
        }
        let revision = from.u64()?;
        let outer = if format == PERSONAL { from.bytes(crypto::sealed_len(MAX_HEADER))? } else { &[] };
        let header = from.bytes(crypto::sealed_len(MAX_HEADER))?;
        let inline = from.raw(from.remaining())?;
        Ok(Self { format, revision, outer, header, inline })
    }
}

/// What a personal secret is called where others read it.
pub(super) fn personal_name(id: SecretId) -> Box<str> {
    format!("personal secret {}", &id.to_string()[..8]).into()
}

/// The revision that a record in the store names, in whatever format.
pub(super) fn revision_of(bytes: &[u8]) -> Option<u64> {
    Parts::read(bytes).ok().map(|parts| parts.revision)
}

fn frame(format: u8, revision: u64, sealed: &[&[u8]], inline: &[u8]) -> Vec<u8> {
    let mut to = Writer::with_capacity(FRAME + sealed.iter().map(|part| part.len()).sum::<usize>() + inline.len());
    to.u8(format);
    to.u64(revision);
    sealed.iter().for_each(|part| to.bytes(part));
    to.raw(inline);
    to.as_bytes().to_vec()
}

fn id_of(item: Item) -> Result<SecretId, RecordError> {
    match item {
        Item::Record(id) | Item::Kept(id, _) => Ok(id),
        Item::Document(_) | Item::Batch(_) | Item::TakenOver => Err(RecordError::Piece),
    }
}

fn open_header<'a>(
    item: Item,
    id: SecretId,
    parts: &Parts<'a>,
    key: &Key,
    binding: &Binding,
) -> Result<Opened<'a>, RecordError> {
    let plain = crypto::open(key, binding, parts.header)?;
    let mut from = Reader::new(plain.expose());
    check_version(from.u8()?)?;
    let signed = Signed::read(&mut from)?;
    let (for_registrar, link) = (from.flag()?, read_link(&mut from)?);
    from.finish()?;
    let told = signed.told(id).map_err(|_| Tampering::Mixed)?;
    if told.header.revision != parts.revision {
        return Err(Tampering::Mixed.into());
    }
    let commitment = told.content.commitment;
    let inline = parts.inline;
    Ok(Opened { item, header: told.header, signed: Some(signed), commitment, link, for_registrar, inline })
}

fn check_version(version: u8) -> Result<(), RecordError> {
    if version == RECORD_VERSION { Ok(()) } else { Err(RecordError::Format(version)) }
}

/// Most bytes that the record of `header` has without its value.
fn most_of_record(header: &Header) -> usize {
    let birth = birth_of(header, &[0; BLOCK_SALT_LEN]);
    let blocks = birth.len() + content_of(header, &birth, None).len() + state_of(header, &birth).len();
    let personal = if header.scope == Scope::Personal { crypto::sealed_len(OUTER_LEN) } else { 0 };
    FRAME + crypto::sealed_len(1 + blocks + MARKS_LEN + 1 + size_of::<Link>()) + personal
}
