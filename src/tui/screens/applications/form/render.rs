//! Draws the form of an application.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::lines::{Line, what};
use super::{Column, Place, Screen};
use crate::domain::BindingTarget;
use crate::tui::app::Shared;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::screens::applications::model::name_of;
use crate::tui::text::{clean, fit, wrap};
use crate::tui::theme::Theme;
use crate::tui::widgets::{Buttons, TextInput};
use crate::tui::words;

/// Forms are no wider than this, margins included.
const WIDTH: u16 = 100;
/// Where text begins.
const LEFT: u16 = 3;
/// Rows of name, description and headings, and of notice and buttons.
const ABOVE: u16 = 8;
const BELOW: u16 = 4;
/// Cells of a row's number, of the kind, and of the arrow.
const NUMBER: u16 = 4;
const KIND: u16 = 8;
const ARROW: u16 = 3;

/// Draws the form into the screen's body.
pub(super) fn render(screen: &Screen, area: Rect, buf: &mut Buffer, shared: &Shared) {
    let area = Rect { width: area.width.min(WIDTH), ..area };
    let mut painter = Painter { screen, area, buf, shared, y: area.y };
    painter.text("Name", &screen.name, Place::Name, screen.name_error.as_deref());
    let error = screen.description_error.as_deref();
    painter.text("Description (optional)", &screen.description, Place::Description, error);
    painter.bindings();
    painter.foot();
}

struct Painter<'a> {
    screen: &'a Screen,
    area: Rect,
    buf: &'a mut Buffer,
    shared: &'a Shared,
    y: u16,
}

