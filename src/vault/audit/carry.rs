//! The log in a rewrite: every event is sealed again under the new epoch. Their plaintexts stay, and so does the chain.

use super::frame::{self, Met};
use super::log::Log;
use crate::vault::record::Sealer;
use crate::vault::{Vault, VaultError};

/// Bytes that are written at once.
const PART: usize = 64 * 1024;

impl Vault {
    /// Seals the log for `epoch`, whose sealer `sealer` is; `None` when there is none yet. What cannot be read is left out,
    /// as its numbers tell.
    ///
    /// # Errors
    /// When it cannot be written: a rewrite that would lose events must not be.
    pub(in crate::vault) fn carry_audit(&mut self, sealer: &Sealer, epoch: u64) -> Result<Option<Log>, VaultError> {
        if self.audit.log.is_none() && matches!(self.home.audit(self.file.epoch), Ok(None)) {
            return Ok(None);
        }
        self.settle()?;
        let journal = self.home.make_audit(epoch)?;
        let old = self.log()?;
        let mut new = Log::begin(journal, old.begin, sealer, &*self.tools.entropy)?;
        let mut frames = Vec::with_capacity(2 * PART);
        frame::forth(&*old.journal, old.start, &mut |met| {
            let Met::Frame(frame) = met else { return Ok(true) };
            let Ok(plain) = self.sealer.open_event(frame.number, &frame.sealed) else { return Ok(true) };
            let sealed = sealer.seal_event(frame.number, plain.expose(), &*self.tools.entropy)?;
            frames.extend(frame::bytes_of(frame.number, &sealed));
            if frames.len() >= PART {
                new.journal.append(&frames)?;
                frames.clear();
            }
            Ok(true)
        })?;
        new.journal.append(&frames)?;
        new.journal.sync()?;
        new.last = old.last;
        self.home.put_audit(epoch)?;
        Ok(Some(new))
    }

    /// The log of the epoch that counts from now on is `log`.
    pub(in crate::vault) fn adopt_audit(&mut self, log: Option<Log>) {
        self.audit.log = log;
    }
}
