//! Where a secret is applied, in words: the same in the detail, the form and the dialogs.

use crate::domain::date::relative;
use crate::domain::{Application, Binding, Delivery, SecretId, SeenDelivery, Timestamp};
use crate::service::{Response, Uses};
use crate::tui::layer::DoorAnswer;
use crate::tui::text::clean;
use crate::tui::theme::Theme;
use crate::tui::widgets::Row;
use crate::tui::words;

/// Most applications that a sentence names.
const NAMED: usize = 3;
/// The heading of the section, and the label where there is nothing to list.
const TITLE: &str = "Where it is applied";

/// Where a secret is applied, as far as it is known.
#[derive(Debug, Clone, Default)]
pub(super) enum Known {
    /// It has been asked for.
    #[default]
    Waiting,
    /// As the door told it.
    Told(Uses),
    /// Why it cannot be told.
    Unknown(String),
}

impl Known {
    /// Takes in the answer if it is the one that is waited for; gives back any other.
    pub(super) fn take(&mut self, answer: DoorAnswer) -> Option<DoorAnswer> {
        match answer {
            Ok(Response::Uses(uses)) => *self = Self::Told(uses),
            // Answers come in the order in which they were asked for.
            Err(error) if matches!(self, Self::Waiting) => *self = Self::Unknown(words::error(&error)),
            other => return Some(other),
        }
        None
    }

    /// The vault was locked: no answer comes any more.
    pub(super) fn give_up(&mut self) {
        if matches!(self, Self::Waiting) {
            *self = Self::Unknown("the vault was locked meanwhile.".to_owned());
        }
    }

    /// `3 applications depend on it (billing, reports, shop-web); last used 2 h ago by deploy.sh.`
    pub(super) fn sentence(&self, now: Timestamp, theme: Theme) -> String {
        match self {
            Self::Waiting => format!("Looking where it is applied{}", theme.ellipsis()),
            Self::Told(uses) => summary(uses, now),
            Self::Unknown(why) => format!("Where it is applied cannot be told: {why}"),
        }
    }

    /// The sections of the detail: each application, then each delivery.
    pub(super) fn rows(&self, secret: SecretId, now: Timestamp, theme: Theme) -> Vec<Row> {
        let text = match self {
            Self::Told(uses) if !(uses.applications.is_empty() && uses.deliveries.is_empty()) => {
                return sections(uses, secret, now, theme);
            }
            Self::Unknown(why) => format!("It cannot be told: {why}"),
            _ => self.sentence(now, theme),
        };
        vec![Row::Plain { label: TITLE.into(), text: text.into() }]
    }
}

fn sections(uses: &Uses, secret: SecretId, now: Timestamp, theme: Theme) -> Vec<Row> {
    let applications: Vec<Row> =
        uses.applications.iter().flat_map(|one| application_rows(one, secret, theme)).collect();
    let deliveries: Vec<Row> = uses.deliveries.iter().map(|seen| delivery_row(seen, now)).collect();
    let sections = [(TITLE, applications), ("Last served to", deliveries)];
    let headed = |(title, rows): (&str, Vec<Row>)| std::iter::once(Row::Heading(title.into())).chain(rows);
    sections.into_iter().filter(|(_, rows)| !rows.is_empty()).flat_map(headed).collect()
}

fn summary(uses: &Uses, now: Timestamp) -> String {
    let last = match uses.deliveries.first() {
        Some(seen) => format!("last {} {} by {}", verb(seen.how), relative(seen.at.min(now), now), taker(seen)),
        None => "no use seen yet".to_owned(),
    };
    format!("{}; {last}.", depend(&uses.applications))
}

fn depend(applications: &[impl AsRef<Application>]) -> String {
    let names: Vec<String> = applications.iter().take(NAMED).map(|one| named(&one.as_ref().name)).collect();
    let names = match applications.len() - names.len() {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    };
    match applications.len() {
        0 => "No application depends on it".to_owned(),
        1 => format!("1 application depends on it ({names})"),
        count => format!("{count} applications depend on it ({names})"),
    }
}

fn named(name: &str) -> String {
    words::short(&clean(name)).into_owned()
}

fn verb(how: Delivery) -> &'static str {
    match how {
        Delivery::Reveal => "revealed",
        Delivery::Copy => "copied",
        _ => "used",
    }
}

/// Who got it: the program, where it was one that asked, else the person.
fn taker(seen: &SeenDelivery) -> String {
    let on_screen = matches!(seen.how, Delivery::Reveal | Delivery::Copy);
    let program = seen.command.as_deref().or(seen.origin.parent.as_deref()).filter(|_| !on_screen);
    named(program.unwrap_or(&seen.origin.user))
}

