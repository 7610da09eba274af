//! The door to a vault in this process.

mod audit;
mod credentials;
mod members;
mod noted;
mod sessions;
mod tokens;
mod transfer;
mod upkeep;
mod uses;

use std::sync::Arc;
use std::time::Duration;

use super::Door;
use super::guesses::Guesses;
use super::idle::{IDLE_LOCK, IdleLock};
use super::origin::{of_our_own_accord, ourselves};
use super::request::{
    Credential, DoorError, LeftForm, OpenReport, Progress, Request, Response, Session, Target, VaultStatus,
};
use crate::crypto::KdfCost;
use crate::domain::audit::{Action, Origin, Subject};
use crate::domain::{Find, Listed, SecretBytes, SecretRef, State, Timestamp, Unfinished};
use crate::host::memory::{Depth, leaving_no_trace};
use crate::host::{Clock, Entropy, process};
use crate::vault::{self, Deed, DirHome, Founding, Home, MemoryHome, Place, Tools, Vault};

use audit::Noted;
use sessions::Users;
use tokens::Tokens;

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
    tokens: Tokens,
    /// Who asks when nobody else is named.
    who: fn() -> Origin,
    /// Counts while the vault is open.
    idle: IdleLock,
    /// What it begins with at every unlocking.
    idle_lock: Option<Duration>,
    /// Several users, each with a session of their own; `None`: whoever reaches the door is in when the vault is open.
    users: Option<Users>,
}

impl Service {
    /// A service for the vault at `place`, which may not exist yet; nothing is touched before the first request.
    /// New passphrases are stretched at `cost`.
    pub fn new(place: Place, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>, cost: KdfCost) -> Self {
        let tools = Tools { clock, entropy, cost };
        Self {
            ground: Ground::Disk(place),
            tools,
            vault: None,
            guesses: Guesses::default(),
            tokens: Tokens::default(),
            who: ourselves,
            idle: IdleLock::after(Some(IDLE_LOCK)),
            idle_lock: Some(IDLE_LOCK),
            users: None,
        }
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
        Ok(Self {
            ground,
            tools,
            vault: Some(vault),
            guesses: Guesses::default(),
            tokens: Tokens::default(),
            who: somebody,
            idle: IdleLock::after(None),
            idle_lock: None,
            users: None,
        })
    }

    fn open(&self) -> Result<&Vault, DoorError> {
        self.vault.as_ref().filter(|_| self.is_in()).ok_or(DoorError::Locked)
    }

    fn open_mut(&mut self) -> Result<&mut Vault, DoorError> {
        let is_in = self.is_in();
        self.vault.as_mut().filter(|_| is_in).ok_or(DoorError::Locked)
    }

    /// Whether whoever asks is in, where the vault is open.
    fn is_in(&self) -> bool {
        self.users.as_ref().is_none_or(Users::caller_is_in)
    }

    fn session(&self, vault: &Vault) -> Result<Session, DoorError> {
        let member = vault.member()?;
        Ok(Session {
            organization: vault.profile().organization.clone(),
            member: member.name.clone(),
            rights: vault.rights()?,
            read_only: vault.is_read_only(),
            locks_in: self.idle.left(self.tools.clock.uptime()).map(whole_seconds),
        })
    }

    /// Whether the vault is open.
    pub fn is_open(&self) -> bool {
        self.vault.is_some()
    }

    /// After how long without a request the vault is locked, from the next unlocking on; `None`: never.
    pub fn set_idle_lock(&mut self, after: Option<Duration>) {
        self.idle_lock = after;
    }

    /// How long it takes until the vault is locked unless there is a request, or the next session ends; `None`: for ever, or
    /// it is locked.
    pub fn locks_in(&self) -> Option<Duration> {
        if self.is_for_users() {
            return self.next_idle();
        }
        self.vault.as_ref().and_then(|_| self.idle.left(self.tools.clock.uptime()))
    }

    /// Locks the vault when nobody has done anything for too long. Called before every request; whoever waits for
    /// requests calls it when [`Service::locks_in`] is over.
    pub fn lock_if_idle(&mut self) {
        if self.is_for_users() {
            self.sign_out_idle();
        } else if self.vault.is_some() && self.idle.is_over(self.tools.clock.uptime()) {
            self.lock_noting(&of_our_own_accord(), Some(Subject::Other("nobody did anything".into())));
        }
    }

    fn touch(&mut self) {
        self.idle.touch(self.tools.clock.uptime());
    }

