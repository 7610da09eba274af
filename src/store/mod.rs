//! Opaque bytes under keys: atomic, durable, compare-and-swap. No engine sees plaintext.

mod memory;
mod plan;
pub mod sled;

use std::fmt;

pub use memory::MemoryStore;

/// How often a key has been written; the first write makes it 1. 0 stands for "not there".
pub type Revision = u64;

/// One entry, as stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The revision of this entry.
    pub revision: Revision,
    /// The bytes, opaque here.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry(revision {}, {} bytes)", self.revision, self.bytes.len())
    }
}

/// What happens to one key.
#[derive(Clone, PartialEq, Eq)]
pub struct Op {
    /// The key.
    pub key: Vec<u8>,
    /// The revision that the key must have for the batch to go through (0: must not exist);
    /// `None` writes whatever is there.
    pub expect: Option<Revision>,
    /// The new bytes, or `None` to remove the key.
    pub put: Option<Vec<u8>>,
}

/// Changes that are made all together or not at all.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Batch(pub Vec<Op>);

impl Batch {
    /// Writes `bytes` under `key`, whatever is there.
    pub fn put(&mut self, key: impl Into<Vec<u8>>, bytes: Vec<u8>) {
        self.0.push(Op { key: key.into(), expect: None, put: Some(bytes) });
    }

    /// Writes `bytes` under `key` if its revision is `expect`.
    pub fn swap(&mut self, key: impl Into<Vec<u8>>, expect: Revision, bytes: Vec<u8>) {
        self.0.push(Op { key: key.into(), expect: Some(expect), put: Some(bytes) });
    }

    /// Removes `key`, whatever is there.
    pub fn remove(&mut self, key: impl Into<Vec<u8>>) {
        self.0.push(Op { key: key.into(), expect: None, put: None });
    }
}

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else wrote in between: nothing of the batch was written.
    #[error("the store was changed in between: expected revision {expected}, found {found}")]
    Conflict {
        /// What the batch expected.
        expected: Revision,
        /// What is there.
        found: Revision,
    },
    /// The disk is full; nothing of the batch was written.
    #[error("the disk is full")]
    Full,
    /// The files are not what this engine wrote.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// An earlier failure left the engine in doubt; open the vault again.
    #[error("the store stopped after an earlier failure: {0}")]
    Stopped(String),
    /// The operating system refused.
    #[error("{what}: {source}")]
    Io {
        /// What was being done, with the path.
        what: String,
        /// The operating system's answer.
        source: std::io::Error,
    },
}

/// A keeper of opaque bytes.
///
/// Every engine passes the same contract test (`tests/store_contract.rs`):
/// a batch that returned `Ok` survives kill -9 and power loss; a batch that returned `Err` left
/// no trace (but for [`StoreError::Stopped`] and I/O failures of the final sync, where it may be found whole after the
/// next opening, never in part); keys come back in byte order.
pub trait Store: Send {
    /// The entry under `key`.
    ///
    /// # Errors
    /// When the engine cannot read.
    fn get(&self, key: &[u8]) -> Result<Option<Entry>, StoreError>;

    /// Shows every entry whose key begins with `prefix` to `visit`, in byte order of the keys, until it returns `false`.
    ///
    /// # Errors
    /// When the engine cannot read.
    fn scan(&self, prefix: &[u8], visit: &mut dyn FnMut(&[u8], Entry) -> bool) -> Result<(), StoreError>;

    /// Makes the changes of `batch`, all or none, and returns when they are on the disk.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when an expected revision does not hold, [`StoreError::Full`] when
    /// there is no room, others when the engine cannot write.
    fn commit(&mut self, batch: Batch) -> Result<(), StoreError>;

    /// Closes cleanly: everything is on the disk when this returns.
    ///
    /// # Errors
    /// When the last sync fails.
    fn close(self: Box<Self>) -> Result<(), StoreError>;
}
