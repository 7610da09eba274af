//! Which key of the store holds what, and how an item that is too large for one entry is cut.
//!
//! ```text
//! m                       the manifest
//! r/<id>                  a record: how many entries follow (u16), then its first bytes
//! h/<id>/<n>              more bytes of it, when its header is large (a chain of certificates)
//! c/<id>/<n>              a sealed piece of a large value
//! v/<id>/<revision>       the record of an earlier revision, kept with its value, which has been replaced since
//! w/<id>/<revision>/<n>   more bytes of it
//! p/<id>/<revision>/<n>   a sealed piece of its value
//! d/<document>            a document (applications, settings), in the way of a record
//! e/<document>/<n>        more bytes of it
//! s/<batch>               signed statements about records, in the way of a record
//! u/<batch>/<n>           more bytes of them
//! t/                      the statements that were taken over into this epoch, in the way of a record
//! y//<n>                  more bytes of them
//! ```

use super::documents::Document;
use super::record::RecordError;
use crate::domain::SecretId;
use crate::store::{Batch, Entry, Revision, Store};

/// The key of the manifest.
pub(super) const MANIFEST: &[u8] = b"m";
/// What every key of a record begins with.
pub(super) const RECORDS: &[u8] = b"r/";
/// What every key of a batch of signed statements begins with.
pub(super) const SIGNATURES: &[u8] = b"s/";
/// What every key of a kept revision begins with.
pub(super) const KEPT: &[u8] = b"v/";

/// The last revision that is read: whoever writes directly could leave none for the next.
pub(super) const LAST_REVISION: u64 = 1 << 48;

/// What a kept revision has in the set hash besides its number: at another place, the same bytes count as others.
const KEPT_MARK: u64 = 1 << 63;

/// Something that lies in the store as one, and that the manifest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    /// The record of a secret.
    Record(SecretId),
    /// The record that a secret had at an earlier revision.
    Kept(SecretId, u64),
    /// A document.
    Document(Document),
    /// A batch of signed statements. It proves itself, so it is not counted.
    Batch([u8; 16]),
    /// The statements that were taken over into this epoch. The membership log has their digest.
    TakenOver,
}

impl Item {
    /// The item whose first entry is under `key`.
    pub(super) fn of(key: &[u8]) -> Option<Self> {
        if let Some(id) = key.strip_prefix(RECORDS) {
            return id.try_into().ok().map(|id| Self::Record(SecretId(id)));
        }
        let (id, revision) = key.strip_prefix(KEPT)?.split_first_chunk()?;
        let revision = revision.strip_prefix(b"/")?.try_into().ok()?;
        Some(Self::Kept(SecretId(*id), u64::from_be_bytes(revision)))
    }

    /// How it is counted in the set hash when it has `revision`.
    pub(super) fn element(self, revision: u64) -> ([u8; 16], u64) {
        match self {
            Self::Record(id) => (id.0, revision),
            Self::Kept(id, _) => (id.0, revision | KEPT_MARK),
            Self::Document(document) => (document.id(), revision),
            Self::Batch(id) => (id, revision),
            Self::TakenOver => ([0; 16], revision),
        }
    }

    /// The key of its first entry.
    pub(super) fn key(self) -> Vec<u8> {
        let first = match self {
            Self::Record(_) => RECORDS,
            Self::Kept(..) => KEPT,
            Self::Document(_) => b"d/",
            Self::Batch(_) => SIGNATURES,
            Self::TakenOver => b"t/",
        };
        self.under(first)
    }

    /// The key of piece `n` of its value.
    pub(super) fn piece_key(self, n: u32) -> Vec<u8> {
        [&self.pieces()[..], &n.to_be_bytes()].concat()
    }

    /// What the keys of all pieces of its value begin with.
    pub(super) fn pieces(self) -> Vec<u8> {
        let pieces: &[u8] = if matches!(self, Self::Kept(..)) { b"p/" } else { b"c/" };
        [&self.under(pieces)[..], b"/"].concat()
    }

    fn overflow_key(self, n: u16) -> Vec<u8> {
        let overflow: &[u8] = match self {
            Self::Record(_) => b"h/",
            Self::Kept(..) => b"w/",
            Self::Document(_) => b"e/",
            Self::Batch(_) => b"u/",
            Self::TakenOver => b"y/",
        };
        [&self.under(overflow)[..], b"/", &n.to_be_bytes()].concat()
    }

