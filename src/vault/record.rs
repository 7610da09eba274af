//! How one secret is sealed: a record, and the pieces of a large value beside it.
//!
//! `version (u8) ‖ revision (u64) ‖ length of the sealed header (u32) ‖ sealed header ‖ sealed value, if small`.
//! The sealed header tells where the value is ([`Link`]). A value that does not fit is cut into
//! pieces, each sealed under its own number; the link holds how many and a digest over all of them.
//! A change of the header alone leaves the sealed value as it is.

use super::codec::{CodecError, decode_header, decode_value, encode_header, encode_value};
use super::error::VaultError;
use super::layout::{Item, MAX_ENTRY};
use crate::crypto::wire::{Reader, WireError, Writer};
use crate::crypto::{self, Binding, Key, Manifest, OpenError, PartTag, SealError, Subkeys, VaultKey};
use crate::domain::{Header, SecretBytes, SecretId, Value, VaultId};
use crate::host::Entropy;
use crate::store::{Store, StoreError};

const FORMAT: u8 = 1;
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
    /// Where the value is.
    pub(super) link: Link,
    /// The sealed value, when it is in the record.
    pub(super) inline: &'a [u8],
}

impl Opened<'_> {
    /// Whether the sealed value may stay in the record when `header` comes in the place of this one.
    pub(super) fn fits_beside(&self, header: &Header) -> bool {
        FRAME + crypto::sealed_len(encode_header(header, &self.link).len()) + self.inline.len() <= MAX_ENTRY
    }
}

/// A value, sealed.
pub(super) struct SealedValue {
    /// What the header has to say about it.
    pub(super) link: Link,
    /// What goes into the record.
    pub(super) inline: Vec<u8>,
    /// What goes beside it, in order.
    pub(super) pieces: Vec<Vec<u8>>,
}

impl SealedValue {
    /// No value, as of a tombstone.
    pub(super) fn none() -> Self {
        Self { link: Link::None, inline: Vec::new(), pieces: Vec::new() }
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
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<RecordError> for VaultError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Store(error) => error.into(),
            other => VaultError::Damaged(other.to_string()),
        }
    }
}

/// Seals and opens what is in one vault during one epoch.
pub(super) struct Sealer {
    vault: VaultId,
    epoch: u64,
    keys: Subkeys,
    value: Key,
}

impl Sealer {
    /// The sealer of `epoch`, whose vault key is `key`.
    pub(super) fn new(vault: VaultId, epoch: u64, key: &VaultKey) -> Self {
        Self { vault, epoch, keys: key.subkeys(vault, epoch), value: key.old_value_key(vault, epoch) }
    }

    /// The keys of the epoch.
    pub(super) fn keys(&self) -> &Subkeys {
        &self.keys
    }

    /// The record of `header`, whose value is `inline` or elsewhere, as `link` says.
    pub(super) fn seal_record(
        &self,
        header: &Header,
        link: &Link,
        inline: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        let binding = self.binding(header.id, PartTag::HEADER, header.revision);
        let plain = encode_header(header, link);
        let sealed = crypto::seal(&self.keys.header, &binding, plain.expose(), entropy)?;
        let mut to = Writer::with_capacity(FRAME + sealed.len() + inline.len());
        to.u8(FORMAT);
        to.u64(header.revision);
        to.bytes(&sealed);
        to.raw(inline);
        Ok(to.as_bytes().to_vec())
    }

    /// Whether `header` is small enough to be stored.
    pub(super) fn fits(header: &Header) -> bool {
        encode_header(header, &Link::None).len() + size_of::<Link>() <= MAX_HEADER
    }

