//! Sessions of users at one door, in process: who is in, with what, and for how long.

use std::sync::Arc;
use std::time::Duration;

use strongroom::crypto::KdfCost;
use strongroom::domain::audit::Origin;
use strongroom::domain::organization::{Permission, Reach, Role};
use strongroom::domain::{
    Delivery, Header, Keeper, Kind, MemberId, Scope, SecretBytes, SecretId, Timestamp, Unfinished, UnfinishedId,
};
use strongroom::host::{FixedClock, SeededEntropy, files};
use strongroom::service::{Credential, DoorError, Request, Response, Service, Target, VaultStatus};
use strongroom::vault::Place;
use tempfile::TempDir;

use crate::office::{ADA, BEN, START, credential, draft, passphrase, permissions};

/// Whose agent it is, and the users of the machine.
const AGENT: u32 = 500;
const ADA_UID: u32 = 1001;
const BEN_UID: u32 = 1002;
const EVE_UID: u32 = 1003;
const FREE_GUESSES: usize = 2;

/// A vault with Ada, who made it, and Ben, a Member; both are bound to their users, and nobody is in.
struct Desk {
    dir: TempDir,
    clock: Arc<FixedClock>,
    service: Service,
}

impl Desk {
    fn new() -> Self {
        files::set_umask_077();
        let (dir, clock) = (TempDir::new().unwrap(), Arc::new(FixedClock::at(START)));
        let place = Place { vault: dir.path().join("vault"), state: dir.path().join("state") };
        let service = Service::new(place, clock.clone(), Arc::new(SeededEntropy::new(1)), KdfCost::DEFAULT);
        let mut desk = Self { dir, clock, service: service.for_users(AGENT) };
        let create =
            Request::Create { organization: "Northwind".into(), member: ADA.into(), passphrase: passphrase(ADA) };
        desk.call(AGENT, create).unwrap();
        let ada = desk.member(AGENT, ADA);
        desk.call(AGENT, Request::BindMember { member: ada, uid: Some(ADA_UID) }).unwrap();
        desk.admit(AGENT, BEN, Role::Member, Some(BEN_UID));
        desk.call(AGENT, Request::Lock).unwrap();
        assert!(!desk.service.is_open());
        desk
    }

    /// The same, with both at work.
    fn with_both() -> Self {
        let mut desk = Self::new();
        desk.sign_in(ADA_UID, ADA).unwrap();
        desk.sign_in(BEN_UID, BEN).unwrap();
        desk
    }

    fn call(&mut self, uid: u32, request: Request) -> Result<Response, DoorError> {
        let origin = move || Origin {
            user: format!("u{uid}").into(),
            pid: 1,
            terminal: None,
            host: "here".into(),
            parent: None,
        };
        self.service.call_as(uid, request, &origin, &|_| {})
    }

    fn sign_in(&mut self, uid: u32, name: &str) -> Result<Response, DoorError> {
        self.call(uid, Request::Unlock(credential(name)))
    }

    fn is_in(&mut self, uid: u32) -> bool {
        let Response::Status(status) = self.call(uid, Request::Status).unwrap() else { panic!("no status") };
        matches!(status, VaultStatus::Unlocked(_))
    }

    fn member(&mut self, uid: u32, name: &str) -> MemberId {
        let Response::Organization(view) = self.call(uid, Request::Organization).unwrap() else { panic!("no view") };
        view.members.iter().find(|member| *member.name == *name).unwrap().id
    }

    fn admit(&mut self, by: u32, name: &str, role: Role, uid: Option<u32>) {
        let invited = self.call(by, Request::Invite { name: name.into(), role, uid, days: 7 }).unwrap();
        let Response::Invited { invitation, code } = invited else { panic!("{invited:?}") };
        // Whoever is invited has no session yet.
        let accepted = self.call(uid.unwrap_or(EVE_UID), Request::Accept { code, passphrase: passphrase(name) });
        let Response::Accepted { fingerprint, .. } = accepted.unwrap() else { panic!("not accepted") };
        let current = Some(credential(ADA));
        self.call(by, Request::Admit { invitation: invitation.id, fingerprint, current }).unwrap();
    }

    fn register(&mut self, uid: u32, name: &str, scope: Scope) -> Arc<Header> {
        match self.call(uid, Request::Register(draft(name, scope))).unwrap() {
            Response::Changed(header) => header,
            other => panic!("{other:?}"),
        }
    }

    fn names(&mut self, uid: u32) -> Vec<String> {
        let Response::Headers(headers) = self.call(uid, Request::List).unwrap() else { panic!("no headers") };
        let mut names: Vec<String> = headers.iter().map(|header| header.name.to_string()).collect();
        names.sort();
        names
    }

