//! Labels and what they say, one of them selected, values masked: the detail of a secret.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{ListState, list_row};
use crate::domain::SecretBytes;
use crate::domain::text::grouped;
use crate::tui::app::Shared;
use crate::tui::keymap::Cmd;
use crate::tui::layer::Millis;
use crate::tui::text::{chop, clean, fit, put_clean, wrap};
use crate::tui::theme::Theme;

/// A value is shown for so long.
const REVEAL: Millis = 15_000;
/// A masked value is so many dots wide, whatever it is.
pub const MASK: usize = 12;
/// Where what the labels say begins.
const TEXT_AT: u16 = 24;

/// One line of the detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A heading over the rows below it.
    Heading(Box<str>),
    /// Something that may be shown.
    Plain {
        /// What it is.
        label: Box<str>,
        /// What it says.
        text: Box<str>,
    },
    /// Something that may be shown and that one should look at.
    Warning {
        /// What it is.
        label: Box<str>,
        /// What it says.
        text: Box<str>,
    },
    /// A long text that is told of in a few words; copying takes it whole.
    Document {
        /// What it is.
        label: Box<str>,
        /// What is said of it.
        summary: Box<str>,
        /// All of it.
        text: Box<str>,
    },
    /// A part of the value.
    Secret {
        /// What it is.
        label: Box<str>,
        /// Its name at the door.
        part: Box<str>,
        /// Said beside the mask.
        note: Box<str>,
    },
}

impl Row {
    /// The part of the value that this row stands for.
    pub fn part(&self) -> Option<&str> {
        match self {
            Self::Secret { part, .. } => Some(part),
            _ => None,
        }
    }

    /// Whether there is something to send to the clipboard.
    pub fn can_be_copied(&self) -> bool {
        !matches!(self, Self::Heading(_))
    }
}

/// A value that is on the screen for a short while.
pub struct Revealed {
    /// Which part it is.
    pub part: Box<str>,
    bytes: SecretBytes,
    /// When it is masked again.
    pub until: Millis,
}

impl Revealed {
    /// Shows `bytes` from now on for 15 s.
    pub fn new(part: Box<str>, bytes: SecretBytes, now: Millis) -> Self {
        Self { part, bytes, until: now + REVEAL }
    }

    /// Its lines as they are, in pieces that fit, no more than are asked for. Bytes that are not text have none.
    fn lines(&self, room: usize) -> impl Iterator<Item = &str> {
        chop(self.bytes.expose_text().unwrap_or_default(), room)
    }

    /// How many lines it takes, and no more than `most`.
    fn height(&self, width: u16, most: u16) -> u16 {
        let lines = self.lines(text_room(width)).take(usize::from(most)).count();
        u16::try_from(lines).unwrap_or(most).max(1)
    }
}

/// Moves the selection, past headings; `page` rows are in view.
pub fn step(at: &mut ListState, cmd: Cmd, page: usize, rows: &[Row]) {
    let before = at.selected;
    at.on_cmd(cmd, page, rows.len());
    let onto_heading = |at: &ListState| matches!(rows.get(at.selected), Some(Row::Heading(_)));
    let on = if at.selected >= before { Cmd::Down } else { Cmd::Up };
    while onto_heading(at) {
        let here = at.selected;
        at.move_by(on, rows.len());
        if at.selected == here {
            at.select(before, rows.len());
            break;
        }
    }
}

/// Whether the value of the selected row is on the screen.
pub fn is_revealed(rows: &[Row], at: ListState, revealed: Option<&Revealed>) -> bool {
    rows.get(at.selected).is_some_and(|row| shown(revealed, row).is_some())
}

/// The first row with a value, or the first row.
pub fn first_secret(rows: &[Row]) -> usize {
    rows.iter().position(|row| row.part().is_some()).unwrap_or(0)
}

