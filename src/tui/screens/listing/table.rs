//! The table, with the line of counts above it and what stands there when it is empty.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::model::{Column, Listing};
use crate::domain::lifecycle::gone_at;
use crate::domain::{Header, State, Status, Timestamp};
use crate::tui::app::{Shared, body_rows};
use crate::tui::keymap::{Cmd, Context};
use crate::tui::text::{clean, fit};
use crate::tui::theme::Theme;
use crate::tui::widgets::{ListState, TextInput, list_row};
use crate::tui::words;

/// Rows of the body above those of the table: counts, a blank one, headings.
const ABOVE: u16 = 3;
/// Within so many days a date is shown as its distance from today.
const NEAR_DAYS: i64 = 30;

/// How many secrets are in view on a terminal of `terminal_rows` rows.
pub(super) fn rows_in(terminal_rows: u16) -> usize {
    usize::from(body_rows(terminal_rows).saturating_sub(ABOVE))
}

/// Draws counts or find line, headings and rows.
pub(super) fn render(
    area: Rect,
    buf: &mut Buffer,
    listing: &Listing,
    at: ListState,
    find: Option<&TextInput>,
    shared: &Shared,
) {
    top_line(Rect { height: 1, ..area }, buf, listing, find, at, shared);
    let table = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    if listing.is_empty() {
        return nothing(table, buf, listing, shared);
    }
    let columns = columns(area.width);
    headings(table, buf, &columns, listing.order(), shared.theme);
    let rows = (table.y + 1..table.bottom()).zip(at.top..listing.len().min(at.top + rows_in(shared.size.1)));
    for (y, row) in rows {
        if let Some(header) = listing.row(row) {
            draw_row(Rect { y, height: 1, ..table }, buf, header, &columns, row == at.selected, shared);
        }
    }
}

/// Where each column begins and how wide it is.
fn columns(width: u16) -> [(u16, u16); 5] {
    let gap = if width >= 90 { 2 } else { 1 };
    let widths = [18, 10, 10, 15];
    let name = width.saturating_sub(3 + widths.iter().sum::<u16>() + 4 * gap + gap - 1).clamp(12, 60);
    let mut x = 3;
    let mut columns = [(x, name); 5];
    for (i, wide) in widths.into_iter().enumerate() {
        x = columns[i].0 + columns[i].1 + gap;
        columns[i + 1] = (x, wide);
    }
    columns
}

fn headings(area: Rect, buf: &mut Buffer, columns: &[(u16, u16); 5], order: (Column, bool), theme: Theme) {
    let short = ["Secret name", "Credential Type", "Created", "Expires", "Status"];
    for ((column, label), (x, width)) in Column::ALL.iter().zip(short).zip(columns) {
        let sorted = order.0 == *column;
        let arrow = if order.1 { theme.either("↓", "v") } else { theme.either("↑", "^") };
        let text = if sorted { format!("{label} {arrow}") } else { label.to_owned() };
        let style = if sorted { theme.strong() } else { theme.dim() };
        put(buf, area, *x, *width, &text, style, theme);
    }
}

fn draw_row(area: Rect, buf: &mut Buffer, header: &Header, columns: &[(u16, u16); 5], selected: bool, shared: &Shared) {
    let theme = shared.theme;
    let status = Status::of(header, shared.wall);
    let out_of_use = matches!(status, Status::Inactive | Status::Deleted);
    let plain = if out_of_use { theme.dim() } else { theme.text() };
    let [(x, width), others @ ..] = columns;
    let row = Rect { x: area.x + x - 2, width: width + 2, ..area };
    list_row(row, buf, &clean(&header.name), selected, plain, theme);
    let cells = [
        (header.kind.schema().short.to_owned(), plain),
        (header.created.at.date().to_string(), plain),
        (expires(header, shared.wall, theme), plain),
        (status_cell(header, status, shared.wall, theme), theme.status(status)),
    ];
    for ((text, style), (x, width)) in cells.iter().zip(others) {
        put(buf, area, *x, *width, text, *style, theme);
    }
}

fn put(buf: &mut Buffer, area: Rect, x: u16, width: u16, text: &str, style: Style, theme: Theme) {
    let room = width.min(area.width.saturating_sub(x)) as usize;
    buf.set_stringn(area.x + x, area.y, fit(text, room, theme.ellipsis()), room, style);
}

/// The Expiration Date: near ones as the days that are left or over.
fn expires(header: &Header, now: Timestamp, theme: Theme) -> String {
    let Some(end) = header.expires.filter(|_| !matches!(header.state, State::Deleted(_))) else {
        let deleted = matches!(header.state, State::Deleted(_));
        return if deleted { theme.either("–", "-").to_owned() } else { "never".to_owned() };
    };
    match end.days_from(now) {
        0 => "today".to_owned(),
        days @ 1..=NEAR_DAYS => format!("in {days} d"),
        days if (-NEAR_DAYS..0).contains(&days) => format!("{} d ago", -days),
        _ => end.date().to_string(),
    }
}

