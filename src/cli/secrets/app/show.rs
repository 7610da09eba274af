//! `strongroom app show NAME`: which field goes where.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Told, find, headers, reference_to};
use crate::cli::args::AppNamedArgs;
use crate::cli::table::{facts, table};
use crate::cli::{Failed, output, unlock};
use crate::domain::{Application, Header, Stamp, Status, Timestamp};
use crate::service::Door;

pub(super) fn run(args: &AppNamedArgs, door: &mut dyn Door, now: Timestamp) -> Result<(), Failed> {
    unlock(door, &args.unlocking)?;
    let application = find(door, &args.name)?;
    if args.json {
        return json(&application, door);
    }
    let headers = headers(door)?;
    output::data(&text(&application, &headers, now))
}

/// Prints it as JSON.
pub(super) fn json(application: &Application, door: &mut dyn Door) -> Result<(), Failed> {
    let headers = headers(door)?;
    output::data(&output::json(&Told::of(application, &headers)))
}

fn text(application: &Application, headers: &[Arc<Header>], now: Timestamp) -> String {
    let stamp = |stamp: &Stamp| format!("{} by {}", stamp.at.date(), stamp.by);
    let rows = [
        ("Application", application.name.to_string()),
        ("Description", application.description.to_string()),
        ("Added", stamp(&application.created)),
        ("Changed", stamp(&application.modified)),
        ("Id", application.id.to_string()),
    ];
    let facts = facts(&rows.map(|(label, text)| (label.to_owned(), text)));
    if application.bindings.is_empty() {
        return format!("{facts}\nIt depends on no secret.\n");
    }
    let status =
        |id| headers.iter().find(|header| header.id == id).map_or("Gone", |header| Status::of(header, now).word());
    let bindings: Vec<[Cow<'_, str>; 4]> = application
        .bindings
        .iter()
        .map(|binding| {
            let reference = reference_to(binding, headers).to_string();
            let status = status(binding.secret).into();
            [binding.target.slug().into(), binding.target.name().into(), reference.into(), status]
        })
        .collect();
    format!("{facts}\n{}", table(["Target", "Name", "Reference", "Status"], &bindings))
}
