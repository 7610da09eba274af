//! Any acts in any order.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};
use std::mem::{Discriminant, discriminant};

use proptest::collection;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::*;

/// Any act, about few enough people that it often is lawful.
fn any_act() -> impl Strategy<Value = Act> {
    let small = || 1..13_u8;
    let open = || prop_oneof![21..24_u8, small()];
    let role_of = || (0..3_usize).prop_map(|n| Role::ALL[n]);
    let permissions = || (0..64_u8).prop_map(|bits| Permissions::from_bits(bits).unwrap());
    let reach = || prop_oneof![Just(Reach::All), collection::vec(1..4_u8, 0..3).prop_map(|ids| named(&ids))];
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
    let admitted = (open(), small(), small()).prop_map(|(n, member, with)| Act::Admitted {
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
        3 => (1..60_u8).prop_map(|n| Act::KeyAdded(key(n))),
        2 => (1..40_u8).prop_map(|n| Act::KeyRemoved(slot(n))),
        5 => invited,
        1 => open().prop_map(|n| Act::Withdrawn(invitation(n))),
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
    let names: BTreeSet<&str> = present.iter().map(|member| &*member.name).collect();
    prop_assert_eq!(names.len(), present.len());
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

/// Takes `entries` one after the other, and looks after each. Says of which kinds some were lawful.
fn take_all(entries: Vec<(Act, u8, i64)>) -> Result<HashSet<Discriminant<Act>>, TestCaseError> {
    let mut org = acme();
    let mut lawful = HashSet::new();
    for (act, by, at) in entries {
        let before = org.clone();
        let entry = entry(act, by, at);
        let expected = org.check(&entry.act, entry.by, entry.at);
        let taken = org.take(&entry);
        prop_assert_eq!(&taken, &expected);
        if taken.is_err() {
            prop_assert_eq!(&org, &before);
            continue;
        }
        check_whole(&org)?;
        let is_kept = |slot: &SlotId| org.public_keys(*slot) == before.public_keys(*slot);
        prop_assert!(before.keys.keys().all(is_kept), "a key is remembered for ever");
        lawful.insert(discriminant(&entry.act));
    }
    Ok(lawful)
}

#[test]
fn nothing_breaks_the_organization() {
    let config = ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() };
    let entries = collection::vec((any_act(), 1..8_u8, 0..40_i64), 0..80);
    let lawful = RefCell::new(HashSet::new());
    let all = TestRunner::new(config).run(&entries, |entries| {
        lawful.borrow_mut().extend(take_all(entries)?);
        Ok(())
    });
    all.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(lawful.borrow().len(), 11, "every kind but the foundation is taken now and then");
}