    /// Takes in an open vault.
    fn admit(&mut self, vault: Vault) {
        self.idle = IdleLock::after(self.idle_lock);
        self.touch();
        self.vault = Some(vault);
        self.begin_session();
    }

    fn status(&self) -> Answer {
        let status = match (self.open(), &self.ground) {
            (Ok(vault), _) => VaultStatus::Unlocked(self.session(vault)?),
            (Err(_), Ground::Disk(place)) if !place.has_vault()? => VaultStatus::Absent,
            (Err(_), _) => VaultStatus::Locked,
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
        self.admit(vault);
        Ok(Response::Created { session: self.session(self.open()?)?, recovery_key })
    }

    fn unlocked(&self, mut report: OpenReport) -> Answer {
        report.needs_new_passphrase &= matches!(self.ground, Ground::Disk(_));
        Ok(Response::Unlocked { session: self.session(self.open()?)?, report })
    }

    /// Forgets every key, whatever happens.
    fn lock(&mut self) {
        // Everything acknowledged is on the disk: a close that fails costs the next opening a check.
        let _ = self.vault.take().map(Vault::close);
        self.forget_users();
    }

    /// The same, and records it, if that can be.
    fn lock_noting(&mut self, origin: &Origin, why: Option<Subject>) {
        let _ = self.vault.take().map(|vault| vault.close_noting(origin, Deed::done(Action::Locked, why)));
        self.forget_users();
    }

    /// What was kept for those who were in.
    fn forget_users(&mut self) {
        self.tokens = Tokens::default();
        let _ = self.users.as_mut().map(Users::forget_sessions);
    }

    /// Locks the vault, or ends the session of whoever asks.
    fn lock_for(&mut self, who: &dyn Fn() -> Origin) -> Answer {
        match self.users.as_ref().map(Users::caller) {
            Some(Some(uid)) => self.end_session(uid, &who(), None),
            _ if self.vault.is_some() => self.lock_noting(&who(), None),
            _ => {}
        }
        Ok(Response::Done)
    }

    fn details(&self, secret: &SecretRef) -> Answer {
        Ok(Response::Details(self.open()?.find(secret)?.into()))
    }

    fn find(&self, find: &Find) -> Answer {
        let found = self.open()?.headers_iter().filter(|header| find.takes(header));
        Ok(Response::Found(found.map(|header| Listed::from(&**header)).collect()))
    }

    fn names(&self, beginning: &str) -> Answer {
        let headers = self.open()?.headers().into_iter();
        let wanted =
            headers.filter(|header| !matches!(header.state, State::Deleted(_)) && header.name.starts_with(beginning));
        let mut names: Vec<Box<str>> = wanted.map(|header| header.name.clone()).collect();
        names.sort_unstable();
        Ok(Response::Names(names))
    }

    fn unfinished(&mut self) -> Answer {
        let forms = self.open_mut()?.unfinished()?.into_iter();
        let left = |form: Unfinished| LeftForm { open: process::is_alive(form.keeper.pid, form.keeper.started), form };
        Ok(Response::Unfinished(forms.map(left).collect()))
    }
}

impl Door for Service {
    fn call(&mut self, request: Request, progress: &dyn Fn(Progress)) -> Answer {
        let who = self.who;
        self.call_for(request, &who, progress)
    }
}

impl Service {
    /// Carries out one request of somebody, who is asked for only when that is recorded.
    ///
    /// # Errors
    /// As [`Door::call`].
    pub fn call_for(
        &mut self,
        request: Request,
        who: &dyn Fn() -> Origin,
        progress: &dyn Fn(Progress),
    ) -> Result<Response, DoorError> {
        self.lock_if_idle();
        let is_use = !matches!(request, Request::Status | Request::Clients | Request::KeepUnfinished(_));
        let answer = leaving_no_trace(Depth::KeyPairs, || {
            let noted = Noted::of(&request, self.open().ok());
            let answer = self.carry_out(request, who, progress)?;
            if let Some(noted) = noted { self.note(noted, who, answer) } else { Ok(answer) }
        });
        if is_use && !is_turned_away(&answer) {
            self.touch();
        }
        answer
    }