/// Draws the rows that are in view; the revealed value takes the lines it needs.
pub fn render(area: Rect, buf: &mut Buffer, rows: &[Row], at: ListState, revealed: Option<&Revealed>, shared: &Shared) {
    let theme = shared.theme;
    let mut y = area.y;
    for (i, row) in rows.iter().enumerate().skip(first_in_view(area, rows, at, revealed)) {
        if y >= area.bottom() {
            break;
        }
        let selected = i == at.selected;
        let line = Rect { x: area.x, y, width: area.width, height: area.bottom() - y };
        y += match row {
            Row::Heading(text) => heading(line, buf, text, i > at.top, shared),
            Row::Plain { label, text } | Row::Document { label, summary: text, .. } => {
                put_label(line, buf, label, selected, shared);
                put_wrapped(line, buf, text, theme.text())
            }
            Row::Warning { label, text } => {
                put_label(line, buf, label, selected, shared);
                put_wrapped(line, buf, &warned(text, theme), theme.warn())
            }
            Row::Secret { label, note, .. } => {
                put_label(line, buf, label, selected, shared);
                match shown(revealed, row) {
                    Some(revealed) => put_value(line, buf, revealed, theme),
                    None => {
                        let mask = theme.dot().repeat(MASK);
                        let text = if note.is_empty() { mask } else { format!("{mask}  {note}") };
                        put_mask(line, buf, &fit_line(&text, line, shared), shared)
                    }
                }
            }
        };
    }
}

/// The row to begin with: rows may take several lines, so that the selected one could fall below the edge.
fn first_in_view(area: Rect, rows: &[Row], at: ListState, revealed: Option<&Revealed>) -> usize {
    let mut left = area.height;
    let above = rows.iter().take(at.selected + 1).enumerate().skip(at.top).rev();
    above
        .take_while(|(_, row)| {
            let lines = lines_of(row, area, revealed);
            let fits = lines <= left;
            left = left.saturating_sub(lines);
            fits
        })
        .last()
        .map_or(at.selected, |(i, _)| i)
}

/// How many lines of `area` the row takes: a value that is too long for it takes all.
fn lines_of(row: &Row, area: Rect, revealed: Option<&Revealed>) -> u16 {
    match row {
        Row::Heading(_) => 2,
        Row::Secret { .. } => shown(revealed, row).map_or(1, |revealed| revealed.height(area.width, area.height)),
        Row::Plain { text, .. } | Row::Document { summary: text, .. } => wrapped(text, area.width),
        // The glyph is one cell wide in every theme.
        Row::Warning { text, .. } => wrapped(&warned(text, Theme::plain()), area.width),
    }
}

fn wrapped(text: &str, width: u16) -> u16 {
    u16::try_from(wrap(&clean(text), text_room(width)).len()).unwrap_or(u16::MAX)
}

fn warned(text: &str, theme: Theme) -> String {
    format!("{} {text}", theme.alert())
}

/// The revealed value, if it is this row's.
fn shown<'a>(revealed: Option<&'a Revealed>, row: &Row) -> Option<&'a Revealed> {
    revealed.filter(|revealed| row.part() == Some(&*revealed.part))
}

fn text_room(width: u16) -> usize {
    usize::from(width.saturating_sub(TEXT_AT + 1))
}

/// All of a text that may be shown, over as many lines as it takes.
fn put_wrapped(line: Rect, buf: &mut Buffer, text: &str, style: Style) -> u16 {
    let lines = wrap(&clean(text), text_room(line.width));
    let shown = (line.y..line.bottom()).zip(&lines).map(|(y, text)| {
        buf.set_stringn(line.x + TEXT_AT, y, text, text_room(line.width), style);
    });
    u16::try_from(shown.count()).unwrap_or(line.height)
}

fn fit_line(text: &str, line: Rect, shared: &Shared) -> String {
    fit(&clean(text), text_room(line.width), shared.theme.ellipsis()).into_owned()
}