impl Painter<'_> {
    fn theme(&self) -> Theme {
        self.shared.theme
    }

    fn put(&mut self, x: u16, y: u16, wide: u16, text: &str, style: Style) {
        if y < self.area.bottom() {
            let room = usize::from(wide.min(self.area.right().saturating_sub(x)));
            self.buf.set_stringn(x, y, fit(text, room, self.shared.theme.ellipsis()), room, style);
        }
    }

    fn left(&self) -> u16 {
        self.area.x + LEFT
    }

    fn room(&self) -> u16 {
        self.area.width.saturating_sub(LEFT + 1)
    }

    /// A label, its line, and what is wrong with it in the row that is blank else.
    fn text(&mut self, label: &str, input: &TextInput, place: Place, error: Option<&str>) {
        let theme = self.theme();
        let focused = self.screen.place == place;
        let (x, y, room) = (self.left(), self.y, self.room());
        if focused {
            self.put(x - 2, y, 1, theme.mark(), theme.accent());
        }
        self.put(x, y, room, label, if focused { theme.accent() } else { theme.text() });
        self.line(Rect { x, y: y + 1, width: room.min(56), height: 1 }, input, focused);
        if let Some(error) = error {
            self.put(x, y + 2, room, &format!("{} {}", theme.cross(), clean(error)), theme.bad());
        }
        self.y += 3;
    }

    /// A line to type on, with a thin line through its free cells.
    fn line(&mut self, place: Rect, input: &TextInput, focused: bool) {
        let theme = self.theme();
        if place.y >= self.area.bottom() {
            return;
        }
        input.render(place, self.buf, focused, theme);
        for x in (place.left()..place.right()).rev() {
            let Some(cell) = self.buf.cell_mut((x, place.y)) else { continue };
            if cell.symbol() != " " {
                break;
            }
            if !cell.modifier.contains(theme.cursor().add_modifier) {
                cell.set_symbol(theme.either("▁", "_")).set_style(theme.dim());
            }
        }
    }

    /// Where each column begins, and how wide it is.
    fn columns(&self) -> [(u16, u16); 4] {
        let left = self.room().saturating_sub(NUMBER + KIND + ARROW + 2);
        let (name, secret) = (left * 2 / 5, left * 7 / 20);
        let kind = self.left() + NUMBER;
        let name_at = kind + KIND;
        let secret_at = name_at + name + ARROW;
        let field_at = secret_at + secret + 2;
        [(kind, KIND - 1), (name_at, name), (secret_at, secret), (field_at, left - name - secret)]
    }

    fn row(&self) -> Option<usize> {
        match self.screen.place {
            Place::Cell(row, _) => Some(row),
            _ => None,
        }
    }

    fn bindings(&mut self) {
        let theme = self.theme();
        let columns = self.columns();
        for ((x, wide), text) in columns.into_iter().zip(["Kind", "Name", "Secret", "Field"]) {
            self.put(x, self.y, wide, text, theme.dim());
        }
        self.y += 1;
        let room = usize::from(self.area.height.saturating_sub(ABOVE + BELOW)).max(1);
        let at = self.row().unwrap_or(0);
        let top = (at + 1).saturating_sub(room);
        let lines = self.screen.lines.iter().enumerate().skip(top).take(room);
        for (i, line) in lines {
            self.binding(i, line, &columns);
            self.y += 1;
        }
        if self.screen.lines.len() > room {
            let text = format!("Rows {} to {} of {}", top + 1, top + room, self.screen.lines.len());
            let (x, y, wide) = (self.left() + NUMBER, self.y, self.room());
            self.put(x, y, wide, &text, theme.dim());
        }
        self.y += 1;
    }

    fn binding(&mut self, i: usize, line: &Line, columns: &[(u16, u16); 4]) {
        let theme = self.theme();
        let here = |column| self.screen.place == Place::Cell(i, column);
        let focus = Column::ALL.map(here);
        let style = |at: usize| if focus[at] { theme.focused() } else { theme.text() };
        let in_row = focus.contains(&true);
        let y = self.y;
        let number = format!("{:>3}", i + 1);
        let number_style = match (&line.error, in_row) {
            (Some(_), _) => theme.bad(),
            (None, true) => theme.accent(),
            (None, false) => theme.dim(),
        };
        let (x, mark) = (self.left(), line.error.as_ref().map(|_| theme.cross()));
        self.put(x, y, NUMBER, &number, number_style);
        if let Some(mark) = mark {
            self.put(x, y, 1, mark, theme.bad());
        }
        let kind = line.target();
        self.put(columns[0].0, y, columns[0].1, kind.slug(), style(0));
        self.line(Rect { x: columns[1].0, y, width: columns[1].1, height: 1 }, &line.name, focus[1]);
        self.put(columns[2].0 - 2, y, 2, theme.either("←", "<-"), theme.dim());
        let secret = line.secret.map(|id| name_of(id, self.shared));
        self.cell(columns[2], y, secret.as_deref(), style(2));
        self.cell(columns[3], y, line.field.as_deref().map(clean).as_deref(), style(3));
    }

    /// What was chosen, or that it is still to be.
    fn cell(&mut self, (x, wide): (u16, u16), y: u16, chosen: Option<&str>, style: Style) {
        let theme = self.theme();
        let (text, style) = match chosen {
            Some(text) => (text, style),
            None => ("choose", style.patch(theme.dim())),
        };
        self.put(x, y, wide, text, style);
    }

    /// What is wrong with the row, or else what to do where one stands; the notice; the buttons.
    fn foot(&mut self) {
        let theme = self.theme();
        let (text, style) = match (self.error(), &self.screen.notice) {
            (Some(error), _) => (format!("{} {error}", theme.cross()), theme.bad()),
            (None, Some((tone, text))) => (format!("{} {text}", theme.tone(*tone).0), theme.tone(*tone).1),
            (None, None) => (self.help(), theme.dim()),
        };
        let (x, room) = (self.left(), self.room());
        let y = self.y.min(self.area.bottom().saturating_sub(BELOW));
        for (y, line) in (y..self.area.bottom().saturating_sub(2)).zip(wrap(&clean(&text), usize::from(room))) {
            self.put(x, y, room, &line, style);
        }
        let row = Rect { x, y: (y + 3).min(self.area.bottom().saturating_sub(1)), width: room, height: 1 };
        if self.screen.working {
            return self.put(x, row.y, room, &format!("Saving{}", theme.ellipsis()), theme.dim());
        }
        let mut buttons = Buttons::new(["Cancel", self.screen.verb()]);
        buttons.set_focus(usize::from(self.screen.place != Place::Cancel));
        buttons.render(row, self.buf, matches!(self.screen.place, Place::Submit | Place::Cancel), theme);
    }

    /// What is wrong with the row that one stands in; elsewhere, with the first one.
    fn error(&self) -> Option<String> {
        let error = |line: &Line| line.error.clone();
        match self.row() {
            Some(row) => self.screen.lines.get(row).and_then(error),
            None => {
                let mut wrong = self.screen.lines.iter().enumerate();
                wrong.find_map(|(i, line)| error(line).map(|error| format!("Row {}: {error}", i + 1)))
            }
        }
    }

    fn help(&self) -> String {
        let key = |cmd| words::key(Context::Form, cmd, self.shared.theme);
        let rows =
            || format!("{} behind the last one adds a row, {} removes one.", key(Cmd::Open), key(Cmd::RemoveRow));
        match self.screen.place {
            Place::Name => "1 to 128 visible characters, unique among applications; run --app names it.".to_owned(),
            Place::Description => "A line of what it is, for those who come across it.".to_owned(),
            Place::Cell(_, Column::Kind) => {
                let kinds = "env: a variable; header: an HTTP header; file: a file whose path is in a variable; host: git or docker.";
                format!("Space turns it. {kinds}")
            }
            Place::Cell(row, Column::Name) => {
                let target = self.screen.lines.get(row).map_or(BindingTarget::Variable(Box::default()), Line::target);
                format!("Write {}.", what(&target))
            }
            Place::Cell(_, Column::Secret) => format!("Space or a letter opens the list of secrets. {}", rows()),
            Place::Cell(_, Column::Field) => format!("Space or a letter opens the fields of the secret. {}", rows()),
            Place::Submit | Place::Cancel => String::new(),
        }
    }
}
