//! What stands around every screen: the path above, the keys of this moment below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Shared;
use crate::tui::keymap::{self, Binding};
use crate::tui::layer::{Layer, Toast};
use crate::tui::text::{clean, fit, width};
use crate::tui::theme::Theme;

/// Cells left free at both sides.
pub(super) const MARGIN: u16 = 1;

/// Rows above a screen's body: breadcrumb, who is in, a blank one.
const ABOVE: u16 = 3;
/// Rows below it: the toast and the keys.
const BELOW: u16 = 2;

/// How many rows a screen's body has on a terminal of `terminal_rows` rows.
pub fn body_rows(terminal_rows: u16) -> u16 {
    terminal_rows.saturating_sub(ABOVE + BELOW)
}

/// Draws the breadcrumb and who is in; gives back the room for the screen's body.
pub(super) fn header(area: Rect, buf: &mut Buffer, path: &[&dyn Layer], note: Option<String>, shared: &Shared) -> Rect {
    breadcrumb(area, buf, path, shared);
    let theme = shared.theme;
    let y = area.y + 1;
    let inner = area.width.saturating_sub(2 * MARGIN) as usize;
    if let Some(session) = &shared.session {
        let mut left = clean(&session.organization).into_owned();
        if shared.demo {
            left.push_str(" (demo: nothing is kept)");
        }
        let mut right = format!("{}, {}", clean(&session.member), clean(&session.role));
        if session.read_only {
            right.push_str(" · read-only");
        }
        if let Some(note) = note {
            right = format!("{right} · {note}");
        }
        let right = fit(&right, inner / 2, theme.ellipsis());
        let room = inner.saturating_sub(width(&right) + 2);
        buf.set_stringn(area.x + MARGIN, y, fit(&left, room, theme.ellipsis()), room, theme.dim());
        let x = area.right().saturating_sub(MARGIN + cells(&right));
        buf.set_stringn(x, y, &right, inner, theme.dim());
    }
    Rect { y: area.y + ABOVE, height: body_rows(area.height), ..area }
}

/// The path; when it is too long its middle steps become an ellipsis.
fn breadcrumb(area: Rect, buf: &mut Buffer, path: &[&dyn Layer], shared: &Shared) {
    let theme = shared.theme;
    let mut steps: Vec<String> = path.iter().map(|layer| clean(&layer.crumb()).into_owned()).collect();
    if path.len() == 1 && shared.session.is_none() {
        steps.insert(0, crate::tui::screens::ROOT.to_owned());
    }
    let room = area.width.saturating_sub(2 * MARGIN) as usize;
    let joint = format!(" {} ", theme.step());
    while steps.len() > 2 && steps.iter().map(|s| width(s)).sum::<usize>() + (steps.len() - 1) * 3 > room {
        steps.remove(1);
        if steps[1] != theme.ellipsis() {
            steps.insert(1, theme.ellipsis().to_owned());
            if steps.len() > 3 {
                steps.remove(2);
            }
        }
    }
    let mut x = area.x + MARGIN;
    for (i, step) in steps.iter().enumerate() {
        let last = i + 1 == steps.len();
        let left = (area.right().saturating_sub(MARGIN + x)) as usize;
        let style = if last { theme.strong() } else { theme.dim() };
        (x, _) = buf.set_stringn(x, area.y, fit(step, left, theme.ellipsis()), left, style);
        if !last {
            let left = (area.right().saturating_sub(x)) as usize;
            (x, _) = buf.set_stringn(x, area.y, &joint, left, theme.dim());
        }
    }
}

/// Draws the toast and, under it, the keys of the layer on top.
pub(super) fn footer(area: Rect, buf: &mut Buffer, top: &dyn Layer, toast: Option<&Toast>, shared: &Shared) {
    let theme = shared.theme;
    if let Some(toast) = toast {
        let (glyph, style) = theme.tone(toast.tone);
        let row = area.bottom().saturating_sub(2);
        let room = area.width.saturating_sub(2 * MARGIN) as usize;
        let text = format!("{glyph} {}", clean(&toast.text));
        clear_row(area, buf, row);
        buf.set_stringn(area.x + MARGIN, row, fit(&text, room, theme.ellipsis()), room, style);
    }
    let row = area.bottom().saturating_sub(1);
    clear_row(area, buf, row);
    keys(Rect { y: row, height: 1, ..area }, buf, top, shared);
}

fn keys(row: Rect, buf: &mut Buffer, top: &dyn Layer, shared: &Shared) {
    let mut hints = hints(top, shared);
    let room = row.width.saturating_sub(2 * MARGIN) as usize;
    let total = |hints: &[(String, String)]| hints.iter().map(|(k, h)| width(k) + width(h) + 3).sum::<usize>();
    while hints.len() > 2 && total(&hints) > room + 2 {
        hints.remove(hints.len() - 2);
    }
    let mut x = row.x + MARGIN;
    for (key, hint) in &hints {
        let left = (row.right().saturating_sub(x)) as usize;
        (x, _) = buf.set_stringn(x, row.y, key, left, shared.theme.strong());
        let left = (row.right().saturating_sub(x + 1)) as usize;
        (x, _) = buf.set_stringn((x + 1).min(row.right()), row.y, hint, left, shared.theme.dim());
        x = (x + 2).min(row.right());
    }
}

/// Keys and words of the footer: one key per command, only what would do something now.
fn hints(top: &dyn Layer, shared: &Shared) -> Vec<(String, String)> {
    let mut shown: Vec<&Binding> = Vec::new();
    for binding in keymap::of(top.context()).filter(|b| !b.hint.is_empty() && top.offers(b.cmd, shared)) {
        if !shown.iter().any(|earlier| earlier.cmd == binding.cmd) {
            shown.push(binding);
        }
    }
    let word = |b: &Binding| top.hint(b.cmd, shared).map_or_else(|| b.hint.to_owned(), |h| h.into_owned());
    shown.into_iter().map(|b| (key_text(b, shared), word(b))).collect()
}

fn key_text(binding: &Binding, shared: &Shared) -> String {
    let text = binding.key.to_string();
    if shared.theme.unicode() { text } else { keymap::ascii(&text) }
}

fn clear_row(area: Rect, buf: &mut Buffer, row: u16) {
    for x in area.left()..area.right() {
        if let Some(cell) = buf.cell_mut((x, row)) {
            cell.reset();
        }
    }
}

/// All that a terminal gets that is too small to work in.
pub(super) fn too_small(area: Rect, buf: &mut Buffer, smallest: (u16, u16), theme: Theme) {
    let by = theme.either("×", "x");
    let lines = [
        format!("strongroom needs {}{by}{}", smallest.0, smallest.1),
        format!("this terminal is {}{by}{}", area.width, area.height),
        "make it larger, or q".to_owned(),
    ];
    for (y, line) in (area.y..area.bottom()).zip(&lines) {
        buf.set_stringn(area.x, y, line, area.width as usize, Style::new());
    }
}

fn cells(text: &str) -> u16 {
    u16::try_from(width(text)).unwrap_or(u16::MAX)
}
