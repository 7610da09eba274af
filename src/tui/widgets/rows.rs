//! Labels and what they say, one of them selected, values masked: the detail of a secret.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::ListState;
use crate::domain::SecretBytes;
use crate::tui::app::Shared;
use crate::tui::keymap::Cmd;
use crate::tui::layer::Millis;
use crate::tui::text::{clean, fit, wrap};

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

    /// Its lines, sanitized; bytes that are not text are told of, not shown.
    fn lines(&self, width: usize) -> Vec<String> {
        match self.bytes.expose_text() {
            Some(text) => text.lines().flat_map(|line| wrap(&clean(line), width)).collect(),
            None => vec![format!("{} bytes that are not text: copy them instead", self.bytes.len())],
        }
    }
}

/// Moves the selection, past headings.
pub fn step(at: &mut ListState, cmd: Cmd, rows: &[Row]) {
    let before = at.selected;
    at.move_by(cmd, rows.len());
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

/// The first row with a value, or the first row.
pub fn first_secret(rows: &[Row]) -> usize {
    rows.iter().position(|row| row.part().is_some()).unwrap_or(0)
}

/// Draws the rows that are in view; the revealed value takes the lines it needs.
pub fn render(area: Rect, buf: &mut Buffer, rows: &[Row], at: ListState, revealed: Option<&Revealed>, shared: &Shared) {
    let theme = shared.theme;
    let mut y = area.y;
    for (i, row) in rows.iter().enumerate().skip(first_in_view(area, rows, at)) {
        if y >= area.bottom() {
            break;
        }
        let selected = i == at.selected;
        let line = Rect { x: area.x, y, width: area.width, height: area.bottom() - y };
        buf.set_stringn(line.x + 1, y, if selected { theme.mark() } else { " " }, 1, theme.accent());
        y += match row {
            Row::Heading(text) => heading(line, buf, text, i > at.top, shared),
            Row::Plain { label, text } | Row::Document { label, summary: text, .. } => {
                put_label(line, buf, label, selected, shared);
                put_wrapped(line, buf, text, shared)
            }
            Row::Secret { label, part, note } => {
                put_label(line, buf, label, selected, shared);
                match revealed.filter(|revealed| revealed.part == *part) {
                    Some(revealed) => put_value(line, buf, revealed, shared),
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
fn first_in_view(area: Rect, rows: &[Row], at: ListState) -> usize {
    let mut left = usize::from(area.height);
    let shown = rows.iter().take(at.selected + 1).enumerate().skip(at.top).rev();
    shown
        .take_while(|(_, row)| {
            let fits = lines_of(row, area.width) <= left;
            left = left.saturating_sub(lines_of(row, area.width));
            fits
        })
        .last()
        .map_or(at.selected, |(i, _)| i)
}

fn lines_of(row: &Row, width: u16) -> usize {
    match row {
        Row::Heading(_) => 2,
        Row::Secret { .. } => 1,
        Row::Plain { text, .. } | Row::Document { summary: text, .. } => wrap(&clean(text), text_room(width)).len(),
    }
}

fn text_room(width: u16) -> usize {
    usize::from(width.saturating_sub(TEXT_AT + 1))
}

/// All of a text that may be shown, over as many lines as it takes.
fn put_wrapped(line: Rect, buf: &mut Buffer, text: &str, shared: &Shared) -> u16 {
    let lines = wrap(&clean(text), text_room(line.width));
    let shown = (line.y..line.bottom()).zip(&lines).map(|(y, text)| {
        buf.set_stringn(line.x + TEXT_AT, y, text, text_room(line.width), shared.theme.text());
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
    let theme = shared.theme;
    let style = if selected { theme.accent() } else { theme.dim() };
    let room = usize::from(TEXT_AT) - 5;
    buf.set_stringn(line.x + 3, line.y, fit(&clean(label), room, theme.ellipsis()), room, style);
}

fn put_mask(line: Rect, buf: &mut Buffer, text: &str, shared: &Shared) -> u16 {
    buf.set_stringn(line.x + TEXT_AT, line.y, text, text_room(line.width), shared.theme.dim());
    1
}

/// The value in clear, wrapped; what does not fit is counted.
fn put_value(line: Rect, buf: &mut Buffer, revealed: &Revealed, shared: &Shared) -> u16 {
    let theme = shared.theme;
    let room = line.width.saturating_sub(TEXT_AT + 1) as usize;
    let lines = revealed.lines(room);
    let fits = usize::from(line.height).min(lines.len()).max(1);
    for (y, text) in (line.y..line.bottom()).zip(lines.iter().take(fits)) {
        buf.set_stringn(line.x + TEXT_AT, y, text, room, theme.warn());
    }
    if fits < lines.len() {
        let y = line.y + u16::try_from(fits).unwrap_or(1) - 1;
        let more = format!("{} {} more lines: copy it instead", theme.ellipsis(), lines.len() - fits + 1);
        buf.set_stringn(line.x + TEXT_AT, y, format!("{more:<room$}"), room, theme.dim());
    }
    u16::try_from(fits).unwrap_or(line.height)
}
