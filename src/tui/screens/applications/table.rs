//! The list of applications, with the line of counts above it and what stands there when it is empty.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Screen;
use super::model::Entry;
use crate::tui::app::{Shared, body_rows};
use crate::tui::keymap::{Cmd, Context};
use crate::tui::text::{clean, fit, width, wrap};
use crate::tui::theme::Theme;
use crate::tui::widgets::list_row;
use crate::tui::words;

/// Rows of the body above those of the table: counts, a blank one, headings.
const ABOVE: u16 = 3;
/// Cells of the number of bindings, and of whether it would be served.
const TAIL: [u16; 2] = [9, 16];
/// A name has at most so many cells.
const NAME: u16 = 36;

/// How many applications are in view on a terminal of `terminal_rows` rows.
pub(super) fn rows_in(terminal_rows: u16) -> usize {
    usize::from(body_rows(terminal_rows).saturating_sub(ABOVE))
}

/// Draws counts or find line, headings and rows.
pub(super) fn render(area: Rect, buf: &mut Buffer, screen: &Screen, shared: &Shared) {
    let theme = shared.theme;
    top_line(Rect { height: 1, ..area }, buf, screen, theme);
    let table = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    if screen.model.len() == 0 {
        return nothing(table, buf, screen, shared);
    }
    let places = places(area.width);
    for ((x, wide), text) in places.iter().zip(["Application", "Needs", "Bindings", "Now"]) {
        put(table, buf, (*x, *wide), text, theme.dim(), theme);
    }
    let shown = screen.at.top..screen.model.len().min(screen.at.top + rows_in(shared.size.1));
    for (y, row) in (table.y + 1..table.bottom()).zip(shown) {
        if let Some(entry) = screen.model.row(row) {
            draw_row(Rect { y, height: 1, ..table }, buf, entry, &places, row == screen.at.selected, theme);
        }
    }
}

/// Where each column begins, and how wide it is.
fn places(width: u16) -> [(u16, u16); 4] {
    let gap = if width >= 90 { 2 } else { 1 };
    let left = width.saturating_sub(3 + 3 * gap + TAIL[0] + TAIL[1] + 1);
    let name = (left * 2 / 5).min(NAME);
    let needs = left - name;
    let second = 3 + name + gap;
    let third = second + needs + gap;
    [(3, name), (second, needs), (third, TAIL[0]), (third + TAIL[0] + gap, TAIL[1])]
}

fn draw_row(area: Rect, buf: &mut Buffer, entry: &Entry, places: &[(u16, u16); 4], selected: bool, theme: Theme) {
    let name = Rect { x: area.x + places[0].0 - 2, width: places[0].1 + 2, ..area };
    list_row(name, buf, &clean(&entry.application.name), selected, theme.text(), theme);
    put(area, buf, places[1], &entry.needs, theme.dim(), theme);
    let bindings = entry.application.bindings.len().to_string();
    put(area, buf, places[2], &bindings, theme.text(), theme);
    let (words, style) = entry.health.words(theme);
    put(area, buf, places[3], &words, style, theme);
}

fn put(area: Rect, buf: &mut Buffer, (x, wide): (u16, u16), text: &str, style: Style, theme: Theme) {
    let room = usize::from(wide.min(area.width.saturating_sub(x)));
    buf.set_stringn(area.x + x, area.y, fit(text, room, theme.ellipsis()), room, style);
}

/// Counts, or the find line, or what was found; at the right where one stands.
fn top_line(area: Rect, buf: &mut Buffer, screen: &Screen, theme: Theme) {
    let model = &screen.model;
    let place = if model.len() == 0 { String::new() } else { format!("{} of {}", screen.at.selected + 1, model.len()) };
    let right = area.right().saturating_sub(u16::try_from(place.len()).unwrap_or(0) + 1);
    buf.set_stringn(right, area.y, &place, place.len(), theme.dim());
    let room = right.saturating_sub(area.x + 5);
    if let Some(input) = &screen.find {
        buf.set_stringn(area.x + 3, area.y, "Find", 4, theme.accent());
        return input.render(Rect { x: area.x + 8, width: room.saturating_sub(5), ..area }, buf, true, theme);
    }
    let room = usize::from(room);
    if !model.query().is_empty() {
        let key = words::key(Context::Applications, Cmd::Back, theme);
        let text = format!("Found by \"{}\" ({key} shows all)", clean(model.query()));
        buf.set_stringn(area.x + 3, area.y, fit(&text, room, theme.ellipsis()), room, theme.accent());
    } else if model.total() > 0 {
        let noun = if model.total() == 1 { "application" } else { "applications" };
        let text = format!("{} {noun}", model.total());
        let (x, _) = buf.set_stringn(area.x + 3, area.y, &text, room, theme.strong());
        let refused = match model.refused() {
            0 => return,
            1 => format!("{} 1 would be refused now", theme.cross()),
            count => format!("{} {count} would be refused now", theme.cross()),
        };
        let left = room.saturating_sub(width(&text) + 3);
        buf.set_stringn(x + 3, area.y, fit(&refused, left, theme.ellipsis()), left, theme.bad());
    }
}

/// No application, a find without a match, an error, or none here yet.
fn nothing(area: Rect, buf: &mut Buffer, screen: &Screen, shared: &Shared) {
    let theme = shared.theme;
    let key = |cmd| words::key(Context::Applications, cmd, theme);
    let lines: Vec<(String, Style)> = match (&screen.error, &screen.model.all) {
        (Some(error), _) => vec![(clean(error).into_owned(), theme.bad())],
        (None, None) => vec![(format!("Reading the applications{}", theme.ellipsis()), theme.dim())],
        (None, Some(_)) if !screen.model.query().is_empty() => {
            vec![
                ("Nothing matches.".to_owned(), theme.strong()),
                (format!("{} shows all.", key(Cmd::Back)), theme.dim()),
            ]
        }
        (None, Some(_)) => {
            let why = "An application is something outside that depends on secrets: a service, a job, a git host. It names \
                       which field goes to which variable, header, file or host.";
            let how = match shared.writable() {
                true => format!("Press {} to add the first.", key(Cmd::Add)),
                false => String::new(),
            };
            vec![
                ("No applications yet.".to_owned(), theme.strong()),
                (why.to_owned(), theme.dim()),
                (how, theme.text()),
            ]
        }
    };
    let room = usize::from(area.width.saturating_sub(6).min(74));
    let mut y = area.y + 2;
    for (text, style) in &lines {
        for line in wrap(text, room) {
            if y < area.bottom() {
                buf.set_stringn(area.x + 3, y, line, room, *style);
            }
            y += 1;
        }
        y += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn columns_fill_the_width_and_none_touches_the_next() {
        for width in 60..240 {
            let places = places(width);
            assert!(places.windows(2).all(|two| two[0].0 + two[0].1 < two[1].0), "{places:?}");
            let (x, wide) = places[3];
            assert_eq!(x + wide, width - 1);
        }
    }
}
