//! Role × permission × scope × action, written past every check: what was not permitted is refused by name and the last good
//! revision is served; what was permitted is taken. The expectation is a table of its own.

use std::sync::Arc;

use super::world::{ADA, BOB, MALLORY, NOW, World, draft, refused, refused_document, value};
use crate::crypto::Key;
use crate::domain::organization::{Permission, Reach, Role, Tampering};
use crate::domain::{Header, Scope, SecretId, Settings, Stamp, State, Timestamp};
use crate::vault::Vault;
use crate::vault::chest::{Chest, Values};
use crate::vault::documents::Document;
use crate::vault::history::kept_of;
use crate::vault::layout::Item;
use crate::vault::put::Fate;
use crate::vault::record::Closed;
use crate::vault::signed::{What, deletion_of};

/// A Manager, and a second Account Holder.
const MAX: &str = "Max";
const HAL: &str = "Hal";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    /// Of the organization, and named in the grant.
    Named,
    /// Of the organization, and not named.
    Other,
    Own,
    Foreign,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    EditHeader,
    EditValue,
    Deactivate,
    Reactivate,
    Delete,
}

const TARGETS: [Target; 4] = [Target::Named, Target::Other, Target::Own, Target::Foreign];
const ACTIONS: [Action; 5] =
    [Action::EditHeader, Action::EditValue, Action::Deactivate, Action::Reactivate, Action::Delete];

/// Who, and what was granted to them: for all secrets, or by name.
#[derive(Debug, Clone, Copy)]
struct Subject {
    name: &'static str,
    role: Role,
    granted: Option<(Permission, bool)>,
}

fn subjects() -> Vec<Subject> {
    let member = |granted| Subject { name: MALLORY, role: Role::Member, granted };
    let grants = Permission::ALL.into_iter().flat_map(|permission| {
        let named = (permission != Permission::Register).then_some((permission, false));
        std::iter::once((permission, true)).chain(named)
    });
    let managing = [(MAX, Role::AccountManager), (HAL, Role::AccountHolder)];
    let managing = managing.map(|(name, role)| Subject { name, role, granted: None });
    std::iter::once(member(None)).chain(grants.map(|grant| member(Some(grant)))).chain(managing).collect()
}

/// What it takes to do it with a secret of the organization.
fn needs(action: Action) -> Permission {
    match action {
        Action::EditHeader | Action::EditValue => Permission::Edit,
        Action::Deactivate | Action::Reactivate => Permission::Deactivate,
        Action::Delete => Permission::Delete,
    }
}

fn may(subject: Subject, action: Action, target: Target) -> bool {
    match (target, subject.role) {
        (Target::Own, _) => true,
        (Target::Foreign, role) => role == Role::AccountHolder && action == Action::Delete,
        (_, Role::AccountHolder | Role::AccountManager) => true,
        (target, Role::Member) => match subject.granted {
            Some((permission, for_all)) => permission == needs(action) && (for_all || target == Target::Named),
            None => false,
        },
    }
}

