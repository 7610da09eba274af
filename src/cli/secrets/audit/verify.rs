//! `strongroom audit verify`: every event of the log held against the others.

use serde::Serialize;

use crate::cli::args::AuditVerifyArgs;
use crate::cli::exit::Exit;
use crate::cli::{Failed, call, output, unexpected, unlock};
use crate::domain::text::grouped;
use crate::service::{AuditVerdict, Door, Request, Response};

/// The verdict as `--json` prints it.
#[derive(Serialize)]
struct Told<'a> {
    whole: bool,
    events: u64,
    first: u64,
    since: Option<String>,
    troubles: &'a [Box<str>],
}

pub(super) fn run(args: &AuditVerifyArgs, door: &mut dyn Door) -> Result<(), Failed> {
    unlock(door, &args.unlocking)?;
    let Response::AuditVerdict(verdict) = call(door, Request::VerifyAudit)? else { return Err(unexpected()) };
    output::data(&if args.json { json(&verdict) } else { text(&verdict) })?;
    if verdict.troubles.is_empty() {
        return Ok(());
    }
    let message =
        "the audit log is not as it was written: see above. Compare it with a backup, and find out who could.";
    Err(Failed::new(Exit::Damaged, message))
}

fn json(verdict: &AuditVerdict) -> String {
    output::json(&Told {
        whole: verdict.troubles.is_empty(),
        events: verdict.events,
        first: verdict.first,
        since: verdict.since.map(|at| at.to_iso()),
        troubles: &verdict.troubles,
    })
}

fn text(verdict: &AuditVerdict) -> String {
    let since = verdict.since.map_or(String::new(), |at| format!(", since {}", at.to_minute()));
    let events = grouped(verdict.events);
    let mut text = match verdict.troubles.is_empty() {
        true => format!("ok      {events} events, each where it belongs, from number {}{since}.\n", verdict.first),
        false => format!("BROKEN  {events} events are whole, from number {}{since}.\n", verdict.first),
    };
    for trouble in &verdict.troubles {
        text += &format!("        {}\n", crate::domain::text::sanitize(trouble));
    }
    text
}
