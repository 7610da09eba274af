//! The steps above Secrets Management: plain menus.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{ROOT, applications, audit, listing, members};
use crate::tui::app::Shared;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, Layer, Nav};
use crate::tui::text::clean;
use crate::tui::widgets::{ListState, list_row};

/// Where an entry leads.
#[derive(Clone, Copy)]
enum Goal {
    Down(fn() -> Box<dyn Layer>),
    Perform(Cmd),
}

struct Entry {
    label: &'static str,
    about: &'static str,
    goal: Goal,
}

struct Menu {
    crumb: &'static str,
    greeting: fn(&Shared) -> Vec<String>,
    entries: Vec<Entry>,
    at: ListState,
}

fn menu(crumb: &'static str, greeting: fn(&Shared) -> Vec<String>, entries: Vec<Entry>) -> Box<dyn Layer> {
    Box::new(Menu { crumb, greeting, entries, at: ListState::default() })
}

/// The profile menu, where the portal begins.
pub(super) fn account_portal() -> Box<dyn Layer> {
    let entries = vec![
        Entry {
            label: "Organization",
            about: "Identity and security of the organization",
            goal: Goal::Down(organization),
        },
        Entry {
            label: "Change passphrase",
            about: "A new passphrase for you; the vault is sealed again",
            goal: Goal::Perform(Cmd::ChangePassphrase),
        },
        Entry {
            label: "New recovery key",
            about: "If the passphrase is lost one day; the old one ends",
            goal: Goal::Perform(Cmd::NewRecoveryKey),
        },
        Entry {
            label: "Vault settings",
            about: "How many earlier values and audit events are kept",
            goal: Goal::Perform(Cmd::VaultSettings),
        },
        Entry { label: "Lock", about: "Forget every key until you unlock again", goal: Goal::Perform(Cmd::LockVault) },
        Entry { label: "Quit", about: "Back to the shell", goal: Goal::Perform(Cmd::Quit) },
    ];
    menu(ROOT, profile, entries)
}

fn profile(shared: &Shared) -> Vec<String> {
    let Some(session) = &shared.session else { return Vec::new() };
    vec![
        clean(&session.member).into_owned(),
        format!("{} of {}", session.rights.role.label(), clean(&session.organization)),
    ]
}

pub(super) fn organization() -> Box<dyn Layer> {
    let entries = vec![
        Entry {
            label: "Identity and Security",
            about: "Secrets, and who may use them",
            goal: Goal::Down(identity_and_security),
        },
        Entry {
            label: "Members",
            about: "Who is in, who is invited, what each may do",
            goal: Goal::Down(members::members),
        },
    ];
    menu("Organization", |shared| shared.session.iter().map(|s| clean(&s.organization).into_owned()).collect(), entries)
}

pub(super) fn identity_and_security() -> Box<dyn Layer> {
    let entries = vec![
        Entry {
            label: "Secrets Management",
            about: "API keys, tokens, credentials, certificates, pairs",
            goal: Goal::Down(listing::screen),
        },
        Entry {
            label: "Applications",
            about: "What depends on secrets, and where each field goes",
            goal: Goal::Down(applications::applications),
        },
        Entry {
            label: "Audit log",
            about: "Who did what, when, from where; who was served",
            goal: Goal::Down(audit::audit_log),
        },
    ];
    menu("Identity and Security", |_| Vec::new(), entries)
}

impl Layer for Menu {
    fn crumb(&self) -> Cow<'_, str> {
        self.crumb.into()
    }

    fn context(&self) -> Context {
        Context::Menu
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        cmd != Cmd::Back || self.crumb != ROOT
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.pop(),
            Cmd::Open => match self.entries[self.at.selected].goal {
                Goal::Down(screen) => cx.navs.push(Nav::Push(screen())),
                Goal::Perform(cmd) => cx.navs.push(Nav::Perform(cmd)),
            },
            _ => drop(self.at.on_cmd(cmd, self.entries.len(), self.entries.len())),
        }
    }

    fn on_lock(&mut self) -> bool {
        true
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let mut y = area.y + 1;
        for (i, line) in (self.greeting)(shared).iter().enumerate() {
            let style = if i == 0 { theme.strong() } else { theme.dim() };
            buf.set_stringn(area.x + 3, y, line, area.width.saturating_sub(4) as usize, style);
            y += 1;
        }
        y += u16::from(y > area.y + 1);
        let entries = u16::try_from(self.entries.len()).unwrap_or(0);
        let step = if y + 2 * entries <= area.bottom() + 1 { 2 } else { 1 };
        for (i, entry) in self.entries.iter().enumerate() {
            let row = y + step * u16::try_from(i).unwrap_or(0);
            if row >= area.bottom() {
                break;
            }
            let place = Rect { x: area.x + 1, y: row, width: 26, height: 1 };
            list_row(place, buf, entry.label, i == self.at.selected, theme.text(), theme);
            buf.set_stringn(area.x + 28, row, entry.about, area.width.saturating_sub(29) as usize, theme.dim());
        }
    }
}
