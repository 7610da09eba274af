//! One vault for several users of the machine: each of them has a session of their own.
//!
//! The kernel tells who asks. While a request is carried out, its user's idle lock, guesses and tokens are those of the
//! service, and the member sits at the vault; afterwards they are put back. Whoever has no session finds the vault locked.

use std::collections::BTreeMap;
use std::time::Duration;

use super::tokens::Tokens;
use super::{Answer, Ground, Service, Watch};
use crate::domain::MemberId;
use crate::domain::audit::{Action, Origin, Subject};
use crate::domain::organization::{MemberState, OrganizationView};
use crate::service::guesses::Guesses;
use crate::service::idle::IdleLock;
use crate::service::origin::of_our_own_accord;
use crate::service::request::{Credential, DoorError, OpenReport, Progress, Request, Response, Session};
use crate::vault::{Deed, Vault};

/// What administers the machine, and may do to the agent what it likes anyway.
const ROOT: u32 = 0;
/// Where no member is named.
const NOBODY: &str = "nobody";

/// One user's way to the vault.
struct UserSession {
    member: MemberId,
    idle: IdleLock,
    tokens: Tokens,
}

/// All who use the vault.
pub(super) struct Users {
    /// The user that this process runs as.
    ours: u32,
    sessions: BTreeMap<u32, UserSession>,
    /// Of those who guessed wrong.
    guesses: BTreeMap<u32, Guesses>,
    /// Whose request is being carried out.
    caller: Option<u32>,
}

impl Users {
    /// Whose request is being carried out.
    pub(super) fn caller(&self) -> Option<u32> {
        self.caller
    }

    /// Whether whoever asks has a session.
    pub(super) fn caller_is_in(&self) -> bool {
        self.caller.is_some_and(|uid| self.sessions.contains_key(&uid))
    }

    /// Nobody is in any more.
    pub(super) fn forget_sessions(&mut self) {
        self.sessions.clear();
    }

    fn is_trusted(&self, uid: u32) -> bool {
        uid == self.ours || uid == ROOT
    }

    fn has(&self, member: MemberId) -> bool {
        self.sessions.values().any(|session| session.member == member)
    }
}

impl Service {
    /// The same, for several users of this machine: [`Service::call_as`] is their door. `ours` is the user of this process.
    #[must_use]
    pub fn for_users(mut self, ours: u32) -> Self {
        let (sessions, guesses) = (BTreeMap::new(), BTreeMap::new());
        self.users = Some(Users { ours, sessions, guesses, caller: None });
        self
    }

    /// Whether it serves several users.
    pub fn is_for_users(&self) -> bool {
        self.users.is_some()
    }

    /// Carries out one request of the user `uid`, in the session that they have.
    ///
    /// # Errors
    /// As [`Door::call`](crate::service::Door::call): [`DoorError::Locked`] for whoever has no session, where it takes one;
    /// [`DoorError::Agent`] for what this process would do with rights that the user has not.
    pub fn call_as(
        &mut self,
        uid: u32,
        request: Request,
        who: &dyn Fn() -> Origin,
        progress: &dyn Fn(Progress),
    ) -> Result<Response, DoorError> {
        self.lock_if_idle();
        self.check_deputy(uid, &request)?;
        self.let_in(uid);
        let answer = self.call_for(request, who, progress);
        self.let_out(uid);
        self.sign_out_removed();
        answer
    }

    /// Who is in, and with which rights.
    pub fn sessions(&self) -> BTreeMap<u32, Session> {
        let (Some(users), Some(vault)) = (&self.users, &self.vault) else { return BTreeMap::new() };
        let now = self.tools.clock.uptime();
        let told = |(uid, session): (&u32, &UserSession)| {
            let rights = vault.rights_of(session.member)?;
            let told = Session {
                organization: vault.profile().organization.clone(),
                member: vault.name_of(session.member)?.into(),
                rights,
                read_only: vault.is_read_only(),
                locks_in: session.idle.left(now).map(super::whole_seconds),
            };
            Some((*uid, told))
        };
        users.sessions.iter().filter_map(told).collect()
    }

    /// Forgets every key and every session; `why` is recorded, if that can be.
    pub fn lock_everybody(&mut self, why: &str) {
        self.lock_noting(&of_our_own_accord(), Some(Subject::Other(why.into())));
    }

    /// Ends the session of `uid` alone; `why` is recorded, if that can be.
    pub fn sign_out(&mut self, uid: u32, why: &str) {
        self.end_session(uid, &of_our_own_accord(), Some(Subject::Other(why.into())));
    }

