//! The engine that forgets: for tests and the demo.

use std::collections::BTreeMap;

use super::plan::plan;
use super::{Batch, Entry, Store, StoreError};

/// Entries in memory; nothing ever touches a disk.
#[derive(Debug, Default, Clone)]
pub struct MemoryStore {
    entries: BTreeMap<Vec<u8>, Entry>,
}

impl Store for MemoryStore {
    fn get(&self, key: &[u8]) -> Result<Option<Entry>, StoreError> {
        Ok(self.entries.get(key).cloned())
    }

    fn scan(&self, prefix: &[u8], visit: &mut dyn FnMut(&[u8], Entry) -> bool) -> Result<(), StoreError> {
        for (key, entry) in self.entries.range(prefix.to_vec()..).take_while(|(key, _)| key.starts_with(prefix)) {
            if !visit(key, entry.clone()) {
                break;
            }
        }
        Ok(())
    }

    fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        let plan = plan(batch, |key| Ok(self.entries.get(key).map_or(0, |entry| entry.revision)))?;
        for (key, entry) in plan {
            match entry {
                Some(entry) => self.entries.insert(key, entry),
                None => self.entries.remove(&key),
            };
        }
        Ok(())
    }

    fn close(self: Box<Self>) -> Result<(), StoreError> {
        Ok(())
    }
}
