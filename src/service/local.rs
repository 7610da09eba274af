//! The door to a vault in this process.

use std::path::PathBuf;
use std::sync::Arc;

use super::Door;
use super::guesses::Guesses;
use super::request::{
    Credential, Details, DoorError, Finding, OpenReport, Progress, Request, Response, Session, Target, VaultStatus,
};
use crate::crypto::KdfCost;
use crate::domain::certificate::{Chain, read_chain};
use crate::domain::kind::Input;
use crate::domain::{Header, SecretBytes, SecretId, Timestamp};
use crate::host::{Clock, Entropy};
use crate::vault::{self, DirHome, Founding, Home, Look, MemoryHome, Place, Sweep, Swept, Tools, Vault};

type Answer = Result<Response, DoorError>;
type Watch<'a> = &'a dyn Fn(Progress);

/// Where the vault is.
enum Ground {
    Disk(Place),
    /// Nobody can know the demo's key: whatever is typed opens it.
    Demo(MemoryHome, Credential),
}

/// Opens, serves and closes one vault. Dropping it locks the vault.
pub struct Service {
    ground: Ground,
    tools: Tools,
    vault: Option<Vault>,
    guesses: Guesses,
}

impl Service {
    /// A service for the vault at `place`, which may not exist yet; nothing is touched before the first request.
    /// New passphrases are stretched at `cost`.
    pub fn new(place: Place, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>, cost: KdfCost) -> Self {
        let tools = Tools { clock, entropy, cost };
        Self { ground: Ground::Disk(place), tools, vault: None, guesses: Guesses::default() }
    }

