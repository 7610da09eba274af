//! A new recovery key: the current passphrase is asked for, then the key is shown once and asked back as in the wizard.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::wizard::Recovery;
use crate::domain::SecretBytes;
use crate::service::{Credential, DoorError, Progress, Request, Response, Step};
use crate::tui::app::Shared;
use crate::tui::input::Key;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Layer, Tone};
use crate::tui::text::clean;
use crate::tui::widgets::{Column, Note, Refused, SecretLine, render_progress};
use crate::tui::words;

/// What quitting loses while the vault is being sealed again.
const KEY_IS_TO_COME: &str = "The vault is being sealed again, and its new recovery key comes next: it is shown only once. \
                              Without it, make another here later.";
/// And once the key is there.
const KEY_IS_UNSEEN: &str = "The old recovery key opens nothing any more, and the new one is shown only now. If you have not \
                             written it down, make another here: New recovery key, in the Account Portal.";

/// The screen that the Account Portal leads to.
pub fn new_recovery_key() -> Box<dyn Layer> {
    Box::new(NewRecoveryKey::default())
}

#[derive(Default)]
struct NewRecoveryKey {
    passphrase: SecretLine,
    error: Option<String>,
    working: Option<Progress>,
    /// The key is made.
    recovery: Option<Recovery>,
}

impl NewRecoveryKey {
    fn submit(&mut self, cx: &mut Cx<'_>) {
        if self.passphrase.bytes().is_empty() {
            self.error = Some("Type the passphrase that opens the vault now.".to_owned());
            return;
        }
        self.passphrase.show(false);
        self.error = None;
        self.working = Some(Progress { step: Step::DerivingKey, done: 0, total: 0 });
        cx.ask(Request::ChangeRecoveryKey { current: Some(Credential::Passphrase(self.passphrase.bytes().clone())) });
    }

    fn edited(&mut self, outcome: Result<(), Refused>) {
        self.error = outcome.err().map(|refused| refused.to_string());
    }

    fn on_key_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        let Some(recovery) = &mut self.recovery else { return };
        if cmd == Cmd::Back {
            recovery.back();
        } else if recovery.on_cmd(cmd, &*cx.shared.entropy) {
            cx.pop();
            cx.toast(Tone::Good, "The new recovery key counts; the old one opens nothing from now on.");
        }
    }

    fn render_question(&self, column: &mut Column<'_>, shared: &Shared) {
        let theme = shared.theme;
        column.heading("New recovery key", "");
        column.say("Every secret is sealed again under a new key; the old recovery key ends.", theme.dim());
        column.gap();
        let focused = self.working.is_none();
        let line = &self.passphrase;
        column.field("Current passphrase", focused, |row, buf| line.render(row, buf, focused, theme));
        match (&self.error, self.working) {
            (_, Some(progress)) => {
                let (rows, buf) = column.block(2);
                render_progress(rows, buf, progress, theme);
            }
            (Some(error), None) => column.note(Note::Error(&clean(error))),
            (None, None) if shared.demo => column.note(Note::Help("Anything that is typed is taken in the demo.")),
            (None, None) => {
                column.note(Note::Help("The one that opens the vault now. The new key is shown next, once."))
            }
        }
    }
}