    fn under(self, prefix: &[u8]) -> Vec<u8> {
        match self {
            Self::Record(id) => [prefix, &id.0].concat(),
            Self::Kept(id, revision) => [prefix, &id.0, b"/", &revision.to_be_bytes()].concat(),
            Self::Document(document) => [prefix, &document.id()].concat(),
            Self::Batch(id) => [prefix, &id].concat(),
            Self::TakenOver => prefix.to_vec(),
        }
    }
}

/// Most bytes of an entry: small enough that the embedded engine keeps it in its log, where space is used again.
pub(super) const MAX_ENTRY: usize = 11 * 1024;
/// The count of entries that follow.
const COUNT: usize = size_of::<u16>();

/// An item as it lies in the store, put together again.
pub(super) struct Stored {
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// The store's own revision of it, which begins anew with every rewrite.
    pub(super) revision: Revision,
    /// Over how many further entries it is spread.
    more: u16,
}

impl Stored {
    /// Over how many entries it is spread.
    pub(super) fn entries(&self) -> u64 {
        1 + u64::from(self.more)
    }
}

/// Whether more entries belong to the item that begins with `entry`.
pub(super) fn is_cut(entry: &Entry) -> bool {
    entry.bytes.iter().take(COUNT).any(|byte| *byte != 0)
}

/// What is in the store of `item`, if it is there.
///
/// # Errors
/// When a part of it is missing, or the engine cannot read.
pub(super) fn read(store: &dyn Store, item: Item) -> Result<Option<Stored>, RecordError> {
    store.get(&item.key())?.map(|entry| join(store, item, entry)).transpose()
}

/// The whole of `item`, which begins with `first`.
///
/// # Errors
/// As [`read`].
pub(super) fn join(store: &dyn Store, item: Item, first: Entry) -> Result<Stored, RecordError> {
    let Entry { revision, mut bytes } = first;
    let (count, _) = bytes.split_first_chunk().ok_or(RecordError::Piece)?;
    let more = u16::from_le_bytes(*count);
    bytes.drain(..COUNT);
    for n in 0..more {
        bytes.extend_from_slice(&store.get(&item.overflow_key(n))?.ok_or(RecordError::Piece)?.bytes);
    }
    Ok(Stored { bytes, revision, more })
}

/// Adds to `batch` what puts `bytes` in the place of `old`.
///
/// # Errors
/// [`RecordError::TooLarge`].
pub(super) fn write(batch: &mut Batch, item: Item, bytes: &[u8], old: Option<&Stored>) -> Result<(), RecordError> {
    let (first, rest) = bytes.split_at(bytes.len().min(MAX_ENTRY));
    let more = u16::try_from(rest.len().div_ceil(MAX_ENTRY)).map_err(|_| RecordError::TooLarge)?;
    let head = [&more.to_le_bytes()[..], first].concat();
    batch.swap(item.key(), old.map_or(0, |old| old.revision), head);
    for (part, n) in rest.chunks(MAX_ENTRY).zip(0..) {
        batch.put(item.overflow_key(n), part.to_vec());
    }
    (more..old.map_or(0, |old| old.more)).for_each(|n| batch.remove(item.overflow_key(n)));
    Ok(())
}

/// Adds to `batch` what removes `item`, which is `stored` so.
pub(super) fn remove(batch: &mut Batch, item: Item, stored: &Stored) {
    batch.remove(item.key());
    (0..stored.more).for_each(|n| batch.remove(item.overflow_key(n)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    #[test]
    fn a_record_of_any_size_comes_back_and_leaves_nothing_behind() {
        let (mut store, item) = (MemoryStore::default(), Item::Record(SecretId([1; 16])));
        for size in [0, 1, MAX_ENTRY, MAX_ENTRY + 1, 5 * MAX_ENTRY, 10] {
            let record = vec![7; size];
            let old = read(&store, item).unwrap();
            let mut batch = Batch::default();
            write(&mut batch, item, &record, old.as_ref()).unwrap();
            store.commit(batch).unwrap();
            assert_eq!(read(&store, item).unwrap().unwrap().bytes, record);
        }
        let mut entries = 0;
        store
            .scan(b"", &mut |_, _| {
                entries += 1;
                true
            })
            .unwrap();
        assert_eq!(entries, 1);
    }

    #[test]
    fn a_missing_part_is_noticed() {
        let (mut store, item) = (MemoryStore::default(), Item::Record(SecretId([1; 16])));
        let mut batch = Batch::default();
        write(&mut batch, item, &[7; 3 * MAX_ENTRY], None).unwrap();
        batch.remove(item.overflow_key(1));
        store.commit(batch).unwrap();
        assert!(matches!(read(&store, item), Err(RecordError::Piece)));
    }
}
