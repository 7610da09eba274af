//! How far long work has come: a line of words, and a bar once there is something to count.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::text::grouped;
use crate::service::{Progress, Step};
use crate::tui::text::fit;
use crate::tui::theme::Theme;

/// The bar's greatest width, in cells.
const BAR: u16 = 40;

/// What `progress` says, such as `Sealing the vault again: 1,234 of 10,000`.
pub fn progress_words(progress: Progress, theme: Theme) -> String {
    let doing = doing(progress.step);
    match progress.total {
        0 => format!("{doing}{}", theme.ellipsis()),
        total => format!("{doing}: {} of {}", grouped(progress.done.min(total)), grouped(total)),
    }
}

/// Draws the words into the first row of `area` and, when the total is known, a bar into the second.
pub fn render_progress(area: Rect, buf: &mut Buffer, progress: Progress, theme: Theme) {
    if area.is_empty() {
        return;
    }
    let room = usize::from(area.width);
    buf.set_stringn(area.x, area.y, fit(&progress_words(progress, theme), room, theme.ellipsis()), room, theme.text());
    if progress.total == 0 || area.height < 2 {
        return;
    }
    let cells = area.width.min(BAR);
    let done = u64::from(cells) * progress.done.min(progress.total) / progress.total;
    let done = usize::try_from(done).unwrap_or(room);
    let rest = usize::from(cells) - done;
    let (x, y) = (area.x, area.y + 1);
    let (x, _) = buf.set_stringn(x, y, theme.either("━", "#").repeat(done), room, theme.accent());
    buf.set_stringn(x, y, theme.either("─", "-").repeat(rest), rest, theme.dim());
}

fn doing(step: Step) -> &'static str {
    match step {
        Step::DerivingKey => "Deriving the key",
        Step::OpeningStore => "Opening the store",
        Step::ReadingRecords => "Reading the secrets",
        Step::Rewriting => "Sealing the vault again",
        Step::BackingUp => "Writing the backup",
        Step::Restoring => "Reading the backup",
        Step::Examining => "Examining the vault",
        Step::Importing => "Importing secrets",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(progress: Progress, theme: Theme) -> [String; 2] {
        let area = Rect::new(0, 0, 44, 2);
        let mut buf = Buffer::empty(area);
        render_progress(area, &mut buf, progress, theme);
        [0, 1].map(|y| (0..44).map(|x| buf[(x, y)].symbol()).collect::<String>().trim_end().to_owned())
    }

    #[test]
    fn counts_and_fills_a_bar() {
        let half = Progress { step: Step::Rewriting, done: 1_234_567, total: 2_469_134 };
        let [words, bar] = drawn(half, Theme::plain());
        assert_eq!(words, "Sealing the vault again: 1,234,567 of 2,469~");
        assert_eq!(bar, format!("{}{}", "#".repeat(20), "-".repeat(20)));
        let all = drawn(Progress { done: 9, total: 3, ..half }, Theme::default());
        assert_eq!(all, ["Sealing the vault again: 3 of 3".to_owned(), "━".repeat(40)]);
    }

    #[test]
    fn what_cannot_be_counted_has_no_bar() {
        let progress = Progress { step: Step::DerivingKey, done: 0, total: 0 };
        assert_eq!(drawn(progress, Theme::default()), ["Deriving the key…".to_owned(), String::new()]);
    }
}
