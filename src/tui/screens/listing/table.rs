//! The table, with the line of counts above it and what stands there when it is empty.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::model::{Column, Listing};
use crate::domain::{Header, Scope, State, Status, Timestamp};
use crate::tui::app::{ROWS_ABOVE_BODY, Shared, body_rows};
use crate::tui::keymap::{Cmd, Context};
use crate::tui::screens::{facts, notices};
use crate::tui::text::{clean, fit, width};
use crate::tui::theme::Theme;
use crate::tui::widgets::{ListState, TextInput, list_row};
use crate::tui::words;

/// Rows of the body above those of the table: counts, a blank one, headings.
const ABOVE: u16 = 3;
/// A name of so many cells is worth cutting the type for.
const NAME: u16 = 18;
/// Within so many days a date is shown as its distance from today.
const NEAR_DAYS: i64 = 30;

/// How many secrets are in view on a terminal of `terminal_rows` rows.
pub(super) fn rows_in(terminal_rows: u16) -> usize {
    usize::from(body_rows(terminal_rows).saturating_sub(ABOVE))
}

/// The row of the terminal that the selected secret is on.
pub(super) fn line_of(at: ListState) -> u16 {
    ROWS_ABOVE_BODY + ABOVE + u16::try_from(at.selected.saturating_sub(at.top)).unwrap_or(0)
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

/// What is in a column, where it begins and how wide it is.
type Place = (Column, u16, u16);

/// The columns that a table of `width` cells has: a narrow one leaves out when the secret was made, a narrower one cuts
/// the type. The status is whole on every terminal.
fn columns(width: u16) -> Vec<Place> {
    let gap = if width >= 90 { 2 } else { 1 };
    let mut widths: Vec<(Column, u16)> =
        vec![(Column::Kind, 18), (Column::Created, 10), (Column::Expires, 10), (Column::Status, 15)];
    let left =
        |widths: &[(Column, u16)]| width.saturating_sub(3 + widths.iter().map(|(_, wide)| gap + wide).sum::<u16>() + 1);
    if left(&widths) < 16 {
        widths.retain(|(column, _)| *column != Column::Created);
    }
    let missing = NAME.saturating_sub(left(&widths));
    widths[0].1 -= missing.min(7);
    let mut places = vec![(Column::Name, 3, left(&widths).min(60))];
    for (column, wide) in widths {
        let (_, x, before) = places[places.len() - 1];
        places.push((column, x + before + gap, wide));
    }
    places
}

fn headings(area: Rect, buf: &mut Buffer, columns: &[Place], order: (Column, bool), theme: Theme) {
    for (column, x, width) in columns {
        let sorted = order.0 == *column;
        let arrow = if order.1 { theme.either("↓", "v") } else { theme.either("↑", "^") };
        let label = heading(*column, *width);
        let text = if sorted { format!("{label} {arrow}") } else { label.to_owned() };
        let style = if sorted { theme.strong() } else { theme.dim() };
        put(buf, area, *x, *width, &text, style, theme);
    }
}

fn heading(column: Column, width: u16) -> &'static str {
    match column {
        Column::Name => "Secret name",
        Column::Kind if width < 17 => "Type",
        Column::Kind => "Credential Type",
        Column::Created => "Created",
        Column::Expires => "Expires",
        Column::Status => "Status",
    }
}

fn draw_row(area: Rect, buf: &mut Buffer, header: &Header, columns: &[Place], selected: bool, shared: &Shared) {
    let theme = shared.theme;
    let status = Status::of(header, shared.wall);
    let out_of_use = matches!(status, Status::Inactive | Status::Deleted);
    let plain = if out_of_use { theme.dim() } else { theme.text() };
    for (column, x, width) in columns {
        let (text, style) = match column {
            Column::Name => {
                let row = Rect { x: area.x + x - 2, width: width + 2, ..area };
                draw_name(row, buf, header, selected, plain, theme);
                continue;
            }
            Column::Kind => (header.kind.schema().short.to_owned(), plain),
            Column::Created => (header.created.at.date().to_string(), plain),
            Column::Expires => (expires(header, shared.wall, theme), plain),
            Column::Status => {
                (format!("{} {}", theme.status_glyph(status), facts::short(header, shared.wall)), theme.status(status))
            }
        };
        put(buf, area, *x, *width, &text, style, theme);
    }
}

