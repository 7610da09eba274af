//! `strongroom list`: every secret in a row, never a value.

use serde::Serialize;
use std::fmt::Write as _;
use std::sync::Arc;
use unicode_width::UnicodeWidthStr;

use super::args::ListArgs;
use super::exit::Exit;
use super::{Failed, call, output, unexpected, unlock};
use crate::domain::lifecycle::gone_at;
use crate::domain::text::sanitize;
use crate::domain::{Header, Stamp, State, Status, Timestamp};
use crate::service::{Door, Request, Response};

/// One secret, as `--json` prints it. Dates are ISO 8601; absent ones are null. `gone` is the day on which nothing is left
/// of a deleted one.
#[derive(Serialize)]
struct Row<'a> {
    id: String,
    name: &'a str,
    r#type: &'static str,
    created: String,
    expires: Option<String>,
    status: &'static str,
    deleted: Option<String>,
    gone: Option<String>,
    write_only: bool,
    revision: u64,
}

pub(super) fn run(args: &ListArgs, door: &mut dyn Door, now: i64) -> Result<(), Failed> {
    let session = unlock(door, &args.unlocking)?;
    let Response::Headers(mut headers) = call(door, Request::List)? else { return Err(unexpected()) };
    headers.sort_by(|a, b| a.name.cmp(&b.name));
    let now = Timestamp(now);
    output::data(&if args.json { json(&headers, now) } else { table(&headers, now) })?;
    if session.read_only {
        // A script must not take what is left of a damaged vault for all there is.
        return Err(Failed::new(Exit::Damaged, "this list may not be complete: the vault is in trouble, see above."));
    }
    Ok(())
}

fn json(headers: &[Arc<Header>], now: Timestamp) -> String {
    let rows: Vec<Row<'_>> = headers
        .iter()
        .map(|header| Row {
            id: header.id.to_string(),
            name: &header.name,
            r#type: header.kind.schema().slug,
            created: header.created.at.date().to_string(),
            expires: header.expires.map(|end| end.date().to_string()),
            status: Status::of(header, now).slug(),
            deleted: deleted(header).map(|stamp| stamp.at.date().to_string()),
            gone: gone_at(header).map(|end| end.date().to_string()),
            write_only: header.write_only,
            revision: header.revision,
        })
        .collect();
    output::json(&rows)
}

/// When it was deleted, and by whom.
fn deleted(header: &Header) -> Option<&Stamp> {
    match &header.state {
        State::Deleted(stamp) => Some(stamp),
        _ => None,
    }
}

fn table(headers: &[Arc<Header>], now: Timestamp) -> String {
    let names: Vec<_> = headers.iter().map(|header| sanitize(&header.name)).collect();
    let widest = names.iter().map(|name| name.width()).max().unwrap_or(0).max("Secret name".len());
    let mut out = String::new();
    let mut line = |name: &str, kind: &str, created: &str, expires: &str, status: &str| {
        let pad = " ".repeat(widest.saturating_sub(name.width()));
        let _ = writeln!(out, "{name}{pad}  {kind:<20}  {created:<10}  {expires:<10}  {status}");
    };
    line("Secret name", "Credential Type", "Created", "Expires", "Status");
    for (header, name) in headers.iter().zip(&names) {
        let never = if deleted(header).is_some() { "-" } else { "never" };
        let expires = header.expires.map_or(never.to_owned(), |end| end.date().to_string());
        let status = Status::of(header, now).word();
        line(name, header.kind.label(), &header.created.at.date().to_string(), &expires, status);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::{FixedClock, SeededEntropy};
    use crate::service::Service;

    const NOW: i64 = 1_795_442_700;

    fn demo() -> Vec<Arc<Header>> {
        let mut door = Service::demo(Arc::new(FixedClock::at(NOW)), Arc::new(SeededEntropy::new(1))).unwrap();
        let Response::Headers(headers) = door.call(Request::List, &|_| {}).unwrap() else { panic!("no headers") };
        headers
    }

    #[test]
    fn a_deleted_one_says_since_when_and_until_when() {
        let json: serde_json::Value = serde_json::from_str(&json(&demo(), Timestamp(NOW))).unwrap();
        let rows = json.as_array().unwrap();
        let (deleted, living): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row["status"] == "deleted");
        assert!(!deleted.is_empty() && deleted.iter().all(|row| row["deleted"].is_string() && row["gone"].is_string()));
        assert!(living.iter().all(|row| row["deleted"].is_null() && row["gone"].is_null()));
        let line = table(&demo(), Timestamp(NOW)).lines().find(|line| line.ends_with("Deleted")).unwrap().to_owned();
        assert!(line.contains("  -  ") && !line.contains("never"), "{line}");
    }
}
