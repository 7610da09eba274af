//! A new passphrase for the member who is in: wished for, or required after the recovery key.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::SecretBytes;
use crate::service::{Credential, DoorError, Progress, Request, Step};
use crate::tui::app::Shared;
use crate::tui::input::Key;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Layer, Nav, Tone};
use crate::tui::modals::{Confirm, Then};
use crate::tui::text::clean;
use crate::tui::widgets::{Column, Note, PassphrasePair, render_progress};
use crate::tui::words;

/// Said of a wrong one.
const NOT_CURRENT: &str = "This is not the passphrase that opens the vault. Check Caps Lock and try again.";

/// The screen that the Account Portal leads to; Esc leaves it.
pub fn new_passphrase() -> Box<dyn Layer> {
    Box::new(NewPassphrase { pair: PassphrasePair::after_current(), ..NewPassphrase::default() })
}

/// What stands before everything else after the recovery key was used; it cannot be left out. That key proves who sets it.
pub fn required_passphrase(recovery_key: SecretBytes) -> Box<dyn Layer> {
    Box::new(NewPassphrase { recovery_key: Some(recovery_key), ..NewPassphrase::default() })
}

#[derive(Default)]
struct NewPassphrase {
    /// What opened the vault: a new passphrase is required then.
    recovery_key: Option<SecretBytes>,
    pair: PassphrasePair,
    working: Option<Progress>,
    error: Option<String>,
}

impl NewPassphrase {
    fn is_required(&self) -> bool {
        self.recovery_key.is_some()
    }

    /// What proves that it may be set.
    fn current(&self) -> Option<Credential> {
        let key = self.recovery_key.clone().map(Credential::Recovery);
        key.or_else(|| self.pair.current().cloned().map(Credential::Passphrase))
    }

    fn back(&self, cx: &mut Cx<'_>) {
        if self.is_required() {
            return;
        }
        if self.pair.is_empty() {
            return cx.pop();
        }
        let sentence =
            "What you have typed is not set. Leaving discards it; your passphrase stays as it is.".to_owned();
        cx.open(Confirm::new(
            "Discard this passphrase?",
            vec![sentence],
            "Keep editing",
            "Discard",
            Then::Leave(cx.me),
        ));
    }

    fn done(&self, cx: &mut Cx<'_>) {
        if !self.is_required() {
            cx.pop();
        }
        cx.navs.push(Nav::PassphraseChanged);
        cx.toast(Tone::Good, "The passphrase is changed; the vault is sealed under a new key.");
    }
}

/// What a guesser who knows the vault would try first.
fn known(shared: &Shared) -> Vec<&str> {
    shared.session.iter().flat_map(|session| [&*session.organization, &*session.member]).collect()
}

