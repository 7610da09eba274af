//! What can be told without a key: directory, header, lock, leftovers, room, and what the process itself is like.

use std::fs;
use std::path::{Path, PathBuf};

use super::process::memory;
use super::{bad, good, warning};
use crate::crypto::{KdfCost, Slot, VaultFile};
use crate::host::files::{FileError, check_private_dir, parent};
use crate::host::lock;
use crate::host::owner::{self, Owner};
use crate::vault::report::Finding;
use crate::vault::{Place, Tools};

const RESTORE: &str = "Restore a backup: strongroom restore FILE. What is there now is set aside, not removed.";
/// Free bytes below which writing will soon fail.
const LITTLE_ROOM: u64 = 64 << 20;

/// Examines the files at `place`; `is_open` when the vault is open in this process.
pub fn examine_files(place: &Place, is_open: bool, tools: &Tools) -> Vec<Finding> {
    let directory = directory(&place.vault);
    if !place.vault.is_dir() {
        return vec![directory];
    }
    let mut findings = vec![directory, privacy(&place.vault)];
    match header(place) {
        Ok(file) => {
            findings.push(good("vault.header", format!("epoch {}, {} key slots", file.epoch, file.slots.len())));
            findings.push(derivation(&file.slots, tools.cost));
            findings.push(stores(place, file.epoch));
            findings.push(witness(place, &file));
        }
        Err(finding) => findings.push(finding),
    }
    findings.push(who_has_it(place, is_open));
    findings.push(set_aside(place));
    findings.extend(damaged_forms(place));
    findings.extend(damaged_logs(place));
    findings.push(room(place));
    findings.push(memory());
    findings
}

fn directory(dir: &Path) -> Finding {
    let what = "directory";
    match check_private_dir(dir) {
        Ok(()) => good(what, format!("{}, yours alone", dir.display())),
        Err(error) if error.is_not_found() => bad(
            what,
            error.to_string(),
            "There is no vault here: strongroom init makes one, --vault names another place.",
        ),
        Err(error @ FileError::Exposed { .. }) => {
            bad(what, error.to_string(), "Run chmod 700 on it; strongroom opens no vault that others can enter.")
        }
        Err(error) => bad(what, error.to_string(), "Move the vault to a directory of your own."),
    }
}

/// Links, and files that others can read or own.
fn privacy(dir: &Path) -> Finding {
    let what = "file permissions";
    let mut odd = Vec::new();
    let count = walk(dir, &mut odd);
    match odd.first() {
        None => good(what, format!("{count} files, all yours alone")),
        Some(first) => warning(
            what,
            format!(
                "{} of {count} files are links, not yours, or open to others, such as {}",
                odd.len(),
                first.display()
            ),
            "Find out how that came about; then chmod -R go-rwx the directory and remove the links.",
        ),
    }
}

/// Counts what is under `dir`, and collects what is not a private file or directory of ours.
fn walk(dir: &Path, odd: &mut Vec<PathBuf>) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(metadata) = path.symlink_metadata() else { continue };
        let ours = Owner::from(&metadata).check(&path, owner::USE).is_ok();
        if !ours || !(metadata.is_file() || metadata.is_dir()) {
            odd.push(path.clone());
        }
        count += if metadata.is_dir() { walk(&path, odd) } else { 1 };
    }
    count
}

fn header(place: &Place) -> Result<VaultFile, Finding> {
    let what = "vault.header";
    let broken = |cause: String| bad(what, cause, RESTORE);
    let bytes = place.read_header().map_err(|error| broken(error.to_string()))?;
    let bytes = bytes.ok_or_else(|| broken("it is missing".into()))?;
    VaultFile::decode(&bytes).map_err(|error| broken(error.to_string()))
}

/// Whether every passphrase is stretched as new ones are.
fn derivation(slots: &[Slot], present: KdfCost) -> Finding {
    let what = "key derivation";
    let weaker = |cost: &KdfCost| cost.memory_kib < present.memory_kib || cost.passes < present.passes;
    match slots.iter().filter_map(Slot::cost).find(weaker) {
        None => good(what, format!("Argon2id, {} MiB, {} passes", present.memory_kib / 1024, present.passes)),
        Some(old) => warning(
            what,
            format!("a passphrase is stretched with {} MiB and {} passes only", old.memory_kib / 1024, old.passes),
            "Set the passphrase anew: strongroom passphrase.",
        ),
    }
}

