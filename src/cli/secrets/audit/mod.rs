//! `strongroom audit`: who did what, when, from where, and what came of it.

mod verify;

use std::io::{self, IsTerminal};

use rustix::termios::tcgetwinsize;
use serde::Serialize;
use unicode_width::UnicodeWidthChar;

use super::reference;
use crate::cli::args::{AuditArgs, AuditCommand};
use crate::cli::table::table;
use crate::cli::{Failed, call, output, unexpected, unlock};
use crate::domain::audit::{Outcome, Subject};
use crate::domain::text::sanitize;
use crate::domain::{SecretRef, Timestamp};
use crate::service::{AuditQuery, Door, Event, Request, Response};

/// What a terminal has at least.
const NARROW: usize = 80;
/// Cells between and in the columns whose width is always the same, and in the others at the least.
const FIXED: usize = 16 + 5 * 2;

/// An event as `--json` prints it; what does not apply is null.
#[derive(Serialize)]
struct Told<'a> {
    number: u64,
    at: String,
    member: &'a str,
    user: &'a str,
    pid: u32,
    tty: Option<&'a str>,
    host: &'a str,
    parent: Option<&'a str>,
    action: &'static str,
    secret: Option<&'a str>,
    secret_id: Option<String>,
    revision: Option<u64>,
    field: Option<&'a str>,
    subject: Option<&'a str>,
    application: Option<&'a str>,
    command: Option<&'a str>,
    outcome: &'static str,
    reason: Option<&'a str>,
}

pub(super) fn run(args: &AuditArgs, door: &mut dyn Door, now: Timestamp) -> Result<(), Failed> {
    if let Some(AuditCommand::Verify(args)) = &args.command {
        return verify::run(args, door);
    }
    let secret: Option<SecretRef> = args.secret.as_deref().map(reference).transpose()?.map(|found| found.secret);
    unlock(door, &args.unlocking)?;
    let query = AuditQuery { secret, since: args.since.map(|when| when.at(now)), most: args.limit };
    let Response::Events(events) = call(door, Request::Audit(query))? else { return Err(unexpected()) };
    if events.is_empty() {
        args.secret.as_deref().map_or(Ok(()), |name| tell_of_none(name, door))?;
    }
    output::data(&if args.json { json(&events) } else { text(&events) })
}

/// Says that no event that was asked for is about the secret called `name`.
///
/// # Errors
/// When neither the log nor the vault knows it.
fn tell_of_none(name: &str, door: &mut dyn Door) -> Result<(), Failed> {
    let secret = reference(name)?.secret;
    let ever = AuditQuery { secret: Some(secret.clone()), since: None, most: 1 };
    let Response::Events(ever) = call(door, Request::Audit(ever))? else { return Err(unexpected()) };
    if ever.is_empty() {
        // What it says of a secret that it does not know is what is to be said.
        call(door, Request::Details(secret)).map_err(|error| {
            let failed = Failed::from(error);
            Failed { message: format!("no event names it, and {}", failed.message), ..failed }
        })?;
    }
    output::remark(&format!("No event of that time is about {name}."));
    Ok(())
}

fn json(events: &[Event]) -> String {
    output::json(&events.iter().map(told).collect::<Vec<_>>())
}

fn told(event: &Event) -> Told<'_> {
    let (secret, other) = match &event.subject {
        Some(Subject::Secret { id, name, revision, field }) => (Some((id, name, revision, field)), None),
        Some(Subject::Other(name)) => (None, Some(&**name)),
        None => (None, None),
    };
    Told {
        number: event.number,
        at: event.at.to_iso(),
        member: &event.member,
        user: &event.origin.user,
        pid: event.origin.pid,
        tty: event.origin.terminal.as_deref(),
        host: &event.origin.host,
        parent: event.origin.parent.as_deref(),
        action: event.action.word(),
        secret: secret.map(|(_, name, _, _)| &**name),
        secret_id: secret.and_then(|(id, ..)| id.map(|id| id.to_string())),
        revision: secret.map(|(_, _, revision, _)| *revision),
        field: secret.and_then(|(.., field)| field.as_deref()),
        subject: other,
        application: event.application.as_deref(),
        command: event.command.as_deref(),
        outcome: outcome(event),
        reason: match &event.outcome {
            Outcome::Refused(why) => Some(why),
            _ => None,
        },
    }
}

