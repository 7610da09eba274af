//! A frame as a picture: an SVG drawn from the same buffer that the snapshot tests assert.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

/// Width and height of one cell, and the margin around the screen, in SVG units.
const CELL: (usize, usize) = (9, 20);
const MARGIN: usize = 16;
const BACKGROUND: &str = "#16181d";
const FOREGROUND: &str = "#d7dae0";

/// Draws `buffer` as an SVG document. The same buffer always gives the same bytes.
pub fn draw(buffer: &Buffer) -> String {
    let (columns, rows) = (usize::from(buffer.area.width), usize::from(buffer.area.height));
    let (width, height) = (columns * CELL.0 + 2 * MARGIN, rows * CELL.1 + 2 * MARGIN);
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" font-family=\"'JetBrains Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace\" \
         font-size=\"15\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>"
    );
    for (y, row) in buffer.content().chunks(columns.max(1)).enumerate() {
        draw_row(&mut svg, row, y);
    }
    svg.push_str("</svg>\n");
    svg
}

/// Runs of cells of one style become one element each.
fn draw_row(svg: &mut String, row: &[Cell], y: usize) {
    let mut x = 0;
    while x < row.len() {
        let look = Look::of(&row[x]);
        let run = row[x..].iter().take_while(|cell| Look::of(cell) == look).count();
        draw_run(svg, &row[x..x + run], (x, y), &look);
        x += run;
    }
}

#[derive(PartialEq, Eq)]
struct Look {
    fill: &'static str,
    ground: Option<&'static str>,
    bold: bool,
    dim: bool,
    underlined: bool,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let (fg, bg) = (colour(cell.fg), colour(cell.bg));
        let reversed = cell.modifier.contains(Modifier::REVERSED);
        Self {
            fill: if reversed { bg.unwrap_or(BACKGROUND) } else { fg.unwrap_or(FOREGROUND) },
            ground: if reversed { Some(fg.unwrap_or(FOREGROUND)) } else { bg },
            bold: cell.modifier.contains(Modifier::BOLD),
            dim: cell.modifier.contains(Modifier::DIM),
            underlined: cell.modifier.contains(Modifier::UNDERLINED),
        }
    }
}

fn draw_run(svg: &mut String, cells: &[Cell], at: (usize, usize), look: &Look) {
    let (x, y) = (MARGIN + at.0 * CELL.0, MARGIN + at.1 * CELL.1);
    let width = cells.len() * CELL.0;
    if let Some(ground) = look.ground {
        let _ = writeln!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{}\" fill=\"{ground}\"/>", CELL.1);
    }
    if look.underlined {
        let y = y + CELL.1 - 3;
        let _ = writeln!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"1\" fill=\"{}\"/>", look.fill);
    }
    let text: String = cells.iter().map(Cell::symbol).collect();
    if text.trim().is_empty() {
        return;
    }
    let lead = text.len() - text.trim_start().len();
    let (x, text) = (x + lead * CELL.0, text.trim());
    let length = crate::tui::text::width(text) * CELL.0;
    let _ = writeln!(
        svg,
        "<text x=\"{x}\" y=\"{}\" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\" \
         fill=\"{}\"{}{}>{}</text>",
        y + 15,
        look.fill,
        if look.bold { " font-weight=\"bold\"" } else { "" },
        if look.dim { " opacity=\"0.6\"" } else { "" },
        escape(text)
    );
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The palette of the pictures; on a terminal these are the person's own colours.
fn colour(colour: Color) -> Option<&'static str> {
    match colour {
        Color::Red | Color::LightRed => Some("#f07178"),
        Color::Green | Color::LightGreen => Some("#a5d6a7"),
        Color::Yellow | Color::LightYellow => Some("#f2c46d"),
        Color::Cyan | Color::LightCyan => Some("#7fd4e6"),
        Color::Blue | Color::LightBlue => Some("#82aaff"),
        Color::Magenta | Color::LightMagenta => Some("#c792ea"),
        Color::DarkGray => Some("#7c828d"),
        Color::Gray => Some("#a9afb8"),
        Color::White => Some("#ffffff"),
        Color::Black => Some("#000000"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Style;

    #[test]
    fn escapes_what_xml_would_take_for_its_own() {
        let mut buffer = Buffer::with_lines(["<a & b>"]);
        buffer.set_style(buffer.area, Style::new().fg(Color::Red));
        let svg = draw(&buffer);
        assert!(svg.contains("&lt;a &amp; b&gt;"));
        assert!(svg.contains("#f07178"));
    }
}
