//! Going back: to a copy of the store, or to a backup.

use std::fs;
use std::path::{Path, PathBuf};

use super::backup::Reader;
use super::layout::RECORDS;
use super::record::Sealer;
use super::report::{Credential, Progress, Step, StoreTrouble, Watch};
use super::rewrite::Old;
use super::unlock::{newest_good_copy, open_good_copy, unlock_file};
use super::{DirHome, Home, Place, Tools, Vault, VaultError, Witness};
use crate::domain::{Timestamp, VaultId};
use crate::host::files;
use crate::store::{Batch, Store};

/// Bytes that are committed at once.
const BATCH_BYTES: usize = 512 * 1024;

/// What a restoring did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Secrets and tombstones in it.
    pub records: u64,
    /// Where the vault that was there has been put.
    pub set_aside: Option<PathBuf>,
}

impl Vault {
    /// Puts the newest copy that is whole in the place of the damaged store, which is set aside, not removed.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] when no copy is whole; others when it cannot be written. The vault stays as it is then.
    pub fn restore_copy(&mut self, watch: Watch<'_>) -> Result<(), VaultError> {
        if !matches!(self.trouble, Some(StoreTrouble::Damaged { .. })) {
            return Err(VaultError::NotFound);
        }
        let none = || VaultError::Damaged("no copy of the store is whole: restore a backup".into());
        let made = newest_good_copy(&mut *self.home, &self.sealer).ok_or_else(none)?;
        let (store, index, (copied, _)) = open_good_copy(&mut *self.home, &self.sealer, made).ok_or_else(none)?;
        let seen = self.home.witness(self.file.vault).map_or(0, |witness| witness.generation);

        let damaged = std::mem::replace(&mut self.store, store);
        let damaged_index = std::mem::replace(&mut self.index, index);
        let (damaged_manifest, damaged_epoch) = (self.manifest, self.file.epoch);
        self.manifest.generation = self.manifest.generation.max(copied.generation).max(seen);
        let rewritten = self.rewrite(self.file.slots.clone(), &|_| true, Old::Kept, watch);
        if rewritten.is_err() {
            (self.store, self.index, self.manifest) = (damaged, damaged_index, damaged_manifest);
            return rewritten;
        }
        // The engine must let go of the files before they are moved.
        drop(damaged);
        self.home.set_aside_store(damaged_epoch, self.now())?;
        self.trouble = None;
        self.home.tidy(self.file.epoch);
        Ok(())
    }
}

/// Makes the vault at `place` from the backup `file`, which `credential` opens. Everything in it is verified in a
/// directory beside `place` before what is there is touched; that is then renamed, not removed.
///
/// # Errors
/// [`VaultError::VaultExists`] unless `replace`; [`VaultError::WrongCredential`]; [`VaultError::Damaged`] when the
/// backup is not whole; [`VaultError::Held`] when the vault that is there is in use. Nothing was changed then.
pub fn restore(
    place: &Place,
    file: &Path,
    credential: &Credential,
    replace: bool,
    tools: Tools,
    watch: Watch<'_>,
) -> Result<Restored, VaultError> {
    if place.has_vault()? && !replace {
        return Err(VaultError::VaultExists);
    }
    let now = Timestamp(tools.clock.now());
    // Whoever has it open must not find it gone.
    let _held = place.has_vault()?.then(|| DirHome::acquire(place.clone(), now)).transpose()?;
    let vault = sibling(&place.vault, "restoring");
    // Nothing is to be remembered before it is true: until then the state goes where the next opening tidies.
    let beside = Place { state: vault.join("scratch"), vault };
    remove(&beside.vault)?;
    let made = unpack(&beside, place, file, credential, tools, watch);
    let moved = made.and_then(|made| Ok((made, move_in(&beside, place, now)?)));
    if moved.is_err() {
        // The first failure is the one to report.
        let _ = remove(&beside.vault);
    }
    let ((id, witness), set_aside) = moved?;
    place.remember(id, &witness);
    Ok(Restored { records: witness.records, set_aside })
}