    fn carry_out(&mut self, request: Request, who: &dyn Fn() -> Origin, progress: &dyn Fn(Progress)) -> Answer {
        let changed = |header| Ok(Response::Changed(header));
        let done = |result: Result<(), DoorError>| result.map(|()| Response::Done);
        match request {
            Request::Status => self.status(),
            Request::Touch => {
                self.touch();
                self.status()
            }
            Request::LockAfter { seconds, credential } => self.lock_after(seconds, credential.as_ref(), progress),
            Request::Clients => Ok(Response::Clients(Vec::new())),
            Request::Create { organization, member, passphrase } => {
                self.create(&organization, &member, &passphrase, progress)
            }
            Request::Unlock(credential) => self.unlock(&credential, progress),
            Request::Lock => self.lock_for(who),
            Request::List => Ok(Response::Headers(self.open()?.headers())),
            Request::Find(find) => self.find(&find),
            Request::Details(secret) => self.details(&secret),
            Request::Names(beginning) => self.names(&beginning),
            Request::Deliver(order) => self.deliver(&order, who),
            Request::Uses(id) => self.uses(id),
            Request::Audit(query) => self.audit(&query),
            Request::VerifyAudit => self.verify_audit(),
            Request::Token { secret, allow_expired, anew } => self.token(secret, (allow_expired, anew), who),
            Request::KeepToken { id, revision, token, expires } => self.keep_token((id, revision), token, expires),
            Request::History(id) => self.history(id),
            Request::Applications => self.applications(),
            Request::AddApplication(draft) => self.add_application(draft),
            Request::EditApplication { id, revision, draft } => self.edit_application(id, revision, draft),
            Request::RemoveApplication { id, revision } => self.remove_application(id, revision),
            Request::Settings => self.settings(),
            Request::ChangeSettings(settings) => self.change_settings(settings),
            Request::Import { drafts, dry_run } => self.import(drafts, dry_run, who),
            Request::Export { passphrase } => self.export(passphrase.as_ref(), who),
            Request::OpenExport { file, passphrase } => Ok(Response::Drafts(vault::open_export(&file, &passphrase)?)),
            Request::Register(draft) => changed(self.open_mut()?.register(draft)?),
            Request::Edit { id, revision, change } => changed(self.open_mut()?.edit(id, revision, change)?),
            Request::Deactivate(Target { id, revision }) => changed(self.open_mut()?.deactivate(id, revision)?),
            Request::Reactivate(Target { id, revision }) => changed(self.open_mut()?.reactivate(id, revision)?),
            Request::Delete(Target { id, revision }) => changed(self.open_mut()?.delete(id, revision)?),
            Request::KeepUnfinished(form) => done(self.open_mut()?.keep_unfinished(form)),
            Request::Unfinished => self.unfinished(),
            Request::DropUnfinished(id) => done(self.open_mut()?.drop_unfinished(id)),
            Request::SweepAnyway => self.sweep_anyway(progress),
            Request::AcceptRollback => self.accept_rollback(),
            Request::Repair => self.repair(progress),
            Request::ChangePassphrase { current, new } => self.change_passphrase(current.as_ref(), &new, progress),
            Request::ChangeRecoveryKey { current } => self.change_recovery_key(current.as_ref(), progress),
            Request::Slots => Ok(Response::Slots(self.open()?.slots())),
            Request::AddSlot { current, label } => self.add_slot(current.as_ref(), label.as_deref(), progress),
            Request::RemoveSlot { id, current } => self.remove_slot(id, current.as_ref(), progress),
            Request::Backup(file) => self.backup(file, progress),
            Request::Restore { file, credential, replace } => self.restore(file, &credential, replace, (who, progress)),
            Request::Doctor(credential) => self.examine(credential, progress),
            Request::Organization
            | Request::Invite { .. }
            | Request::Withdraw(_)
            | Request::Accept { .. }
            | Request::Admit { .. }
            | Request::ChangeRole { .. }
            | Request::Grant { .. }
            | Request::Revoke { .. }
            | Request::BindMember { .. }
            | Request::RemoveMember { .. }
            | Request::AskPermission { .. }
            | Request::AnswerRequest { .. } => self.of_the_organization(request, progress),
        }
    }
}

/// Whether it was asked by somebody who did not prove who they are: that keeps no vault open.
fn is_turned_away(answer: &Answer) -> bool {
    match answer {
        Err(DoorError::WrongCredential { .. } | DoorError::TooSoon { .. } | DoorError::Locked) => true,
        Err(error) => error.missing_proof().is_some(),
        Ok(_) => false,
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.lock();
    }
}

/// Whoever plays with the demo: the same on every machine.
fn somebody() -> Origin {
    Origin {
        user: "ada".into(),
        pid: 4711,
        terminal: Some("pts/3".into()),
        host: "workshop".into(),
        parent: Some("zsh".into()),
    }
}

/// Rounded up: nothing is over while a part of a second is left.
fn whole_seconds(time: Duration) -> u32 {
    u32::try_from(time.as_millis().div_ceil(1000)).unwrap_or(u32::MAX)
}