/// The name; behind that of a personal secret its mark, with the word where there is room for it.
fn draw_name(row: Rect, buf: &mut Buffer, header: &Header, selected: bool, plain: Style, theme: Theme) {
    let name = clean(&header.name);
    if header.scope == Scope::Organization {
        list_row(row, buf, &name, selected, plain, theme);
        return;
    }
    let glyph = format!(" {}", theme.personal());
    let full = format!("{glyph} personal");
    let fits = width(&name) + width(&full) + 2 <= usize::from(row.width);
    let mark = if fits { full } else { glyph };
    let cells = u16::try_from(width(&mark)).unwrap_or(0);
    let place = Rect { width: row.width.saturating_sub(cells), ..row };
    let x = list_row(place, buf, &name, selected, plain, theme);
    buf.set_stringn(x, row.y, mark, usize::from(row.right().saturating_sub(x)), theme.dim());
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
    let words = filter.kinds.iter().map(|kind| kind.label()).chain(filter.statuses.iter().copied());
    let words: Vec<&str> = words.chain(filter.scopes.iter().map(|scope| facts::scope_word(*scope))).collect();
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

/// Said when there is room for it, and when there is not.
type Count = (String, String, Style);

fn counts(area: Rect, buf: &mut Buffer, listing: &Listing, theme: Theme) {
    let parts = counted(listing, theme);
    let room = usize::from(area.width);
    let total = |gap: usize| parts.iter().map(|(text, ..)| width(text) + gap).sum::<usize>().saturating_sub(gap);
    let gap: u16 = if total(3) <= room { 3 } else { 2 };
    let brief = total(2) > room;
    let mut x = area.x;
    for (text, short, style) in &parts {
        let text = if brief { short } else { text };
        let room = area.right().saturating_sub(x) as usize;
        if width(text) > room {
            break;
        }
        (x, _) = buf.set_stringn(x, area.y, text, room, *style);
        x = (x + gap).min(area.right());
    }
}

/// What there is, and of what kind: with the deleted ones it adds up to the rows.
fn counted(listing: &Listing, theme: Theme) -> Vec<Count> {
    let counts = listing.counts();
    if counts.secrets + counts.deleted == 0 {
        return Vec::new();
    }
    let noun = if counts.secrets == 1 { "secret" } else { "secrets" };
    let all = format!("{} {noun}", counts.secrets);
    let mut parts = vec![(all.clone(), all, theme.strong())];
    if counts.personal > 0 {
        let text = format!("{} {} personal", theme.personal(), counts.personal);
        parts.push((text.clone(), text, theme.dim()));
    }
    let mut add = |count: usize, status: Status, words: &str, short: &str| {
        if count > 0 {
            let start = format!("{} {count}", theme.status_glyph(status));
            parts.push((format!("{start} {words}"), format!("{start} {short}"), theme.status(status)));
        }
    };
    let soon = if counts.soon == 1 { "expires soon" } else { "expire soon" };
    add(counts.expired, Status::Expired, "expired", "expired");
    add(counts.soon, Status::ExpiresSoon(0), soon, "soon");
    add(counts.inactive, Status::Inactive, "inactive", "inactive");
    add(counts.deleted, Status::Deleted, "deleted", "deleted");
    parts
}

/// An empty vault, a find without a match, or secrets that have not arrived yet.
fn nothing(area: Rect, buf: &mut Buffer, listing: &Listing, shared: &Shared) {
    let theme = shared.theme;
    let lines: [(String, Style); 2] = if !shared.loaded {
        [(format!("Reading the secrets{}", theme.ellipsis()), theme.dim()), (String::new(), theme.dim())]
    } else if listing.is_narrowed() {
        [("Nothing matches.".to_owned(), theme.strong()), (format!("{}.", way_back(listing, theme)), theme.dim())]
    } else if shared.is_read_only() {
        [(notices::nothing_to_read(shared), theme.bad()), (notices::read_only(shared), theme.text())]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::harness::Harness;

    #[test]
    fn the_status_is_whole_and_the_name_has_what_is_left() {
        let name = |width| columns(width)[0].2;
        assert_eq!([60, 80, 86, 100, 126].map(name), [17, 19, 25, 35, 60]);
        for width in 60..200 {
            let (column, x, wide) = columns(width)[columns(width).len() - 1];
            assert_eq!((column, wide), (Column::Status, 15));
            assert!(x + wide < width, "nothing touches the edge at {width}");
        }
        let kinds = |width| columns(width).iter().map(|(column, ..)| *column).collect::<Vec<_>>();
        assert_eq!(kinds(60), [Column::Name, Column::Kind, Column::Expires, Column::Status]);
        assert_eq!(kinds(80), Column::ALL);
    }

    #[test]
    fn the_counts_add_up_and_speak_of_one_as_of_one() {
        let mut h = Harness::demo(120, 40);
        h.expect("12 secrets").expect("▲ 2 expire soon").expect("⌫ 2 deleted").expect("1 of 14");
        h.press("/").type_text("maps-tiles").press("Enter d Tab Enter Esc").expect("▲ 1 expires soon");
        h.expect("⌫ Gone in 12 d").resize(60, 24).expect("◷ Not yet valid").expect("⌫ Gone in 12 d");
    }
}
