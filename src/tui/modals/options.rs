//! More Options: the menu of one secret.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Header, State};
use crate::tui::app::Shared;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, Layer, Nav};
use crate::tui::text::{clean, width};
use crate::tui::widgets::{ListState, dialog_box};

struct Options {
    title: String,
    entries: Vec<(Cmd, &'static str, &'static str)>,
    at: ListState,
}

/// The menu of the secret under `header`: only what its state allows.
pub fn options(header: &Header) -> Box<dyn Layer> {
    let entries = match header.state {
        State::Active => {
            vec![(Cmd::Edit, "Edit", "e"), (Cmd::ToggleActive, "Deactivate", "d"), (Cmd::Delete, "Delete Secret", "x")]
        }
        State::Inactive(_) => {
            vec![(Cmd::Edit, "Edit", "e"), (Cmd::ToggleActive, "Reactivate", "d"), (Cmd::Delete, "Delete Secret", "x")]
        }
        State::Deleted(_) => Vec::new(),
    };
    Box::new(Options { title: clean(&header.name).into_owned(), entries, at: ListState::default() })
}

impl Layer for Options {
    fn context(&self) -> Context {
        Context::Choice
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        cmd != Cmd::Toggle
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.close(),
            Cmd::Open => cx.navs.extend(self.entries.get(self.at.selected).map(|(cmd, ..)| Nav::Perform(*cmd))),
            _ if self.entries.iter().any(|(entry, ..)| *entry == cmd) => cx.navs.push(Nav::Perform(cmd)),
            _ => {
                self.at.set_page(self.entries.len(), self.entries.len());
                self.at.move_by(cmd, self.entries.len());
            }
        }
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let wide = u16::try_from(width(&self.title) + 8).unwrap_or(u16::MAX).clamp(36, 60);
        let high = u16::try_from(self.entries.len()).unwrap_or(0) + 2;
        let inner = dialog_box(area, buf, &self.title, wide, high, theme);
        for ((i, (_, label, key)), y) in self.entries.iter().enumerate().zip(inner.y..inner.bottom()) {
            let selected = i == self.at.selected;
            let style = if selected { theme.accent() } else { theme.text() };
            buf.set_stringn(inner.x, y, if selected { theme.mark() } else { " " }, 1, theme.accent());
            buf.set_stringn(inner.x + 2, y, label, inner.width.saturating_sub(4) as usize, style);
            buf.set_stringn(inner.right().saturating_sub(1), y, key, 1, theme.dim());
        }
    }
}
