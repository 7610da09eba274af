//! Which of several values goes to the clipboard.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Header, SecretId};
use crate::service::{Delivery, Request, Response};
use crate::tui::app::Shared;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Layer, Tone};
use crate::tui::text::{clean, width};
use crate::tui::widgets::{ListState, dialog_box, list_row};
use crate::tui::words;

/// Most values in view.
const LIST: u16 = 12;
/// Rows of the screen that the list cannot have: those around the dialog, its border, and where one stands.
const AROUND: u16 = 7;

struct CopyDialog {
    title: String,
    id: SecretId,
    /// The parts of the value, each with its label.
    parts: Vec<(Box<str>, String)>,
    at: ListState,
    working: bool,
}

/// The dialog that asks which value of the secret under `header` is to be copied.
pub fn copy(header: &Header) -> Box<dyn Layer> {
    Box::new(CopyDialog {
        title: format!("Copy from {}", clean(&header.name)),
        id: header.id,
        parts: parts(header),
        at: ListState::default(),
        working: false,
    })
}

fn parts(header: &Header) -> Vec<(Box<str>, String)> {
    let label = |part: &str| clean(header.kind.schema().part_label(part)).into_owned();
    header.parts.iter().map(|part| (part.name.clone(), label(&part.name))).collect()
}

impl CopyDialog {
    fn ask(&mut self, cx: &mut Cx<'_>) {
        let Some((part, _)) = self.parts.get(self.at.selected).filter(|_| !self.working) else { return };
        self.working = true;
        cx.ask(Request::hand_over(self.id, part, Delivery::Copy));
    }

    fn page(&self, terminal_rows: u16) -> u16 {
        let most = LIST.min(terminal_rows.saturating_sub(AROUND)).max(1);
        u16::try_from(self.parts.len()).unwrap_or(most).min(most)
    }
}

impl Layer for CopyDialog {
    fn context(&self) -> Context {
        Context::Choice
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        cmd != Cmd::Toggle
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        (cmd == Cmd::Open).then(|| "Copy".into())
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.close(),
            Cmd::Open => self.ask(cx),
            _ => drop(self.at.on_cmd(cmd, self.page(cx.shared.size.1).into(), self.parts.len())),
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        cx.close();
        match answer {
            Ok(Response::Delivered { handed, .. }) => cx.copy(handed),
            Ok(_) => {}
            Err(error) => cx.toast(Tone::Bad, words::error(&error)),
        }
    }

    fn on_data(&mut self, shared: &Shared) {
        let Some(header) = shared.header(self.id) else { return };
        let stood = self.parts.get(self.at.selected).map(|(part, _)| part.clone());
        self.parts = parts(header);
        let row = self.parts.iter().position(|(part, _)| Some(part) == stood.as_ref()).unwrap_or(0);
        self.at.select(row, self.parts.len());
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let labels = self.parts.iter().map(|(_, label)| width(label)).max().unwrap_or(0);
        let wide = u16::try_from(labels.max(width(&self.title)) + 8).unwrap_or(u16::MAX).clamp(36, 60);
        let page = self.page(area.height);
        let scrolls = self.parts.len() > usize::from(page);
        let inner = dialog_box(area, buf, &self.title, wide, page + 2 + u16::from(scrolls), theme);
        let shown = self.parts.iter().enumerate().skip(self.at.top).take(page.into());
        for ((i, (_, label)), y) in shown.zip(inner.y..inner.bottom()) {
            let row = Rect { y, height: 1, ..inner };
            list_row(row, buf, label, i == self.at.selected, theme.text(), theme);
        }
        if scrolls {
            let text = format!("{} of {}", self.at.selected + 1, self.parts.len());
            let y = inner.bottom().saturating_sub(1);
            buf.set_stringn(inner.x + 2, y, text, inner.width.saturating_sub(2).into(), theme.dim());
        }
    }
}
