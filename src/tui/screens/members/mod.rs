//! Members: who is in, who is invited, who asks for what.

mod code;
mod invite;
mod matrix;
mod member;
mod regrant;
mod rotate;
mod table;
#[cfg(test)]
mod tests;
mod words;

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::organization::{
    InvitationState, InvitationView, MemberState, MemberView, OrganizationView, PermissionRequest, Role,
};
use crate::domain::{InvitationId, MemberId, RequestId};
use crate::service::{Request, Response};
use crate::tui::app::Shared;
use crate::tui::changes::when;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Effect, Lack, Layer, Nav, Tone};
use crate::tui::modals::{Confirm, Prove, Then, ask_permission, role};
use crate::tui::screens::notices;
use crate::tui::text::clean;
use crate::tui::widgets::ListState;
use crate::tui::words::{a_role, error, short};

pub use matrix::matrix;

/// A row that can be stood on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    Member(MemberId),
    Invitation(InvitationId),
    Request(RequestId),
}

/// The one that is stood on.
enum Selected<'a> {
    Member(&'a MemberView),
    Invitation(&'a InvitationView),
    Request(&'a PermissionRequest),
}

#[derive(Default)]
struct Screen {
    /// As the door told it; `None` until it is here.
    view: Option<Box<OrganizationView>>,
    at: ListState,
    error: Option<String>,
}

/// The screen, empty until the door has told of the organization.
pub fn members() -> Box<dyn Layer> {
    Box::new(Screen::default())
}

fn rows(view: &OrganizationView) -> Vec<Row> {
    let members = view.members.iter().map(|member| Row::Member(member.id));
    let invitations = view.invitations.iter().map(|invitation| Row::Invitation(invitation.id));
    members.chain(invitations).chain(view.requests.iter().map(|request| Row::Request(request.id))).collect()
}

impl Screen {
    fn rows(&self) -> Vec<Row> {
        self.view.as_deref().map_or_else(Vec::new, rows)
    }

    fn selected(&self) -> Option<Selected<'_>> {
        let view = self.view.as_ref()?;
        match self.rows().get(self.at.selected)? {
            Row::Member(id) => view.members.iter().find(|member| member.id == *id).map(Selected::Member),
            Row::Invitation(id) => view.invitations.iter().find(|one| one.id == *id).map(Selected::Invitation),
            Row::Request(id) => view.requests.iter().find(|one| one.id == *id).map(Selected::Request),
        }
    }

    /// Keeps the selection on the same row while others come and go.
    fn told(&mut self, view: Box<OrganizationView>, shared: &Shared) {
        let stood = self.rows().get(self.at.selected).copied();
        (self.view, self.error) = (Some(view), None);
        let rows = self.rows();
        self.at.set_page(table::rows_in(shared.size.1), rows.len());
        if let Some(row) = rows.iter().position(|row| Some(*row) == stood) {
            self.at.carry_to(row, rows.len());
        }
    }

    fn open(&self, cx: &mut Cx<'_>) {
        let Some(view) = &self.view else { return };
        match self.selected() {
            Some(Selected::Member(one)) => cx.navs.push(Nav::Push(member::screen(one, view))),
            Some(Selected::Invitation(one)) if is_accepted(one) => self.admit(cx),
            Some(Selected::Invitation(one)) => cx.open(withdraw(one, cx.shared)),
            Some(Selected::Request(_)) => self.admit(cx),
            None => {}
        }
    }

    /// Admits whoever accepted the invitation, or answers the request.
    fn admit(&self, cx: &mut Cx<'_>) {
        match (self.selected(), &self.view) {
            (Some(Selected::Invitation(one)), _) => cx.navs.extend(admit(one)),
            (Some(Selected::Request(one)), Some(view)) if view.me.role.manages() => {
                cx.open(answer(one, view, cx.shared));
            }
            (Some(Selected::Request(one)), Some(_)) => cx.open(take_back(one, cx.shared)),
            _ => {}
        }
    }

    fn remove(&self, cx: &mut Cx<'_>) {
        match (self.selected(), &self.view) {
            (Some(Selected::Member(one)), Some(view)) => cx.open(remove(one, view)),
            (Some(Selected::Invitation(one)), _) => cx.open(withdraw(one, cx.shared)),
            (Some(Selected::Request(_)), _) => self.admit(cx),
            _ => {}
        }
    }
}

fn is_accepted(invitation: &InvitationView) -> bool {
    matches!(invitation.state, InvitationState::Accepted { .. })
}

/// The dialog that admits whoever accepted `invitation`; none where nobody has.
fn admit(invitation: &InvitationView) -> Option<Nav> {
    let InvitationState::Accepted { fingerprint } = &invitation.state else { return None };
    let name = clean(&invitation.name).into_owned();
    let brief = short(&name);
    let sentences = vec![format!(
        "Let {brief} read the fingerprint to you, face to face or on the phone, and compare every character. If it differs, \
         somebody else holds the code."
    )];
    let request = Request::Admit { invitation: invitation.id, fingerprint: fingerprint.clone(), current: None };
    let done = format!("{brief} is {} now.", a_role(invitation.role));
    let withdrawn = format!("The invitation of {brief} is withdrawn. Find out who had the code, then invite again.");
    let dialog = Prove::new(format!("Admit {name}?"), sentences, "Admit", request, done);
    let dialog = dialog.compare(fingerprint, "Admit", "It differs", Request::Withdraw(invitation.id), withdrawn);
    Some(Nav::Open(Box::new(dialog)))
}

/// The dialog that says how far `invitation` is, and withdraws it.
fn withdraw(invitation: &InvitationView, shared: &Shared) -> Confirm {
    let name = clean(&invitation.name).into_owned();
    let how_far = match &invitation.state {
        InvitationState::Open => {
            format!("Nobody has accepted it yet; it {}.", words::expires(invitation, shared.wall))
        }
        InvitationState::Accepted { .. } => "It is accepted, and nobody is admitted yet.".to_owned(),
        InvitationState::Forged => {
            "What was handed in is not signed with the code: somebody else put it there. Find out \
                                    who can write to the vault's directory, then invite again."
                .to_owned()
        }
        InvitationState::Expired => "Its time is over. Invite again to give it another.".to_owned(),
    };
    let (made, by) = (when(invitation.made.at, shared.wall), clean(&invitation.made.by));
    let sentences =
        vec![format!("Made {made} by {}. {how_far}", short(&by)), "Withdrawn, its code opens nothing.".into()];
    let fire = Then::Fire(Effect::Ask(Request::Withdraw(invitation.id)));
    let title = format!("Invitation of {name}");
    Confirm::new(title, sentences, "Close", "Withdraw", fire)
        .done(format!("Withdrawn: the invitation of {}", short(&name)))
}

/// The dialog that answers a request.
fn answer(request: &PermissionRequest, view: &OrganizationView, shared: &Shared) -> Confirm {
    let (name, wanted) = (words::name(request.member, view), words::wanted(request, shared));
    let brief = short(&name);
    let all = if request.secret.is_none() { ", also with those that are registered later" } else { "" };
    let sentences = vec![
        format!("Asked {}.", when(request.at, shared.wall)),
        format!("Granted, {brief} may {wanted}{all}, until somebody takes it back."),
    ];
    let answered = |grant| Then::Fire(Effect::Ask(Request::AnswerRequest { id: request.id, grant }));
    Confirm::new(format!("{brief} asks to {wanted}"), sentences, "Later", "Decline", answered(false))
        .done(format!("Declined: {brief} may not {wanted}"))
        .or("Grant", answered(true))
        .done(format!("Granted: {brief} may {wanted}"))
}

/// The dialog that takes one's own request off the list.
fn take_back(request: &PermissionRequest, shared: &Shared) -> Confirm {
    let wanted = words::wanted(request, shared);
    let asked =
        format!("You asked {}. Account Holders and Managers see it under Members.", when(request.at, shared.wall));
    let fire = Then::Fire(Effect::Ask(Request::AnswerRequest { id: request.id, grant: false }));
    Confirm::new(format!("You ask to {wanted}"), vec![asked], "Keep asking", "Take it back", fire).done("Taken back.")
}

/// The dialog that removes `member`, and goes on to what to rotate.
fn remove(member: &MemberView, view: &OrganizationView) -> Prove {
    let name = clean(&member.name).into_owned();
    let me = member.id == view.me.member;
    let who = if me { "You open".to_owned() } else { format!("{} opens", short(&name)) };
    let mut sentences = vec![format!("{who} nothing from then on. Every secret is sealed again under a new key.")];
    match member.personal {
        0 => {}
        1 => sentences.push("1 personal secret is deleted: nobody else can read it.".to_owned()),
        count => sentences.push(format!("{count} personal secrets are deleted: nobody else can read them.")),
    }
    let request = Request::RemoveMember { member: member.id, current: None };
    let done = format!("Removed {}; the vault is sealed under a new key.", short(&name));
    Prove::new(format!("Remove {name}?"), sentences, "Remove", request, done).type_name(&member.name).then(removed)
}

fn removed(response: Response, cx: &mut Cx<'_>) {
    if let Response::MemberRemoved { to_rotate } = response {
        cx.navs.push(Nav::Push(rotate::screen(to_rotate)));
    }
}

/// What lacks whoever is in to change something about `member`.
fn lacks_over(member: &MemberView, view: &OrganizationView) -> Option<Lack> {
    match (view.me.role, member.role) {
        (Role::Member, _) => Some(Lack::Role),
        (Role::AccountManager, Role::AccountHolder) => Some(Lack::Holder),
        _ => None,
    }
}

/// Why `cmd` cannot be done now, if it is one that changes the organization.
fn why_not(cmd: Cmd, shared: &Shared) -> Option<String> {
    let changes = matches!(
        cmd,
        Cmd::Invite | Cmd::Admit | Cmd::ChangeRole | Cmd::BindUser | Cmd::Remove | Cmd::AskPermission | Cmd::Open
    );
    (changes && shared.is_read_only()).then(|| notices::read_only(shared))
}

impl Layer for Screen {
    fn crumb(&self) -> Cow<'_, str> {
        "Members".into()
    }

    fn context(&self) -> Context {
        Context::Members
    }

    fn offers(&self, cmd: Cmd, shared: &Shared) -> bool {
        let selected = self.selected();
        let here = self.view.is_some() && shared.writable();
        let managed = self.view.as_ref().is_some_and(|view| view.me.role.manages());
        match (cmd, &selected) {
            (Cmd::Invite, _) => here,
            // Who may do everything has nothing to ask for.
            (Cmd::AskPermission, _) => here && !managed,
            (Cmd::Admit, Some(Selected::Invitation(one))) => here && is_accepted(one),
            (Cmd::Admit, Some(Selected::Request(_))) => here && managed,
            (Cmd::ChangeRole | Cmd::Remove, Some(Selected::Member(one))) => here && one.state == MemberState::Active,
            (Cmd::Remove, Some(_)) => here,
            (Cmd::Admit | Cmd::ChangeRole | Cmd::Remove, _) | (Cmd::Members, _) => false,
            (Cmd::Open, Some(Selected::Member(_))) => true,
            (Cmd::Open, selected) => here && selected.is_some(),
            _ => true,
        }
    }

    fn why_not(&self, cmd: Cmd, shared: &Shared) -> Option<String> {
        why_not(cmd, shared)
    }

    fn lacks(&self, cmd: Cmd, _shared: &Shared) -> Option<Lack> {
        let view = self.view.as_ref()?;
        let role = (!view.me.role.manages()).then_some(Lack::Role);
        match (cmd, self.selected()) {
            (Cmd::Invite, _) => role,
            (Cmd::Admit | Cmd::Remove | Cmd::Open, Some(Selected::Invitation(_))) => role,
            (Cmd::ChangeRole | Cmd::Remove, Some(Selected::Member(one))) => lacks_over(one, view),
            _ => None,
        }
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        let managed = self.view.as_ref().is_some_and(|view| view.me.role.manages());
        match (cmd, self.selected()?) {
            (Cmd::Admit, Selected::Request(_)) => Some("Answer".into()),
            (Cmd::Remove, Selected::Invitation(_)) => Some("Withdraw".into()),
            (Cmd::Remove, Selected::Request(_)) if managed => Some("Decline".into()),
            (Cmd::Remove, Selected::Request(_)) => Some("Take back".into()),
            _ => None,
        }
    }

    fn on_enter(&mut self, cx: &mut Cx<'_>) {
        cx.ask(Request::Organization);
    }

    fn on_return(&mut self, cx: &mut Cx<'_>) {
        cx.ask(Request::Organization);
    }

    fn on_organization(&mut self, cx: &mut Cx<'_>) {
        cx.ask(Request::Organization);
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.pop(),
            Cmd::Open => self.open(cx),
            Cmd::Admit => self.admit(cx),
            Cmd::Remove => self.remove(cx),
            Cmd::Invite => cx.navs.extend(self.view.as_ref().map(|view| Nav::Push(invite::form(view.me.role)))),
            Cmd::AskPermission => cx.navs.extend(cx.shared.rights().map(|me| Nav::Open(ask_permission(me)))),
            Cmd::ChangeRole => {
                if let (Some(Selected::Member(one)), Some(view)) = (self.selected(), &self.view) {
                    cx.navs.push(Nav::Open(role(one, &view.me)));
                }
            }
            _ => drop(self.at.on_cmd(cmd, table::rows_in(cx.shared.size.1), self.rows().len())),
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        match answer {
            Ok(Response::Organization(view)) => self.told(view, cx.shared),
            Ok(_) => {}
            Err(why) if self.view.is_none() => self.error = Some(error(&why)),
            Err(why) => cx.toast(Tone::Bad, error(&why)),
        }
    }

    fn on_resize(&mut self, _columns: u16, terminal_rows: u16) {
        let len = self.rows().len();
        self.at.set_page(table::rows_in(terminal_rows), len);
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        table::render(area, buf, self, shared);
    }
}
