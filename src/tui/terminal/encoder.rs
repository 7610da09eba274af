//! From the cells that are wanted to the fewest bytes that show them.
//!
//! The encoder remembers what the terminal shows, where its cursor stands and which pen it
//! writes with, across frames, and sends differences only.

use std::ops::Range;

use ratatui::buffer::{Cell, CellWidth};
use ratatui::layout::{Position, Size};
use zeroize::{Zeroize, Zeroizing};

use super::motion::motion;
use super::pen::{Look, simplify_blank};

/// Synchronized update (private mode 2026): the terminal shows the frame when it is complete.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Fewest blanks for which erasing to the right edge is cheaper than writing them.
const ERASE_TO_EDGE: u16 = 4;
/// Fewest blanks for which erasing them, and then stepping over them, is cheaper.
const ERASE_RUN: u16 = 10;

/// Frames rarely exceed this; growing the buffer would leave unwiped copies behind.
const FRAME_CAPACITY: usize = 64 * 1024;

/// What the terminal shows, what it should show, and the bytes between the two.
pub(super) struct Encoder {
    size: Size,
    wanted: Vec<Cell>,
    shown: Vec<Cell>,
    cursor: Option<Position>,
    cursor_shown: bool,
    at: Option<Position>,
    pen: Look,
    cleared: bool,
    out: Zeroizing<Vec<u8>>,
}

impl Encoder {
    /// For a terminal that was just cleared and has its cursor hidden.
    pub(super) fn new(size: Size) -> Self {
        let cells = vec![Cell::EMPTY; usize::from(size.width) * usize::from(size.height)];
        Self {
            size,
            wanted: cells.clone(),
            shown: cells,
            cursor: None,
            cursor_shown: false,
            at: None,
            pen: Look::PLAIN,
            cleared: true,
            out: Zeroizing::new(Vec::with_capacity(FRAME_CAPACITY)),
        }
    }

    /// Starts over: nothing is wanted, and the next frame clears the terminal, whatever it shows.
    pub(super) fn clear(&mut self, size: Size) {
        let (cursor, cursor_shown) = (self.cursor, self.cursor_shown);
        *self = Self { cursor, cursor_shown, cleared: false, ..Self::new(size) };
    }

    /// Forgets which modes and pen the terminal has, for when others have written to it.
    pub(super) fn forget(&mut self) {
        self.clear(self.size);
        self.cursor_shown = false;
    }

    /// Wants `cell` at `x`, `y`; outside the screen it is ignored.
    pub(super) fn set(&mut self, x: u16, y: u16, cell: &Cell) {
        if x >= self.size.width || y >= self.size.height {
            return;
        }
        let cell = drawable(cell, self.size.width - x);
        let first = self.index(x, y);
        let width = usize::from(width(&cell));
        self.wanted[first + 1..first + width].fill(Cell::EMPTY);
        self.wanted[first] = cell;
    }

    /// Wants the cursor at a position, or hidden.
    pub(super) fn set_cursor(&mut self, cursor: Option<Position>) {
        self.cursor = cursor.filter(|at| at.x < self.size.width && at.y < self.size.height);
    }

    /// The bytes that turn what is shown into what is wanted; none when they are the same.
    pub(super) fn frame(&mut self) -> &[u8] {
        self.out.clear();
        self.out.extend_from_slice(BEGIN);
        self.start_afresh();
        for y in 0..self.size.height {
            self.row(y);
        }
        self.place_cursor();
        if self.out.len() == BEGIN.len() {
            self.out.clear();
        } else {
            self.out.extend_from_slice(END);
        }
        &self.out
    }

    /// Overwrites the bytes of the last frame: a revealed value may be among them.
    pub(super) fn wipe(&mut self) {
        self.out.zeroize();
    }

    fn start_afresh(&mut self) {
        if !self.cleared {
            self.out.extend_from_slice(b"\x1b[m\x1b[2J");
            self.cleared = true;
        }
    }

    fn row(&mut self, y: u16) {
        let mut x = 0;
        while x < self.size.width {
            let at = self.index(x, y);
            x += if self.wanted[at] == self.shown[at] {
                width(&self.wanted[at])
            } else if let Some(erased) = self.erase(x, y) {
                erased
            } else {
                self.put(x, y)
            };
        }
    }

