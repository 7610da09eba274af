//! Role and act: who may do it.

use std::collections::BTreeSet;

use super::*;

/// What is done, who may, and the act of the one with that number.
type Row = (&'static str, &'static str, Box<dyn Fn(u8) -> Act>);

/// For a Holder, a Manager and a Member: `y`, they may; `H` or `M`, it takes a Holder or a Manager; `-`, they may not for
/// another reason.
fn matrix() -> Vec<Row> {
    use Role::{AccountHolder, AccountManager};
    fn row(what: &'static str, who: &'static str, act: impl Fn(u8) -> Act + 'static) -> Row {
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
