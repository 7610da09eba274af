//! Not permitted: what is missing, who can grant it, and a button that asks for it.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::organization::{MemberState, OrganizationView, Permission, Role};
use crate::domain::{SecretId, Timestamp};
use crate::service::{Request, Response};
use crate::tui::app::Shared;
use crate::tui::changes::when;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Lack, Layer, Tone};
use crate::tui::text::{clean, wrap};
use crate::tui::widgets::{Buttons, dialog_box};
use crate::tui::words;

/// Width of the dialog, borders included.
const WIDTH: u16 = 66;

/// Who can grant it, or do it.
enum WhoCan {
    /// It has been asked for.
    Waiting,
    /// Their names.
    Told(Vec<Box<str>>),
    /// Why it cannot be told.
    Unknown(String),
    /// Nobody but the owner, who has been named.
    Owner,
}

struct NotPermitted {
    title: String,
    why: String,
    who_can: WhoCan,
    /// What can be asked for.
    wanted: Option<(Permission, Option<SecretId>)>,
    /// Account Holders alone can do it.
    holders: bool,
    /// It has been asked for already.
    asked: Option<Timestamp>,
    buttons: Buttons,
    working: bool,
    error: Option<String>,
}

/// The dialog that says what is lacking.
pub fn not_permitted(lack: Lack) -> Box<dyn Layer> {
    let holders = lack == Lack::Holder;
    let who_can = if matches!(lack, Lack::Personal(_)) { WhoCan::Owner } else { WhoCan::Waiting };
    let (title, why, wanted) = match lack {
        Lack::Permission(permission, secret) => {
            let name = secret.as_ref().map(|(_, name)| clean(name).into_owned());
            let what = name.as_deref().unwrap_or("secrets of the organization");
            let for_what = if secret.is_some() { "for this secret or for all" } else { "for all secrets" };
            let why = format!("It takes the permission {}, {for_what}.", permission.label());
            (format!("You may not {} {what}", permission.word()), why, Some((permission, secret.map(|(id, _)| id))))
        }
        Lack::Personal(owner) => {
            let why = format!("It is personal: in the profile of {}, and sealed to nobody else.", clean(&owner));
            ("You may not do that".to_owned(), why, None)
        }
        Lack::Role => {
            let why = "It takes an Account Holder or an Account Manager.".to_owned();
            ("You may not do that".to_owned(), why, None)
        }
        Lack::Holder => ("You may not do that".to_owned(), "What concerns Account Holders takes one.".to_owned(), None),
    };
    Box::new(NotPermitted {
        title,
        why,
        who_can,
        buttons: buttons(wanted.is_some()),
        wanted,
        holders,
        asked: None,
        working: false,
        error: None,
    })
}

/// The same after the door has refused `act`, such as `reveal deploy-token`.
pub fn refused(
    act: &str,
    permission: Option<Permission>,
    secret: Option<SecretId>,
    who_can: Vec<Box<str>>,
) -> Box<dyn Layer> {
    let why = match permission {
        Some(permission) => format!("It takes the permission {}.", permission.label()),
        None => "It takes an Account Holder or an Account Manager.".to_owned(),
    };
    let wanted = permission.map(|permission| (permission, secret));
    Box::new(NotPermitted {
        title: format!("You may not {}", clean(act)),
        why,
        who_can: WhoCan::Told(who_can),
        buttons: buttons(wanted.is_some()),
        wanted,
        holders: false,
        asked: None,
        working: false,
        error: None,
    })
}

fn buttons(can_be_asked_for: bool) -> Buttons {
    if can_be_asked_for { Buttons::new(["Close", "Request permission"]) } else { Buttons::new(["Close"]) }
}

/// `Ada Park`, `Ada Park or Ben Okafor`, `Ada Park, Ben Okafor or 3 others`.
fn names(who: &[Box<str>]) -> String {
    let name = |at: usize| words::short(&clean(&who[at])).into_owned();
    match who.len() {
        0 => "Nobody".to_owned(),
        1 => name(0),
        2 => format!("{} or {}", name(0), name(1)),
        3 => format!("{}, {} or {}", name(0), name(1), name(2)),
        more => format!("{}, {} or {} others", name(0), name(1), more - 2),
    }
}

