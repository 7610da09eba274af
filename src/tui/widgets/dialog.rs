//! The box that dialogs are drawn in.

use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::style::Color;
use ratatui::symbols::border;
use ratatui::widgets::{Block, Clear, Widget};

use crate::tui::text::fit;
use crate::tui::theme::Theme;

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
    let area = Rect { x, y, width, height };
    let title = format!(" {} ", fit(title, width.saturating_sub(6) as usize, theme.ellipsis()));
    let around = Rect { x: x.saturating_sub(1), width: width + 2, ..area }.intersection(screen);
    Clear.render(around, buf);
    Block::bordered()
        .border_set(if theme.unicode() { border::ROUNDED } else { ASCII })
        .border_style(theme.dim())
        .render(area, buf);
    buf.set_string(area.x + 2, area.y, title, theme.strong().fg(Color::Reset));
    area.inner(Margin { horizontal: 2, vertical: 1 })
}
