//! The rows of the audit log: the newest first, filtered, found. Knows nothing of the screen.

use std::fmt::Write as _;

use super::filter::EventFilter;
use super::words;
use crate::domain::audit::Event;

/// The events, as they are shown.
#[derive(Default)]
pub(super) struct Model {
    /// The oldest first; `None` until they are here.
    events: Option<Vec<Event>>,
    /// What a find looks at, in one piece of memory: small letters, and where each event's text ends.
    text: String,
    ends: Vec<usize>,
    /// Indexes into the events that pass filter and find, the newest first.
    shown: Vec<u32>,
    filter: EventFilter,
    query: String,
}

impl Model {
    /// Takes in all events.
    pub(super) fn fill(&mut self, events: Vec<Event>) {
        self.text.clear();
        self.ends.clear();
        for event in &events {
            write_text(&mut self.text, event);
            self.ends.push(self.text.len());
        }
        // Names may be of any script.
        if !self.text.is_ascii() {
            self.lower_each();
        }
        self.events = Some(events);
        self.select();
    }

    fn lower_each(&mut self) {
        let mut text = String::with_capacity(self.text.len());
        let mut start = 0;
        for end in &mut self.ends {
            text.push_str(&lowered(&self.text[start..*end]));
            start = std::mem::replace(end, text.len());
        }
        self.text = text;
    }

    /// Shows only what passes `filter`.
    pub(super) fn filter_by(&mut self, filter: EventFilter) {
        self.filter = filter;
        self.select();
    }

    /// Shows only the events that hold all words of `query`; the empty query ends the find.
    pub(super) fn find(&mut self, query: &str) {
        // One that goes on where the last one ended finds nothing that that one did not.
        let goes_on = query.starts_with(&self.query);
        query.clone_into(&mut self.query);
        if goes_on { self.narrow() } else { self.select() }
    }

    fn select(&mut self) {
        let events = self.events.as_deref().unwrap_or_default();
        let rows = (0..events.len()).rev().filter(|i| self.filter.passes(&events[*i]));
        self.shown = rows.map(|i| u32::try_from(i).unwrap_or(u32::MAX)).collect();
        self.narrow();
    }

    /// Leaves of what is shown only what holds all words of the query.
    fn narrow(&mut self) {
        let query = lowered(&self.query);
        let words: Vec<&str> = query.split_whitespace().collect();
        let (text, ends) = (&self.text, &self.ends);
        let text_of = |i: usize| &text[i.checked_sub(1).map_or(0, |before| ends[before])..ends[i]];
        self.shown.retain(|i| words.iter().all(|word| text_of(*i as usize).contains(word)));
    }

    /// The event in row `row`.
    pub(super) fn row(&self, row: usize) -> Option<&Event> {
        let index = *self.shown.get(row)?;
        self.events.as_deref()?.get(index as usize)
    }

    /// How many rows are shown.
    pub(super) fn len(&self) -> usize {
        self.shown.len()
    }

    /// How many events there are; `None` until they are here.
    pub(super) fn total(&self) -> Option<usize> {
        self.events.as_ref().map(Vec::len)
    }

    /// What is being looked for.
    pub(super) fn query(&self) -> &str {
        &self.query
    }

    /// The filter.
    pub(super) fn filter(&self) -> &EventFilter {
        &self.filter
    }
}

/// In small letters, each by itself: the same wherever it stands.
fn lowered(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// All that can be read of an event in its row.
fn write_text(to: &mut String, event: &Event) {
    let begin = to.len();
    let Event { origin, member, action, application, command, .. } = event;
    let optional = [&origin.terminal, &origin.parent, application, command];
    let _ = write!(to, "{} {member} {} {} ", origin.user, action.word(), origin.host);
    let _ = write!(to, "{} {}", words::subject(event), words::outcome_word(event));
    for text in optional.into_iter().flatten() {
        let _ = write!(to, " {text}");
    }
    to[begin..].make_ascii_lowercase();
}

#[cfg(test)]
mod tests {
    use super::super::filter::Group;
    use super::*;
    use crate::domain::Delivery;
    use crate::domain::audit::{Action, Origin, Outcome, Subject};
    use crate::domain::{SecretId, Timestamp};

    fn event(number: u64, action: Action, name: &str, outcome: Outcome) -> Event {
        Event {
            number,
            at: Timestamp(i64::try_from(number).unwrap_or(0)),
            member: "Ada".into(),
            origin: Origin { user: "ada".into(), host: "web-1".into(), ..Origin::default() },
            action,
            subject: Some(Subject::Secret {
                id: Some(SecretId([1; 16])),
                name: name.into(),
                revision: 1,
                field: Some("value".into()),
            }),
            application: None,
            command: None,
            outcome,
        }
    }

    fn log(count: u64) -> Model {
        let mut model = Model::default();
        let get = Action::Delivered(Delivery::Get);
        model.fill((1..=count).map(|i| event(i, get, &format!("secret-{i}"), Outcome::Done)).collect());
        model
    }

    #[test]
    fn the_newest_comes_first_and_words_narrow_in_any_order() {
        let mut model = Model::default();
        let refused = Outcome::Refused("it is inactive".into());
        model.fill(vec![
            event(1, Action::Registered, "Zoë-api", Outcome::Done),
            event(2, Action::Delivered(Delivery::Get), "Zoë-api", refused),
        ]);
        let numbers = |model: &Model| (0..model.len()).map(|row| model.row(row).unwrap().number).collect::<Vec<_>>();
        assert_eq!(numbers(&model), [2, 1]);
        model.find("ZOË refused");
        assert_eq!(numbers(&model), [2]);
        model.find("web-1 register");
        assert_eq!(numbers(&model), [1]);
        model.find("");
        model.filter_by(EventFilter { groups: vec![Group::Secrets], refused: false });
        assert_eq!(numbers(&model), [1]);
        model.filter_by(EventFilter { groups: vec![], refused: true });
        assert_eq!(numbers(&model), [2]);
    }

    #[test]
    fn every_action_is_of_a_kind() {
        assert!(Action::ALL.iter().all(|action| Group::ALL.contains(&Group::of(*action))));
    }

    #[test]
    fn a_letter_in_fifty_thousand_events_is_answered_at_once() {
        let mut model = log(50_000);
        let began = std::time::Instant::now();
        for query in ["s", "se", "secret-49", "secret-4999", "nothing like it"] {
            model.find(query);
        }
        // Ten times what it takes unoptimized on a slow machine.
        assert!(began.elapsed().as_millis() < 5_000, "{:?}", began.elapsed());
        assert_eq!(model.len(), 0);
    }
}
