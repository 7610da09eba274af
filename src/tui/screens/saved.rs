//! Copy and save now: what was just registered, for the last time as it was typed.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::facts;
use crate::domain::certificate::{Chain, Warning};
use crate::domain::{Draft, Header, SecretBytes, SecretId, Timestamp};
use crate::tui::app::{Shared, body_rows};
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, Effect, Layer, Millis, Nav};
use crate::tui::modals::{Confirm, Then};
use crate::tui::text::{clean, fit, wrap};
use crate::tui::widgets::{ListState, Revealed, Row, rows};

/// Rows above the list: what was done, a sentence, and a blank one; a warning has a row more.
const ABOVE: u16 = 4;

/// Said before a write-only value goes out of sight.
const LAST_CHANCE: &str = "This secret is write-only, and not all of its values were shown or copied here. After this \
                           screen they can be used, but nobody sees them again.";

struct Saved {
    id: SecretId,
    name: Box<str>,
    write_only: bool,
    /// What was said of its certificate in the form, if it still holds.
    warning: Option<String>,
    /// Each with what goes to the clipboard.
    rows: Vec<Row>,
    values: Vec<SecretBytes>,
    at: ListState,
    revealed: Option<Revealed>,
    /// The rows of values that were neither shown nor copied.
    untouched: Vec<usize>,
}

/// The screen after `draft` was registered under `header`, on a terminal of so many rows.
pub(super) fn screen(header: &Header, draft: Draft, terminal_rows: u16) -> Box<dyn Layer> {
    let chain = facts::chain(header);
    let warning = chain.as_ref().and_then(|chain| warning(chain, header.created.at));
    let (rows, values): (Vec<Row>, Vec<SecretBytes>) = entries(header, chain.as_ref(), draft).unzip();
    let mut at = ListState::default();
    at.set_page(page(terminal_rows, warning.is_some()), rows.len());
    at.select(rows::first_secret(&rows), rows.len());
    let untouched = (0..rows.len()).filter(|row| rows[*row].part().is_some()).collect();
    Box::new(Saved {
        id: header.id,
        name: header.name.clone(),
        write_only: header.write_only,
        warning,
        rows,
        values,
        at,
        revealed: None,
        untouched,
    })
}

/// The fields that are not secret, then the parts of the value, each with its bytes.
fn entries(header: &Header, chain: Option<&Chain>, draft: Draft) -> impl Iterator<Item = (Row, SecretBytes)> {
    let name = ("Secret Name".into(), header.name.clone(), SecretBytes::from(&*header.name));
    let shown = facts::fields(header).filter_map(|(label, text)| text.map(|text| (label, text)));
    let public = shown.map(|(label, text)| (label.into(), in_a_line(&text).into(), SecretBytes::from(&*text)));
    let plain: Vec<(Box<str>, Box<str>, SecretBytes)> = std::iter::once(name).chain(public).collect();
    let secret = draft.value.0.into_iter().map(|(part, bytes)| {
        let label = facts::part_label(header, &part).into();
        (Row::Secret { label, part, note: Box::default() }, bytes)
    });
    let secret: Vec<(Row, SecretBytes)> = secret.collect();
    let certificate = chain.and_then(|chain| facts::new_certificate(header, chain)).map(|row| {
        let bytes =
            if let Row::Document { text, .. } = &row { SecretBytes::from(&**text) } else { SecretBytes::default() };
        (row, bytes)
    });
    let plain = plain.into_iter().map(|(label, text, bytes)| (Row::Plain { label, text }, bytes));
    plain.chain(certificate).chain(secret)
}

/// That the certificate cannot be used at `now`.
fn warning(chain: &Chain, now: Timestamp) -> Option<String> {
    let unusable = |warning: &Warning| matches!(warning, Warning::Expired { .. } | Warning::NotYetValid { .. });
    chain.warnings(now).iter().find(|warning| unusable(warning)).map(Warning::to_string)
}

/// A text of several lines by its size, any other as it is.
fn in_a_line(text: &str) -> String {
    match text.lines().count() {
        0 | 1 => text.to_owned(),
        lines => format!("{} bytes, {lines} lines", text.len()),
    }
}

impl Saved {
    fn toggle_reveal(&mut self, now: Millis) {
        let selected = self.rows.get(self.at.selected).and_then(Row::part);
        let was = self.revealed.take();
        let (Some(part), Some(bytes)) = (selected, self.values.get(self.at.selected)) else { return };
        if was.is_none_or(|shown| *shown.part != *part) {
            self.revealed = Some(Revealed::new(part.into(), bytes.clone(), now));
            self.touch();
        }
    }

    fn copy(&mut self, cx: &mut Cx<'_>) {
        cx.effects.extend(self.values.get(self.at.selected).cloned().map(Effect::Copy));
        self.touch();
    }

    /// The selected value has been shown or copied.
    fn touch(&mut self) {
        self.untouched.retain(|row| *row != self.at.selected);
    }

    /// Whether leaving loses something for good: a write-only value is nowhere to be seen after this screen.
    fn is_last_chance(&self) -> bool {
        self.write_only && !self.untouched.is_empty()
    }