fn heading(line: Rect, buf: &mut Buffer, text: &str, space: bool, shared: &Shared) -> u16 {
    let y = line.y + u16::from(space);
    if y < line.bottom() {
        buf.set_stringn(line.x + 3, y, text, line.width.saturating_sub(4) as usize, shared.theme.strong());
    }
    1 + u16::from(space)
}

fn put_label(line: Rect, buf: &mut Buffer, label: &str, selected: bool, shared: &Shared) {
    let row = Rect { x: line.x + 1, width: TEXT_AT - 3, height: 1, ..line };
    list_row(row, buf, &clean(label), selected, shared.theme.dim(), shared.theme);
}

fn put_mask(line: Rect, buf: &mut Buffer, text: &str, shared: &Shared) -> u16 {
    buf.set_stringn(line.x + TEXT_AT, line.y, text, text_room(line.width), shared.theme.dim());
    1
}

/// The value in clear, line by line; that there is more than fits is said.
fn put_value(line: Rect, buf: &mut Buffer, revealed: &Revealed, theme: Theme) -> u16 {
    let (x, room) = (line.x + TEXT_AT, text_room(line.width));
    if revealed.bytes.expose_text().is_none() {
        let text = format!("{} bytes that are not text: copy them instead", grouped(revealed.bytes.len() as u64));
        buf.set_stringn(x, line.y, fit(&text, room, theme.ellipsis()), room, theme.dim());
        return 1;
    }
    let mut lines = revealed.lines(room);
    let height = revealed.height(line.width, line.height);
    for (y, text) in (line.y..line.y + height).zip(&mut lines) {
        put_clean(buf, (x, y), text, room, theme.warn());
    }
    if lines.next().is_some() {
        let more = format!("{} and more: copy it instead", theme.ellipsis());
        buf.set_stringn(x, line.y + height - 1, format!("{more:<room$}"), room, theme.dim());
    }
    height
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::harness::Harness;

    fn secret(label: &str) -> Row {
        Row::Secret { label: label.into(), part: label.into(), note: Box::default() }
    }

    /// `count` masked rows with one of them revealed and selected, in `height` lines.
    fn drawn(value: &[u8], count: usize, selected: usize, height: u16) -> Vec<String> {
        let h = Harness::demo(80, 24);
        let rows: Vec<Row> = (0..count).map(|i| secret(&format!("row {i}"))).collect();
        let mut at = ListState::default();
        at.set_page(height.into(), count);
        at.select(selected, count);
        let revealed = Revealed::new(format!("row {selected}").into(), value.into(), 0);
        let area = Rect::new(0, 0, 60, height);
        let mut buf = Buffer::empty(area);
        render(area, &mut buf, &rows, at, Some(&revealed), h.app().shared());
        let line = |y| (0..60).map(|x| buf[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        (0..height).map(line).collect()
    }

    #[test]
    fn a_value_is_shown_as_it_is() {
        let lines = drawn(b"  two\n\n\tthree  four", 1, 0, 5);
        let text = |text: &str| format!("{:24}{text}", "");
        assert_eq!(
            lines,
            [format!(" ▌ {:21}  two", "row 0"), String::new(), text(" three  four"), "".into(), "".into()]
        );
    }

    #[test]
    fn a_revealed_value_has_the_room_it_needs() {
        let lines = drawn(b"one\ntwo\nthree", 6, 5, 6);
        assert!(lines[0].contains("row 2") && lines[3].ends_with("one") && lines[5].ends_with("three"), "{lines:#?}");
        let lines = drawn(b"one\ntwo\nthree\nfour\nfive", 6, 5, 4);
        assert!(lines[0].ends_with("row 5                one") && lines[2].ends_with("three"), "{lines:#?}");
        assert!(lines[3].ends_with("… and more: copy it instead"), "{lines:#?}");
    }

    #[test]
    fn bytes_that_are_no_text_are_counted() {
        assert!(drawn(&[0xFF; 4321], 1, 0, 3)[0].ends_with("4,321 bytes that are not text: cop…"));
    }
}