/// Unpacks the backup into `beside`, and seals everything there under a new epoch, as a later state than any that was
/// seen at `place`.
fn unpack(
    beside: &Place,
    place: &Place,
    file: &Path,
    credential: &Credential,
    tools: Tools,
    watch: Watch<'_>,
) -> Result<(VaultId, Witness), VaultError> {
    let mut backup = Reader::open(file)?;
    let entered = unlock_file(backup.header(), credential, watch)?;
    let sealer = Sealer::new(entered.file.vault, entered.file.epoch, &entered.key);
    backup.prove_with(sealer.keys());
    let mut home = DirHome::acquire(beside.clone(), Timestamp(tools.clock.now()))?;
    let mut store = home.make_store(entered.file.epoch)?;
    fill(&mut backup, &mut *store, watch)?;
    store.close()?;
    home.replace_header(backup.header())?;

    let mut vault = Vault::enter(Box::new(home), entered, tools, watch)?;
    if vault.trouble.is_some() {
        return Err(VaultError::Damaged(format!("the backup {} is not whole", file.display())));
    }
    let seen = place.witness(vault.file.vault).map_or(0, |witness| witness.generation);
    vault.manifest.generation = vault.manifest.generation.max(seen);
    vault.rewrite(vault.file.slots.clone(), &|_| true, Old::Removed, watch)?;
    let restored = (vault.file.vault, Witness::of(&vault.manifest));
    vault.close()?;
    Ok(restored)
}

fn fill(backup: &mut Reader<'_>, store: &mut dyn Store, watch: Watch<'_>) -> Result<(), VaultError> {
    let (mut batch, mut size, mut done) = (Batch::default(), 0, 0);
    while let Some((key, bytes)) = backup.next()? {
        done += u64::from(key.starts_with(RECORDS));
        watch(Progress { step: Step::Restoring, done, total: 0 });
        size += bytes.len();
        batch.put(key, bytes);
        if size >= BATCH_BYTES {
            size = 0;
            store.commit(std::mem::take(&mut batch))?;
        }
    }
    Ok(store.commit(batch)?)
}

/// Puts the vault in `beside` at `place`; says where what was there has been put.
fn move_in(beside: &Place, place: &Place, now: Timestamp) -> Result<Option<PathBuf>, VaultError> {
    let failed = |error: std::io::Error| VaultError::io(&place.vault, &error);
    let mut set_aside = None;
    // An empty directory is nothing to keep.
    if place.vault.exists() && fs::remove_dir(&place.vault).is_err() {
        let aside = sibling(&place.vault, &format!("replaced-{}", now.date()));
        let aside = (1..).map(|n| numbered(&aside, n)).find(|path| !path.exists()).unwrap_or(aside);
        fs::rename(&place.vault, &aside).map_err(failed)?;
        set_aside = Some(aside);
    }
    if let Err(error) = fs::rename(&beside.vault, &place.vault) {
        if let Some(aside) = &set_aside {
            fs::rename(aside, &place.vault).map_err(failed)?;
        }
        return Err(failed(error));
    }
    files::sync_dir(files::parent(&place.vault))?;
    Ok(set_aside)
}

fn numbered(path: &Path, n: u32) -> PathBuf {
    if n == 1 { path.to_path_buf() } else { path.with_file_name(suffixed(path, &format!("-{n}"))) }
}

fn sibling(path: &Path, suffix: &str) -> PathBuf {
    path.with_file_name(suffixed(path, &format!(".{suffix}")))
}

fn suffixed(path: &Path, suffix: &str) -> std::ffi::OsString {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(suffix);
    name
}

fn remove(dir: &Path) -> Result<(), VaultError> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(VaultError::io(dir, &error)),
        _ => Ok(()),
    }
}
