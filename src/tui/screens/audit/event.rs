//! One event in full.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::words::{outcome_look, outcome_word};
use crate::domain::audit::{Event, Outcome, Subject};
use crate::domain::date::relative;
use crate::domain::{SecretId, Timestamp};
use crate::tui::app::{Shared, body_rows};
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, Layer, Nav};
use crate::tui::screens::detail;
use crate::tui::widgets::{ListState, Row, rows};

/// Rows above the list: what came of it, and a blank one.
const ABOVE: u16 = 2;

struct Screen {
    event: Event,
    rows: Vec<Row>,
    at: ListState,
}

/// The screen of `event`.
pub(super) fn screen(event: Event) -> Box<dyn Layer> {
    Box::new(Screen { event, rows: Vec::new(), at: ListState::default() })
}

/// All that is known of it, without what is not.
fn rows_of(event: &Event, now: Timestamp) -> Vec<Row> {
    let Event { number, at, member, origin, action, application, command, .. } = event;
    let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    let when = format!("{} ({})", at.to_iso(), relative((*at).min(now), now));
    let process = (origin.pid != 0).then(|| origin.pid.to_string());
    let first = [
        ("When", Some(when)),
        ("Who", Some(format!("{}, as {member}", origin.user))),
        ("What", Some(action.word().to_owned())),
    ];
    let last = [
        ("Application", text(application)),
        ("Given to", text(command)),
        ("Started by", text(&origin.parent)),
        ("Terminal", text(&origin.terminal)),
        ("Host", Some(origin.host.to_string())),
        ("Process", process),
        ("Event", Some(number.to_string())),
    ];
    let known = first.into_iter().chain(subject(event)).chain(last).filter_map(|(label, text)| Some((label, text?)));
    let plain = |(label, text): (&str, String)| Row::Plain { label: label.into(), text: text.into() };
    known.filter(|(_, text)| !text.is_empty()).map(plain).collect()
}

/// What it is about.
fn subject(event: &Event) -> Vec<(&'static str, Option<String>)> {
    match &event.subject {
        Some(Subject::Secret { name, revision, field, .. }) => vec![
            ("Secret", Some(name.to_string())),
            ("Field", field.as_deref().map(str::to_owned)),
            ("Revision", (*revision > 0).then(|| revision.to_string())),
        ],
        Some(Subject::Other(name)) => vec![("Which", Some(name.to_string()))],
        None => Vec::new(),
    }
}

/// What came of it, in a sentence.
fn outcome(event: &Event) -> String {
    match &event.outcome {
        Outcome::Done => "Done".to_owned(),
        Outcome::AllowedExpired => "Done although the secret is expired: --allow-expired said so".to_owned(),
        Outcome::Refused(why) => format!("Refused: {why}"),
    }
}

fn page(shared: &Shared) -> usize {
    usize::from(body_rows(shared.size.1).saturating_sub(ABOVE))
}

impl Screen {
    fn secret(&self) -> Option<SecretId> {
        match &self.event.subject {
            Some(Subject::Secret { id, .. }) => *id,
            _ => None,
        }
    }
}

impl Layer for Screen {
    fn crumb(&self) -> Cow<'_, str> {
        format!("{} {}", self.event.action.word(), outcome_word(&self.event)).into()
    }

    fn context(&self) -> Context {
        Context::Reading
    }

    fn offers(&self, cmd: Cmd, shared: &Shared) -> bool {
        cmd != Cmd::Open || self.secret().is_some_and(|id| shared.header(id).is_some())
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        (cmd == Cmd::Open).then(|| "Open the secret".into())
    }

    fn on_enter(&mut self, cx: &mut Cx<'_>) {
        self.rows = rows_of(&self.event, cx.shared.wall);
        self.at.set_page(page(cx.shared), self.rows.len());
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.pop(),
            Cmd::Open => {
                let header = self.secret().and_then(|id| cx.shared.header(id));
                cx.navs.extend(header.map(|header| Nav::Push(detail::screen(header, false))));
            }
            _ => rows::step(&mut self.at, cmd, page(cx.shared), &self.rows),
        }
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let (glyph, style) = outcome_look(&self.event, shared.theme);
        let room = usize::from(area.width.saturating_sub(4));
        let text = format!("{glyph} {}", outcome(&self.event));
        let lines = crate::tui::text::wrap(&crate::tui::text::clean(&text), room);
        for (line, y) in lines.iter().take(3).zip(area.y..area.bottom()) {
            buf.set_stringn(area.x + 3, y, line, room, style);
        }
        let above = ABOVE + u16::try_from(lines.len().clamp(1, 3) - 1).unwrap_or(0);
        let list = Rect { y: area.y + above, height: area.height.saturating_sub(above), ..area };
        rows::render(list, buf, &self.rows, self.at, None, shared);
    }
}