    fn leave(&self, cx: &mut Cx<'_>) {
        if !self.is_last_chance() {
            return cx.navs.push(Nav::ToListing(self.id));
        }
        let then = Then::Perform(Cmd::LeaveUnsaved);
        cx.open(Confirm::new("Leave without these values?", vec![LAST_CHANCE.into()], "Stay", "Leave", then));
    }

    fn sentence(&self) -> &'static str {
        if self.write_only {
            "It is write-only: after this screen its value can be used, but is never displayed again."
        } else {
            "Copy what you need now, or open the secret later to see it again."
        }
    }
}

fn page(terminal_rows: u16, warned: bool) -> usize {
    usize::from(body_rows(terminal_rows).saturating_sub(ABOVE + u16::from(warned)))
}

impl Layer for Saved {
    fn crumb(&self) -> Cow<'_, str> {
        "Copy and save now".into()
    }

    fn context(&self) -> Context {
        Context::Saved
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        cmd != Cmd::Reveal || self.rows.get(self.at.selected).is_some_and(|row| row.part().is_some())
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        let shown = rows::is_revealed(&self.rows, self.at, self.revealed.as_ref());
        (cmd == Cmd::Reveal && shown).then(|| "Mask".into())
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Open | Cmd::Back => self.leave(cx),
            Cmd::LeaveUnsaved => cx.navs.push(Nav::ToListing(self.id)),
            Cmd::Reveal => self.toggle_reveal(cx.shared.mono()),
            Cmd::Copy => self.copy(cx),
            _ => rows::step(&mut self.at, cmd, page(cx.shared.size.1, self.warning.is_some()), &self.rows),
        }
    }

    fn on_deadline(&mut self, _cx: &mut Cx<'_>) {
        self.revealed = None;
    }

    fn deadline(&self) -> Option<Millis> {
        self.revealed.as_ref().map(|revealed| revealed.until)
    }

    fn on_blur(&mut self) {
        self.revealed = None;
    }

    fn on_resize(&mut self, _columns: u16, rows: u16) {
        self.at.set_page(page(rows, self.warning.is_some()), self.rows.len());
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn at_stake(&self) -> Option<&'static str> {
        self.is_last_chance().then_some(LAST_CHANCE)
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let room = usize::from(area.width.saturating_sub(4));
        let text = format!("{} Registered {}", theme.check(), clean(&self.name));
        buf.set_stringn(area.x + 3, area.y, fit(&text, room, theme.ellipsis()), room, theme.good());
        let style = if self.write_only { theme.warn() } else { theme.text() };
        let above = ABOVE + u16::from(self.warning.is_some());
        let said = wrap(self.sentence(), room).into_iter().map(|line| (line, style));
        let warned = self.warning.iter().map(|text| format!("{} {text}", theme.alert()));
        let warned = warned.map(|text| (fit(&text, room, theme.ellipsis()).into_owned(), theme.warn()));
        for (y, (line, style)) in (area.y + 1..area.y + above - 1).zip(said.chain(warned)) {
            buf.set_stringn(area.x + 3, y, line, room, style);
        }
        let body = Rect { y: area.y + above, height: area.height.saturating_sub(above), ..area };
        rows::render(body, buf, &self.rows, self.at, self.revealed.as_ref(), shared);
    }
}

#[cfg(test)]
mod tests {
    use crate::tui::harness::Harness;

    /// A new API key, just registered.
    fn saved(write_only: bool) -> Harness {
        let mut h = Harness::demo(80, 24);
        h.press("n Enter").type_text("new-key").press("Tab").type_text("X-Key").press("Tab").type_text("hunter2");
        h.press(if write_only { "Tab Tab Space ^S" } else { "^S" }).expect("Registered new-key");
        h
    }

    #[test]
    fn a_write_only_value_that_nobody_took_is_asked_about() {
        for key in ["Enter", "Esc"] {
            let mut h = saved(true);
            h.press(key)
                .expect("Leave without these values?")
                .press(key)
                .expect("save now")
                .expect_not("Leave without");
            h.press(&format!("{key} Tab Enter")).expect("▌ new-key").expect_not("save now");
        }
        let mut h = saved(true);
        h.press("q").expect("is write-only").press("Enter").expect("save now");
        assert!(!h.press("q").ended && h.press("Tab Enter").ended);
    }

    #[test]
    fn a_value_that_was_taken_or_can_be_seen_again_is_not() {
        saved(true).press("y Enter").expect_not("save now").expect("new-key");
        saved(true).press("v Esc").expect_not("save now").expect("new-key");
        saved(false).press("Enter").expect_not("save now").expect("new-key");
        assert!(saved(false).press("q").ended);
    }

    #[test]
    fn a_certificate_is_shown_with_its_end_and_what_is_wrong_with_it() {
        let mut h = Harness::demo(80, 24);
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/");
        h.press("n Down Down Down Enter").type_text("edge").press("Tab").type_text(folder).type_text("ed25519.pem");
        h.press("Enter Tab").type_text(folder).type_text("ed25519.key").press("Enter ^S");
        h.expect("Registered edge").expect("Certificate").expect(", until ").expect("▲ The certificate");
    }
}
