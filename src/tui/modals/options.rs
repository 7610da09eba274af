//! More Options: the menu of one secret.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Header, SecretId, State};
use crate::tui::app::Shared;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, Layer, Nav};
use crate::tui::screens::lacks;
use crate::tui::text::{clean, width};
use crate::tui::widgets::{ListState, dialog_box, list_row, menu_box};
use crate::tui::words;

struct Options {
    id: SecretId,
    title: String,
    entries: Vec<(Cmd, &'static str)>,
    at: ListState,
    /// The row of the terminal that it belongs to; without one it stands in the middle.
    beside: Option<u16>,
}

/// The menu of the secret under `header`, only what its state allows, near the terminal's row that the secret is on.
pub fn options(header: &Header, beside: Option<u16>) -> Box<dyn Layer> {
    Box::new(Options {
        id: header.id,
        title: clean(&header.name).into_owned(),
        entries: entries(header),
        at: ListState::default(),
        beside,
    })
}

fn entries(header: &Header) -> Vec<(Cmd, &'static str)> {
    match header.state {
        State::Active => {
            vec![(Cmd::Edit, "Edit"), (Cmd::ToggleActive, "Deactivate"), (Cmd::Delete, "Delete Secret")]
        }
        State::Inactive(_) => {
            vec![(Cmd::Edit, "Edit"), (Cmd::ToggleActive, "Reactivate"), (Cmd::Delete, "Delete Secret")]
        }
        State::Deleted(_) => Vec::new(),
    }
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
            _ => drop(self.at.on_cmd(cmd, self.entries.len(), self.entries.len())),
        }
    }

    fn on_data(&mut self, shared: &Shared) {
        if let Some(header) = shared.header(self.id) {
            self.title = clean(&header.name).into_owned();
            self.entries = entries(header);
            self.at.keep_in(self.entries.len());
        }
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let wide = u16::try_from(width(&self.title) + 8).unwrap_or(u16::MAX).clamp(36, 60);
        let high = u16::try_from(self.entries.len()).unwrap_or(0) + 2;
        let inner = match self.beside {
            Some(row) => menu_box(area, row, buf, &self.title, (wide, high), theme),
            None => dialog_box(area, buf, &self.title, wide, high, theme),
        };
        for ((i, (cmd, label)), y) in self.entries.iter().enumerate().zip(inner.y..inner.bottom()) {
            let row = Rect { y, height: 1, ..inner };
            // What may not be done is there, and says why.
            let lacks = shared.header(self.id).and_then(|header| lacks(header, *cmd, shared)).is_some();
            let plain = if lacks { theme.dim() } else { theme.text() };
            list_row(row, buf, label, i == self.at.selected, plain, theme);
            let key = words::key(Context::Choice, *cmd, theme);
            let x = inner.right().saturating_sub(u16::try_from(width(&key)).unwrap_or(0));
            buf.set_stringn(x, y, key, usize::from(inner.right() - x), theme.dim());
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Color;

    use crate::tui::harness::Harness;

    fn line_with(h: &Harness, text: &str) -> usize {
        h.screen().lines().position(|line| line.contains(text)).unwrap()
    }

    #[test]
    fn the_menu_stands_at_its_row_and_what_lies_under_it_steps_back() {
        let mut h = Harness::demo(80, 24);
        let row = line_with(&h, "▌ billing-service");
        h.press("m");
        assert_eq!(line_with(&h, "╭─ billing-service"), row + 1);
        let buffer = h.buffer();
        let seen = (0..80).filter(|x| buffer[(*x, 15)].symbol() != " ");
        assert!(seen.into_iter().all(|x| buffer[(x, 15)].fg == Color::DarkGray));
        h.press("Esc End");
        let row = line_with(&h, "▌ status-page");
        h.press("m");
        assert!(line_with(&h, "╭─ status-page") < row && line_with(&h, "Delete Secret") < row);
    }
}
