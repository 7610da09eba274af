//! Forms that were left unfinished, offered at the next start.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Timestamp, Unfinished};
use crate::service::Request;
use crate::tui::app::Shared;
use crate::tui::changes::when;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, Effect, Layer, Nav, Tone};
use crate::tui::screens::resume;
use crate::tui::text::{clean, wrap};
use crate::tui::theme::Theme;
use crate::tui::widgets::{Buttons, ListState, dialog_box, list_row};
use crate::tui::words;

/// Width of the dialog, borders included.
const WIDTH: u16 = 74;
/// Rows that are no list: blank ones and the buttons.
const FOOT: u16 = 3;
/// Cells of the mark before a row of the list, and the one after it.
const MARK: u16 = 2;
const SAID: &str = "Continuing brings back what you entered, but for secret values: those are never kept.";

struct Offer {
    forms: Vec<Unfinished>,
    at: ListState,
    buttons: Buttons,
}

/// Offers `forms`, of which there is one at least, the newest first.
pub fn offer(forms: Vec<Unfinished>) -> Box<dyn Layer> {
    Box::new(Offer { forms, at: ListState::default(), buttons: Buttons::new(["Continue", "Discard", "Later"]) })
}

impl Offer {
    fn press(&mut self, cx: &mut Cx<'_>) {
        match self.buttons.focus() {
            0 => self.go_on(cx),
            1 => self.discard(cx),
            _ => later(cx),
        }
    }

    fn go_on(&mut self, cx: &mut Cx<'_>) {
        let Some(form) = self.forms.get(self.at.selected) else { return cx.close() };
        // From here on it stands in this session: no other one is offered it.
        let here = Unfinished { keeper: cx.shared.keeper.clone(), ..form.clone() };
        cx.effects.push(Effect::Ask(Request::KeepUnfinished(here)));
        cx.navs.push(Nav::Push(resume(form, cx.shared)));
    }

    fn discard(&mut self, cx: &mut Cx<'_>) {
        if self.at.selected < self.forms.len() {
            let form = self.forms.remove(self.at.selected);
            cx.ask(Request::DropUnfinished(form.id));
            self.at.keep_in(self.forms.len());
            self.buttons.set_focus(0);
        }
        if self.forms.is_empty() {
            cx.close();
            cx.toast(Tone::Good, "Discarded.");
        }
    }
}

fn later(cx: &mut Cx<'_>) {
    cx.close();
    cx.toast(Tone::Good, "It is offered again at the next start.");
}

/// What form it is, since when it has been waiting, and where it stood.
fn describe(form: &Unfinished, now: Timestamp, theme: Theme) -> String {
    let name = clean(&form.name);
    let name = words::short(&name);
    let what = match (&form.edits, form.name.is_empty()) {
        (Some(_), _) => format!("Edit \"{name}\""),
        (None, true) => format!("Register {}, not named yet", form.kind.label()),
        (None, false) => format!("Register {} \"{name}\"", form.kind.label()),
    };
    let dot = theme.either("·", "-");
    let terminal = form.keeper.terminal.as_deref().map_or(String::new(), |name| format!(" {dot} {}", clean(name)));
    format!("{what} {dot} {}{terminal}", when(form.saved, now))
}

impl Layer for Offer {
    fn context(&self) -> Context {
        Context::Dialog
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        (cmd == Cmd::Back).then(|| "Later".into())
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        !matches!(cmd, Cmd::Up | Cmd::Down) || self.forms.len() > 1
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => later(cx),
            Cmd::Open => self.press(cx),
            _ if self.buttons.move_by(cmd) => {}
            _ => drop(self.at.on_cmd(cmd, self.forms.len(), self.forms.len())),
        }
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let wide = WIDTH.min(area.width.saturating_sub(4));
        let said = wrap(SAID, usize::from(wide.saturating_sub(4 + MARK)));
        let rows = u16::try_from(self.forms.len() + said.len()).unwrap_or(u16::MAX);
        let title = match self.forms.len() {
            1 => "A form was left unfinished".to_owned(),
            count => format!("{count} forms were left unfinished"),
        };
        let inner = dialog_box(area, buf, &title, wide, rows.saturating_add(FOOT + 2), theme);
        let list = inner.height.saturating_sub(FOOT + u16::try_from(said.len()).unwrap_or(0)).max(1);
        let shown = self.forms.iter().enumerate().skip(self.at.selected.saturating_sub(usize::from(list) - 1));
        for ((i, form), y) in shown.zip(inner.y..inner.y + list) {
            let row = Rect { y, height: 1, ..inner }.intersection(inner);
            let plain = if self.forms.len() == 1 { theme.strong() } else { theme.text() };
            let marked = i == self.at.selected && self.forms.len() > 1;
            list_row(row, buf, &describe(form, shared.wall, theme), marked, plain, theme);
        }
        for (line, y) in said.iter().zip(inner.y + list + 1..inner.bottom().saturating_sub(1)) {
            buf.set_stringn(inner.x + MARK, y, line, usize::from(inner.width.saturating_sub(MARK)), theme.dim());
        }
        let last = Rect { y: inner.bottom().saturating_sub(1), height: 1, ..inner };
        self.buttons.render(last, buf, true, theme);
    }
}
