//! The first run: organization, name, passphrase, recovery key, a step on one screen each.

mod recovery;

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub(super) use self::recovery::Recovery;
use crate::domain::SecretBytes;
use crate::domain::text::check_name;
use crate::service::{DoorError, OpenReport, Progress, Request, Response, Session, Step};
use crate::tui::app::Shared;
use crate::tui::input::Key;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Layer, Nav, Tone};
use crate::tui::text::clean;
use crate::tui::widgets::{Column, Note, PassphrasePair, TextInput, render_progress};
use crate::tui::words;

/// The wizard that makes a vault where there is none.
pub fn wizard() -> Box<dyn Layer> {
    Box::new(Wizard::default())
}

/// What quitting loses on the last step.
const KEY_IS_UNSEEN: &str = "The vault is made, but its recovery key is shown only now: without it a lost passphrase loses everything. A new one can \
     be made later: New recovery key, in the Account Portal.";
/// And before it.
const KEY_IS_TO_COME: &str = "The vault is being made, and its recovery key comes next: it is shown only once. Quitting \
                              now makes the vault all the same, and nobody ever sees that key: make a new one in the \
                              Account Portal then.";

#[derive(Default)]
enum Stage {
    #[default]
    Organization,
    Member,
    Passphrase,
    /// The vault is made.
    Recovery(Session, Recovery),
}

#[derive(Default)]
struct Wizard {
    stage: Stage,
    organization: TextInput,
    member: TextInput,
    pair: PassphrasePair,
    working: Option<Progress>,
    error: Option<String>,
}

impl Wizard {
    fn go(&mut self, stage: Stage) {
        self.on_blur();
        self.stage = stage;
        self.error = None;
    }

    fn back(&mut self) {
        match &mut self.stage {
            Stage::Organization => {}
            Stage::Member => self.go(Stage::Organization),
            Stage::Passphrase => self.go(Stage::Member),
            Stage::Recovery(_, recovery) => recovery.back(),
        }
    }

    /// One of the two names is being typed, and which.
    fn name_mut(&mut self) -> Option<&mut TextInput> {
        match self.stage {
            Stage::Organization => Some(&mut self.organization),
            Stage::Member => Some(&mut self.member),
            _ => None,
        }
    }

    fn name_typed(&mut self) {
        let checked = self.name_mut().map(|name| check_name(name.text().trim()));
        match (checked, &self.stage) {
            (Some(Err(error)), _) => self.error = Some(error.to_string()),
            (Some(Ok(())), Stage::Organization) => self.go(Stage::Member),
            (Some(Ok(())), _) => {
                self.go(Stage::Passphrase);
                self.pair.judge(&[self.organization.text(), self.member.text()]);
            }
            (None, _) => {}
        }
    }

    fn create(&mut self, cx: &mut Cx<'_>) {
        self.pair.mask();
        self.error = None;
        self.working = Some(Progress { step: Step::DerivingKey, done: 0, total: 0 });
        cx.ask(Request::Create {
            organization: self.organization.text().trim().into(),
            member: self.member.text().trim().into(),
            passphrase: self.pair.passphrase().clone(),
        });
    }

    fn refused(&mut self, error: &DoorError) {
        if let DoorError::Invalid { field, .. } = error {
            match &**field {
                "organization" => self.go(Stage::Organization),
                "member" => self.go(Stage::Member),
                _ => {}
            }
        }
        self.error = Some(words::error(error));
    }

    fn on_name_cmd(&mut self, cmd: Cmd) {
        // With one field on the screen, whatever leads out of it goes on.
        match cmd {
            Cmd::Open | Cmd::Submit | Cmd::NextField | Cmd::Down => self.name_typed(),
            Cmd::PrevField | Cmd::Up => self.back(),
            _ => {}
        }
    }

    fn on_recovery_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        let Stage::Recovery(session, recovery) = &mut self.stage else { return };
        if recovery.on_cmd(cmd, &*cx.shared.entropy) {
            cx.navs.push(Nav::Enter(session.clone(), OpenReport::default()));
            cx.toast(Tone::Good, format!("The vault of {} is ready.", words::short(&session.organization)));
        }
    }
}

/// There is nothing to be made any more.
fn made_elsewhere(cx: &mut Cx<'_>) {
    cx.navs.push(Nav::Replace(super::unlock()));
    cx.toast(Tone::Warn, "Another session has made the vault meanwhile: unlock it to go on.");
}

