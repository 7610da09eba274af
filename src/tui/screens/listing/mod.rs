//! Secrets Management: every secret in a row.

mod find;
mod model;
mod pane;
mod table;

use std::borrow::Cow;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use pane::Pane;

pub use model::{Column, Filter, Listing, STATUSES};

use crate::domain::{Header, SecretBytes, SecretId, Status};
use crate::service::{Delivery, Request, Response};
use crate::tui::app::Shared;
use crate::tui::input::Key;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Arrange, Cx, DoorAnswer, Lack, Layer, Millis, Nav, Tone};
use crate::tui::modals::{self, SortDialog, delete, options, toggle};
use crate::tui::screens::{detail, facts, form, register};
use crate::tui::widgets::{ListState, TextInput};
use crate::tui::words;

/// From this width on a detail pane stands beside the table.
const PANE_FROM: u16 = 116;
/// The pane has a quarter of the width, and never less than so many cells.
const PANE: u16 = 34;
/// A table has no use for more cells: the pane gets the rest.
const TABLE: u16 = 126;

struct Screen {
    listing: Listing,
    at: ListState,
    /// What is typed into the find line while it is open.
    find: Option<TextInput>,
    pane: Pane,
    /// Where one stood when the vault was locked, to stand there again when the secrets are back.
    stood_on: Option<SecretId>,
}

/// The screen, empty until the secrets arrive.
pub fn screen() -> Box<dyn Layer> {
    Box::new(Screen {
        listing: Listing::default(),
        at: ListState::default(),
        find: None,
        pane: Pane::default(),
        stood_on: None,
    })
}

impl Screen {
    fn selected(&self) -> Option<&Arc<Header>> {
        self.listing.row(self.at.selected)
    }

    /// The row of the terminal that the selected secret is on.
    fn line(&self) -> u16 {
        table::line_of(self.at)
    }

    /// The selection may have moved: the pane follows, at once where there is none to be seen.
    fn moved(&mut self, shared: &Shared) {
        let selected = self.listing.row(self.at.selected);
        if shared.size.0 < PANE_FROM {
            self.pane.show(selected);
        } else {
            self.pane.follow(selected, shared.mono());
        }
    }

    /// The pane shows what is selected now, as it is now.
    fn refresh_pane(&mut self) {
        self.pane.show(self.listing.row(self.at.selected));
    }

    /// Keeps the selection on the same secret while the rows change around it.
    fn around(&mut self, change: impl FnOnce(&mut Listing)) {
        let id = self.selected().map(|header| header.id);
        change(&mut self.listing);
        match id.and_then(|id| self.listing.position(id)) {
            Some(row) => self.at.carry_to(row, self.listing.len()),
            None => self.at.keep_in(self.listing.len()),
        }
    }

    fn search(&mut self) {
        let query = self.find.as_ref().map_or(String::new(), |input| input.text().to_owned());
        self.listing.find(&query);
        self.at.select(0, self.listing.len());
    }

    fn back(&mut self, cx: &mut Cx<'_>) {
        let typing = self.find.take().is_some();
        if typing && self.listing.query().is_empty() {
            return;
        }
        if self.listing.is_narrowed() {
            let now = cx.shared.wall;
            self.around(|listing| listing.widen(now));
        } else {
            cx.pop();
        }
    }

    fn act(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        let Some(header) = self.selected().cloned() else { return };
        match cmd {
            Cmd::Open => cx.navs.push(Nav::Push(detail::screen(&header, false))),
            Cmd::Reveal => cx.navs.push(Nav::Push(detail::screen(&header, true))),
            Cmd::Copy => copy(&header, cx),
            Cmd::MoreOptions => cx.navs.push(Nav::Open(options(&header, Some(self.line())))),
            Cmd::Edit => form::edit(&header, cx),
            Cmd::ToggleActive => cx.navs.push(Nav::Open(toggle(&header))),
            Cmd::Delete => cx.navs.push(Nav::Open(delete(&header))),
            _ => {}
        }
    }
}

/// Asks for the secret's value, to be sent to the clipboard; of several values, which.
fn copy(header: &Header, cx: &mut Cx<'_>) {
    match &*header.parts {
        [] => cx.toast(Tone::Warn, "There is no secret value to copy: open it to copy another field."),
        [part] => cx.ask(Request::hand_over(header.id, &part.name, Delivery::Copy)),
        _ => cx.navs.push(Nav::Open(modals::copy(header))),
    }
}

/// Cells of the table on a screen of `columns`, with the pane beside it.
fn table_width(columns: u16) -> u16 {
    columns.saturating_sub(PANE.max(columns / 4)).min(TABLE)
}