    /// What this process would do with rights of its own is done for nobody who has others.
    fn check_deputy(&self, uid: u32, request: &Request) -> Result<(), DoorError> {
        if self.users.as_ref().is_none_or(|users| users.is_trusted(uid)) {
            return Ok(());
        }
        let instead = match request {
            Request::Create { .. } => "Whoever runs it makes the vault there",
            Request::Backup(_) => "Whoever runs it makes backups there; strongroom export writes a file of yours",
            Request::Restore { .. } => "Whoever runs it restores the vault there",
            Request::OpenExport { .. } => "Add --no-agent, with a --vault of your own, or import it as whoever runs it",
            // What it finds is about files that are not theirs.
            Request::Doctor(_) if !self.has_session(uid) => return Err(DoorError::Locked),
            _ => return Ok(()),
        };
        Err(DoorError::Agent(format!(
            "the agent of this vault serves several users, and reads and writes no files for them. {instead}"
        )))
    }

    fn has_session(&self, uid: u32) -> bool {
        self.users.as_ref().is_some_and(|users| users.sessions.contains_key(&uid))
    }

    /// What is theirs takes the place of what is the service's; the member sits down.
    fn let_in(&mut self, uid: u32) {
        let Some(users) = &mut self.users else { return };
        users.caller = Some(uid);
        self.guesses = users.guesses.remove(&uid).unwrap_or_default();
        self.idle = IdleLock::after(None);
        let Some(session) = users.sessions.get_mut(&uid) else { return };
        self.idle = session.idle;
        self.tokens = std::mem::take(&mut session.tokens);
        let member = session.member;
        if self.vault.as_mut().is_none_or(|vault| vault.sit(member).is_err()) {
            self.end_session(uid, &of_our_own_accord(), None);
        }
    }

    fn let_out(&mut self, uid: u32) {
        let Some(users) = &mut self.users else { return };
        users.caller = None;
        let (guesses, tokens) = (std::mem::take(&mut self.guesses), std::mem::take(&mut self.tokens));
        if guesses.has_any() {
            users.guesses.insert(uid, guesses);
        }
        if let Some(session) = users.sessions.get_mut(&uid) {
            (session.idle, session.tokens) = (self.idle, tokens);
        }
    }

    /// Takes in whoever asks as the member who sits at the vault.
    pub(super) fn begin_session(&mut self) {
        let (Some(users), Some(vault)) = (&mut self.users, &self.vault) else { return };
        let Some(uid) = users.caller else { return };
        let session = UserSession { member: vault.seated(), idle: self.idle, tokens: Tokens::default() };
        users.sessions.insert(uid, session);
    }

    /// Signs in whoever asks as the member whose `credential` it is.
    pub(super) fn sign_in(&mut self, credential: &Credential, watch: Watch<'_>) -> Answer {
        let uid = self.caller()?;
        self.check_known(uid)?;
        if self.is_worth_reopening(uid) {
            self.lock();
        }
        let (report, was_open) = match self.vault {
            Some(_) => (self.take_seat(credential, watch)?, true),
            None => (self.open_for_users(credential, watch)?, false),
        };
        if let Err(refused) = self.check_bound(uid) {
            self.stand_up();
            return Err(refused);
        }
        if !was_open || !self.has_session(uid) {
            self.idle = IdleLock::after(self.idle_lock);
            self.touch();
            self.begin_session();
        }
        self.unlocked(report)
    }

    fn caller(&self) -> Result<u32, DoorError> {
        let caller = self.users.as_ref().and_then(Users::caller);
        caller.ok_or_else(|| DoorError::System("nobody is named whose session it shall be".into()))
    }

    /// A store in trouble may be whole by now; nobody else may be locked out to see.
    fn is_worth_reopening(&self, uid: u32) -> bool {
        let alone = self.users.as_ref().is_none_or(|users| users.sessions.keys().all(|other| *other == uid));
        alone && self.vault.as_ref().is_some_and(|vault| vault.trouble().is_some())
    }

    fn take_seat(&mut self, credential: &Credential, watch: Watch<'_>) -> Result<OpenReport, DoorError> {
        self.with_guess(Some(credential), |door| door.vault.as_mut().ok_or(DoorError::Locked)?.seat(credential, watch))
    }

    fn open_for_users(&mut self, credential: &Credential, watch: Watch<'_>) -> Result<OpenReport, DoorError> {
        if matches!(&self.ground, Ground::Disk(place) if !place.has_vault()?) {
            return Err(DoorError::NoVault);
        }
        let open = |door: &mut Self| Vault::unlock(door.home()?, credential, door.tools.clone(), watch);
        let (vault, report) = self.with_guess(Some(credential), open)?;
        self.vault = Some(vault);
        Ok(report)
    }

