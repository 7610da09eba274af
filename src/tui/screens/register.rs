//! Register Secret: first the type, then its form.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::form;
use crate::domain::kind::SCHEMAS;
use crate::tui::app::Shared;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, Layer, Nav, Tone};
use crate::tui::text::{fit, wrap};
use crate::tui::widgets::{ListState, list_row};

struct ChooseType {
    at: ListState,
}

/// The screen that asks for the type of the new secret.
pub fn choose_type() -> Box<dyn Layer> {
    Box::new(ChooseType { at: ListState::default() })
}

impl Layer for ChooseType {
    fn crumb(&self) -> Cow<'_, str> {
        "Register Secret".into()
    }

    fn context(&self) -> Context {
        Context::Menu
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        (cmd == Cmd::Open).then(|| "Choose".into())
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.pop(),
            Cmd::Open if !cx.shared.writable() => cx.toast(Tone::Warn, form::READ_ONLY),
            Cmd::Open => cx.navs.push(Nav::Push(form::register(SCHEMAS[self.at.selected].kind, cx.shared))),
            _ => drop(self.at.on_cmd(cmd, SCHEMAS.len(), SCHEMAS.len())),
        }
    }

    fn on_lock(&mut self) -> bool {
        true
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let roomy = area.height >= 17;
        let mut y = area.y;
        let room = usize::from(area.width.saturating_sub(4).min(74));
        if roomy {
            buf.set_stringn(area.x + 3, y, "Which type of secret?", room, theme.dim());
            y += 2;
        }
        for (i, schema) in SCHEMAS.iter().enumerate() {
            if y + 1 >= area.bottom() {
                break;
            }
            let row = Rect { x: area.x + 1, y, width: area.width.saturating_sub(2), height: 1 };
            list_row(row, buf, schema.label, i == self.at.selected, theme.text(), theme);
            let lines = if roomy {
                wrap(schema.purpose, room)
            } else {
                vec![fit(schema.purpose, room, theme.ellipsis()).into()]
            };
            for line in &lines {
                y += 1;
                buf.set_stringn(area.x + 3, y, line, room, theme.dim());
            }
            y += 1 + u16::from(roomy);
        }
    }
}
