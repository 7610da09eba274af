//! Storing many new secrets at once: all of them in one batch, or none.

use std::collections::HashSet;
use std::sync::Arc;
use std::thread;

use super::layout::Item;
use super::record::{SealedValue, Sealer};
use super::{Vault, VaultError};
use crate::domain::{Draft, Header, Value};
use crate::host::Entropy;
use crate::host::memory::{Depth, leaving_no_trace};

/// Most secrets of one import: all are in memory at once.
const MOST: usize = 100_000;
/// Most bytes of all their values together.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// Threads that seal.
const MAX_SEALERS: usize = 4;

/// A secret as it is put in the store.
struct Sealed {
    record: Vec<u8>,
    pieces: Vec<Vec<u8>>,
}

impl Vault {
    /// Stores every secret in `drafts`, each sealed on its own, in one batch: whoever looks sees all of them, or none.
    /// Says how many.
    ///
    /// # Errors
    /// As of [`Vault::register`]; also when a name comes twice, or when there are too many. Nothing was stored then.
    pub fn import(&mut self, drafts: Vec<Draft>) -> Result<u64, VaultError> {
        self.check_writable()?;
        check_size(&drafts)?;
        if drafts.is_empty() {
            return Ok(0);
        }
        let secrets = self.new_secrets(drafts)?;
        let sealed = seal_all(&self.sealer, &*self.tools.entropy, &secrets)?;
        let headers: Vec<Header> = secrets.into_iter().map(|(header, _)| header).collect();
        let mut changes = self.changes();
        for (header, Sealed { record, pieces }) in headers.iter().zip(sealed) {
            let item = Item::Record(header.id);
            changes.write(item, header.revision, &record, None)?;
            pieces.into_iter().zip(0..).for_each(|(piece, n)| changes.piece(item, n, piece));
        }
        self.make(changes)?;
        let count = headers.len() as u64;
        headers.into_iter().for_each(|header| self.index.insert(Arc::new(header)));
        Ok(count)
    }

    fn new_secrets(&self, drafts: Vec<Draft>) -> Result<Vec<(Header, Value)>, VaultError> {
        let stamp = self.stamp()?;
        let mut names = HashSet::with_capacity(drafts.len());
        let mut secrets = Vec::with_capacity(drafts.len());
        for draft in drafts {
            let name = draft.name.clone();
            let (header, value) = self.new_secret(draft, &stamp).map_err(|error| error.about(&name))?;
            self.check_free(&name, header.id).map_err(|error| error.about(&name))?;
            if !names.insert(name.clone()) {
                return Err(VaultError::invalid("name", format!("{name}: it comes twice, and a name is used once.")));
            }
            secrets.push((header, value));
        }
        Ok(secrets)
    }
}

fn check_size(drafts: &[Draft]) -> Result<(), VaultError> {
    let of = |draft: &Draft| draft.value.0.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
    let bytes: usize = drafts.iter().map(of).sum();
    if drafts.len() <= MOST && bytes <= MOST_BYTES {
        return Ok(());
    }
    let cause = format!("Import fewer at once: {MOST} secrets and {} MiB of values are the most.", MOST_BYTES >> 20);
    Err(VaultError::invalid("import", cause))
}

/// Seals `secrets`, in their order, on as many threads as there are processors.
fn seal_all(sealer: &Sealer, entropy: &dyn Entropy, secrets: &[(Header, Value)]) -> Result<Vec<Sealed>, VaultError> {
    let sealers = thread::available_parallelism().map_or(1, usize::from).min(MAX_SEALERS);
    let share = secrets.len().div_ceil(sealers).max(1);
    let seal_share = |share: &[(Header, Value)]| -> Result<Vec<Sealed>, VaultError> {
        share.iter().map(|(header, value)| seal(sealer, entropy, header, value)).collect()
    };
    let seal_share = &seal_share;
    let shares: Vec<_> = thread::scope(|scope| {
        // The stack of a thread that has ended is kept, as it is, for the next one.
        let spawn = |share| scope.spawn(move || leaving_no_trace(Depth::Records, || seal_share(share)));
        let threads: Vec<_> = secrets.chunks(share).map(spawn).collect();
        let panicked = |_| Err(VaultError::System("sealing failed: this is a bug, and nothing was stored".into()));
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(panicked)).collect::<Result<_, _>>()
    })?;
    Ok(shares.into_iter().flatten().collect())
}

fn seal(sealer: &Sealer, entropy: &dyn Entropy, header: &Header, value: &Value) -> Result<Sealed, VaultError> {
    if !Sealer::fits(header) {
        let cause = format!("{}: use fewer or shorter fields, together they are too long.", header.name);
        return Err(VaultError::invalid("name", cause));
    }
    let SealedValue { link, inline, pieces } = sealer.seal_value(header, value, header.revision, entropy)?;
    let record = sealer.seal_record(header, &link, &inline, entropy)?;
    Ok(Sealed { record, pieces })
}
