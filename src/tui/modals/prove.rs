//! Asks for the passphrase before something grave: admitting, another role, removing. Says what will happen, shows what has
//! to be compared, and may want a name typed.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::domain::SecretBytes;
use crate::service::{Credential, DoorError, Progress, Request, Response};
use crate::tui::app::Shared;
use crate::tui::input::{Code, Key};
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Effect, Layer, Tone};
use crate::tui::text::{clean, fit, wrap};
use crate::tui::theme::Theme;
use crate::tui::widgets::{Buttons, SecretLine, TextInput, dialog_box, progress_words, render_fingerprint};
use crate::tui::words;

/// Width of the dialog, borders included.
const WIDTH: u16 = 72;
/// Rows of a field: its label, the line, a rule.
const FIELD: u16 = 3;
/// Rows of a fingerprint: a blank one above and below.
const LARGE: u16 = 3;

/// What follows when the door has done it.
pub type Proved = fn(Response, &mut Cx<'_>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Name,
    Passphrase,
    Buttons,
}

/// The dialog.
pub struct Prove {
    title: String,
    sentences: Vec<String>,
    /// What has to be compared, in large letters.
    large: Option<Box<str>>,
    /// What has to be typed.
    name: Option<Box<str>>,
    typed: TextInput,
    passphrase: SecretLine,
    place: Place,
    buttons: Buttons,
    /// What is asked of the door, but for the passphrase.
    request: Request,
    /// What the button between the safe one and the verb asks, and what is said then.
    other: Option<(Request, String)>,
    done: String,
    then: Option<Proved>,
    /// Which button the door is at work for, and how far it is.
    working: Option<(usize, Option<Progress>)>,
    error: Option<String>,
}

impl Prove {
    /// Says `sentences` under `title`; the button `verb` asks `request` with the passphrase in it, and `done` is said then.
    pub fn new(
        title: impl Into<String>,
        sentences: Vec<String>,
        verb: &'static str,
        request: Request,
        done: impl Into<String>,
    ) -> Self {
        Self {
            title: title.into(),
            sentences,
            large: None,
            name: None,
            typed: TextInput::default(),
            passphrase: SecretLine::default(),
            place: Place::Passphrase,
            buttons: Buttons::new(["Cancel", verb]),
            request,
            other: None,
            done: done.into(),
            then: None,
            working: None,
            error: None,
        }
    }

    /// Shows `fingerprint` to be compared; the button `differs` asks `request`, without a passphrase, and `done` is said then.
    #[must_use]
    pub fn compare(
        mut self,
        fingerprint: &str,
        verb: &'static str,
        differs: &'static str,
        request: Request,
        done: String,
    ) -> Self {
        self.large = Some(fingerprint.into());
        self.other = Some((request, done));
        self.buttons = Buttons::new(["Cancel", differs, verb]);
        self
    }

    /// Wants `name` typed as well.
    #[must_use]
    pub fn type_name(mut self, name: &str) -> Self {
        (self.name, self.place) = (Some(name.into()), Place::Name);
        self
    }

    /// Goes on so.
    #[must_use]
    pub fn then(mut self, then: Proved) -> Self {
        self.then = Some(then);
        self
    }