fn status_cell(header: &Header, status: Status, now: Timestamp, theme: Theme) -> String {
    let glyph = theme.status_glyph(status);
    match gone_at(header) {
        Some(gone) => format!("{glyph} {} {} d", status.word(), gone.days_from(now).max(0)),
        None => format!("{glyph} {}", status.word()),
    }
}

/// Counts, or the find line, or what is filtered; at the right where one stands.
fn top_line(area: Rect, buf: &mut Buffer, listing: &Listing, find: Option<&TextInput>, at: ListState, shared: &Shared) {
    let theme = shared.theme;
    let place = if listing.is_empty() { String::new() } else { format!("{} of {}", at.selected + 1, listing.len()) };
    let right = area.right().saturating_sub(u16::try_from(place.len()).unwrap_or(0) + 1);
    buf.set_stringn(right, area.y, &place, place.len(), theme.dim());
    let room = right.saturating_sub(area.x + 5);
    if let Some(input) = find {
        buf.set_stringn(area.x + 3, area.y, "Find", 4, theme.accent());
        return input.render(Rect { x: area.x + 8, width: room.saturating_sub(5), ..area }, buf, true, theme);
    }
    if listing.is_narrowed() {
        let text = narrowed(listing, theme);
        buf.set_stringn(area.x + 3, area.y, fit(&text, room as usize, theme.ellipsis()), room as usize, theme.accent());
        return;
    }
    counts(Rect { x: area.x + 3, width: room, ..area }, buf, listing, theme);
}

fn narrowed(listing: &Listing, theme: Theme) -> String {
    let mut parts = Vec::new();
    if !listing.query().is_empty() {
        parts.push(format!("Found by \"{}\"", clean(listing.query())));
    }
    let filter = listing.filter();
    let words: Vec<&str> =
        filter.kinds.iter().map(|kind| kind.label()).chain(filter.statuses.iter().copied()).collect();
    if !words.is_empty() {
        parts.push(format!("Only {}", words.join(", ")));
    }
    format!("{} ({})", parts.join(" · "), way_back(listing, theme))
}

/// What the next step back does.
fn way_back(listing: &Listing, theme: Theme) -> String {
    let key = words::key(Context::Listing, Cmd::Back, theme);
    let both = !listing.query().is_empty() && !listing.filter().is_empty();
    if both { format!("{key} ends the find") } else { format!("{key} shows all") }
}

fn counts(area: Rect, buf: &mut Buffer, listing: &Listing, theme: Theme) {
    let counts = listing.counts();
    if counts.secrets + counts.deleted == 0 {
        return;
    }
    let noun = if counts.secrets == 1 { "secret" } else { "secrets" };
    let mut parts = vec![(format!("{} {noun}", counts.secrets), theme.strong())];
    let mut add = |count: usize, status: Status, words: &str| {
        if count > 0 {
            parts.push((format!("{} {count} {words}", theme.status_glyph(status)), theme.status(status)));
        }
    };
    add(counts.expired, Status::Expired, "expired");
    add(counts.soon, Status::ExpiresSoon(0), "expire soon");
    add(counts.inactive, Status::Inactive, "inactive");
    let mut x = area.x;
    for (text, style) in parts {
        let room = area.right().saturating_sub(x) as usize;
        (x, _) = buf.set_stringn(x, area.y, fit(&text, room, theme.ellipsis()), room, style);
        x = (x + 3).min(area.right());
    }
}

/// An empty vault, a find without a match, or secrets that have not arrived yet.
fn nothing(area: Rect, buf: &mut Buffer, listing: &Listing, shared: &Shared) {
    let theme = shared.theme;
    let lines: [(String, Style); 2] = if !shared.loaded {
        [(format!("Reading the secrets{}", theme.ellipsis()), theme.dim()), (String::new(), theme.dim())]
    } else if listing.is_narrowed() {
        [("Nothing matches.".to_owned(), theme.strong()), (format!("{}.", way_back(listing, theme)), theme.dim())]
    } else {
        let key = words::key(Context::Listing, Cmd::Register, theme);
        let how =
            format!("Press {key} to register the first: an API key, a token, credentials, a certificate or pairs.");
        [("No secrets yet.".to_owned(), theme.strong()), (how, theme.dim())]
    };
    let room = area.width.saturating_sub(4);
    for (i, (text, style)) in lines.iter().enumerate() {
        let y = area.y + 2 + 2 * u16::try_from(i).unwrap_or(0);
        for (y, line) in (y..area.bottom()).zip(crate::tui::text::wrap(text, room as usize)) {
            buf.set_stringn(area.x + 3, y, line, room as usize, *style);
        }
    }
}
