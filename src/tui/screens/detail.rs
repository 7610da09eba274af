//! One secret in full: everything about it, its values masked until asked for.

use std::borrow::Cow;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{facts, form, history};
use crate::domain::{Header, SecretBytes, SecretId, Status};
use crate::service::{Delivery, Details, DoorError, Request, Response};
use crate::tui::app::{Shared, body_rows};
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Effect, Lack, Layer, Millis, Nav, Tone};
use crate::tui::modals::{delete, options, toggle};
use crate::tui::uses::Known;
use crate::tui::widgets::{ListState, Revealed, Row, rows};
use crate::tui::words;

/// Rows above the list: type and status, and a blank one.
const ABOVE: u16 = 2;

struct Detail {
    id: SecretId,
    name: Box<str>,
    details: Option<Details>,
    uses: Known,
    rows: Vec<Row>,
    at: ListState,
    revealed: Option<Revealed>,
    /// The part that is to be shown as soon as it is delivered.
    awaited: Option<Box<str>>,
    reveal_first: bool,
}

/// The screen of the secret under `header`; with `reveal` its first secret part is shown at once.
pub fn screen(header: &Header, reveal: bool) -> Box<dyn Layer> {
    Box::new(Detail {
        id: header.id,
        name: header.name.clone(),
        details: None,
        uses: Known::default(),
        rows: Vec::new(),
        at: ListState::default(),
        revealed: None,
        awaited: None,
        reveal_first: reveal,
    })
}

impl Detail {
    fn header(&self) -> Option<&Arc<Header>> {
        self.details.as_ref().map(|details| &details.header)
    }

    fn build(&mut self, shared: &Shared) {
        let Some(details) = &self.details else { return };
        let applied = self.uses.rows(self.id, shared.wall, shared.theme);
        self.rows = facts::rows(&details.header, details.chain.as_ref(), applied, shared.wall);
        self.at.set_page(page(shared), self.rows.len());
        self.at.keep_in(self.rows.len());
    }

    fn deliver(&mut self, how: Delivery, cx: &mut Cx<'_>) {
        match self.rows.get(self.at.selected) {
            Some(Row::Secret { part, .. }) => {
                if how == Delivery::Reveal {
                    self.awaited = Some(part.clone());
                }
                cx.ask(Request::hand_over(self.id, part, how));
            }
            Some(Row::Plain { text, .. } | Row::Warning { text, .. } | Row::Document { text, .. })
                if how == Delivery::Copy =>
            {
                cx.effects.push(Effect::Copy(SecretBytes::from(&**text)));
            }
            _ => cx.toast(Tone::Warn, "Choose a row with a masked value first."),
        }
    }

    /// On a row without a value, the first value is meant.
    fn toggle_reveal(&mut self, cx: &mut Cx<'_>) {
        if self.rows.get(self.at.selected).and_then(Row::part).is_none() {
            self.at.select(rows::first_secret(&self.rows), self.rows.len());
        }
        let before = self.revealed.take().map(|shown| shown.part).or(self.awaited.take());
        if before.as_deref() != self.rows.get(self.at.selected).and_then(Row::part) {
            self.deliver(Delivery::Reveal, cx);
        }
    }

    /// A value is here. It is shown only if it is the one that was asked for last, and somebody looks still.
    fn arrived(&mut self, part: Box<str>, how: Delivery, bytes: SecretBytes, cx: &mut Cx<'_>) {
        match how {
            Delivery::Copy => cx.effects.push(Effect::Copy(bytes)),
            Delivery::Reveal if self.awaited.as_ref() == Some(&part) => {
                self.awaited = None;
                self.revealed = Some(Revealed::new(part, bytes, cx.shared.mono()));
            }
            _ => {}
        }
    }

    fn told(&mut self, details: Details, cx: &mut Cx<'_>) {
        // What has been heard since it was asked for is newer.
        let newer = cx.shared.header(self.id).filter(|known| known.revision > details.header.revision);
        let details = newer.map_or(details, |header| header.clone().into());
        self.name = details.header.name.clone();
        let first = self.details.replace(details).is_none();
        self.build(cx.shared);
        cx.ask(Request::Uses(self.id));
        if first {
            self.at.select(rows::first_secret(&self.rows), self.rows.len());
        }
        if std::mem::take(&mut self.reveal_first) {
            self.deliver(Delivery::Reveal, cx);
        }
    }