fn stores(place: &Place, live: u64) -> Finding {
    let what = "store";
    let epochs = place.epochs();
    if !epochs.contains(&live) {
        return bad(what, format!("{} is missing", place.store(live).display()), RESTORE);
    }
    match epochs.len() - 1 {
        0 => good(what, format!("{} is there, and no other", place.store(live).display())),
        others => warning(
            what,
            format!("{others} left over from an interrupted rewrite"),
            "Unlock the vault: when its own store is whole, the others are removed.",
        ),
    }
}

fn witness(place: &Place, file: &VaultFile) -> Finding {
    let what = "memory of this machine";
    match place.witness(file.vault) {
        Ok(Some(seen)) => good(what, format!("saw generation {} with {} records last", seen.generation, seen.records)),
        Err(error) => bad(
            what,
            format!("an older store put in place of this one would go unnoticed: {error}"),
            "Put the directory right, or remove the file; the next opening remembers the vault anew.",
        ),
        Ok(None) => warning(
            what,
            "it does not know this vault, so an older store put in its place would go unnoticed",
            "Nothing to do: the next opening remembers it.",
        ),
    }
}

fn who_has_it(place: &Place, is_open: bool) -> Finding {
    let what = "lock";
    match lock::holder(&place.lock()) {
        Ok(Some(_)) if is_open => good(what, "held by this process"),
        Ok(Some(held)) => warning(
            what,
            match held.pid {
                0 => "held by another process".to_owned(),
                pid => format!("held by process {pid}"),
            },
            "Close strongroom there: only one process can have the vault.",
        ),
        Ok(None) => good(what, "free"),
        Err(error) => bad(what, error.to_string(), "Remove what stands in the place of vault.lock."),
    }
}

/// What repairs and restorings kept: each is a vault of its own, to be looked into with `--vault`.
fn set_aside(place: &Place) -> Finding {
    let what = "set aside";
    let mut beside = place.vault.file_name().unwrap_or_default().to_os_string();
    beside.push(".re");
    let damaged = named_as(&place.vault, b"damaged-");
    let replaced = named_as(parent(&place.vault), beside.as_encoded_bytes());
    match damaged.first().or(replaced.first()) {
        None => good(what, "nothing"),
        Some(first) => warning(
            what,
            format!(
                "{} damaged stores and {} replaced vaults are kept, such as {}",
                damaged.len(),
                replaced.len(),
                first.display()
            ),
            "Look into them with --vault; remove them when you miss nothing.",
        ),
    }
}

/// Unfinished forms that could not be read: nothing of the vault depends on them.
fn damaged_forms(place: &Place) -> Option<Finding> {
    let path = place.damaged_forms();
    let cause = format!("some could not be read, and are kept as {}", path.display());
    path.exists().then(|| warning("unfinished forms", cause, "Remove that file: no secret is in it."))
}

/// Audit logs that no event could be added to.
fn damaged_logs(place: &Place) -> Option<Finding> {
    let damaged = named_as(&place.vault, b"audit-damaged-");
    let cause = format!("{} could not be gone on with, such as {}", damaged.len(), damaged.first()?.display());
    Some(warning(
        "audit logs set aside",
        cause,
        "Find out how that came about; then remove them: no secret is in them.",
    ))
}

/// The entries of `dir` whose names begin with `start`.
fn named_as(dir: &Path, start: &[u8]) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(start)).map(|entry| entry.path()).collect()
}

fn room(place: &Place) -> Finding {
    let what = "room on the disk";
    let free = match rustix::fs::statvfs(&place.vault) {
        Ok(stat) => stat.f_bavail.saturating_mul(stat.f_frsize),
        Err(error) => return warning(what, error.to_string(), "Look at the file system."),
    };
    let detail = format!("{} MiB free", free >> 20);
    let ballast = place.vault.join("ballast").exists();
    match (free < LITTLE_ROOM, ballast) {
        (false, true) => good(what, detail),
        (true, _) => warning(what, detail, "Make room: with a full disk nothing can be changed."),
        (false, false) => warning(
            what,
            format!("{detail}, but no ballast to open the vault with when the disk is full"),
            "Unlock the vault: it lays new ballast when there is room.",
        ),
    }
}
