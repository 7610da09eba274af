//! What to rotate: what somebody who was removed could have read, to be walked through.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::table::put;
use crate::domain::organization::ToRotate;
use crate::domain::{State, Timestamp};
use crate::tui::app::{Shared, body_rows};
use crate::tui::changes::when;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, Layer, Nav};
use crate::tui::screens::detail;
use crate::tui::text::{clean, wrap};
use crate::tui::widgets::{ListState, list_row};

/// Rows above the list: the count, two of sentences, a blank one.
const ABOVE: u16 = 4;
/// Cells of when it was delivered last, and of what has become of it.
const LAST: u16 = 21;
const NOW: u16 = 18;
const SENTENCE: &str = "Whoever is gone may have kept these values: where they count outside, give each a new one, those \
                        delivered last first.";
const NOTHING: &str = "Nothing has to be rotated: no value could be read.";

struct Rotate {
    secrets: Vec<ToRotate>,
    /// What has a new value since then is done.
    since: Timestamp,
    at: ListState,
}

/// The screen after a removal.
pub(super) fn screen(mut secrets: Vec<ToRotate>) -> Box<dyn Layer> {
    secrets.sort_by(|a, b| b.last_delivered.cmp(&a.last_delivered).then_with(|| a.name.cmp(&b.name)));
    Box::new(Rotate { secrets, since: Timestamp::default(), at: ListState::default() })
}

fn page(terminal_rows: u16) -> usize {
    usize::from(body_rows(terminal_rows).saturating_sub(ABOVE)).max(1)
}

impl Rotate {
    /// What has become of it since the removal: glyph and words, how they are painted, and whether it is done.
    fn now(&self, one: &ToRotate, shared: &Shared) -> (String, Style, bool) {
        let theme = shared.theme;
        match shared.header(one.id) {
            Some(header) if matches!(header.state, State::Deleted(_)) => {
                (format!("{} deleted", theme.check()), theme.good(), true)
            }
            None => (format!("{} gone", theme.check()), theme.good(), true),
            Some(header) if header.value_set >= self.since => {
                (format!("{} has a new value", theme.check()), theme.good(), true)
            }
            Some(_) => (format!("{} to rotate", theme.either("○", "o")), theme.warn(), false),
        }
    }
}

impl Layer for Rotate {
    fn crumb(&self) -> Cow<'_, str> {
        "What to rotate".into()
    }

    fn context(&self) -> Context {
        Context::Rotate
    }

    fn offers(&self, cmd: Cmd, shared: &Shared) -> bool {
        let here = self.secrets.get(self.at.selected).is_some_and(|one| shared.header(one.id).is_some());
        cmd != Cmd::Open || here
    }

    fn on_enter(&mut self, cx: &mut Cx<'_>) {
        self.since = cx.shared.wall;
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.pop(),
            Cmd::Open => {
                let header = self.secrets.get(self.at.selected).and_then(|one| cx.shared.header(one.id));
                cx.navs.extend(header.map(|header| Nav::Push(detail::screen(header, false))));
            }
            _ => drop(self.at.on_cmd(cmd, page(cx.shared.size.1), self.secrets.len())),
        }
    }

    fn on_resize(&mut self, _columns: u16, rows: u16) {
        self.at.set_page(page(rows), self.secrets.len());
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn lost_by_lock(&self) -> Option<&'static str> {
        (!self.secrets.is_empty())
            .then_some("The list of what to rotate went with the lock: the audit log tells who was served what.")
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let room = usize::from(area.width.saturating_sub(6).min(74));
        let row = Rect { height: 1, ..area };
        let wide = area.width.saturating_sub(4);
        if self.secrets.is_empty() {
            return put(Rect { y: area.y + 1, ..row }, buf, (3, wide), NOTHING, theme.good(), theme);
        }
        let done = self.secrets.iter().filter(|one| self.now(one, shared).2).count();
        put(row, buf, (3, wide), &format!("{done} of {} done", self.secrets.len()), theme.strong(), theme);
        for (y, line) in (area.y + 1..area.y + ABOVE - 1).zip(wrap(SENTENCE, room)) {
            put(Rect { y, ..row }, buf, (3, wide), &line, theme.dim(), theme);
        }
        let name = area.width.saturating_sub(3 + LAST + NOW + 3).min(44);
        let shown = self.secrets.iter().enumerate().skip(self.at.top);
        for ((i, one), y) in shown.zip(area.y + ABOVE..area.bottom()) {
            let row = Rect { y, ..row };
            let (now, style, done) = self.now(one, shared);
            let plain = if done { theme.dim() } else { theme.text() };
            let place = Rect { x: row.x + 1, width: name + 2, ..row };
            list_row(place, buf, &clean(&one.name), i == self.at.selected, plain, theme);
            let last = match one.last_delivered {
                Some(at) => format!("delivered {}", when(at, shared.wall)),
                None => "no delivery is known".to_owned(),
            };
            put(row, buf, (3 + name + 1, LAST), &last, theme.dim(), theme);
            put(row, buf, (3 + name + 1 + LAST + 1, NOW), &now, style, theme);
        }
    }
}
