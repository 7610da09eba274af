//! The last event of a vault that is being locked: sealed while there are keys, written when they are forgotten. A disk that
//! stands still keeps no key in memory.

use super::log::Last;
use super::mark::Mark;
use super::{Audit, Deed, Origin};
use crate::vault::{Home, Vault};

/// A sealed event, and what this machine shall remember of it.
pub(in crate::vault) struct Farewell {
    frames: Vec<u8>,
    last: Last,
    mark: Vec<u8>,
}

impl Vault {
    /// Seals the last event; `None` when the log is not open, or has not taken one before.
    pub(in crate::vault) fn farewell(&self, origin: &Origin, deed: Deed) -> Option<Farewell> {
        self.check_certain().ok()?;
        let written = self.seal_deeds(origin, vec![deed], self.log().ok()?.last).ok()?;
        let mark = Mark::of(&self.anchor, self.file.vault, &written.last).encode(self.file.vault);
        Some(Farewell { frames: written.frames, last: written.last, mark })
    }
}

impl Audit {
    /// Writes the last event, if that can be.
    pub(in crate::vault) fn say(self, farewell: &Farewell, home: &mut dyn Home, vault: crate::domain::VaultId) {
        let Some(mut log) = self.log else { return };
        if log.add(&farewell.frames, farewell.last).is_ok() {
            let _ = home.remember_audit(vault, &farewell.mark);
        }
    }

    /// Forgets what it knows of secrets.
    pub(in crate::vault) fn forget(&mut self) {
        self.seen = None;
        self.owed.clear();
    }
}
