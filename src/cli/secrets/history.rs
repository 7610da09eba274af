//! `strongroom history NAME`: the earlier values of a secret that are kept, never the values themselves.

use serde::Serialize;

use super::open_and_find;
use crate::cli::args::NamedArgs;
use crate::cli::table::table;
use crate::cli::{Failed, call, output, unexpected};
use crate::domain::{Header, KeptRevision, Stamp, Timestamp};
use crate::service::{Door, Request, Response};

/// A value that can still be had, as `--json` prints it.
#[derive(Serialize)]
struct Row<'a> {
    revision: u64,
    set: String,
    replaced: bool,
    by: &'a str,
    expires: Option<String>,
}

pub(super) fn run(args: &NamedArgs, door: &mut dyn Door, _now: Timestamp) -> Result<(), Failed> {
    let header = open_and_find(door, &args.unlocking, &args.name)?;
    let Response::History(kept) = call(door, Request::History(header.id))? else { return Err(unexpected()) };
    if let Some(deleted) = header.state.deleted() {
        let Stamp { at, by } = deleted;
        let rest = if kept.is_empty() { " No value is kept." } else { "" };
        output::remark(&format!("{} was deleted on {} by {by}: its value is gone.{rest}", header.name, at.date()));
    }
    output::data(&match (args.json, kept.is_empty() && is_deleted(&header)) {
        (true, _) => output::json(&rows(&header, &kept)),
        (false, true) => String::new(),
        (false, false) => text(&header, &kept),
    })
}

/// The present value first, by its present revision; what is deleted has none.
fn rows<'a>(header: &'a Header, kept: &'a [KeptRevision]) -> Vec<Row<'a>> {
    let present = (!is_deleted(header)).then(|| row(header, header.revision, false));
    present.into_iter().chain(kept.iter().map(|kept| row(&kept.header, kept.set_at, true))).collect()
}

fn is_deleted(header: &Header) -> bool {
    header.state.deleted().is_some()
}

fn row(header: &Header, revision: u64, replaced: bool) -> Row<'_> {
    Row {
        revision,
        set: header.value_set.to_iso(),
        replaced,
        by: &header.modified.by,
        expires: header.expires.map(|end| end.date().to_string()),
    }
}

fn text(header: &Header, kept: &[KeptRevision]) -> String {
    let line = |header: &Header, revision: u64, what: &'static str| {
        let expires = header.expires.map_or("never".to_owned(), |end| end.date().to_string());
        [
            revision.to_string().into(),
            header.value_set.to_minute().into(),
            header.modified.by.to_string().into(),
            expires.into(),
            what.into(),
        ]
    };
    let mut rows = Vec::new();
    rows.extend((!is_deleted(header)).then(|| line(header, header.revision, "present")));
    rows.extend(kept.iter().map(|kept| line(&kept.header, kept.set_at, "earlier")));
    table(["Revision", "Value set", "By", "Expires", ""], &rows)
}
