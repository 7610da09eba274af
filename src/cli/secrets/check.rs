//! `strongroom check`: expired and expiring secrets, as monitoring systems want it: one line, and an exit code of 0 (OK),
//! 1 (WARNING), 2 (CRITICAL) or 3 (UNKNOWN).
//!
//! It asks nobody anything unless an option says so: cron must not hang. A vault that is locked is UNKNOWN.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;

use crate::cli::args::{CheckArgs, Period};
use crate::cli::exit::Exit;
use crate::cli::{Failed, call, credential, is_for, output, status, unexpected, unlock};
use crate::domain::date::relative;
use crate::domain::text::sanitize;
use crate::domain::{Header, State, Status, Timestamp};
use crate::service::{Door, DoorError, Request, Response, VaultStatus};

/// Most secrets that the first line names.
const MOST_NAMED: usize = 5;

/// How bad it is, in the words of the convention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Ok,
    Warning,
    Critical,
    Unknown,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// What the program ends with; all has been said then.
    fn end(self) -> Result<(), Failed> {
        if self == Self::Ok { Ok(()) } else { Err(Failed::new(Exit::Check(self as u8), "")) }
    }
}

/// The state of a secret that is in use and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ends {
    Expired,
    WithinCrit,
    WithinWarn,
}

/// What was found, the soonest end first.
struct Found {
    ending: Vec<(Ends, Arc<Header>)>,
    in_use: usize,
    warn: Period,
    crit: Period,
}

#[derive(Serialize)]
struct Told<'a> {
    state: String,
    expired: Vec<Row<'a>>,
    critical: Vec<Row<'a>>,
    warning: Vec<Row<'a>>,
    in_use: usize,
}

#[derive(Serialize)]
struct Row<'a> {
    id: String,
    name: &'a str,
    expires: Option<String>,
}

pub(super) fn run(args: &CheckArgs, door: &mut dyn Door, now: Timestamp) -> Result<(), Failed> {
    match look(args, door, now) {
        Ok(found) => {
            output::data(&if args.json { found.json() } else { found.text(now) })?;
            found.level().end()
        }
        Err(failed) => unknown(&failed, args.json),
    }
}

/// Says why the check cannot tell.
///
/// # Errors
/// Always: that is how the program ends.
pub(super) fn unknown(failed: &Failed, json: bool) -> Result<(), Failed> {
    let why = plain(&failed.message);
    let line = format!("STRONGROOM {}: {why}\n", Level::Unknown.word());
    output::data(&if json { output::json(&serde_json::json!({ "state": "unknown", "reason": why })) } else { line })?;
    Level::Unknown.end()
}

fn look(args: &CheckArgs, door: &mut dyn Door, now: Timestamp) -> Result<Found, Failed> {
    let opens = args.unlocking.is_given() || credential::is_named_by_surroundings();
    match status(door)? {
        VaultStatus::Locked if !opens => {
            Err(Failed::new(Exit::Locked, "the vault is locked. Unlock it, or give a machine key with --key-file F."))
        }
        VaultStatus::Unlocked(session) if !opens && !is_for(&session, &args.unlocking.passphrase) => {
            let message = format!("the vault is open for {}. Give what opens it for another member.", session.member);
            Err(Failed::new(Exit::Locked, message))
        }
        VaultStatus::Absent => Err(DoorError::NoVault.into()),
        _ => {
            let session = unlock(door, &args.unlocking)?;
            let Response::Headers(headers) = call(door, Request::List)? else { return Err(unexpected()) };
            if session.read_only {
                return Err(Failed::new(Exit::Damaged, "the vault is damaged. Run strongroom doctor."));
            }
            Ok(Found::among(headers, args, now))
        }
    }
}

