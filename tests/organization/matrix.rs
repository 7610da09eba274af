//! Role × permission × whose secret × action, through the door: what is not permitted is refused, what is permitted works. The
//! expectation is a table of its own. Everybody comes in with a machine key: a passphrase is stretched once for each.

use std::collections::BTreeMap;
use std::sync::Arc;

use strongroom::domain::organization::{Permission, Permissions, Reach, Role, Unlawful};
use strongroom::domain::{
    ApplicationDraft, Change, Delivery, Header, InvitationId, MemberId, PartChange, Scope, SecretBytes, SecretId,
    Settings,
};
use strongroom::service::{Credential, DoorError, Request, Response};

use crate::support::{ADA, Organization, changed, current, draft, target, value_of};

/// The Member whose permissions are tried, and one whose personal secrets are tried at.
const GRACE: &str = "Grace";
const BOB: &str = "Bob";
/// The other roles.
const BEN: &str = "Ben";
const HAL: &str = "Hal";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    /// Of the organization, and named in the grant.
    Named,
    /// Of the organization, and not named.
    Other,
    Own,
    Foreign,
}

const WHOSE: [Whose; 4] = [Whose::Named, Whose::Other, Whose::Own, Whose::Foreign];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Action {
    Deliver(Delivery),
    EditHeader,
    EditValue,
    Deactivate,
    Reactivate,
    Delete,
}

const ACTIONS: [Action; 9] = [
    Action::Deliver(Delivery::Run),
    Action::Deliver(Delivery::Get),
    Action::Deliver(Delivery::Reveal),
    Action::Deliver(Delivery::Copy),
    Action::EditHeader,
    Action::EditValue,
    Action::Deactivate,
    Action::Reactivate,
    Action::Delete,
];

/// Who, and what was granted: for all secrets, or by name.
#[derive(Debug, Clone, Copy)]
struct Subject {
    name: &'static str,
    role: Role,
    granted: Option<(Permission, bool)>,
}

fn subjects() -> Vec<Subject> {
    let grants = Permission::ALL.into_iter().flat_map(|permission| {
        // To register reaches all or none.
        let named = (permission != Permission::Register).then_some((permission, false));
        std::iter::once((permission, true)).chain(named)
    });
    let grace = |granted| Subject { name: GRACE, role: Role::Member, granted };
    let others = [(BEN, Role::AccountManager), (HAL, Role::AccountHolder)];
    let others = others.map(|(name, role)| Subject { name, role, granted: None });
    std::iter::once(grace(None)).chain(grants.map(|grant| grace(Some(grant)))).chain(others).collect()
}

fn needs(action: Action) -> Permission {
    match action {
        Action::Deliver(Delivery::Run) => Permission::Use,
        Action::Deliver(_) => Permission::Reveal,
        Action::EditHeader | Action::EditValue => Permission::Edit,
        Action::Deactivate | Action::Reactivate => Permission::Deactivate,
        Action::Delete => Permission::Delete,
    }
}

/// What must come of it.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Works,
    NotPermitted,
    /// It must not even be seen.
    NotThere,
    /// The log does not take it of that role.
    Unlawful,
}

fn expected(subject: Subject, whose: Whose, action: Action) -> Outcome {
    let granted = |permission| match subject.granted {
        Some((had, for_all)) => had == permission && (for_all || whose == Whose::Named),
        None => false,
    };
    match (whose, subject.role) {
        (Whose::Own, _) => Outcome::Works,
        (Whose::Foreign, Role::AccountHolder) if action == Action::Delete => Outcome::Works,
        (Whose::Foreign, _) if action == Action::Delete => Outcome::NotPermitted,
        (Whose::Foreign, _) => Outcome::NotThere,
        (_, Role::AccountHolder | Role::AccountManager) => Outcome::Works,
        (_, Role::Member) if granted(needs(action)) => Outcome::Works,
        (_, Role::Member) => Outcome::NotPermitted,
    }
}

fn outcome<T>(answer: Result<T, DoorError>, told: &str) -> Outcome {
    match answer {
        Ok(_) => Outcome::Works,
        Err(DoorError::NotPermitted { .. }) => Outcome::NotPermitted,
        Err(DoorError::NotFound | DoorError::NoSecret(_)) => Outcome::NotThere,
        Err(DoorError::Unlawful(Unlawful::NeedsRole(_))) => Outcome::Unlawful,
        Err(other) => panic!("{told}: {other:?}"),
    }
}

