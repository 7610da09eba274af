//! Delete Secret: irreversible, so the name has to be typed; offers to deactivate instead.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::domain::lifecycle::TOMBSTONE_DAYS;
use crate::domain::{Header, SecretBytes, State};
use crate::service::{DoorError, Request, Target};
use crate::tui::app::Shared;
use crate::tui::changes;
use crate::tui::input::Key;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Layer, Nav, Tone};
use crate::tui::text::{chop, clean, wrap};
use crate::tui::theme::Theme;
use crate::tui::uses::Known;
use crate::tui::widgets::{Buttons, TextInput, dialog_box};
use crate::tui::words;

const WIDTH: u16 = 74;
/// Rows below the question: the line to type on, its rule, what is wrong with it, a blank one, the buttons.
const INPUT: u16 = 5;
const CANCEL: usize = 0;
const INSTEAD: usize = 1;

struct Delete {
    header: Arc<Header>,
    uses: Known,
    active: bool,
    input: TextInput,
    buttons: Buttons,
    /// Whether the button with the focus was chosen by hand since the last letter.
    chosen: bool,
    working: bool,
    error: Option<String>,
}

/// The dialog that deletes the secret under `header`.
pub fn delete(header: &Header) -> Box<dyn Layer> {
    Box::new(Delete {
        header: Arc::new(header.clone()),
        uses: Known::default(),
        active: header.state == State::Active,
        input: TextInput::default(),
        buttons: buttons(header),
        chosen: false,
        working: false,
        error: None,
    })
}

fn buttons(header: &Header) -> Buttons {
    match header.state {
        State::Active => Buttons::new(["Cancel", "Deactivate instead", "Delete"]),
        State::Inactive(_) => Buttons::new(["Cancel", "Delete"]),
        State::Deleted(_) => Buttons::new(["Close"]),
    }
}

impl Delete {
    /// Others changed the secret: says what they did. The name has to be typed anew.
    fn ask_again(&mut self, shared: &Shared) {
        let known = shared.header(self.header.id).filter(|now| now.revision > self.header.revision);
        let Some(now) = known.cloned() else { return };
        let told = changes::told(&self.header, &now, shared.wall);
        (self.input, self.buttons) = (TextInput::default(), buttons(&now));
        (self.active, self.chosen) = (now.state == State::Active, false);
        let next = if matches!(now.state, State::Deleted(_)) { "nothing is left to be done" } else { "decide again" };
        self.error = Some(format!("{told}: {next}."));
        self.header = now;
    }

    fn instead(&self, cx: &mut Cx<'_>) {
        if self.active {
            cx.navs.push(Nav::Perform(Cmd::ToggleActive));
        }
    }

    fn press(&mut self, cx: &mut Cx<'_>) {
        match self.buttons.focus() {
            CANCEL if self.chosen || self.input.text().is_empty() => cx.close(),
            INSTEAD if self.active => self.instead(cx),
            _ if *self.input.text() == *self.header.name => {
                self.working = true;
                self.error = None;
                cx.ask(Request::Delete(Target { id: self.header.id, revision: self.header.revision }));
            }
            _ => self.error = Some("That is not the name.".to_owned()),
        }
    }

    /// The whole name typed moves the focus to the button that deletes; anything else keeps the safe one.
    fn typed(&mut self) {
        (self.error, self.chosen) = (None, false);
        let last = self.buttons.last();
        self.buttons.set_focus(if *self.input.text() == *self.header.name { last } else { CANCEL });
    }

    /// What will happen, in lines of at most `room` cells.
    fn warning(&self, room: usize, shared: &Shared) -> Vec<String> {
        let gone = shared.wall.plus_days(TOMBSTONE_DAYS).date();
        let text = format!(
            "This cannot be undone. The value is gone at once; the name stays in the listing until {gone}, then \
             everything about it is removed."
        );
        let mut lines = wrap(&self.uses.sentence(shared.wall, shared.theme), room);
        lines.push(String::new());
        lines.extend(wrap(&text, room));
        lines.push(String::new());
        lines
    }

    /// What has to be typed: the question, then the name, whole, since it must be typed as it is.
    fn question(&self, room: usize, theme: Theme) -> Vec<(String, Style)> {
        let instead = if self.active { ", or deactivate it instead, which you can undo" } else { "" };
        let text = format!("Type the name to delete it{instead}:");
        let name = clean(&self.header.name);
        let lines = wrap(&text, room).into_iter().map(|line| (line, theme.text()));
        lines.chain(chop(&name, room).map(|line| (line.to_owned(), theme.strong()))).collect()
    }

    /// The line to type on, what is wrong with it, and the buttons.
    fn render_input(&self, area: Rect, buf: &mut Buffer, theme: Theme) {
        let room = usize::from(area.width);
        let row = |y: u16| Rect { y: area.y + y, height: 1, ..area };
        self.input.render(row(0), buf, true, theme);
        buf.set_stringn(area.x, area.y + 1, theme.rule().repeat(room), room, theme.accent());
        if let Some(error) = &self.error {
            let text = format!("{} {}", theme.cross(), clean(error));
            for (line, y) in wrap(&text, room).iter().zip(area.y + 2..area.bottom().saturating_sub(1)) {
                buf.set_stringn(area.x, y, line, room, theme.bad());
            }
        }
        let last = row(area.height.saturating_sub(1));
        if self.working {
            buf.set_stringn(last.x, last.y, format!("Deleting{}", theme.ellipsis()), room, theme.dim());
        } else {
            self.buttons.render(last, buf, true, theme);
        }
    }
}

impl Layer for Delete {
    fn context(&self) -> Context {
        Context::DeleteDialog
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        cmd != Cmd::DeactivateInstead || self.active
    }

