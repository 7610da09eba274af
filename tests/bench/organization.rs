//! What an organization costs: `cargo bench --bench organization`, or with a size: `cargo bench --bench organization -- 1000`.
//!
//! Every secret was registered on its own, so each has signatures of its own: the dearest case. Nothing here waits for a key
//! derivation. Times are the median and the best.

// In a bench, unwrapping is how helpers fail.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::Path;

use strongroom::domain::MemberId;
use strongroom::domain::organization::{Permission, Permissions, Reach, Role};
use strongroom::service::{Door, Request, Response, Service};
use support::{Filled, draft, middle_and_best, service, tell, timed};

const SIZE: usize = 10_000;
const UNLOCKS: usize = 11;
const ADMISSIONS: usize = 11;
const REMOVALS: usize = 5;

fn main() {
    let size = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(SIZE);
    println!("\n{size} secrets, each signed on its own");
    let filled = Filled::new(size);
    sizes(&filled, size);
    unlocks(&filled);
    members(&filled);
}

/// What a record takes on the disk, signatures included, when it was signed on its own and when with others.
fn sizes(filled: &Filled, size: usize) {
    tell("a secret on the disk, registered on its own", &per_record(&filled.place().vault, size), "");
    let empty = Filled::new(0);
    let mut door = service(empty.place());
    door.call(Request::Unlock(empty.recovery()), &|_| {}).unwrap();
    let drafts = (0..size).map(draft).collect();
    door.call(Request::Import { drafts, dry_run: false }, &|_| {}).unwrap();
    door.call(Request::Lock, &|_| {}).unwrap();
    tell("a secret on the disk, imported with the others", &per_record(&empty.place().vault, size), "");
}

fn per_record(vault: &Path, size: usize) -> String {
    format!("{} bytes", size_of(vault) / size as u64)
}

fn size_of(path: &Path) -> u64 {
    let entries = fs::read_dir(path).unwrap().flatten();
    entries
        .map(|entry| if entry.path().is_dir() { size_of(&entry.path()) } else { entry.metadata().unwrap().len() })
        .sum()
}

/// An unlock where every signature was looked at before, and one where none was.
fn unlocks(filled: &Filled) {
    let mut door = service(filled.place());
    let mut unlock = |forget: bool| {
        let times = (0..UNLOCKS).map(|_| {
            if forget {
                forget_verified(&filled.place().state);
            }
            let time = timed(|| drop(door.call(Request::Unlock(filled.recovery()), &|_| {}).unwrap()));
            door.call(Request::Lock, &|_| {}).unwrap();
            time
        });
        times.collect::<Vec<_>>()
    };
    unlock(false);
    tell("unlock, all signatures verified before", &middle(unlock(false)), "≤ 100 ms");
    tell("unlock, none verified before", &middle(unlock(true)), "");
}

fn forget_verified(state: &Path) {
    let files = fs::read_dir(state).unwrap().flatten().map(|entry| entry.path());
    files
        .filter(|path| path.extension().is_some_and(|end| end == "known"))
        .for_each(|path| fs::remove_file(path).unwrap());
}

fn members(filled: &Filled) {
    let mut door = service(filled.place());
    door.call(Request::Unlock(filled.recovery()), &|_| {}).unwrap();
    let (mut admitted, mut granted, mut removed) = (Vec::new(), Vec::new(), Vec::new());
    let mut members = Vec::new();
    for n in 0..ADMISSIONS {
        let (invitation, fingerprint) = invite(&mut door, &format!("Member {n}"));
        let current = Some(filled.recovery());
        admitted.push(timed(|| {
            let admit = Request::Admit { invitation, fingerprint: fingerprint.clone(), current: current.clone() };
            drop(door.call(admit, &|_| {}).unwrap());
        }));
        let member = member_called(&mut door, &format!("Member {n}"));
        let permissions: Permissions = [Permission::Use].into_iter().collect();
        let grant = Request::Grant { member, permissions, reach: Reach::All };
        granted.push(timed(|| drop(door.call(grant.clone(), &|_| {}).unwrap())));
        members.push(member);
    }
    for member in members.into_iter().take(REMOVALS) {
        let remove = Request::RemoveMember { member, current: Some(filled.recovery()) };
        removed.push(timed(|| drop(door.call(remove.clone(), &|_| {}).unwrap())));
    }
    tell("admit a member", &middle(admitted), "");
    tell("grant a permission", &middle(granted), "");
    tell("remove a member, with all sealed anew", &middle(removed), "≤ 2 s");
}

/// Somebody who was invited and has accepted.
fn invite(door: &mut Service, name: &str) -> (strongroom::domain::InvitationId, Box<str>) {
    let invite = Request::Invite { name: name.into(), role: Role::Member, uid: None, days: 7 };
    let Ok(Response::Invited { invitation, code }) = door.call(invite, &|_| {}) else { panic!("not invited") };
    let accept = Request::Accept { code, passphrase: "correct horse battery".into() };
    let Ok(Response::Accepted { fingerprint, .. }) = door.call(accept, &|_| {}) else { panic!("not accepted") };
    (invitation.id, fingerprint)
}

fn member_called(door: &mut Service, name: &str) -> MemberId {
    let Ok(Response::Organization(view)) = door.call(Request::Organization, &|_| {}) else { panic!("no members") };
    view.members.iter().find(|member| *member.name == *name).unwrap().id
}

fn middle(times: Vec<std::time::Duration>) -> String {
    let (median, best) = middle_and_best(times);
    format!("{:.1} ms (best {:.1} ms)", median.as_secs_f64() * 1e3, best.as_secs_f64() * 1e3)
}
