//! The list of events, with the line of counts above it and what stands there when it is empty.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Screen;
use super::words::{origin, outcome_look, outcome_word, subject};
use crate::domain::audit::Event;
use crate::domain::date::relative;
use crate::domain::text::grouped;
use crate::tui::app::{Shared, body_rows};
use crate::tui::keymap::{Cmd, Context};
use crate::tui::text::{clean, fit, wrap};
use crate::tui::theme::Theme;
use crate::tui::widgets::list_row;
use crate::tui::words;

/// Rows of the body above those of the table: counts, a blank one, headings.
const ABOVE: u16 = 3;
/// From this width on the exact time stands beside the relative one.
const WIDE: u16 = 100;
/// Headings, from left to right.
const HEADINGS: [&str; 6] = ["When", "Who", "What", "Which", "Outcome", "Where from"];

/// How many events are in view on a terminal of `terminal_rows` rows.
pub(super) fn rows_in(terminal_rows: u16) -> usize {
    usize::from(body_rows(terminal_rows).saturating_sub(ABOVE))
}

/// Draws counts or find line, headings and rows.
pub(super) fn render(area: Rect, buf: &mut Buffer, screen: &Screen, shared: &Shared) {
    let theme = shared.theme;
    top_line(Rect { height: 1, ..area }, buf, screen, theme);
    let table = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    if screen.model.len() == 0 {
        return nothing(table, buf, screen, theme);
    }
    let places = places(area.width);
    for (place, text) in places.iter().zip(HEADINGS) {
        put(table, buf, *place, text, theme.dim(), theme);
    }
    let shown = screen.at.top..screen.model.len().min(screen.at.top + rows_in(shared.size.1));
    for (y, row) in (table.y + 1..table.bottom()).zip(shown) {
        if let Some(event) = screen.model.row(row) {
            draw_row(Rect { y, height: 1, ..table }, buf, event, &places, row == screen.at.selected, shared);
        }
    }
}

/// Where each column begins, and how wide it is.
fn places(width: u16) -> [(u16, u16); 6] {
    let gap = if width >= WIDE { 2 } else { 1 };
    let when = if width >= WIDE { 28 } else { 10 };
    let fixed = [when, if width >= WIDE { 12 } else { 9 }, 12, 9];
    let left = width.saturating_sub(3 + 5 * gap + fixed.iter().sum::<u16>() + 1);
    let which = left * 3 / 5;
    let mut x = 3;
    [fixed[0], fixed[1], fixed[2], which, fixed[3], left - which].map(|wide| {
        let place = (x, wide);
        x += wide + gap;
        place
    })
}

fn draw_row(area: Rect, buf: &mut Buffer, event: &Event, places: &[(u16, u16); 6], selected: bool, shared: &Shared) {
    let theme = shared.theme;
    let wide = area.width >= WIDE;
    let ago = relative(event.at.min(shared.wall), shared.wall);
    let when = if wide { format!("{}  {ago}", event.at.to_minute().trim_end_matches(" UTC")) } else { ago };
    let row = Rect { x: area.x + places[0].0 - 2, width: places[0].1 + 2, ..area };
    list_row(row, buf, &when, selected, theme.dim(), theme);
    let (glyph, style) = outcome_look(event, theme);
    let cells = [
        (event.origin.user.to_string(), theme.text()),
        (event.action.word().to_owned(), theme.text()),
        (subject(event), theme.text()),
        (format!("{glyph} {}", outcome_word(event)), style),
        (origin(event, wide), theme.dim()),
    ];
    for (place, (text, style)) in places[1..].iter().zip(cells) {
        put(area, buf, *place, &clean(&text), style, theme);
    }
}

fn put(area: Rect, buf: &mut Buffer, (x, wide): (u16, u16), text: &str, style: Style, theme: Theme) {
    let room = usize::from(wide.min(area.width.saturating_sub(x)));
    buf.set_stringn(area.x + x, area.y, fit(text, room, theme.ellipsis()), room, style);
}

/// How many there are, or the find line, or what is shown of them; at the right where one stands.
fn top_line(area: Rect, buf: &mut Buffer, screen: &Screen, theme: Theme) {
    let model = &screen.model;
    let count = |count: usize| grouped(count as u64);
    let place = match model.len() {
        0 => String::new(),
        len => format!("{} of {}", count(screen.at.selected + 1), count(len)),
    };
    let cells = crate::tui::text::width(&place);
    let right = area.right().saturating_sub(u16::try_from(cells).unwrap_or(0) + 1);
    buf.set_stringn(right, area.y, &place, cells, theme.dim());
    let room = right.saturating_sub(area.x + 5);
    if let Some(input) = &screen.find {
        buf.set_stringn(area.x + 3, area.y, "Find", 4, theme.accent());
        return input.render(Rect { x: area.x + 8, width: room.saturating_sub(5), ..area }, buf, true, theme);
    }
    let total = model.total().unwrap_or(0);
    let (text, style) = match narrowed(screen, theme) {
        Some(text) => (text, theme.accent()),
        None if total > 0 => {
            (format!("{} {}", count(total), if total == 1 { "event" } else { "events" }), theme.strong())
        }
        None => return,
    };
    buf.set_stringn(area.x + 3, area.y, fit(&text, room.into(), theme.ellipsis()), room.into(), style);
}

/// What find and filter leave, and the way back.
fn narrowed(screen: &Screen, theme: Theme) -> Option<String> {
    let (query, filter) = (screen.model.query(), screen.model.filter());
    let found = (!query.is_empty()).then(|| format!("Found by \"{}\"", clean(query)));
    let only = (!filter.is_empty()).then(|| format!("Only {}", filter.words()));
    let parts: Vec<String> = found.into_iter().chain(only).collect();
    (!parts.is_empty()).then(|| format!("{} ({})", parts.join(" · "), way_back(screen, theme)))
}

fn way_back(screen: &Screen, theme: Theme) -> String {
    let key = words::key(Context::Audit, Cmd::Back, theme);
    let both = !screen.model.query().is_empty() && !screen.model.filter().is_empty();
    if both { format!("{key} ends the find") } else { format!("{key} shows all") }
}

/// An empty log, nothing that matches, an error, or none here yet.
fn nothing(area: Rect, buf: &mut Buffer, screen: &Screen, theme: Theme) {
    let lines: [(String, Style); 2] = match (&screen.error, screen.model.total()) {
        (Some(error), _) => {
            [("The audit log cannot be shown.".to_owned(), theme.strong()), (error.clone(), theme.bad())]
        }
        (None, None) => [(format!("Reading the audit log{}", theme.ellipsis()), theme.dim()), Default::default()],
        (None, Some(0)) => [
            ("Nothing is recorded yet.".to_owned(), theme.strong()),
            (
                "Every change and every delivery leaves an event here: who, when, from where, and what came of it."
                    .into(),
                theme.dim(),
            ),
        ],
        (None, Some(_)) => {
            [("Nothing matches.".to_owned(), theme.strong()), (format!("{}.", way_back(screen, theme)), theme.dim())]
        }
    };
    let room = usize::from(area.width.saturating_sub(6).min(74));
    for (i, (text, style)) in lines.iter().enumerate() {
        let y = area.y + 2 + 2 * u16::try_from(i).unwrap_or(0);
        for (y, line) in (y..area.bottom()).zip(wrap(&clean(text), room)) {
            buf.set_stringn(area.x + 3, y, line, room, *style);
        }
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
            assert_eq!(places[5].0 + places[5].1, width - 1);
        }
    }
}
