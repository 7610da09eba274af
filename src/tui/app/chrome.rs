//! What stands around every screen: the path above, the keys of this moment below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Shared;
use crate::tui::keymap::{self, Binding};
use crate::tui::layer::{Layer, Toast};
use crate::tui::screens::ROOT;
use crate::tui::text::{clean, fit, width, wrap};
use crate::tui::theme::Theme;

/// Cells left free at both sides.
const MARGIN: u16 = 1;
/// Cells that the organization has at least.
const ORGANIZATION: usize = 8;
/// Cells between two steps of the path.
const JOINT: usize = 3;
/// Most rows that a toast takes.
const TOAST_ROWS: usize = 3;

/// Rows above a screen's body: breadcrumb, who is in, a blank one.
pub const ROWS_ABOVE_BODY: u16 = 3;
/// Rows below it: the toast and the keys.
const BELOW: u16 = 2;

/// How many rows a screen's body has on a terminal of `terminal_rows` rows.
pub fn body_rows(terminal_rows: u16) -> u16 {
    terminal_rows.saturating_sub(ROWS_ABOVE_BODY + BELOW)
}

/// Draws the breadcrumb and who is in; gives back the room for the screen's body.
pub(super) fn header(area: Rect, buf: &mut Buffer, path: &[&dyn Layer], note: Option<String>, shared: &Shared) -> Rect {
    let theme = shared.theme;
    breadcrumb(area, buf, path, theme);
    let y = area.y + 1;
    let inner = area.width.saturating_sub(2 * MARGIN) as usize;
    if let Some(session) = &shared.session {
        let mut left = clean(&session.organization).into_owned();
        if shared.demo {
            left.push_str(" (demo: nothing is kept)");
        }
        let mut right = format!("{}, {}", clean(&session.member), session.rights.role.label());
        if session.read_only {
            right.push_str(" · read-only");
        }
        if let Some(note) = note {
            right = format!("{right} · {note}");
        }
        // Who is in and what may be done goes first: the organization is cut before it, down to a few letters.
        let right = fit(&right, inner.saturating_sub(ORGANIZATION + 2), theme.ellipsis());
        let room = inner.saturating_sub(width(&right) + 2);
        buf.set_stringn(area.x + MARGIN, y, fit(&left, room, theme.ellipsis()), room, theme.dim());
        let x = area.right().saturating_sub(MARGIN + cells(&right));
        buf.set_stringn(x, y, &right, inner, theme.dim());
    }
    Rect { y: area.y + ROWS_ABOVE_BODY, height: body_rows(area.height), ..area }
}

/// What lies under a dialog, all in dim text: it is there, but nobody reads it now.
pub(super) fn step_back(area: Rect, buf: &mut Buffer, theme: Theme) {
    buf.set_style(area, Style::reset().patch(theme.dim()));
}