    /// A service for a vault in memory with samples of every type and status, already unlocked. Locked, it opens
    /// to any passphrase.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn demo(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Result<Self, DoorError> {
        let tools = Tools { clock, entropy, cost: KdfCost::DEFAULT };
        let home = MemoryHome::default();
        let (vault, key) = vault::demo(home.clone(), tools.clone())?;
        let ground = Ground::Demo(home, Credential::Recovery(key));
        Ok(Self { ground, tools, vault: Some(vault), guesses: Guesses::default() })
    }

    fn open(&self) -> Result<&Vault, DoorError> {
        self.vault.as_ref().ok_or(DoorError::Locked)
    }

    fn open_mut(&mut self) -> Result<&mut Vault, DoorError> {
        self.vault.as_mut().ok_or(DoorError::Locked)
    }

    fn status(&self) -> Answer {
        let status = match (&self.vault, &self.ground) {
            (Some(vault), _) => VaultStatus::Unlocked(session(vault)?),
            (None, Ground::Disk(place)) if !place.has_vault()? => VaultStatus::Absent,
            (None, _) => VaultStatus::Locked,
        };
        Ok(Response::Status(status))
    }

    fn home(&self) -> Result<Box<dyn Home>, DoorError> {
        match &self.ground {
            Ground::Disk(place) => Ok(Box::new(DirHome::acquire(place.clone(), Timestamp(self.tools.clock.now()))?)),
            Ground::Demo(home, _) => Ok(Box::new(home.clone())),
        }
    }

    fn create(&mut self, organization: &str, member: &str, passphrase: &SecretBytes, watch: Watch<'_>) -> Answer {
        if self.vault.is_some() || matches!(&self.ground, Ground::Disk(place) if place.has_vault()?) {
            return Err(DoorError::VaultExists);
        }
        let founding = Founding { organization, member, passphrase: Some(passphrase) };
        let (vault, recovery_key) = Vault::create(self.home()?, founding, self.tools.clone(), watch)?;
        let session = session(&vault)?;
        self.vault = Some(vault);
        Ok(Response::Created { session, recovery_key })
    }

    fn unlock(&mut self, credential: Credential, watch: Watch<'_>) -> Answer {
        // Unlocking an open vault opens it anew: whoever asks has to prove who they are.
        self.lock();
        if matches!(&self.ground, Ground::Disk(place) if !place.has_vault()?) {
            return Err(DoorError::NoVault);
        }
        self.check_patience()?;
        let credential = match &self.ground {
            Ground::Demo(_, key) => key.clone(),
            Ground::Disk(_) => credential,
        };
        let opened = Vault::unlock(self.home()?, &credential, self.tools.clone(), watch);
        let (vault, report) = opened.map_err(|error| self.counted(error))?;
        self.guesses = Guesses::default();
        self.vault = Some(vault);
        self.unlocked(report)
    }

    fn unlocked(&self, mut report: OpenReport) -> Answer {
        report.needs_new_passphrase &= matches!(self.ground, Ground::Disk(_));
        Ok(Response::Unlocked { session: session(self.open()?)?, report })
    }

    /// Whether another guess is taken yet.
    fn check_patience(&mut self) -> Result<(), DoorError> {
        match self.guesses.wait(self.tools.clock.now()) {
            0 => Ok(()),
            wait_seconds => Err(DoorError::TooSoon { wait_seconds }),
        }
    }

    /// Adds the wait to a wrong guess.
    fn counted(&mut self, error: DoorError) -> DoorError {
        match error {
            DoorError::WrongCredential { recovery, .. } => {
                let wait_seconds = self.guesses.wrong(self.tools.clock.now());
                DoorError::WrongCredential { recovery, wait_seconds }
            }
            other => other,
        }
    }

    /// Forgets every key, whatever happens.
    fn lock(&mut self) {
        // Everything acknowledged is on the disk: a close that fails costs the next opening a check.
        let _ = self.vault.take().map(Vault::close);
    }

    fn details(&self, id: SecretId) -> Answer {
        let header = self.open()?.header(id)?;
        let chain = chain(&header);
        Ok(Response::Details(Details { header, chain }))
    }

    fn sweep_anyway(&mut self, watch: Watch<'_>) -> Answer {
        let vault = self.open_mut()?;
        let Swept { swept, clock } = vault.sweep(Sweep::Anyway, watch)?;
        let report = OpenReport { swept, clock, ..vault.report() };
        self.unlocked(report)
    }

    fn accept_rollback(&mut self) -> Answer {
        self.open_mut()?.accept_rollback()?;
        self.unlocked(self.open()?.report())
    }

    fn repair(&mut self, watch: Watch<'_>) -> Answer {
        let vault = self.open_mut()?;
        let repaired = Some(vault.repair(watch)?);
        let report = OpenReport { repaired, ..vault.report() };
        self.unlocked(report)
    }

    fn change_passphrase(&mut self, current: Option<&SecretBytes>, new: &SecretBytes, watch: Watch<'_>) -> Answer {
        self.check_patience()?;
        let changed = self.open_mut()?.change_passphrase(current, new, watch);
        changed.map_err(|error| self.counted(error))?;
        self.guesses = Guesses::default();
        Ok(Response::Done)
    }

    fn change_recovery_key(&mut self, current: Option<&SecretBytes>, watch: Watch<'_>) -> Answer {
        self.check_patience()?;
        let changed = self.open_mut()?.change_recovery_key(current, watch);
        let new = changed.map_err(|error| self.counted(error))?;
        self.guesses = Guesses::default();
        if let Ground::Demo(_, key) = &mut self.ground {
            *key = Credential::Recovery(new.clone());
        }
        Ok(Response::RecoveryKey(new))
    }

    fn backup(&self, file: PathBuf, watch: Watch<'_>) -> Answer {
        let size = self.open()?.backup(&file, watch)?;
        Ok(Response::BackedUp { records: size.records, bytes: size.bytes })
    }

    fn restore(&mut self, file: PathBuf, credential: &Credential, replace: bool, watch: Watch<'_>) -> Answer {
        let Ground::Disk(place) = &self.ground else {
            return Err(DoorError::System("the demo keeps nothing: there is no place to restore to".into()));
        };
        let place = place.clone();
        if place.has_vault()? && !replace {
            return Err(DoorError::VaultExists);
        }
        self.check_patience()?;
        self.lock();
        let restored = vault::restore(&place, &file, credential, replace, self.tools.clone(), watch);
        let restored = restored.map_err(|error| self.counted(error))?;
        Ok(Response::Restored { records: restored.records, set_aside: restored.set_aside })
    }

    fn examine(&mut self, credential: Option<Credential>, watch: Watch<'_>) -> Answer {
        // Before anything is opened: this is how the person left it.
        let mut findings = match &self.ground {
            Ground::Disk(place) => vault::examine_files(place, self.vault.is_some(), &self.tools),
            Ground::Demo(..) => Vec::new(),
        };
        match (&mut self.vault, credential) {
            (Some(vault), _) => findings.extend(vault.examine(watch)),
            (None, Some(credential)) => findings.extend(self.look(&credential, watch)?),
            (None, None) => {}
        }
        Ok(Response::Examined(findings))
    }

    /// Examines a locked vault on a copy of its store.
    fn look(&mut self, credential: &Credential, watch: Watch<'_>) -> Result<Vec<Finding>, DoorError> {
        self.check_patience()?;
        let opened = Vault::open(self.home()?, credential, Look::Only, self.tools.clone(), watch);
        let mut vault = opened.map_err(|error| self.counted(error))?;
        Ok(vault.examine(watch))
    }
}