    fn places(&self) -> &'static [Place] {
        match self.name {
            Some(_) => &[Place::Name, Place::Passphrase, Place::Buttons],
            None => &[Place::Passphrase, Place::Buttons],
        }
    }

    /// To the next field or button, or the one before, round and round.
    fn step(&mut self, cmd: Cmd) {
        let forward = cmd == Cmd::NextField;
        let at_edge = self.buttons.focus() == if forward { self.buttons.last() } else { 0 };
        if self.place == Place::Buttons && !at_edge {
            self.buttons.move_by(cmd);
            return;
        }
        let places = self.places();
        let at = places.iter().position(|place| *place == self.place).unwrap_or(0);
        let step = if forward { 1 } else { places.len() - 1 };
        self.place = places[(at + step) % places.len()];
        self.buttons.set_focus(if forward { 0 } else { self.buttons.last() });
    }

    fn enter(&mut self, cx: &mut Cx<'_>) {
        match self.place {
            Place::Name | Place::Passphrase => self.step(Cmd::NextField),
            Place::Buttons if self.buttons.focus() == 0 => cx.close(),
            Place::Buttons if self.buttons.focus() == self.buttons.last() => self.submit(cx),
            Place::Buttons => {
                if let Some((request, _)) = &self.other {
                    cx.ask(request.clone());
                    (self.working, self.error) = (Some((self.buttons.focus(), None)), None);
                }
            }
        }
    }

    fn submit(&mut self, cx: &mut Cx<'_>) {
        if self.name.as_ref().is_some_and(|name| **name != *self.typed.text()) {
            return self.complain(Place::Name, "That is not the name.".to_owned());
        }
        if self.passphrase.bytes().is_empty() {
            return self.complain(Place::Passphrase, "Type your passphrase.".to_owned());
        }
        self.passphrase.show(false);
        (self.working, self.error) = (Some((self.buttons.last(), None)), None);
        let current = Credential::Passphrase(self.passphrase.bytes().clone());
        cx.effects.push(Effect::Ask(proved_with(self.request.clone(), current)));
    }

    fn complain(&mut self, place: Place, text: String) {
        self.place = place;
        self.error = Some(text);
    }

    fn edit(&mut self, key: Key) {
        match self.place {
            Place::Name if self.typed.on_key(key) => self.error = None,
            Place::Passphrase => match self.passphrase.on_key(key) {
                Ok(false) => {}
                edited => self.error = edited.err().map(|refused| refused.to_string()),
            },
            _ => {}
        }
    }

    /// Each line of what is said, and the name that has to be typed.
    fn lines(&self, room: usize) -> Vec<String> {
        self.sentences.iter().flat_map(|sentence| wrap(sentence, room)).collect()
    }

    fn render_field(&self, area: Rect, buf: &mut Buffer, place: Place, theme: Theme) {
        let focused = self.place == place && self.working.is_none();
        let style = if focused { theme.accent() } else { theme.dim() };
        let room = usize::from(area.width);
        let row = |y: u16| Rect { y: area.y + y, height: 1, ..area }.intersection(*buf.area());
        let [label, line, rule] = [0, 1, 2].map(row);
        let text = match (&self.name, place) {
            (Some(name), Place::Name) => format!("Type the name: {}", clean(name)),
            _ => "Your passphrase".to_owned(),
        };
        buf.set_stringn(label.x, label.y, fit(&text, room, theme.ellipsis()), room, style);
        match place {
            Place::Name => self.typed.render(line, buf, focused, theme),
            _ => self.passphrase.render(line, buf, focused, theme),
        }
        buf.set_stringn(rule.x, rule.y, theme.rule().repeat(room), room, style);
    }

    /// The buttons, or what is being done.
    fn render_foot(&self, row: Rect, buf: &mut Buffer, theme: Theme) {
        let room = usize::from(row.width);
        match self.working {
            None => self.buttons.render(row, buf, self.place == Place::Buttons, theme),
            Some((_, progress)) => {
                let working = progress.map(|progress| progress_words(progress, theme));
                let text = working.unwrap_or_else(|| format!("Working{}", theme.ellipsis()));
                buf.set_stringn(row.x, row.y, fit(&text, room, theme.ellipsis()), room, theme.dim());
            }
        }
    }
}

/// Writes `lines` from `row` on, as far as they fit above the last row of `inner`, and goes on below them.
fn put(row: &mut Rect, buf: &mut Buffer, lines: &[String], inner: Rect, style: Style) {
    for line in lines {
        if row.y + 1 < inner.bottom() {
            buf.set_stringn(row.x, row.y, line, usize::from(row.width), style);
        }
        row.y += 1;
    }
}

/// `request` with what proves who asks.
fn proved_with(request: Request, proof: Credential) -> Request {
    let current = Some(proof);
    match request {
        Request::Admit { invitation, fingerprint, .. } => Request::Admit { invitation, fingerprint, current },
        Request::ChangeRole { member, role, .. } => Request::ChangeRole { member, role, current },
        Request::RemoveMember { member, .. } => Request::RemoveMember { member, current },
        other => other,
    }
}

