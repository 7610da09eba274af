//! One member: who they are, and how far each permission reaches.

use std::borrow::Cow;
use std::collections::VecDeque;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::table::put;
use super::{lacks_over, regrant, remove, why_not, words};
use crate::domain::MemberId;
use crate::domain::organization::{MemberState, MemberView, OrganizationView, Permission, Reach};
use crate::service::{Progress, Request, Response};
use crate::tui::app::{Shared, body_rows};
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Chosen, Cx, DoorAnswer, Lack, Layer, Nav, Tone};
use crate::tui::modals::{Confirm, Then, bind, reach, role};
use crate::tui::text::{clean, fit, wrap};
use crate::tui::theme::Theme;
use crate::tui::widgets::{ListState, list_row, progress_words};
use crate::tui::words::{a_role, error, short};

/// Where what the labels say begins, and the names of secrets.
const TEXT: u16 = 18;
const NAMES: u16 = 32;
/// Rows of the grid: a blank one, its heading, a row for each permission.
const GRID: u16 = 2 + Permission::ALL.len() as u16;

struct Detail {
    view: Box<OrganizationView>,
    id: MemberId,
    name: Box<str>,
    at: ListState,
    /// What is still to be asked of the door.
    queue: VecDeque<Request>,
    /// What is said when it is done.
    done: String,
    working: Option<Option<Progress>>,
}

/// The screen of `member`.
pub(super) fn screen(member: &MemberView, view: &OrganizationView) -> Box<dyn Layer> {
    Box::new(Detail {
        view: Box::new(view.clone()),
        id: member.id,
        name: member.name.clone(),
        at: ListState::default(),
        queue: VecDeque::new(),
        done: String::new(),
        working: None,
    })
}

impl Detail {
    fn member(&self) -> Option<&MemberView> {
        self.view.members.iter().find(|member| member.id == self.id)
    }

    /// Whether what they may do is a matter of grants: a Member's, while they are one.
    fn has_grid(&self) -> bool {
        self.member().is_some_and(|one| one.state == MemberState::Active && !one.role.manages())
    }

    fn permission(&self) -> Permission {
        Permission::ALL[self.at.selected.min(Permission::ALL.len() - 1)]
    }

    fn told(&mut self, view: Box<OrganizationView>, cx: &mut Cx<'_>) {
        self.view = view;
        match self.member() {
            Some(member) => self.name = member.name.clone(),
            None => cx.pop(),
        }
    }

    /// How far the selected permission shall reach. What lessens it is asked about first.
    fn change(&mut self, after: Option<&Reach>, cx: &mut Cx<'_>) {
        let permission = self.permission();
        let Some(member) = self.member() else { return };
        let before = member.grants.reach(permission);
        let requests = regrant::requests(self.id, permission, before, after);
        if requests.is_empty() {
            return cx.toast(Tone::Good, "Nothing was changed.");
        }
        let name = short(&clean(&self.name)).into_owned();
        let word = permission.word();
        let (now, _) = words::reach(after, Theme::plain());
        let now = now.split_once(' ').map_or("", |(_, words)| words);
        self.done = format!("{}: {name} has it for {now}.", permission.label());
        let lessens = regrant::lessens(&requests);
        self.queue = requests.into();
        if !lessens {
            return self.next(cx);
        }
        let left = if after.is_none() { "nothing" } else { now };
        let sentences = vec![
            format!("{name} may {word} {left} then. What was seen before stays known."),
            "Every secret is sealed again under a new key.".to_owned(),
        ];
        let title = format!("Let {name} {word} less?");
        cx.open(Confirm::new(title, sentences, "Cancel", "Take it back", Then::Perform(Cmd::Regrant)));
    }

    fn next(&mut self, cx: &mut Cx<'_>) {
        if let Some(request) = self.queue.pop_front() {
            self.working = Some(None);
            cx.ask(request);
        }
    }

    /// The facts above the grid.
    fn facts(&self, member: &MemberView, theme: Theme) -> Vec<(&'static str, String, Style)> {
        let (state, style) = words::state(member, theme);
        let by = match &member.state {
            MemberState::Active => &member.since.by,
            MemberState::Removed(stamp) => &stamp.by,
        };
        let keys = if member.keys == 1 { "1 way in".to_owned() } else { format!("{} ways in", member.keys) };
        let personal = words::personal(member.personal, false);
        let mut facts = vec![
            ("Role", member.role.label().to_owned(), theme.text()),
            ("Member", format!("{state}, by {}", clean(by)), style),
        ];
        if member.state == MemberState::Active {
            let uid = member.uid.map(|uid| format!("uid {uid}"));
            let personal = (!personal.is_empty()).then_some(personal);
            let told = [("Keys", Some(keys)), ("Unix user", uid), ("Profile", personal)];
            facts.extend(told.into_iter().filter_map(|(label, text)| Some((label, text?, theme.text()))));
        }
        facts
    }

    fn render_grid(&self, area: Rect, buf: &mut Buffer, member: &MemberView, shared: &Shared) {
        let theme = shared.theme;
        for (i, (permission, y)) in Permission::ALL.into_iter().zip(area.y..area.bottom()).enumerate() {
            let row = Rect { y, height: 1, ..area };
            let label = Rect { x: row.x + 1, width: TEXT - 2, ..row };
            list_row(label, buf, permission.label(), i == self.at.selected, theme.text(), theme);
            let granted = member.grants.reach(permission);
            let (text, style) = words::reach(granted, theme);
            put(row, buf, (TEXT, NAMES - TEXT - 1), &text, style, theme);
            let beside = match granted {
                Some(Reach::Named(ids)) => {
                    let mut names: Vec<String> = ids.iter().map(|id| words::secret(*id, shared)).collect();
                    names.sort_by_key(|name| name.to_lowercase());
                    names.join(", ")
                }
                _ => about(permission).to_owned(),
            };
            put(row, buf, (NAMES, row.width.saturating_sub(NAMES + 1)), &beside, theme.dim(), theme);
        }
    }
}

