//! Going back to a backup.

use std::path::{Path, PathBuf};
use std::{fs, io};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::backup::Reader;
use super::layout::RECORDS;
use super::opening::Pinned;
use super::organization::Pin;
use super::report::{Credential, Progress, Step, Watch};
use super::rewrite::{Old, Renewal};
use super::unlock::{Look, unlock_file};
use super::{DirHome, Home, Place, Tools, Vault, VaultError, Witness};
use crate::crypto::SlotKind;
use crate::domain::audit::Origin;
use crate::domain::{Timestamp, VaultId};
use crate::host::files;
use crate::store::{Batch, Store};

/// Bytes that are committed at once.
const BATCH_BYTES: usize = 512 * 1024;

/// A vault made from a backup, beside the place where it shall be: see [`prepare`].
pub struct Restoring {
    place: Place,
    beside: Place,
    now: Timestamp,
    /// Nobody may open what is there meanwhile.
    held: Option<DirHome>,
    made: Unpacked,
}

/// What a restoring did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Secrets and tombstones in it.
    pub records: u64,
    /// Machine keys of the day of the backup, which open it from now on, whether they were removed since or not.
    pub machine_slots: usize,
    /// Where the vault that was there has been put.
    pub set_aside: Option<PathBuf>,
}

/// When a restoring takes the lock of the vault that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// At once.
    Now,
    /// In [`Restoring::finish`]: until then the caller has that vault open.
    Later,
}

/// Makes a vault from the backup `file`, which `credential` opens, in a directory beside `place`, and verifies everything
/// in it; what is at `place` is left as it is. What opened the vault on the day of the backup opens it again: passphrase,
/// recovery key and machine keys. A new audit log begins, as `origin` asked for. Dropped, it takes away what it made.
///
/// # Errors
/// [`VaultError::WrongCredential`]; [`VaultError::Damaged`] when the backup is not whole; [`VaultError::Held`] when the
/// vault that is there is in use, or another restoring is going on.
pub fn prepare(
    place: &Place,
    file: &Path,
    credential: &Credential,
    hold: Hold,
    origin: &Origin,
    tools: Tools,
    watch: Watch<'_>,
) -> Result<Restoring, VaultError> {
    let place = absolute(place)?;
    let now = Timestamp(tools.clock.now());
    let held = if hold == Hold::Now { hold_vault(&place, now)? } else { None };
    let beside = place_beside(&place);
    let home = building_site(&beside, &place, now)?;
    match unpack(home, (&place, origin), file, credential, tools, watch) {
        Ok(made) => Ok(Restoring { place, beside, now, held, made }),
        Err(error) => {
            clear(&beside);
            Err(error)
        }
    }
}

impl Restoring {
    /// Puts the vault in its place, in one step with what is there, which is kept under another name.
    ///
    /// # Errors
    /// [`VaultError::Held`] when the vault that is there is in use, or that it cannot be moved: nothing was changed then.
    pub fn finish(mut self) -> Result<Restored, VaultError> {
        if self.held.is_none() {
            self.held = hold_vault(&self.place, self.now)?;
        }
        self.expect_either()?;
        let set_aside = move_in(&self.beside, &self.place, self.now)?;
        // Not moved out: what is dropped clears up.
        let Unpacked { id, witness, ref mark, ref pin, ref known, machine_slots } = self.made;
        // What cannot be remembered now is told of at the next opening.
        // That of the log first: where there is one of the vault alone, it would have been removed.
        let _ = self.place.remember_audit(id, mark);
        let _ = self.place.remember(id, &witness);
        let _ = self.place.remember_organization(id, pin).and_then(|()| self.place.remember_known(id, known));
        Ok(Restored { records: witness.records, machine_slots, set_aside })
    }
}

impl Restoring {
    /// Has this machine expect no more of the membership log than what the vault that is there and the one that comes have in
    /// common, and of the records nothing: a crash in between must leave one that opens. Its next opening pins the log again.
    fn expect_either(&self) -> Result<(), VaultError> {
        let id = self.made.id;
        self.place.forget_known(id)?;
        let Some(old) = self.place.organization_pin(id)?.and_then(|pin| Pin::decode(&pin)) else { return Ok(()) };
        match Pin::decode(&self.made.pin) {
            Some(new) if new.foundation == old.foundation => {
                self.place.remember_organization(id, &Pin::to_foundation(old.foundation).encode())
            }
            _ => self.place.forget_organization(id),
        }
    }
}

impl Drop for Restoring {
    fn drop(&mut self) {
        clear(&self.beside);
    }
}

/// Takes away what is still unfinished at `beside`: a failure before that is the one to report.
fn clear(beside: &Place) {
    if beside.unfinished().exists() {
        let _ = files::remove_tree(&beside.vault);
    }
}

/// The lock of the vault at `place`, if there is one: whoever has it open must not find it gone.
fn hold_vault(place: &Place, now: Timestamp) -> Result<Option<DirHome>, VaultError> {
    place.has_vault()?.then(|| DirHome::acquire(place.clone(), now)).transpose()
}

/// `place` without the present directory, which means nothing beside it.
fn absolute(place: &Place) -> Result<Place, VaultError> {
    let vault = std::path::absolute(&place.vault).map_err(|error| VaultError::io(&place.vault, &error))?;
    Ok(Place { vault, state: place.state.clone() })
}

