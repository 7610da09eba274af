//! Two short lists of the organization: which role a member shall have, and which permission one asks for.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Prove;
use crate::domain::organization::{MemberView, Permission, Reach, Rights, Role};
use crate::service::{Request, Response};
use crate::tui::app::Shared;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Layer, Tone};
use crate::tui::text::{clean, fit};
use crate::tui::widgets::{ListState, dialog_box, list_row};
use crate::tui::words;

/// Width of the lists, borders included.
const WIDTH: u16 = 62;
/// Where what is said beside an entry begins.
const NOTE: u16 = 20;

struct ChooseRole {
    member: MemberView,
    /// Whether it is the one who asks.
    me: bool,
    at: ListState,
}

/// The list of roles that `member` can have; `me` is who asks.
pub fn role(member: &MemberView, me: &Rights) -> Box<dyn Layer> {
    let mut at = ListState::default();
    at.select(Role::ALL.iter().position(|role| *role == member.role).unwrap_or(0), Role::ALL.len());
    Box::new(ChooseRole { member: member.clone(), me: member.id == me.member, at })
}

fn about(role: Role) -> &'static str {
    match role {
        Role::AccountHolder => "everything",
        Role::AccountManager => "all secrets, all members but Holders",
        Role::Member => "what is granted",
    }
}

/// What follows, in sentences.
fn follows(member: &MemberView, role: Role, me: bool) -> Vec<String> {
    let name = clean(&member.name);
    let name = words::short(&name);
    let sealed = "Every secret is sealed again under a new key.".to_owned();
    match role {
        Role::AccountHolder => vec![
            format!("{name} may do everything from then on, and gets the keys of all secrets of the organization."),
            "To hand your own role over, change it afterwards.".to_owned(),
        ],
        Role::AccountManager if member.role == Role::Member => vec![format!(
            "{name} gets all secrets of the organization, and may invite, admit and remove members, but no Account Holder."
        )],
        _ if me => vec![
            format!(
                "You are {} no longer, and cannot take that back: another Account Holder can.",
                member.role.label()
            ),
            sealed,
        ],
        Role::AccountManager => {
            vec![format!("{name} keeps all secrets, and may change nothing about Account Holders any more."), sealed]
        }
        Role::Member => vec![
            format!("{name} may do no more than is granted, which is nothing at first; personal secrets stay."),
            sealed,
        ],
    }
}

impl ChooseRole {
    fn choose(&self, cx: &mut Cx<'_>) {
        let role = Role::ALL[self.at.selected];
        let name = clean(&self.member.name).into_owned();
        if role == self.member.role {
            cx.close();
            return cx.toast(Tone::Good, format!("{} is {} already.", words::short(&name), words::a_role(role)));
        }
        let request = Request::ChangeRole { member: self.member.id, role, current: None };
        let title = format!("Make {name} {}?", words::a_role(role));
        let done = format!("{} is {} now.", words::short(&name), words::a_role(role));
        cx.open(Prove::new(title, follows(&self.member, role, self.me), "Change role", request, done));
    }
}

impl Layer for ChooseRole {
    fn context(&self) -> Context {
        Context::Choice
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        cmd != Cmd::Toggle
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.close(),
            Cmd::Open => self.choose(cx),
            _ => drop(self.at.on_cmd(cmd, Role::ALL.len(), Role::ALL.len())),
        }
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let title = format!("Role of {}", clean(&self.member.name));
        let note = |role: &Role| {
            let now = if *role == self.member.role { " (now)" } else { "" };
            format!("{}{now}", about(*role))
        };
        let entries = Role::ALL.iter().map(|role| (role.label(), note(role)));
        list(area, buf, &title, entries.collect(), "", self.at, shared);
    }
}

struct AskFor {
    rights: Rights,
    at: ListState,
    working: bool,
}

/// The list of permissions that can be asked for, for all secrets.
pub fn ask_permission(rights: &Rights) -> Box<dyn Layer> {
    Box::new(AskFor { rights: rights.clone(), at: ListState::default(), working: false })
}

impl Layer for AskFor {
    fn context(&self) -> Context {
        Context::Choice
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        cmd != Cmd::Toggle && !(cmd == Cmd::Open && self.working)
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        (cmd == Cmd::Open).then(|| "Ask for it".into())
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.close(),
            Cmd::Open => {
                self.working = true;
                cx.ask(Request::AskPermission { permission: Permission::ALL[self.at.selected], secret: None });
            }
            _ => drop(self.at.on_cmd(cmd, Permission::ALL.len(), Permission::ALL.len())),
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        cx.close();
        match answer {
            Ok(Response::Asked(_)) => cx.toast(Tone::Good, "Asked: Account Holders and Managers see it here."),
            Ok(_) => {}
            Err(error) => cx.toast(Tone::Bad, words::error(&error)),
        }
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let note = |permission: &Permission| match self.rights.grants.reach(*permission) {
            None => String::new(),
            Some(Reach::All) => "yours, for all secrets".to_owned(),
            Some(Reach::Named(ids)) if ids.len() == 1 => "yours, for 1 secret".to_owned(),
            Some(Reach::Named(ids)) => format!("yours, for {} secrets", ids.len()),
        };
        let entries = Permission::ALL.iter().map(|permission| (permission.label(), note(permission)));
        let help = "For one secret alone, try it there: you are asked.";
        list(area, buf, "Ask for which, for all secrets?", entries.collect(), help, self.at, shared);
    }
}

/// Entries with a note beside each, and a line of help under them.
fn list(
    area: Rect,
    buf: &mut Buffer,
    title: &str,
    entries: Vec<(&str, String)>,
    help: &str,
    at: ListState,
    shared: &Shared,
) {
    let theme = shared.theme;
    let below = if help.is_empty() { 0 } else { 2 };
    let rows = u16::try_from(entries.len()).unwrap_or(0);
    let inner = dialog_box(area, buf, title, WIDTH, rows + below + 2, theme);
    for ((i, (label, note)), y) in entries.iter().enumerate().zip(inner.y..inner.bottom()) {
        let row = Rect { y, height: 1, width: NOTE.min(inner.width), ..inner };
        list_row(row, buf, label, i == at.selected, theme.text(), theme);
        let room = usize::from(inner.right().saturating_sub(row.right()));
        buf.set_stringn(row.right(), y, fit(note, room, theme.ellipsis()), room, theme.dim());
    }
    if below > 0 && inner.height > rows {
        let y = inner.bottom().saturating_sub(1);
        buf.set_stringn(inner.x, y, fit(help, inner.width.into(), theme.ellipsis()), inner.width.into(), theme.dim());
    }
}
