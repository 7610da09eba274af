//! Text in cells: cutting, padding, wrapping. All text from outside goes through [`clean`] first.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Text from outside, with everything that could fool or steer a terminal made visible.
pub fn clean(text: &str) -> Cow<'_, str> {
    crate::domain::text::sanitize(text)
}

/// Width in cells.
pub fn width(text: &str) -> usize {
    text.width()
}

/// `text` in at most `cells`, with `ellipsis` in the place of what was cut.
pub fn fit<'a>(text: &'a str, cells: usize, ellipsis: &str) -> Cow<'a, str> {
    if text.width() <= cells {
        return Cow::Borrowed(text);
    }
    let room = cells.saturating_sub(ellipsis.width());
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += grapheme.width();
        if used > room {
            break;
        }
        out.push_str(grapheme);
    }
    if cells >= ellipsis.width() {
        out.push_str(ellipsis);
    }
    Cow::Owned(out)
}

/// `text` broken at spaces into lines of at most `cells`; words longer than a line are cut, fingerprints between their pairs.
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    let cells = cells.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.width() + 1 + word.width() > cells {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for grapheme in word.graphemes(true) {
            if line.width() + grapheme.width() > cells {
                let rest = line.split_off(cut(&line));
                lines.push(std::mem::replace(&mut line, rest));
            }
            line.push_str(grapheme);
        }
    }
    lines.push(line);
    lines
}

/// Where a line without a space is cut: after the last colon of a fingerprint, else at its end.
fn cut(line: &str) -> usize {
    line.rfind(':').map(|at| at + 1).filter(|at| *at > line.len() / 2).unwrap_or(line.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_by_cells_not_by_characters() {
        assert_eq!(fit("short", 8, "…"), "short");
        assert_eq!(fit("github-deploy-pat", 8, "…"), "github-…");
        assert_eq!(fit("日本語テキスト", 7, "…"), "日本語…");
        assert_eq!(fit("abc", 0, "…"), "");
    }

    #[test]
    fn wraps_at_spaces() {
        assert_eq!(wrap("the quick brown fox", 10), ["the quick", "brown fox"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("AB:CD:EF:01", 7), ["AB:CD:", "EF:01"]);
    }
}