impl Layer for Wizard {
    fn crumb(&self) -> Cow<'_, str> {
        "New vault".into()
    }

    fn context(&self) -> Context {
        Context::Form
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        let idle = self.working.is_none();
        match (cmd, &self.stage) {
            (Cmd::Generate | Cmd::PickFile | Cmd::RemoveRow | Cmd::LockVault, _) => false,
            (Cmd::Back, Stage::Organization) => false,
            (Cmd::ShowSecret, Stage::Organization | Stage::Member) => false,
            (Cmd::NextField | Cmd::Back, Stage::Recovery(_, recovery)) => recovery.is_checking(),
            (Cmd::NextField | Cmd::ShowSecret | Cmd::Submit | Cmd::Back, _) => idle,
            _ => true,
        }
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        match (cmd, &self.stage) {
            (Cmd::NextField, Stage::Organization | Stage::Member) => Some("Continue".into()),
            (Cmd::Submit, Stage::Passphrase) => Some("Make the vault".into()),
            (Cmd::Submit, _) => Some("Continue".into()),
            (Cmd::Back, Stage::Recovery(..)) => Some("Show the key again".into()),
            (Cmd::ShowSecret, _) if self.is_in_clear() => Some("Hide".into()),
            _ => None,
        }
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        if self.working.is_some() {
            return;
        }
        match self.stage {
            _ if cmd == Cmd::Back => self.back(),
            Stage::Organization | Stage::Member => self.on_name_cmd(cmd),
            Stage::Passphrase => {
                if self.pair.on_cmd(cmd) {
                    self.create(cx);
                }
            }
            Stage::Recovery(..) => self.on_recovery_cmd(cmd, cx),
        }
    }

    fn on_key(&mut self, key: Key, _cx: &mut Cx<'_>) {
        if self.working.is_some() {
            return;
        }
        if let Some(name) = self.name_mut() {
            if name.on_key(key) {
                self.error = None;
            }
            return;
        }
        match &mut self.stage {
            Stage::Recovery(_, recovery) => recovery.on_key(key),
            _ => self.pair.on_key(key, &[self.organization.text(), self.member.text()]),
        }
    }

    fn on_paste(&mut self, paste: SecretBytes, _cx: &mut Cx<'_>) {
        if self.working.is_some() {
            return;
        }
        if let Some(name) = self.name_mut() {
            name.insert(paste.expose_text().unwrap_or_default());
            self.error = None;
            return;
        }
        match &mut self.stage {
            Stage::Recovery(_, recovery) => recovery.on_paste(&paste),
            _ => self.pair.on_paste(&paste, &[self.organization.text(), self.member.text()]),
        }
    }

    fn on_open_elsewhere(&mut self, cx: &mut Cx<'_>) {
        // While the vault is being made here, it is this one; else the door's answer says so.
        if self.working.is_none() && !matches!(self.stage, Stage::Recovery(..)) {
            made_elsewhere(cx);
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        self.working = None;
        match answer {
            Err(DoorError::VaultExists) => made_elsewhere(cx),
            Ok(Response::Created { session, recovery_key }) => {
                self.go(Stage::Recovery(session, Recovery::new(recovery_key, "Step 4 of 4")));
                self.pair = PassphrasePair::default();
            }
            Ok(_) => {}
            Err(error) => self.refused(&error),
        }
    }

    fn on_progress(&mut self, progress: Progress) {
        if self.working.is_some() {
            self.working = Some(progress);
        }
    }

    fn on_blur(&mut self) {
        self.pair.mask();
        if let Stage::Recovery(_, recovery) = &mut self.stage {
            recovery.hide();
        }
    }

    fn is_in_clear(&self) -> bool {
        match &self.stage {
            Stage::Recovery(_, recovery) => recovery.is_shown(),
            _ => self.pair.is_shown(),
        }
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn at_stake(&self) -> Option<&'static str> {
        let typed =
            !self.pair.is_empty() || [&self.organization, &self.member].iter().any(|name| !name.text().is_empty());
        match self.stage {
            Stage::Recovery(..) => Some(KEY_IS_UNSEEN),
            _ if self.working.is_some() => Some(KEY_IS_TO_COME),
            _ => typed.then_some("The vault is not made yet. Quitting discards what you have typed."),
        }
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let mut column = Column::new(area, buf, shared.theme);
        match &self.stage {
            Stage::Organization => self.render_organization(&mut column, shared),
            Stage::Member => self.render_member(&mut column, shared),
            Stage::Passphrase => self.render_passphrase(&mut column, shared),
            Stage::Recovery(_, recovery) => recovery.render(&mut column, shared.theme),
        }
    }
}

impl Wizard {
    fn render_organization(&self, column: &mut Column<'_>, shared: &Shared) {
        let theme = shared.theme;
        column.heading("Welcome to strongroom", "Step 1 of 4");
        column.say(&format!("No vault at {} yet: four short steps make one.", clean(&shared.place)), theme.dim());
        column.gap();
        column.field("Organization", true, |row, buf| self.organization.render(row, buf, true, theme));
        self.name_note(column, "The company or team whose secrets these are. Enter goes on.");
    }

    fn render_member(&self, column: &mut Column<'_>, shared: &Shared) {
        let theme = shared.theme;
        column.heading("Who are you?", "Step 2 of 4");
        let organization = clean(self.organization.text().trim());
        column.say(&format!("You become the Account Holder of {organization}."), theme.dim());
        column.gap();
        column.field("Your name", true, |row, buf| self.member.render(row, buf, true, theme));
        self.name_note(column, "It stands beside everything that you register or change. Enter goes on.");
    }

    fn name_note(&self, column: &mut Column<'_>, help: &str) {
        match &self.error {
            Some(error) => column.note(Note::Error(&clean(error))),
            None => column.note(Note::Help(help)),
        }
    }

    fn render_passphrase(&self, column: &mut Column<'_>, shared: &Shared) {
        let theme = shared.theme;
        column.heading("Your passphrase", "Step 3 of 4");
        column.say("Nobody can look it up or reset it for you.", theme.dim());
        column.gap();
        self.pair.render(column, "Passphrase", self.working.is_none(), theme);
        column.gap();
        if let Some(error) = &self.error {
            column.note(Note::Error(&clean(error)));
        }
        if let Some(progress) = self.working {
            let (rows, buf) = column.block(2);
            render_progress(rows, buf, progress, theme);
        }
    }
}

#[cfg(test)]
mod tests;
