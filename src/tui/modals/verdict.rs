//! The verdict on the audit log.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::domain::text::grouped;
use crate::service::{AuditVerdict, Progress, Request, Response};
use crate::tui::app::Shared;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Layer};
use crate::tui::text::{clean, wrap};
use crate::tui::theme::Theme;
use crate::tui::widgets::{Buttons, dialog_box, progress_words};
use crate::tui::words;

/// Width of the verdict, borders included.
const WIDTH: u16 = 66;
/// Most lines of troubles.
const TROUBLES: usize = 10;

struct Verdict {
    progress: Option<Progress>,
    /// `None` while the log is being looked through.
    said: Option<Result<AuditVerdict, String>>,
}

/// The dialog that verifies the log and says what came of it.
pub fn verdict() -> Box<dyn Layer> {
    Box::new(Verdict { progress: None, said: None })
}

impl Verdict {
    fn lines(&self, room: usize, theme: Theme) -> Vec<(String, Style)> {
        let said = |text: &str, style: Style| wrap(&clean(text), room).into_iter().map(move |line| (line, style));
        match &self.said {
            None => {
                let working = self.progress.map(|progress| progress_words(progress, theme));
                let text =
                    working.unwrap_or_else(|| format!("Holding every event against the others{}", theme.ellipsis()));
                said(&text, theme.dim()).collect()
            }
            Some(Err(error)) => said(error, theme.bad()).collect(),
            Some(Ok(verdict)) if verdict.troubles.is_empty() => {
                let text = format!("{} {}: none is missing, none was changed.", theme.check(), counted(verdict));
                said(&text, theme.good()).collect()
            }
            Some(Ok(verdict)) => {
                let whole = format!("{}. Keep a copy of the vault's directory before anything else.", counted(verdict));
                let troubles = verdict
                    .troubles
                    .iter()
                    .flat_map(|trouble| said(&format!("{} {trouble}", theme.cross()), theme.bad()));
                let mut lines: Vec<(String, Style)> = troubles.collect();
                if lines.len() > TROUBLES {
                    lines.truncate(TROUBLES - 1);
                    lines.push((format!("{} strongroom audit verify tells them all", theme.ellipsis()), theme.dim()));
                }
                lines.extend(said("", theme.text()).chain(said(&whole, theme.text())));
                lines
            }
        }
    }
}

/// `1,234 events since 2026-01-02 are whole`.
fn counted(verdict: &AuditVerdict) -> String {
    let AuditVerdict { events, since, .. } = verdict;
    let since = since.map_or(String::new(), |since| format!(" since {}", since.date()));
    match events {
        1 => format!("1 event{since} is whole"),
        _ => format!("{} events{since} are whole", grouped(*events)),
    }
}

impl Layer for Verdict {
    fn context(&self) -> Context {
        Context::Dialog
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        !matches!(cmd, Cmd::NextField | Cmd::PrevField | Cmd::Up | Cmd::Down)
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        matches!(cmd, Cmd::Open | Cmd::Back).then(|| "Close".into())
    }

    fn on_enter(&mut self, cx: &mut Cx<'_>) {
        cx.ask(Request::VerifyAudit);
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        if matches!(cmd, Cmd::Open | Cmd::Back) {
            cx.close();
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, _cx: &mut Cx<'_>) {
        self.said = match answer {
            Ok(Response::AuditVerdict(verdict)) => Some(Ok(verdict)),
            Ok(_) => None,
            Err(error) => Some(Err(words::error(&error))),
        };
    }

    fn on_progress(&mut self, progress: Progress) {
        self.progress = Some(progress);
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let width = WIDTH.min(area.width.saturating_sub(4));
        let room = usize::from(width.saturating_sub(4));
        let lines = self.lines(room, theme);
        let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
        let inner = dialog_box(area, buf, "Verify the audit log", width, height, theme);
        for ((line, style), y) in lines.iter().zip(inner.y..inner.bottom().saturating_sub(1)) {
            buf.set_stringn(inner.x, y, line, room, *style);
        }
        let last = Rect { y: inner.bottom().saturating_sub(1), height: 1, ..inner };
        Buttons::new(["Close"]).render(last, buf, true, theme);
    }
}
