//! Sort and filter of the listing.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::Kind;
use crate::tui::app::Shared;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Arrange, Cx, Layer, Nav};
use crate::tui::screens::listing::{Column, Filter, STATUSES};
use crate::tui::text::fit;
use crate::tui::theme::Theme;
use crate::tui::widgets::{ListState, dialog_box, list_row};
use crate::tui::words;

/// Chooses the column to sort by.
pub struct SortDialog {
    order: (Column, bool),
    at: ListState,
}

impl SortDialog {
    /// Stands on the present column.
    pub fn new(order: (Column, bool)) -> Self {
        let mut at = ListState::default();
        at.select(Column::ALL.iter().position(|column| *column == order.0).unwrap_or(0), Column::ALL.len());
        Self { order, at }
    }
}

impl Layer for SortDialog {
    fn context(&self) -> Context {
        Context::Choice
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.close(),
            Cmd::Open | Cmd::Toggle => cx.navs.push(Nav::Arrange(Arrange::Sort(Column::ALL[self.at.selected]))),
            _ => drop(self.at.on_cmd(cmd, Column::ALL.len(), Column::ALL.len())),
        }
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let inner = dialog_box(area, buf, "Sort by", 40, 7, theme);
        for ((i, column), y) in Column::ALL.iter().enumerate().zip(inner.y..inner.bottom()) {
            let now = match self.order {
                (sorted, backwards) if sorted == *column => {
                    if backwards {
                        "descending"
                    } else {
                        "ascending"
                    }
                }
                _ => "",
            };
            let row = Rect { y, height: 1, ..inner };
            entry(row, buf, column.label(), now, i == self.at.selected, theme);
        }
    }
}

/// Ticks the types and statuses to show.
pub struct FilterDialog {
    filter: Filter,
    at: ListState,
}

impl FilterDialog {
    /// With what is ticked now.
    pub fn new(filter: &Filter) -> Self {
        Self { filter: filter.clone(), at: ListState::default() }
    }

    fn len() -> usize {
        Kind::ALL.len() + STATUSES.len()
    }

    fn toggle(&mut self) {
        match Kind::ALL.get(self.at.selected) {
            Some(kind) => flip(&mut self.filter.kinds, *kind),
            None => flip(&mut self.filter.statuses, STATUSES[self.at.selected - Kind::ALL.len()]),
        }
    }
}

pub(super) fn flip<T: PartialEq>(set: &mut Vec<T>, item: T) {
    match set.iter().position(|other| *other == item) {
        Some(at) => drop(set.remove(at)),
        None => set.push(item),
    }
}

impl Layer for FilterDialog {
    fn context(&self) -> Context {
        Context::Choice
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<std::borrow::Cow<'static, str>> {
        match cmd {
            Cmd::Open => Some("Show these".into()),
            Cmd::Toggle => Some("Tick".into()),
            _ => None,
        }
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.close(),
            Cmd::Toggle => self.toggle(),
            Cmd::Open => cx.navs.push(Nav::Arrange(Arrange::Filter(self.filter.clone()))),
            _ => drop(self.at.on_cmd(cmd, Self::len(), Self::len())),
        }
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let inner = dialog_box(area, buf, "Show only", 44, 16, theme);
        let kinds = Kind::ALL.iter().map(|kind| (kind.label(), self.filter.kinds.contains(kind)));
        let statuses = STATUSES.iter().map(|status| (*status, self.filter.statuses.contains(status)));
        for (i, (label, ticked)) in kinds.chain(statuses).enumerate() {
            let gap = u16::from(i >= Kind::ALL.len());
            let y = inner.y + u16::try_from(i).unwrap_or(0) + gap;
            if y + 1 < inner.bottom() {
                let label = format!("[{}] {label}", if ticked { "x" } else { " " });
                entry(Rect { y, height: 1, ..inner }, buf, &label, "", i == self.at.selected, theme);
            }
        }
        let help = format!("{} ticks. Nothing ticked shows all.", words::key(Context::Choice, Cmd::Toggle, theme));
        let room = usize::from(inner.width);
        buf.set_stringn(
            inner.x,
            inner.bottom().saturating_sub(1),
            fit(&help, room, theme.ellipsis()),
            room,
            theme.dim(),
        );
    }
}

pub(super) fn entry(row: Rect, buf: &mut Buffer, label: &str, note: &str, selected: bool, theme: Theme) {
    list_row(row, buf, label, selected, theme.text(), theme);
    let x = row.right().saturating_sub(u16::try_from(note.len()).unwrap_or(0));
    buf.set_stringn(x, row.y, note, note.len(), theme.dim());
}