/// What a permission is, in a few words.
fn about(permission: Permission) -> &'static str {
    match permission {
        Permission::Use => "have it handed to programs",
        Permission::Reveal => "see the value, copy it",
        Permission::Register => "register new ones",
        Permission::Edit => "change fields, dates and the value",
        Permission::Deactivate => "put it out of use, and back",
        Permission::Delete => "delete it",
    }
}

impl Layer for Detail {
    fn crumb(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.name)
    }

    fn context(&self) -> Context {
        Context::Member
    }

    fn offers(&self, cmd: Cmd, shared: &Shared) -> bool {
        let active = self.member().is_some_and(|member| member.state == MemberState::Active);
        let free = shared.writable() && self.working.is_none();
        match cmd {
            Cmd::Open => self.has_grid() && free,
            Cmd::ChangeRole | Cmd::BindUser | Cmd::Remove => active && free,
            Cmd::Up | Cmd::Down => self.has_grid(),
            _ => true,
        }
    }

    fn why_not(&self, cmd: Cmd, shared: &Shared) -> Option<String> {
        why_not(cmd, shared)
    }

    fn lacks(&self, cmd: Cmd, _shared: &Shared) -> Option<Lack> {
        matches!(cmd, Cmd::Open | Cmd::ChangeRole | Cmd::BindUser | Cmd::Remove)
            .then(|| self.member().and_then(|member| lacks_over(member, &self.view)))
            .flatten()
    }

    fn on_return(&mut self, cx: &mut Cx<'_>) {
        cx.ask(Request::Organization);
    }

    fn on_organization(&mut self, cx: &mut Cx<'_>) {
        cx.ask(Request::Organization);
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        let Some(member) = self.member() else { return cx.pop() };
        match cmd {
            Cmd::Back => cx.pop(),
            Cmd::Open => {
                let permission = self.permission();
                let now = member.grants.reach(permission);
                cx.navs.push(Nav::Open(reach(&member.name, permission, now, cx.shared)));
            }
            Cmd::ChangeRole => cx.navs.push(Nav::Open(role(member, &self.view.me))),
            Cmd::BindUser => cx.navs.push(Nav::Open(bind(member))),
            Cmd::Remove => cx.open(remove(member, &self.view)),
            Cmd::Regrant => self.next(cx),
            _ if self.has_grid() => {
                self.at.on_cmd(cmd, usize::from(body_rows(cx.shared.size.1)), Permission::ALL.len());
            }
            _ => {}
        }
    }

    fn on_chosen(&mut self, chosen: Chosen, cx: &mut Cx<'_>) {
        if let Chosen::Reach(after) = chosen {
            self.change(after.as_ref(), cx);
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        match answer {
            Ok(Response::Organization(view)) => {
                let changed = self.working.take().is_some();
                self.told(view, cx);
                if changed && self.queue.is_empty() {
                    cx.toast(Tone::Good, std::mem::take(&mut self.done));
                } else if changed {
                    self.next(cx);
                }
            }
            Ok(_) => {}
            Err(why) => {
                self.working = None;
                self.queue.clear();
                cx.toast(Tone::Bad, error(&why));
            }
        }
    }

    fn on_progress(&mut self, progress: Progress) {
        self.working = self.working.map(|_| Some(progress));
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let Some(member) = self.member() else { return };
        let mut row = Rect { height: 1, ..area };
        let room = row.width.saturating_sub(TEXT + 1);
        // The grid is whole on every terminal: where there is not enough room, facts make way.
        let most = usize::from(area.height.saturating_sub(GRID)).max(1);
        for (label, text, style) in self.facts(member, theme).into_iter().take(most) {
            put(row, buf, (3, TEXT - 4), label, theme.dim(), theme);
            put(row, buf, (TEXT, room), &text, style, theme);
            row.y += 1;
        }
        row.y += 1;
        if member.state != MemberState::Active {
            return;
        }
        if !self.has_grid() {
            let (name, role) = (clean(&member.name), a_role(member.role));
            let text = format!(
                "{} may do everything with the secrets of the organization: {role} needs no grant.",
                short(&name)
            );
            for (y, line) in (row.y..area.bottom()).zip(wrap(&text, usize::from(area.width.saturating_sub(6).min(74))))
            {
                put(Rect { y, ..row }, buf, (3, area.width.saturating_sub(4)), &line, theme.text(), theme);
            }
            return;
        }
        put(row, buf, (3, room), "May do, with secrets of the organization", theme.strong(), theme);
        let grid = Rect { y: row.y + 1, height: area.bottom().saturating_sub(row.y + 1), ..area };
        self.render_grid(grid, buf, member, shared);
        let last = row.y + 2 + u16::try_from(Permission::ALL.len()).unwrap_or(0);
        if let Some(progress) = self.working.filter(|_| last < area.bottom()) {
            let words = progress.map(|progress| progress_words(progress, theme));
            let text = words.unwrap_or_else(|| format!("Working{}", theme.ellipsis()));
            let room = usize::from(area.width.saturating_sub(4));
            buf.set_stringn(area.x + 3, last, fit(&text, room, theme.ellipsis()), room, theme.dim());
        }
    }
}