    fn get(&mut self, uid: u32, id: SecretId) -> Result<SecretBytes, DoorError> {
        match self.call(uid, Request::hand_over(id, "value", Delivery::Get))? {
            Response::Delivered { handed, .. } => Ok(handed[0].bytes.clone()),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn two_are_in_at_once_and_each_sees_their_own() {
    let mut desk = Desk::with_both();
    let hers = desk.register(ADA_UID, "hers", Scope::Personal);
    let shared = desk.register(ADA_UID, "shared", Scope::Organization);
    let his = desk.register(BEN_UID, "his", Scope::Personal);
    for _ in 0..2 {
        assert_eq!(desk.names(ADA_UID), ["hers", "shared"]);
        assert_eq!(desk.names(BEN_UID), ["his", "shared"]);
    }
    assert_eq!(desk.get(ADA_UID, hers.id).unwrap(), "value of hers".into());
    assert_eq!(desk.get(BEN_UID, his.id).unwrap(), "value of his".into());
    assert!(matches!(desk.get(BEN_UID, hers.id), Err(DoorError::NoSecret(_))));
    assert!(matches!(desk.get(ADA_UID, his.id), Err(DoorError::NoSecret(_))));
    assert!(matches!(desk.get(BEN_UID, shared.id), Err(DoorError::NotPermitted { .. })));
    assert_eq!(desk.service.sessions().keys().copied().collect::<Vec<_>>(), [ADA_UID, BEN_UID]);
    desk.call(ADA_UID, Request::Lock).unwrap();
    assert!(!desk.is_in(ADA_UID) && desk.is_in(BEN_UID));
    assert!(matches!(desk.call(ADA_UID, Request::List), Err(DoorError::Locked)));
    assert_eq!(desk.get(BEN_UID, his.id).unwrap(), "value of his".into());
    desk.call(BEN_UID, Request::Lock).unwrap();
    assert!(!desk.service.is_open(), "the last one has left");
    desk.sign_in(BEN_UID, BEN).unwrap();
    assert_eq!(desk.names(BEN_UID), ["his", "shared"]);
}

#[test]
fn a_third_user_sees_nothing_and_an_unbound_one_is_refused() {
    let mut desk = Desk::new();
    desk.admit_later();
    for open in [false, true] {
        if open {
            desk.sign_in(ADA_UID, ADA).unwrap();
        }
        let refused = desk.sign_in(EVE_UID, "Eve").unwrap_err();
        let told = refused.to_string();
        assert!(matches!(refused, DoorError::NotPermitted { .. }) && told.contains("strongroom member bind"), "{told}");
        let refused = desk.sign_in(EVE_UID, BEN).unwrap_err();
        assert!(matches!(refused, DoorError::NotPermitted { .. }), "a right passphrase, of another user's member");
        assert!(!desk.is_in(EVE_UID) && desk.service.is_open() == open);
        for request in [
            Request::List,
            Request::Organization,
            Request::Names("".into()),
            Request::Settings,
            Request::Applications,
            Request::Unfinished,
            Request::Slots,
            Request::Audit(strongroom::service::AuditQuery::default()),
            Request::Doctor(None),
            Request::Doctor(Some(credential("Eve"))),
            Request::LockAfter { seconds: None, credential: None },
        ] {
            let word = format!("{request:?}");
            assert!(matches!(desk.call(EVE_UID, request), Err(DoorError::Locked)), "{word}");
        }
        desk.call(EVE_UID, Request::Lock).unwrap();
        assert_eq!(desk.is_in(ADA_UID), open);
    }
    // A user whom nobody is bound to learns no name, and whether no passphrase is right.
    let DoorError::NotPermitted { member, who_can, .. } = desk.sign_in(EVE_UID, BEN).unwrap_err() else { panic!() };
    assert_eq!((&*member, who_can), ("nobody", Vec::new()));
    let ada = desk.member(ADA_UID, "Eve");
    desk.call(ADA_UID, Request::BindMember { member: ada, uid: Some(EVE_UID) }).unwrap();
    desk.sign_in(EVE_UID, "Eve").unwrap();
    assert!(matches!(desk.sign_in(EVE_UID, BEN), Err(DoorError::OtherMember(name)) if &*name == "Eve"));
    assert!(desk.is_in(EVE_UID) && desk.is_in(ADA_UID) && !desk.is_in(BEN_UID));
}

impl Desk {
    /// Eve is a member whom nobody has bound to a user.
    fn admit_later(&mut self) {
        self.sign_in(AGENT, ADA).unwrap();
        self.admit(AGENT, "Eve", Role::Member, None);
        self.call(AGENT, Request::Lock).unwrap();
    }
}

#[test]
fn rights_change_at_once_and_a_removed_member_is_out_at_once() {
    let mut desk = Desk::with_both();
    let shared = desk.register(ADA_UID, "shared", Scope::Organization);
    let his = desk.register(BEN_UID, "his", Scope::Personal);
    let ben = desk.member(ADA_UID, BEN);
    let (use_it, all) = (permissions(&[Permission::Use, Permission::Reveal]), Reach::All);
    desk.call(ADA_UID, Request::Grant { member: ben, permissions: use_it, reach: all.clone() }).unwrap();
    assert_eq!(desk.get(BEN_UID, shared.id).unwrap(), "value of shared".into());
    desk.call(ADA_UID, Request::Revoke { member: ben, permissions: use_it, reach: all }).unwrap();
    assert!(matches!(desk.get(BEN_UID, shared.id), Err(DoorError::NotPermitted { .. })));
    assert_eq!(desk.get(BEN_UID, his.id).unwrap(), "value of his".into());
    let Target { id, revision } = Target { id: shared.id, revision: shared.revision };
    desk.call(ADA_UID, Request::Deactivate(Target { id, revision })).unwrap();
    let role = Request::ChangeRole { member: ben, role: Role::AccountManager, current: Some(credential(ADA)) };
    desk.call(ADA_UID, role).unwrap();
    assert!(matches!(desk.get(BEN_UID, shared.id), Err(DoorError::Unavailable(_))), "a manager, at the status gate");
    desk.call(ADA_UID, Request::RemoveMember { member: ben, current: Some(credential(ADA)) }).unwrap();
    assert!(!desk.service.sessions().contains_key(&BEN_UID), "before he asks for anything");
    desk.call(ADA_UID, Request::Lock).unwrap();
    assert!(!desk.service.is_open(), "his keys are gone, too");
    desk.sign_in(ADA_UID, ADA).unwrap();
    assert!(matches!(desk.call(BEN_UID, Request::List), Err(DoorError::Locked)));
    assert!(desk.sign_in(BEN_UID, BEN).is_err() && desk.is_in(ADA_UID));
}

#[test]
fn what_the_agent_would_do_with_its_own_rights_is_done_for_nobody_else() {
    let mut desk = Desk::with_both();
    let file = desk.dir.path().join("file");
    let create = Request::Create { organization: "x".into(), member: "x".into(), passphrase: passphrase("x") };
    let restore = Request::Restore { file: file.clone(), credential: credential(BEN), replace: true };
    let open = Request::OpenExport { file: file.clone(), passphrase: passphrase("x") };
    for request in [Request::Backup(file.clone()), restore, open.clone(), create] {
        for uid in [ADA_UID, BEN_UID, EVE_UID] {
            let refused = desk.call(uid, request.clone());
            assert!(matches!(refused, Err(DoorError::Agent(_))), "{request:?}: {refused:?}");
        }
    }
    assert!(!file.exists());
    for uid in [AGENT, 0] {
        assert!(matches!(desk.call(uid, open.clone()), Err(DoorError::NoFile(_))), "theirs is done");
        desk.sign_in(uid, ADA).unwrap();
        desk.call(uid, Request::Backup(desk.dir.path().join(format!("backup-{uid}")))).unwrap();
    }
}

#[test]
fn guesses_slow_down_their_own_user_alone() {
    let mut desk = Desk::new();
    desk.sign_in(ADA_UID, ADA).unwrap();
    for n in 0..=FREE_GUESSES {
        let guess = Credential::Passphrase(format!("guess number {n}").as_str().into());
        assert!(matches!(desk.call(BEN_UID, Request::Unlock(guess)), Err(DoorError::WrongCredential { .. })));
    }
    assert!(matches!(desk.sign_in(BEN_UID, BEN), Err(DoorError::TooSoon { .. })));
    assert!(desk.sign_in(ADA_UID, ADA).is_ok() && desk.sign_in(AGENT, ADA).is_ok());
    // Codes are guessed at no faster.
    let code = |n: usize| {
        let invalid = Request::Accept { code: "AAAA".into(), passphrase: passphrase("x") };
        if n == 9 { invalid } else { Request::Accept { code: wrong_code(n), passphrase: passphrase("a new member") } }
    };
    assert!(matches!(desk.call(EVE_UID, code(9)), Err(DoorError::Invalid { .. })));
    for n in 0..=FREE_GUESSES {
        assert!(matches!(desk.call(EVE_UID, code(n)), Err(DoorError::WrongCode)));
    }
    assert!(matches!(desk.call(EVE_UID, code(7)), Err(DoorError::TooSoon { .. })));
    desk.clock.advance(60);
    assert!(matches!(desk.call(EVE_UID, code(7)), Err(DoorError::WrongCode)));
    desk.sign_in(BEN_UID, BEN).unwrap();
}

/// A code without a typing mistake, for no invitation.
fn wrong_code(n: usize) -> SecretBytes {
    let entropy = SeededEntropy::new(1000 + n as u64);
    strongroom::crypto::InvitationCode::generate(&entropy).unwrap().to_text()
}

#[test]
fn each_session_has_its_own_time() {
    let mut desk = Desk::with_both();
    desk.call(BEN_UID, Request::LockAfter { seconds: Some(60), credential: None }).unwrap();
    assert_eq!(desk.service.locks_in(), Some(Duration::from_secs(60)));
    desk.clock.pass(50_000);
    desk.call(ADA_UID, Request::Touch).unwrap();
    desk.clock.pass(10_000);
    assert!(desk.is_in(ADA_UID) && !desk.is_in(BEN_UID), "nobody's work keeps another one in");
    let longer = Request::LockAfter { seconds: None, credential: None };
    assert!(desk.call(ADA_UID, longer).is_err(), "that takes a proof");
    desk.clock.pass(15 * 60_000);
    desk.service.lock_if_idle();
    assert!(!desk.service.is_open() && desk.service.sessions().is_empty());
}

#[test]
fn everybody_is_locked_out_together() {
    let mut desk = Desk::with_both();
    desk.service.lock_everybody("sleep");
    assert!(!desk.service.is_open() && !desk.is_in(ADA_UID) && !desk.is_in(BEN_UID));
    desk.sign_in(BEN_UID, BEN).unwrap();
    desk.sign_in(ADA_UID, ADA).unwrap();
    desk.service.sign_out(BEN_UID, "session-end");
    assert!(desk.is_in(ADA_UID) && !desk.is_in(BEN_UID));
    let Response::Events(events) = desk.call(ADA_UID, Request::Audit(Default::default())).unwrap() else { panic!() };
    let locked: Vec<_> = events.iter().filter(|event| format!("{:?}", event.action) == "Locked").collect();
    assert_eq!(locked.iter().map(|event| &*event.member).collect::<Vec<_>>(), [ADA, BEN, BEN], "{locked:?}");
}

#[test]
fn a_form_that_one_left_is_offered_to_nobody_else() {
    let mut desk = Desk::with_both();
    let form = Unfinished {
        id: UnfinishedId([1; 16]),
        kind: Kind::ApiKey,
        edits: None,
        name: "of-ada-alone".into(),
        fields: Vec::new(),
        saved: Timestamp(START),
        keeper: Keeper::default(),
    };
    desk.call(ADA_UID, Request::KeepUnfinished(form.clone())).unwrap();
    let left = |desk: &mut Desk, uid| match desk.call(uid, Request::Unfinished).unwrap() {
        Response::Unfinished(forms) => forms.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!((left(&mut desk, ADA_UID), left(&mut desk, BEN_UID)), (1, 0));
    let his = Unfinished { id: UnfinishedId([2; 16]), ..form };
    desk.call(BEN_UID, Request::KeepUnfinished(his)).unwrap();
    // Sealed anew, by somebody who can open one of them.
    let all = (permissions(&[Permission::Register]), Reach::All);
    let ben = desk.member(ADA_UID, BEN);
    desk.call(ADA_UID, Request::Grant { member: ben, permissions: all.0, reach: all.1.clone() }).unwrap();
    desk.call(ADA_UID, Request::Revoke { member: ben, permissions: all.0, reach: all.1 }).unwrap();
    assert_eq!((left(&mut desk, ADA_UID), left(&mut desk, BEN_UID)), (1, 1));
    desk.call(BEN_UID, Request::DropUnfinished(UnfinishedId([1; 16]))).unwrap();
    assert_eq!(left(&mut desk, ADA_UID), 1, "it is not his to drop");
    desk.call(ADA_UID, Request::RemoveMember { member: ben, current: Some(credential(ADA)) }).unwrap();
    assert_eq!(left(&mut desk, ADA_UID), 1);
}

/// `cargo test --test system turns -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
fn turns_with_many_personal_secrets() {
    const EACH: usize = 500;
    let mut desk = Desk::with_both();
    for uid in [ADA_UID, BEN_UID] {
        let drafts = (0..EACH).map(|n| draft(&format!("s-{n}"), Scope::Personal)).collect();
        desk.call(uid, Request::Import { drafts, dry_run: false }).unwrap();
    }
    let begun = std::time::Instant::now();
    for _ in 0..10 {
        desk.names(ADA_UID);
        desk.names(BEN_UID);
    }
    println!("{EACH} personal secrets of each of two: {:?} a turn", begun.elapsed() / 20);
}
