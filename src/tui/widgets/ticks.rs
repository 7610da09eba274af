//! A list whose entries are ticked, in groups with a blank row between them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{ListState, dialog_box, list_row};
use crate::tui::keymap::{Cmd, Context};
use crate::tui::text::fit;
use crate::tui::theme::Theme;
use crate::tui::words;

/// Rows of a dialog that are no list: its border, a blank one, and what is said of the ticks.
const AROUND: u16 = 4;
/// Rows of the screen above and below the dialog.
const APART: u16 = 2;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// What it says, sanitized.
    pub label: String,
    /// Whether it is ticked.
    pub ticked: bool,
}

impl Tick {
    /// An entry that says `label`.
    pub fn new(label: impl Into<String>, ticked: bool) -> Self {
        Self { label: label.into(), ticked }
    }
}

/// The list, and where one stands.
#[derive(Debug, Clone)]
pub struct Ticks {
    groups: Vec<Vec<Tick>>,
    at: ListState,
}

impl Ticks {
    /// With what is ticked now, on the first entry.
    pub fn new(groups: Vec<Vec<Tick>>) -> Self {
        Self { groups, at: ListState::default() }
    }

    /// The numbers of the entries of `group` that are ticked.
    pub fn ticked(&self, group: usize) -> impl Iterator<Item = usize> + '_ {
        let entries = self.groups.get(group).into_iter().flatten().enumerate();
        entries.filter(|(_, tick)| tick.ticked).map(|(at, _)| at)
    }

    fn len(&self) -> usize {
        self.groups.iter().map(Vec::len).sum()
    }

    /// Rows of the list, the blank ones included.
    fn rows(&self) -> u16 {
        let gaps = self.groups.iter().filter(|group| !group.is_empty()).count().saturating_sub(1);
        u16::try_from(self.len() + gaps).unwrap_or(u16::MAX)
    }

    fn page(&self, terminal_rows: u16) -> u16 {
        self.rows().min(terminal_rows.saturating_sub(AROUND + APART)).max(1)
    }

    /// Moves or ticks.
    pub fn on_cmd(&mut self, cmd: Cmd, terminal_rows: u16) {
        let (page, len) = (usize::from(self.page(terminal_rows)), self.len());
        if cmd != Cmd::Toggle {
            self.at.on_cmd(cmd, page, len);
        } else if let Some(tick) = self.groups.iter_mut().flatten().nth(self.at.selected) {
            tick.ticked = !tick.ticked;
        }
    }

    /// What stands in the rows: an entry with its number, or nothing.
    fn lines(&self) -> Vec<Option<(usize, &Tick)>> {
        let mut lines = Vec::new();
        let mut number = 0;
        for group in self.groups.iter().filter(|group| !group.is_empty()) {
            lines.extend((!lines.is_empty()).then_some(None));
            lines.extend((number..).zip(group).map(Some));
            number += group.len();
        }
        lines
    }

    /// Draws it as a dialog of so many cells, with `nothing` said of what it means that nothing is ticked.
    pub fn render(&self, screen: Rect, buf: &mut Buffer, title: &str, wide: u16, nothing: &str, theme: Theme) {
        let page = self.page(screen.height);
        let inner = dialog_box(screen, buf, title, wide, page + AROUND, theme);
        let lines = self.lines();
        let stands = lines.iter().position(|line| line.is_some_and(|(number, _)| number == self.at.selected));
        let stands = stands.unwrap_or(0);
        let most = lines.len().saturating_sub(usize::from(page));
        let top = (stands + 1).saturating_sub(usize::from(page)).max(self.at.top).min(most).min(stands);
        for (y, line) in (inner.y..inner.y + page).zip(lines.iter().skip(top)) {
            let Some((number, Tick { label, ticked })) = line else { continue };
            let label = format!("[{}] {label}", if *ticked { "x" } else { " " });
            let row = Rect { y, height: 1, ..inner }.intersection(inner);
            list_row(row, buf, &label, *number == self.at.selected, theme.text(), theme);
        }
        let help = format!("{} ticks. {nothing}", words::key(Context::Choice, Cmd::Toggle, theme));
        let (y, room) = (inner.bottom().saturating_sub(1), usize::from(inner.width));
        buf.set_stringn(inner.x, y, fit(&help, room, theme.ellipsis()), room, theme.dim());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(sizes: &[usize]) -> Ticks {
        let group = |size: &usize| (0..*size).map(|i| Tick::new(format!("entry {i} of {size}"), false)).collect();
        Ticks::new(sizes.iter().map(group).collect())
    }

    #[test]
    fn what_is_ticked_is_told_by_group() {
        let mut ticks = ticks(&[2, 3]);
        for cmd in [Cmd::Toggle, Cmd::Last, Cmd::Toggle, Cmd::Up, Cmd::Toggle, Cmd::Toggle] {
            ticks.on_cmd(cmd, 24);
        }
        let of = |group| ticks.ticked(group).collect::<Vec<_>>();
        assert_eq!((of(0), of(1), of(2)), (vec![0], vec![2], vec![]));
    }

    #[test]
    fn where_one_stands_is_in_view_on_every_terminal() {
        for rows in 8..30 {
            let area = Rect::new(0, 0, 60, rows);
            let mut ticks = ticks(&[3, 0, 7, 9]);
            for step in 0..40 {
                let mut buf = Buffer::empty(area);
                ticks.render(area, &mut buf, "Title", 40, "Nothing", Theme::plain());
                let text: String = buf.content().iter().map(|cell| cell.symbol()).collect();
                assert!(text.contains("> [ ] entry") && text.contains("Space ticks."), "{rows}, step {step}");
                ticks.on_cmd(if step < 20 { Cmd::Down } else { Cmd::Up }, rows);
            }
        }
    }
}
