//! The earlier values of a secret that are kept: when each was set, and what else was different then.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::facts;
use crate::domain::date::relative;
use crate::domain::{Header, KeptRevision, Order, PublicField, Reference, SecretId, Timestamp, Want};
use crate::service::{Delivery, DoorError, Handed, Request, Response};
use crate::tui::app::{Shared, body_rows};
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Lack, Layer, Millis, Tone};
use crate::tui::text::{clean, fit, wrap};
use crate::tui::widgets::{ListState, Revealed, Row, rows};
use crate::tui::words;

/// Rows above the list: a sentence, and a blank one.
const ABOVE: u16 = 2;

struct History {
    now: Arc<Header>,
    /// `None` until they are here.
    kept: Option<Vec<KeptRevision>>,
    rows: Vec<Row>,
    at: ListState,
    revealed: Option<Revealed>,
    /// What the door was asked to hand over, in order: an answer does not name the revision.
    asked: VecDeque<Box<str>>,
    /// What is to be shown as soon as it is delivered.
    awaited: Option<Box<str>>,
    error: Option<String>,
}

/// The earlier values of the secret under `header`.
pub(super) fn screen(header: &Arc<Header>) -> Box<dyn Layer> {
    Box::new(History {
        now: header.clone(),
        kept: None,
        rows: Vec::new(),
        at: ListState::default(),
        revealed: None,
        asked: VecDeque::new(),
        awaited: None,
        error: None,
    })
}

impl History {
    fn id(&self) -> SecretId {
        self.now.id
    }

    fn told(&mut self, kept: Vec<KeptRevision>, shared: &Shared) {
        self.rows = kept.iter().flat_map(|one| rows_of(one, &self.now, shared.wall)).collect();
        self.kept = Some(kept);
        self.error = None;
        self.at.set_page(page(shared), self.rows.len());
        self.at.select(rows::first_secret(&self.rows), self.rows.len());
    }

    fn deliver(&mut self, how: Delivery, cx: &mut Cx<'_>) {
        let Some(key) = self.selected().map(Box::<str>::from) else { return };
        let Some((set_at, part)) = split(&key) else { return };
        let reference = Reference { secret: self.id().into(), field: Some(part.into()) };
        let order = Order::new(how, vec![Want { reference, revision: Some(set_at) }]);
        if how == Delivery::Reveal {
            self.awaited = Some(key.clone());
        }
        self.asked.push_back(key);
        cx.ask(Request::Deliver(order));
    }

    /// A value is here. It is shown only if it is the one that was asked for last, and somebody looks still.
    fn arrived(&mut self, how: Delivery, handed: Vec<Handed>, cx: &mut Cx<'_>) {
        let asked = self.asked.pop_front();
        if how == Delivery::Copy {
            return cx.copy(handed);
        }
        let Some(handed) = handed.into_iter().next() else { return };
        if let Some(key) = self.awaited.take_if(|key| asked.as_ref() == Some(&*key)) {
            self.revealed = Some(Revealed::new(key, handed.bytes, cx.shared.mono()));
        }
    }

    fn selected(&self) -> Option<&str> {
        self.rows.get(self.at.selected).and_then(Row::part)
    }

    fn toggle_reveal(&mut self, cx: &mut Cx<'_>) {
        let before = self.revealed.take().map(|shown| shown.part).or(self.awaited.take());
        if before.as_deref() != self.selected() {
            self.deliver(Delivery::Reveal, cx);
        }
    }

    fn sentence(&self, shared: &Shared) -> String {
        match (&self.error, &self.kept) {
            (Some(error), _) => error.clone(),
            (None, None) => format!("Reading{}", shared.theme.ellipsis()),
            (None, Some(kept)) if kept.is_empty() => {
                "No earlier value is kept. From now on the value before is kept when a new one is set.".to_owned()
            }
            (None, Some(kept)) if kept.len() == 1 => "1 earlier value is kept.".to_owned(),
            (None, Some(kept)) => format!("{} earlier values are kept, the newest first.", kept.len()),
        }
    }
}

/// How a row names its part: an earlier value is one only together with its revision.
fn key(set_at: u64, part: &str) -> String {
    format!("{set_at}/{part}")
}

fn split(key: &str) -> Option<(u64, &str)> {
    let (set_at, part) = key.split_once('/')?;
    Some((set_at.parse().ok()?, part))
}