    /// Opens the header of the record `item`; a kept one opens only at its revision.
    pub(super) fn open_record<'a>(&self, item: Item, bytes: &'a [u8]) -> Result<Opened<'a>, RecordError> {
        let (Item::Record(id) | Item::Kept(id, _)) = item else { return Err(RecordError::Piece) };
        let mut from = Reader::new(bytes);
        let format = from.u8()?;
        if format != FORMAT {
            return Err(RecordError::Format(format));
        }
        let revision = from.u64()?;
        if matches!(item, Item::Kept(_, kept) if kept != revision) {
            return Err(OpenError::Refused.into());
        }
        let sealed = from.bytes(crypto::sealed_len(MAX_HEADER))?;
        let inline = from.raw(from.remaining())?;
        let plain = crypto::open(&self.keys.header, &self.binding(id, PartTag::HEADER, revision), sealed)?;
        let (header, link) = decode_header(id, revision, plain.expose())?;
        Ok(Opened { item, header, link, inline })
    }

    /// Seals `value` for the record of `header`, at the revision of that header.
    pub(super) fn seal_value(
        &self,
        header: &Header,
        value: &Value,
        revision: u64,
        entropy: &dyn Entropy,
    ) -> Result<SealedValue, SealError> {
        if value.0.is_empty() {
            return Ok(SealedValue::none());
        }
        let plain = encode_value(value);
        let inline = Link::Inline { revision };
        let header_len = crypto::sealed_len(encode_header(header, &inline).len());
        if FRAME + header_len + crypto::sealed_len(plain.len()) <= MAX_ENTRY {
            let binding = self.binding(header.id, PartTag::VALUE, revision);
            let inline_bytes = crypto::seal(&self.value, &binding, plain.expose(), entropy)?;
            return Ok(SealedValue { link: inline, inline: inline_bytes, pieces: Vec::new() });
        }
        self.seal_pieces(header.id, &plain, revision, entropy)
    }

    /// Opens the value of a record.
    pub(super) fn open_value(&self, opened: &Opened<'_>, store: &dyn Store) -> Result<Value, RecordError> {
        let id = opened.header.id;
        let plain = match opened.link {
            Link::None => return Ok(Value::default()),
            Link::Inline { revision } => {
                crypto::open(&self.value, &self.binding(id, PartTag::VALUE, revision), opened.inline)?
            }
            Link::Pieces { revision, count, digest } => self.open_pieces(opened, (revision, count, digest), store)?,
        };
        Ok(decode_value(&plain)?)
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

    /// Seals the plaintext of unfinished forms.
    pub(super) fn seal_forms(&self, plain: &SecretBytes, entropy: &dyn Entropy) -> Result<Vec<u8>, SealError> {
        crypto::seal(&self.keys.forms, &self.manifest_binding(), plain.expose(), entropy)
    }

    /// Opens the plaintext of unfinished forms.
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
        id: SecretId,
        plain: &SecretBytes,
        revision: u64,
        entropy: &dyn Entropy,
    ) -> Result<SealedValue, SealError> {
        let mut pieces = Vec::new();
        let mut digests = Vec::new();
        for (n, piece) in (0..).zip(plain.expose().chunks(PIECE)) {
            let binding = self.piece_binding(id, n, revision).ok_or(SealError::TooLong(plain.len()))?;
            let sealed = crypto::seal(&self.value, &binding, piece, entropy)?;
            digests.extend_from_slice(&crypto::digest(&sealed));
            pieces.push(sealed);
        }
        let count = u32::try_from(pieces.len()).map_err(|_| SealError::TooLong(plain.len()))?;
        let link = Link::Pieces { revision, count, digest: crypto::digest(&digests) };
        Ok(SealedValue { link, inline: Vec::new(), pieces })
    }

    fn open_pieces(
        &self,
        of: &Opened<'_>,
        (revision, count, digest): (u64, u32, [u8; 32]),
        store: &dyn Store,
    ) -> Result<SecretBytes, RecordError> {
        let mut plain = SecretBytes::default();
        let mut digests = Vec::new();
        for n in 0..count {
            let entry = store.get(&of.item.piece_key(n))?.ok_or(RecordError::Piece)?;
            let binding = self.piece_binding(of.header.id, n, revision).ok_or(RecordError::Piece)?;
            digests.extend_from_slice(&crypto::digest(&entry.bytes));
            plain.push(crypto::open(&self.value, &binding, &entry.bytes)?.expose());
        }
        if crypto::digest(&digests) == digest { Ok(plain) } else { Err(RecordError::Piece) }
    }

    fn piece_binding(&self, id: SecretId, n: u32, revision: u64) -> Option<Binding> {
        PartTag::chunk(n).map(|part| self.binding(id, part, revision))
    }

    /// The place of `part` of what has the id `id`.
    pub(super) fn binding(&self, id: SecretId, part: PartTag, revision: u64) -> Binding {
        Binding { format: FORMAT, vault: self.vault, epoch: self.epoch, record: id.0, part, revision }
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
