//! Random screens, drawn one after the other, and looked at through a terminal parser.

use super::*;
use proptest::prelude::*;
use ratatui::style::{Color, Modifier};

const COLUMNS: u16 = 24;
const ROWS: u16 = 4;

fn symbol() -> impl Strategy<Value = &'static str> {
    const SYMBOLS: &[&str] =
        &[" ", "a", "Z", "─", "é", "e\u{301}", "中", "界", "🙂", "⌨\u{fe0f}", "\x1b", "\u{200b}", ""];
    prop_oneof![6 => Just(" "), 6 => Just("x"), 8 => prop::sample::select(SYMBOLS)]
}

fn color() -> impl Strategy<Value = Color> {
    const FIXED: &[Color] = &[Color::Red, Color::Black, Color::White, Color::Indexed(3), Color::Indexed(200)];
    prop_oneof![
        6 => Just(Color::Reset),
        3 => prop::sample::select(FIXED),
        1 => any::<[u8; 3]>().prop_map(|[r, g, b]| Color::Rgb(r, g, b)),
    ]
}

/// The parser knows no others, and cannot be bold and dim at once.
fn modifier() -> impl Strategy<Value = Modifier> {
    const KNOWN: &[Modifier] =
        &[Modifier::BOLD, Modifier::DIM, Modifier::REVERSED, Modifier::UNDERLINED.union(Modifier::ITALIC)];
    prop_oneof![4 => Just(Modifier::empty()), 1 => prop::sample::select(KNOWN)]
}

/// A run of equal cells somewhere on the screen.
type Run = (u16, u16, u16, Cell);

fn run() -> impl Strategy<Value = Run> {
    (0..COLUMNS, 0..ROWS, 1..COLUMNS, symbol(), color(), color(), modifier()).prop_map(
        |(x, y, length, symbol, fg, bg, modifier)| {
            let mut cell = Cell::new(" ");
            cell.set_symbol(symbol).set_fg(fg).set_bg(bg);
            cell.modifier = modifier;
            (x, y, length, cell)
        },
    )
}

/// Puts the runs on the screen, glyph after glyph.
fn apply(encoder: &mut Encoder, runs: &[Run]) {
    for (x, y, length, cell) in runs {
        let step = width(&drawable(cell, COLUMNS));
        (*x..COLUMNS.min(x + length)).step_by(usize::from(step)).for_each(|x| encoder.set(x, *y, cell));
    }
}

fn palette(color: vt100::Color) -> Color {
    match color {
        vt100::Color::Default => Color::Reset,
        vt100::Color::Idx(index) => Color::Indexed(index),
        vt100::Color::Rgb(r, g, b) => Color::Rgb(r, g, b),
    }
}

fn as_index(color: Color) -> Color {
    match color {
        Color::Black => Color::Indexed(0),
        Color::Red => Color::Indexed(1),
        Color::White => Color::Indexed(15),
        other => other,
    }
}

/// The parser's cell as one of ours, without what cannot be seen.
fn seen(cell: &vt100::Cell) -> Cell {
    let mut seen = Cell::new(" ");
    seen.set_symbol(if cell.has_contents() { cell.contents() } else { " " });
    seen.set_fg(palette(cell.fgcolor())).set_bg(palette(cell.bgcolor()));
    for (on, modifier) in [
        (cell.bold(), Modifier::BOLD),
        (cell.dim(), Modifier::DIM),
        (cell.italic(), Modifier::ITALIC),
        (cell.underline(), Modifier::UNDERLINED),
        (cell.inverse(), Modifier::REVERSED),
    ] {
        seen.modifier.set(modifier, on);
    }
    simplify_blank(&mut seen);
    seen
}

fn compare(encoder: &Encoder, terminal: &vt100::Parser) -> Result<(), TestCaseError> {
    for y in 0..ROWS {
        let mut x = 0;
        while x < COLUMNS {
            let mut wanted = encoder.wanted[encoder.index(x, y)].clone();
            wanted.fg = as_index(wanted.fg);
            wanted.bg = as_index(wanted.bg);
            let shown = seen(terminal.screen().cell(y, x).unwrap());
            prop_assert_eq!(&shown, &wanted, "at {}, {}", x, y);
            x += width(&wanted);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_terminal_shows_what_is_wanted(
        frames in prop::collection::vec((prop::collection::vec(run(), 0..12), any::<Option<(u8, u8)>>()), 1..5),
    ) {
        let mut encoder = Encoder::new(Size::new(COLUMNS, ROWS));
        let mut terminal = vt(COLUMNS, ROWS);
        terminal.process(b"\x1b[?25l");
        for (runs, cursor) in frames {
            apply(&mut encoder, &runs);
            let cursor = cursor.map(|(x, y)| Position::new(u16::from(x) % COLUMNS, u16::from(y) % ROWS));
            encoder.set_cursor(cursor);
            terminal.process(encoder.frame());
            compare(&encoder, &terminal)?;
            prop_assert_eq!(terminal.screen().hide_cursor(), cursor.is_none());
            if let Some(at) = cursor {
                prop_assert_eq!(terminal.screen().cursor_position(), (at.y, at.x));
            }
            prop_assert!(encoder.frame().is_empty(), "what is shown is not sent again");
        }
    }
}

fn write(encoder: &mut Encoder, x: u16, y: u16, text: &str) {
    for (offset, c) in text.chars().enumerate() {
        let mut cell = Cell::new(" ");
        cell.set_char(c);
        encoder.set(x + u16::try_from(offset).unwrap(), y, &cell);
    }
}

fn frame(encoder: &mut Encoder) -> String {
    let frame = String::from_utf8(encoder.frame().to_vec()).unwrap();
    frame.trim_start_matches("\x1b[?2026h").trim_end_matches("\x1b[?2026l").to_owned()
}

#[test]
fn long_blanks_are_erased_and_short_gaps_written_again() {
    let mut encoder = Encoder::new(Size::new(40, 2));
    write(&mut encoder, 0, 0, &"x".repeat(40));
    assert_eq!(frame(&mut encoder), format!("\x1b[H{}", "x".repeat(40)));
    write(&mut encoder, 0, 0, &" ".repeat(20));
    assert_eq!(frame(&mut encoder), "\r\x1b[20X");
    write(&mut encoder, 20, 0, &" ".repeat(20));
    assert_eq!(frame(&mut encoder), "\x1b[20C\x1b[K");
    write(&mut encoder, 0, 1, "abcdefgh");
    frame(&mut encoder);
    write(&mut encoder, 0, 1, "Abcdefgh");
    frame(&mut encoder);
    write(&mut encoder, 4, 1, "E");
    assert_eq!(frame(&mut encoder), "bcdE");
}

#[test]
fn control_characters_never_reach_the_terminal() {
    let mut encoder = Encoder::new(Size::new(8, 1));
    write(&mut encoder, 0, 0, "a\x1bc");
    assert_eq!(frame(&mut encoder), "\x1b[Ha c");
}

#[test]
fn after_a_clear_everything_is_sent_again() {
    let mut encoder = Encoder::new(Size::new(8, 1));
    write(&mut encoder, 0, 0, "ab");
    frame(&mut encoder);
    encoder.clear(Size::new(8, 1));
    write(&mut encoder, 0, 0, "ab");
    assert_eq!(frame(&mut encoder), "\x1b[m\x1b[2J\x1b[Hab");
}
