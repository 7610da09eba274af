//! Who may do what to the organization, and what comes of it.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::domain::{InvitationId, MemberId, SecretId, SlotId, Timestamp};

const EXPIRES: Timestamp = Timestamp(1_000);

fn id(n: u8) -> MemberId {
    MemberId([n; 16])
}

fn slot(n: u8) -> SlotId {
    SlotId([n; 5])
}

fn public(n: u8) -> PublicKeys {
    PublicKeys([n].into())
}

fn key(n: u8) -> MemberKey {
    MemberKey { slot: slot(n), public: public(n) }
}

fn invitation(n: u8) -> InvitationId {
    InvitationId([n; 5])
}

fn secret(n: u8) -> SecretId {
    SecretId([n; 16])
}

fn named(ids: &[u8]) -> Reach {
    Reach::Named(ids.iter().map(|n| secret(*n)).collect())
}

fn entry(act: Act, by: u8, at: i64) -> Entry {
    Entry { number: 0, previous: [0; 32], at: Timestamp(at), by: slot(by), act }
}

fn founded() -> Act {
    Act::Founded { organization: "Acme".into(), member: id(1), name: "Hanna".into(), keys: vec![key(1)] }
}

fn invited(n: u8, name: &str, role: Role) -> Act {
    let (name, public) = (name.into(), public(100 + n));
    Act::Invited { invitation: invitation(n), name, role, uid: None, expires: EXPIRES, public }
}

fn admitted(n: u8, member: u8) -> Act {
    Act::Admitted { invitation: invitation(n), member: id(member), key: key(member) }
}

fn granted(member: u8, permission: Permission, reach: Reach) -> Act {
    Act::Granted { member: id(member), permissions: [permission].into_iter().collect(), reach }
}

fn revoked(member: u8, permission: Permission, reach: Reach) -> Act {
    Act::Revoked { member: id(member), permissions: [permission].into_iter().collect(), reach }
}

fn role(member: u8, role: Role) -> Act {
    Act::RoleChanged { member: id(member), role }
}

fn bound(member: u8, uid: Option<u32>) -> Act {
    Act::Bound { member: id(member), uid }
}

fn epoch(epoch: u64) -> Act {
    Act::EpochBegun { epoch, taken_over: [epoch as u8; 32] }
}

impl Organization {
    fn does(&mut self, by: u8, act: Act) -> Result<(), Unlawful> {
        self.take(&entry(act, by, 10))
    }

    fn all(mut self, acts: impl IntoIterator<Item = (u8, Act)>) -> Self {
        for (by, act) in acts {
            let told = format!("{act:?}");
            self.does(by, act).unwrap_or_else(|error| panic!("{told}: {error}"));
        }
        self
    }
}

/// Hanna has founded it and is alone.
fn new() -> Organization {
    Organization::found(&entry(founded(), 1, 5)).unwrap()
}

/// Hanna and Henry (2) are Account Holders, Max (3) and Mia (4) Managers, Otto (5) and Olga (6) Members. The first of each
/// acts. There is an open invitation for each role, 21 to 23, and the acting have a second key, 30 and theirs.
fn acme() -> Organization {
    let people = [
        (2, "Henry", Role::AccountHolder),
        (3, "Max", Role::AccountManager),
        (4, "Mia", Role::AccountManager),
        (5, "Otto", Role::Member),
        (6, "Olga", Role::Member),
    ];
    let come = people.into_iter().flat_map(|(n, name, role)| [(1, invited(n, name, role)), (1, admitted(n, n))]);
    let open = (21..).zip(Role::ALL).map(|(n, role)| (1, invited(n, role.word(), role)));
    let keys = [2, 3, 5].map(|n| (n, Act::KeyAdded(key(30 + n))));
    new().all(come.chain(open).chain(keys)).all([(1, granted(6, Permission::Use, named(&[1])))])
}