    fn on_enter(&mut self, cx: &mut Cx<'_>) {
        cx.ask(Request::Uses(self.header.id));
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            _ if self.working => {}
            Cmd::Back => cx.close(),
            Cmd::Open => self.press(cx),
            Cmd::DeactivateInstead => self.instead(cx),
            _ => {
                self.chosen |= self.buttons.move_by(cmd);
            }
        }
    }

    fn on_key(&mut self, key: Key, _cx: &mut Cx<'_>) {
        let before = self.input.text().to_owned();
        if !self.working && self.input.on_key(key) && self.input.text() != before {
            self.typed();
        }
    }

    fn on_paste(&mut self, paste: SecretBytes, _cx: &mut Cx<'_>) {
        if !self.working {
            self.input.insert(paste.expose_text().unwrap_or_default());
            self.typed();
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        let Some(answer) = self.uses.take(answer) else { return };
        self.working = false;
        match answer {
            Ok(_) => {
                cx.close();
                cx.toast(Tone::Good, format!("Deleted {}", words::short(&self.header.name)));
            }
            // What came in between has been noticed as data.
            Err(DoorError::Conflict { .. }) => {}
            Err(error) => self.error = Some(words::error(&error)),
        }
    }

    fn on_data(&mut self, shared: &Shared) {
        self.ask_again(shared);
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let width = WIDTH.min(area.width.saturating_sub(4));
        let room = usize::from(width.saturating_sub(4));
        let (warning, question) = (self.warning(room, shared), self.question(room, theme));
        let height = u16::try_from(warning.len() + question.len()).unwrap_or(u16::MAX).saturating_add(INPUT + 2);
        let title = format!("Delete {}?", clean(&self.header.name));
        let inner = dialog_box(area, buf, &title, width, height, theme);
        // Where there is not enough room, the warning loses its end: without the question nobody gets on.
        let input =
            Rect { y: inner.bottom().saturating_sub(INPUT).max(inner.y), height: INPUT.min(inner.height), ..inner };
        let asked = u16::try_from(question.len()).unwrap_or(0);
        let question_at = input.y.saturating_sub(asked).max(inner.y);
        for (line, y) in warning.iter().zip(inner.y..question_at) {
            buf.set_stringn(inner.x, y, line, room, theme.text());
        }
        for ((line, style), y) in question.iter().zip(question_at..input.y) {
            buf.set_stringn(inner.x, y, line, room, *style);
        }
        self.render_input(input, buf, theme);
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{Draft, Kind, PublicField, Scope, State, Value};
    use crate::service::Request;
    use crate::tui::app::others::news;
    use crate::tui::harness::Harness;

    /// The demo at this size, with one secret more, called `name`, whose deletion is being asked about.
    fn asked(name: &str, size: (u16, u16)) -> Harness {
        let mut h = Harness::demo(size.0, size.1);
        let draft = Draft {
            scope: Scope::Organization,
            kind: Kind::ALL[0],
            name: name.into(),
            public: vec![PublicField { key: "header_name".into(), text: "X-Key".into() }],
            value: Value(vec![("value".into(), "v".into())]),
            expires: None,
            not_before: None,
            write_only: false,
            encrypted_key: false,
        };
        h.door().call(Request::Register(draft), &|_| {}).unwrap();
        h.press("^L").type_text("x").press("Enter");
        h.press("/").paste(&name[..20]).press("Enter x");
        h
    }

    #[test]
    fn a_name_of_any_length_can_be_read_and_typed() {
        let name: String = ('a'..='z').cycle().take(126).chain("!?".chars()).collect();
        for size in [(60, 16), (80, 24), (110, 40)] {
            let mut h = asked(&name, size);
            let shown: String = h.screen().lines().map(|line| line.trim_matches(|c| " │".contains(c))).collect();
            assert!(shown.contains(&name), "{}", h.screen());
            h.expect("Type the name").expect("( Delete )");
            h.type_text(&name).press("Enter").expect("Deleted abc");
        }
    }

    #[test]
    fn arrows_go_from_button_to_button_and_leave_the_focus_where_it_is() {
        let mut h = Harness::demo(80, 24);
        h.press("x Right Enter").expect("Deactivate billing-service?").press("Esc");
        h.press("x Right Right Left Enter").expect("Deactivate billing-service?").press("Esc");
        h.press("x").type_text("billing-service").press("Tab Home Enter").expect("● Active").expect("12 secrets");
        h.press("x").type_text("billing-service").press("Home Enter").expect("Deleted billing-service");
    }

    #[test]
    fn enter_on_another_name_says_so_and_deletes_nothing() {
        let mut h = Harness::demo(80, 24);
        h.press("x").type_text("billing-servicex").press("Enter");
        h.expect("✕ That is not the name.").expect("Delete billing-service?");
        h.type_text("y").expect_not("That is not").press("Tab S-Tab Enter").expect_not("Delete billing-service?");
        h.expect("● Active").expect("12 secrets");
    }

    #[test]
    fn what_others_do_meanwhile_is_said_and_the_name_is_typed_anew() {
        let mut h = Harness::demo(80, 24);
        h.press("x").type_text("billing-service");
        news(&mut h, "billing-service", |header| header.name = "billing".into());
        h.expect("Delete billing?").expect("Bo Lind changed Secret Name 2 min ago: decide again.");
        h.press("Enter").expect_not("Delete billing?").expect("● Active").press("x").type_text("billing");
        news(&mut h, "billing", |header| header.state = State::Deleted(header.modified.clone()));
        h.expect("Bo Lind deleted it 2 min ago: nothing is left to be done.")
            .press("Enter")
            .expect_not("Delete billing?");
    }
}
