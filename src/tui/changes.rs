//! What somebody else did to a secret, in a sentence.

use crate::domain::date::relative;
use crate::domain::{Header, State, Timestamp};
use crate::form::changed_fields;
use crate::tui::text::clean;
use crate::tui::words::short;

/// Who made `new` of `old`, what they did and when: `Bo Lind changed Value 2 min ago`, without a full stop.
pub(super) fn told(old: &Header, new: &Header, now: Timestamp) -> String {
    let who = clean(&new.modified.by);
    let what = match (&old.state, &new.state) {
        (_, State::Deleted(_)) => "deleted it".to_owned(),
        (State::Active, State::Inactive(_)) => "deactivated it".to_owned(),
        (State::Inactive(_), State::Active) => "reactivated it".to_owned(),
        _ => format!("changed {}", fields(&changed_fields(old, new))),
    };
    format!("{} {what} {}", short(&who), when(new.modified.at, now))
}

/// How long ago it was; a clock that runs behind theirs makes it now.
pub(super) fn when(at: Timestamp, now: Timestamp) -> String {
    relative(at.min(now), now)
}

fn fields(labels: &[&str]) -> String {
    match labels {
        [] => "it".to_owned(),
        [one] => (*one).to_owned(),
        [one, two] => format!("{one} and {two}"),
        [one, two, three] => format!("{one}, {two} and {three}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more", rest.len()),
    }
}