/// Where the vault is made before it takes the place of what is at `place`. Nothing is to be remembered before it is
/// true: until then the state goes where the next opening tidies.
fn place_beside(place: &Place) -> Place {
    let vault = sibling(&place.vault, "restoring");
    Place { state: vault.join("scratch"), vault }
}

/// An empty vault directory at `beside`, held by us, with the mark that it is unfinished.
fn building_site(beside: &Place, place: &Place, now: Timestamp) -> Result<DirHome, VaultError> {
    let mut home = DirHome::acquire(beside.clone(), now)?;
    if beside.has_vault()? && !beside.unfinished().exists() {
        // What an interrupted restoring took out of its place, or was about to put there: neither may be lost.
        let aside = free_name(&place.vault, now);
        fs::rename(&beside.vault, &aside).map_err(|error| VaultError::io(&aside, &error))?;
        home = DirHome::acquire(beside.clone(), now)?;
    }
    let left_over = fs::read_dir(&beside.vault).map_err(|error| VaultError::io(&beside.vault, &error))?;
    for path in left_over.flatten().map(|entry| entry.path()).filter(|path| *path != beside.lock()) {
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(|error| VaultError::io(&path, &error))?;
    }
    files::write_atomic(&beside.unfinished(), b"")?;
    Ok(home)
}

/// What [`unpack`] made.
struct Unpacked {
    id: VaultId,
    witness: Witness,
    /// What is to be remembered of its audit log.
    mark: Vec<u8>,
    /// What is to be remembered of its membership log, and of what was verified.
    pin: Vec<u8>,
    known: Vec<u8>,
    machine_slots: usize,
}

/// Unpacks the backup into `home`, and seals everything there under a new epoch, as a later state than any that was
/// seen at `place`.
fn unpack(
    mut home: DirHome,
    (place, origin): (&Place, &Origin),
    file: &Path,
    credential: &Credential,
    tools: Tools,
    watch: Watch<'_>,
) -> Result<Unpacked, VaultError> {
    let mut backup = Reader::open(file)?;
    let entered = unlock_file(backup.header(), credential, watch)?;
    backup.prove_with(&entered.subkeys());
    let mut store = home.make_store(entered.file.epoch)?;
    fill(&mut backup, &mut *store, watch)?;
    store.close()?;
    if let Some(pin) = place.organization_pin(entered.file.vault)? {
        // An organization of the same id that somebody else founded is another one.
        home.remember_organization(entered.file.vault, &pin)?;
    }
    home.replace_header(backup.header())?;

    let mut vault = Vault::enter(Box::new(home), entered, Look::Use, Pinned::Foundation, tools, watch)?;
    if vault.trouble.is_some() {
        return Err(VaultError::Damaged(format!("the backup {} is not whole", file.display())));
    }
    let seen = place.witness(vault.file.vault).ok().flatten().map_or(0, |witness| witness.generation);
    vault.manifest.generation = vault.manifest.generation.max(seen);
    vault.rewrite(Renewal::of(vault.file.slots.clone()), &|_| true, Old::Removed, watch)?;
    let machine_slots = vault.file.slots.iter().filter(|slot| slot.kind() == SlotKind::Machine).count();
    let mark = vault.begin_restored_log(place, origin, file)?;
    let (id, witness) = (vault.file.vault, Witness::of(&vault.manifest));
    let (pin, known) = vault.memory_of_organization();
    vault.close()?;
    Ok(Unpacked { id, witness, mark, pin, known, machine_slots })
}

fn fill(backup: &mut Reader, store: &mut dyn Store, watch: Watch<'_>) -> Result<(), VaultError> {
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
    let failed = |error: io::Error| VaultError::io(&place.vault, &error);
    // From here on it is a vault to be kept, wherever a crash leaves it.
    fs::remove_file(beside.unfinished()).map_err(failed)?;
    files::sync_dir(&beside.vault)?;
    // An empty directory is nothing to keep.
    let set_aside = if !place.vault.exists() || fs::remove_dir(&place.vault).is_ok() {
        fs::rename(&beside.vault, &place.vault).map(|()| None)
    } else {
        exchange(&beside.vault, &place.vault, free_name(&place.vault, now)).map(Some)
    };
    let set_aside = set_aside.map_err(failed)?;
    files::sync_dir(files::parent(&place.vault))?;
    Ok(set_aside)
}

/// Puts `new` in the place of `old`, and `old` at `aside`; in one step where the file system can, so that there is a
/// vault at every moment. Says where `old` is.
fn exchange(new: &Path, old: &Path, aside: PathBuf) -> io::Result<PathBuf> {
    match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
        // Under its new name it is as safe as under that of `aside`.
        Ok(()) => Ok(fs::rename(new, &aside).map_or_else(|_| new.to_path_buf(), |()| aside)),
        Err(Errno::INVAL | Errno::NOSYS) => {
            fs::rename(old, &aside)?;
            fs::rename(new, old).inspect_err(|_| drop(fs::rename(&aside, old)))?;
            Ok(aside)
        }
        Err(error) => Err(error.into()),
    }
}

/// A name beside the vault at `path`, for what was there until `now`.
fn free_name(path: &Path, now: Timestamp) -> PathBuf {
    let aside = sibling(path, &format!("replaced-{}", now.date()));
    (1..).map(|n| numbered(&aside, n)).find(|path| !path.exists()).unwrap_or(aside)
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
