//! The sweep: tombstones whose days are over go for good, and with them every key that opens
//! the bytes which the store still keeps.

use super::report::{ClockTrouble, Watch};
use super::rewrite::{Old, Renewal};
use super::{Vault, VaultError};
use crate::domain::Timestamp;
use crate::domain::lifecycle::{ClockVerdict, is_over, judge_clock};

/// When to sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sweep {
    /// Only when the clock shows a likely time.
    IfClockIsSound,
    /// Also when it jumped ahead: somebody was asked. Never when it stepped back.
    Anyway,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Tombstones removed.
    pub swept: u32,
    /// Why there was none, although some seem to be over.
    pub clock: Option<ClockTrouble>,
}

impl Vault {
    /// Removes the tombstones that are over, by rewriting the vault under a new epoch; does nothing when there are none.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`], or that it cannot be written: nothing was removed then.
    pub fn sweep(&mut self, when: Sweep, watch: Watch<'_>) -> Result<Swept, VaultError> {
        self.check_writable()?;
        let (last_seen, now) = (Timestamp(self.manifest.last_seen), self.now());
        let verdict = judge_clock(last_seen, now);
        if verdict == ClockVerdict::Sound {
            // What fails here is no reason to keep tombstones: it is tried again at the next opening.
            let _ = self.sweep_unfinished();
        }
        // Seen from the later of the two times, so that a clock that stepped back is told of when it matters.
        let over = self.index.headers().filter(|header| is_over(header, now.max(last_seen))).count();
        // A Member has not the keys to seal anew: whoever has sweeps at their next opening.
        if over == 0 || !self.manages() {
            return Ok(Swept::default());
        }
        let refused = |clock| Ok(Swept { swept: 0, clock: Some(clock) });
        match verdict {
            ClockVerdict::SteppedBack(seconds) => return refused(ClockTrouble::SteppedBack(seconds)),
            ClockVerdict::JumpedAhead(days) if when == Sweep::IfClockIsSound => {
                self.clock_doubted = true;
                return refused(ClockTrouble::JumpedAhead(days));
            }
            ClockVerdict::JumpedAhead(_) | ClockVerdict::Sound => {}
        }
        self.clock_doubted = false;
        let renewal = Renewal::of(self.file.slots.clone());
        self.rewrite(renewal, &|header| !is_over(header, now), Old::Removed, watch)?;
        Ok(Swept { swept: u32::try_from(over).unwrap_or(u32::MAX), clock: None })
    }
}
