//! `strongroom list`: every secret in a row, never a value.

use std::borrow::Cow;
use std::sync::Arc;

use super::table::table;
use super::told::{Row, deleted};
use crate::cli::args::ListArgs;
use crate::cli::exit::Exit;
use crate::cli::{Failed, call, output, unexpected, unlock};
use crate::domain::{Header, Status, Timestamp};
use crate::service::{Door, Request, Response};

pub(super) fn run(args: &ListArgs, door: &mut dyn Door, now: Timestamp) -> Result<(), Failed> {
    let session = unlock(door, &args.unlocking)?;
    let Response::Headers(mut headers) = call(door, Request::List)? else { return Err(unexpected()) };
    headers.retain(|header| is_wanted(header, args, now));
    headers.sort_by(|a, b| a.name.cmp(&b.name));
    output::data(&if args.json { json(&headers, now) } else { rows(&headers, now) })?;
    if session.read_only {
        // A script must not take what is left of a damaged vault for all there is.
        return Err(Failed::new(Exit::Damaged, "this list may not be complete: the vault is in trouble, see above."));
    }
    Ok(())
}

fn is_wanted(header: &Header, args: &ListArgs, now: Timestamp) -> bool {
    args.kind.is_none_or(|kind| kind.0 == header.kind)
        && args.status.is_none_or(|status| status.0 == Status::of(header, now).slug())
        && args.find.iter().all(|word| is_in(&header.name, word))
}

/// Whether `word` stands in `name`; small letters stand for capital ones, too.
fn is_in(name: &str, word: &str) -> bool {
    if word.chars().any(char::is_uppercase) { name.contains(word) } else { name.to_lowercase().contains(word) }
}

fn json(headers: &[Arc<Header>], now: Timestamp) -> String {
    let rows: Vec<Row<'_>> = headers.iter().map(|header| Row::of(header, now)).collect();
    output::json(&rows)
}

fn rows(headers: &[Arc<Header>], now: Timestamp) -> String {
    let rows: Vec<_> = headers.iter().map(|header| row(header, now)).collect();
    table(["Secret name", "Credential Type", "Created", "Expires", "Status"], &rows)
}

fn row(header: &Header, now: Timestamp) -> [Cow<'_, str>; 5] {
    let never = if deleted(header).is_some() { "-" } else { "never" };
    [
        (&*header.name).into(),
        header.kind.label().into(),
        header.created.at.date().to_string().into(),
        header.expires.map_or(never.into(), |end| end.date().to_string().into()),
        Status::of(header, now).word().into(),
    ]
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
        let line = rows(&demo(), Timestamp(NOW)).lines().find(|line| line.ends_with("Deleted")).unwrap().to_owned();
        assert!(line.contains("  -  ") && !line.contains("never"), "{line}");
    }

    #[test]
    fn small_letters_find_capital_ones_and_not_the_other_way_round() {
        assert!(is_in("GitHub-PAT", "hub") && is_in("GitHub-PAT", "pat") && is_in("GitHub-PAT", "PAT"));
        assert!(!is_in("github-pat", "PAT") && !is_in("github", "gitlab"));
    }
}