impl Found {
    fn among(headers: Vec<Arc<Header>>, args: &CheckArgs, now: Timestamp) -> Self {
        let in_use: Vec<Arc<Header>> = headers.into_iter().filter(|header| header.state == State::Active).collect();
        let count = in_use.len();
        let mut ending: Vec<(Ends, Arc<Header>)> =
            in_use.into_iter().filter_map(|header| Some((ends(&header, args, now)?, header))).collect();
        ending.sort_by(|(_, a), (_, b)| (a.expires, &a.name).cmp(&(b.expires, &b.name)));
        Self { ending, in_use: count, warn: args.warn, crit: args.crit }
    }

    fn of(&self, which: Ends) -> impl Iterator<Item = &Arc<Header>> {
        self.ending.iter().filter(move |(ends, _)| *ends == which).map(|(_, header)| header)
    }

    fn count(&self, which: Ends) -> usize {
        self.of(which).count()
    }

    fn level(&self) -> Level {
        match self.ending.iter().map(|(ends, _)| *ends).min() {
            Some(Ends::Expired | Ends::WithinCrit) => Level::Critical,
            Some(Ends::WithinWarn) => Level::Warning,
            None => Level::Ok,
        }
    }

    fn json(&self) -> String {
        let rows = |which| self.of(which).map(|header| row(header)).collect();
        output::json(&Told {
            state: self.level().word().to_lowercase(),
            expired: rows(Ends::Expired),
            critical: rows(Ends::WithinCrit),
            warning: rows(Ends::WithinWarn),
            in_use: self.in_use,
        })
    }

    /// The summary with the figures after a bar, then a line for each secret.
    fn text(&self, now: Timestamp) -> String {
        let mut text = format!("STRONGROOM {}: {} | {}\n", self.level().word(), self.summary(), self.figures());
        for (_, header) in &self.ending {
            let end = header.expires.map_or(String::new(), |end| end.date().to_string());
            let word = if Status::of(header, now) == Status::Expired { "expired" } else { "expires" };
            let _ = writeln!(text, "{} {word} {end} ({})", plain(&header.name), relative(header.expires, now));
        }
        text
    }

    fn summary(&self) -> String {
        let told = [
            (self.count(Ends::Expired), "expired".to_owned()),
            (self.count(Ends::WithinCrit), format!("within {}", self.crit.in_words())),
            (self.count(Ends::WithinWarn), format!("within {}", self.warn.in_words())),
        ];
        let parts: Vec<String> = told
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| match (what.as_str(), count) {
                ("expired", count) => format!("{count} expired"),
                (within, 1) => format!("1 expires {within}"),
                (within, count) => format!("{count} expire {within}"),
            })
            .collect();
        if parts.is_empty() {
            return format!("{} secrets in use, none expires within {}", self.in_use, self.warn.in_words());
        }
        format!("{}: {}", parts.join(", "), self.names())
    }

    fn names(&self) -> String {
        let names: Vec<String> = self.ending.iter().take(MOST_NAMED).map(|(_, header)| plain(&header.name)).collect();
        let more = self.ending.len() - names.len();
        if more > 0 { format!("{} and {more} more", names.join(", ")) } else { names.join(", ") }
    }

    /// Performance data: label=value;warn;crit;min. More than none is what the thresholds are about.
    fn figures(&self) -> String {
        let (expired, crit, warn) =
            (self.count(Ends::Expired), self.count(Ends::WithinCrit), self.count(Ends::WithinWarn));
        format!("expired={expired};;0;0 critical={crit};;0;0 warning={warn};0;;0 in_use={};;;0", self.in_use)
    }
}

fn ends(header: &Header, args: &CheckArgs, now: Timestamp) -> Option<Ends> {
    let left = header.expires?.0.saturating_sub(now.0);
    match left {
        ..0 => Some(Ends::Expired),
        left if left <= args.crit.0 => Some(Ends::WithinCrit),
        left if left <= args.warn.0 => Some(Ends::WithinWarn),
        _ => None,
    }
}

fn row(header: &Header) -> Row<'_> {
    Row { id: header.id.to_string(), name: &header.name, expires: header.expires.map(|end| end.date().to_string()) }
}

/// Without the bar, which begins the figures.
fn plain(text: &str) -> String {
    sanitize(text).replace('|', "¦")
}
