//! Delete Secret: irreversible, so the name has to be typed; offers to deactivate instead.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::lifecycle::TOMBSTONE_DAYS;
use crate::domain::{Header, SecretBytes, State};
use crate::service::{DoorError, Request, Target};
use crate::tui::app::Shared;
use crate::tui::input::Key;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Layer, Nav, Tone};
use crate::tui::text::{clean, wrap};
use crate::tui::widgets::{Buttons, TextInput, dialog_box};
use crate::tui::words;

const WIDTH: u16 = 74;
const CANCEL: usize = 0;
const INSTEAD: usize = 1;

struct Delete {
    name: Box<str>,
    target: Target,
    active: bool,
    input: TextInput,
    buttons: Buttons,
    working: bool,
    error: Option<String>,
}

/// The dialog that deletes the secret under `header`.
pub fn delete(header: &Header) -> Box<dyn Layer> {
    let active = header.state == State::Active;
    let labels: &[&'static str] =
        if active { &["Cancel", "Deactivate instead", "Delete"] } else { &["Cancel", "Delete"] };
    Box::new(Delete {
        name: header.name.clone(),
        target: Target { id: header.id, revision: header.revision },
        active,
        input: TextInput::default(),
        buttons: Buttons::new(labels),
        working: false,
        error: None,
    })
}

impl Delete {
    fn instead(&self, cx: &mut Cx<'_>) {
        if self.active {
            cx.navs.push(Nav::Perform(Cmd::ToggleActive));
        }
    }

    fn press(&mut self, cx: &mut Cx<'_>) {
        match self.buttons.focus() {
            CANCEL => cx.close(),
            INSTEAD if self.active => self.instead(cx),
            _ if *self.input.text() == *self.name => {
                self.working = true;
                self.error = None;
                cx.ask(Request::Delete(self.target));
            }
            _ => self.error = Some("That is not its name: type it exactly as above.".to_owned()),
        }
    }

    /// The whole name typed moves the focus to the button that deletes; anything else keeps the safe one.
    fn typed(&mut self) {
        self.error = None;
        let last = if self.active { 2 } else { 1 };
        self.buttons.set_focus(if *self.input.text() == *self.name { last } else { CANCEL });
    }

    fn sentences(&self, shared: &Shared) -> Vec<String> {
        let gone = shared.wall.plus_days(TOMBSTONE_DAYS).date();
        let instead = if self.active { ", or deactivate it instead, which you can undo" } else { "" };
        vec![
            format!(
                "This cannot be undone. The value is gone at once; the name stays in the listing until {gone}, then \
                 everything about it is removed."
            ),
            String::new(),
            "No application is recorded for it.".to_owned(),
            String::new(),
            format!("Type the name to delete it{instead}."),
        ]
    }
}

impl Layer for Delete {
    fn context(&self) -> Context {
        Context::DeleteDialog
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        cmd != Cmd::DeactivateInstead || self.active
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            _ if self.working => {}
            Cmd::Back => cx.close(),
            Cmd::Open => self.press(cx),
            Cmd::DeactivateInstead => self.instead(cx),
            _ => {
                self.buttons.move_by(cmd);
            }
        }
    }

    fn on_key(&mut self, key: Key, _cx: &mut Cx<'_>) {
        if !self.working && self.input.on_key(key) {
            self.typed();
        }
    }

    fn on_paste(&mut self, paste: SecretBytes, _cx: &mut Cx<'_>) {
        self.input.insert(paste.expose_text().unwrap_or_default());
        self.typed();
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        self.working = false;
        match answer {
            Ok(_) => {
                cx.close();
                cx.toast(Tone::Good, format!("Deleted {}", self.name));
            }
            Err(DoorError::Conflict { .. }) => {
                cx.close();
                cx.toast(Tone::Warn, "Somebody changed it in between: look at it again, then decide.");
            }
            Err(error) => self.error = Some(words::error(&error)),
        }
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let width = WIDTH.min(area.width.saturating_sub(4));
        let room = usize::from(width.saturating_sub(4));
        let lines: Vec<String> = self.sentences(shared).iter().flat_map(|sentence| wrap(sentence, room)).collect();
        let height = u16::try_from(lines.len()).unwrap_or(0) + 7;
        let title = format!("Delete {}?", clean(&self.name));
        let inner = dialog_box(area, buf, &title, width, height, theme);
        for (line, y) in lines.iter().zip(inner.y..inner.bottom()) {
            buf.set_stringn(inner.x, y, line, room, theme.text());
        }
        let y = (inner.y + height - 7).min(inner.bottom().saturating_sub(3));
        self.input.render(Rect { y: y + 1, height: 1, ..inner }, buf, true, theme);
        if let Some(error) = &self.error {
            buf.set_stringn(inner.x, y + 2, format!("{} {error}", theme.cross()), room, theme.bad());
        }
        let last = Rect { y: inner.bottom().saturating_sub(1), height: 1, ..inner };
        if self.working {
            buf.set_stringn(last.x, last.y, format!("Deleting{}", theme.ellipsis()), room, theme.dim());
        } else {
            self.buttons.render(last, buf, true, theme);
        }
    }
}