fn outcome(event: &Event) -> &'static str {
    match event.outcome {
        Outcome::Done => "done",
        Outcome::AllowedExpired => "allowed-expired",
        Outcome::Refused(_) => "refused",
    }
}

/// On a terminal, no wider than that is.
fn text(events: &[Event]) -> String {
    let width = io::stdout().is_terminal().then(|| {
        let columns = tcgetwinsize(io::stdout()).map_or(0, |size| usize::from(size.ws_col));
        if columns == 0 { NARROW } else { columns.max(NARROW) }
    });
    rows(events, width)
}

fn rows(events: &[Event], width: Option<usize>) -> String {
    // What is left is shared: a third for what it is about, and the rest for the four others.
    let share = |parts: usize| width.map_or(usize::MAX, |width| (width - FIXED) * parts / 18);
    // One user of the machine may be several members, and it is the member who is answerable.
    let of_several = events.iter().any(|event| event.member != events[0].member);
    let rows: Vec<_> = events
        .iter()
        .map(|event| {
            let who = cut(if of_several { &event.member } else { &event.origin.user }, share(3));
            let subject = cut(&subject(event), share(6));
            let from = cut(&by(event), share(3));
            let outcome = cut(&outcome_in_words(event, width.is_none()), share(3));
            let when = event.at.to_minute().trim_end_matches(" UTC").to_owned();
            [
                when.into(),
                who.into(),
                cut(event.action.word(), share(3)).into(),
                subject.into(),
                from.into(),
                outcome.into(),
            ]
        })
        .collect();
    table(["When (UTC)", "Who", "What", "Subject", "By", "Outcome"], &rows)
}

fn subject(event: &Event) -> String {
    match &event.subject {
        Some(Subject::Secret { name, field: Some(field), .. }) => format!("{name}/{field}"),
        Some(Subject::Secret { name, .. } | Subject::Other(name)) => name.to_string(),
        None => String::new(),
    }
}

/// The application, the program that got it, or the one that asked.
fn by(event: &Event) -> String {
    let named = event.application.as_ref().or(event.command.as_ref()).or(event.origin.parent.as_ref());
    named.map_or(String::new(), ToString::to_string)
}

fn outcome_in_words(event: &Event, whole: bool) -> String {
    match &event.outcome {
        Outcome::Refused(why) if whole => format!("refused: {why}"),
        Outcome::AllowedExpired => "expired".to_owned(),
        _ => outcome(event).to_owned(),
    }
}

/// `text`, sanitized, in at most `cells` cells; what was cut off leaves a mark.
fn cut(text: &str, cells: usize) -> String {
    let text = sanitize(text);
    let width = |c: char| c.width().unwrap_or(0);
    if text.chars().map(width).sum::<usize>() <= cells {
        return text.into_owned();
    }
    let mut left = cells.saturating_sub(1);
    let kept = text.chars().take_while(|c| {
        let fits = width(*c) <= left;
        left = left.saturating_sub(width(*c));
        fits
    });
    kept.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::domain::audit::{Action, Origin};

    fn event(name: &str) -> Event {
        Event {
            number: 1,
            at: Timestamp(1_795_442_700),
            member: "Ada".into(),
            origin: Origin { user: "a-user-with-a-long-name".into(), parent: Some(name.into()), ..Origin::default() },
            action: Action::ApplicationRemoved,
            subject: Some(Subject::Secret { id: None, name: name.into(), revision: 1, field: Some("value".into()) }),
            application: None,
            command: None,
            outcome: Outcome::Refused(name.into()),
        }
    }

    #[test]
    fn of_several_members_it_is_told_which() {
        let of = |member: &str| Event { member: member.into(), ..event("deploy") };
        assert!(!rows(&[of("Ada"), of("Ada")], None).contains("Ada"));
        let both = rows(&[of("Ada"), of("Grace")], None);
        assert!(both.contains("Ada") && both.contains("Grace"), "{both}");
    }

    #[test]
    fn a_row_fits_the_terminal_whatever_it_tells() {
        for name in ["x".repeat(128), "日本".repeat(64), "\x1b[31m\u{202e}".repeat(20), "short".to_owned()] {
            for width in [80, 81, 120, 200] {
                let text = rows(&[event(&name)], Some(width));
                let widest = text.lines().map(UnicodeWidthStr::width).max().unwrap();
                assert!(widest <= width, "{widest} of {width}: {text}");
            }
        }
        assert!(rows(&[event("deploy")], None).contains("refused: deploy"), "elsewhere it is told whole");
    }
}