impl Layer for NewRecoveryKey {
    fn crumb(&self) -> Cow<'_, str> {
        "New recovery key".into()
    }

    fn context(&self) -> Context {
        Context::Form
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        let checking = self.recovery.as_ref().is_some_and(Recovery::is_checking);
        match cmd {
            Cmd::Generate | Cmd::PickFile | Cmd::RemoveRow | Cmd::ChangePassphrase | Cmd::NewRecoveryKey => false,
            Cmd::NextField | Cmd::PrevField | Cmd::Up | Cmd::Down => checking,
            Cmd::Back if self.recovery.is_some() => checking,
            Cmd::Back | Cmd::ShowSecret | Cmd::Submit | Cmd::Open => self.working.is_none(),
            _ => true,
        }
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        match cmd {
            Cmd::Submit if self.recovery.is_none() => Some("Make the key".into()),
            Cmd::Submit => Some("Continue".into()),
            Cmd::Back if self.recovery.is_some() => Some("Show the key again".into()),
            Cmd::ShowSecret if self.is_in_clear() => Some("Hide".into()),
            _ => None,
        }
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            _ if self.working.is_some() => {}
            _ if self.recovery.is_some() => self.on_key_cmd(cmd, cx),
            Cmd::Back => cx.pop(),
            Cmd::Open | Cmd::Submit => self.submit(cx),
            Cmd::ShowSecret => self.passphrase.show(!self.passphrase.is_shown()),
            _ => {}
        }
    }

    fn on_key(&mut self, key: Key, _cx: &mut Cx<'_>) {
        match &mut self.recovery {
            _ if self.working.is_some() => {}
            Some(recovery) => recovery.on_key(key),
            None => match self.passphrase.on_key(key) {
                Ok(false) => {}
                edited => self.edited(edited.map(|_| ())),
            },
        }
    }

    fn on_paste(&mut self, paste: SecretBytes, _cx: &mut Cx<'_>) {
        match &mut self.recovery {
            _ if self.working.is_some() => {}
            Some(recovery) => recovery.on_paste(&paste),
            None => {
                let pasted = self.passphrase.paste(&paste);
                self.edited(pasted);
            }
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, _cx: &mut Cx<'_>) {
        self.working = None;
        match answer {
            Ok(Response::RecoveryKey(key)) => {
                self.passphrase.wipe();
                self.recovery = Some(Recovery::new(key, ""));
            }
            Ok(_) => {}
            Err(error) => {
                if matches!(error, DoorError::WrongCredential { .. }) {
                    self.passphrase.wipe();
                }
                self.error = Some(words::error(&error));
            }
        }
    }

    fn on_progress(&mut self, progress: Progress) {
        if self.working.is_some() {
            self.working = Some(progress);
        }
    }

    fn on_blur(&mut self) {
        self.passphrase.show(false);
        if let Some(recovery) = &mut self.recovery {
            recovery.hide();
        }
    }

    fn is_in_clear(&self) -> bool {
        self.recovery.as_ref().map_or(self.passphrase.is_shown(), Recovery::is_shown)
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn lost_by_lock(&self) -> Option<&'static str> {
        let made = self.working.is_some() || self.recovery.is_some();
        made.then_some("The new recovery key was not confirmed: if you have not written it down, make another.")
    }

    fn at_stake(&self) -> Option<&'static str> {
        let unseen = self.recovery.as_ref().map(|_| KEY_IS_UNSEEN);
        self.working.map(|_| KEY_IS_TO_COME).or(unseen)
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let mut column = Column::new(area, buf, shared.theme);
        match &self.recovery {
            Some(recovery) => recovery.render(&mut column, shared.theme),
            None => self.render_question(&mut column, shared),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::{CredentialKind, News, VaultStatus};
    use crate::tui::harness::Harness;
    use crate::tui::screens::script::{Asked, Script, session};

    const KEY: &str = "AAAA-BBBB-CCCC-DDDD";

    fn from_the_menu(answers: impl IntoIterator<Item = DoorAnswer>) -> (Harness, Asked) {
        let (mut h, asked) = Script::new(VaultStatus::Unlocked(session()), answers).start(80, 24);
        h.press("Esc Esc Esc Down Down Enter").expect("the old recovery");
        (h, asked)
    }

    #[test]
    fn it_is_made_shown_once_and_asked_back() {
        let (mut h, asked) = from_the_menu([Ok(Response::RecoveryKey(KEY.into()))]);
        h.press("Enter").expect("Type the passphrase");
        h.type_text("current").press("Enter").expect("AAAA").expect("DDDD");
        let last = asked.get(asked.len() - 1);
        assert!(
            matches!(last, Request::ChangeRecoveryKey { current: Some(Credential::Passphrase(c)) } if c.expose() == b"current")
        );
        h.press("^C").expect("Account Portal.").press("Esc ^R").expect("AAAA");
        h.press("Enter").expect_not("AAAA");
        let groups: Vec<&str> = KEY.split('-').collect();
        let screen = h.screen();
        let asked = screen.lines().filter_map(|line| line.trim().strip_prefix("Group "));
        for number in asked.map(|number| number.parse::<usize>().expect("a number")) {
            h.type_text(groups[number - 1]).press("Enter");
        }
        h.expect("The new recovery key counts").expect("Change passphrase");
    }

    #[test]
    fn a_key_that_the_lock_covers_before_it_is_confirmed_is_not_forgotten_silently() {
        let (mut h, _) = from_the_menu([Ok(Response::RecoveryKey(KEY.into()))]);
        h.press("Enter").type_text("current").press("Enter").expect("AAAA");
        h.news(News::Locked).expect("The vault is locked").expect("make another").expect_not("AAAA");
    }

    #[test]
    fn a_wrong_passphrase_is_told_and_esc_leaves() {
        let wrong = DoorError::WrongCredential { kind: CredentialKind::Passphrase, wait_seconds: 0 };
        let (mut h, _) = from_the_menu([Err(wrong)]);
        h.type_text("wrong").press("Enter").expect("does not open this vault").expect_not("•");
        h.press("Esc").expect("Change passphrase");
    }
}
