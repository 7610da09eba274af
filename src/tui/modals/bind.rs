//! The Unix user that a member is bound to: a number, or none.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::organization::{MemberView, Unlawful};
use crate::domain::{MemberId, SecretBytes};
use crate::service::{DoorError, Request};
use crate::tui::app::Shared;
use crate::tui::input::Key;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Layer, Tone};
use crate::tui::text::{clean, wrap};
use crate::tui::widgets::{TextInput, dialog_box};
use crate::tui::words;

/// Width of the dialog, borders included.
const WIDTH: u16 = 66;
const HELP: &str = "The number of their user on this machine (id -u). At an agent for the whole system that user is this \
                    member, and no other. Empty is none.";

struct Bind {
    member: MemberId,
    name: String,
    before: Option<u32>,
    input: TextInput,
    working: bool,
    error: Option<String>,
}

/// The dialog that binds `member`.
pub fn bind(member: &MemberView) -> Box<dyn Layer> {
    let text = member.uid.map_or(String::new(), |uid| uid.to_string());
    Box::new(Bind {
        member: member.id,
        name: clean(&member.name).into_owned(),
        before: member.uid,
        input: TextInput::new(&text),
        working: false,
        error: None,
    })
}

impl Bind {
    fn submit(&mut self, cx: &mut Cx<'_>) {
        let uid = match self.input.text().trim() {
            "" => None,
            text => match text.parse() {
                Ok(uid) => Some(uid),
                Err(_) => return self.error = Some("Write a whole number, or leave it empty.".to_owned()),
            },
        };
        if uid == self.before {
            cx.close();
            return cx.toast(Tone::Good, "Nothing was changed.");
        }
        (self.working, self.error) = (true, None);
        cx.ask(Request::BindMember { member: self.member, uid });
    }

    fn done(&self) -> String {
        let name = words::short(&self.name);
        match self.input.text().trim() {
            "" => format!("{name} is bound to no Unix user."),
            uid => format!("{name} is bound to uid {uid}."),
        }
    }
}

impl Layer for Bind {
    fn context(&self) -> Context {
        Context::Proof
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        match cmd {
            Cmd::ShowSecret | Cmd::NextField | Cmd::PrevField => false,
            Cmd::Open | Cmd::Back => !self.working,
            _ => true,
        }
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        (cmd == Cmd::Open).then(|| "Save".into())
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.close(),
            Cmd::Open => self.submit(cx),
            _ => {}
        }
    }

    fn on_key(&mut self, key: Key, _cx: &mut Cx<'_>) {
        if !self.working && self.input.on_key(key) {
            self.error = None;
        }
    }

    fn on_paste(&mut self, paste: SecretBytes, _cx: &mut Cx<'_>) {
        if !self.working {
            self.input.insert(paste.expose_text().unwrap_or_default());
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        self.working = false;
        match answer {
            Ok(_) => {
                cx.close();
                cx.toast(Tone::Good, self.done());
            }
            Err(DoorError::Unlawful(Unlawful::UidTaken)) => {
                self.error = Some("Another member is bound to that user: unbind them first.".to_owned());
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
        let error = self.error.iter().map(|text| format!("{} {}", theme.cross(), clean(text)));
        let error: Vec<String> = error.flat_map(|text| wrap(&text, room)).collect();
        let said = if error.is_empty() { wrap(HELP, room) } else { error };
        let style = if self.error.is_some() { theme.bad() } else { theme.dim() };
        let height = u16::try_from(said.len()).unwrap_or(u16::MAX).saturating_add(4);
        let inner = dialog_box(area, buf, &format!("Unix user of {}", self.name), width, height, theme);
        self.input.render(Rect { height: inner.height.min(1), ..inner }, buf, !self.working, theme);
        let rule = inner.y + 1;
        if rule < inner.bottom() {
            buf.set_stringn(inner.x, rule, theme.rule().repeat(room), room, theme.accent());
        }
        for (line, y) in said.iter().zip(rule + 1..inner.bottom()) {
            buf.set_stringn(inner.x, y, line, room, style);
        }
    }
}