impl Layer for Prove {
    fn context(&self) -> Context {
        Context::Proof
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        match cmd {
            Cmd::ShowSecret => self.working.is_none() && self.place == Place::Passphrase,
            Cmd::Open | Cmd::NextField | Cmd::PrevField | Cmd::Back => self.working.is_none(),
            _ => true,
        }
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        match cmd {
            Cmd::Open if self.place == Place::Buttons => Some("Press the button".into()),
            Cmd::ShowSecret if self.passphrase.is_shown() => Some("Hide".into()),
            _ => None,
        }
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            _ if self.working.is_some() => {}
            Cmd::Back => cx.close(),
            Cmd::Open => self.enter(cx),
            Cmd::NextField | Cmd::PrevField => self.step(cmd),
            Cmd::ShowSecret => self.passphrase.show(!self.passphrase.is_shown()),
            _ => {}
        }
    }

    fn on_key(&mut self, key: Key, _cx: &mut Cx<'_>) {
        match (self.place, key.code) {
            _ if self.working.is_some() => {}
            (Place::Buttons, Code::Right) => drop(self.buttons.move_by(Cmd::NextField)),
            (Place::Buttons, Code::Left) => drop(self.buttons.move_by(Cmd::PrevField)),
            _ => self.edit(key),
        }
    }

    fn on_paste(&mut self, paste: SecretBytes, _cx: &mut Cx<'_>) {
        match self.place {
            _ if self.working.is_some() => {}
            Place::Name => self.typed.insert(paste.expose_text().unwrap_or_default()),
            Place::Passphrase => {
                self.error = self.passphrase.paste(&paste).err().map(|refused| refused.to_string());
            }
            Place::Buttons => {}
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        let Some((button, _)) = self.working.take() else { return };
        let proved = button == self.buttons.last();
        match answer {
            Ok(response) => {
                cx.close();
                let other = self.other.as_ref().map_or("", |(_, done)| done);
                let done = if proved { &self.done } else { other };
                cx.toast(Tone::Good, done);
                if let Some(then) = self.then.filter(|_| proved) {
                    then(response, cx);
                }
            }
            Err(error) => {
                if matches!(error, DoorError::WrongCredential { .. }) {
                    self.passphrase.wipe();
                    self.place = Place::Passphrase;
                }
                self.error = Some(words::error(&error));
            }
        }
    }

    fn on_progress(&mut self, progress: Progress) {
        self.working = self.working.map(|(button, _)| (button, Some(progress)));
    }

    fn on_blur(&mut self) {
        self.passphrase.show(false);
    }

    fn is_in_clear(&self) -> bool {
        self.passphrase.is_shown()
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let width = WIDTH.min(area.width.saturating_sub(4));
        let room = usize::from(width.saturating_sub(4));
        let mut lines = self.lines(room);
        let errors = self.error.iter().map(|text| format!("{} {}", theme.cross(), clean(text)));
        let errors: Vec<String> = errors.flat_map(|text| wrap(&text, room)).collect();
        let rows = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        let fields = FIELD * rows(self.places().len() - 1);
        let large = if self.large.is_some() { LARGE } else { 0 };
        // A blank row and the buttons; without the fields nobody gets on, so that what is said loses its end.
        let below = large.saturating_add(fields).saturating_add(rows(errors.len())).saturating_add(2);
        let most = area.height.saturating_sub(4).saturating_sub(below);
        lines.truncate(usize::from(most));
        let gap = u16::from(large == 0 && rows(lines.len()) < most);
        let height = rows(lines.len()).saturating_add(gap).saturating_add(below).saturating_add(2);
        let inner = dialog_box(area, buf, &self.title, width, height, theme);
        let mut row = Rect { height: 1, ..inner };
        put(&mut row, buf, &lines, inner, theme.text());
        if let Some(fingerprint) = &self.large {
            let at = Rect { y: row.y + 1, ..row }.intersection(inner);
            render_fingerprint(at, buf, fingerprint, theme);
        }
        row.y += gap + large;
        for place in self.places().iter().filter(|place| **place != Place::Buttons) {
            if row.y + FIELD <= inner.bottom() {
                self.render_field(row, buf, *place, theme);
            }
            row.y += FIELD;
        }
        put(&mut row, buf, &errors, inner, theme.bad());
        let last = Rect { y: inner.bottom().saturating_sub(1), height: 1, ..inner };
        self.render_foot(last.intersection(inner), buf, theme);
    }
}
