//! An event in words: the same in the list and in full.

use ratatui::style::Style;

use crate::domain::audit::{Event, Outcome, Subject};
use crate::tui::theme::Theme;

/// What it is about: `payments-api/value`, or the name of something else.
pub(super) fn subject(event: &Event) -> String {
    match &event.subject {
        Some(Subject::Secret { name, field: Some(field), .. }) => format!("{name}/{field}"),
        Some(Subject::Secret { name, .. } | Subject::Other(name)) => name.to_string(),
        None => String::new(),
    }
}

/// What came of it, in a word.
pub(super) fn outcome_word(event: &Event) -> &'static str {
    match event.outcome {
        Outcome::Done => "done",
        Outcome::AllowedExpired => "allowed",
        Outcome::Refused(_) => "refused",
    }
}

/// The glyph before that word, and how both are painted.
pub(super) fn outcome_look(event: &Event, theme: Theme) -> (&'static str, Style) {
    match event.outcome {
        Outcome::Done => (theme.check(), theme.good()),
        Outcome::AllowedExpired => (theme.alert(), theme.warn()),
        Outcome::Refused(_) => (theme.cross(), theme.bad()),
    }
}

/// Where from, in the order in which it says most: the program, its terminal, the machine.
pub(super) fn origin(event: &Event, whole: bool) -> String {
    let origin = &event.origin;
    let known = [origin.parent.as_deref(), origin.terminal.as_deref(), Some(&*origin.host)];
    let mut known = known.into_iter().flatten().filter(|text| !text.is_empty());
    if whole { known.collect::<Vec<_>>().join(" ") } else { known.next().unwrap_or_default().to_owned() }
}