/// The secrets of a world, those in use and those put out of use.
struct Secrets {
    named: [SecretId; 2],
    other: [SecretId; 2],
    own: [(&'static str, [SecretId; 2]); 3],
    foreign: [SecretId; 2],
}

impl Secrets {
    fn planted(world: &mut World) -> Self {
        let pair = |world: &mut World, owner: &'static str, name: &str, scope| {
            [format!("{name} on"), format!("{name} off")].map(|name| {
                let id = match scope {
                    Scope::Organization => world.shared(&name),
                    Scope::Personal => world.personal(owner, &name),
                };
                let is_off = name.ends_with("off");
                world.with(owner, |vault| {
                    let revision = vault.header(id).unwrap().revision;
                    is_off.then(|| vault.deactivate(id, revision).unwrap());
                });
                id
            })
        };
        Self {
            named: pair(world, ADA, "named", Scope::Organization),
            other: pair(world, ADA, "other", Scope::Organization),
            own: [MALLORY, MAX, HAL].map(|name| (name, pair(world, name, name, Scope::Personal))),
            foreign: pair(world, BOB, "diary", Scope::Personal),
        }
    }

    fn of(&self, subject: Subject, target: Target, action: Action) -> SecretId {
        let own = self.own.iter().find(|(name, _)| *name == subject.name).unwrap().1;
        let pair = match target {
            Target::Named => self.named,
            Target::Other => self.other,
            Target::Own => own,
            Target::Foreign => self.foreign,
        };
        pair[usize::from(action == Action::Reactivate)]
    }
}

/// What somebody writes who does not ask.
fn write(vault: &mut Vault, id: SecretId, action: Action) {
    if let Some(closed) = vault.closed.get(&id).cloned() {
        return write_closed(vault, &closed, action);
    }
    let old = vault.header(id).unwrap();
    let stamp = Stamp { at: Timestamp(NOW + 1), by: vault.member().unwrap().name.as_ref().into() };
    let new = Header { revision: old.revision + 1, author: vault.me, modified: stamp.clone(), ..(*old).clone() };
    match action {
        Action::EditHeader => drop(vault.put(Header { name: "hostile".into(), ..new }, Fate::Keep).unwrap()),
        Action::EditValue => {
            let value = value("hostile");
            have_some_key(vault, id);
            vault.put(Header { value_set: stamp.at, parts: value.outline(), ..new }, Fate::Set(&value)).unwrap();
        }
        Action::Deactivate => drop(vault.put(Header { state: State::Inactive(stamp), ..new }, Fate::Keep).unwrap()),
        Action::Reactivate => drop(vault.put(Header { state: State::Active, ..new }, Fate::Keep).unwrap()),
        Action::Delete => {
            let tombstone = Header { state: State::Deleted(stamp), public: vec![], parts: vec![], ..new };
            vault.put(tombstone, Fate::Remove).unwrap();
        }
    }
}

/// Whoever has no key of the value takes another.
fn have_some_key(vault: &mut Vault, id: SecretId) {
    if let Values::Some { own, named } = vault.sealer.chest().values_for_tests() {
        let mut named = named.clone();
        if !named.iter().any(|(other, _)| *other == id) {
            named.push((id, Key::copy_of(&[7; 32])));
        }
        let (own, personal) = (own.clone(), vault.sealer.chest().personal().cloned());
        vault.sealer.take_chest(Chest::new(vault.me, Values::Some { own, named }, personal));
    }
}

/// Somebody else's personal secret: it is deleted over their own signature, or given an inside of their own making.
fn write_closed(vault: &mut Vault, closed: &Closed, action: Action) {
    let stamp = Stamp { at: Timestamp(NOW + 1), by: vault.member().unwrap().name.as_ref().into() };
    let revision = closed.revision + 1;
    let mut signing = vault.signer.begin(&*vault.tools.entropy).unwrap();
    let deleted =
        (action == Action::Delete).then(|| signing.add(What::State, closed.id, deletion_of(revision, vault.me, stamp)));
    let new = Closed { revision, has_inner: deleted.is_none(), deleted, ..closed.clone() };
    vault.put_closed(&new, closed.revision, signing).unwrap();
}

/// What the honest client `vault` makes of it.
fn check(vault: &Vault, cell: (Subject, Action, Target), id: SecretId, before: Option<&Arc<Header>>, how: &str) {
    let (subject, action, target) = cell;
    let told = format!("{subject:?} {action:?} {target:?}, {how}");
    if may(subject, action, target) {
        assert_eq!(refused(vault, id), None, "{told}");
        let now = vault.index.get(id);
        assert!(now.is_none() || now != before, "{told}: it is there");
        return;
    }
    match (target, action) {
        // Nobody but its owner can see that there is another inside.
        (Target::Foreign, action) if action != Action::Delete => {
            assert!(matches!(refused(vault, id), Some((Tampering::Unsigned, _))), "{told}: {:?}", refused(vault, id));
        }
        (Target::Foreign, _) => {
            assert_eq!(refused(vault, id), Some((Tampering::NotPermitted(Permission::Delete), None)), "{told}");
        }
        (_, action) => {
            let newest = kept_of(&*vault.store, id).unwrap().first().copied();
            let kept = newest.map(|item| if let Item::Kept(_, revision) = item { revision } else { 0 });
            assert_eq!(refused(vault, id), Some((Tampering::NotPermitted(needs(action)), kept)), "{told}");
            assert_eq!(vault.header(id).ok().map(|header| header.revision), kept, "{told}");
            assert_eq!(kept.is_some(), action != Action::Delete, "{told}");
        }
    }
}

#[test]
fn what_was_not_permitted_is_refused_whoever_wrote_it() {
    let mut base = World::founded();
    base.join(MAX, Role::AccountManager);
    base.join(HAL, Role::AccountHolder);
    let secrets = Secrets::planted(&mut base);
    // Everybody has seen all of it once.
    [ADA, BOB, MALLORY, MAX, HAL].into_iter().for_each(|name| base.with(name, |_| ()));
    let mut cells = 0;
    for subject in subjects() {
        let mut world = base.fork();
        if let Some((permission, for_all)) = subject.granted {
            let reach = if for_all { Reach::All } else { Reach::Named(secrets.named.into()) };
            world.grant(MALLORY, &[permission], &reach);
        }
        for action in ACTIONS {
            for target in TARGETS {
                let id = secrets.of(subject, target, action);
                let mut attacked = world.fork();
                let before = attacked.open(ADA).unwrap().index.get(id).cloned();
                attacked.with(subject.name, |vault| write(vault, id, action));
                let cell = (subject, action, target);
                check(&attacked.open(ADA).unwrap(), cell, id, before.as_ref(), "with memory");
                check(&attacked.open_fresh(ADA).unwrap(), cell, id, before.as_ref(), "without");
                cells += 1;
            }
        }
        cells += registering(&world, subject) + documents(&world, subject);
    }
    println!("{cells} cells of the matrix were written by a hostile client");
    assert_eq!(cells, subjects().len() * (ACTIONS.len() * TARGETS.len() + 2 + 3));
    assert_eq!(cells, 350);
}

/// New secrets, of either scope.
fn registering(world: &World, subject: Subject) -> usize {
    for scope in [Scope::Organization, Scope::Personal] {
        let mut attacked = world.fork();
        let id = attacked.with(subject.name, |vault| {
            let stamp = vault.stamp().unwrap();
            let (header, value) = vault.new_secret(draft("hostile", scope), &stamp).unwrap();
            vault.put(header, Fate::Set(&value)).unwrap().id
        });
        let may = scope == Scope::Personal
            || subject.role != Role::Member
            || matches!(subject.granted, Some((Permission::Register, _)));
        for vault in [attacked.open(ADA), attacked.open_fresh(ADA)].map(Result::unwrap) {
            let expected = (!may).then_some((Tampering::NotPermitted(Permission::Register), None));
            assert_eq!(refused(&vault, id), expected, "{subject:?} registers {scope:?}");
            let is_there = vault.index.get(id).is_some() || vault.closed.contains_key(&id);
            assert_eq!(is_there, may, "{subject:?} registers {scope:?}");
        }
    }
    2
}

/// The applications, the settings, and what was asked for.
fn documents(world: &World, subject: Subject) -> usize {
    for document in Document::ALL {
        let mut attacked = world.fork();
        attacked.with(subject.name, |vault| {
            let mut new = vault.documents.clone();
            new.settings = Settings { kept_revisions: 0, ..new.settings };
            vault.put_document(document, new).unwrap();
        });
        let may = subject.role != Role::Member || document == Document::Requests;
        for vault in [attacked.open(ADA), attacked.open_fresh(ADA)].map(Result::unwrap) {
            let expected = (!may).then_some(Tampering::NotManaged);
            assert_eq!(refused_document(&vault, document.word()), expected, "{subject:?} writes {document:?}");
            let is_changed = vault.settings().kept_revisions == 0;
            assert_eq!(is_changed, may && document == Document::Settings, "{subject:?} writes {document:?}");
        }
    }
    Document::ALL.len()
}