/// What is done, to be done by the one with the given number, and who may: a Holder, a Manager, a Member. `y`: they may;
/// `H`, `M`: it takes a Holder, a Manager; `-`: nobody may, for another reason.
fn matrix() -> Vec<(&'static str, &'static str, Box<dyn Fn(u8) -> Act>)> {
    use Role::{AccountHolder, AccountManager};
    fn row(
        what: &'static str,
        who: &'static str,
        act: impl Fn(u8) -> Act + 'static,
    ) -> (&'static str, &'static str, Box<dyn Fn(u8) -> Act>) {
        (what, who, Box::new(act))
    }
    vec![
        row("found another organization", "---", |_| founded()),
        row("add a key of one's own", "yyy", |_| Act::KeyAdded(key(50))),
        row("remove a key of one's own", "yyy", |by| Act::KeyRemoved(slot(30 + by))),
        row("remove the key that signs", "yyy", |by| Act::KeyRemoved(slot(by))),
        row("remove a Holder's key", "---", |_| Act::KeyRemoved(slot(1))),
        row("remove a Member's key", "---", |_| Act::KeyRemoved(slot(6))),
        row("invite a Holder", "yHH", |_| invited(51, "New", AccountHolder)),
        row("invite a Manager", "yyM", |_| invited(51, "New", AccountManager)),
        row("invite a Member", "yyM", |_| invited(51, "New", Role::Member)),
        row("withdraw a Holder's invitation", "yHM", |_| Act::Withdrawn(invitation(21))),
        row("withdraw a Manager's invitation", "yyM", |_| Act::Withdrawn(invitation(22))),
        row("withdraw a Member's invitation", "yyM", |_| Act::Withdrawn(invitation(23))),
        row("admit a Holder", "yHM", |_| admitted(21, 52)),
        row("admit a Manager", "yyM", |_| admitted(22, 52)),
        row("admit a Member", "yyM", |_| admitted(23, 52)),
        row("make a Member a Holder", "yHH", |_| role(6, AccountHolder)),
        row("make a Member a Manager", "yyM", |_| role(6, AccountManager)),
        row("make a Manager a Holder", "yHH", |_| role(4, AccountHolder)),
        row("make a Manager a Member", "yyM", |_| role(4, Role::Member)),
        row("make a Holder a Manager", "yHM", |_| role(1, AccountManager)),
        row("make a Holder a Member", "yHM", |_| role(1, Role::Member)),
        row("make oneself a Holder", "-HH", |by| role(by, AccountHolder)),
        row("make oneself a Manager", "y-M", |by| role(by, AccountManager)),
        row("make oneself a Member", "yyM", |by| role(by, Role::Member)),
        row("grant to a Holder", "-HM", |_| granted(1, Permission::Use, Reach::All)),
        row("grant to a Manager", "--M", |_| granted(4, Permission::Use, Reach::All)),
        row("grant to a Member", "yyM", |_| granted(6, Permission::Use, Reach::All)),
        row("grant to oneself", "--M", |by| granted(by, Permission::Use, Reach::All)),
        row("revoke from a Holder", "-HM", |_| revoked(1, Permission::Use, Reach::All)),
        row("revoke from a Manager", "--M", |_| revoked(4, Permission::Use, Reach::All)),
        row("revoke from a Member", "yyM", |_| revoked(6, Permission::Use, Reach::All)),
        row("remove a Holder", "yHM", |_| Act::Removed(id(1))),
        row("remove a Manager", "yyM", |_| Act::Removed(id(4))),
        row("remove a Member", "yyM", |_| Act::Removed(id(6))),
        row("leave", "yyy", |by| Act::Removed(id(by))),
        row("bind a Holder", "yHM", |_| bound(1, Some(7))),
        row("bind a Manager", "yyM", |_| bound(4, Some(7))),
        row("bind a Member", "yyM", |_| bound(6, Some(7))),
        row("bind oneself", "yyM", |by| bound(by, Some(7))),
        row("begin an epoch", "yyM", |_| epoch(2)),
    ]
}

