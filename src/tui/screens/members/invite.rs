//! Invites somebody: name, role, Unix user, for how many days.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::code;
use crate::domain::SecretBytes;
use crate::domain::organization::{Role, Unlawful};
use crate::domain::text::check_name;
use crate::service::{DoorError, Request, Response};
use crate::tui::app::Shared;
use crate::tui::input::{Code, Key};
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Layer, Nav};
use crate::tui::modals::{Confirm, Then};
use crate::tui::text::clean;
use crate::tui::theme::Theme;
use crate::tui::widgets::{Column, Note, TextInput};
use crate::tui::words;

const NAME: usize = 0;
const ROLE: usize = 1;
const UID: usize = 2;
const DAYS: usize = 3;
/// The keys of the door's refusals, the labels, and what is said of each while one is at it.
const FIELDS: [(&str, &str, &str); 4] = [
    ("name", "Name", "As the others shall see it; unique in the organization."),
    ("role", "Role", ""),
    (
        "uid",
        "Unix user (optional)",
        "The number of their user on this machine (id -u): at an agent for the whole system they need not say who they are.",
    ),
    ("days", "Days that the invitation counts", "1 to 365. Until then it has to be accepted and admitted."),
];
/// An invitation counts for so long unless something else is said.
const USUAL_DAYS: &str = "7";
const MAX_DAYS: u16 = 365;

struct Invite {
    /// The roles that can be given away.
    roles: &'static [Role],
    role: usize,
    inputs: [TextInput; FIELDS.len()],
    focus: usize,
    wrong: Option<(usize, String)>,
    error: Option<String>,
    working: bool,
}

/// The form, filled in by whoever has the role `mine`.
pub(super) fn form(mine: Role) -> Box<dyn Layer> {
    let roles: &[Role] = match mine {
        Role::AccountHolder => &[Role::Member, Role::AccountManager, Role::AccountHolder],
        _ => &[Role::Member, Role::AccountManager],
    };
    let mut inputs: [TextInput; FIELDS.len()] = Default::default();
    inputs[DAYS] = TextInput::new(USUAL_DAYS);
    Box::new(Invite { roles, role: 0, inputs, focus: NAME, wrong: None, error: None, working: false })
}

/// What a role is, in a sentence.
fn about(role: Role) -> &'static str {
    match role {
        Role::AccountHolder => "May do everything, as you do.",
        Role::AccountManager => "Has all secrets, and all members but the Account Holders.",
        Role::Member => "Has what is granted, secret by secret or for all.",
    }
}

impl Invite {
    fn is_changed(&self) -> bool {
        let typed = |field: usize| !self.inputs[field].text().is_empty();
        typed(NAME) || typed(UID) || self.role > 0 || self.inputs[DAYS].text() != USUAL_DAYS
    }

    fn text(&self, field: usize) -> &str {
        self.inputs[field].text().trim()
    }

    fn complain(&mut self, field: usize, text: impl Into<String>) -> Option<Request> {
        (self.wrong, self.focus) = (Some((field, text.into())), field);
        None
    }

    /// What is asked of the door; `None` when something is wrong, which the field then says.
    fn request(&mut self) -> Option<Request> {
        if let Err(wrong) = check_name(self.text(NAME)) {
            return self.complain(NAME, words::capital(&format!("{wrong}.")));
        }
        let uid = match self.text(UID) {
            "" => None,
            text => match text.parse() {
                Ok(uid) => Some(uid),
                Err(_) => return self.complain(UID, "Write a whole number, or leave it empty."),
            },
        };
        let days = self.text(DAYS).parse().ok().filter(|days| (1..=MAX_DAYS).contains(days));
        let Some(days) = days else { return self.complain(DAYS, format!("Write a number from 1 to {MAX_DAYS}.")) };
        Some(Request::Invite { name: self.text(NAME).into(), role: self.roles[self.role], uid, days })
    }

    fn submit(&mut self, cx: &mut Cx<'_>) {
        (self.wrong, self.error) = (None, None);
        if let Some(request) = self.request() {
            self.working = true;
            cx.ask(request);
        }
    }

    fn step(&mut self, forward: bool) {
        let step = if forward { 1 } else { FIELDS.len() - 1 };
        self.focus = (self.focus + step) % FIELDS.len();
    }

    fn turn(&mut self, forward: bool) {
        let step = if forward { 1 } else { self.roles.len() - 1 };
        self.role = (self.role + step) % self.roles.len();
    }

