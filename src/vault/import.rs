//! Storing many secrets at once: each sealed on its own, all in one batch.

use std::collections::HashSet;
use std::sync::Arc;
use std::thread;

use super::layout::{self, piece_key};
use super::record::{SealedValue, Sealer};
use super::report::{Progress, Step, Watch};
use super::{Vault, VaultError};
use crate::crypto::{self, Manifest, SealError, SetHash};
use crate::domain::import::Skipped;
use crate::domain::{Draft, Header, Value};
use crate::host::Entropy;
use crate::host::memory::{Depth, leaving_no_trace};
use crate::store::Batch;

/// Threads that seal.
const MAX_SEALERS: usize = 4;

/// What became of an import.
#[derive(Debug, Default)]
pub struct Imported {
    /// What was stored, or would be.
    pub headers: Vec<Arc<Header>>,
    /// What was not, and why.
    pub skipped: Vec<Skipped>,
}

/// A record and the pieces of its value, sealed.
type Sealed = (Vec<u8>, SealedValue);

impl Vault {
    /// Stores `drafts` under new ids, all together or not at all; those that break a rule, or whose name is taken, are skipped.
    /// With `dry_run` nothing is stored.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`], [`VaultError::DiskFull`] and others; nothing was stored then.
    pub fn import(&mut self, drafts: Vec<Draft>, dry_run: bool, watch: Watch<'_>) -> Result<Imported, VaultError> {
        self.check_writable()?;
        let mut imported = Imported::default();
        let mut secrets = Vec::with_capacity(drafts.len());
        let mut names = HashSet::with_capacity(drafts.len());
        for draft in drafts {
            let skipped = |error: VaultError| Skipped { what: draft.name.to_string(), why: in_words(&error) };
            if !names.insert(draft.name.clone()) {
                let why = "There is another one of that name before it.".to_owned();
                imported.skipped.push(Skipped { what: draft.name.to_string(), why });
                continue;
            }
            match self.new_header(&draft).map_err(skipped) {
                Ok(header) => secrets.push((header, draft.value)),
                Err(skipped) => imported.skipped.push(skipped),
            }
        }
        if !dry_run && !secrets.is_empty() {
            self.store_all(&secrets, watch)?;
        }
        imported.headers = secrets.into_iter().map(|(header, _)| Arc::new(header)).collect();
        if !dry_run {
            imported.headers.iter().for_each(|header| self.index.insert(header.clone()));
        }
        Ok(imported)
    }

    fn store_all(&mut self, secrets: &[(Header, Value)], watch: Watch<'_>) -> Result<(), VaultError> {
        let total = secrets.len() as u64;
        watch(Progress { step: Step::Importing, done: 0, total });
        let sealed = seal_all(&self.sealer, secrets, &*self.tools.entropy)?;
        let mut set = SetHash::resume(&self.sealer.keys().manifest, self.manifest.set);
        let mut batch = Batch::default();
        for ((header, _), (record, value)) in secrets.iter().zip(sealed) {
            set.toggle(&header.id.0, header.revision, &crypto::digest(&record));
            layout::write(&mut batch, header.id, &record, None)?;
            value.pieces.into_iter().zip(0..).for_each(|(piece, n)| batch.put(piece_key(header.id, n), piece));
        }
        let manifest = Manifest {
            generation: self.manifest.generation + 1,
            records: self.manifest.records + total,
            set: set.value(),
            last_seen: self.seen_now(),
        };
        self.commit(batch, manifest)?;
        watch(Progress { step: Step::Importing, done: total, total });
        Ok(())
    }
}

/// Seals on several threads: at 10,000 secrets most of the time goes into that.
fn seal_all(sealer: &Sealer, secrets: &[(Header, Value)], entropy: &dyn Entropy) -> Result<Vec<Sealed>, SealError> {
    let sealers = thread::available_parallelism().map_or(1, usize::from).min(MAX_SEALERS);
    let share = secrets.len().div_ceil(sealers).max(1);
    let seal = |(header, value): &(Header, Value)| {
        let value = sealer.seal_value(header, value, header.revision, entropy)?;
        Ok((sealer.seal_record(header, &value.link, &value.inline, entropy)?, value))
    };
    let seal_share = |share: &[(Header, Value)]| {
        // The stack of a thread that has ended is kept, as it is, for the next one.
        leaving_no_trace(Depth::Records, || share.iter().map(seal).collect::<Result<Vec<Sealed>, SealError>>())
    };
    thread::scope(|scope| {
        let shares: Vec<_> = secrets.chunks(share).map(|share| scope.spawn(move || seal_share(share))).collect();
        let mut all = Vec::with_capacity(secrets.len());
        for share in shares {
            all.extend(share.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(all)
    })
}

/// Why one is skipped, as a sentence.
fn in_words(error: &VaultError) -> String {
    match error {
        VaultError::NameTaken(_) => "There is a secret of that name already.".to_owned(),
        VaultError::Invalid { field, cause } => format!("Its field {field}: {cause}"),
        other => format!("{other}."),
    }
}
