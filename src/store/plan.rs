//! What a batch comes to, worked out before anything is written. Every engine uses it.

use std::collections::BTreeMap;

use super::{Batch, Entry, Revision, StoreError};

/// The state that each key of the batch will have: an entry, or none.
pub(super) type Plan = BTreeMap<Vec<u8>, Option<Entry>>;

/// Goes through `batch` in order; an operation sees what those before it did. `current` tells the revision that a key
/// has in the store, 0 when it is not there.
///
/// # Errors
/// [`StoreError::Conflict`] for the first expectation that does not hold, or what `current` reports.
pub(super) fn plan(batch: Batch, current: impl Fn(&[u8]) -> Result<Revision, StoreError>) -> Result<Plan, StoreError> {
    let mut plan = Plan::new();
    for op in batch.0 {
        let found = match plan.get(&op.key) {
            Some(planned) => planned.as_ref().map_or(0, |entry| entry.revision),
            None => current(&op.key)?,
        };
        if let Some(expected) = op.expect.filter(|expected| *expected != found) {
            return Err(StoreError::Conflict { expected, found });
        }
        plan.insert(op.key, op.put.map(|bytes| Entry { revision: found + 1, bytes }));
    }
    Ok(plan)
}
