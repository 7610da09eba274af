//! The vault is locked: the passphrase, or the recovery key, opens it.

#[cfg(test)]
mod tests;
mod wait;

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use wait::Wait;

use super::accept::accept;
use crate::domain::SecretBytes;
use crate::service::{Credential, DoorError, OpenReport, Progress, Request, Response, Step, VaultStatus};
use crate::tui::app::Shared;
use crate::tui::input::Key;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Layer, Millis, Nav};
use crate::tui::text::{clean, fit};
use crate::tui::widgets::{Column, Note, Refused, SecretLine, TextInput, render_progress};
use crate::tui::words;

/// The unlock screen.
pub fn unlock() -> Box<dyn Layer> {
    Box::new(Unlock::default())
}

/// Which of the two fields is on the screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Passphrase,
    Recovery,
}

#[derive(Default)]
struct Unlock {
    kind: Kind,
    /// The member's name, once it is wanted, and whether it has the focus.
    member: Option<TextInput>,
    on_member: bool,
    passphrase: SecretLine,
    recovery: SecretLine,
    working: Option<Progress>,
    error: Option<String>,
    wait: Option<Wait>,
    /// Enter was pressed because the vault was said to be open.
    goes_on: bool,
}

impl Unlock {
    fn line(&self) -> &SecretLine {
        match self.kind {
            Kind::Passphrase => &self.passphrase,
            Kind::Recovery => &self.recovery,
        }
    }

    fn line_mut(&mut self) -> &mut SecretLine {
        match self.kind {
            Kind::Passphrase => &mut self.passphrase,
            Kind::Recovery => &mut self.recovery,
        }
    }

    fn switch(&mut self) {
        self.line_mut().show(false);
        self.on_member = false;
        self.kind = match self.kind {
            Kind::Passphrase => Kind::Recovery,
            Kind::Recovery => Kind::Passphrase,
        };
        self.error = None;
    }

    /// To the name, or away from it; an empty one goes.
    fn name_member(&mut self) {
        let empty = self.member.as_ref().is_some_and(|member| member.text().is_empty());
        self.on_member = !self.on_member && self.kind == Kind::Passphrase;
        if self.on_member {
            self.member.get_or_insert_default();
        } else if empty {
            self.member = None;
        }
    }

    fn shows_member(&self) -> bool {
        self.member.is_some() && self.kind == Kind::Passphrase
    }

    /// The name that was typed, if one was.
    fn named(&self) -> Option<Box<str>> {
        let name = self.member.as_ref()?.text().trim();
        (!name.is_empty()).then(|| name.into())
    }

    fn submit(&mut self, cx: &mut Cx<'_>) {
        if self.wait.is_some() {
            return;
        }
        if self.line().bytes().is_empty() {
            // Another session may have unlocked it, told here or not: the line to a dead agent tells nothing.
            (self.error, self.goes_on) = (None, cx.shared.open_elsewhere);
            return cx.ask(Request::Status);
        }
        let typed = self.line().bytes().clone();
        let credential = match (self.kind, self.named()) {
            (Kind::Passphrase, None) => Credential::Passphrase(typed),
            (Kind::Passphrase, Some(member)) => Credential::Named { member, passphrase: typed },
            (Kind::Recovery, _) => Credential::Recovery(typed),
        };
        self.line_mut().show(false);
        self.error = None;
        self.working = Some(Progress { step: Step::DerivingKey, done: 0, total: 0 });
        cx.ask(Request::Unlock(credential));
    }

    fn refused(&mut self, error: &DoorError, now: Millis) {
        self.error = match error {
            DoorError::WrongCredential { wait_seconds, .. } => {
                self.line_mut().wipe();
                self.wait = Wait::new(*wait_seconds, now);
                Some(words::error(error))
            }
            DoorError::TooSoon { wait_seconds } => {
                self.wait = Wait::new(*wait_seconds, now);
                None
            }
            other => Some(words::error(other)),
        };
    }

    fn edited(&mut self, outcome: Result<(), Refused>) {
        self.error = outcome.err().map(|refused| refused.to_string());
    }

    fn notes(&self, column: &mut Column<'_>, shared: &Shared) {
        if let Some(error) = &self.error {
            column.note(Note::Error(&clean(error)));
        }
        if let Some(wait) = self.wait {
            column.note(Note::Warning(&format!("Try again in {} s: guessing is slow on purpose.", wait.left)));
        } else if shared.open_elsewhere && self.line().bytes().is_empty() {
            column.say("The vault was unlocked in another session: Enter goes on.", shared.theme.good());
        } else if self.error.is_none() {
            column.note(Note::Help(match self.kind {
                _ if shared.demo => "Anything that is typed opens the demo.",
                _ if self.on_member => "Your name, as the others see it; without one, all are tried.",
                Kind::Passphrase => "Your passphrase. If it is lost, Tab takes the recovery key instead.",
                Kind::Recovery => "As written down; case, spaces and hyphens do not matter.",
            }));
        }
    }
}