    fn back(&self, cx: &mut Cx<'_>) {
        if !self.is_changed() {
            return cx.pop();
        }
        let sentence = "Nobody is invited yet. Leaving discards what you have typed.".to_owned();
        cx.open(Confirm::new(
            "Discard this invitation?",
            vec![sentence],
            "Keep editing",
            "Discard",
            Then::Leave(cx.me),
        ));
    }

    fn refused(&mut self, error: &DoorError) {
        let field = match error {
            DoorError::Invalid { field, .. } => FIELDS.iter().position(|(key, ..)| **key == **field),
            DoorError::Unlawful(Unlawful::NameTaken | Unlawful::BadName) => Some(NAME),
            DoorError::Unlawful(Unlawful::UidTaken) => Some(UID),
            _ => None,
        };
        let text = match error {
            DoorError::Invalid { cause, .. } => cause.to_string(),
            other => words::error(other),
        };
        match field {
            Some(field) => drop(self.complain(field, text)),
            None => self.error = Some(text),
        }
    }

    /// `(•) Member   ( ) Account Manager`.
    fn render_roles(&self, row: Rect, buf: &mut Buffer, focused: bool, theme: Theme) {
        let mut x = row.x;
        for (i, role) in self.roles.iter().enumerate() {
            let chosen = i == self.role;
            let mark = if chosen { theme.either("(•)", "(*)") } else { "( )" };
            let style = if focused && chosen { theme.accent() } else { theme.text() };
            let room = usize::from(row.right().saturating_sub(x));
            (x, _) = buf.set_stringn(x, row.y, format!("{mark} {}   ", role.label()), room, style);
        }
    }
}

impl Layer for Invite {
    fn crumb(&self) -> Cow<'_, str> {
        "Invite".into()
    }

    fn context(&self) -> Context {
        Context::Form
    }

    fn offers(&self, cmd: Cmd, shared: &Shared) -> bool {
        match cmd {
            Cmd::Generate | Cmd::PickFile | Cmd::RemoveRow | Cmd::ShowSecret => false,
            Cmd::Submit => !self.working && shared.writable(),
            _ => true,
        }
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        (cmd == Cmd::Submit).then(|| "Invite".into())
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            _ if self.working => {}
            Cmd::Back => self.back(cx),
            Cmd::NextField | Cmd::Down => self.step(true),
            Cmd::PrevField | Cmd::Up => self.step(false),
            Cmd::Open if self.focus < DAYS => self.step(true),
            Cmd::Open | Cmd::Submit if cx.shared.writable() => self.submit(cx),
            _ => {}
        }
    }

    fn on_key(&mut self, key: Key, _cx: &mut Cx<'_>) {
        match (self.focus, key.code) {
            _ if self.working => {}
            (ROLE, Code::Left) => self.turn(false),
            (ROLE, Code::Right | Code::Char(' ')) => self.turn(true),
            (ROLE, _) => {}
            (field, _) if self.inputs[field].on_key(key) => self.wrong = None,
            _ => {}
        }
    }

    fn on_paste(&mut self, paste: SecretBytes, _cx: &mut Cx<'_>) {
        if !self.working && self.focus != ROLE {
            self.inputs[self.focus].insert(paste.expose_text().unwrap_or_default());
            self.wrong = None;
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        self.working = false;
        match answer {
            Ok(Response::Invited { invitation, code }) => {
                cx.close();
                cx.navs.push(Nav::Replace(code::screen(invitation, code)));
            }
            Ok(_) => {}
            Err(error) => self.refused(&error),
        }
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn at_stake(&self) -> Option<&'static str> {
        self.is_changed().then_some("Nobody is invited yet. Quitting discards what you have typed.")
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let mut column = Column::new(area, buf, theme);
        column.heading("Invite somebody", "");
        match &self.error {
            Some(error) => column.note(Note::Error(&clean(error))),
            None if self.working => column.say(&format!("Making the code{}", theme.ellipsis()), theme.dim()),
            None => column.say("They choose their own passphrase, which nobody else ever learns.", theme.dim()),
        }
        column.gap();
        // Where there is not enough room, those before the one that is filled in make way.
        let first = if column.is_roomy() { 0 } else { self.focus.saturating_sub(1) };
        for (i, (_, label, help)) in FIELDS.iter().enumerate().skip(first) {
            let focused = i == self.focus && !self.working;
            column.field(label, focused, |row, buf| match i {
                ROLE => self.render_roles(row, buf, focused, theme),
                _ => self.inputs[i].render(row, buf, focused, theme),
            });
            let help = if i == ROLE { about(self.roles[self.role]) } else { help };
            match &self.wrong {
                Some((field, error)) if *field == i => column.note(Note::Error(&clean(error))),
                _ if focused => column.note(Note::Help(help)),
                _ => {}
            }
        }
    }
}
