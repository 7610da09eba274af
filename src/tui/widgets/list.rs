//! Where one stands in a list, and which part of it is in view.

use crate::tui::keymap::Cmd;

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
    /// Moves as `cmd` says in a list of `len` rows; whether it was a move at all.
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
        self.keep_in(len);
        true
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

    /// Pulls the selection into the list and the view over the selection.
    pub fn keep_in(&mut self, len: usize) {
        self.selected = self.selected.min(len.saturating_sub(1));
        let page = self.page.max(1);
        self.top = self.top.clamp((self.selected + 1).saturating_sub(page), self.selected);
        self.top = self.top.min(len.saturating_sub(page.min(len)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selection_stays_in_the_list_and_in_view() {
        let mut list = ListState::default();
        list.set_page(5, 20);
        list.move_by(Cmd::Last, 20);
        assert_eq!((list.selected, list.top), (19, 15));
        list.move_by(Cmd::PageUp, 20);
        assert_eq!((list.selected, list.top), (14, 14));
        list.keep_in(3);
        assert_eq!((list.selected, list.top), (2, 0));
        list.move_by(Cmd::Up, 0);
        assert_eq!((list.selected, list.top), (0, 0));
    }
}
