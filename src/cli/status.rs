//! `strongroom status`: whether the vault is locked, until when, and who is connected. Asking keeps nothing open.

use std::fmt::Write as _;

use serde::Serialize;

use super::args::StatusArgs;
use super::{Failed, call, output, status, unexpected};
use crate::domain::Timestamp;
use crate::domain::text::sanitize;
use crate::domain::time::span_to_come;
use crate::service::{Client, Door, Request, Response, Session, VaultStatus};

/// The answer as `--json` prints it. Times are ISO 8601; what does not apply is null.
#[derive(Serialize)]
struct Told<'a> {
    status: &'static str,
    organization: Option<&'a str>,
    member: Option<&'a str>,
    role: Option<&'a str>,
    read_only: Option<bool>,
    system_agent: bool,
    locks_in_seconds: Option<u32>,
    locks_at: Option<String>,
    clients: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    pid: Option<u32>,
    tty: Option<&'a str>,
    user: &'a str,
    since: String,
}

pub(super) fn run(args: &StatusArgs, door: &mut dyn Door, now: i64) -> Result<(), Failed> {
    let status = status(door)?;
    let Response::Clients(mut clients) = call(door, Request::Clients)? else { return Err(unexpected()) };
    clients.retain(|client| client.pid != std::process::id());
    let now = Timestamp(now);
    let shared = door.is_shared();
    output::data(&if args.json {
        output::json(&told(&status, shared, &clients, now))
    } else {
        text(&status, shared, &clients, now)
    })
}

fn told<'a>(status: &'a VaultStatus, shared: bool, clients: &'a [Client], now: Timestamp) -> Told<'a> {
    let session = if let VaultStatus::Unlocked(session) = status { Some(session) } else { None };
    let locks_in = session.and_then(|session| session.locks_in);
    Told {
        status: word(status),
        organization: session.map(|session| &*session.organization),
        member: session.map(|session| &*session.member),
        role: session.map(|session| session.rights.role.label()),
        read_only: session.map(|session| session.read_only),
        system_agent: shared,
        locks_in_seconds: locks_in,
        locks_at: locks_in.map(|seconds| at(now, seconds).to_iso()),
        clients: clients.iter().map(row).collect(),
    }
}

fn row(client: &Client) -> Row<'_> {
    Row { pid: pid(client), tty: client.terminal.as_deref(), user: &client.user, since: client.since.to_iso() }
}

/// None that can be seen is none.
fn pid(client: &Client) -> Option<u32> {
    Some(client.pid).filter(|pid| *pid != 0)
}

fn word(status: &VaultStatus) -> &'static str {
    match status {
        VaultStatus::Absent => "absent",
        VaultStatus::Locked => "locked",
        VaultStatus::Unlocked(_) => "unlocked",
    }
}

fn text(status: &VaultStatus, shared: bool, clients: &[Client], now: Timestamp) -> String {
    let mut text = match status {
        VaultStatus::Absent => "There is no vault here.\n".to_owned(),
        VaultStatus::Locked if shared => "Locked for you: sign in with strongroom unlock.\n".to_owned(),
        VaultStatus::Locked => "Locked.\n".to_owned(),
        VaultStatus::Unlocked(session) => unlocked(session, now),
    };
    if shared {
        text.push_str("A system-wide agent serves it: every user has a session of their own.\n");
    }
    for client in clients {
        let terminal = client.terminal.as_deref().unwrap_or("-");
        let (user, since) = (sanitize(&client.user), client.since.to_minute());
        let pid = pid(client).map_or_else(|| "-".to_owned(), |pid| pid.to_string());
        let _ = writeln!(text, "  process {pid:<8} {terminal:<8} {user:<12} since {since}");
    }
    text
}

fn unlocked(session: &Session, now: Timestamp) -> String {
    let (member, role, organization) =
        (sanitize(&session.member), session.rights.role.label(), sanitize(&session.organization));
    let until = session.locks_in.map_or_else(
        || "never locked by itself".to_owned(),
        |seconds| {
            format!("locked in {}, at {}, unless it is used", span_to_come(seconds), at(now, seconds).to_minute())
        },
    );
    let read_only = if session.read_only { ", for reading only" } else { "" };
    format!("Unlocked{read_only} by {member}, {role} of {organization}; {until}.\n")
}

fn at(now: Timestamp, seconds: u32) -> Timestamp {
    Timestamp(now.0.saturating_add(seconds.into()))
}