#[test]
fn everybody_may_do_what_their_role_allows_and_nothing_else() {
    for (what, who, act) in matrix() {
        for (by, expected) in [2, 3, 5].into_iter().zip(who.chars()) {
            let (before, mut after) = (acme(), acme());
            let done = after.does(by, act(by));
            let told = match &done {
                Ok(()) => 'y',
                Err(Unlawful::NeedsRole(Role::AccountHolder)) => 'H',
                Err(Unlawful::NeedsRole(Role::AccountManager)) => 'M',
                Err(_) => '-',
            };
            assert_eq!(told, expected, "{} may {what}: {done:?}", before.member(id(by)).unwrap().name);
            assert_eq!(after == before, done.is_err(), "{what}");
        }
    }
}

#[test]
fn the_matrix_has_every_act() {
    let kinds: BTreeSet<String> = matrix()
        .iter()
        .map(|(_, _, act)| format!("{:?}", act(1)).split(['(', ' ']).next().unwrap().to_owned())
        .collect();
    let acts =
        "Admitted Bound EpochBegun Founded Granted Invited KeyAdded KeyRemoved Removed Revoked RoleChanged Withdrawn";
    assert_eq!(kinds.into_iter().collect::<Vec<_>>().join(" "), acts);
}

#[test]
fn a_foundation_has_a_name_and_a_key_that_signs() {
    let found = |act| Organization::found(&entry(act, 1, 5)).map(drop);
    let with = |organization: &str, name: &str, keys: &[u8]| Act::Founded {
        organization: organization.into(),
        member: id(1),
        name: name.into(),
        keys: keys.iter().map(|n| key(*n)).collect(),
    };
    assert_eq!(found(with("Acme", "Hanna", &[2, 1])), Ok(()));
    assert_eq!(found(with("", "Hanna", &[1])), Err(Unlawful::BadName));
    assert_eq!(found(with("Acme", "Han\u{202e}na", &[1])), Err(Unlawful::BadName));
    assert_eq!(found(with("Acme", "Hanna", &[2])), Err(Unlawful::UnknownKey));
    assert_eq!(found(with("Acme", "Hanna", &[1, 1])), Err(Unlawful::Repeated));
    assert_eq!(found(Act::KeyAdded(key(1))), Err(Unlawful::Foundation));
}

#[test]
fn there_is_always_an_account_holder() {
    let mut alone = new();
    for act in [Act::Removed(id(1)), role(1, Role::AccountManager), role(1, Role::Member)] {
        assert_eq!(alone.does(1, act), Err(Unlawful::LastHolder));
    }
    let mut two = acme();
    assert_eq!(two.does(2, role(2, Role::AccountManager)), Ok(()));
    assert_eq!(two.does(1, Act::Removed(id(1))), Err(Unlawful::LastHolder));
}

#[test]
fn the_role_of_holder_can_be_handed_over() {
    let org = acme().all([(1, role(5, Role::AccountHolder)), (1, role(2, Role::Member)), (1, Act::Removed(id(1)))]);
    assert_eq!(org.holders().map(|holder| &*holder.name).collect::<Vec<_>>(), ["Otto"]);
}

#[test]
fn an_invitation_counts_once_until_it_expires_or_is_withdrawn() {
    let mut org = acme();
    assert_eq!(org.take(&entry(admitted(23, 52), 3, EXPIRES.0 + 1)), Err(Unlawful::NoInvitation));
    assert_eq!(org.take(&entry(admitted(23, 52), 3, EXPIRES.0)), Ok(()));
    assert_eq!(org.does(3, admitted(23, 53)), Err(Unlawful::NoInvitation));
    assert_eq!(org.does(3, Act::Withdrawn(invitation(23))), Err(Unlawful::NoInvitation));
    assert_eq!(org.does(3, Act::Withdrawn(invitation(22))), Ok(()));
    assert_eq!(org.does(3, admitted(22, 53)), Err(Unlawful::NoInvitation));
    for known in [21, 22, 23] {
        assert_eq!(org.does(1, invited(known, "Again", Role::Member)), Err(Unlawful::Repeated));
    }
    assert_eq!(org.invitations().map(|open| open.id).collect::<Vec<_>>(), [invitation(21)]);
}

