//! Draws the form: its fields on a page as long as it takes, the part around the focus in view,
//! and the buttons under it.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::focus::Focus;
use super::{Screen, field, scope};
use crate::domain::{Header, Timestamp};
use crate::form::Mode;
use crate::tui::app::Shared;
use crate::tui::layer::Tone;
use crate::tui::text::{clean, fit, wrap};
use crate::tui::theme::Theme;
use crate::tui::uses::Known;
use crate::tui::widgets::Buttons;

/// Forms are no wider than this, margins included.
const WIDTH: u16 = 78;
/// Where text begins.
pub(super) const LEFT: u16 = 3;
/// A page has so many rows for each field at most.
const ROWS_PER_FIELD: u16 = 20;

/// Draws the form into the screen's body.
pub(super) fn render(screen: &Screen, area: Rect, buf: &mut Buffer, shared: &Shared) {
    let area = Rect { width: area.width.min(WIDTH), ..area };
    let notices = notices(screen, area.width, shared.theme);
    let below = u16::try_from(notices.len()).unwrap_or(0) + 2;
    let room = area.height.saturating_sub(below);
    let page = Page::draw(screen, area.width, room, shared);
    let shown = page.show(Rect { height: room, ..area }, buf, shared.theme);
    let mut y = area.y + shown;
    for (text, style) in notices.iter().map(|(tone, text)| (text, shared.theme.tone(*tone).1)) {
        buf.set_stringn(area.x + LEFT, y, text, usize::from(area.width - LEFT), style);
        y += 1;
    }
    buttons(screen, Rect { x: area.x + LEFT, y: y + 1, width: area.width - LEFT - 1, height: 1 }, buf, shared);
}

fn buttons(screen: &Screen, row: Rect, buf: &mut Buffer, shared: &Shared) {
    let theme = shared.theme;
    let busy = if screen.working { Some("Sealing") } else { screen.submit_when_read.then_some("Reading") };
    if let Some(busy) = busy {
        let text = format!("{busy}{}", theme.ellipsis());
        buf.set_stringn(row.x, row.y, text, usize::from(row.width), theme.dim());
        return;
    }
    let mut buttons = Buttons::new(["Cancel", screen.verb()]);
    buttons.set_focus(usize::from(screen.focus != Focus::Cancel));
    buttons.render(row, buf, matches!(screen.focus, Focus::Submit | Focus::Cancel), theme);
}

fn notices(screen: &Screen, width: u16, theme: Theme) -> Vec<(Tone, String)> {
    let Some((tone, text)) = &screen.notice else { return Vec::new() };
    let text = format!("{} {}", theme.tone(*tone).0, clean(text));
    let lines = wrap(&text, usize::from(width.saturating_sub(LEFT + 1)));
    lines.into_iter().take(3).map(|line| (*tone, line)).collect()
}

/// All the fields, one below the other.
pub(super) struct Page {
    buf: Buffer,
    /// The first free row.
    pub(super) y: u16,
    /// The rows of the field with the focus.
    pub(super) focus: Range<u16>,
    /// The row in it that has to be in view whatever else is not.
    pub(super) cursor: u16,
}

impl Page {
    fn draw(screen: &Screen, width: u16, room: u16, shared: &Shared) -> Self {
        let fields = u16::try_from(screen.form.fields().len()).unwrap_or(0);
        let area = Rect::new(0, 0, width, ROWS_PER_FIELD * (fields + 1));
        let mut page = Self { buf: Buffer::empty(area), y: 0, focus: 0..0, cursor: 0 };
        if let Mode::Edit(header) = screen.form.mode() {
            page.facts(header, &screen.uses, shared.wall, shared.theme);
        }
        scope::draw(&mut page, screen, shared);
        for index in screen.form.visible() {
            field::draw(&mut page, screen, index, room, shared);
        }
        if matches!(screen.focus, Focus::Submit | Focus::Cancel) {
            page.focus = page.y.saturating_sub(1)..page.y;
        }
        page
    }

    /// What a person should know before changing a secret.
    fn facts(&mut self, header: &Header, uses: &Known, now: Timestamp, theme: Theme) {
        let stamp = |at: Timestamp, by: &str| format!("{} by {}", crate::domain::date::relative(at, now), clean(by));
        let created = stamp(header.created.at, &header.created.by);
        let text = match header.modified == header.created {
            true => format!("Created {created}, never changed"),
            false => format!("Created {created}, changed {}", stamp(header.modified.at, &header.modified.by)),
        };
        self.line(&text, theme.dim(), theme);
        for line in wrap(&uses.sentence(now, theme), usize::from(self.row().width)) {
            self.line(&line, theme.dim(), theme);
        }
        self.y += 1;
    }

    /// Writes a line of text and goes on to the next.
    pub(super) fn line(&mut self, text: &str, style: Style, theme: Theme) {
        let row = self.row();
        self.put(row.x, &fit(text, usize::from(row.width), theme.ellipsis()), style);
        self.y += 1;
    }

    /// The room for text in the present row.
    pub(super) fn row(&self) -> Rect {
        let y = self.y.min(self.buf.area.bottom().saturating_sub(1));
        Rect { x: LEFT, y, width: self.buf.area.width.saturating_sub(LEFT + 1), height: 1 }
    }

    /// Writes into the present row; gives the column after the text.
    pub(super) fn put(&mut self, x: u16, text: &str, style: Style) -> u16 {
        let row = self.row();
        let room = usize::from(row.right().saturating_sub(x));
        self.buf.set_stringn(x.min(row.right()), row.y, text, room, style).0
    }

    /// Where widgets draw themselves.
    pub(super) fn buf(&mut self) -> &mut Buffer {
        &mut self.buf
    }

    /// The first row in view: as little scrolled as shows the field with the focus, or at least its cursor.
    fn top(&self, room: u16) -> u16 {
        let end = self.focus.end.saturating_sub(room);
        end.min(self.focus.start).max((self.cursor + 1).saturating_sub(room))
    }

    /// Copies what is in view to `area`, with marks where there is more; gives the rows used.
    fn show(&self, area: Rect, buf: &mut Buffer, theme: Theme) -> u16 {
        let top = self.top(area.height);
        let rows = area.height.min(self.y - top.min(self.y));
        for (y, x) in (0..rows).flat_map(|y| (0..area.width).map(move |x| (y, x))) {
            if let (Some(from), Some(to)) = (self.buf.cell((x, top + y)), buf.cell_mut((area.x + x, area.y + y))) {
                *to = from.clone();
            }
        }
        let right = area.right().saturating_sub(1);
        if top > 0 {
            buf.set_stringn(right, area.y, theme.either("↑", "^"), 1, theme.dim());
        }
        if top + rows < self.y && rows > 0 {
            buf.set_stringn(right, area.y + rows - 1, theme.either("↓", "v"), 1, theme.dim());
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(focus: Range<u16>, cursor: u16) -> Page {
        Page { buf: Buffer::empty(Rect::new(0, 0, 10, 40)), y: 40, focus, cursor }
    }

    #[test]
    fn the_field_with_the_focus_is_in_view() {
        assert_eq!(page(0..3, 1).top(10), 0);
        assert_eq!(page(9..12, 10).top(10), 2);
        assert_eq!(page(5..25, 6).top(10), 5, "too tall: from its beginning");
        assert_eq!(page(5..25, 20).top(10), 11, "but the cursor stays in view");
    }
}
