//! Applications: what depends on secrets, and whether it would be served now.

mod detail;
mod form;
mod model;
mod table;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use model::Model;

use crate::domain::{Application, ApplicationId, SecretBytes};
use crate::service::{Request, Response};
use crate::tui::app::Shared;
use crate::tui::input::Key;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Effect, Layer, Nav, Tone};
use crate::tui::modals::{Confirm, Then};
use crate::tui::screens::notices;
use crate::tui::text::clean;
use crate::tui::widgets::{ListState, TextInput};
use crate::tui::words;

#[derive(Default)]
struct Screen {
    model: Model,
    at: ListState,
    /// What is typed into the find line while it is open.
    find: Option<TextInput>,
    error: Option<String>,
}

/// The screen, empty until the applications arrive.
pub fn applications() -> Box<dyn Layer> {
    Box::new(Screen::default())
}

/// The dialog that removes `application`.
fn remove(application: &Application) -> Confirm {
    let Application { id, revision, .. } = *application;
    let name = clean(&application.name);
    Confirm::new(
        format!("Remove {name}?"),
        vec![
            "The secrets that it needs stay as they are, but nobody is told any more that it depends on them."
                .to_owned(),
        ],
        "Cancel",
        "Remove",
        Then::Fire(Effect::Ask(Request::RemoveApplication { id, revision })),
    )
    .done(format!("Removed {}", words::short(&name)))
}

/// Why `cmd` cannot be done with an application, if it is one that is done with them.
fn why_not(cmd: Cmd, shared: &Shared) -> Option<String> {
    let changes = matches!(cmd, Cmd::Add | Cmd::Edit | Cmd::Remove);
    (changes && shared.is_read_only()).then(|| notices::read_only(shared))
}

impl Screen {
    fn selected(&self) -> Option<&Arc<Application>> {
        self.model.row(self.at.selected).map(|entry| &entry.application)
    }

    /// Keeps the selection on the same application while the rows change around it.
    fn fill(&mut self, all: Option<Vec<Arc<Application>>>, shared: &Shared) {
        let id = self.selected().map(|application| application.id);
        self.model.fill(all, shared);
        self.at.set_page(table::rows_in(shared.size.1), self.model.len());
        if let Some(row) = id.and_then(|id| self.position(id)) {
            self.at.carry_to(row, self.model.len());
        }
    }

    fn position(&self, id: ApplicationId) -> Option<usize> {
        (0..self.model.len()).find(|row| self.model.row(*row).is_some_and(|entry| entry.application.id == id))
    }

    fn search(&mut self) {
        let query = self.find.as_ref().map_or(String::new(), |input| input.text().to_owned());
        self.model.find(&query);
        self.at.select(0, self.model.len());
    }

    fn back(&mut self, cx: &mut Cx<'_>) {
        let typing = self.find.take().is_some();
        match self.model.query().is_empty() {
            true if typing => {}
            true => cx.pop(),
            false => self.search(),
        }
    }

    fn act(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        let Some(application) = self.selected().cloned() else { return };
        match cmd {
            Cmd::Open => cx.navs.push(Nav::Push(detail::screen(application))),
            Cmd::Edit => cx.navs.push(Nav::Push(form::edit(application))),
            Cmd::Remove => cx.open(remove(&application)),
            _ => {}
        }
    }
}

impl Layer for Screen {
    fn crumb(&self) -> Cow<'_, str> {
        "Applications".into()
    }

    fn context(&self) -> Context {
        if self.find.is_some() { Context::FindLine } else { Context::Applications }
    }

    fn offers(&self, cmd: Cmd, shared: &Shared) -> bool {
        let stands = self.selected().is_some();
        match cmd {
            Cmd::Add => shared.writable() && self.model.all.is_some(),
            Cmd::Edit | Cmd::Remove => stands && shared.writable(),
            Cmd::Open => stands || self.find.is_some(),
            Cmd::Find => self.model.total() > 0,
            Cmd::Applications => false,
            _ => true,
        }
    }

    fn why_not(&self, cmd: Cmd, shared: &Shared) -> Option<String> {
        why_not(cmd, shared)
    }

    fn on_enter(&mut self, cx: &mut Cx<'_>) {
        cx.ask(Request::Applications);
    }

    fn on_return(&mut self, cx: &mut Cx<'_>) {
        cx.ask(Request::Applications);
    }

    fn on_applications(&mut self, cx: &mut Cx<'_>) {
        cx.ask(Request::Applications);
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => self.back(cx),
            Cmd::Open if self.find.is_some() => self.find = None,
            Cmd::Add => cx.navs.push(Nav::Push(form::add())),
            Cmd::Find => self.find = Some(TextInput::new(self.model.query())),
            _ if self.at.on_cmd(cmd, table::rows_in(cx.shared.size.1), self.model.len()) => {}
            _ => self.act(cmd, cx),
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

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        match answer {
            Ok(Response::Applications(all)) => {
                self.error = None;
                self.fill(Some(all), cx.shared);
            }
            Ok(_) => {}
            Err(error) if self.model.all.is_none() => self.error = Some(words::error(&error)),
            Err(error) => cx.toast(Tone::Bad, words::error(&error)),
        }
    }

    fn on_data(&mut self, shared: &Shared) {
        self.fill(None, shared);
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
