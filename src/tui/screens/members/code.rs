//! The one-time code of an invitation: shown once, with what comes next.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::SecretBytes;
use crate::domain::organization::InvitationView;
use crate::tui::app::Shared;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, Effect, Layer};
use crate::tui::text::clean;
use crate::tui::widgets::{Column, Note, render_groups};
use crate::tui::words::{key, short};

/// What is lost with the screen.
const SHOWN_ONCE: &str = "The code is shown only here. If nobody has it yet, withdraw the invitation and make another.";

struct Code {
    invitation: InvitationView,
    code: SecretBytes,
    shown: bool,
}

/// The screen that shows `code`, in its written form.
pub(super) fn screen(invitation: InvitationView, code: SecretBytes) -> Box<dyn Layer> {
    Box::new(Code { invitation, code, shown: true })
}

impl Layer for Code {
    fn crumb(&self) -> Cow<'_, str> {
        "Invitation code".into()
    }

    fn context(&self) -> Context {
        Context::Saved
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        !matches!(cmd, Cmd::Up | Cmd::Down | Cmd::PageUp | Cmd::PageDown | Cmd::First | Cmd::Last)
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        match cmd {
            Cmd::Reveal if self.shown => Some("Mask".into()),
            Cmd::Reveal => Some("Show".into()),
            _ => None,
        }
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Open | Cmd::Back => cx.pop(),
            Cmd::Reveal => self.shown = !self.shown,
            Cmd::Copy => cx.effects.push(Effect::Copy(self.code.clone())),
            _ => {}
        }
    }

    fn on_blur(&mut self) {
        self.shown = false;
    }

    fn is_in_clear(&self) -> bool {
        self.shown
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn lost_by_lock(&self) -> Option<&'static str> {
        Some(SHOWN_ONCE)
    }

    fn at_stake(&self) -> Option<&'static str> {
        Some(SHOWN_ONCE)
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let name = clean(&self.invitation.name);
        let name = short(&name);
        let mut column = Column::new(area, buf, theme);
        column.heading(&format!("The code for {name}"), "");
        let until = self.invitation.expires.date();
        column.say(
            &format!(
                "Give it to {name} by a way that nobody else reads. It is shown only now, opens one invitation once, and \
                 counts until {until}."
            ),
            theme.text(),
        );
        column.gap();
        render_groups(&mut column, &self.code, self.shown, theme);
        if !self.shown {
            let show = key(Context::Saved, Cmd::Reveal, theme);
            column.note(Note::Help(&format!("It is hidden while nobody looks. {show} shows it.")));
            column.gap();
        }
        let (accept, admit) = (key(Context::Unlock, Cmd::Accept, theme), key(Context::Members, Cmd::Admit, theme));
        column.say("What comes next", theme.strong());
        column
            .say(&format!("1. They accept: {accept} on the unlock screen, or strongroom member accept."), theme.dim());
        column.say("2. They read a fingerprint to you, face to face or on the phone.", theme.dim());
        column.say(&format!("3. You compare it and admit them: {admit} under Members."), theme.dim());
    }
}
