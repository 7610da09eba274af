//! Writes a screen from top to bottom: headings, sentences, fields with label, rule and note.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::tui::text::{fit, width, wrap};
use crate::tui::theme::Theme;

/// Where the text begins, in cells from the left of the body.
const LEFT: u16 = 3;
/// The greatest width of the text, in cells.
const WIDTH: u16 = 74;
/// With so many rows there is room for blank ones.
const ROOMY: u16 = 15;

/// What is said under a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note<'a> {
    /// Nothing.
    Nothing,
    /// Help, in dim text.
    Help(&'a str),
    /// A warning, with its glyph.
    Warning(&'a str),
    /// What is wrong, with its glyph.
    Error(&'a str),
}

/// A column of text over the body of a screen. What does not fit is left out from the bottom.
pub struct Column<'a> {
    buf: &'a mut Buffer,
    area: Rect,
    roomy: bool,
    theme: Theme,
}

impl<'a> Column<'a> {
    /// Begins at the top of `body`.
    pub fn new(body: Rect, buf: &'a mut Buffer, theme: Theme) -> Self {
        let roomy = body.height >= ROOMY;
        let top = u16::from(roomy);
        let area = Rect {
            x: body.x + LEFT,
            y: body.y + top,
            width: body.width.saturating_sub(2 * LEFT).min(WIDTH),
            height: body.height.saturating_sub(top),
        };
        Self { buf, area, roomy, theme }
    }

    /// How many cells a line has.
    pub fn width(&self) -> usize {
        usize::from(self.area.width)
    }

    /// Whether there is room for blank rows, and for what can be left out.
    pub fn is_roomy(&self) -> bool {
        self.roomy
    }

    /// A blank row, where there is room for such.
    pub fn gap(&mut self) {
        if self.roomy {
            self.row();
        }
    }

    /// The next row, to draw into; empty when there is none left.
    pub fn row(&mut self) -> (Rect, &mut Buffer) {
        (self.rows(1), self.buf)
    }

    /// The next `count` rows, or as many as are left, to draw into.
    pub fn block(&mut self, count: u16) -> (Rect, &mut Buffer) {
        (self.rows(count), self.buf)
    }

    fn rows(&mut self, count: u16) -> Rect {
        let count = count.min(self.area.height);
        let rows = Rect { height: count, ..self.area };
        self.area.y += count;
        self.area.height -= count;
        rows
    }

    /// A heading, with `aside` in dim text at the right end.
    pub fn heading(&mut self, text: &str, aside: &str) {
        let theme = self.theme;
        let (row, buf) = self.row();
        let left = usize::from(row.width).saturating_sub(width(aside) + 2);
        put(row, buf, &fit(text, left, theme.ellipsis()), theme.strong());
        let x = row.right().saturating_sub(u16::try_from(width(aside)).unwrap_or(row.width));
        put(Rect { x, width: row.right().saturating_sub(x), ..row }, buf, aside, theme.dim());
    }

    /// Sentences, broken into lines.
    pub fn say(&mut self, text: &str, style: Style) {
        for line in wrap(text, self.width()) {
            let (row, buf) = self.row();
            put(row, buf, &line, style);
        }
    }

    /// What is said under a field, or alone.
    pub fn note(&mut self, note: Note<'_>) {
        let theme = self.theme;
        match note {
            Note::Nothing => {}
            Note::Help(text) => self.say(text, theme.dim()),
            Note::Warning(text) => self.say(&format!("{} {text}", theme.alert()), theme.warn()),
            Note::Error(text) => self.say(&format!("{} {text}", theme.cross()), theme.bad()),
        }
    }

    /// A field: the label, the row that `content` draws into, a rule.
    pub fn field(&mut self, label: &str, focused: bool, content: impl FnOnce(Rect, &mut Buffer)) {
        let theme = self.theme;
        let style = if focused { theme.accent() } else { theme.dim() };
        let (row, buf) = self.row();
        put(row, buf, label, style);
        let (row, buf) = self.row();
        if !row.is_empty() {
            content(row, buf);
        }
        let (row, buf) = self.row();
        let rule = theme.rule().repeat(usize::from(row.width));
        put(row, buf, &rule, if focused { theme.accent() } else { theme.dim() });
    }
}

fn put(row: Rect, buf: &mut Buffer, text: &str, style: Style) {
    if !row.is_empty() {
        buf.set_stringn(row.x, row.y, text, usize::from(row.width), style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_left_out() {
        let body = Rect::new(0, 0, 30, 5);
        let mut buf = Buffer::empty(body);
        let mut column = Column::new(body, &mut buf, Theme::plain());
        column.heading("A heading that is long", "1/4");
        column.gap();
        column.field("Label", true, |row, buf| {
            buf.set_stringn(row.x, row.y, "text", 4, Style::new());
        });
        column.note(Note::Error("wrong, and this is more than one line"));
        column.say("never seen", Style::new());
        let text: Vec<String> =
            (0..5).map(|y| (0..30).map(|x| buf[(x, y)].symbol()).collect::<String>().trim_end().to_owned()).collect();
        let rule = format!("   {}", "-".repeat(24));
        assert_eq!(
            text,
            ["   A heading that is ~  1/4", "   Label", "   text", rule.as_str(), "   x wrong, and this is"]
        );
    }
}
