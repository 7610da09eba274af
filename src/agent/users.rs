//! Several users at one agent: what each of them may hear of what the others do.

use std::collections::BTreeMap;
use std::sync::MutexGuard;

use super::hub::{Hub, status_of};
use super::logind::Login;
use super::told::{About, news_of};
use crate::domain::Scope;
use crate::domain::audit::Origin;
use crate::host::panics::quietly;
use crate::host::sync::hold;
use crate::service::{DoorError, News, Progress, Request, Response, Service, Session, VaultStatus};

type Answer = Result<Response, DoorError>;
type Sessions = BTreeMap<u32, Session>;

impl Hub {
    /// Carries out a request of the user `uid`, and tells each user what they may know of it.
    pub(super) fn at_for(
        &self,
        mut service: MutexGuard<'_, Service>,
        request: Request,
        (uid, login): (u32, Option<Login>),
        who: &dyn Fn() -> Origin,
        progress: &dyn Fn(Progress),
    ) -> Answer {
        let (before, about) = (service.sessions(), About::of(&request));
        let answer = quietly(|| service.call_as(uid, request, who, progress)).unwrap_or_else(|_| {
            // What a bug left half done is not used any more.
            let _ = quietly(|| service.lock_everybody("a bug"));
            self.log.write(format_args!("bug: a request panicked, the vault was locked"));
            Err(DoorError::System(
                "strongroom has a bug and could not do it; the vault was locked, nothing stored is lost".into(),
            ))
        });
        let after = self.settle(&mut service, &before);
        if !before.contains_key(&uid) && after.contains_key(&uid) {
            self.logins.opened_by(uid, login);
        }
        let told = Told { uid, answer: &answer, about, before: &before, after: &after };
        self.newsroom.tell_each(|listener| told.to(listener));
        let sets_timer = about == About::Timer || matches!(answer, Ok(Response::Unlocked { .. }));
        if sets_timer || !before.keys().eq(after.keys()) {
            self.alarm();
        }
        answer
    }

    /// Ends all sessions, and forgets every key.
    pub(super) fn lock_everybody(&self, mut service: MutexGuard<'_, Service>, why: &str) {
        let before = service.sessions();
        let _ = quietly(|| service.lock_everybody(why));
        self.tell_of_the_end(&mut service, &before);
    }

    /// Ends the session of `uid`.
    pub(super) fn sign_out(&self, mut service: MutexGuard<'_, Service>, uid: u32, why: &str) {
        let before = service.sessions();
        let _ = quietly(|| service.sign_out(uid, why));
        self.tell_of_the_end(&mut service, &before);
        self.log.write(format_args!("lock {why} uid={uid}"));
    }

    /// Ends the sessions whose time is over.
    pub(super) fn sign_out_idle(&self, mut service: MutexGuard<'_, Service>) {
        let before = service.sessions();
        let _ = quietly(|| service.lock_if_idle());
        let after = self.tell_of_the_end(&mut service, &before);
        for uid in before.keys().filter(|uid| !after.contains_key(uid)) {
            self.log.write(format_args!("lock idle uid={uid}"));
        }
    }

    /// Whether the user `uid` is told of the connections of `other`.
    pub(super) fn may_see(&self, uid: u32, other: u32) -> bool {
        !self.is_for_users() || uid == other || hold(&self.status).users.contains_key(&uid)
    }

    fn tell_of_the_end(&self, service: &mut Service, before: &Sessions) -> Sessions {
        let after = self.settle(service, before);
        self.newsroom.tell_each(|uid| changed(before.get(&uid), after.get(&uid)));
        self.alarm();
        after
    }

    /// Takes note of who is in now, and gives that.
    fn settle(&self, service: &mut Service, before: &Sessions) -> Sessions {
        let nobody = status_of(service).unwrap_or(VaultStatus::Locked);
        let after = service.sessions();
        before.keys().filter(|uid| !after.contains_key(uid)).for_each(|uid| self.logins.locked(*uid));
        // First, so that whoever hears the news and asks is not told of what was before.
        self.note(nobody, after.clone());
        after
    }
}

/// A request of the user `uid`, and what came of it.
struct Told<'a> {
    uid: u32,
    answer: &'a Answer,
    about: About,
    before: &'a Sessions,
    after: &'a Sessions,
}

impl Told<'_> {
    /// What the user `listener` is told: nothing of the vault, unless they are in.
    fn to(&self, listener: u32) -> Vec<News> {
        let (before, after) = (self.before.get(&listener), self.after.get(&listener));
        let mut news = changed(before, after);
        let (Some(_), Some(session)) = (before, after) else { return news };
        for told in news_of(self.answer, self.about, true, true) {
            match &told {
                // A session is its own user's alone, and said once.
                News::Session(_) | News::Unlocked(_) if self.uid != listener => {}
                News::Session(_) if !news.is_empty() => {}
                News::ListAnew if self.is_unlocking() && self.uid != listener => {}
                News::Changed(headers) if headers.iter().any(|one| is_closed(one, session)) => {}
                _ => news.push(told),
            }
        }
        news
    }

    fn is_unlocking(&self) -> bool {
        matches!(self.answer, Ok(Response::Unlocked { .. }))
    }
}

/// Whether it is a personal secret of somebody else.
fn is_closed(header: &crate::domain::Header, session: &Session) -> bool {
    header.scope == Scope::Personal && header.owner != session.rights.member
}

/// What a user is told of their own session.
fn changed(before: Option<&Session>, after: Option<&Session>) -> Vec<News> {
    match (before, after) {
        (Some(_), None) => vec![News::Locked],
        (None, Some(session)) => vec![News::Unlocked(session.clone())],
        (Some(before), Some(after)) if Session { locks_in: after.locks_in, ..before.clone() } != *after => {
            vec![News::Session(after.clone())]
        }
        _ => Vec::new(),
    }
}
