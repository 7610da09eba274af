//! Copy and save now: what was just registered, for the last time as it was typed.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::facts;
use crate::domain::{Draft, Header, SecretBytes, SecretId};
use crate::tui::app::Shared;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, Effect, Layer, Millis, Nav};
use crate::tui::text::{clean, fit, wrap};
use crate::tui::widgets::{ListState, Revealed, Row, rows};

/// Rows above the list: the two sentences and what is around them.
const ABOVE: u16 = 4;

struct Saved {
    id: SecretId,
    name: Box<str>,
    write_only: bool,
    /// Each with what goes to the clipboard.
    rows: Vec<Row>,
    values: Vec<SecretBytes>,
    at: ListState,
    revealed: Option<Revealed>,
}

/// The screen after `draft` was registered under `header`, on a terminal of so many rows.
pub(super) fn screen(header: &Header, draft: Draft, terminal_rows: u16) -> Box<dyn Layer> {
    let (rows, values): (Vec<Row>, Vec<SecretBytes>) = entries(header, draft).unzip();
    let mut at = ListState::default();
    at.set_page(page(terminal_rows), rows.len());
    at.select(rows::first_secret(&rows), rows.len());
    Box::new(Saved {
        id: header.id,
        name: header.name.clone(),
        write_only: header.write_only,
        rows,
        values,
        at,
        revealed: None,
    })
}

/// The fields that are not secret, then the parts of the value, each with its bytes.
fn entries(header: &Header, draft: Draft) -> impl Iterator<Item = (Row, SecretBytes)> {
    let name = ("Secret Name".into(), header.name.clone(), SecretBytes::from(&*header.name));
    let shown = facts::fields(header).filter_map(|(label, text)| text.map(|text| (label, text)));
    let public = shown.map(|(label, text)| (label.into(), in_a_line(&text).into(), SecretBytes::from(&*text)));
    let plain: Vec<(Box<str>, Box<str>, SecretBytes)> = std::iter::once(name).chain(public).collect();
    let secret = draft.value.0.into_iter().map(|(part, bytes)| {
        let label = facts::part_label(header, &part).into();
        (Row::Secret { label, part, note: Box::default() }, bytes)
    });
    let secret: Vec<(Row, SecretBytes)> = secret.collect();
    plain.into_iter().map(|(label, text, bytes)| (Row::Plain { label, text }, bytes)).chain(secret)
}

/// A text of several lines by its size, any other as it is.
fn in_a_line(text: &str) -> String {
    match text.lines().count() {
        0 | 1 => text.to_owned(),
        lines => format!("{} bytes, {lines} lines", text.len()),
    }
}

impl Saved {
    fn toggle_reveal(&mut self, now: Millis) {
        let selected = self.rows.get(self.at.selected).and_then(Row::part);
        let was = self.revealed.take();
        let (Some(part), Some(bytes)) = (selected, self.values.get(self.at.selected)) else { return };
        if was.is_none_or(|shown| *shown.part != *part) {
            self.revealed = Some(Revealed::new(part.into(), bytes.clone(), now));
        }
    }

    fn sentence(&self) -> &'static str {
        if self.write_only {
            "It is write-only: after this screen its value can be used, but is never displayed again."
        } else {
            "Copy what you need elsewhere now: what you typed is not offered in this way again."
        }
    }
}

fn page(rows: u16) -> usize {
    usize::from(rows.saturating_sub(5 + ABOVE))
}

impl Layer for Saved {
    fn crumb(&self) -> Cow<'_, str> {
        "Copy and save now".into()
    }

    fn context(&self) -> Context {
        Context::Saved
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        cmd != Cmd::Reveal || self.rows.get(self.at.selected).is_some_and(|row| row.part().is_some())
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        (cmd == Cmd::Reveal && self.revealed.is_some()).then(|| "Mask".into())
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Open | Cmd::Back => cx.navs.push(Nav::ToListing(self.id)),
            Cmd::Reveal => self.toggle_reveal(cx.shared.mono()),
            Cmd::Copy => cx.effects.extend(self.values.get(self.at.selected).cloned().map(Effect::Copy)),
            _ => {
                self.at.set_page(page(cx.shared.size.1), self.rows.len());
                rows::step(&mut self.at, cmd, &self.rows);
            }
        }
    }

    fn on_deadline(&mut self, _cx: &mut Cx<'_>) {
        self.revealed = None;
    }

    fn deadline(&self) -> Option<Millis> {
        self.revealed.as_ref().map(|revealed| revealed.until)
    }

    fn on_blur(&mut self) {
        self.revealed = None;
    }

    fn on_resize(&mut self, _columns: u16, rows: u16) {
        self.at.set_page(page(rows), self.rows.len());
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let room = usize::from(area.width.saturating_sub(4));
        let text = format!("{} Registered {}", theme.check(), clean(&self.name));
        buf.set_stringn(area.x + 3, area.y, fit(&text, room, theme.ellipsis()), room, theme.good());
        let style = if self.write_only { theme.warn() } else { theme.text() };
        for (y, line) in (area.y + 1..area.y + 3).zip(wrap(self.sentence(), room)) {
            buf.set_stringn(area.x + 3, y, line, room, style);
        }
        let body = Rect { y: area.y + ABOVE, height: area.height.saturating_sub(ABOVE), ..area };
        rows::render(body, buf, &self.rows, self.at, self.revealed.as_ref(), shared);
    }
}
