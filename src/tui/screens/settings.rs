//! What is set for the whole vault: how many earlier values are kept, and how much of the audit log.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{SecretBytes, Settings};
use crate::service::{DoorError, Request, Response};
use crate::tui::app::Shared;
use crate::tui::input::Key;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Layer, Tone};
use crate::tui::modals::{Confirm, Then};
use crate::tui::text::clean;
use crate::tui::widgets::{Column, Note, TextInput};
use crate::tui::words;

/// What is set, and what is said of it while one is at it. The keys are those of the door's refusals.
const FIELDS: [(&str, &str, &str); 3] = [
    (
        "kept_revisions",
        "Earlier values kept of each secret",
        "0 to 100; 0 keeps none. Fewer than now: what is too much goes with the secret's next change.",
    ),
    ("audit_days", "Days that audit events are kept", "0 keeps them for ever."),
    ("audit_mib", "Largest audit log, in MiB", "1 to 256; the oldest events go first."),
];

struct Screen {
    /// As it is; `None` until it is here.
    now: Option<Settings>,
    inputs: [TextInput; 3],
    focus: usize,
    /// What is wrong, and with which field.
    wrong: Option<(usize, String)>,
    error: Option<String>,
    working: bool,
}

/// The screen that the Account Portal leads to.
pub fn vault_settings() -> Box<dyn Layer> {
    Box::new(Screen { now: None, inputs: Default::default(), focus: 0, wrong: None, error: None, working: false })
}

/// What is set, as text.
fn texts(settings: Settings) -> [String; 3] {
    let Settings { kept_revisions, audit_days, audit_mib } = settings;
    [kept_revisions.to_string(), audit_days.to_string(), audit_mib.to_string()]
}

impl Screen {
    fn take(&mut self, settings: Settings) {
        self.inputs = texts(settings).map(|text| TextInput::new(&text));
        (self.now, self.error, self.wrong) = (Some(settings), None, None);
    }

    fn is_changed(&self) -> bool {
        let typed = || self.inputs.each_ref().map(|input| input.text().to_owned());
        self.now.is_some_and(|now| texts(now) != typed())
    }

    fn number<N: std::str::FromStr>(&mut self, field: usize) -> Option<N> {
        let number = self.inputs[field].text().trim().parse().ok();
        if number.is_none() && self.wrong.is_none() {
            self.wrong = Some((field, "Write a whole number.".to_owned()));
            self.focus = field;
        }
        number
    }

    fn submit(&mut self, cx: &mut Cx<'_>) {
        if !self.is_changed() {
            cx.toast(Tone::Good, "Nothing was changed.");
            return cx.pop();
        }
        (self.wrong, self.error) = (None, None);
        let numbers = (self.number(0), self.number(1), self.number(2));
        if let (Some(kept_revisions), Some(audit_days), Some(audit_mib)) = numbers {
            self.working = true;
            cx.ask(Request::ChangeSettings(Settings { kept_revisions, audit_days, audit_mib }));
        }
    }

    fn step(&mut self, forward: bool) {
        let step = if forward { 1 } else { FIELDS.len() - 1 };
        self.focus = (self.focus + step) % FIELDS.len();
    }

    fn back(&self, cx: &mut Cx<'_>) {
        if !self.is_changed() {
            return cx.pop();
        }
        let sentence = "What you have typed here is not set. Leaving discards it.".to_owned();
        cx.open(Confirm::new("Discard your changes?", vec![sentence], "Keep editing", "Discard", Then::Leave(cx.me)));
    }

    fn refused(&mut self, error: &DoorError) {
        let field = match error {
            DoorError::Invalid { field, .. } => FIELDS.iter().position(|(key, ..)| **key == **field),
            _ => None,
        };
        match (error, field) {
            (DoorError::Invalid { cause, .. }, Some(field)) => {
                (self.wrong, self.focus) = (Some((field, cause.to_string())), field);
            }
            _ => self.error = Some(words::error(error)),
        }
    }
}

impl Layer for Screen {
    fn crumb(&self) -> Cow<'_, str> {
        "Vault settings".into()
    }

    fn context(&self) -> Context {
        Context::Form
    }

    fn offers(&self, cmd: Cmd, shared: &Shared) -> bool {
        match cmd {
            Cmd::Generate | Cmd::PickFile | Cmd::RemoveRow | Cmd::ShowSecret | Cmd::VaultSettings => false,
            Cmd::Submit => self.now.is_some() && !self.working && shared.writable(),
            Cmd::NextField => self.now.is_some(),
            _ => true,
        }
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        (cmd == Cmd::Submit).then(|| "Save changes".into())
    }

    fn on_enter(&mut self, cx: &mut Cx<'_>) {
        cx.ask(Request::Settings);
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            _ if self.working => {}
            Cmd::Back => self.back(cx),
            Cmd::NextField | Cmd::Down => self.step(true),
            Cmd::PrevField | Cmd::Up => self.step(false),
            Cmd::Open if self.focus + 1 < FIELDS.len() => self.step(true),
            Cmd::Open | Cmd::Submit if self.offers(Cmd::Submit, cx.shared) => self.submit(cx),
            _ => {}
        }
    }

    fn on_key(&mut self, key: Key, cx: &mut Cx<'_>) {
        if self.now.is_some() && !self.working && cx.shared.writable() && self.inputs[self.focus].on_key(key) {
            self.wrong = None;
        }
    }

    fn on_paste(&mut self, paste: SecretBytes, cx: &mut Cx<'_>) {
        if self.now.is_some() && !self.working && cx.shared.writable() {
            self.inputs[self.focus].insert(paste.expose_text().unwrap_or_default());
            self.wrong = None;
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        let changed = std::mem::take(&mut self.working);
        match answer {
            Ok(Response::Settings(_)) if changed => {
                cx.pop();
                cx.toast(Tone::Good, "The settings are saved.");
            }
            Ok(Response::Settings(settings)) => self.take(settings),
            Ok(_) => {}
            Err(error) => self.refused(&error),
        }
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn at_stake(&self) -> Option<&'static str> {
        self.is_changed().then_some("What you have typed is not saved. Quitting discards it.")
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let mut column = Column::new(area, buf, theme);
        column.heading("Vault settings", "");
        match (&self.error, self.now) {
            (Some(error), _) => column.note(Note::Error(&clean(error))),
            (None, None) => column.say(&format!("Reading{}", theme.ellipsis()), theme.dim()),
            (None, Some(_)) if self.working => column.say(&format!("Saving{}", theme.ellipsis()), theme.dim()),
            (None, Some(_)) => column.say("They hold for every secret and every member of this vault.", theme.dim()),
        }
        column.gap();
        if self.now.is_none() {
            return;
        }
        for (i, ((_, label, help), input)) in FIELDS.iter().zip(&self.inputs).enumerate() {
            let focused = i == self.focus;
            column.field(label, focused, |row, buf| input.render(row, buf, focused, theme));
            match &self.wrong {
                Some((field, error)) if *field == i => column.note(Note::Error(error)),
                _ if focused => column.note(Note::Help(help)),
                _ => {}
            }
            column.gap();
        }
    }
}