impl Layer for NewPassphrase {
    fn crumb(&self) -> Cow<'_, str> {
        "New passphrase".into()
    }

    fn context(&self) -> Context {
        Context::Form
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        match cmd {
            Cmd::Generate | Cmd::PickFile | Cmd::RemoveRow | Cmd::ChangePassphrase | Cmd::NewRecoveryKey => false,
            Cmd::Applications | Cmd::AuditLog | Cmd::VaultSettings | Cmd::Members | Cmd::Matrix => !self.is_required(),
            Cmd::Back => !self.is_required() && self.working.is_none(),
            Cmd::NextField | Cmd::Submit | Cmd::ShowSecret => self.working.is_none(),
            _ => true,
        }
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        match cmd {
            Cmd::Submit => Some("Change passphrase".into()),
            Cmd::ShowSecret if self.pair.is_shown() => Some("Hide".into()),
            _ => None,
        }
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        if self.working.is_some() {
            return;
        }
        if cmd == Cmd::Back {
            self.back(cx);
        } else if self.pair.on_cmd(cmd) {
            self.pair.mask();
            self.error = None;
            self.working = Some(Progress { step: Step::DerivingKey, done: 0, total: 0 });
            let (current, new) = (self.current(), self.pair.passphrase().clone());
            cx.ask(Request::ChangePassphrase { current, new });
        }
    }

    fn on_key(&mut self, key: Key, cx: &mut Cx<'_>) {
        if self.working.is_none() {
            self.pair.on_key(key, &known(cx.shared));
        }
    }

    fn on_paste(&mut self, paste: SecretBytes, cx: &mut Cx<'_>) {
        if self.working.is_none() {
            self.pair.on_paste(&paste, &known(cx.shared));
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        self.working = None;
        match answer {
            Ok(_) => self.done(cx),
            Err(DoorError::WrongCredential { .. }) if !self.is_required() => {
                self.pair.refuse_current(NOT_CURRENT.to_owned())
            }
            Err(error) => self.error = Some(words::error(&error)),
        }
    }

    fn on_progress(&mut self, progress: Progress) {
        if self.working.is_some() {
            self.working = Some(progress);
        }
    }

    fn on_blur(&mut self) {
        self.pair.mask();
    }

    fn is_in_clear(&self) -> bool {
        self.pair.is_shown()
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn at_stake(&self) -> Option<&'static str> {
        let sealing =
            "The vault is being sealed again. Quitting waits until that is done, and the new passphrase counts then.";
        let typed = "The new passphrase that you have typed is not set. Quitting discards it; the old one counts.";
        self.working.map(|_| sealing).or((!self.pair.is_empty()).then_some(typed))
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let mut column = Column::new(area, buf, theme);
        let (heading, about) = match self.is_required() {
            true => ("Choose a new passphrase", "You came in with the recovery key: from now on this opens the vault."),
            false => {
                ("Change your passphrase", "Every secret is sealed again under a new key; the old passphrase ends.")
            }
        };
        column.heading(heading, "");
        // What came of it stands above the fields: under them there may be no room.
        match (self.working, &self.error) {
            (Some(progress), _) => {
                let (rows, buf) = column.block(2);
                render_progress(rows, buf, progress, theme);
            }
            (None, Some(error)) => column.note(Note::Error(&clean(error))),
            (None, None) if column.is_roomy() => column.say(about, theme.dim()),
            (None, None) => {}
        }
        column.gap();
        self.pair.render(&mut column, "New passphrase", self.working.is_none(), theme);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::{CredentialKind, OpenReport, Response, VaultStatus};
    use crate::tui::harness::Harness;
    use crate::tui::screens::script::{Asked, Script, session};

    const OLD: &str = "the one before";
    const GOOD: &str = "correct horse battery staple kumquat";

    fn type_both(h: &mut Harness) {
        h.type_text(GOOD).press("Enter").type_text(GOOD);
    }

    fn from_the_menu(answer: Result<Response, DoorError>) -> (Harness, Asked) {
        let (mut h, asked) = Script::new(VaultStatus::Unlocked(session()), [answer]).start(80, 24);
        h.press("Esc Esc Esc Down Enter").expect("Change your passphrase");
        (h, asked)
    }

    fn type_all(h: &mut Harness) {
        h.type_text(OLD).press("Enter");
        type_both(h);
    }

    #[test]
    fn it_is_changed_with_progress_and_leads_back() {
        let (mut h, asked) = from_the_menu(Ok(Response::Done));
        type_all(&mut h);
        h.expect("very strong");
        h.hold().press("Enter").expect("Deriving the key…");
        h.progress(Progress { step: Step::Rewriting, done: 1234, total: 10_000 });
        h.expect("Sealing the vault again: 1,234 of 10,000");
        h.press("Esc").expect("Sealing");
        h.release();
        h.expect("The passphrase is changed").expect("Change passphrase").expect_not("The same again");
        let last = asked.get(asked.len() - 1);
        assert!(matches!(last, Request::ChangePassphrase { current: Some(Credential::Passphrase(old)), new }
            if old.expose() == OLD.as_bytes() && new.expose() == GOOD.as_bytes()));
    }

    #[test]
    fn the_current_one_is_asked_for_and_a_wrong_one_is_told_in_its_place() {
        let (mut h, asked) =
            from_the_menu(Err(DoorError::WrongCredential { kind: CredentialKind::Passphrase, wait_seconds: 0 }));
        h.expect("Current passphrase").press("Enter").expect("opens the vault now");
        h.type_text(GOOD).press("Enter");
        type_both(&mut h);
        h.press("^S").expect("not the current one");
        assert!(asked.len() == 1, "nothing but the listing was asked");
        h.press("Up").type_text(" and more");
        h.press("^S").expect("This is not the passphrase that opens the vault");
    }

    #[test]
    fn a_failure_keeps_what_is_typed() {
        let (mut h, _) = from_the_menu(Err(DoorError::DiskFull));
        type_all(&mut h);
        h.press("^S").expect("disk is full").expect("••••");
        h.press("Esc").expect("Discard this passphrase?");
    }

    #[test]
    fn what_is_typed_is_not_dropped_unasked() {
        let (mut h, _) = from_the_menu(Ok(Response::Done));
        h.press("Esc").expect_not("Change your passphrase").press("Enter").type_text("x").press("^C");
        h.expect("Quit strongroom?").expect("the old one counts").press("Esc Esc").expect("Discard this passphrase?");
        h.press("Enter").expect("•").press("Esc Tab Enter").expect_not("Change your passphrase");
    }

    #[test]
    fn quitting_says_that_the_new_passphrase_counts_once_it_was_sent() {
        let (mut h, _) = from_the_menu(Ok(Response::Done));
        type_all(&mut h);
        h.hold().press("Enter ^C").expect("Quitting waits until").expect("the new passphrase counts then");
        h.press("Esc").release();
        h.expect("The passphrase is changed");
    }

    #[test]
    fn after_the_recovery_key_it_cannot_be_left_out() {
        let report = OpenReport { needs_new_passphrase: true, ..OpenReport::default() };
        let opened = Response::Unlocked { session: session(), report };
        let (mut h, asked) = Script::locked([Ok(opened), Ok(Response::Done)]).start(60, 16);
        h.press("Tab").type_text("7K3M").press("Enter").expect("Choose a new passphrase");
        h.press("Esc").expect("Choose a new passphrase");
        type_both(&mut h);
        h.press("Enter").expect("Secrets Management").expect("The passphrase is changed");
        let last = asked.get(asked.len() - 1);
        assert!(matches!(last, Request::ChangePassphrase { current: Some(Credential::Recovery(key)), .. }
            if key.expose() == b"7K3M"));
    }
}
