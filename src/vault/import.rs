//! Storing many new secrets at once: all that can be stored in one batch, or none.

use std::collections::HashSet;
use std::sync::Arc;
use std::thread;

use super::layout::Item;
use super::record::{SealedValue, Sealer};
use super::signed::Signed;
use super::{Vault, VaultError};
use crate::domain::import::{NotStored, REPEATED};
use crate::domain::{Draft, Header, Value};
use crate::host::memory::{Depth, leaving_no_trace};

/// Threads that seal.
const MAX_SEALERS: usize = 4;

/// A secret that is to be stored.
type NewSecret = (Header, Value);

/// What became of an import.
#[derive(Debug, Default)]
pub struct Imported {
    /// What was stored, or would be.
    pub stored: Vec<Arc<Header>>,
    /// What was not, and why.
    pub skipped: Vec<NotStored>,
}

impl Vault {
    /// Stores what can be stored of `drafts`, each sealed on its own, in one batch: whoever looks sees all of them, or none.
    /// Those that break a rule, or whose name is taken, are skipped. With `dry_run` nothing is stored.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`], [`VaultError::DiskFull`] and others; nothing was stored then.
    pub fn import(&mut self, drafts: Vec<Draft>, dry_run: bool) -> Result<Imported, VaultError> {
        self.check_writable()?;
        drafts.iter().try_for_each(|draft| self.permit_register(draft.scope))?;
        let (secrets, skipped) = self.new_secrets(drafts)?;
        let stored = match dry_run || secrets.is_empty() {
            true => headers_of(secrets),
            false => self.store_all(secrets)?,
        };
        Ok(Imported { stored, skipped })
    }

    fn store_all(&mut self, secrets: Vec<NewSecret>) -> Result<Vec<Arc<Header>>, VaultError> {
        let entropy = &*self.tools.entropy;
        let values = in_shares(&secrets, |(header, value)| {
            Ok(self.sealer.seal_value(header, value, header.revision, entropy)?)
        })?;
        let mut signing = self.signer.begin(entropy)?;
        let sign =
            |((header, _), value): (&NewSecret, &SealedValue)| signing.record(header, None, value.commitment.as_ref());
        let signed: Vec<Signed> = secrets.iter().zip(&values).map(sign).collect();
        let headers = headers_of(secrets);
        let parts: Vec<_> = headers.iter().zip(&signed).zip(&values).collect();
        let records = in_shares(&parts, |((header, signed), value)| {
            Ok(self.sealer.seal_record(header, signed, value, entropy)?)
        })?;
        let mut changes = self.changes();
        for ((header, record), value) in headers.iter().zip(records).zip(values) {
            let item = Item::Record(header.id);
            changes.write(item, header.revision, &record, None)?;
            value.pieces.into_iter().zip(0..).for_each(|(piece, n)| changes.piece(item, n, piece));
        }
        changes.sign(signing.finish(entropy)?)?;
        self.make(changes)?;
        for (header, signed) in headers.iter().zip(&signed) {
            self.known.learn_record(header.id, signed);
            self.index.insert(header.clone());
        }
        Ok(headers)
    }

    /// What can be stored, and what cannot.
    fn new_secrets(&self, drafts: Vec<Draft>) -> Result<(Vec<NewSecret>, Vec<NotStored>), VaultError> {
        let stamp = self.stamp()?;
        let mut names = HashSet::with_capacity(drafts.len());
        let (mut secrets, mut skipped) = (Vec::with_capacity(drafts.len()), Vec::new());
        for (at, draft) in (0..).zip(drafts) {
            let name = draft.name.clone();
            let mut skip = |why: String| skipped.push(NotStored { draft: at, why });
            if !names.insert(name.clone()) {
                skip(REPEATED.to_owned());
                continue;
            }
            match self.new_secret(draft, &stamp).and_then(|new| self.check_free(&name, new.0.id).map(|()| new)) {
                Ok((header, _)) if !Sealer::fits(&header) => {
                    skip("Its fields are too long together.".to_owned());
                }
                Ok(new) => secrets.push(new),
                Err(error) => skip(in_words(&error)),
            }
        }
        Ok((secrets, skipped))
    }
}

fn headers_of(secrets: Vec<NewSecret>) -> Vec<Arc<Header>> {
    secrets.into_iter().map(|(header, _)| Arc::new(header)).collect()
}

/// Why one is skipped, as a sentence.
fn in_words(error: &VaultError) -> String {
    match error {
        VaultError::NameTaken(_) => "There is a secret of that name already.".to_owned(),
        VaultError::Invalid { field, cause } => format!("Its field {field}: {cause}"),
        other => format!("{other}."),
    }
}

/// What `seal` makes of `items`, in their order, on as many threads as there are processors.
fn in_shares<T: Sync, S: Send>(
    items: &[T],
    seal: impl Fn(&T) -> Result<S, VaultError> + Sync,
) -> Result<Vec<S>, VaultError> {
    let sealers = thread::available_parallelism().map_or(1, usize::from).min(MAX_SEALERS);
    let share = items.len().div_ceil(sealers).max(1);
    let seal_share = |share: &[T]| -> Result<Vec<S>, VaultError> { share.iter().map(&seal).collect() };
    let seal_share = &seal_share;
    let shares: Vec<_> = thread::scope(|scope| {
        // The stack of a thread that has ended is kept, as it is, for the next one.
        let spawn = |share| scope.spawn(move || leaving_no_trace(Depth::Records, || seal_share(share)));
        let threads: Vec<_> = items.chunks(share).map(spawn).collect();
        let panicked = |_| Err(VaultError::System("sealing failed: this is a bug, and nothing was stored".into()));
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(panicked)).collect::<Result<_, _>>()
    })?;
    Ok(shares.into_iter().flatten().collect())
}