    /// Erases the run of blanks at `x`, if that is cheaper than writing it; says how many cells.
    fn erase(&mut self, x: u16, y: u16) -> Option<u16> {
        let row = self.index(x, y)..self.index(0, y) + usize::from(self.size.width);
        let blanks = self.wanted[row.clone()].iter().take_while(|cell| **cell == Cell::EMPTY).count();
        let mut pairs = self.wanted[row.clone()].iter().zip(&self.shown[row.clone()]).take(blanks);
        let count = pairs.rposition(|(wanted, shown)| wanted != shown)? + 1;
        let to_edge = blanks == row.len();
        let cells = u16::try_from(count).ok()?;
        if cells < if to_edge { ERASE_TO_EDGE } else { ERASE_RUN } {
            return None;
        }
        self.go(Position::new(x, y));
        self.take_pen(&Cell::EMPTY);
        let sequence = if to_edge { "\x1b[K".to_owned() } else { format!("\x1b[{cells}X") };
        self.out.extend_from_slice(sequence.as_bytes());
        self.shown[row.start..row.start + count].fill(Cell::EMPTY);
        Some(cells)
    }

    /// Writes the cell at `x`; says how many columns it took.
    fn put(&mut self, x: u16, y: u16) -> u16 {
        self.go(Position::new(x, y));
        let at = self.index(x, y);
        let cell = self.wanted[at].clone();
        let width = width(&cell);
        let settled = is_settled(&cell);
        self.take_pen(&cell);
        if !settled {
            // A terminal that finds it narrower would leave old cells beside it.
            self.out.extend_from_slice(format!("\x1b[{width}X").as_bytes());
        }
        self.out.extend_from_slice(cell.symbol().as_bytes());
        // Never equal to anything wanted: when the wide character goes, its other half is sent too.
        self.shown[at + 1..at + usize::from(width)].fill(covered());
        self.shown[at] = cell;
        self.at = settled.then_some(Position::new(x + width, y));
        width
    }

    fn place_cursor(&mut self) {
        if let Some(to) = self.cursor {
            self.go(to);
        }
        if self.cursor.is_some() != self.cursor_shown {
            self.cursor_shown = self.cursor.is_some();
            self.out.extend_from_slice(if self.cursor_shown { b"\x1b[?25h" } else { b"\x1b[?25l" });
        }
    }

    /// Moves the cursor, over a short gap by writing again what is there.
    fn go(&mut self, to: Position) {
        if self.at == Some(to) {
            return;
        }
        let way = motion(self.at, to, self.size.width);
        match self.at.and_then(|from| self.gap(from, to, way.len())) {
            Some(gap) => self.shown[gap].iter().for_each(|cell| self.out.extend_from_slice(cell.symbol().as_bytes())),
            None => self.out.extend_from_slice(way.as_bytes()),
        }
        self.at = Some(to);
    }

    /// The cells between two places of a row, when the pen suits them and they are at most `limit` bytes.
    fn gap(&self, from: Position, to: Position, limit: usize) -> Option<Range<usize>> {
        if from.y != to.y || from.x > to.x {
            return None;
        }
        let gap = self.index(from.x, from.y)..self.index(to.x, to.y);
        let suits = |cell: &Cell| is_settled(cell) && width(cell) == 1 && self.pen.to_write(cell) == self.pen;
        let cells = &self.shown[gap.clone()];
        let cheap = cells.len() <= limit && cells.iter().map(|cell| cell.symbol().len()).sum::<usize>() <= limit;
        (cheap && cells.iter().all(suits)).then_some(gap)
    }

    fn take_pen(&mut self, cell: &Cell) {
        let pen = self.pen.to_write(cell);
        self.pen.change(pen, &mut self.out);
        self.pen = pen;
    }

    fn index(&self, x: u16, y: u16) -> usize {
        usize::from(y) * usize::from(self.size.width) + usize::from(x)
    }
}

/// Columns that the cell takes.
fn width(cell: &Cell) -> u16 {
    cell.cell_width().max(1)
}

/// What stands under the right half of a wide character.
fn covered() -> Cell {
    Cell::new("")
}

/// Whether all terminals agree how wide it is: one character, not a sequence of several.
fn is_settled(cell: &Cell) -> bool {
    cell.symbol().chars().count() == 1
}

/// The cell as it can be written: no control characters, nothing without a width or that
/// runs over the right edge, no attributes that a blank does not show.
fn drawable(cell: &Cell, room: u16) -> Cell {
    let symbol = cell.symbol();
    let unfit = symbol.chars().any(char::is_control) || !(1..=room).contains(&symbol.cell_width());
    let mut drawable = Cell::new(" ");
    drawable.set_symbol(if unfit { " " } else { symbol });
    drawable.fg = cell.fg;
    drawable.bg = cell.bg;
    drawable.modifier = cell.modifier;
    simplify_blank(&mut drawable);
    drawable
}

/// A terminal of the tests.
#[cfg(test)]
pub(super) fn vt(columns: u16, rows: u16) -> vt100::Parser {
    use std::num::NonZeroU16;
    vt100::Parser::new(NonZeroU16::new(rows).unwrap(), NonZeroU16::new(columns).unwrap(), 0)
}

#[cfg(test)]
#[path = "encoder_tests.rs"]
mod tests;
