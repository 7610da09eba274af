//! Every action of the screen by name: type a few letters, press Enter.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::SecretBytes;
use crate::tui::app::Shared;
use crate::tui::fuzzy::Finder;
use crate::tui::input::Key;
use crate::tui::keymap::{self, Cmd, Context};
use crate::tui::layer::{Cx, Layer, Nav};
use crate::tui::widgets::{ListState, TextInput, dialog_box};

struct Palette {
    actions: Vec<(Cmd, String, String)>,
    input: TextInput,
    found: Vec<usize>,
    at: ListState,
}

/// The palette over `layer`: what it offers now.
pub fn palette(layer: &dyn Layer, shared: &Shared) -> Box<dyn Layer> {
    let moves = [Cmd::Up, Cmd::Down, Cmd::First, Cmd::Last, Cmd::PageUp, Cmd::PageDown, Cmd::Palette];
    let mut actions: Vec<(Cmd, String, String)> = Vec::new();
    for b in keymap::of(layer.context()).filter(|b| !b.help.is_empty() && !moves.contains(&b.cmd)) {
        if layer.offers(b.cmd, shared) && !actions.iter().any(|(cmd, ..)| *cmd == b.cmd) {
            actions.push((b.cmd, b.help.to_owned(), b.key.to_string()));
        }
    }
    let found = (0..actions.len()).collect();
    Box::new(Palette { actions, input: TextInput::default(), found, at: ListState::default() })
}

impl Palette {
    fn search(&mut self) {
        let mut finder = Finder::new(self.input.text());
        let mut scored: Vec<(u32, usize)> = self
            .actions
            .iter()
            .enumerate()
            .filter_map(|(i, (_, name, _))| finder.score(name).map(|score| (score, i)))
            .collect();
        scored.sort_by_key(|(score, i)| (std::cmp::Reverse(*score), *i));
        self.found = scored.into_iter().map(|(_, i)| i).collect();
        self.at = ListState::default();
    }
}

impl Layer for Palette {
    fn context(&self) -> Context {
        Context::Palette
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.close(),
            Cmd::Open => match self.found.get(self.at.selected) {
                Some(found) => cx.navs.push(Nav::Perform(self.actions[*found].0)),
                None => cx.close(),
            },
            _ => {
                self.at.set_page(10, self.found.len());
                self.at.move_by(cmd, self.found.len());
            }
        }
    }

    fn on_key(&mut self, key: Key, _cx: &mut Cx<'_>) {
        if self.input.on_key(key) {
            self.search();
        }
    }

    fn on_paste(&mut self, paste: SecretBytes, _cx: &mut Cx<'_>) {
        self.input.insert(paste.expose_text().unwrap_or_default());
        self.search();
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let inner = dialog_box(area, buf, "Commands", 60, 14, theme);
        self.input.render(inner, buf, true, theme);
        let rows = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
        if self.found.is_empty() {
            buf.set_stringn(rows.x, rows.y, "No action of that name here.", rows.width as usize, theme.dim());
        }
        for (y, (i, found)) in (rows.y..rows.bottom()).zip(self.found.iter().enumerate().skip(self.at.top)) {
            let (_, name, key) = &self.actions[*found];
            let selected = i == self.at.selected;
            let style = if selected { theme.accent() } else { theme.text() };
            buf.set_stringn(rows.x, y, if selected { theme.mark() } else { " " }, 1, theme.accent());
            buf.set_stringn(rows.x + 2, y, name, rows.width.saturating_sub(12) as usize, style);
            let key = if theme.unicode() { key.clone() } else { keymap::ascii(key) };
            buf.set_stringn(rows.right().saturating_sub(6), y, key, 6, theme.dim());
        }
    }
}
