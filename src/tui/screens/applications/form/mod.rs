//! The form of an application: its name, a line of what it is, and a row for each binding.
//!
//! `lines` holds what stands in the rows; this screen says where one stands and what a key does there, `submit` speaks
//! with the door, `render` draws.

mod lines;
mod render;
mod submit;

use std::borrow::Cow;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use lines::Line;

use crate::domain::{Application, SecretBytes};
use crate::tui::app::Shared;
use crate::tui::input::{Code, Key};
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Chosen, Cx, DoorAnswer, Layer, Nav, Tone};
use crate::tui::modals::{Confirm, Then, choose_field, choose_secret};
use crate::tui::text::clean;
use crate::tui::widgets::TextInput;

/// A column of a binding's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Kind,
    Name,
    Secret,
    Field,
}

impl Column {
    const ALL: [Self; 4] = [Self::Kind, Self::Name, Self::Secret, Self::Field];
}

/// A place in the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Name,
    Description,
    Cell(usize, Column),
    Submit,
    Cancel,
}

struct Screen {
    /// What is edited; `None` adds one.
    base: Option<Arc<Application>>,
    name: TextInput,
    description: TextInput,
    lines: Vec<Line>,
    place: Place,
    /// What is wrong with the name and the description.
    name_error: Option<String>,
    description_error: Option<String>,
    /// What somebody else made of it in between.
    theirs: Option<Arc<Application>>,
    working: bool,
    notice: Option<(Tone, String)>,
}

/// The form of a new application.
pub(super) fn add() -> Box<dyn Layer> {
    Box::new(Screen::new(None))
}

/// The form that edits `application`.
pub(super) fn edit(application: Arc<Application>) -> Box<dyn Layer> {
    Box::new(Screen::new(Some(application)))
}

impl Screen {
    fn new(base: Option<Arc<Application>>) -> Self {
        let text = |text: Option<&str>| TextInput::new(text.unwrap_or_default());
        Self {
            name: text(base.as_ref().map(|base| &*base.name)),
            description: text(base.as_ref().map(|base| &*base.description)),
            lines: lines::of(base.as_deref()),
            base,
            place: Place::Name,
            name_error: None,
            description_error: None,
            theirs: None,
            working: false,
            notice: None,
        }
    }

    fn verb(&self) -> &'static str {
        if self.base.is_some() { "Save changes" } else { "Add application" }
    }

    fn is_changed(&self) -> bool {
        let base = self.base.as_deref();
        let text = |of: fn(&Application) -> &str| base.map_or("", of);
        self.name.text() != text(|base| &base.name)
            || self.description.text() != text(|base| &base.description)
            || !lines::are_alike(&self.lines, &lines::of(base))
    }

    /// Every place that takes the focus, in order.
    fn stops(&self) -> Vec<Place> {
        let cells = (0..self.lines.len()).flat_map(|row| Column::ALL.map(|column| Place::Cell(row, column)));
        [Place::Name, Place::Description].into_iter().chain(cells).chain([Place::Submit, Place::Cancel]).collect()
    }

    fn step(&mut self, forward: bool) {
        let stops = self.stops();
        let at = stops.iter().position(|stop| *stop == self.place).unwrap_or(0);
        let step = if forward { 1 } else { stops.len() - 1 };
        self.place = stops[(at + step) % stops.len()];
    }

    /// Down or up: in the rows to the same column of the next one.
    fn step_down(&mut self, down: bool) {
        self.place = match self.place {
            Place::Cell(row, column) if down && row + 1 < self.lines.len() => Place::Cell(row + 1, column),
            Place::Cell(_, _) if down => Place::Submit,
            Place::Cell(0, _) => Place::Description,
            Place::Cell(row, column) => Place::Cell(row - 1, column),
            Place::Submit if !down => Place::Cell(self.lines.len().saturating_sub(1), Column::Kind),
            _ => return self.step(down),
        };
    }

    /// Enter: presses a button, chooses what is not chosen yet, adds a row behind the last one, or goes on.
    fn enter(&mut self, cx: &mut Cx<'_>) {
        match self.place {
            Place::Submit => self.submit(cx),
            Place::Cancel => self.back(cx),
            Place::Cell(row, Column::Secret) if self.lines[row].secret.is_none() => self.choose("", cx),
            Place::Cell(row, Column::Field) if self.lines[row].field.is_none() => self.choose("", cx),
            Place::Cell(row, Column::Field) if row + 1 == self.lines.len() => self.add_row(),
            _ => self.step(true),
        }
    }

    fn add_row(&mut self) {
        self.lines.push(Line::default());
        self.place = Place::Cell(self.lines.len() - 1, Column::Kind);
    }

    /// One row stays, to be filled in.
    fn remove_row(&mut self) {
        let Place::Cell(row, column) = self.place else { return };
        self.lines.remove(row);
        if self.lines.is_empty() {
            self.lines.push(Line::default());
        }
        self.place = Place::Cell(row.min(self.lines.len() - 1), column);
    }

    /// Opens the list to choose from, narrowed by what was typed.
    fn choose(&mut self, typed: &str, cx: &mut Cx<'_>) {
        match self.place {
            Place::Cell(_, Column::Secret) => cx.navs.push(Nav::Open(choose_secret(typed, cx.shared))),
            Place::Cell(row, Column::Field) => match self.lines[row].secret.and_then(|id| cx.shared.header(id)) {
                Some(header) => cx.navs.push(Nav::Open(choose_field(header, typed))),
                None => cx.toast(Tone::Warn, "Choose the secret first."),
            },
            _ => {}
        }
    }

    fn is_chosen_here(&self) -> bool {
        matches!(self.place, Place::Cell(_, Column::Secret | Column::Field))
    }

    fn input(&mut self) -> Option<&mut TextInput> {
        match self.place {
            Place::Name => Some(&mut self.name),
            Place::Description => Some(&mut self.description),
            Place::Cell(row, Column::Name) => self.lines.get_mut(row).map(|line| &mut line.name),
            _ => None,
        }
    }

    /// What was wrong here may be right now.
    fn forget_error(&mut self) {
        match self.place {
            Place::Name => self.name_error = None,
            Place::Description => self.description_error = None,
            Place::Cell(row, _) => self.lines[row].error = None,
            Place::Submit | Place::Cancel => {}
        }
    }

    fn back(&mut self, cx: &mut Cx<'_>) {
        if !self.is_changed() {
            return cx.pop();
        }
        let sentence = "What you have typed here is not saved. Leaving discards it.".to_owned();
        let title = if self.base.is_some() { "Discard your changes?" } else { "Discard this application?" };
        cx.open(Confirm::new(title, vec![sentence], "Keep editing", "Discard", Then::Leave(cx.me)));
    }
}