impl Layer for Screen {
    fn crumb(&self) -> Cow<'_, str> {
        "Secrets Management".into()
    }

    fn context(&self) -> Context {
        if self.find.is_some() { Context::FindLine } else { Context::Listing }
    }

    fn offers(&self, cmd: Cmd, shared: &Shared) -> bool {
        let status = self.selected().map(|header| Status::of(header, shared.wall));
        let alive = status.is_some_and(|status| status != Status::Deleted);
        match cmd {
            Cmd::Register => shared.writable(),
            Cmd::Edit | Cmd::ToggleActive | Cmd::Delete => alive && shared.writable(),
            Cmd::Reveal => alive && self.selected().is_some_and(|header| !header.write_only),
            Cmd::MoreOptions | Cmd::Copy => alive,
            Cmd::Open => self.find.is_some() || status.is_some(),
            Cmd::Find | Cmd::Filter | Cmd::Sort => !shared.headers.is_empty(),
            _ => true,
        }
    }

    fn why_not(&self, cmd: Cmd, shared: &Shared) -> Option<String> {
        facts::why_not(self.selected().map(|header| &**header), cmd, shared)
    }

    fn lacks(&self, cmd: Cmd, shared: &Shared) -> Option<Lack> {
        facts::lacks(self.selected()?, cmd, shared)
    }

    fn about(&self) -> Option<SecretId> {
        self.stands_on()
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        if !self.offers(cmd, cx.shared) {
            return;
        }
        match cmd {
            Cmd::Back => self.back(cx),
            Cmd::Open if self.find.is_some() => self.find = None,
            Cmd::Register => cx.navs.push(Nav::Push(register::choose_type())),
            Cmd::Find => {
                self.find = Some(TextInput::new(self.listing.query()));
            }
            Cmd::Filter => cx.navs.push(Nav::Open(modals::filter(self.listing.filter()))),
            Cmd::Sort => cx.open(SortDialog::new(self.listing.order())),
            _ => {
                if !self.at.on_cmd(cmd, table::rows_in(cx.shared.size.1), self.listing.len()) {
                    self.act(cmd, cx);
                }
            }
        }
        self.moved(cx.shared);
    }

    fn on_key(&mut self, key: Key, cx: &mut Cx<'_>) {
        if self.find.as_mut().is_some_and(|input| input.on_key(key)) {
            self.search();
            self.moved(cx.shared);
        }
    }

    fn on_paste(&mut self, paste: SecretBytes, cx: &mut Cx<'_>) {
        if let Some(input) = &mut self.find {
            input.insert(paste.expose_text().unwrap_or_default());
            self.search();
            self.moved(cx.shared);
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        match answer {
            Ok(Response::Delivered { handed, .. }) => cx.copy(handed),
            Ok(_) => {}
            Err(error) => cx.toast(Tone::Bad, words::error(&error)),
        }
    }

    fn on_data(&mut self, shared: &Shared) {
        self.at.set_page(table::rows_in(shared.size.1), self.listing.len());
        self.around(|listing| listing.fill(&shared.headers, shared.wall));
        if shared.loaded
            && let Some(row) = self.stood_on.take().and_then(|id| self.listing.position(id))
        {
            self.at.select(row, self.listing.len());
        }
        self.refresh_pane();
    }

    fn stands_on(&self) -> Option<SecretId> {
        self.selected().map(|header| header.id)
    }

    fn on_select(&mut self, id: SecretId, shared: &Shared) {
        if self.listing.position(id).is_none() {
            self.find = None;
            while self.listing.is_narrowed() {
                self.listing.widen(shared.wall);
            }
        }
        if let Some(row) = self.listing.position(id) {
            self.at.select(row, self.listing.len());
        }
        self.refresh_pane();
    }

    fn on_arrange(&mut self, arrange: Arrange, shared: &Shared) {
        self.around(|listing| match arrange {
            Arrange::Sort(column) => listing.sort_by(column, shared.wall),
            Arrange::Filter(filter) => listing.filter_by(filter, shared.wall),
            Arrange::Events(_) => {}
        });
        self.refresh_pane();
    }

    fn on_deadline(&mut self, _cx: &mut Cx<'_>) {
        self.refresh_pane();
    }

    fn deadline(&self) -> Option<Millis> {
        self.pane.deadline()
    }

    fn on_resize(&mut self, _columns: u16, rows: u16) {
        self.at.set_page(table::rows_in(rows), self.listing.len());
    }

    fn on_lock(&mut self) -> bool {
        self.stood_on = self.stands_on().or(self.stood_on);
        self.find = None;
        self.listing.clear();
        self.refresh_pane();
        true
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let beside = area.width >= PANE_FROM && !shared.headers.is_empty();
        let width = if beside { table_width(area.width) } else { area.width };
        table::render(Rect { width, ..area }, buf, &self.listing, self.at, self.find.as_ref(), shared);
        if beside && !self.listing.is_empty() {
            self.pane.render(Rect { x: area.x + width, width: area.width - width, ..area }, buf, shared);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tui::harness::Harness;

    fn marked(h: &Harness) -> String {
        h.screen().lines().find(|line| line.contains('▌')).unwrap_or_default().to_owned()
    }

    #[test]
    fn the_listing_remembers_where_one_stood() {
        let mut h = Harness::demo(80, 24);
        let stood = marked(h.press("Down Down Down"));
        h.press("Enter Esc");
        assert_eq!(marked(&h), stood, "after the detail");
        h.press("s Down Enter");
        let moved = marked(&h);
        assert_eq!(moved.split_whitespace().nth(1), stood.split_whitespace().nth(1), "after another order");
        h.press("Esc").expect("Secrets Management").press("Enter");
        assert_eq!(marked(&h).split_whitespace().nth(1), stood.split_whitespace().nth(1), "after the step above");
    }

    #[test]
    fn a_wide_terminal_gives_the_table_what_it_has_a_use_for() {
        assert_eq!([116, 120, 160, 200, 300].map(super::table_width), [82, 86, 120, 126, 126]);
    }

    #[test]
    fn find_and_filter_narrow_and_esc_widens() {
        let mut h = Harness::demo(80, 24);
        h.press("/").type_text("shop").expect("shop-staging").expect_not("crm-sync").press("Enter");
        h.expect("Found by \"shop\"").press("Esc").expect("crm-sync");
        h.press("f Space Enter").expect("Only API Key").expect_not("crm-sync").press("Esc").expect("crm-sync");
        h.press("/").type_text("zzz").expect("Nothing matches.");
    }

    #[test]
    fn each_esc_takes_one_step_back() {
        let mut h = Harness::demo(80, 24);
        h.press("f Space Enter /").type_text("maps").expect_not("payments-api");
        h.press("Esc").expect("Only API Key").expect("payments-api").expect_not("crm-sync");
        h.press("/ Esc").expect("Only API Key").press("/").type_text("maps").press("Enter");
        h.expect("Esc ends the find").press("Esc").expect("Esc shows all").expect_not("crm-sync");
        h.press("Esc").expect("crm-sync").press("Esc").expect_not("crm-sync");
    }

    #[test]
    fn a_filter_with_nothing_ticked_shows_all() {
        let mut h = Harness::demo(80, 24);
        h.press("f Space Enter").expect_not("crm-sync").press("f Space Enter").expect("crm-sync").expect_not("Only");
    }

    #[test]
    fn a_lock_forgets_the_secrets_but_not_where_one_stood() {
        let mut h = Harness::demo(80, 24);
        h.press("s Down Down Down Enter f Space Enter Down Down");
        h.press("/").type_text("pay").press("Enter");
        let stood = marked(&h);
        assert!(stood.contains("payments-api"));
        h.press("^L").expect("Unlock").type_text("x").press("Enter");
        h.expect("Only API Key").expect_not("Found by");
        assert_eq!(marked(&h), stood);
        h.press("s").expect("▌ Expiration Date");
    }

    #[test]
    fn of_several_values_it_is_asked_which_to_copy() {
        let mut h = Harness::demo(80, 24);
        h.press("/").type_text("shop-production").press("Enter y").expect("Copy from shop-production");
        h.expect("▌ DATABASE_URL").expect("SESSION_KEY");
        assert!(h.clipboard.is_empty());
        h.press("Down Enter").expect_not("Copy from").expect("Sent to the terminal");
        assert_eq!(h.clipboard, ["redis://cache.northwind.example:6379/0".into()]);
        h.press("Esc /").type_text("crm").press("Enter y");
        assert_eq!(h.clipboard[1], "Bearer demo.eyJzdWIiOiJub3J0aHdpbmQifQ.signature".into());
    }

    #[test]
    fn a_refused_copy_says_why() {
        let mut h = Harness::demo(80, 24);
        h.press("/").type_text("shop-production").press("Enter d Tab Enter y Enter");
        h.expect("Inactive since").expect("Reactivate it").expect("first (d).").expect_not("Copy from");
        assert!(h.clipboard.is_empty());
    }
}
