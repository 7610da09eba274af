//! `strongroom member show NAME`: role, keys, and what was granted.

use super::secrets::Names;
use super::{find, organization, told, user, words};
use crate::cli::args::MemberShowArgs;
use crate::cli::table::{facts, table};
use crate::cli::words::count;
use crate::cli::{Failed, output, unlock};
use crate::domain::Stamp;
use crate::domain::organization::{MemberState, MemberView, Permission};
use crate::service::Door;

pub(super) fn run(args: &MemberShowArgs, door: &mut dyn Door) -> Result<(), Failed> {
    unlock(door, &args.unlocking)?;
    let view = organization(door)?;
    let member = find(&view, &args.who)?;
    let names = Names::ask(door)?;
    output::data(&if args.json { json(member, &names) } else { text(member, &names) })
}

pub(super) fn json(member: &MemberView, names: &Names) -> String {
    output::json(&told::Member::of(member, |id| names.of(id)))
}

pub(super) fn text(member: &MemberView, names: &Names) -> String {
    let stamp = |stamp: &Stamp| format!("{} by {}", stamp.at.date(), stamp.by);
    let mut rows = vec![("Member", member.name.to_string()), ("Role", member.role.label().to_owned())];
    rows.push(match &member.state {
        MemberState::Active => ("Status", words::state_of_member(&member.state).to_owned()),
        MemberState::Removed(removed) => {
            ("Status", format!("{} {}", words::state_of_member(&member.state), stamp(removed)))
        }
    });
    rows.push(("Since", stamp(&member.since)));
    rows.push(("Unix user", member.uid.map_or_else(|| "-".to_owned(), user::in_words)));
    rows.push(("Keys", member.keys.to_string()));
    rows.push(("Personal secrets", member.personal.to_string()));
    rows.push(("Id", member.id.to_string()));
    let rows: Vec<(String, String)> = rows.into_iter().map(|(label, text)| (label.to_owned(), text)).collect();
    format!("{}\n{}", facts(&rows), may(member, names))
}

/// What a member may do with secrets of the organization.
fn may(member: &MemberView, names: &Names) -> String {
    if member.state != MemberState::Active {
        return "None of their keys opens anything.\n".to_owned();
    }
    if member.role.manages() {
        return "They may do everything with all secrets of the organization.\n".to_owned();
    }
    let granted = |permission: Permission| {
        let reach = member.grants.reach(permission)?;
        Some([permission.label().into(), words::secrets(reach, |id| names.of(id)).into()])
    };
    let rows: Vec<_> = Permission::ALL.into_iter().filter_map(granted).collect();
    if rows.is_empty() { "Nothing is granted to them.\n".to_owned() } else { table(["May", "With"], &rows) }
}

/// What goes with a member: `3 personal secrets`.
pub(super) fn personal(member: &MemberView) -> String {
    count(member.personal.into(), "personal secret")
}