impl NotPermitted {
    fn told(&mut self, view: &OrganizationView) {
        let can = |role: Role| role == Role::AccountHolder || role.manages() && !self.holders;
        let who = view.members.iter().filter(|one| one.state == MemberState::Active && can(one.role));
        self.who_can = WhoCan::Told(who.map(|one| one.name.clone()).collect());
        let same = |id: &Option<SecretId>, permission| self.wanted == Some((permission, *id));
        let mine = view.requests.iter().find(|r| r.member == view.me.member && same(&r.secret, r.permission));
        self.asked = mine.map(|request| request.at);
        if self.asked.is_some() {
            self.buttons = buttons(false);
        }
    }

    fn who(&self, shared: &Shared) -> String {
        let verb = if self.wanted.is_some() { "grant it" } else { "do it" };
        match &self.who_can {
            WhoCan::Owner => String::new(),
            WhoCan::Waiting => format!("Looking who can {verb}{}", shared.theme.ellipsis()),
            WhoCan::Told(who) => format!("{} can {verb}.", names(who)),
            WhoCan::Unknown(why) => format!("Who can {verb} cannot be told: {why}"),
        }
    }

    fn press(&mut self, cx: &mut Cx<'_>) {
        match self.wanted {
            Some((permission, secret)) if self.buttons.focus() > 0 => {
                (self.working, self.error) = (true, None);
                cx.ask(Request::AskPermission { permission, secret });
            }
            _ => cx.close(),
        }
    }
}

impl Layer for NotPermitted {
    fn context(&self) -> Context {
        Context::Dialog
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        match cmd {
            Cmd::NextField | Cmd::PrevField => self.buttons.last() > 0 && !self.working,
            Cmd::Up | Cmd::Down => false,
            Cmd::Open | Cmd::Back => !self.working,
            _ => true,
        }
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        (cmd == Cmd::Back).then(|| "Close".into())
    }

    fn on_enter(&mut self, cx: &mut Cx<'_>) {
        if !matches!(self.who_can, WhoCan::Owner) {
            cx.ask(Request::Organization);
        }
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.close(),
            Cmd::Open => self.press(cx),
            _ => drop(self.buttons.move_by(cmd)),
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        match answer {
            Ok(Response::Organization(view)) => self.told(&view),
            Ok(Response::Asked(_)) => {
                cx.close();
                cx.toast(Tone::Good, "Asked: Account Holders and Managers see it under Members.");
            }
            Ok(_) => {}
            Err(error) if self.working => (self.working, self.error) = (false, Some(words::error(&error))),
            Err(error) if matches!(self.who_can, WhoCan::Waiting) => {
                self.who_can = WhoCan::Unknown(words::error(&error));
            }
            // What the refusal itself named will do.
            Err(_) => {}
        }
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let width = WIDTH.min(area.width.saturating_sub(4));
        let room = usize::from(width.saturating_sub(4));
        let asked = self.asked.map(|at| format!("You asked for it {}.", when(at, shared.wall)));
        let said = [self.why.clone(), self.who(shared), asked.unwrap_or_default()];
        let said = said.iter().filter(|text| !text.is_empty());
        let mut lines: Vec<_> = said.flat_map(|text| wrap(text, room)).map(|line| (line, theme.text())).collect();
        let error = self.error.iter().flat_map(|text| wrap(&clean(text), room));
        lines.extend(error.map(|line| (line, theme.bad())));
        let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
        let inner = dialog_box(area, buf, &self.title, width, height, theme);
        for ((line, style), y) in lines.iter().zip(inner.y..inner.bottom().saturating_sub(1)) {
            buf.set_stringn(inner.x, y, line, room, *style);
        }
        let last = Rect { y: inner.bottom().saturating_sub(1), height: 1, ..inner };
        if self.working {
            buf.set_stringn(last.x, last.y, format!("Asking{}", theme.ellipsis()), room, theme.dim());
        } else {
            self.buttons.render(last, buf, true, theme);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_few_names_are_named_and_of_many_the_first() {
        let who: Vec<Box<str>> = ["Ada", "Ben", "Carla", "Dan"].map(Into::into).to_vec();
        assert_eq!((names(&[]), names(&who[..1])), ("Nobody".to_owned(), "Ada".to_owned()));
        assert_eq!((names(&who[..2]), names(&who[..3])), ("Ada or Ben".to_owned(), "Ada, Ben or Carla".to_owned()));
        assert_eq!(names(&who), "Ada, Ben or 2 others");
    }
}
