//! Who may do what to the organization, and what comes of it.

mod any;
mod matrix;
mod rules;

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
    Act::EpochBegun { epoch, key: [1; 32], taken_over: [epoch as u8; 32] }
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