#[test]
fn names_are_told_apart() {
    let mut org = acme();
    for taken in ["Hanna", "Otto", "manager"] {
        assert_eq!(org.does(1, invited(51, taken, Role::Member)), Err(Unlawful::NameTaken), "{taken}");
    }
    assert_eq!(org.does(1, invited(51, " Otto", Role::Member)), Err(Unlawful::BadName));
    let org = org.all([(1, Act::Withdrawn(invitation(22))), (1, invited(51, "manager", Role::Member))]);
    org.all([(1, Act::Removed(id(5))), (1, invited(52, "Otto", Role::Member)), (1, admitted(52, 52))]);
}

#[test]
fn whoever_comes_first_has_the_name() {
    let mut org = acme();
    // Its time was over, so its name was free; then the clock went back.
    let late = entry(invited(51, "member", Role::Member), 1, EXPIRES.0 + 1);
    org.take(&late).unwrap();
    org.does(1, admitted(51, 51)).unwrap();
    assert_eq!(org.does(1, admitted(23, 52)), Err(Unlawful::NameTaken));
}

#[test]
fn keys_and_members_never_come_back() {
    let mut org = acme().all([(5, Act::KeyRemoved(slot(35))), (1, Act::Removed(id(6)))]);
    for (act, why) in [
        (Act::KeyAdded(key(1)), "it is there"),
        (Act::KeyAdded(key(35)), "it was removed"),
        (Act::KeyAdded(key(6)), "its member was removed"),
        (Act::KeyAdded(MemberKey { slot: slot(60), public: public(1) }), "it is somebody else's"),
        (Act::Admitted { invitation: invitation(23), member: id(52), key: key(6) }, "it was somebody's"),
        (Act::Admitted { invitation: invitation(23), member: id(6), key: key(52) }, "they were a member"),
        (Act::Admitted { invitation: invitation(23), member: id(1), key: key(52) }, "they are a member"),
    ] {
        assert_eq!(org.does(1, act), Err(Unlawful::Repeated), "{why}");
    }
}

#[test]
fn the_last_key_stays() {
    let mut org = acme();
    assert_eq!(org.does(6, Act::KeyRemoved(slot(6))), Err(Unlawful::Key));
    assert_eq!(org.does(5, Act::KeyRemoved(slot(5))), Ok(()));
    assert_eq!(org.does(35, Act::KeyRemoved(slot(35))), Err(Unlawful::Key));
    assert_eq!(org.does(5, Act::KeyAdded(key(60))), Err(Unlawful::UnknownKey), "it was removed");
}

#[test]
fn grants_are_for_members_and_end_with_the_role() {
    let mut org = acme();
    assert_eq!(org.does(3, granted(6, Permission::Use, named(&[1]))), Err(Unlawful::Nothing));
    assert_eq!(org.does(3, granted(6, Permission::Use, named(&[]))), Err(Unlawful::Nothing));
    assert_eq!(org.does(3, revoked(6, Permission::Use, named(&[2]))), Err(Unlawful::Nothing));
    assert_eq!(org.does(3, granted(6, Permission::Register, named(&[1]))), Err(Unlawful::RegisterNamed));
    assert_eq!(org.does(3, granted(4, Permission::Use, Reach::All)), Err(Unlawful::NeedsNoGrant));
    assert_eq!(org.does(3, granted(77, Permission::Use, Reach::All)), Err(Unlawful::NoMember));
    let org =
        org.all([(3, granted(6, Permission::Register, Reach::All)), (3, granted(6, Permission::Use, named(&[2])))]);
    let olga = org.rights(id(6)).unwrap();
    assert!(olga.grants.covers(Permission::Use, secret(1)) && olga.grants.covers(Permission::Use, secret(2)));
    assert!(olga.grants.covers_all(Permission::Register));
    let org = org.all([(3, role(6, Role::AccountManager))]);
    assert_eq!(org.rights(id(6)), Some(Rights::of(id(6), Role::AccountManager)));
    let org = org.all([(3, role(6, Role::Member))]);
    assert_eq!(org.rights(id(6)), Some(Rights::of(id(6), Role::Member)));
}

