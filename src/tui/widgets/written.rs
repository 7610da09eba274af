//! What is written down or read aloud: a key in numbered groups, a fingerprint in large letters.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Column;
use crate::domain::SecretBytes;
use crate::tui::text::{clean, width};
use crate::tui::theme::Theme;

/// Cells from one group to the next, its number included.
const CELL: u16 = 13;
/// Most groups beside each other.
const PER_ROW: u16 = 5;

/// The groups of the written form of a key.
pub fn groups(key: &SecretBytes) -> Vec<&str> {
    let text = key.expose_text().unwrap_or_default();
    text.split(['-', ' ', '\n']).filter(|group| !group.is_empty()).collect()
}

/// Writes `key` in its groups, in clear or masked.
pub fn render_groups(column: &mut Column<'_>, key: &SecretBytes, shown: bool, theme: Theme) {
    let groups = groups(key);
    let per_row = usize::from((u16::try_from(column.width()).unwrap_or(u16::MAX) / CELL).clamp(1, PER_ROW));
    for (i, row) in groups.chunks(per_row).enumerate() {
        let (area, buf) = column.row();
        for (x, (n, group)) in (area.x..).step_by(usize::from(CELL)).zip((i * per_row + 1..).zip(row)) {
            render_group(Rect { x, ..area }, buf, n, group, shown, theme);
        }
        column.gap();
    }
}

fn render_group(at: Rect, buf: &mut Buffer, number: usize, group: &str, shown: bool, theme: Theme) {
    if at.is_empty() {
        return;
    }
    let (x, y) = buf.set_stringn(at.x, at.y, format!("{number:>2} "), 3, theme.dim());
    if shown {
        buf.set_stringn(x + 1, y, group, usize::from(CELL), theme.strong());
    } else {
        buf.set_stringn(x + 1, y, theme.dot().repeat(group.len()), usize::from(CELL), theme.dim());
    }
}

/// Writes `fingerprint` in the middle of the first row of `row`, its characters apart from each other.
pub fn render_fingerprint(row: Rect, buf: &mut Buffer, fingerprint: &str, theme: Theme) {
    if row.is_empty() {
        return;
    }
    let text = spaced(&clean(fingerprint));
    let indent = row.width.saturating_sub(u16::try_from(width(&text)).unwrap_or(row.width)) / 2;
    buf.set_stringn(row.x + indent, row.y, text, usize::from(row.width - indent), theme.accent());
}

/// `7K3M-9QTX` as `7 K 3 M    9 Q T X`.
fn spaced(fingerprint: &str) -> String {
    let groups = fingerprint.split(['-', ' ']).filter(|group| !group.is_empty());
    let apart = |group: &str| group.chars().map(String::from).collect::<Vec<_>>().join(" ");
    groups.map(apart).collect::<Vec<_>>().join("    ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_stands_apart_and_in_the_middle() {
        assert_eq!(spaced("7K3M-9QTX 2F"), "7 K 3 M    9 Q T X    2 F");
        let area = Rect::new(0, 0, 20, 1);
        let mut buf = Buffer::empty(area);
        render_fingerprint(area, &mut buf, "AB-CD", Theme::plain());
        let text: String = buf.content().iter().map(|cell| cell.symbol()).collect();
        assert_eq!(text, "     A B    C D     ");
        render_fingerprint(Rect { width: 3, ..area }, &mut buf, "AB-CD", Theme::plain());
        render_fingerprint(Rect { width: 0, ..area }, &mut buf, "AB-CD", Theme::plain());
    }
}
