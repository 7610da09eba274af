//! Accepting an invitation: the one-time code, a passphrase, then the fingerprint that is read to whoever admits.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::unlock::{paste_lines, unlock};
use crate::domain::SecretBytes;
use crate::service::{DoorError, Progress, Request, Response, Step};
use crate::tui::app::Shared;
use crate::tui::input::Key;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Layer, Nav};
use crate::tui::text::clean;
use crate::tui::widgets::{Column, Note, PassphrasePair, Refused, SecretLine, render_fingerprint, render_progress};
use crate::tui::words;

/// What quitting loses while the keys are made, and once the fingerprint is there.
const KEYS_ARE_TO_COME: &str = "Your keys are being made, and the fingerprint comes next: it is shown only once.";
const FINGERPRINT_IS_UNREAD: &str = "The fingerprint is shown only now. Without it nobody can admit you: have whoever invited \
                                     you write it down first, or ask for another invitation.";

#[derive(Default)]
enum Stage {
    #[default]
    Code,
    Passphrase,
    /// Accepted: the fingerprint.
    Accepted(Box<str>),
}

#[derive(Default)]
struct Accept {
    stage: Stage,
    code: SecretLine,
    pair: PassphrasePair,
    working: Option<Progress>,
    error: Option<String>,
}

/// The screen that the unlock screen leads to.
pub(super) fn accept() -> Box<dyn Layer> {
    Box::new(Accept::default())
}

impl Accept {
    fn go_on(&mut self) {
        if self.code.bytes().is_empty() {
            self.error = Some("Type the code that you were given.".to_owned());
            return;
        }
        self.code.show(false);
        (self.stage, self.error) = (Stage::Passphrase, None);
    }

    fn submit(&mut self, cx: &mut Cx<'_>) {
        self.pair.mask();
        self.error = None;
        self.working = Some(Progress { step: Step::DerivingKey, done: 0, total: 0 });
        let (code, passphrase) = (self.code.bytes().clone(), self.pair.passphrase().clone());
        cx.ask(Request::Accept { code, passphrase });
    }

    fn back(&mut self, cx: &mut Cx<'_>) {
        match self.stage {
            Stage::Passphrase => {
                self.pair.mask();
                (self.stage, self.error) = (Stage::Code, None);
            }
            _ => cx.navs.push(Nav::Replace(unlock())),
        }
    }

    fn edited(&mut self, outcome: Result<(), Refused>) {
        self.error = outcome.err().map(|refused| refused.to_string());
    }

    fn is_shown(&self) -> bool {
        match self.stage {
            Stage::Code => self.code.is_shown(),
            Stage::Passphrase => self.pair.is_shown(),
            Stage::Accepted(..) => false,
        }
    }

    fn refused(&mut self, error: &DoorError) {
        let of_the_code = match error {
            DoorError::WrongCode | DoorError::NoInvitation(_) => true,
            DoorError::Invalid { field, .. } => &**field == "code",
            _ => false,
        };
        if of_the_code {
            self.stage = Stage::Code;
        }
        self.error = Some(words::error(error));
    }

    fn render_code(&self, column: &mut Column<'_>, shared: &Shared) {
        let theme = shared.theme;
        column.heading("Accept an invitation", "1/3");
        column.say("An Account Holder or Manager gave you a one-time code.", theme.dim());
        column.gap();
        column.field("Code", true, |row, buf| self.code.render(row, buf, true, theme));
        match &self.error {
            Some(error) => column.note(Note::Error(&clean(error))),
            None => column.note(Note::Help("7 groups of 4; case, spaces and hyphens do not matter. Ctrl-R shows it.")),
        }
    }

    fn render_passphrase(&self, column: &mut Column<'_>, shared: &Shared) {
        let theme = shared.theme;
        column.heading("Choose your passphrase", "2/3");
        column.say("It opens the vault for you alone. Nobody else ever learns it.", theme.dim());
        column.gap();
        self.pair.render(column, "Passphrase", self.working.is_none(), theme);
        if let Some(progress) = self.working {
            let (rows, buf) = column.block(2);
            render_progress(rows, buf, progress, theme);
        } else if let Some(error) = &self.error {
            column.gap();
            column.note(Note::Error(&clean(error)));
        }
    }

    fn render_accepted(column: &mut Column<'_>, fingerprint: &str, shared: &Shared) {
        let theme = shared.theme;
        column.heading("Your fingerprint", "3/3");
        column.say("Accepted. Your keys are made; you are not admitted yet.", theme.good());
        column.gap();
        column.gap();
        let (row, buf) = column.row();
        render_fingerprint(row, buf, fingerprint, theme);
        column.gap();
        column.gap();
        column.say(
            "Read it to whoever invited you, face to face or on the phone: they compare it with what they see, and admit \
             you. Do not send it the way the code came.",
            theme.text(),
        );
        column.gap();
        column.say("Once you are admitted, your passphrase opens the vault.", theme.dim());
    }
}