    fn mask(&mut self) {
        self.revealed = None;
        self.awaited = None;
    }
}

fn page(shared: &Shared) -> usize {
    usize::from(body_rows(shared.size.1).saturating_sub(ABOVE))
}

impl Layer for Detail {
    fn crumb(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.name)
    }

    fn context(&self) -> Context {
        Context::Detail
    }

    fn offers(&self, cmd: Cmd, shared: &Shared) -> bool {
        let status = self.header().map(|header| Status::of(header, shared.wall));
        let alive = status.is_some_and(|status| status != Status::Deleted);
        let row = self.rows.get(self.at.selected);
        match cmd {
            Cmd::Reveal => alive && self.header().is_some_and(|header| !header.write_only && !header.parts.is_empty()),
            Cmd::Copy => alive && row.is_some_and(Row::can_be_copied),
            Cmd::Edit | Cmd::ToggleActive | Cmd::Delete => alive && shared.writable(),
            Cmd::MoreOptions | Cmd::History => alive,
            _ => true,
        }
    }

    fn why_not(&self, cmd: Cmd, shared: &Shared) -> Option<String> {
        facts::why_not(self.header().map(|header| &**header), cmd, shared)
    }

    fn lacks(&self, cmd: Cmd, shared: &Shared) -> Option<Lack> {
        // What is not secret of it may be copied by whoever sees it.
        let public = self.rows.get(self.at.selected).is_some_and(|row| row.part().is_none());
        let header = self.header().filter(|_| cmd != Cmd::Copy || !public)?;
        facts::lacks(header, cmd, shared)
    }

    fn about(&self) -> Option<SecretId> {
        Some(self.id)
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        let shown = rows::is_revealed(&self.rows, self.at, self.revealed.as_ref());
        (cmd == Cmd::Reveal && shown).then(|| "Mask".into())
    }

    fn on_enter(&mut self, cx: &mut Cx<'_>) {
        cx.ask(Request::Details(self.id.into()));
    }

    fn on_return(&mut self, cx: &mut Cx<'_>) {
        cx.ask(Request::Details(self.id.into()));
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        if cmd == Cmd::Back {
            return cx.pop();
        }
        let Some(header) = self.header().filter(|_| self.offers(cmd, cx.shared)).cloned() else { return };
        match cmd {
            Cmd::Reveal => self.toggle_reveal(cx),
            Cmd::Copy => self.deliver(Delivery::Copy, cx),
            Cmd::Edit => form::edit(&header, cx),
            Cmd::ToggleActive => cx.navs.push(Nav::Open(toggle(&header))),
            Cmd::Delete => cx.navs.push(Nav::Open(delete(&header))),
            Cmd::MoreOptions => cx.navs.push(Nav::Open(options(&header, None))),
            Cmd::History => cx.navs.push(Nav::Push(history::screen(&header))),
            _ => {
                rows::step(&mut self.at, cmd, page(cx.shared), &self.rows);
            }
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        // Where it is applied is asked for after the details are here.
        let answer = if self.details.is_some() { self.uses.take(answer) } else { Some(answer) };
        let Some(answer) = answer else { return self.build(cx.shared) };
        match answer {
            Ok(Response::Details(details)) => self.told(details, cx),
            Ok(Response::Delivered { how, handed }) => {
                let id = self.id;
                let ours = handed.into_iter().filter(|handed| handed.header.id == id);
                ours.for_each(|handed| self.arrived(handed.part, how, handed.bytes, cx));
            }
            Err(DoorError::NoSecret(_)) => cx.pop(),
            Err(error) => {
                self.awaited = None;
                cx.toast(Tone::Bad, words::error(&error));
            }
            Ok(_) => {}
        }
    }

    fn on_applications(&mut self, cx: &mut Cx<'_>) {
        if self.details.is_some() {
            cx.ask(Request::Uses(self.id));
        }
    }

    fn on_data(&mut self, shared: &Shared) {
        if let (Some(details), Some(header)) = (&mut self.details, shared.header(self.id))
            && header.revision != details.header.revision
        {
            *details = header.clone().into();
            self.name = header.name.clone();
            self.mask();
        }
        self.build(shared);
    }

    fn on_deadline(&mut self, _cx: &mut Cx<'_>) {
        self.revealed = None;
    }

    fn deadline(&self) -> Option<Millis> {
        self.revealed.as_ref().map(|revealed| revealed.until)
    }

    fn on_blur(&mut self) {
        self.mask();
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let Some(header) = self.header() else {
            let text = format!("Reading{}", theme.ellipsis());
            buf.set_stringn(area.x + 3, area.y + 1, text, area.width.saturating_sub(4) as usize, theme.dim());
            return;
        };
        let status = Status::of(header, shared.wall);
        let (x, _) = buf.set_stringn(area.x + 3, area.y, header.kind.label(), 30, theme.dim());
        let line = format!("{} {}", theme.status_glyph(status), facts::status(header, shared.wall));
        let room = area.right().saturating_sub(x + 4) as usize;
        buf.set_stringn(
            x + 3,
            area.y,
            crate::tui::text::fit(&line, room, theme.ellipsis()),
            room,
            theme.status(status),
        );
        let body = Rect { y: area.y + ABOVE, height: area.height.saturating_sub(ABOVE), ..area };
        rows::render(body, buf, &self.rows, self.at, self.revealed.as_ref(), shared);
    }
}