/// When it was set, its parts, and what else was different then.
fn rows_of(kept: &KeptRevision, now: &Header, wall: Timestamp) -> Vec<Row> {
    let KeptRevision { set_at, header } = kept;
    // Who wrote the last revision that had it may not be who set it.
    let by = if header.revision == *set_at { format!(" by {}", clean(&header.modified.by)) } else { String::new() };
    let (set, ago) = (header.value_set.to_minute(), relative(header.value_set.min(wall), wall));
    let mut rows = vec![Row::Heading(format!("Revision {set_at}, set {set} ({ago}){by}").into())];
    let label = |part: &str| facts::part_label(header, part).into();
    rows.extend(header.parts.iter().map(|part| Row::Secret {
        label: label(&part.name),
        part: key(*set_at, &part.name).into(),
        note: Box::default(),
    }));
    rows.extend(differences(header, now).map(|(label, text)| Row::Plain { label: label.into(), text: text.into() }));
    rows
}

/// The texts that were others then than they are now.
fn differences<'a>(then: &'a Header, now: &'a Header) -> impl Iterator<Item = (String, String)> + 'a {
    let name = (then.name != now.name).then(|| ("Secret Name".to_owned(), then.name.to_string()));
    let label = |field: &PublicField| {
        then.kind.schema().field(&field.key).map_or_else(|| field.key.to_string(), |known| known.label.to_owned())
    };
    let other = then.public.iter().filter(|field| now.public(&field.key) != Some(&*field.text));
    let texts = other.map(move |field| (label(field), in_a_line(&field.text)));
    let ends = (then.expires != now.expires)
        .then(|| ("Expires".to_owned(), then.expires.map_or("never".to_owned(), |end| end.date().to_string())));
    name.into_iter().chain(texts).chain(ends)
}

/// A text of several lines by its size, any other as it is.
fn in_a_line(text: &str) -> String {
    if text.contains('\n') { format!("another one, {} bytes", text.len()) } else { text.to_owned() }
}

fn page(shared: &Shared) -> usize {
    usize::from(body_rows(shared.size.1).saturating_sub(ABOVE))
}