/// An organization, and the machine key of everybody who is tried.
struct World {
    org: Organization,
    keys: BTreeMap<&'static str, SecretBytes>,
    ids: BTreeMap<&'static str, MemberId>,
    /// What can still be tried at, by whose it is.
    planted: BTreeMap<(&'static str, Whose, Action), SecretId>,
}

impl World {
    fn new() -> Self {
        let people =
            [(GRACE, Role::Member), (BOB, Role::Member), (BEN, Role::AccountManager), (HAL, Role::AccountHolder)];
        let mut org = Organization::with(&people);
        let mut keys = BTreeMap::new();
        for name in [ADA, GRACE, BOB, BEN, HAL] {
            org.enter(name);
            let answer = org.call(Request::AddSlot { current: current(name), label: None }).unwrap();
            let Response::SlotAdded { key, .. } = answer else { panic!("no slot") };
            keys.insert(name, key);
        }
        org.enter(ADA);
        let ids = [ADA, GRACE, BOB, BEN, HAL].map(|name| (name, org.id(name))).into();
        Self { org, keys, ids, planted: BTreeMap::new() }
    }

    /// Lets somebody in without a passphrase.
    fn enter(&mut self, name: &'static str) {
        self.org.call(Request::Lock).unwrap();
        self.org.call(Request::Unlock(Credential::Machine(self.keys[name].clone()))).unwrap();
    }

    /// Registers what is tried at, a secret for each cell, where none is left: those of the organization as Ada, the others
    /// as their owners.
    fn plant(&mut self, subject: Subject, round: usize) -> BTreeMap<(Whose, Action), SecretId> {
        let mut planted = BTreeMap::new();
        for whose in WHOSE {
            let (owner, scope) = match whose {
                Whose::Named | Whose::Other => (ADA, Scope::Organization),
                Whose::Own => (subject.name, Scope::Personal),
                Whose::Foreign => (BOB, Scope::Personal),
            };
            let missing = |action: &Action| !self.planted.contains_key(&(owner, whose, *action));
            let missing: Vec<Action> = ACTIONS.into_iter().filter(missing).collect();
            if !missing.is_empty() {
                self.enter(owner);
            }
            for action in missing {
                let id = self.plant_one(&format!("{round} {whose:?} {action:?}"), scope, action);
                self.planted.insert((owner, whose, action), id);
            }
            planted.extend(ACTIONS.map(|action| ((whose, action), self.planted[&(owner, whose, action)])));
        }
        planted
    }

    fn plant_one(&mut self, name: &str, scope: Scope, action: Action) -> SecretId {
        let header = self.org.register(&name.to_lowercase().replace(['(', ')'], ""), scope).unwrap();
        if action == Action::Reactivate {
            self.org.call(Request::Deactivate(target(&header))).unwrap();
        }
        header.id
    }

    /// Gives Grace what is tried, and nothing else.
    fn grant(&mut self, subject: Subject, planted: &BTreeMap<(Whose, Action), SecretId>) {
        self.enter(ADA);
        let (member, all) = (self.ids[GRACE], Permission::ALL.into_iter().collect());
        match self.org.call(Request::Revoke { member, permissions: all, reach: Reach::All }) {
            Ok(_) | Err(DoorError::Unlawful(Unlawful::Nothing)) => {}
            Err(error) => panic!("{error:?}"),
        }
        let Some((permission, for_all)) = subject.granted else { return };
        let named = planted.iter().filter(|((whose, _), _)| *whose == Whose::Named).map(|(_, id)| *id);
        let reach = if for_all { Reach::All } else { Reach::Named(named.collect()) };
        self.org.grant(GRACE, &[permission], reach).unwrap();
    }

    fn try_it(&mut self, id: SecretId, action: Action) -> Result<(), DoorError> {
        let header = self.org.headers().into_iter().find(|header| header.id == id);
        let revision = header.as_ref().map_or(1, |header| header.revision);
        let at = strongroom::service::Target { id, revision };
        match action {
            Action::Deliver(how) => {
                let value = self.org.deliver(id, how)?;
                assert_eq!(value, value_of(&header.unwrap().name));
                Ok(())
            }
            Action::EditHeader | Action::EditValue => self.edit(id, revision, header, action),
            Action::Deactivate => self.org.call(Request::Deactivate(at)).map(drop),
            Action::Reactivate => self.org.call(Request::Reactivate(at)).map(drop),
            Action::Delete => self.org.call(Request::Delete(at)).map(drop),
        }
    }