/// A row for each binding; the first is labelled.
fn application_rows(application: &Application, secret: SecretId, theme: Theme) -> impl Iterator<Item = Row> {
    let bindings = application.bindings.iter().filter(move |binding| binding.secret == secret);
    bindings.enumerate().map(move |(i, binding)| {
        let label = if i == 0 { application.name.clone() } else { Box::default() };
        Row::Plain { label, text: bound(binding, theme).into() }
    })
}

/// `env API_KEY ← value`.
fn bound(binding: &Binding, theme: Theme) -> String {
    let Binding { target, field, .. } = binding;
    format!("{} {} {} {field}", target.slug(), target.name(), theme.either("←", "<-"))
}

/// A delivery: who got it in the label; how, by whom, where, when, and which revision in the text.
pub(super) fn delivery_row(seen: &SeenDelivery, now: Timestamp) -> Row {
    let mut text = format!("{} by {}", seen.how.word(), seen.origin.user);
    if !seen.origin.host.is_empty() {
        text.push_str(&format!(" on {}", seen.origin.host));
    }
    if let Some(application) = &seen.application {
        text.push_str(&format!(" for {application}"));
    }
    let times = if seen.times > 1 { format!(", {} times", seen.times) } else { String::new() };
    text.push_str(&format!(
        ", {} ({}), revision {}{times}",
        relative(seen.at.min(now), now),
        seen.at.to_minute(),
        seen.revision
    ));
    let label = taker(seen).into();
    if seen.old_value {
        return Row::Warning { label, text: format!("{text}: served an earlier value").into() };
    }
    Row::Plain { label, text: text.into() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::audit::Origin;
    use crate::domain::{ApplicationId, BindingTarget, Stamp};

    const NOW: Timestamp = Timestamp(1_795_442_700);

    fn application(name: &str) -> Arc<Application> {
        let stamp = Stamp { at: NOW, by: "Ada".into() };
        let target = BindingTarget::Variable("API_KEY".into());
        Arc::new(Application {
            id: ApplicationId([1; 16]),
            revision: 1,
            name: name.into(),
            description: "".into(),
            bindings: vec![Binding { target, secret: SecretId([7; 16]), field: "value".into() }],
            created: stamp.clone(),
            modified: stamp,
        })
    }

    fn seen(how: Delivery, command: Option<&str>, parent: Option<&str>) -> SeenDelivery {
        let origin =
            Origin { user: "ada".into(), host: "web-1".into(), parent: parent.map(Into::into), ..Origin::default() };
        let command = command.map(Into::into);
        let at = Timestamp(NOW.0 - 7200);
        SeenDelivery { at, how, origin, command, application: None, revision: 3, old_value: false, times: 1 }
    }

    fn said(applications: &[&str], deliveries: Vec<SeenDelivery>) -> String {
        let applications = applications.iter().map(|name| application(name)).collect();
        Known::Told(Uses { applications, deliveries }).sentence(NOW, Theme::default())
    }

    #[test]
    fn a_sentence_says_who_depends_on_it_and_who_used_it_last() {
        assert_eq!(said(&[], vec![]), "No application depends on it; no use seen yet.");
        assert_eq!(
            said(&["a", "b", "c\u{1b}", "d"], vec![seen(Delivery::Get, None, Some("deploy.sh"))]),
            "4 applications depend on it (a, b, c\u{fffd} and 1 more); last used 2 h ago by deploy.sh."
        );
        assert_eq!(
            said(&["a"], vec![seen(Delivery::Run, Some("psql"), Some("deploy.sh"))]),
            "1 application depends on it (a); last used 2 h ago by psql."
        );
        assert_eq!(
            said(&[], vec![seen(Delivery::Reveal, None, Some("bash"))]),
            "No application depends on it; last revealed 2 h ago by ada."
        );
    }

    #[test]
    fn whoever_was_served_an_old_value_is_marked() {
        let mut old = seen(Delivery::Get, None, Some("deploy.sh"));
        old.old_value = true;
        let known = Known::Told(Uses { applications: vec![application("shop")], deliveries: vec![old] });
        let rows = known.rows(SecretId([7; 16]), NOW, Theme::plain());
        let [Row::Heading(_), Row::Plain { label, text }, Row::Heading(_), Row::Warning { label: who, text: what }] =
            &rows[..]
        else {
            panic!("{rows:?}")
        };
        assert_eq!((&**label, &**text, &**who), ("shop", "env API_KEY <- value", "deploy.sh"));
        assert_eq!(&**what, "get by ada on web-1, 2 h ago (2026-11-23 12:05 UTC), revision 3: served an earlier value");
    }

    #[test]
    fn an_error_is_taken_only_while_the_answer_is_waited_for() {
        use crate::service::DoorError;
        let mut known = Known::default();
        assert!(known.take(Err(DoorError::DiskFull)).is_none() && matches!(known, Known::Unknown(_)));
        assert!(known.take(Err(DoorError::DiskFull)).is_some());
        assert!(known.take(Ok(Response::Uses(Uses::default()))).is_none() && matches!(known, Known::Told(_)));
    }
}