#[test]
fn a_removed_member_is_remembered_and_has_nothing() {
    let org = acme().all([(1, epoch(4)), (3, Act::Removed(id(5)))]);
    let otto = org.member(id(5)).unwrap();
    assert_eq!((&*otto.name, otto.is_present(), otto.keys.len()), ("Otto", false, 0));
    assert!(matches!(&otto.state, MemberState::Removed(stamp) if stamp.at == Timestamp(10) && &*stamp.by == "Max"));
    assert_eq!((&*otto.since.by, otto.since.at), ("Hanna", Timestamp(10)));
    assert_eq!(org.rights(id(5)), None);
    assert_eq!(org.by_name("Otto"), None);
    for lost in [5, 35] {
        assert_eq!(org.owner_of_key(slot(lost)), Some((id(5), KeyState::RemovedSince(4))));
        assert_eq!(org.public_keys(slot(lost)), Some(&public(lost)));
    }
    let mut org = org;
    assert_eq!(org.does(5, Act::KeyAdded(key(60))), Err(Unlawful::UnknownKey));
    assert_eq!(org.does(1, role(5, Role::AccountManager)), Err(Unlawful::NoMember));
}

#[test]
fn a_user_is_one_member() {
    let mut org = acme().all([(1, bound(5, Some(1000)))]);
    assert_eq!(org.does(1, bound(5, Some(1000))), Err(Unlawful::Nothing));
    assert_eq!(org.does(1, bound(6, Some(1000))), Err(Unlawful::UidTaken));
    let mut to_otto = invited(51, "New", Role::Member);
    let Act::Invited { uid, .. } = &mut to_otto else { unreachable!() };
    *uid = Some(1000);
    assert_eq!(org.does(1, to_otto.clone()), Err(Unlawful::UidTaken));
    let mut org = org.all([(1, bound(5, None)), (1, to_otto), (1, bound(6, Some(1000)))]);
    assert_eq!(org.does(1, admitted(51, 51)), Err(Unlawful::UidTaken));
    let org = org.all([(1, Act::Removed(id(6))), (1, admitted(51, 51))]);
    assert_eq!(org.member(id(51)).unwrap().uid, Some(1000));
}

#[test]
fn epochs_go_up() {
    let mut org = acme();
    assert_eq!(org.epoch(), None);
    assert_eq!(org.does(3, epoch(2)), Ok(()));
    assert_eq!(org.epoch(), Some((2, [2; 32], id(3))));
    assert_eq!((org.does(1, epoch(2)), org.does(1, epoch(1))), (Err(Unlawful::Epoch), Err(Unlawful::Epoch)));
    assert_eq!(org.does(1, epoch(5)), Ok(()));
}

#[test]
fn whatever_lessens_rights_owes_a_new_epoch() {
    let mut org = acme().all([(1, epoch(2))]);
    for act in [invited(51, "New", Role::Member), admitted(51, 51), granted(6, Permission::Edit, Reach::All)] {
        org.does(1, act).unwrap();
    }
    for act in
        [Act::KeyAdded(key(60)), role(6, Role::AccountManager), bound(5, Some(7)), Act::Withdrawn(invitation(21))]
    {
        org.does(1, act).unwrap();
    }
    assert!(!org.reseal_owed(), "all that only gave");
    for (by, act) in [
        (5, Act::KeyRemoved(slot(35))),
        (5, Act::Removed(id(5))),
        (1, role(6, Role::Member)),
        (1, Act::Removed(id(6))),
        (1, role(2, Role::AccountManager)),
    ] {
        let told = format!("{act:?}");
        let less = org.clone().all([(by, act)]);
        assert!(less.reseal_owed(), "{told}");
        assert!(!less.all([(1, epoch(3))]).reseal_owed(), "{told}");
    }
    let org = acme().all([(1, epoch(2)), (3, revoked(6, Permission::Use, Reach::All))]);
    assert!(org.reseal_owed());
}