    fn edit(
        &mut self,
        id: SecretId,
        revision: u64,
        header: Option<Arc<Header>>,
        action: Action,
    ) -> Result<(), DoorError> {
        let like = draft("anything", Scope::Organization);
        let name = header.as_ref().map_or("anything", |header| &*header.name);
        let (name, part) = match action {
            Action::EditHeader => (format!("{name} renamed"), PartChange::Keep),
            _ => (name.to_owned(), PartChange::Set("new".into())),
        };
        let change = Change {
            name: name.into(),
            public: like.public,
            parts: vec![("value".into(), part)],
            expires: None,
            not_before: None,
            write_only: false,
            encrypted_key: false,
        };
        changed(self.org.call(Request::Edit { id, revision, change })).map(drop)
    }
}

#[test]
fn what_is_not_permitted_is_refused_and_what_is_permitted_works() {
    let mut world = World::new();
    let subjects = subjects();
    let mut cells = 0;
    for (round, subject) in subjects.iter().copied().enumerate() {
        let planted = world.plant(subject, round);
        world.grant(subject, &planted);
        world.enter(subject.name);
        for ((whose, action), id) in &planted {
            let told = format!("{subject:?} {action:?} {whose:?}");
            let found = outcome(world.try_it(*id, *action), &told);
            assert_eq!(found, expected(subject, *whose, *action), "{told}");
            if found == Outcome::Works && !matches!(action, Action::Deliver(_)) {
                world.planted.retain(|_, planted| planted != id);
            }
            cells += 1;
        }
        cells += registering(&mut world, subject, round);
        if subject.role == Role::Member {
            cells += managing_as_a_member(&mut world, subject);
        }
    }
    assert_eq!(cells, subjects.len() * (WHOSE.len() * ACTIONS.len() + 2) + (subjects.len() - 2) * MANAGING.len());
    cells += managing(&mut world);
    println!("{cells} cells of the matrix were tried through the door");
    assert_eq!(cells, 14 * 38 + 14 * MANAGING.len());
}

fn registering(world: &mut World, subject: Subject, round: usize) -> usize {
    let permitted = subject.role != Role::Member || matches!(subject.granted, Some((Permission::Register, _)));
    for (scope, works) in [(Scope::Organization, permitted), (Scope::Personal, true)] {
        let answer = world.org.register(&format!("{round} new {scope:?}").to_lowercase(), scope);
        let expected = if works { Outcome::Works } else { Outcome::NotPermitted };
        assert_eq!(outcome(answer, "registering"), expected, "{subject:?} registers {scope:?}");
    }
    2
}

/// What is done about members and the vault, in the order in which it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Managing {
    Invite(Role),
    Withdraw,
    Admit,
    Grant,
    Revoke,
    Bind,
    Answer,
    RoleUp,
    RoleDown,
    RoleToHolder,
    RemoveMember,
    RemoveManager,
    RemoveHolder,
    Settings,
    AddApplication,
    Backup,
}

const MANAGING: [Managing; 18] = [
    Managing::Invite(Role::Member),
    Managing::Invite(Role::AccountManager),
    Managing::Invite(Role::AccountHolder),
    Managing::Withdraw,
    Managing::Admit,
    Managing::Grant,
    Managing::Revoke,
    Managing::Bind,
    Managing::Answer,
    Managing::RoleUp,
    Managing::RoleDown,
    Managing::RoleToHolder,
    Managing::RemoveMember,
    Managing::RemoveManager,
    Managing::RemoveHolder,
    Managing::Settings,
    Managing::AddApplication,
    Managing::Backup,
];

/// What somebody who manages acts upon.
struct Stage {
    open: InvitationId,
    accepted: (InvitationId, Box<str>),
    member: MemberId,
    manager: MemberId,
    holder: MemberId,
}

