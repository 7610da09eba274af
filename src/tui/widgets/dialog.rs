//! The box that dialogs are drawn in.

use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::style::Color;
use ratatui::symbols::border;
use ratatui::widgets::{Block, Clear, Widget};

use crate::tui::text::fit;
use crate::tui::theme::Theme;

/// A menu begins so many cells from the left: under the names of a list.
const INDENT: u16 = 4;

const ASCII: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// Clears a box of `width`×`height` cells (its border included) in the middle of `screen`, draws its
/// border and title, and gives back the room inside, one cell away from the border at the sides.
pub fn dialog_box(screen: Rect, buf: &mut Buffer, title: &str, width: u16, height: u16, theme: Theme) -> Rect {
    let width = width.min(screen.width.saturating_sub(2));
    let height = height.min(screen.height.saturating_sub(2));
    let x = screen.x + (screen.width - width) / 2;
    let y = screen.y + (screen.height - height) / 2;
    bordered(screen, buf, title, Rect { x, y, width, height }, theme)
}

/// As [`dialog_box`], under the row `beside` or, where there is no room, above it.
pub fn menu_box(screen: Rect, beside: u16, buf: &mut Buffer, title: &str, size: (u16, u16), theme: Theme) -> Rect {
    let (width, height) = (size.0.min(screen.width.saturating_sub(2)), size.1.min(screen.height.saturating_sub(2)));
    let beside = beside.min(screen.bottom().saturating_sub(1));
    let under = beside + 1 + height < screen.bottom();
    let y = if under { beside + 1 } else { beside.saturating_sub(height).max(screen.y) };
    let x = (screen.x + INDENT).min(screen.right().saturating_sub(width));
    bordered(screen, buf, title, Rect { x, y, width, height }, theme)
}

fn bordered(screen: Rect, buf: &mut Buffer, title: &str, area: Rect, theme: Theme) -> Rect {
    let title = format!(" {} ", fit(title, area.width.saturating_sub(6) as usize, theme.ellipsis()));
    let around = Rect { x: area.x.saturating_sub(1), width: area.width + 2, ..area }.intersection(screen);
    Clear.render(around, buf);
    Block::bordered()
        .border_set(if theme.unicode() { border::ROUNDED } else { ASCII })
        .border_style(theme.dim())
        .render(area, buf);
    buf.set_string(area.x + 2, area.y, title, theme.strong().fg(Color::Reset));
    area.inner(Margin { horizontal: 2, vertical: 1 })
}
