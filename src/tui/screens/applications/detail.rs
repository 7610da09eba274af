//! One application: each binding in a row, with the status of its secret now.

use std::borrow::Cow;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::model::{GONE, Health, name_of, status_of};
use super::{form, remove, why_not};
use crate::domain::date::relative;
use crate::domain::{Application, Binding, Stamp, Timestamp};
use crate::service::{Request, Response};
use crate::tui::app::{Shared, body_rows};
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Layer, Nav, Tone};
use crate::tui::screens::{detail, facts};
use crate::tui::text::{clean, fit, width};
use crate::tui::theme::Theme;
use crate::tui::widgets::{ListState, list_row};
use crate::tui::words;

/// Rows above the bindings: what it is, whether it would be served, who made it, a blank one.
const ABOVE: u16 = 4;
/// Cells of the kind of a target, of the arrow with its gaps, and of the status.
const KIND: u16 = 6;
const ARROW: u16 = 4;
const STATUS: u16 = 15;
/// Where the target's name begins.
const FROM: u16 = 3 + KIND + 1;

struct Detail {
    application: Arc<Application>,
    at: ListState,
}

/// The screen of `application`.
pub(super) fn screen(application: Arc<Application>) -> Box<dyn Layer> {
    Box::new(Detail { application, at: ListState::default() })
}

fn page(shared: &Shared) -> usize {
    usize::from(body_rows(shared.size.1).saturating_sub(ABOVE))
}

impl Detail {
    fn binding(&self) -> Option<&Binding> {
        self.application.bindings.get(self.at.selected)
    }

    /// What has become of it.
    fn told(&mut self, all: &[Arc<Application>], cx: &mut Cx<'_>) {
        match all.iter().find(|application| application.id == self.application.id) {
            Some(now) => self.application = now.clone(),
            None => cx.pop(),
        }
        self.at.keep_in(self.application.bindings.len());
    }

    /// `Added 64 d ago by Ben, changed 2 h ago by Ada`.
    fn stamps(&self, now: Timestamp) -> String {
        let Application { created, modified, .. } = &*self.application;
        let said = |Stamp { at, by }: &Stamp| format!("{} by {}", relative((*at).min(now), now), clean(by));
        let changed = if modified == created { String::new() } else { format!(", changed {}", said(modified)) };
        format!("Added {}{changed}", said(created))
    }

    fn head(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let room = usize::from(area.width.saturating_sub(4));
        let mut y = area.y;
        let (health, style) = Health::of(&self.application, shared).words(theme);
        let (x, _) = buf.set_stringn(area.x + 3, y, health, room, style);
        let count = match self.application.bindings.len() {
            1 => "1 binding".to_owned(),
            count => format!("{count} bindings"),
        };
        buf.set_stringn(x + 3, y, count, usize::from(area.right().saturating_sub(x + 4)), theme.dim());
        for (text, style) in
            [(clean(&self.application.description), theme.text()), (self.stamps(shared.wall).into(), theme.dim())]
        {
            if !text.is_empty() {
                y += 1;
                buf.set_stringn(area.x + 3, y, fit(&text, room, theme.ellipsis()), room, style);
            }
        }
    }

    /// Cells of the targets' names and of the fields that go there: as wide as the longest, as far as there is room.
    fn columns(&self, total: u16, shared: &Shared) -> (u16, u16) {
        let left = total.saturating_sub(FROM + ARROW + 2 + STATUS + 1);
        let longest = |text: &dyn Fn(&Binding) -> String| {
            let cells = self.application.bindings.iter().map(|binding| width(&text(binding))).max();
            u16::try_from(cells.unwrap_or(0)).unwrap_or(left)
        };
        let name = longest(&|binding| clean(binding.target.name()).into_owned()).min(left / 2);
        (name, longest(&|binding| from(binding, shared)).min(left - name))
    }

    fn row(&self, row: Rect, buf: &mut Buffer, binding: &Binding, selected: bool, shared: &Shared) {
        let theme = shared.theme;
        let (name, field) = self.columns(row.width, shared);
        let mark = Rect { x: row.x + 1, width: KIND + 2, ..row };
        list_row(mark, buf, binding.target.slug(), selected, theme.dim(), theme);
        put(row, buf, (FROM, name), &clean(binding.target.name()), theme.text(), theme);
        put(row, buf, (FROM + name + 1, 2), theme.either("←", "<-"), theme.dim(), theme);
        put(row, buf, (FROM + name + ARROW, field), &from(binding, shared), theme.text(), theme);
        let (status, style) = status_words(binding, shared);
        put(row, buf, (FROM + name + ARROW + field + 2, STATUS), &status, style, theme);
    }
}

/// `payments-api/value`.
fn from(binding: &Binding, shared: &Shared) -> String {
    format!("{}/{}", name_of(binding.secret, shared), clean(&binding.field))
}

/// The status of the secret of a binding: glyph and word.
fn status_words(binding: &Binding, shared: &Shared) -> (String, ratatui::style::Style) {
    let status = status_of(binding.secret, shared);
    let word = shared.header(binding.secret).map_or(GONE.to_owned(), |header| facts::short(header, shared.wall));
    // Here, what is refused is an error, whatever the reason.
    let style = if status.is_usable() { shared.theme.status(status) } else { shared.theme.bad() };
    (format!("{} {word}", shared.theme.status_glyph(status)), style)
}

fn put(row: Rect, buf: &mut Buffer, (x, wide): (u16, u16), text: &str, style: ratatui::style::Style, theme: Theme) {
    let room = usize::from(wide.min(row.width.saturating_sub(x)));
    buf.set_stringn(row.x + x, row.y, fit(text, room, theme.ellipsis()), room, style);
}

impl Layer for Detail {
    fn crumb(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.application.name)
    }

    fn context(&self) -> Context {
        Context::Application
    }

    fn offers(&self, cmd: Cmd, shared: &Shared) -> bool {
        match cmd {
            Cmd::Open => self.binding().is_some_and(|binding| shared.header(binding.secret).is_some()),
            Cmd::Edit | Cmd::Remove => shared.writable(),
            _ => true,
        }
    }

    fn why_not(&self, cmd: Cmd, shared: &Shared) -> Option<String> {
        why_not(cmd, shared)
    }

    fn on_return(&mut self, cx: &mut Cx<'_>) {
        cx.ask(Request::Applications);
    }

    fn on_applications(&mut self, cx: &mut Cx<'_>) {
        cx.ask(Request::Applications);
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.pop(),
            Cmd::Edit => cx.navs.push(Nav::Push(form::edit(self.application.clone()))),
            Cmd::Remove => cx.open(remove(&self.application)),
            Cmd::Open => {
                let header = self.binding().and_then(|binding| cx.shared.header(binding.secret));
                cx.navs.extend(header.map(|header| Nav::Push(detail::screen(header, false))));
            }
            _ => drop(self.at.on_cmd(cmd, page(cx.shared), self.application.bindings.len())),
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        match answer {
            Ok(Response::Applications(all)) => self.told(&all, cx),
            Ok(_) => {}
            Err(error) => cx.toast(Tone::Bad, words::error(&error)),
        }
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        self.head(area, buf, shared);
        let list = Rect { y: area.y + ABOVE, height: area.height.saturating_sub(ABOVE), ..area };
        for (y, (i, binding)) in
            (list.y..list.bottom()).zip(self.application.bindings.iter().enumerate().skip(self.at.top))
        {
            self.row(Rect { y, height: 1, ..list }, buf, binding, i == self.at.selected, shared);
        }
    }
}