impl World {
    fn manage(&mut self, who: &str, act: Managing, stage: &Stage) -> Result<(), DoorError> {
        let current = current(who);
        let permissions: Permissions = [Permission::Use].into_iter().collect();
        let (member, reach) = (stage.member, Reach::All);
        let role = |member, role| Request::ChangeRole { member, role, current: current.clone() };
        let request = match act {
            Managing::Invite(role) => {
                let name = format!("{who} invites {role:?}").into();
                Request::Invite { name, role, uid: None, days: 7 }
            }
            Managing::Withdraw => Request::Withdraw(stage.open),
            Managing::Admit => {
                let (invitation, fingerprint) = stage.accepted.clone();
                Request::Admit { invitation, fingerprint, current }
            }
            Managing::Grant => Request::Grant { member, permissions, reach },
            Managing::Revoke => Request::Revoke { member, permissions, reach },
            Managing::Bind => Request::BindMember { member, uid: Some(4000 + u32::from(who.len() as u8)) },
            Managing::Answer => {
                let id = self.org.view().requests.first().map_or(strongroom::domain::RequestId([0; 5]), |one| one.id);
                Request::AnswerRequest { id, grant: true }
            }
            Managing::RoleUp => role(member, Role::AccountManager),
            Managing::RoleDown => role(member, Role::Member),
            Managing::RoleToHolder => role(stage.manager, Role::AccountHolder),
            Managing::RemoveMember => Request::RemoveMember { member, current },
            Managing::RemoveManager => Request::RemoveMember { member: stage.manager, current },
            Managing::RemoveHolder => Request::RemoveMember { member: stage.holder, current },
            Managing::Settings => {
                Request::ChangeSettings(Settings { kept_revisions: who.len() as u16 + 10, ..Settings::default() })
            }
            Managing::AddApplication => Request::AddApplication(ApplicationDraft {
                name: format!("of {who}").into(),
                description: "".into(),
                bindings: Vec::new(),
            }),
            Managing::Backup => Request::Backup(self.org.dir.path().join(format!("backup of {who}"))),
        };
        self.org.call(request).map(drop)
    }

    /// Somebody is invited, and has accepted.
    fn accepted(&mut self, name: &str) -> (InvitationId, Box<str>) {
        let (invitation, code) = self.org.invite(name, Role::Member).unwrap();
        let fingerprint = self.org.accept(&code, name).unwrap();
        (invitation, fingerprint)
    }
}

/// A Member does nothing of it, whatever was granted: that is known before a passphrase is looked at.
fn managing_as_a_member(world: &mut World, subject: Subject) -> usize {
    let nobody = InvitationId([7; 5]);
    let stage = Stage {
        open: nobody,
        accepted: (nobody, "0000".into()),
        member: world.ids[BOB],
        manager: world.ids[BEN],
        holder: world.ids[HAL],
    };
    for act in MANAGING {
        let told = format!("{subject:?} {act:?}");
        match (act, world.manage(GRACE, act, &stage)) {
            // There is no request that she could see.
            (Managing::Answer, Err(DoorError::NoRequest(_))) => {}
            (_, answer) => assert_eq!(outcome(answer, &told), Outcome::NotPermitted, "{told}"),
        }
    }
    MANAGING.len()
}

/// An Account Manager does all but what is about Account Holders; they do everything.
fn managing(world: &mut World) -> usize {
    world.enter(ADA);
    let holder = world.org.admit("Hilda", Role::AccountHolder);
    let mut cells = 0;
    for (who, role) in [(BEN, Role::AccountManager), (HAL, Role::AccountHolder)] {
        world.enter(ADA);
        let stage = Stage {
            open: world.org.invite(&format!("open for {who}"), Role::Member).unwrap().0,
            accepted: world.accepted(&format!("accepted for {who}")),
            member: world.org.admit(&format!("member for {who}"), Role::Member),
            manager: world.org.admit(&format!("manager for {who}"), Role::AccountManager),
            holder,
        };
        world.enter(BOB);
        world.org.call(Request::AskPermission { permission: ask(role), secret: None }).unwrap();
        world.enter(who);
        for act in MANAGING {
            let of_holders =
                matches!(act, Managing::Invite(Role::AccountHolder) | Managing::RoleToHolder | Managing::RemoveHolder);
            let expected = match role {
                Role::AccountManager if of_holders => Outcome::Unlawful,
                _ => Outcome::Works,
            };
            let told = format!("{who} {act:?}");
            assert_eq!(outcome(world.manage(who, act, &stage), &told), expected, "{told}");
            cells += 1;
        }
    }
    cells
}

/// What Bob asks for: not twice the same, for it is granted.
fn ask(role: Role) -> Permission {
    if role == Role::AccountManager { Permission::Use } else { Permission::Reveal }
}