impl Layer for Accept {
    fn crumb(&self) -> Cow<'_, str> {
        "Accept an invitation".into()
    }

    fn context(&self) -> Context {
        Context::Form
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        let idle = self.working.is_none();
        match (cmd, &self.stage) {
            (Cmd::Generate | Cmd::PickFile | Cmd::RemoveRow | Cmd::LockVault, _) => false,
            (Cmd::ShowSecret | Cmd::NextField | Cmd::PrevField | Cmd::Up | Cmd::Down, Stage::Accepted(..)) => false,
            (Cmd::NextField | Cmd::PrevField | Cmd::Up | Cmd::Down, Stage::Code) => false,
            (Cmd::Back, Stage::Accepted(..)) => false,
            (Cmd::Back | Cmd::ShowSecret | Cmd::Submit | Cmd::Open | Cmd::NextField, _) => idle,
            _ => true,
        }
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        match (cmd, &self.stage) {
            (Cmd::Submit, Stage::Code) => Some("Continue".into()),
            (Cmd::Submit, Stage::Passphrase) => Some("Accept".into()),
            (Cmd::Submit, Stage::Accepted(..)) => Some("To the unlock screen".into()),
            (Cmd::ShowSecret, _) if self.is_shown() => Some("Hide".into()),
            _ => None,
        }
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match (cmd, &self.stage) {
            _ if self.working.is_some() => {}
            (Cmd::Back, _) => self.back(cx),
            (Cmd::Open | Cmd::Submit, Stage::Code) => self.go_on(),
            (Cmd::Open | Cmd::Submit, Stage::Accepted(..)) => cx.navs.push(Nav::Replace(unlock())),
            (Cmd::ShowSecret, Stage::Code) => self.code.show(!self.code.is_shown()),
            (_, Stage::Passphrase) if self.pair.on_cmd(cmd) => self.submit(cx),
            _ => {}
        }
    }

    fn on_key(&mut self, key: Key, _cx: &mut Cx<'_>) {
        match self.stage {
            _ if self.working.is_some() => {}
            Stage::Code => match self.code.on_key(key) {
                Ok(false) => {}
                edited => self.edited(edited.map(|_| ())),
            },
            Stage::Passphrase => self.pair.on_key(key, &[]),
            Stage::Accepted(..) => {}
        }
    }

    fn on_paste(&mut self, paste: SecretBytes, _cx: &mut Cx<'_>) {
        match self.stage {
            _ if self.working.is_some() => {}
            Stage::Code => {
                let pasted = paste_lines(&mut self.code, &paste);
                self.edited(pasted);
            }
            Stage::Passphrase => self.pair.on_paste(&paste, &[]),
            Stage::Accepted(..) => {}
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, _cx: &mut Cx<'_>) {
        self.working = None;
        match answer {
            Ok(Response::Accepted { fingerprint, .. }) => {
                (self.code, self.pair) = (SecretLine::default(), PassphrasePair::default());
                self.stage = Stage::Accepted(fingerprint);
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
        self.code.show(false);
        self.pair.mask();
    }

    fn is_in_clear(&self) -> bool {
        self.is_shown()
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn at_stake(&self) -> Option<&'static str> {
        let unread = matches!(self.stage, Stage::Accepted(..)).then_some(FINGERPRINT_IS_UNREAD);
        self.working.map(|_| KEYS_ARE_TO_COME).or(unread)
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let mut column = Column::new(area, buf, shared.theme);
        match &self.stage {
            Stage::Code => self.render_code(&mut column, shared),
            Stage::Passphrase => self.render_passphrase(&mut column, shared),
            Stage::Accepted(fingerprint) => Self::render_accepted(&mut column, fingerprint, shared),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::InvitationId;
    use crate::tui::screens::script::Script;

    const CODE: &str = "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG";
    const NEW: &str = "a lamp under nine green stairs";

    fn accepted() -> DoorAnswer {
        Ok(Response::Accepted { invitation: InvitationId([1; 5]), fingerprint: "7K3M-9QTX-2FHA-B6WD".into() })
    }

    #[test]
    fn the_code_and_a_passphrase_lead_to_the_fingerprint() {
        let (mut h, asked) = Script::locked([accepted()]).start(80, 24);
        h.press("^O").expect("Accept an invitation").press("Enter").expect("Type the code");
        h.paste("AAAA-BBBB-CCCC-DDDD\n EEEE-FFFF-GGGG\n").expect_not("AAAA").press("^R").expect("AAAA");
        h.press("Enter").expect("Choose your passphrase").expect_not("AAAA");
        h.paste(NEW).press("Tab").paste(NEW).press("Enter");
        h.expect("7 K 3 M    9 Q T X    2 F H A    B 6 W D").expect("Read it to whoever invited you");
        let sent = asked.get(0);
        assert!(matches!(sent, Request::Accept { code, passphrase }
            if code.expose() == b"AAAA-BBBB-CCCC-DDDDEEEE-FFFF-GGGG" && passphrase.expose() == NEW.as_bytes()));
        h.press("^C").expect("Quit strongroom?").expect("shown only now").press("Esc");
        h.press("Esc").expect("7 K 3 M").press("Enter").expect("The vault is locked");
    }

    #[test]
    fn a_wrong_code_leads_back_to_it_and_esc_to_the_unlock_screen() {
        let (mut h, _) = Script::locked([Err(DoorError::WrongCode)]).start(80, 24);
        h.press("^O").type_text(CODE).press("Enter").paste(NEW).press("Tab").paste(NEW).hold().press("Enter");
        h.expect("Deriving the key").press("Esc").release().expect("opens no invitation").expect("•••");
        h.press("Enter").expect("Choose your passphrase").press("Esc").expect("Code").press("Esc");
        h.expect("The vault is locked");
    }
}