#[cfg(test)]
mod tests {
    use crate::tui::harness::Harness;
    use crate::tui::input::Event;

    const FIRST: &str = "postgres://shop:demo@db.northwind.example/shop";
    const SECOND: &str = "redis://cache.northwind.example:6379/0";

    /// A secret of three pairs, standing on the first.
    fn pairs(rows: u16) -> Harness {
        let mut h = Harness::demo(80, rows);
        h.press("/").type_text("shop-production").press("Enter Enter").expect("▌ DATABASE_URL");
        h
    }

    #[test]
    fn a_value_is_shown_under_its_own_label_however_fast_one_types() {
        let mut h = pairs(24);
        h.hold().press("v Down v").release().expect(SECOND).expect_not(FIRST);
        let line = h.screen().lines().find(|line| line.contains(SECOND)).map(str::to_owned);
        assert!(line.is_some_and(|line| line.contains("▌ REDIS_URL")));
        h.press("v").expect_not(SECOND);
        h.hold().press("v v").release().expect_not(SECOND);
    }

    #[test]
    fn what_is_copied_is_what_was_selected() {
        let mut h = pairs(24);
        h.hold().press("v Down y").release().expect(FIRST).expect_not(SECOND);
        assert_eq!(h.clipboard, [SECOND.into()]);
    }

    #[test]
    fn a_blur_stops_a_reveal_on_its_way_but_no_copy() {
        let mut h = pairs(24);
        h.hold().press("v y").event(Event::FocusLost).release().expect_not(FIRST);
        assert_eq!(h.clipboard, [FIRST.into()]);
    }

    #[test]
    fn a_value_of_several_lines_is_shown_whole_on_the_last_row_too() {
        let mut h = Harness::demo(80, 24);
        h.press("/").type_text("infrastructure").press("Enter Enter").expect("▌ terraform.tfvars");
        h.resize(80, 16).press("v");
        h.expect("region          = \"eu-central\"").expect("alert_webhook").expect_not("more");
        h.press("v").resize(60, 16).press("v").expect("region          = \"eu-central\"");
    }

    #[test]
    fn on_a_row_without_a_value_the_first_value_is_meant() {
        let mut h = pairs(24);
        h.press("Home v").expect(FIRST).expect("▌ DATABASE_URL").press("End v").expect_not(FIRST);
    }

    #[test]
    fn a_deleted_secret_says_so_to_every_key() {
        let mut h = Harness::demo(80, 24);
        h.press("/").type_text("legacy-sms").press("Enter");
        for place in ["listing", "detail"] {
            for key in ["y", "v", "e", "d", "x", "m"] {
                h.press(key).expect("▲ Deleted 2026-11-05 by Ada Park; gone on 2026-12-05.").press("Down");
                h.expect_not("gone on");
            }
            if place == "listing" {
                h.press("Enter");
            }
        }
    }

    #[test]
    fn a_write_only_value_is_not_offered_and_the_key_says_why() {
        let mut h = Harness::demo(80, 24);
        h.press("n Enter").type_text("new-key").press("Tab").type_text("X-Key").press("Tab").type_text("hunter2");
        h.press("Tab Tab Space ^S y Enter").expect("▌ new-key").press("v").expect("▲ It is write-only");
        h.press("Enter").expect_not("Reveal").press("v").expect("▲ It is write-only");
    }
}
