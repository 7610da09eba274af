//! Text in cells: cutting, padding, wrapping. All text from outside goes through [`clean`] first.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::style::Style;
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

/// `text` line by line, each cut into pieces of at most `cells`. Nothing is left out or copied, and no more is
/// looked at than is asked for: it may be a secret, and large. (One that is wider than `cells` is a piece of its own.)
pub fn chop(text: &str, cells: usize) -> impl Iterator<Item = &str> {
    text.lines().flat_map(move |line| {
        let mut rest = Some(line);
        std::iter::from_fn(move || {
            let (piece, tail) = rest.map(|rest| rest.split_at(head(rest, cells)))?;
            rest = Some(tail).filter(|tail| !tail.is_empty());
            Some(piece)
        })
    })
}

/// How many bytes of `line` fit in `cells`, but for the first character, which always counts.
fn head(line: &str, cells: usize) -> usize {
    let mut used = 0;
    for (at, grapheme) in line.grapheme_indices(true) {
        used += clean(grapheme).width();
        if used > cells && at > 0 {
            return at;
        }
    }
    line.len()
}

/// Draws `text`, sanitized, in at most `cells`, without a copy of it as a whole. Gives the column after it.
pub fn put_clean(buf: &mut Buffer, (x, y): (u16, u16), text: &str, cells: usize, style: Style) -> u16 {
    let mut at = x;
    for grapheme in text.graphemes(true) {
        let left = cells.saturating_sub(usize::from(at - x));
        (at, _) = buf.set_stringn(at, y, clean(grapheme), left, style);
    }
    at
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
    fn chops_by_cells_and_leaves_nothing_out() {
        let pieces = |text, cells| chop(text, cells).collect::<Vec<&str>>();
        assert_eq!(pieces("  two  spaces", 6), ["  two ", " space", "s"]);
        assert_eq!(pieces("a\n\n  b\r\n", 9), ["a", "", "  b"]);
        assert_eq!(pieces("日本語", 5), ["日本", "語"]);
        assert_eq!(pieces("日本", 1), ["日", "本"], "wider than the room");
        assert_eq!(pieces("a\u{200b}b", 2), ["a\u{200b}", "b"], "what is invisible is shown as one cell");
        assert_eq!(pieces("", 4), [""; 0]);
    }

    #[test]
    fn no_more_is_chopped_than_is_asked_for() {
        let large = "x".repeat(16 * 1024 * 1024);
        let began = std::time::Instant::now();
        (0..10).for_each(|_| assert_eq!(chop(&large, 50).take(20).count(), 20));
        assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    }

    #[test]
    fn draws_nothing_that_steers_a_terminal() {
        let mut buf = Buffer::empty(ratatui::layout::Rect::new(0, 0, 8, 1));
        assert_eq!(put_clean(&mut buf, (1, 0), "a\u{202e}b\u{1b}cdef", 5, Style::new()), 6);
        let text: String = buf.content().iter().map(|cell| cell.symbol()).collect();
        assert_eq!(text, " a\u{fffd}b\u{fffd}c  ");
    }

    #[test]
    fn wraps_at_spaces() {
        assert_eq!(wrap("the quick brown fox", 10), ["the quick", "brown fox"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("AB:CD:EF:01", 7), ["AB:CD:", "EF:01"]);
    }
}
