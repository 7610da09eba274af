//! `strongroom slot list`: everything that opens the vault.

use std::fmt::Write as _;

use serde::Serialize;

use crate::cli::args::SlotListArgs;
use crate::cli::{Failed, call, output, unexpected, unlock};
use crate::domain::Timestamp;
use crate::domain::text::sanitize;
use crate::service::{CredentialKind, Door, Request, Response, SlotInfo};

/// One slot, as `--json` prints it; `added` is null where an older version made it.
#[derive(Serialize)]
struct Row<'a> {
    id: String,
    kind: &'static str,
    member: &'a str,
    label: Option<&'a str>,
    added: Option<String>,
}

pub(super) fn run(args: &SlotListArgs, door: &mut dyn Door) -> Result<(), Failed> {
    unlock(door, &args.unlocking)?;
    let Response::Slots(slots) = call(door, Request::Slots)? else { return Err(unexpected()) };
    output::data(&if args.json { json(&slots) } else { table(&slots) })
}

fn json(slots: &[SlotInfo]) -> String {
    let rows: Vec<Row<'_>> = slots
        .iter()
        .map(|slot| Row {
            id: slot.id.to_string(),
            kind: slug(slot.kind),
            member: &slot.member,
            label: slot.label.as_deref(),
            added: slot.added.map(|at| at.date().to_string()),
        })
        .collect();
    output::json(&rows)
}

fn slug(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Passphrase => "passphrase",
        CredentialKind::Recovery => "recovery-key",
        CredentialKind::Machine => "machine-key",
    }
}

fn table(slots: &[SlotInfo]) -> String {
    let mut out = String::new();
    let mut line = |id: &str, kind: &str, added: &str, rest: &str| {
        let _ = writeln!(out, "{id:<10}  {kind:<12}  {added:<10}  {rest}");
    };
    line("Id", "Kind", "Added", "Member, label");
    for slot in slots {
        let added = slot.added.map_or_else(|| "-".to_owned(), |at: Timestamp| at.date().to_string());
        let mut rest = sanitize(&slot.member).into_owned();
        if let Some(label) = &slot.label {
            rest = format!("{rest}, {}", sanitize(label));
        }
        line(&slot.id.to_string(), slot.kind.word(), &added, &rest);
    }
    out
}
