//! The audit log: every change and every delivery, the newest first.

mod event;
mod filter;
mod model;
mod table;
#[cfg(test)]
mod tests;
mod words;

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use model::Model;

pub use filter::{EventFilter, Group};

use crate::domain::SecretBytes;
use crate::service::{AuditQuery, Request, Response};
use crate::tui::app::Shared;
use crate::tui::input::Key;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Arrange, Cx, DoorAnswer, Layer, Nav};
use crate::tui::modals::{self, verdict};
use crate::tui::widgets::{ListState, TextInput};

#[derive(Default)]
struct Screen {
    model: Model,
    at: ListState,
    /// What is typed into the find line while it is open.
    find: Option<TextInput>,
    error: Option<String>,
}

/// The screen, empty until the events arrive.
pub fn audit_log() -> Box<dyn Layer> {
    Box::new(Screen::default())
}

impl Screen {
    /// The newest of what is shown now.
    fn stand_on_first(&mut self) {
        self.at.select(0, self.model.len());
    }

    fn search(&mut self) {
        let query = self.find.as_ref().map_or(String::new(), |input| input.text().to_owned());
        self.model.find(&query);
        self.stand_on_first();
    }

    /// Ends the find, or else the filter, or else goes one step up.
    fn back(&mut self, cx: &mut Cx<'_>) {
        let typing = self.find.take().is_some();
        match (self.model.query().is_empty(), self.model.filter().is_empty()) {
            (false, _) => self.search(),
            (true, _) if typing => {}
            (true, false) => {
                self.model.filter_by(EventFilter::default());
                self.stand_on_first();
            }
            (true, true) => cx.pop(),
        }
    }
}

impl Layer for Screen {
    fn crumb(&self) -> Cow<'_, str> {
        "Audit log".into()
    }

    fn context(&self) -> Context {
        if self.find.is_some() { Context::FindLine } else { Context::Audit }
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        let stands = self.model.row(self.at.selected).is_some();
        match cmd {
            Cmd::Open => stands || self.find.is_some(),
            Cmd::Find | Cmd::Filter => self.model.total().is_some_and(|total| total > 0),
            Cmd::AuditLog => false,
            _ => true,
        }
    }

    fn on_enter(&mut self, cx: &mut Cx<'_>) {
        cx.ask(Request::Audit(AuditQuery::default()));
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => self.back(cx),
            Cmd::Open if self.find.is_some() => self.find = None,
            Cmd::Open => {
                let event = self.model.row(self.at.selected);
                cx.navs.extend(event.map(|event| Nav::Push(event::screen(event.clone()))));
            }
            Cmd::Find => self.find = Some(TextInput::new(self.model.query())),
            Cmd::Filter => cx.navs.push(Nav::Open(modals::events(self.model.filter()))),
            Cmd::Verify => cx.navs.push(Nav::Open(verdict())),
            _ => drop(self.at.on_cmd(cmd, table::rows_in(cx.shared.size.1), self.model.len())),
        }
    }

    fn on_key(&mut self, key: Key, _cx: &mut Cx<'_>) {
        if self.find.as_mut().is_some_and(|input| input.on_key(key)) {
            self.search();
        }
    }

    fn on_paste(&mut self, paste: SecretBytes, _cx: &mut Cx<'_>) {
        if let Some(input) = &mut self.find {
            input.insert(paste.expose_text().unwrap_or_default());
            self.search();
        }
    }

    fn on_arrange(&mut self, arrange: Arrange, _shared: &Shared) {
        if let Arrange::Events(filter) = arrange {
            self.model.filter_by(filter);
            self.stand_on_first();
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        match answer {
            Ok(Response::Events(events)) => {
                self.model.fill(events);
                self.at.set_page(table::rows_in(cx.shared.size.1), self.model.len());
            }
            Ok(_) => {}
            Err(error) => self.error = Some(crate::tui::words::error(&error)),
        }
    }

    fn on_resize(&mut self, _columns: u16, rows: u16) {
        self.at.set_page(table::rows_in(rows), self.model.len());
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        table::render(area, buf, self, shared);
    }
}
