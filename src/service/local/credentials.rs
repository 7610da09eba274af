//! The requests that a credential opens, or that change what opens the vault. Every guess is counted here.

use std::path::PathBuf;
use std::time::Duration;

use super::{Answer, Ground, Service, Watch};
use crate::domain::audit::Origin;
use crate::domain::{SecretBytes, SlotId};
use crate::service::guesses::Guesses;
use crate::service::idle::IdleLock;
use crate::service::request::{Credential, DoorError, Finding, OpenReport, Proof, Response};
use crate::vault::{self, Hold, Look, Restored, Vault};

impl Service {
    pub(super) fn unlock(&mut self, credential: &Credential, watch: Watch<'_>) -> Answer {
        if self.is_for_users() {
            return self.sign_in(credential, watch);
        }
        if let Some(report) = self.prove(credential, watch)? {
            return self.unlocked(report);
        }
        self.lock();
        if matches!(&self.ground, Ground::Disk(place) if !place.has_vault()?) {
            return Err(DoorError::NoVault);
        }
        let key = match &self.ground {
            Ground::Demo(_, key) => key.clone(),
            Ground::Disk(_) => credential.clone(),
        };
        let (vault, report) =
            self.with_guess(Some(credential), |door| Vault::unlock(door.home()?, &key, door.tools.clone(), watch))?;
        self.admit(vault);
        self.unlocked(report)
    }

    /// The report for somebody who wants to unlock a vault that is open already: they have to prove who they are, and a
    /// wrong guess must not lock the others out. `None` when it has to be opened anew: for a new passphrase after the
    /// recovery key, or because a store in trouble may be whole by now.
    fn prove(&mut self, credential: &Credential, watch: Watch<'_>) -> Result<Option<OpenReport>, DoorError> {
        if self.vault.is_none() || matches!(self.ground, Ground::Demo(..)) {
            return Ok(None);
        }
        let report = self.with_guess(Some(credential), |door| {
            let vault = door.open()?;
            vault.prove(credential, watch).map(|()| vault.report())
        })?;
        let stays = !matches!(credential, Credential::Recovery(_)) && report.trouble.is_none();
        // Whoever opened it with the recovery key owes a passphrase; this one has not.
        Ok(stays.then_some(OpenReport { needs_new_passphrase: false, ..report }))
    }

    /// Shorter is what anybody may wish for; longer, only who proves that they could unlock it anew.
    pub(super) fn lock_after(
        &mut self,
        seconds: Option<u32>,
        credential: Option<&Credential>,
        watch: Watch<'_>,
    ) -> Answer {
        self.open()?;
        let after = seconds.map(|seconds| Duration::from_secs(seconds.into()));
        if self.idle.is_shorter_than(after) {
            let Some(credential) = credential else {
                let cause = "For a longer time than now, give what opens the vault.";
                return Err(DoorError::no_proof(Proof::Credential, cause));
            };
            self.with_guess(Some(credential), |door| door.open()?.prove(credential, watch))?;
        }
        self.idle = IdleLock::after(after);
        self.touch();
        self.status()
    }

    /// Carries out what `credential` has to open. Only a passphrase can be guessed: a wrong one makes the next wait, and
    /// whatever opens ends the waiting.
    pub(super) fn with_guess<T>(
        &mut self,
        credential: Option<&Credential>,
        attempt: impl FnOnce(&mut Self) -> Result<T, DoorError>,
    ) -> Result<T, DoorError> {
        let guess = match credential {
            Some(Credential::Passphrase(guess) | Credential::Named { passphrase: guess, .. }) => Some(guess),
            _ => None,
        };
        if let Some(guess) = guess {
            self.admit_guess(guess)?;
        }
        match (attempt(self), guess) {
            (Err(DoorError::WrongCredential { kind, .. }), Some(guess)) => {
                let wait_seconds = self.guesses.wrong(guess, self.tools.clock.now());
                Err(DoorError::WrongCredential { kind, wait_seconds })
            }
            (Ok(done), _) => {
                if credential.is_some() {
                    self.guesses = Guesses::default();
                }
                Ok(done)
            }
            (failed, _) => failed,
        }
    }

    fn admit_guess(&mut self, guess: &SecretBytes) -> Result<(), DoorError> {
        let admitted = self.guesses.admit(guess, self.tools.clock.now());
        admitted.map_err(|wait_seconds| DoorError::TooSoon { wait_seconds })
    }

    /// Carries out what the one-time `code` has to open: a wrong one counts as a wrong passphrase does.
    pub(super) fn with_code<T>(
        &mut self,
        code: &SecretBytes,
        attempt: impl FnOnce(&mut Self) -> Result<T, DoorError>,
    ) -> Result<T, DoorError> {
        self.admit_guess(code)?;
        let answer = attempt(self);
        if matches!(answer, Err(DoorError::WrongCode)) {
            self.guesses.wrong(code, self.tools.clock.now());
        }
        answer
    }

    pub(super) fn change_passphrase(
        &mut self,
        current: Option<&Credential>,
        new: &SecretBytes,
        watch: Watch<'_>,
    ) -> Answer {
        self.with_guess(current, |door| door.open_mut()?.change_passphrase(current, new, watch))?;
        Ok(Response::Done)
    }

    pub(super) fn change_recovery_key(&mut self, current: Option<&Credential>, watch: Watch<'_>) -> Answer {
        let new = self.with_guess(current, |door| door.open_mut()?.change_recovery_key(current, watch))?;
        if let Ground::Demo(_, key) = &mut self.ground {
            *key = Credential::Recovery(new.clone());
        }
        Ok(Response::RecoveryKey(new))
    }

    pub(super) fn add_slot(&mut self, current: Option<&Credential>, label: Option<&str>, watch: Watch<'_>) -> Answer {
        let (slot, key) = self.with_guess(current, |door| door.open_mut()?.add_machine_slot(current, label, watch))?;
        Ok(Response::SlotAdded { slot, key })
    }

    pub(super) fn remove_slot(&mut self, id: SlotId, current: Option<&Credential>, watch: Watch<'_>) -> Answer {
        self.with_guess(current, |door| door.open_mut()?.remove_slot(id, current, watch))?;
        Ok(Response::Done)
    }

    pub(super) fn restore(
        &mut self,
        file: PathBuf,
        credential: &Credential,
        replace: bool,
        (who, watch): (&dyn Fn() -> Origin, Watch<'_>),
    ) -> Answer {
        let Ground::Disk(place) = &self.ground else {
            return Err(DoorError::System("the demo keeps nothing: there is no place to restore to".into()));
        };
        let place = place.clone();
        if place.has_vault()? && !replace {
            return Err(DoorError::VaultExists);
        }
        let hold = if self.vault.is_some() { Hold::Later } else { Hold::Now };
        let restoring = self.with_guess(Some(credential), |door| {
            vault::prepare_restoring(&place, &file, credential, hold, &who(), door.tools.clone(), watch)
        })?;
        // Only now: what fails before this is no reason to lock out those who work with the vault.
        self.lock();
        let Restored { records, machine_slots, set_aside } = restoring.finish()?;
        Ok(Response::Restored { records, machine_slots, set_aside })
    }

    /// Examines a locked vault on a copy of its store.
    pub(super) fn look(&mut self, credential: &Credential, watch: Watch<'_>) -> Result<Vec<Finding>, DoorError> {
        let mut vault = self.with_guess(Some(credential), |door| {
            Vault::open(door.home()?, credential, Look::Only, door.tools.clone(), watch)
        })?;
        Ok(vault.examine(watch))
    }
}