impl Layer for Screen {
    fn crumb(&self) -> Cow<'_, str> {
        match &self.base {
            Some(base) => format!("Edit {}", clean(&base.name)).into(),
            None => "Add application".into(),
        }
    }

    fn context(&self) -> Context {
        Context::Form
    }

    fn offers(&self, cmd: Cmd, shared: &Shared) -> bool {
        match cmd {
            Cmd::ShowSecret | Cmd::Generate | Cmd::PickFile => false,
            Cmd::RemoveRow => matches!(self.place, Place::Cell(..)),
            Cmd::Submit => shared.writable(),
            _ => true,
        }
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        (cmd == Cmd::Submit).then(|| self.verb().into())
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            _ if self.working => {}
            Cmd::Back => self.back(cx),
            Cmd::NextField => self.step(true),
            Cmd::PrevField => self.step(false),
            Cmd::Down => self.step_down(true),
            Cmd::Up => self.step_down(false),
            Cmd::Open => self.enter(cx),
            Cmd::Submit => self.submit(cx),
            Cmd::Overwrite => self.overwrite(cx),
            Cmd::RemoveRow => self.remove_row(),
            _ => {}
        }
    }

    fn on_key(&mut self, key: Key, cx: &mut Cx<'_>) {
        if self.working {
            return;
        }
        match (self.place, key.code) {
            (Place::Cell(row, Column::Kind), Code::Left) => self.lines[row].turn_kind(false),
            (Place::Cell(row, Column::Kind), Code::Right | Code::Char(' ')) => self.lines[row].turn_kind(true),
            (_, Code::Char(' ')) if self.is_chosen_here() => self.choose("", cx),
            (_, Code::Char(typed)) if self.is_chosen_here() && key.typed().is_some() => {
                self.choose(typed.encode_utf8(&mut [0; 4]), cx);
            }
            _ => {
                let Some(input) = self.input() else { return };
                if !input.on_key(key) {
                    return;
                }
            }
        }
        self.forget_error();
    }

    fn on_paste(&mut self, paste: SecretBytes, _cx: &mut Cx<'_>) {
        if self.working {
            return;
        }
        if let Some(input) = self.input() {
            input.insert(paste.expose_text().unwrap_or_default());
            self.forget_error();
        }
    }

    fn on_chosen(&mut self, chosen: Chosen, cx: &mut Cx<'_>) {
        let Place::Cell(row, _) = self.place else { return };
        let Some(line) = self.lines.get_mut(row) else { return };
        line.choose(chosen, cx.shared);
        self.forget_error();
        if matches!(self.place, Place::Cell(_, Column::Secret)) {
            self.step(true);
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        self.answered(answer, cx);
    }

    fn on_lock(&mut self) -> bool {
        self.working = false;
        true
    }

    fn at_stake(&self) -> Option<&'static str> {
        self.is_changed().then_some("What you have typed is not saved. Quitting discards it.")
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        render::render(self, area, buf, shared);
    }
}
