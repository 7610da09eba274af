//! Chooses a secret, or a field of one, from a list that is narrowed by typing.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Header, SecretBytes, State, Status};
use crate::tui::app::Shared;
use crate::tui::fuzzy::Finder;
use crate::tui::input::Key;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Chosen, Cx, Layer, Nav};
use crate::tui::screens::{field_label, status_in_short};
use crate::tui::text::{clean, fit};
use crate::tui::widgets::{ListState, TextInput, dialog_box, list_row};

/// So many entries are in view where there is room.
const PAGE: u16 = 12;
/// Cells of what is said beside an entry.
const NOTE: u16 = 24;

struct Entry {
    chosen: Chosen,
    label: String,
    /// Said beside it, behind a glyph where it is a status.
    note: String,
    status: Option<Status>,
}

struct Choose {
    title: String,
    entries: Vec<Entry>,
    input: TextInput,
    found: Vec<usize>,
    at: ListState,
}

/// The list of secrets that are not deleted, by name; `typed` narrows it.
pub fn choose_secret(typed: &str, shared: &Shared) -> Box<dyn Layer> {
    let alive = shared.headers.iter().filter(|header| !matches!(header.state, State::Deleted(_)));
    let mut entries: Vec<Entry> = alive.map(|header| secret(header, shared)).collect();
    entries.sort_by_key(|entry| entry.label.to_lowercase());
    choose("Which secret?".to_owned(), entries, typed)
}

fn secret(header: &Header, shared: &Shared) -> Entry {
    Entry {
        chosen: Chosen::Secret(header.id),
        label: clean(&header.name).into_owned(),
        note: status_in_short(header, shared.wall),
        status: Some(Status::of(header, shared.wall)),
    }
}

/// The fields of the secret under `header`: the parts of its value, then what is not secret; `typed` narrows the list.
pub fn choose_field(header: &Header, typed: &str) -> Box<dyn Layer> {
    let entries = header.fields().map(|key| {
        let label = field_label(header, key);
        let note = if *label == *key { String::new() } else { label };
        Entry { label: clean(key).into_owned(), chosen: Chosen::Field(key.into()), note, status: None }
    });
    choose(format!("Which field of {}?", clean(&header.name)), entries.collect(), typed)
}

fn choose(title: String, entries: Vec<Entry>, typed: &str) -> Box<dyn Layer> {
    let mut dialog =
        Choose { title, entries, input: TextInput::new(typed), found: Vec::new(), at: ListState::default() };
    dialog.search();
    Box::new(dialog)
}

impl Choose {
    /// How many rows it has, whatever is found.
    fn rows(&self) -> u16 {
        u16::try_from(self.entries.len()).unwrap_or(PAGE).clamp(3, PAGE)
    }

    /// What fits best first; without a query, as it is.
    fn search(&mut self) {
        let mut finder = Finder::new(self.input.text());
        let score = |(i, entry): (usize, &Entry)| finder.score(&entry.label).map(|score| (score, i));
        let mut scored: Vec<(u32, usize)> = self.entries.iter().enumerate().filter_map(score).collect();
        scored.sort_by_key(|(score, i)| (std::cmp::Reverse(*score), *i));
        self.found = scored.into_iter().map(|(_, i)| i).collect();
        self.at = ListState::default();
    }
}

impl Layer for Choose {
    fn context(&self) -> Context {
        Context::Palette
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        match cmd {
            Cmd::Open => Some("Choose".into()),
            Cmd::Back => Some("Cancel".into()),
            _ => None,
        }
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.close(),
            Cmd::Open => {
                let found = self.found.get(self.at.selected);
                cx.navs.extend(found.map(|found| Nav::Chosen(self.entries[*found].chosen.clone())));
            }
            _ => drop(self.at.on_cmd(cmd, self.rows().into(), self.found.len())),
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
        let inner = dialog_box(area, buf, &self.title, 64, self.rows() + 4, theme);
        self.input.render(inner, buf, true, theme);
        let rows = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
        if self.found.is_empty() {
            let text =
                if self.entries.is_empty() { "There is nothing to choose from." } else { "Nothing of that name." };
            buf.set_stringn(rows.x, rows.y, text, usize::from(rows.width), theme.dim());
        }
        for (y, (i, found)) in (rows.y..rows.bottom()).zip(self.found.iter().enumerate().skip(self.at.top)) {
            let Entry { label, note, status, .. } = &self.entries[*found];
            let row = Rect { y, height: 1, width: rows.width.saturating_sub(NOTE + 1), ..rows };
            list_row(row, buf, label, i == self.at.selected, theme.text(), theme);
            let (text, style) = match status {
                Some(status) => (format!("{} {note}", theme.status_glyph(*status)), theme.status(*status)),
                None => (note.clone(), theme.dim()),
            };
            let room = usize::from(NOTE.min(rows.width));
            buf.set_stringn(row.right() + 1, y, fit(&text, room, theme.ellipsis()), room, style);
        }
    }
}
