//! The pen: which colours and attributes the terminal writes with, and the cheapest way to
//! change them (SGR, ECMA-48 §8.3.117).

use std::fmt::Write;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// The attributes that are seen on a blank.
const SEEN_ON_BLANK: Modifier = Modifier::REVERSED
    .union(Modifier::UNDERLINED)
    .union(Modifier::CROSSED_OUT)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK);

/// Every attribute with the parameter that sets it and the one that takes it away.
const ATTRIBUTES: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// Colours and attributes, of the pen or of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Look {
    /// What a terminal starts with.
    pub(super) const PLAIN: Self = Self { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

    /// What the pen must become to write `cell`: as little different from `self` as the eye allows.
    pub(super) fn to_write(self, cell: &Cell) -> Self {
        if cell.symbol() == " " && !cell.modifier.intersects(SEEN_ON_BLANK) {
            let modifier = self.modifier.difference(SEEN_ON_BLANK);
            return Self { bg: cell.bg, modifier, ..self };
        }
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }

    /// Appends the shortest sequence that turns this pen into `to`.
    pub(super) fn change(self, to: Self, out: &mut Vec<u8>) {
        if self == to {
            return;
        }
        let stepwise = steps(self, to);
        let afresh = match steps(Self::PLAIN, to) {
            set if set.is_empty() => set,
            set => format!("0;{set}"),
        };
        let shorter = if stepwise.len() <= afresh.len() { stepwise } else { afresh };
        out.extend_from_slice(b"\x1b[");
        out.extend_from_slice(shorter.as_bytes());
        out.push(b'm');
    }
}

/// Drops from a blank whatever is not seen on it, so that blanks that look alike are equal.
pub(super) fn simplify_blank(cell: &mut Cell) {
    if cell.symbol() == " " && !cell.modifier.intersects(SEEN_ON_BLANK) {
        cell.fg = Color::Reset;
        cell.modifier = Modifier::empty();
    }
}

/// The parameters that lead from one look to the other, one difference at a time.
fn steps(from: Look, to: Look) -> String {
    let mut parameters = String::new();
    let mut have = from.modifier;
    for (attribute, _, off) in ATTRIBUTES {
        if have.contains(attribute) && !to.modifier.contains(attribute) {
            push(&mut parameters, format_args!("{off}"));
            have = ATTRIBUTES.iter().filter(|a| a.2 == off).fold(have, |left, a| left.difference(a.0));
        }
    }
    for (attribute, on, _) in ATTRIBUTES {
        if to.modifier.contains(attribute) && !have.contains(attribute) {
            push(&mut parameters, format_args!("{on}"));
        }
    }
    if from.fg != to.fg {
        push_color(&mut parameters, 30, to.fg);
    }
    if from.bg != to.bg {
        push_color(&mut parameters, 40, to.bg);
    }
    parameters
}

/// `base` is 30 for the foreground, 40 for the background.
fn push_color(parameters: &mut String, base: u8, color: Color) {
    match (color, palette_index(color)) {
        (_, Some(index @ 0..=7)) => push(parameters, format_args!("{}", base + index)),
        (_, Some(index @ 8..=15)) => push(parameters, format_args!("{}", base + 52 + index)),
        (_, Some(index)) => push(parameters, format_args!("{};5;{index}", base + 8)),
        (Color::Rgb(r, g, b), None) => push(parameters, format_args!("{};2;{r};{g};{b}", base + 8)),
        (_, None) => push(parameters, format_args!("{}", base + 9)),
    }
}

fn push(parameters: &mut String, parameter: std::fmt::Arguments<'_>) {
    let separator = if parameters.is_empty() { "" } else { ";" };
    // Writing to a String cannot fail.
    let _ = write!(parameters, "{separator}{parameter}");
}

/// The colour's place in the palette of 256; the default colour and true colours have none.
fn palette_index(color: Color) -> Option<u8> {
    Some(match color {
        Color::Reset | Color::Rgb(..) => return None,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        Color::Indexed(index) => index,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(fg: Color, modifier: Modifier) -> Look {
        Look { fg, bg: Color::Reset, modifier }
    }

    fn written(from: Look, to: Look) -> String {
        let mut out = Vec::new();
        from.change(to, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_the_difference_is_written() {
        let bold = look(Color::Red, Modifier::BOLD);
        assert_eq!(written(bold, bold), "");
        assert_eq!(written(look(Color::Red, Modifier::empty()), bold), "\x1b[1m");
        assert_eq!(written(bold, Look::PLAIN), "\x1b[m");
        assert_eq!(written(Look::PLAIN, look(Color::DarkGray, Modifier::CROSSED_OUT)), "\x1b[9;90m");
        assert_eq!(written(Look::PLAIN, look(Color::Indexed(12), Modifier::empty())), "\x1b[94m");
        assert_eq!(written(Look::PLAIN, look(Color::Rgb(1, 2, 3), Modifier::empty())), "\x1b[38;2;1;2;3m");
    }

    #[test]
    fn bold_and_dim_share_their_end_but_do_not_take_each_other_away() {
        let both = look(Color::Rgb(9, 9, 9), Modifier::BOLD | Modifier::DIM);
        assert_eq!(written(both, look(Color::Rgb(9, 9, 9), Modifier::DIM)), "\x1b[22;2m");
    }

    #[test]
    fn a_blank_takes_the_pen_as_it_is() {
        let pen = look(Color::Red, Modifier::BOLD);
        assert_eq!(pen.to_write(&Cell::new(" ")), pen);
        assert_ne!(look(Color::Red, Modifier::UNDERLINED).to_write(&Cell::new(" ")).modifier, Modifier::UNDERLINED);
    }
}
