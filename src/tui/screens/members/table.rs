//! Draws the members, the invitations and the requests, a section each.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Screen, words};
use crate::domain::organization::{InvitationView, MemberState, MemberView, OrganizationView, PermissionRequest};
use crate::tui::app::{Shared, body_rows};
use crate::tui::changes::when;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::text::{clean, fit, wrap};
use crate::tui::theme::Theme;
use crate::tui::widgets::list_row;
use crate::tui::words::key;

/// Rows above the sections: counts, the fingerprint, a blank one.
const ABOVE: u16 = 3;
/// Cells of a role, of what is said of the state, and of the Unix user.
const ROLE: u16 = 15;
const STATE: u16 = 20;
const UID: u16 = 9;
/// Cells of how many personal secrets there are, in brief and in full.
const PERSONAL: [u16; 2] = [10, 19];
/// A name has at most so many cells.
const NAME: u16 = 32;

/// One line of the sections.
enum Line<'a> {
    Heading(&'static str),
    Blank,
    Said(String),
    Member(&'a MemberView),
    Invitation(&'a InvitationView),
    Request(&'a PermissionRequest),
}

impl Line<'_> {
    fn can_be_stood_on(&self) -> bool {
        matches!(self, Self::Member(_) | Self::Invitation(_) | Self::Request(_))
    }
}

/// How many lines are in view on a terminal of `terminal_rows` rows.
pub(super) fn rows_in(terminal_rows: u16) -> usize {
    usize::from(body_rows(terminal_rows).saturating_sub(ABOVE)).max(1)
}

/// Draws counts, fingerprint and sections.
pub(super) fn render(area: Rect, buf: &mut Buffer, screen: &Screen, shared: &Shared) {
    let theme = shared.theme;
    let Some(view) = &screen.view else { return nothing(area, buf, screen.error.as_deref(), theme) };
    top(area, buf, view, screen.at.selected, theme);
    let body = Rect { y: area.y + ABOVE, height: area.height.saturating_sub(ABOVE), ..area };
    let lines = lines(view, usize::from(area.width.saturating_sub(6)), theme, shared.writable());
    let stands = stands_at(&lines, screen.at.selected);
    let page = usize::from(body.height).max(1);
    let first = if screen.at.selected == 0 { 0 } else { (stands + 1).saturating_sub(page) };
    // As little as possible is out of view above the line that is stood on, and the end when there is room for it.
    let first = first.max(screen.at.top.min(stands)).min(lines.len().saturating_sub(page));
    for (y, (i, line)) in (body.y..body.bottom()).zip(lines.iter().enumerate().skip(first)) {
        draw(Rect { y, height: 1, ..body }, buf, line, i == stands, view, shared);
    }
}

/// The line that is stood on.
fn stands_at(lines: &[Line<'_>], selected: usize) -> usize {
    let rows = lines.iter().enumerate().filter(|(_, line)| line.can_be_stood_on());
    rows.map(|(at, _)| at).nth(selected).unwrap_or(0)
}

fn lines<'a>(view: &'a OrganizationView, room: usize, theme: Theme, writable: bool) -> Vec<Line<'a>> {
    let mut lines = vec![Line::Heading("Members")];
    lines.extend(view.members.iter().map(Line::Member));
    let managed = view.me.role.manages();
    let say = |lines: &mut Vec<Line<'a>>, text: &str| lines.extend(wrap(text, room).into_iter().map(Line::Said));
    let named = |cmd| key(Context::Members, cmd, theme);
    if managed || !view.invitations.is_empty() {
        lines.extend([Line::Blank, Line::Heading("Invitations")]);
        lines.extend(view.invitations.iter().map(Line::Invitation));
    }
    if managed && view.invitations.is_empty() {
        let how = if writable { format!(" {} invites somebody.", named(Cmd::Invite)) } else { String::new() };
        say(&mut lines, &format!("Nobody is invited.{how}"));
    }
    lines.extend([Line::Blank, Line::Heading(if managed { "Requests" } else { "What you ask for" })]);
    lines.extend(view.requests.iter().map(Line::Request));
    if view.requests.is_empty() {
        let none = match managed {
            true => "Nobody asks for a permission.".to_owned(),
            false => format!("Nothing. {} asks for a permission.", named(Cmd::AskPermission)),
        };
        say(&mut lines, &none);
    }
    lines
}

fn draw(row: Rect, buf: &mut Buffer, line: &Line<'_>, selected: bool, view: &OrganizationView, shared: &Shared) {
    let theme = shared.theme;
    let room = row.width.saturating_sub(4);
    match line {
        Line::Blank => {}
        Line::Heading(text) => put(row, buf, (3, room), text, theme.strong(), theme),
        Line::Said(text) => put(row, buf, (3, room), text, theme.dim(), theme),
        Line::Member(member) => draw_member(row, buf, member, selected, view, theme),
        Line::Invitation(invitation) => draw_invitation(row, buf, invitation, selected, shared),
        Line::Request(request) => draw_request(row, buf, request, selected, view, shared),
    }
}

/// Where name, role, state, Unix user and personal secrets begin, and how wide they are; what there is no room for has none.
fn places(width: u16) -> [(u16, u16); 5] {
    let gap = if width >= 90 { 2 } else { 1 };
    let personal = if width >= 100 { PERSONAL[1] } else { PERSONAL[0] };
    let mut tail = [ROLE, STATE, UID, personal];
    let used = |tail: &[u16]| tail.iter().map(|wide| if *wide > 0 { wide + gap } else { 0 }).sum::<u16>();
    for last in [2, 3] {
        if width < 3 + 16 + used(&tail) + 1 {
            tail[last] = 0;
        }
    }
    let name = width.saturating_sub(3 + used(&tail) + 1).min(NAME);
    let mut places = [(3, name); 5];
    for (i, wide) in tail.into_iter().enumerate() {
        let (x, before) = places[i];
        places[i + 1] = (if before > 0 { x + before + gap } else { x }, wide);
    }
    places
}

fn draw_member(
    row: Rect,
    buf: &mut Buffer,
    member: &MemberView,
    selected: bool,
    view: &OrganizationView,
    theme: Theme,
) {
    let places = places(row.width);
    let gone = member.state != MemberState::Active;
    let plain = if gone { theme.dim() } else { theme.text() };
    let you = if member.id == view.me.member { " (you)" } else { "" };
    let name =
        fit(&clean(&member.name), usize::from(places[0].1).saturating_sub(you.len()), theme.ellipsis()).into_owned();
    draw_name(row, buf, places[0], &format!("{name}{you}"), selected, plain, theme);
    put(row, buf, places[1], member.role.label(), plain, theme);
    let (state, style) = words::state(member, theme);
    put(row, buf, places[2], &state, style, theme);
    let uid = member.uid.map_or(String::new(), |uid| format!("uid {uid}"));
    put(row, buf, places[3], &uid, theme.dim(), theme);
    let personal = words::personal(member.personal, places[4].1 < PERSONAL[1]);
    put(row, buf, places[4], &personal, theme.dim(), theme);
}

fn draw_invitation(row: Rect, buf: &mut Buffer, invitation: &InvitationView, selected: bool, shared: &Shared) {
    let (theme, places) = (shared.theme, places(row.width));
    draw_name(row, buf, places[0], &clean(&invitation.name), selected, theme.text(), theme);
    put(row, buf, places[1], invitation.role.label(), theme.text(), theme);
    let (state, style) = words::invitation(invitation, theme);
    put(row, buf, places[2], &state, style, theme);
    put(row, buf, aside(row.width), &words::expires(invitation, shared.wall), theme.dim(), theme);
}

/// `Grace asks to reveal deploy-token`, and how long ago.
fn draw_request(
    row: Rect,
    buf: &mut Buffer,
    request: &PermissionRequest,
    selected: bool,
    view: &OrganizationView,
    shared: &Shared,
) {
    let theme = shared.theme;
    let wanted = words::wanted(request, shared);
    let text = match request.member == view.me.member {
        true => format!("To {wanted}"),
        false => format!("{} asks to {wanted}", words::name(request.member, view)),
    };
    let aside = aside(row.width);
    draw_name(row, buf, (3, aside.0.saturating_sub(4)), &text, selected, theme.text(), theme);
    put(row, buf, aside, &when(request.at, shared.wall), theme.dim(), theme);
}

/// What stands beside an invitation or a request: where the members have their Unix users.
fn aside(width: u16) -> (u16, u16) {
    let (x, wide) = places(width)[2];
    let x = x + wide + 1 + u16::from(width >= 90);
    (x, width.saturating_sub(x + 1))
}

fn draw_name(
    row: Rect,
    buf: &mut Buffer,
    (x, wide): (u16, u16),
    text: &str,
    selected: bool,
    plain: Style,
    theme: Theme,
) {
    list_row(Rect { x: row.x + x - 2, width: wide + 2, ..row }, buf, text, selected, plain, theme);
}

pub(super) fn put(row: Rect, buf: &mut Buffer, (x, wide): (u16, u16), text: &str, style: Style, theme: Theme) {
    let room = usize::from(wide.min(row.width.saturating_sub(x)));
    buf.set_stringn(row.x + x, row.y, fit(text, room, theme.ellipsis()), room, style);
}

/// Counts; under them what members compare to know that they are in the same organization, or what is owed.
fn top(area: Rect, buf: &mut Buffer, view: &OrganizationView, selected: usize, theme: Theme) {
    let active = view.members.iter().filter(|member| member.state == MemberState::Active).count();
    let counted = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let mut text = counted(active, "member");
    for (count, noun) in [(view.invitations.len(), "invitation"), (view.requests.len(), "request")] {
        if count > 0 {
            text.push_str(&format!(", {}", counted(count, noun)));
        }
    }
    let row = Rect { height: 1, ..area };
    let place = format!("{} of {}", selected + 1, super::rows(view).len());
    let cells = u16::try_from(place.len()).unwrap_or(0);
    put(row, buf, (3, area.width.saturating_sub(cells + 6)), &text, theme.strong(), theme);
    put(row, buf, (area.width.saturating_sub(cells + 1), cells), &place, theme.dim(), theme);
    let next = Rect { y: area.y + 1, ..row };
    let room = (3, area.width.saturating_sub(4));
    if view.reseal_owed {
        let owed = "A key was changed: the next Holder or Manager to unlock seals all anew.";
        return put(next, buf, room, &format!("{} {owed}", theme.alert()), theme.warn(), theme);
    }
    let fingerprint = format!("Fingerprint of the organization: {}", clean(&view.fingerprint));
    put(next, buf, room, &fingerprint, theme.dim(), theme);
}

/// Not here yet, or why not.
pub(super) fn nothing(area: Rect, buf: &mut Buffer, error: Option<&str>, theme: Theme) {
    let reading = format!("Reading the organization{}", theme.ellipsis());
    let (text, style) = match error {
        Some(error) => (clean(error), theme.bad()),
        None => (reading.into(), theme.dim()),
    };
    let room = usize::from(area.width.saturating_sub(6).min(74));
    for (y, line) in (area.y + 2..area.bottom()).zip(wrap(&text, room)) {
        buf.set_stringn(area.x + 3, y, line, room, style);
    }
}

#[cfg(test)]
mod tests {
    use super::places;

    #[test]
    fn columns_fit_and_none_touches_the_next() {
        for width in 60..240 {
            let shown: Vec<(u16, u16)> = places(width).into_iter().filter(|(_, wide)| *wide > 0).collect();
            assert!(shown.len() >= 3 && shown[0].1 >= 16, "{width}: {shown:?}");
            assert!(shown.windows(2).all(|two| two[0].0 + two[0].1 < two[1].0), "{width}: {shown:?}");
            assert!(shown.last().is_some_and(|(x, wide)| x + wide < width), "{width}: {shown:?}");
        }
        assert_eq!(places(80).map(|(_, wide)| wide > 0), [true; 5]);
    }
}
