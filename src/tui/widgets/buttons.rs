//! A row of buttons, named by their verbs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::keymap::Cmd;
use crate::tui::text::width;
use crate::tui::theme::Theme;

/// A row of buttons, one of which has the focus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Buttons {
    labels: Vec<&'static str>,
    focus: usize,
}

impl Buttons {
    /// Buttons from left to right; the first has the focus: let it be the safe one.
    pub fn new(labels: impl Into<Vec<&'static str>>) -> Self {
        Self { labels: labels.into(), focus: 0 }
    }

    /// One more button at the right end.
    pub fn push(&mut self, label: &'static str) {
        self.labels.push(label);
    }

    /// Which button has the focus.
    pub fn focus(&self) -> usize {
        self.focus
    }

    /// Gives the focus to button `index`.
    pub fn set_focus(&mut self, index: usize) {
        self.focus = index.min(self.labels.len().saturating_sub(1));
    }

    /// The button at the right end.
    pub fn last(&self) -> usize {
        self.labels.len().saturating_sub(1)
    }

    /// Moves the focus round; whether `cmd` was such a move.
    pub fn move_by(&mut self, cmd: Cmd) -> bool {
        let count = self.labels.len().max(1);
        match cmd {
            Cmd::NextField => self.focus = (self.focus + 1) % count,
            Cmd::PrevField => self.focus = (self.focus + count - 1) % count,
            _ => return false,
        }
        true
    }

    /// Draws them at the right end of the first row of `area`; `active` is whether they have the focus at all.
    pub fn render(&self, area: Rect, buf: &mut Buffer, active: bool, theme: Theme) {
        let total: usize = self.labels.iter().map(|label| width(label) + 7).sum::<usize>().saturating_sub(3);
        let mut x = area.right().saturating_sub(u16::try_from(total).unwrap_or(area.width)).max(area.x);
        for (i, label) in self.labels.iter().enumerate() {
            let style = if active && i == self.focus { theme.focused() } else { theme.text() };
            let room = area.right().saturating_sub(x) as usize;
            (x, _) = buf.set_stringn(x, area.y, format!("( {label} )"), room, style);
            x = (x + 3).min(area.right());
        }
    }
}
