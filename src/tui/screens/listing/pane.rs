//! The detail pane beside the table on wide terminals: what the header tells, no value.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::domain::certificate::Chain;
use crate::domain::{Header, Status};
use crate::tui::app::Shared;
use crate::tui::layer::Millis;
use crate::tui::screens::facts;
use crate::tui::text::{clean, wrap};
use crate::tui::widgets::rows;

/// The pane waits so long for a selection that runs, as under a key held down: redrawn for every row
/// that is passed, it would be most of what goes over the line.
const REST: Millis = 150;

/// Which secret the pane shows: the selected one, as soon as the selection rests.
#[derive(Default)]
pub(super) struct Pane {
    shown: Option<Arc<Header>>,
    /// Its certificates, if it has any: read once, not for every frame.
    chain: Option<Chain>,
    moved: Option<Millis>,
    due: Option<Millis>,
}

impl Pane {
    /// Shows the selected secret at once.
    pub(super) fn show(&mut self, selected: Option<&Arc<Header>>) {
        self.shown = selected.cloned();
        self.chain = selected.and_then(|header| facts::chain(header));
        self.due = None;
    }

    /// Shows the selected secret, unless the selection moved just before: then when it rests.
    pub(super) fn follow(&mut self, selected: Option<&Arc<Header>>, now: Millis) {
        if self.shown.as_ref().map(|header| header.id) == selected.map(|header| header.id) {
            self.due = None;
            return;
        }
        let running = self.moved.replace(now).is_some_and(|before| now < before + REST);
        if running { self.due = Some(now + REST) } else { self.show(selected) }
    }

    /// When [`Pane::show`] is to be called.
    pub(super) fn deadline(&self) -> Option<Millis> {
        self.due
    }

    /// Draws it.
    pub(super) fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        if let Some(header) = &self.shown {
            render(area, buf, header, self.chain.as_ref(), shared);
        }
    }
}

fn render(area: Rect, buf: &mut Buffer, header: &Header, chain: Option<&Chain>, shared: &Shared) {
    let theme = shared.theme;
    for y in area.y + 2..area.bottom() {
        buf.set_stringn(area.x, y, theme.either("│", "|"), 1, theme.dim());
    }
    let inner = Rect {
        x: area.x + 3,
        y: area.y + 2,
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(2),
    };
    let status = Status::of(header, shared.wall);
    let line = format!("{} {}", theme.status_glyph(status), facts::status(header, shared.wall));
    let mut y = put(inner, inner.y, buf, &clean(&header.name), theme.strong());
    y = put(inner, y, buf, &line, theme.status(status)) + 1;
    let blocks: Vec<(String, String)> = facts::summary(header, chain, shared.wall)
        .map(|(label, text)| (label, text.unwrap_or_else(|| theme.dot().repeat(rows::MASK))))
        .collect();
    let lines = |(_, text): &(String, String)| 2 + wrap(&clean(text), usize::from(inner.width)).len();
    let gap = u16::from(blocks.iter().map(lines).sum::<usize>() <= usize::from(inner.bottom().saturating_sub(y)));
    for (label, text) in &blocks {
        y = put(inner, y, buf, label, theme.dim());
        y = put(inner, y, buf, &clean(text), theme.text()) + gap;
    }
}

/// Writes `text` from row `y` on, in as many lines as it needs and `area` has; gives the row after it.
fn put(area: Rect, y: u16, buf: &mut Buffer, text: &str, style: Style) -> u16 {
    let room = usize::from(area.width);
    let lines = wrap(text, room);
    for (line, y) in lines.iter().zip(y..area.bottom()) {
        buf.set_stringn(area.x, y, line, room, style);
    }
    y.saturating_add(u16::try_from(lines.len()).unwrap_or(area.height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Kind, MemberId, Scope, SecretId, Stamp, State, Timestamp};
    use crate::tui::harness::Harness;

    fn header(id: u8) -> Arc<Header> {
        let made = Stamp { at: Timestamp(0), by: "Ada".into() };
        Arc::new(Header {
            id: SecretId([id; 16]),
            revision: 1,
            name: id.to_string().into(),
            kind: Kind::ALL[0],
            scope: Scope::Organization,
            owner: MemberId([1; 16]),
            author: MemberId([1; 16]),
            created: made.clone(),
            modified: made.clone(),
            value_set: made.at,
            expires: None,
            not_before: None,
            state: State::Active,
            write_only: false,
            encrypted_key: false,
            public: Vec::new(),
            parts: Vec::new(),
        })
    }

    #[test]
    fn it_follows_a_step_at_once_and_a_run_at_its_end() {
        let mut pane = Pane::default();
        let shown = |pane: &Pane| pane.shown.as_ref().map(|header| header.name.to_string());
        pane.follow(Some(&header(1)), 1000);
        assert_eq!((shown(&pane).as_deref(), pane.deadline()), (Some("1"), None));
        pane.follow(Some(&header(2)), 1030);
        pane.follow(Some(&header(3)), 1060);
        assert_eq!((shown(&pane).as_deref(), pane.deadline()), (Some("1"), Some(1060 + REST)));
        pane.show(Some(&header(3)));
        pane.follow(Some(&header(3)), 1070);
        assert_eq!((shown(&pane).as_deref(), pane.deadline()), (Some("3"), None));
        pane.follow(Some(&header(4)), 1060 + REST);
        assert_eq!((shown(&pane).as_deref(), pane.deadline()), (Some("4"), None));
    }

    #[test]
    fn what_it_says_is_broken_into_lines_and_not_cut() {
        let mut h = Harness::demo(120, 40);
        h.press("Down Down").expect("│  Subject").expect("│  Alternative names").expect("│  Valid");
        h.expect("│  2026-10-10 by Ben Okafor").expect("2035-12-31 (in 9 y)");
        h.press("Down Down Down").wait_seconds(1).expect("gone in 12 d");
    }
}
