//! `strongroom list`: every secret in a row, never a value.

use std::borrow::Cow;

use super::told::Row;
use crate::cli::args::ListArgs;
use crate::cli::exit::Exit;
use crate::cli::table::table;
use crate::cli::{Failed, call, output, unexpected, unlock};
use crate::domain::{Find, Listed, Scope, Timestamp};
use crate::service::{Door, Request, Response};

pub(super) fn run(args: &ListArgs, door: &mut dyn Door, now: Timestamp) -> Result<(), Failed> {
    let session = unlock(door, &args.unlocking)?;
    let words = args.find.iter().map(|word| word.as_str().into()).collect();
    let find = Find { words, kind: args.kind.map(|kind| kind.0) };
    let Response::Found(mut found) = call(door, Request::Find(find))? else { return Err(unexpected()) };
    found.retain(|secret| args.status.is_none_or(|status| status.0 == secret.status(now).slug()));
    found.retain(|secret| scope_of(args).is_none_or(|scope| scope == secret.scope));
    found.sort_unstable_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
    output::data(&if args.json { json(&found, now) } else { rows(&found, now) })?;
    if session.read_only {
        // A script must not take what is left of a damaged vault for all there is.
        return Err(Failed::new(Exit::Damaged, "this list may not be complete: the vault is in trouble, see above."));
    }
    Ok(())
}

/// The scope that is asked for.
fn scope_of(args: &ListArgs) -> Option<Scope> {
    match (args.personal, args.organization) {
        (true, _) => Some(Scope::Personal),
        (_, true) => Some(Scope::Organization),
        _ => None,
    }
}

fn json(found: &[Listed], now: Timestamp) -> String {
    let rows: Vec<Row<'_>> = found.iter().map(|secret| Row::of(secret, now)).collect();
    output::json(&rows)
}

/// With a column of the scope where there are personal ones.
fn rows(found: &[Listed], now: Timestamp) -> String {
    let rows: Vec<_> = found.iter().map(|secret| row(secret, now)).collect();
    let [name, kind, created, expires, status] = ["Secret name", "Credential Type", "Created", "Expires", "Status"];
    if found.iter().all(|secret| secret.scope == Scope::Organization) {
        return table([name, kind, created, expires, status], &rows);
    }
    let rows: Vec<_> = rows.into_iter().zip(found).map(|(row, secret)| with_scope(row, secret.scope)).collect();
    table([name, "Scope", kind, created, expires, status], &rows)
}

fn with_scope([name, kind, created, expires, status]: [Cow<'_, str>; 5], of: Scope) -> [Cow<'_, str>; 6] {
    [name, scope(of).into(), kind, created, expires, status]
}

fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Personal => "Personal",
        Scope::Organization => "Organization",
    }
}

fn row(secret: &Listed, now: Timestamp) -> [Cow<'_, str>; 5] {
    let never = if secret.state.deleted().is_some() { "-" } else { "never" };
    [
        (&*secret.name).into(),
        secret.kind.label().into(),
        secret.created.date().to_string().into(),
        secret.expires.map_or(never.into(), |end| end.date().to_string().into()),
        secret.status(now).word().into(),
    ]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::host::{FixedClock, SeededEntropy};
    use crate::service::Service;

    const NOW: i64 = 1_795_442_700;

    fn demo() -> Vec<Listed> {
        let mut door = Service::demo(Arc::new(FixedClock::at(NOW)), Arc::new(SeededEntropy::new(1))).unwrap();
        let find = Request::Find(Find::default());
        let Response::Found(found) = door.call(find, &|_| {}).unwrap() else { panic!("no list") };
        found
    }

    #[test]
    fn a_deleted_one_says_since_when_and_until_when() {
        let json: serde_json::Value = serde_json::from_str(&json(&demo(), Timestamp(NOW))).unwrap();
        let printed = json.as_array().unwrap();
        let (deleted, living): (Vec<_>, Vec<_>) = printed.iter().partition(|row| row["status"] == "deleted");
        assert!(!deleted.is_empty() && deleted.iter().all(|row| row["deleted"].is_string() && row["gone"].is_string()));
        assert!(living.iter().all(|row| row["deleted"].is_null() && row["gone"].is_null()));
        let line = rows(&demo(), Timestamp(NOW)).lines().find(|line| line.ends_with("Deleted")).unwrap().to_owned();
        assert!(line.contains("  -  ") && !line.contains("never"), "{line}");
    }

    #[test]
    fn the_scope_is_told_where_there_are_personal_ones() {
        let head = |found: &[Listed]| rows(found, Timestamp(NOW)).lines().next().unwrap().to_owned();
        let mut found = demo();
        found.iter_mut().for_each(|secret| secret.scope = Scope::Organization);
        assert!(!head(&found).contains("Scope"));
        found[0].scope = Scope::Personal;
        assert!(head(&found).contains("Scope"));
        let own = rows(&found, Timestamp(NOW)).lines().nth(1).unwrap().to_owned();
        assert!(own.starts_with(&*found[0].name) && own.contains("  Personal  "), "{own}");
        let json: serde_json::Value = serde_json::from_str(&json(&found, Timestamp(NOW))).unwrap();
        assert_eq!((&json[0]["scope"], &json[1]["scope"]), (&"personal".into(), &"organization".into()));
    }
}