impl Door for Service {
    fn call(&mut self, request: Request, progress: &dyn Fn(Progress)) -> Answer {
        let changed = |header| Ok(Response::Changed(header));
        match request {
            Request::Status => self.status(),
            Request::Create { organization, member, passphrase } => {
                self.create(&organization, &member, &passphrase, progress)
            }
            Request::Unlock(credential) => self.unlock(credential, progress),
            Request::Lock => {
                self.lock();
                Ok(Response::Done)
            }
            Request::List => Ok(Response::Headers(self.open()?.headers())),
            Request::Details(id) => self.details(id),
            Request::Deliver { id, part, how } => {
                // Both ways show the value to whoever looks at the terminal or pastes: one gate for both.
                let bytes = self.open()?.display(id, &part)?;
                Ok(Response::Delivered { id, part, how, bytes })
            }
            Request::Register(draft) => changed(self.open_mut()?.register(draft)?),
            Request::Edit { id, revision, change } => changed(self.open_mut()?.edit(id, revision, change)?),
            Request::Deactivate(Target { id, revision }) => changed(self.open_mut()?.deactivate(id, revision)?),
            Request::Reactivate(Target { id, revision }) => changed(self.open_mut()?.reactivate(id, revision)?),
            Request::Delete(Target { id, revision }) => changed(self.open_mut()?.delete(id, revision)?),
            Request::SweepAnyway => self.sweep_anyway(progress),
            Request::AcceptRollback => self.accept_rollback(),
            Request::Repair => self.repair(progress),
            Request::ChangePassphrase { current, new } => self.change_passphrase(current.as_ref(), &new, progress),
            Request::ChangeRecoveryKey { current } => self.change_recovery_key(current.as_ref(), progress),
            Request::Backup(file) => self.backup(file, progress),
            Request::Restore { file, credential, replace } => self.restore(file, &credential, replace, progress),
            Request::Doctor(credential) => self.examine(credential, progress),
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.lock();
    }
}

fn session(vault: &Vault) -> Result<Session, DoorError> {
    let member = vault.member()?;
    Ok(Session {
        organization: vault.profile().organization.clone(),
        member: member.name.clone(),
        role: member.role.label().into(),
        read_only: vault.trouble().is_some(),
    })
}

/// What the certificate in the header says, for types that have one; one that an older version took and this one
/// cannot read is shown without.
fn chain(header: &Header) -> Option<Chain> {
    let field = header.kind.schema().fields.iter().find(|field| field.input == Input::CertificateFile)?;
    read_chain(header.public(field.key)?.as_bytes()).ok().map(|bundle| bundle.chain)
}
