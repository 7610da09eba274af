//! `strongroom settings`: what is set for the whole vault.

use serde::Serialize;

use crate::cli::args::SettingsArgs;
use crate::cli::table::facts;
use crate::cli::words::count;
use crate::cli::{Failed, call, output, unexpected, unlock};
use crate::service::{Door, Request, Response, Settings};

/// The settings as `--json` prints them, by the names of their options.
#[derive(Serialize)]
struct Told {
    keep_revisions: u16,
    audit_days: u32,
    audit_mib: u32,
}

pub(super) fn run(args: &SettingsArgs, door: &mut dyn Door) -> Result<(), Failed> {
    unlock(door, &args.unlocking)?;
    let before = ask(door, Request::Settings)?;
    let wanted = Settings {
        kept_revisions: args.keep_revisions.unwrap_or(before.kept_revisions),
        audit_days: args.audit_days.unwrap_or(before.audit_days),
        audit_mib: args.audit_mib.unwrap_or(before.audit_mib),
    };
    let now = if wanted == before { before } else { ask(door, Request::ChangeSettings(wanted))? };
    output::data(&if args.json { json(now) } else { text(now) })
}

fn ask(door: &mut dyn Door, request: Request) -> Result<Settings, Failed> {
    match call(door, request)? {
        Response::Settings(settings) => Ok(settings),
        _ => Err(unexpected()),
    }
}

fn json(settings: Settings) -> String {
    output::json(&Told {
        keep_revisions: settings.kept_revisions,
        audit_days: settings.audit_days,
        audit_mib: settings.audit_mib,
    })
}

fn text(settings: Settings) -> String {
    let days = if settings.audit_days == 0 { "for ever".to_owned() } else { count(settings.audit_days.into(), "day") };
    let rows = [
        ("Earlier values kept of each secret", settings.kept_revisions.to_string()),
        ("Audit events kept", days),
        ("Largest audit log", format!("{} MiB", settings.audit_mib)),
    ];
    facts(&rows.map(|(label, text)| (label.to_owned(), text)))
}