#[test]
fn those_who_can_grant_are_named_in_their_order() {
    let names: Vec<Box<str>> = ["Hanna", "Henry", "Max", "Mia"].map(Box::from).into();
    assert_eq!(acme().who_can_grant(), names);
    assert_eq!(acme().all([(1, Act::Removed(id(3)))]).who_can_grant().len(), 3);
}

/// Any act, about few enough people that it often is lawful.
fn any_act() -> impl Strategy<Value = Act> {
    let small = || 1..9_u8;
    let role_of = || (0..3_usize).prop_map(|n| Role::ALL[n]);
    let permissions = || (0..64_u8).prop_map(|bits| Permissions::from_bits(bits).unwrap());
    let reach = || prop_oneof![Just(Reach::All), proptest::collection::vec(1..4_u8, 0..3).prop_map(|ids| named(&ids))];
    let uid = || proptest::option::of(1..4_u32);
    let invited =
        (small(), 1..6_usize, role_of(), uid(), 0..40_i64).prop_map(|(n, name, role, uid, expires)| Act::Invited {
            invitation: invitation(n),
            name: "n".repeat(name).into(),
            role,
            uid,
            expires: Timestamp(expires),
            public: public(n),
        });
    let admitted = (small(), small(), small()).prop_map(|(n, member, with)| Act::Admitted {
        invitation: invitation(n),
        member: id(member),
        key: key(with),
    });
    let grant = (small(), permissions(), reach(), any::<bool>()).prop_map(|(n, permissions, reach, more)| {
        let member = id(n);
        if more { Act::Granted { member, permissions, reach } } else { Act::Revoked { member, permissions, reach } }
    });
    prop_oneof![
        1 => Just(founded()),
        3 => small().prop_map(|n| Act::KeyAdded(key(n))),
        2 => small().prop_map(|n| Act::KeyRemoved(slot(n))),
        5 => invited,
        1 => small().prop_map(|n| Act::Withdrawn(invitation(n))),
        8 => admitted,
        4 => (small(), role_of()).prop_map(|(n, to)| role(n, to)),
        4 => grant,
        2 => small().prop_map(|n| Act::Removed(id(n))),
        2 => (small(), uid()).prop_map(|(n, uid)| bound(n, uid)),
        1 => (0..9_u64).prop_map(epoch),
    ]
}

/// What holds whatever was done.
fn check_whole(org: &Organization) -> Result<(), TestCaseError> {
    prop_assert!(org.holders().count() >= 1);
    let present: Vec<&Member> = org.present().collect();
    let distinct = |count: usize, what: &str| prop_assert_eq_of(count, present.len(), what);
    distinct(present.iter().map(|member| &member.name).collect::<BTreeSet<_>>().len(), "names")?;
    let bound: Vec<u32> = present.iter().filter_map(|member| member.uid).collect();
    prop_assert_eq!(bound.iter().collect::<BTreeSet<_>>().len(), bound.len());
    for member in org.members() {
        prop_assert_eq!(member.keys.is_empty(), !member.is_present(), "{:?}", member);
        prop_assert!(member.grants.is_empty() || member.role == Role::Member);
        for slot in &member.keys {
            prop_assert_eq!(org.owner_of_key(*slot), Some((member.id, KeyState::Present)));
        }
    }
    Ok(())
}

fn prop_assert_eq_of(found: usize, expected: usize, what: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(found, expected, "{}", what);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn nothing_breaks_the_organization(entries in proptest::collection::vec((any_act(), 1..6_u8, 0..40_i64), 0..80)) {
        let mut org = new();
        for (act, by, at) in entries {
            let before = org.clone();
            let entry = entry(act, by, at);
            let expected = org.check(&entry.act, entry.by, entry.at);
            let taken = org.take(&entry);
            prop_assert_eq!(&taken, &expected);
            match taken {
                Ok(()) => check_whole(&org)?,
                Err(_) => prop_assert_eq!(&org, &before),
            }
        }
    }
}
