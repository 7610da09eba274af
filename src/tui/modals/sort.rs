//! The order of the listing.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::app::Shared;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Arrange, Cx, Layer, Nav};
use crate::tui::screens::listing::Column;
use crate::tui::theme::Theme;
use crate::tui::widgets::{ListState, dialog_box, list_row};

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

fn entry(row: Rect, buf: &mut Buffer, label: &str, note: &str, selected: bool, theme: Theme) {
    list_row(row, buf, label, selected, theme.text(), theme);
    let x = row.right().saturating_sub(u16::try_from(note.len()).unwrap_or(0));
    buf.set_stringn(x, row.y, note, note.len(), theme.dim());
}