impl Layer for Unlock {
    fn crumb(&self) -> Cow<'_, str> {
        "Unlock".into()
    }

    fn context(&self) -> Context {
        Context::Unlock
    }

    fn offers(&self, cmd: Cmd, shared: &Shared) -> bool {
        match cmd {
            Cmd::Open => self.working.is_none() && self.wait.is_none(),
            Cmd::ShowSecret | Cmd::SwitchCredential => self.working.is_none(),
            Cmd::NameMember => self.working.is_none() && self.kind == Kind::Passphrase && !shared.demo,
            Cmd::Accept => self.working.is_none() && !shared.demo,
            Cmd::Up | Cmd::Down => self.working.is_none() && self.shows_member(),
            Cmd::Back | Cmd::LockVault => false,
            _ => true,
        }
    }

    fn hint(&self, cmd: Cmd, shared: &Shared) -> Option<Cow<'static, str>> {
        match cmd {
            Cmd::Open if shared.open_elsewhere && self.line().bytes().is_empty() => Some("Go on".into()),
            Cmd::Open if self.on_member => Some("Next".into()),
            Cmd::ShowSecret if self.line().is_shown() => Some("Hide".into()),
            Cmd::NameMember if self.on_member => Some("Passphrase".into()),
            Cmd::SwitchCredential if self.kind == Kind::Recovery => Some("Passphrase".into()),
            _ => None,
        }
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        if self.working.is_some() {
            return;
        }
        match cmd {
            Cmd::Open if self.on_member => self.on_member = false,
            Cmd::Open => self.submit(cx),
            Cmd::Accept => cx.navs.push(Nav::Replace(accept())),
            Cmd::NameMember => self.name_member(),
            Cmd::Up => self.on_member = true,
            Cmd::Down => self.on_member = false,
            Cmd::SwitchCredential => self.switch(),
            Cmd::ShowSecret => {
                let line = self.line_mut();
                line.show(!line.is_shown());
            }
            _ => {}
        }
    }

    fn on_key(&mut self, key: Key, _cx: &mut Cx<'_>) {
        if self.working.is_some() {
            return;
        }
        if let Some(member) = self.member.as_mut().filter(|_| self.on_member) {
            member.on_key(key);
            return;
        }
        let edited = self.line_mut().on_key(key);
        if edited != Ok(false) {
            self.edited(edited.map(|_| ()));
        }
    }

    fn on_paste(&mut self, paste: SecretBytes, _cx: &mut Cx<'_>) {
        if self.working.is_some() {
            return;
        }
        if let Some(member) = self.member.as_mut().filter(|_| self.on_member) {
            return member.insert(paste.expose_text().unwrap_or_default());
        }
        let outcome = match self.kind {
            Kind::Passphrase => self.passphrase.paste(&paste),
            Kind::Recovery => paste_lines(&mut self.recovery, &paste),
        };
        self.edited(outcome);
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        self.working = None;
        match answer {
            Ok(Response::Unlocked { session, report }) => {
                if report.needs_new_passphrase && self.kind == Kind::Recovery {
                    cx.navs.push(Nav::Recovered(self.recovery.bytes().clone()));
                }
                cx.navs.push(Nav::Enter(session, report));
            }
            Ok(Response::Status(VaultStatus::Unlocked(session))) => {
                cx.navs.push(Nav::Enter(session, OpenReport::default()));
            }
            Ok(Response::Status(_)) => {
                let why = if self.goes_on { "It has been locked again." } else { "Nothing is typed yet." };
                self.error = Some(why.to_owned());
            }
            Ok(_) => {}
            Err(error) => self.refused(&error, cx.shared.mono()),
        }
    }

    fn on_progress(&mut self, progress: Progress) {
        if self.working.is_some() {
            self.working = Some(progress);
        }
    }

    fn on_deadline(&mut self, cx: &mut Cx<'_>) {
        self.wait = self.wait.and_then(|wait| wait.at(cx.shared.mono()));
    }

    fn deadline(&self) -> Option<Millis> {
        self.wait.map(Wait::next_second)
    }

    fn on_blur(&mut self) {
        self.passphrase.show(false);
        self.recovery.show(false);
    }

    fn is_in_clear(&self) -> bool {
        self.line().is_shown()
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let mut column = Column::new(area, buf, theme);
        column.heading("The vault is locked", "");
        column.say(&fit(&clean(&shared.place), column.width(), theme.ellipsis()), theme.dim());
        column.gap();
        let label = match self.kind {
            Kind::Passphrase => "Passphrase",
            Kind::Recovery => "Recovery key",
        };
        if let Some(member) = self.member.as_ref().filter(|_| self.shows_member()) {
            let focused = self.working.is_none() && self.on_member;
            column.field("Member", focused, |row, buf| member.render(row, buf, focused, theme));
            column.gap();
        }
        let focused = self.working.is_none() && !self.on_member;
        column.field(label, focused, |row, buf| self.line().render(row, buf, focused, theme));
        if let Some(progress) = self.working {
            let (rows, buf) = column.block(2);
            render_progress(rows, buf, progress, theme);
        } else {
            self.notes(&mut column, shared);
        }
    }
}

/// A key or a code may have been written in several lines.
pub(in crate::tui::screens) fn paste_lines(line: &mut SecretLine, paste: &SecretBytes) -> Result<(), Refused> {
    let text = paste.expose_text().ok_or(Refused::NotText)?;
    text.lines().try_for_each(|part| line.insert(part.trim()))
}
