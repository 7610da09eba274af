//! Where one stands in a list, which part of it is in view, and how a row is drawn.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::tui::keymap::Cmd;
use crate::tui::text::fit;
use crate::tui::theme::Theme;

/// Selection and scroll position of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListState {
    /// The selected row.
    pub selected: usize,
    /// The first row in view.
    pub top: usize,
    page: usize,
}

impl ListState {
    /// Moves as `cmd` says in a list of `len` rows; whether it was a move at all. A step over the edge brings half a page
    /// into view: over a slow line one such frame is cheaper than a row more with every key.
    pub fn move_by(&mut self, cmd: Cmd, len: usize) -> bool {
        let page = self.page.max(1);
        self.selected = match cmd {
            Cmd::Up => self.selected.saturating_sub(1),
            Cmd::Down => self.selected + 1,
            Cmd::PageUp => self.selected.saturating_sub(page),
            Cmd::PageDown => self.selected + page,
            Cmd::First => 0,
            Cmd::Last => len,
            _ => return false,
        };
        if matches!(cmd, Cmd::Up | Cmd::Down) {
            self.turn_half(page);
        }
        self.keep_in(len);
        true
    }

    fn turn_half(&mut self, page: usize) {
        let half = (page / 2).max(1);
        if self.selected < self.top {
            self.top = self.top.saturating_sub(half);
        } else if self.selected >= self.top + page {
            self.top += half;
        }
    }

    /// Does `cmd` in a list of `len` rows, of which `page` are in view; whether it was a move at all.
    pub fn on_cmd(&mut self, cmd: Cmd, page: usize, len: usize) -> bool {
        self.set_page(page, len);
        self.move_by(cmd, len)
    }

    /// Tells how many rows are in view.
    pub fn set_page(&mut self, rows: usize, len: usize) {
        self.page = rows;
        self.keep_in(len);
    }

    /// Selects `row`.
    pub fn select(&mut self, row: usize, len: usize) {
        self.selected = row;
        self.keep_in(len);
    }

    /// Selects `row`, at the height where the selection stands now.
    pub fn carry_to(&mut self, row: usize, len: usize) {
        self.top = row.saturating_sub(self.selected - self.top);
        self.select(row, len);
    }

    /// Pulls the selection into the list and the view over the selection.
    pub fn keep_in(&mut self, len: usize) {
        self.selected = self.selected.min(len.saturating_sub(1));
        let page = self.page.max(1);
        self.top = self.top.clamp((self.selected + 1).saturating_sub(page), self.selected);
        self.top = self.top.min(len.saturating_sub(page.min(len)));
    }
}

/// Draws a row of a list: the mark and the label, both in the accent where one stands, the label in `plain` elsewhere.
/// Gives the column after the label.
pub fn list_row(row: Rect, buf: &mut Buffer, label: &str, selected: bool, plain: Style, theme: Theme) -> u16 {
    let style = if selected { theme.accent() } else { plain };
    buf.set_stringn(row.x, row.y, if selected { theme.mark() } else { " " }, 1, theme.accent());
    let room = usize::from(row.width.saturating_sub(2));
    buf.set_stringn(row.x + 2, row.y, fit(label, room, theme.ellipsis()), room, style).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_its_mark_and_its_label_cut_to_its_width() {
        let area = Rect::new(0, 0, 12, 2);
        let mut buf = Buffer::empty(area);
        let theme = Theme::plain();
        let row = |y| Rect { y, height: 1, width: 8, ..area };
        assert_eq!(list_row(row(0), &mut buf, "too long a label", true, theme.dim(), theme), 8);
        assert_eq!(list_row(row(1), &mut buf, "short", false, theme.dim(), theme), 7);
        let text: String = buf.content().iter().map(|cell| cell.symbol()).collect();
        assert_eq!(text, "> too l~      short     ");
        assert_eq!(
            (buf[(2, 0)].modifier, buf[(2, 1)].modifier),
            (theme.accent().add_modifier, theme.dim().add_modifier)
        );
    }

    #[test]
    fn the_selection_stays_in_the_list_and_in_view() {
        let mut list = ListState::default();
        list.set_page(5, 20);
        list.move_by(Cmd::Last, 20);
        assert_eq!((list.selected, list.top), (19, 15));
        assert!(list.on_cmd(Cmd::Down, 4, 20) && !list.on_cmd(Cmd::Copy, 4, 20));
        assert_eq!((list.selected, list.top), (19, 16));
        list.set_page(5, 20);
        list.move_by(Cmd::PageUp, 20);
        assert_eq!((list.selected, list.top), (14, 14));
        list.keep_in(3);
        assert_eq!((list.selected, list.top), (2, 0));
        list.move_by(Cmd::Up, 0);
        assert_eq!((list.selected, list.top), (0, 0));
    }

    #[test]
    fn a_step_over_the_edge_brings_half_a_page_and_no_row_is_passed() {
        for page in 1..9 {
            let mut list = ListState::default();
            list.set_page(page, 20);
            let in_view = |list: &ListState| (list.top..list.top + page).contains(&list.selected);
            let mut turns = 0;
            for row in 1..20 {
                let before = list.top;
                list.move_by(Cmd::Down, 20);
                turns += usize::from(list.top != before);
                assert!(list.selected == row && in_view(&list), "{page}: {list:?}");
            }
            assert_eq!((turns, list.top), ((20 - page).div_ceil((page / 2).max(1)), 20 - page));
            for row in (0..19).rev() {
                list.move_by(Cmd::Up, 20);
                assert!(list.selected == row && in_view(&list), "{page}: {list:?}");
            }
            assert_eq!(list.top, 0);
        }
    }
}
