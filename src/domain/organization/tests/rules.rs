//! Each rule by its name.

use super::*;

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
    assert_eq!(org.epoch(), Some(Begun { epoch: 2, key: [1; 32], taken_over: [2; 32], by: id(3) }));
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
