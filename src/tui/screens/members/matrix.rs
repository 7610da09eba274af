//! What each member may do: members as rows, permissions as columns.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::table::{nothing, put};
use super::{member, words};
use crate::domain::organization::{MemberState, MemberView, OrganizationView, Permission, Reach};
use crate::service::{Request, Response};
use crate::tui::app::{Shared, body_rows};
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Layer, Nav, Tone};
use crate::tui::text::clean;
use crate::tui::theme::Theme;
use crate::tui::widgets::{ListState, list_row};
use crate::tui::words::error;

/// Cells of a column at least, and on a narrow terminal, where the labels are cut.
const COLUMN: u16 = 8;
const NARROW: u16 = 7;
/// A terminal of fewer columns is narrow.
const WIDE_FROM: u16 = 76;
/// Rows that are no member: headings, and a blank one with the legend.
const AROUND: u16 = 3;
/// A name has at most so many cells.
const NAME: u16 = 36;

#[derive(Default)]
struct Matrix {
    view: Option<Box<OrganizationView>>,
    at: ListState,
    error: Option<String>,
}

/// The overview, empty until the door has told of the organization.
pub fn matrix() -> Box<dyn Layer> {
    Box::new(Matrix::default())
}

fn page(terminal_rows: u16) -> usize {
    usize::from(body_rows(terminal_rows).saturating_sub(AROUND)).max(1)
}

/// Where the column of each permission begins, and how wide it is.
fn columns(width: u16) -> [(u16, u16); Permission::ALL.len()] {
    let label = |permission: Permission| u16::try_from(permission.label().len()).unwrap_or(COLUMN);
    let wide = |permission| if width < WIDE_FROM { NARROW } else { COLUMN.max(label(permission) + 2) };
    let total: u16 = Permission::ALL.into_iter().map(wide).sum();
    let mut x = width.saturating_sub(total).min(3 + NAME + 2);
    Permission::ALL.map(|permission| {
        let here = (x, wide(permission) - 1);
        x += wide(permission);
        here
    })
}

/// A reach in a cell: a glyph, and how many or a word.
fn cell(reach: Option<&Reach>, theme: Theme) -> (String, Style) {
    match reach {
        Some(Reach::All) => (format!("{} all", words::full(theme)), theme.good()),
        Some(Reach::Named(ids)) => (format!("{} {}", words::half(theme), ids.len()), theme.text()),
        None => (format!("{} none", words::empty(theme)), theme.dim()),
    }
}

impl Matrix {
    fn members(&self) -> Vec<&MemberView> {
        let all = self.view.iter().flat_map(|view| &view.members);
        all.filter(|member| member.state == MemberState::Active).collect()
    }

    fn ask(cx: &mut Cx<'_>) {
        cx.ask(Request::Organization);
    }
}

impl Layer for Matrix {
    fn crumb(&self) -> Cow<'_, str> {
        "Permissions".into()
    }

    fn context(&self) -> Context {
        Context::Matrix
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        match cmd {
            Cmd::Open => self.view.is_some(),
            Cmd::Matrix => false,
            _ => true,
        }
    }

    fn on_enter(&mut self, cx: &mut Cx<'_>) {
        Self::ask(cx);
    }

    fn on_return(&mut self, cx: &mut Cx<'_>) {
        Self::ask(cx);
    }

    fn on_organization(&mut self, cx: &mut Cx<'_>) {
        Self::ask(cx);
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        let members = self.members();
        match (cmd, &self.view) {
            (Cmd::Back, _) => cx.pop(),
            (Cmd::Open, Some(view)) => {
                let selected = members.get(self.at.selected);
                cx.navs.extend(selected.map(|one| Nav::Push(member::screen(one, view))));
            }
            _ => {
                let len = members.len();
                self.at.on_cmd(cmd, page(cx.shared.size.1), len);
            }
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        match answer {
            Ok(Response::Organization(view)) => {
                (self.view, self.error) = (Some(view), None);
                let len = self.members().len();
                self.at.set_page(page(cx.shared.size.1), len);
            }
            Ok(_) => {}
            Err(why) if self.view.is_none() => self.error = Some(error(&why)),
            Err(why) => cx.toast(Tone::Bad, error(&why)),
        }
    }

    fn on_resize(&mut self, _columns: u16, rows: u16) {
        let len = self.members().len();
        self.at.set_page(page(rows), len);
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        if self.view.is_none() {
            return nothing(area, buf, self.error.as_deref(), theme);
        }
        let columns = columns(area.width);
        let row = Rect { height: 1, ..area };
        let name = (3, columns[0].0.saturating_sub(4));
        put(row, buf, name, "Member", theme.dim(), theme);
        for (place, permission) in columns.into_iter().zip(Permission::ALL) {
            put(row, buf, place, permission.label(), theme.dim(), theme);
        }
        let shown = self.members().into_iter().enumerate().skip(self.at.top).take(page(shared.size.1));
        let mut y = area.y + 1;
        for (i, member) in shown {
            let row = Rect { y, ..row };
            let place = Rect { x: row.x + 1, width: name.1 + 2, ..row };
            list_row(place, buf, &clean(&member.name), i == self.at.selected, theme.text(), theme);
            for (place, permission) in columns.into_iter().zip(Permission::ALL) {
                let (text, style) = cell(words::reach_of(member, permission), theme);
                put(row, buf, place, &text, style, theme);
            }
            y += 1;
        }
        let legend = format!(
            "{} all secrets   {} so many secrets   {} none",
            words::full(theme),
            words::half(theme),
            words::empty(theme)
        );
        if y + 1 < area.bottom() {
            put(Rect { y: y + 1, ..row }, buf, (3, area.width.saturating_sub(4)), &legend, theme.dim(), theme);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_has_its_column_on_every_terminal() {
        for width in 60..200 {
            let columns = columns(width);
            assert!(columns[0].0 >= 17, "{width}: {columns:?}");
            assert!(columns.windows(2).all(|two| two[0].0 + two[0].1 < two[1].0), "{width}: {columns:?}");
            assert!(columns.iter().all(|(_, wide)| *wide >= 6), "room for a glyph and a word");
            assert!(columns[5].0 + columns[5].1 < width, "{width}: {columns:?}");
        }
    }
}
