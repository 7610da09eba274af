//! Which key of the store holds what, and how a record that is too large for one entry is cut.
//!
//! ```text
//! m             the manifest
//! r/<id>        a record: how many entries follow (u16), then its first bytes
//! h/<id>/<n>    more bytes of it, when its header is large (a chain of certificates)
//! c/<id>/<n>    a sealed piece of a large value
//! ```

use super::record::RecordError;
use crate::domain::SecretId;
use crate::store::{Batch, Entry, Revision, Store};

/// The key of the manifest.
pub(super) const MANIFEST: &[u8] = b"m";
/// What every key of a record begins with.
pub(super) const RECORDS: &[u8] = b"r/";
const OVERFLOW: &[u8] = b"h/";
const PIECES: &[u8] = b"c/";

/// Most bytes of an entry: small enough that the embedded engine keeps it in its log, where space is used again.
pub(super) const MAX_ENTRY: usize = 11 * 1024;
/// The count of entries that follow.
const COUNT: usize = size_of::<u16>();

/// A record as it lies in the store, put together again.
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

/// The key of a record.
pub(super) fn record_key(id: SecretId) -> Vec<u8> {
    [RECORDS, &id.0].concat()
}

/// The secret that a record's key belongs to.
pub(super) fn id_of(key: &[u8]) -> Option<SecretId> {
    key.strip_prefix(RECORDS)?.try_into().ok().map(SecretId)
}

/// The key of piece `n` of a value.
pub(super) fn piece_key(id: SecretId, n: u32) -> Vec<u8> {
    [PIECES, &id.0, b"/", &n.to_be_bytes()].concat()
}

fn overflow_key(id: SecretId, n: u16) -> Vec<u8> {
    [OVERFLOW, &id.0, b"/", &n.to_be_bytes()].concat()
}

/// Whether more entries belong to the record that begins with `entry`.
pub(super) fn is_cut(entry: &Entry) -> bool {
    entry.bytes.iter().take(COUNT).any(|byte| *byte != 0)
}

/// The record of `id`, if there is one.
///
/// # Errors
/// When a part of it is missing, or the engine cannot read.
pub(super) fn read(store: &dyn Store, id: SecretId) -> Result<Option<Stored>, RecordError> {
    store.get(&record_key(id))?.map(|entry| join(store, id, entry)).transpose()
}

/// The record of `id` that begins with `first`.
///
/// # Errors
/// As [`read`].
pub(super) fn join(store: &dyn Store, id: SecretId, first: Entry) -> Result<Stored, RecordError> {
    let Entry { revision, mut bytes } = first;
    let (count, _) = bytes.split_first_chunk().ok_or(RecordError::Piece)?;
    let more = u16::from_le_bytes(*count);
    bytes.drain(..COUNT);
    for n in 0..more {
        bytes.extend_from_slice(&store.get(&overflow_key(id, n))?.ok_or(RecordError::Piece)?.bytes);
    }
    Ok(Stored { bytes, revision, more })
}

/// Adds to `batch` what puts `record` in the place of `old`.
///
/// # Errors
/// [`RecordError::TooLarge`].
pub(super) fn write(batch: &mut Batch, id: SecretId, record: &[u8], old: Option<&Stored>) -> Result<(), RecordError> {
    let (first, rest) = record.split_at(record.len().min(MAX_ENTRY));
    let more = u16::try_from(rest.len().div_ceil(MAX_ENTRY)).map_err(|_| RecordError::TooLarge)?;
    let head = [&more.to_le_bytes()[..], first].concat();
    batch.swap(record_key(id), old.map_or(0, |old| old.revision), head);
    for (part, n) in rest.chunks(MAX_ENTRY).zip(0..) {
        batch.put(overflow_key(id, n), part.to_vec());
    }
    (more..old.map_or(0, |old| old.more)).for_each(|n| batch.remove(overflow_key(id, n)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    #[test]
    fn a_record_of_any_size_comes_back_and_leaves_nothing_behind() {
        let (mut store, id) = (MemoryStore::default(), SecretId([1; 16]));
        for size in [0, 1, MAX_ENTRY, MAX_ENTRY + 1, 5 * MAX_ENTRY, 10] {
            let record = vec![7; size];
            let old = read(&store, id).unwrap();
            let mut batch = Batch::default();
            write(&mut batch, id, &record, old.as_ref()).unwrap();
            store.commit(batch).unwrap();
            assert_eq!(read(&store, id).unwrap().unwrap().bytes, record);
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
        let (mut store, id) = (MemoryStore::default(), SecretId([1; 16]));
        let mut batch = Batch::default();
        write(&mut batch, id, &[7; 3 * MAX_ENTRY], None).unwrap();
        batch.remove(overflow_key(id, 1));
        store.commit(batch).unwrap();
        assert!(matches!(read(&store, id), Err(RecordError::Piece)));
    }
}
