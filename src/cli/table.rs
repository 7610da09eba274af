//! Rows in columns that are as wide as what is in them.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use crate::domain::text::{is_plain, sanitize};

/// Between two columns.
const GAP: &str = "  ";

/// `rows` below `head`, sanitized, with columns as wide as they need to be; the last one is not filled up.
pub(super) fn table<const N: usize>(head: [&str; N], rows: &[[Cow<'_, str>; N]]) -> String {
    let rows: Vec<[Cow<'_, str>; N]> = rows.iter().map(|row| row.each_ref().map(|cell| sanitize(cell))).collect();
    let widths: [usize; N] = std::array::from_fn(|column| {
        let wide = rows.iter().map(|row| width(&row[column]));
        wide.chain([head[column].width()]).max().unwrap_or(0)
    });
    let mut out = String::new();
    line(&mut out, &head.map(Cow::Borrowed), &widths);
    rows.iter().for_each(|row| line(&mut out, row, &widths));
    out
}

/// How wide it is.
fn width(text: &str) -> usize {
    if is_plain(text) { text.len() } else { text.width() }
}

fn line(out: &mut String, cells: &[Cow<'_, str>], widths: &[usize]) {
    let start = out.len();
    for (cell, width) in cells.iter().zip(widths) {
        if out.len() > start {
            out.push_str(GAP);
        }
        out.push_str(cell);
        out.extend(std::iter::repeat_n(' ', width.saturating_sub(self::width(cell))));
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
}

/// `label: text` in two columns, sanitized; nothing for a text that is empty.
pub(super) fn facts(rows: &[(String, String)]) -> String {
    let rows: Vec<(Cow<'_, str>, Cow<'_, str>)> = rows
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(label, text)| (sanitize(label), sanitize(text)))
        .collect();
    let width = rows.iter().map(|(label, _)| label.width()).max().unwrap_or(0);
    let fact = |(label, text): &(Cow<'_, str>, Cow<'_, str>)| {
        format!("{label}{}{GAP}{text}\n", " ".repeat(width - label.width()))
    };
    rows.iter().map(fact).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let rows = [["日本".into(), "x".into()], ["a\x1b[2J".into(), "".into()]];
        assert_eq!(table(["N", "Longer"], &rows), "N      Longer\n日本   x\na\u{FFFD}[2J\n");
        let rows = [("Type".to_owned(), "API Key".to_owned()), ("By".to_owned(), String::new())];
        assert_eq!(facts(&rows), "Type  API Key\n");
    }
}
