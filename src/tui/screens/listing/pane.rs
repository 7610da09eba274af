//! The detail pane beside the table on wide terminals: what the header tells, no value.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Header, Status};
use crate::tui::app::Shared;
use crate::tui::layer::Millis;
use crate::tui::screens::facts;
use crate::tui::text::{clean, fit};
use crate::tui::widgets::rows;

/// The pane waits so long for a selection that runs, as under a key held down: redrawn for every row
/// that is passed, it would be most of what goes over the line.
const REST: Millis = 150;

/// Which secret the pane shows: the selected one, as soon as the selection rests.
#[derive(Default)]
pub(super) struct Pane {
    shown: Option<Arc<Header>>,
    moved: Option<Millis>,
    due: Option<Millis>,
}

impl Pane {
    /// Shows the selected secret at once.
    pub(super) fn show(&mut self, selected: Option<&Arc<Header>>) {
        self.shown = selected.cloned();
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
            render(area, buf, header, shared);
        }
    }
}

fn render(area: Rect, buf: &mut Buffer, header: &Header, shared: &Shared) {
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
    let room = inner.width as usize;
    let status = Status::of(header, shared.wall);
    buf.set_stringn(inner.x, inner.y, fit(&clean(&header.name), room, theme.ellipsis()), room, theme.strong());
    let line = format!("{} {}", theme.status_glyph(status), facts::status(header, shared.wall));
    buf.set_stringn(inner.x, inner.y + 1, fit(&line, room, theme.ellipsis()), room, theme.status(status));
    let lines = facts::fields(header).chain(facts::dates(header, shared.wall));
    for (y, (label, text)) in (inner.y + 3..inner.bottom()).zip(lines) {
        buf.set_stringn(inner.x, y, fit(&label, 13, theme.ellipsis()), 13, theme.dim());
        let text = text.unwrap_or_else(|| theme.dot().repeat(rows::MASK));
        let room = room.saturating_sub(14);
        buf.set_stringn(inner.x + 14, y, fit(&clean(&text), room, theme.ellipsis()), room, theme.text());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Kind, MemberId, Scope, SecretId, Stamp, State, Timestamp};

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
}
