//! Whose the new secret will be: the organization's, or one's own.

use super::Screen;
use super::focus::Focus;
use super::render::{LEFT, Page};
use crate::domain::organization::Permission;
use crate::domain::{Header, MemberId, Scope};
use crate::form::Mode;
use crate::tui::app::Shared;
use crate::tui::layer::{Cx, Lack, Nav};
use crate::tui::modals::not_permitted;

/// Where the choice begins.
const AT: u16 = LEFT + 8;
const PERSONAL: &str = "Space changes it. Sealed to you alone, to no Account Holder either.";
const ORGANIZATION: &str = "Space changes it. Whoever is permitted may use it; managers grant that.";
/// Said to somebody who may not register for the organization.
const ALONE: &str = "For the organization, it takes the permission Register.";

/// What a new secret is unless something else is chosen: the organization's, where one may register such.
pub(super) fn first(shared: &Shared) -> Scope {
    let may = shared.rights().is_none_or(|rights| rights.may_register(Scope::Organization));
    if may { Scope::Organization } else { Scope::Personal }
}

/// In which list of names the secret stands: that of the organization, or of its owner.
pub(super) fn of(header: &Header) -> Option<MemberId> {
    (header.scope == Scope::Personal).then_some(header.owner)
}

impl Screen {
    /// In which list of names this one will stand; `None` when nobody is in to say.
    pub(super) fn whose(&self, shared: &Shared) -> Option<Option<MemberId>> {
        match (self.form.mode(), self.form.scope()) {
            (Mode::Edit(header), _) => Some(of(header)),
            (Mode::Register, Scope::Organization) => Some(None),
            (Mode::Register, Scope::Personal) => shared.rights().map(|rights| Some(rights.member)),
        }
    }

    /// To the other scope; one that may not be chosen says what is missing.
    pub(super) fn turn_scope(&mut self, cx: &mut Cx<'_>) {
        let other = match self.form.scope() {
            Scope::Organization => Scope::Personal,
            Scope::Personal => Scope::Organization,
        };
        if cx.shared.rights().is_some_and(|rights| rights.may_register(other)) {
            self.form.choose_scope(other);
        } else {
            cx.navs.push(Nav::Open(not_permitted(Lack::Permission(Permission::Register, None))));
        }
    }
}

/// Draws the choice above the fields; that of a secret that is there is none.
pub(super) fn draw(page: &mut Page, screen: &Screen, shared: &Shared) {
    if screen.is_edit() {
        return;
    }
    let theme = shared.theme;
    let focused = screen.focus == Focus::Scope;
    let start = page.y;
    let permitted = first(shared) == Scope::Organization;
    if focused {
        page.put(LEFT - 2, theme.mark(), theme.accent());
    }
    page.put(LEFT, "Scope", if focused { theme.accent() } else { theme.text() });
    let mut x = AT;
    for (scope, label) in [(Scope::Organization, "Organization"), (Scope::Personal, "Personal, in your profile alone")]
    {
        let chosen = screen.form.scope() == scope;
        let mark = if chosen { theme.either("(•)", "(*)") } else { "( )" };
        let style = match chosen {
            true if focused => theme.accent(),
            _ if scope == Scope::Organization && !permitted => theme.dim(),
            _ => theme.text(),
        };
        x = page.put(x, &format!("{mark} {label}"), style) + 3;
    }
    page.y += 1;
    if focused {
        let help = match screen.form.scope() {
            _ if !permitted => ALONE,
            Scope::Personal => PERSONAL,
            Scope::Organization => ORGANIZATION,
        };
        page.line(help, theme.dim(), theme);
        page.focus = start..page.y;
        page.cursor = start;
    }
    page.y += 1;
}