impl Layer for History {
    fn crumb(&self) -> Cow<'_, str> {
        "History".into()
    }

    fn context(&self) -> Context {
        Context::History
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        match cmd {
            Cmd::Reveal | Cmd::Copy => self.selected().is_some() && !self.now.write_only,
            _ => true,
        }
    }

    fn why_not(&self, cmd: Cmd, _shared: &Shared) -> Option<String> {
        (self.now.write_only && matches!(cmd, Cmd::Reveal | Cmd::Copy)).then(|| words::error(&DoorError::WriteOnly))
    }

    fn lacks(&self, cmd: Cmd, shared: &Shared) -> Option<Lack> {
        facts::lacks(&self.now, cmd, shared)
    }

    fn about(&self) -> Option<SecretId> {
        Some(self.id())
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        let shown = rows::is_revealed(&self.rows, self.at, self.revealed.as_ref());
        (cmd == Cmd::Reveal && shown).then(|| "Mask".into())
    }

    fn on_enter(&mut self, cx: &mut Cx<'_>) {
        cx.ask(Request::History(self.id()));
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.pop(),
            Cmd::Reveal => self.toggle_reveal(cx),
            Cmd::Copy => self.deliver(Delivery::Copy, cx),
            _ => rows::step(&mut self.at, cmd, page(cx.shared), &self.rows),
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        match answer {
            Ok(Response::History(kept)) => self.told(kept, cx.shared),
            Ok(Response::Delivered { how, handed }) => self.arrived(how, handed, cx),
            Err(DoorError::NoSecret(_)) => cx.pop(),
            Err(error) if self.kept.is_none() => self.error = Some(words::error(&error)),
            Err(error) => {
                self.asked.pop_front();
                self.awaited = None;
                cx.toast(Tone::Bad, words::error(&error));
            }
            Ok(_) => {}
        }
    }

    fn on_deadline(&mut self, _cx: &mut Cx<'_>) {
        self.revealed = None;
    }

    fn deadline(&self) -> Option<Millis> {
        self.revealed.as_ref().map(|revealed| revealed.until)
    }

    fn on_blur(&mut self) {
        (self.revealed, self.awaited) = (None, None);
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let room = usize::from(area.width.saturating_sub(4));
        let style = if self.error.is_some() { theme.bad() } else { theme.dim() };
        if self.rows.is_empty() {
            for (line, y) in wrap(&clean(&self.sentence(shared)), room.min(74)).iter().zip(area.y..area.bottom()) {
                buf.set_stringn(area.x + 3, y, line, room, style);
            }
            return;
        }
        buf.set_stringn(area.x + 3, area.y, fit(&self.sentence(shared), room, theme.ellipsis()), room, style);
        let list = Rect { y: area.y + ABOVE, height: area.height.saturating_sub(ABOVE), ..area };
        rows::render(list, buf, &self.rows, self.at, self.revealed.as_ref(), shared);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::script::{Asked, Script, session};
    use crate::domain::{Delivery, Header, KeptRevision, SecretBytes, Status, Timestamp};
    use crate::service::{DoorError, Handed, Request, Response, VaultStatus};
    use crate::tui::app::others::header;
    use crate::tui::harness::{Harness, START};
    use crate::tui::input::Event;

    type Answer = Result<Response, DoorError>;

    /// An API key of the demo with two earlier values, and after them these answers.
    fn history(change: impl FnOnce(&mut Header), answers: Vec<Answer>) -> (Harness, Asked) {
        let mut now = (*header(&Harness::demo(80, 24), "payments-api")).clone();
        change(&mut now);
        let now = Arc::new(now);
        let earlier = |set_at: u64, revision: u64, days: i64| {
            let mut header = (*now).clone();
            (header.revision, header.value_set) = (revision, Timestamp(START - days * 86_400));
            header.public[0].text = format!("X-{set_at}").into();
            KeptRevision { set_at, header: Arc::new(header) }
        };
        let kept = vec![earlier(4, 4, 3), earlier(1, 3, 90)];
        let first = [Ok(Response::Details(now.clone().into())), Ok(Response::History(kept))];
        let mut script = Script::new(VaultStatus::Unlocked(session()), first.into_iter().chain(answers));
        script.headers = vec![now];
        let (mut h, asked) = script.start(80, 24);
        h.press("Enter h").expect("2 earlier values are kept");
        (h, asked)
    }

    fn handed(how: Delivery, value: &str) -> Answer {
        let header = header(&Harness::demo(80, 24), "payments-api");
        let bytes = SecretBytes::from(value);
        Ok(Response::Delivered {
            how,
            handed: vec![Handed { header, status: Status::Active, part: "value".into(), bytes }],
        })
    }

    #[test]
    fn what_was_different_is_said_and_no_value() {
        let (mut h, _) = history(|_| {}, vec![]);
        h.expect("Revision 4, set 2026-11-20 14:05 UTC (3 d ago) by Ada Park").expect("X-4").expect("X-1");
        // Who wrote revision 3 is not who set the value at 1.
        h.expect("Revision 1, set 2026-08-25 14:05 UTC (90 d ago)\n");
    }

    #[test]
    fn an_earlier_value_is_shown_under_its_own_revision_however_fast_one_types() {
        let answers = || vec![handed(Delivery::Reveal, "newer"), handed(Delivery::Reveal, "oldest")];
        let (mut h, asked) = history(|_| {}, answers());
        h.hold().press("v Down Down v").release().expect("oldest").expect_not("newer");
        let revisions = (asked.len() - 2..asked.len()).map(|at| match asked.get(at) {
            Request::Deliver(order) => order.wants[0].revision,
            _ => None,
        });
        assert_eq!(revisions.collect::<Vec<_>>(), [Some(4), Some(1)]);
        let line = h.screen().lines().find(|line| line.contains("oldest")).map(str::to_owned);
        assert!(line.is_some_and(|line| line.contains("▌ Value")));
        h.press("v").expect_not("oldest");
        let (mut h, _) = history(|_| {}, answers());
        h.hold().press("v").event(Event::FocusLost).release().expect_not("newer");
    }

    #[test]
    fn an_earlier_value_can_be_copied_and_an_error_is_said() {
        let (mut h, _) = history(|_| {}, vec![handed(Delivery::Copy, "newer"), Err(DoorError::WriteOnly)]);
        h.press("y").expect("Sent to the terminal").press("Down y").press("Down y").expect("write-only");
        assert_eq!(h.clipboard, ["newer".into()]);
    }

    #[test]
    fn a_write_only_one_is_not_offered_and_the_key_says_why() {
        let (mut h, asked) = history(|header| header.write_only = true, vec![]);
        h.expect_not("Reveal").press("v").expect("▲ The value is write-only").press("y").expect("write-only");
        assert_eq!(asked.len(), 3, "the list, the details, the history");
    }
}