    /// Where it can be known: a user whom nobody is bound to need not guess at all.
    fn check_known(&self, uid: u32) -> Result<(), DoorError> {
        let (Some(users), Some(vault)) = (&self.users, &self.vault) else { return Ok(()) };
        if users.is_trusted(uid) || vault.bound_to(uid).is_some() {
            return Ok(());
        }
        Err(unbound(NOBODY, uid, Vec::new()))
    }

    /// Whether the member who sits at the vault now may be in as `uid`.
    fn check_bound(&self, uid: u32) -> Result<(), DoorError> {
        let (Some(users), Some(vault)) = (&self.users, &self.vault) else { return Err(DoorError::Locked) };
        let member = vault.seated();
        if let Some(session) = users.sessions.get(&uid).filter(|session| session.member != member) {
            return Err(DoorError::OtherMember(vault.name_of(session.member).unwrap_or_default().into()));
        }
        if users.is_trusted(uid) || vault.bound_to(uid) == Some(member) {
            return Ok(());
        }
        let who_can = vault.organization().map(|view| who_can(&view)).unwrap_or_default();
        Err(unbound(&vault.member()?.name, uid, who_can))
    }

    /// The member who sits at the vault does so in no session: they leave it.
    fn stand_up(&mut self) {
        let (Some(users), Some(vault)) = (&self.users, &mut self.vault) else { return };
        let member = vault.seated();
        if !users.has(member) && !vault.leave(member) {
            self.lock();
        }
    }

    /// Ends the session of `uid`; the vault is closed when it was the last.
    pub(super) fn end_session(&mut self, uid: u32, who: &Origin, why: Option<Subject>) {
        let Some(users) = &mut self.users else { return };
        let Some(UserSession { member, .. }) = users.sessions.remove(&uid) else { return };
        if users.sessions.is_empty() {
            let sits = self.vault.as_mut().is_some_and(|vault| vault.sit(member).is_ok());
            return if sits { self.lock_noting(who, why) } else { self.lock() };
        }
        let stays = users.has(member);
        let Some(vault) = &mut self.vault else { return };
        if vault.sit(member).is_ok() {
            // A session ends, whatever cannot be recorded of it.
            let _ = vault.record(who, vec![Deed::done(Action::Locked, why)]);
        }
        if !stays && !vault.leave(member) {
            self.lock();
        }
    }

    /// Ends the sessions of those who are members no more.
    fn sign_out_removed(&mut self) {
        let (Some(users), Some(vault)) = (&self.users, &self.vault) else { return };
        let is_gone = |member| !vault.is_read_only() && vault.rights_of(member).is_none();
        let gone = users.sessions.iter().filter(|(_, session)| is_gone(session.member));
        let gone: Vec<u32> = gone.map(|(uid, _)| *uid).collect();
        gone.into_iter().for_each(|uid| self.end_session(uid, &of_our_own_accord(), None));
    }

    /// Ends the sessions in which nobody has done anything for too long.
    pub(super) fn sign_out_idle(&mut self) {
        let now = self.tools.clock.uptime();
        let Some(users) = &self.users else { return };
        let idle = users.sessions.iter().filter(|(_, session)| session.idle.is_over(now));
        let idle: Vec<u32> = idle.map(|(uid, _)| *uid).collect();
        idle.into_iter().for_each(|uid| self.sign_out(uid, "nobody did anything"));
    }

    /// How long it takes until the next session is idle.
    pub(super) fn next_idle(&self) -> Option<Duration> {
        let now = self.tools.clock.uptime();
        let users = self.users.as_ref()?;
        users.sessions.values().filter_map(|session| session.idle.left(now)).min()
    }
}

fn who_can(view: &OrganizationView) -> Vec<Box<str>> {
    let present = view.members.iter().filter(|member| member.state == MemberState::Active);
    present.filter(|member| member.role.manages()).map(|member| member.name.clone()).collect()
}

/// `member` is not bound to the user who asks.
fn unbound(member: &str, uid: u32, who_can: Vec<Box<str>>) -> DoorError {
    let name = if member == NOBODY { "NAME" } else { member };
    let act = format!("sign in as Unix user {uid} before strongroom member bind {name} --uid {uid}");
    DoorError::NotPermitted { member: member.into(), act: act.into(), permission: None, who_can }
}
