//! How a record lies in the store: its format and revision in the open, then what is sealed.

use super::RecordError;
use super::shapes::Link;
use crate::crypto::wire::{Reader, Writer};
use crate::crypto::{self, PartTag};
use crate::domain::organization::Tampering;
use crate::domain::{Header, Scope, SecretId};
use crate::vault::layout::{Item, LAST_REVISION};
use crate::vault::signed::{BLOCK_SALT_LEN, birth_of, content_of, state_of};

/// The format of a record that nobody signed, of vaults with one member.
pub(super) const OLD_FORMAT: u8 = 1;
pub(super) const FORMAT: u8 = 2;
/// The format of a personal record.
pub(super) const PERSONAL: u8 = 3;
/// Version of the plaintext of a record.
pub(super) const RECORD_VERSION: u8 = 2;
/// What everybody can open of a personal record: no part of another record has this tag.
pub(super) const OUTER: PartTag = PartTag(u32::MAX);
/// Most bytes of the plaintext of it.
const OUTER_LEN: usize = 512;
/// Most batches that the blocks of a record are signed in.
pub(super) const MOST_BATCHES: usize = 3;
/// Lengths and places of the signatures of three blocks.
const MARKS_LEN: usize = 3 * (4 + 8 + 16 + 4) + 1;
/// Most bytes of the plaintext of a header: all the text of the longest chain of certificates, and room to spare.
pub(super) const MAX_HEADER: usize = 4 * 1024 * 1024;
/// Plaintext of one piece: fills its size bucket exactly.
pub(super) const PIECE: usize = 8 * 1024 - 4;
/// Version, revision and length.
const FRAME: usize = 1 + 8 + 4;

/// The parts of a record as it lies in the store.
pub(super) struct Parts<'a> {
    pub(super) format: u8,
    pub(super) revision: u64,
    /// What everybody can open of a personal one.
    pub(super) outer: &'a [u8],
    pub(super) header: &'a [u8],
    pub(super) inline: &'a [u8],
}

impl<'a> Parts<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, RecordError> {
        let mut from = Reader::new(bytes);
        let format = from.u8()?;
        if !(OLD_FORMAT..=PERSONAL).contains(&format) {
            return Err(RecordError::Format(format));
        }
        let revision = from.u64()?;
        if revision > LAST_REVISION {
            return Err(Tampering::Mixed.into());
        }
        let outer = if format == PERSONAL { from.bytes(crypto::sealed_len(MAX_HEADER))? } else { &[] };
        let header = from.bytes(crypto::sealed_len(MAX_HEADER))?;
        let inline = from.raw(from.remaining())?;
        Ok(Self { format, revision, outer, header, inline })
    }
}

/// The revision that a record in the store names, in whatever format.
pub(in crate::vault) fn revision_of(bytes: &[u8]) -> Option<u64> {
    Parts::read(bytes).ok().map(|parts| parts.revision)
}

pub(super) fn frame(format: u8, revision: u64, sealed: &[&[u8]], inline: &[u8]) -> Vec<u8> {
    let mut to = Writer::with_capacity(FRAME + sealed.iter().map(|part| part.len()).sum::<usize>() + inline.len());
    to.u8(format);
    to.u64(revision);
    sealed.iter().for_each(|part| to.bytes(part));
    to.raw(inline);
    to.as_bytes().to_vec()
}

pub(super) fn id_of(item: Item) -> Result<SecretId, RecordError> {
    match item {
        Item::Record(id) | Item::Kept(id, _) => Ok(id),
        Item::Document(_) | Item::Batch(_) | Item::TakenOver => Err(RecordError::Piece),
    }
}

pub(super) fn check_version(version: u8) -> Result<(), RecordError> {
    if version == RECORD_VERSION { Ok(()) } else { Err(RecordError::Format(version)) }
}

/// Most bytes that the record of `header` has without its value.
pub(super) fn most_of_record(header: &Header) -> usize {
    let birth = birth_of(header, &[0; BLOCK_SALT_LEN]);
    let blocks = birth.len() + content_of(header, &birth, None).len() + state_of(header, &birth).len();
    let personal = if header.scope == Scope::Personal { crypto::sealed_len(OUTER_LEN) } else { 0 };
    FRAME + crypto::sealed_len(1 + blocks + MARKS_LEN + 1 + size_of::<Link>()) + personal
}
