//! The cheapest way for the cursor from one cell to another (ECMA-48 CUP, CUF, CUB, CUU, CUD,
//! and the plain controls).

use ratatui::layout::Position;

/// The bytes that bring the cursor to `to`.
///
/// `from` is `None` when nobody knows where it is; a column of `width` means that the last
/// column was just written, where terminals disagree about relative moves.
pub(super) fn motion(from: Option<Position>, to: Position, width: u16) -> String {
    let absolute = absolute(to);
    let Some(from) = from else { return absolute };
    let known_column = (from.x < width).then_some(from.x);
    // The column first: a carriage return also ends the doubt after the last column.
    let relative = horizontal(known_column, to.x) + &vertical(from.y, to.y);
    if relative.len() < absolute.len() { relative } else { absolute }
}

fn absolute(to: Position) -> String {
    match (to.y, to.x) {
        (0, 0) => "\x1b[H".to_owned(),
        (y, 0) => format!("\x1b[{}H", y + 1),
        (y, x) => format!("\x1b[{};{}H", y + 1, x + 1),
    }
}

fn horizontal(from: Option<u16>, to: u16) -> String {
    let from_margin = if to == 0 { "\r".to_owned() } else { format!("\r{}", step(to, 'C')) };
    let direct = match from {
        None => return from_margin,
        Some(from) if from == to => return String::new(),
        Some(from) if from < to => step(to - from, 'C'),
        Some(from) if from - to <= 4 => "\x08".repeat(usize::from(from - to)),
        Some(from) => step(from - to, 'D'),
    };
    if direct.len() <= from_margin.len() { direct } else { from_margin }
}

fn vertical(from: u16, to: u16) -> String {
    if to <= from {
        return if to == from { String::new() } else { step(from - to, 'A') };
    }
    // Raw mode has output processing off: a line feed goes straight down.
    if to - from <= 3 { "\n".repeat(usize::from(to - from)) } else { step(to - from, 'B') }
}

fn step(count: u16, direction: char) -> String {
    if count == 1 { format!("\x1b[{direction}") } else { format!("\x1b[{count}{direction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn go(from: Option<(u16, u16)>, to: (u16, u16)) -> String {
        motion(from.map(Position::from), Position::from(to), 80)
    }

    #[test]
    fn short_ways_are_short() {
        assert_eq!(go(Some((5, 5)), (5, 5)), "");
        assert_eq!(go(Some((5, 5)), (4, 5)), "\x08");
        assert_eq!(go(Some((5, 5)), (0, 6)), "\r\n");
        assert_eq!(go(Some((5, 5)), (5, 6)), "\n");
        assert_eq!(go(Some((5, 5)), (6, 5)), "\x1b[C");
        assert_eq!(go(Some((5, 5)), (5, 4)), "\x1b[A");
        assert_eq!(go(Some((70, 5)), (0, 0)), "\x1b[H");
    }

    #[test]
    fn the_unknown_is_met_with_absolutes() {
        assert_eq!(go(None, (3, 9)), "\x1b[10;4H");
        assert_eq!(go(Some((80, 5)), (79, 5)), "\r\x1b[79C");
        assert_eq!(go(Some((80, 14)), (2, 15)), "\r\x1b[2C\n");
    }

    #[test]
    fn every_way_arrives() {
        for (from, to) in
            [((3, 2), (19, 9)), ((19, 9), (3, 2)), ((12, 0), (12, 9)), ((20, 4), (0, 5)), ((20, 4), (7, 1))]
        {
            let mut terminal = crate::tui::terminal::encoder::vt(20, 10);
            terminal.process(absolute(Position::new(from.0.min(19), from.1)).as_bytes());
            terminal.process(if from.0 == 20 { b"x" } else { b"" });
            terminal.process(motion(Some(Position::from(from)), Position::from(to), 20).as_bytes());
            assert_eq!(terminal.screen().cursor_position(), (to.1, to.0), "from {from:?}");
        }
    }
}