/// The path, from the portal on.
fn breadcrumb(area: Rect, buf: &mut Buffer, path: &[&dyn Layer], theme: Theme) {
    let mut steps: Vec<String> = path.iter().map(|layer| clean(&layer.crumb()).into_owned()).collect();
    if steps.first().is_some_and(|first| first != ROOT) {
        steps.insert(0, ROOT.to_owned());
    }
    shorten(&mut steps, area.width.saturating_sub(2 * MARGIN) as usize, theme.ellipsis());
    let joint = format!(" {} ", theme.step());
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

/// Leaves the first step and as many of the last ones as fit, one at least, with an ellipsis between them.
fn shorten(steps: &mut Vec<String>, room: usize, ellipsis: &str) {
    let cells = |steps: &[String]| steps.iter().map(|step| width(step) + JOINT).sum::<usize>();
    if steps.len() < 3 || cells(steps) <= room + JOINT {
        return;
    }
    let before = cells(&steps[..1]) + width(ellipsis) + JOINT;
    let fits = |from: &usize| before + cells(&steps[*from..]) <= room + JOINT;
    let from = (2..steps.len()).find(fits).unwrap_or(steps.len() - 1);
    steps.splice(1..from, [ellipsis.to_owned()]);
}

/// Draws the toast and, under it, the keys of the layer on top.
pub(super) fn footer(area: Rect, buf: &mut Buffer, top: &dyn Layer, toast: Option<&Toast>, shared: &Shared) {
    if let Some(toast) = toast {
        draw_toast(area, buf, toast, shared.theme);
    }
    let row = area.bottom().saturating_sub(1);
    clear_row(area, buf, row);
    keys(Rect { y: row, height: 1, ..area }, buf, top, shared);
}

/// In the row above the keys, and upward from there when it has more to say.
fn draw_toast(area: Rect, buf: &mut Buffer, toast: &Toast, theme: Theme) {
    let (glyph, style) = theme.tone(toast.tone);
    let glyph = format!("{glyph} ");
    let x = area.x + MARGIN + cells(&glyph);
    let room = area.right().saturating_sub(x + MARGIN) as usize;
    let lines = toast_lines(&clean(&toast.text), room, theme.ellipsis());
    let first = area.bottom().saturating_sub(1 + u16::try_from(lines.len()).unwrap_or(1));
    for (row, line) in (first..).zip(&lines) {
        clear_row(area, buf, row);
        buf.set_stringn(x, row, line, room, style);
    }
    buf.set_stringn(area.x + MARGIN, first, &glyph, room, style);
}

/// The lines of a toast; what is too much for them is cut at the end.
fn toast_lines(text: &str, room: usize, ellipsis: &str) -> Vec<String> {
    let mut lines = wrap(text, room);
    if lines.len() > TOAST_ROWS {
        let rest = lines.split_off(TOAST_ROWS - 1).join(" ");
        lines.push(fit(&rest, room, ellipsis).into_owned());
    }
    lines
}

fn keys(row: Rect, buf: &mut Buffer, top: &dyn Layer, shared: &Shared) {
    let mut hints = hints(top, shared);
    let room = row.width.saturating_sub(2 * MARGIN) as usize;
    let total = |hints: &[Hint]| hints.iter().map(|hint| width(&hint.key) + width(&hint.word) + 3).sum::<usize>();
    while hints.len() > 2 && total(&hints) > room + 2 {
        hints.remove(hints.len() - 2);
    }
    let mut x = row.x + MARGIN;
    for Hint { key, word, lacks } in &hints {
        let left = (row.right().saturating_sub(x)) as usize;
        let style = if *lacks { shared.theme.dim() } else { shared.theme.strong() };
        (x, _) = buf.set_stringn(x, row.y, key, left, style);
        let left = (row.right().saturating_sub(x + 1)) as usize;
        (x, _) = buf.set_stringn((x + 1).min(row.right()), row.y, word, left, shared.theme.dim());
        x = (x + 2).min(row.right());
    }
}

/// A key of the footer, and what it does.
struct Hint {
    key: String,
    word: String,
    /// Whoever is in may not do it: the key says why.
    lacks: bool,
}

/// Keys and words of the footer: one key per command, only what would do something now.
fn hints(top: &dyn Layer, shared: &Shared) -> Vec<Hint> {
    let mut shown: Vec<&Binding> = Vec::new();
    for binding in keymap::of(top.context()).filter(|b| !b.hint.is_empty() && top.offers(b.cmd, shared)) {
        if !shown.iter().any(|earlier| earlier.cmd == binding.cmd) {
            shown.push(binding);
        }
    }
    let word = |b: &Binding| top.hint(b.cmd, shared).map_or_else(|| b.hint.to_owned(), |h| h.into_owned());
    let hint =
        |b: &Binding| Hint { key: key_text(b, shared), word: word(b), lacks: top.lacks(b.cmd, shared).is_some() };
    shown.into_iter().map(hint).collect()
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

/// All that a terminal gets that is too small to work in. `asked` is whether it was asked before quitting.
pub(super) fn too_small(area: Rect, buf: &mut Buffer, smallest: (u16, u16), asked: bool, theme: Theme) {
    let by = theme.either("×", "x");
    let lines = [
        format!("strongroom needs {}{by}{}", smallest.0, smallest.1),
        format!("this terminal is {}{by}{}", area.width, area.height),
        if asked { "not all is saved: ^C again quits" } else { "make it larger, or ^C quits" }.to_owned(),
    ];
    for (y, line) in (area.y..area.bottom()).zip(&lines) {
        buf.set_stringn(area.x, y, line, area.width as usize, Style::new());
    }
}

fn cells(text: &str) -> u16 {
    u16::try_from(width(text)).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::lifecycle::Refusal;
    use crate::domain::{Status, Timestamp};
    use crate::host::clipboard::Route;
    use crate::service::DoorError;
    use crate::tui::words;

    #[test]
    fn a_long_path_keeps_its_ends() {
        let shortened = |room| {
            let mut steps = ["Portal", "One", "Two", "Three", "Four"].map(str::to_owned).to_vec();
            shorten(&mut steps, room, "…");
            steps.join(" > ")
        };
        assert_eq!(shortened(33), "Portal > One > Two > Three > Four");
        assert_eq!(shortened(32), "Portal > … > Two > Three > Four");
        assert_eq!(shortened(30), "Portal > … > Three > Four");
        assert_eq!([14, 3].map(shortened), ["Portal > … > Four", "Portal > … > Four"]);
        let mut two = vec!["Portal".to_owned(), "x".repeat(128)];
        shorten(&mut two, 60, "…");
        assert_eq!(two.len(), 2);
    }

    /// The foot of a screen of so many columns, as text.
    fn shown(text: &str, columns: u16) -> Vec<String> {
        let area = Rect::new(0, 0, columns, 6);
        let mut buf = Buffer::filled(area, ratatui::buffer::Cell::new("#"));
        draw_toast(
            area,
            &mut buf,
            &Toast { text: text.to_owned(), tone: crate::tui::layer::Tone::Good },
            Theme::default(),
        );
        let row = |y| (0..columns).map(|x| buf[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        (0..6).map(row).collect()
    }

    #[test]
    fn a_toast_grows_upward_and_no_further_than_three_rows() {
        let one = shown("Saved crm", 60);
        assert_eq!((&*one[4], one[3] == "#".repeat(60)), (" ✓ Saved crm", true));
        let long = shown(&"word ".repeat(60), 60);
        assert_eq!(long[1], "#".repeat(60));
        assert!(
            long[2].starts_with(" ✓ word") && long[3].starts_with("   word") && long[4].ends_with('…'),
            "{long:#?}"
        );
        assert_eq!(long[5], "#".repeat(60));
    }

    #[test]
    fn what_a_toast_must_say_is_on_the_screen() {
        let refusal = |status| Refusal {
            name: "n".repeat(128).into(),
            status,
            since: Timestamp(1_795_442_700),
            by: Some("m".repeat(128).into()),
            application: None,
        };
        let refused = |status| words::error(&DoorError::Unavailable(refusal(status)));
        for columns in [60, 80] {
            let read = |text: &str| shown(text, columns).iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
            for route in [Route::Direct, Route::Tmux, Route::Screen] {
                let advice = route.advice();
                let text = read(&format!("Sent to the terminal's clipboard for 45 s. {advice}"));
                assert!(text.contains(advice), "{text}");
            }
            let inactive = read(&refused(Status::Inactive));
            assert!(inactive.contains("Inactive since 2026-11-23 by mmm"), "{inactive}");
            assert!(inactive.contains("Reactivate it first (d)."), "{inactive}");
            let expired = read(&refused(Status::Expired));
            assert!(expired.contains("give it a new value and a later date."), "{expired}");
        }
    }
}
