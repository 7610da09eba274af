//! What others do at the same vault, and what was asked of the door while they did it.

use std::sync::Arc;

use super::update::Effects;
use super::{APP, App, RIGHTS};
use crate::domain::Header;
use crate::service::{News, Request};
use crate::tui::layer::{Effect, LayerId, Nav, Toast, Tone};

/// Said when whoever held the vault open is gone.
const LINE_LOST: &str = "The agent ended: unlock to go on. Nothing stored is lost.";

impl App {
    pub(super) fn on_news(&mut self, news: News) -> Effects {
        let open = self.shared.session.is_some();
        match news {
            News::Changed(headers) if open => {
                headers.iter().for_each(|header| self.shared.put(header.clone()));
                if self.lists_due > 0 {
                    self.heard.extend(headers);
                }
                self.tell_data();
            }
            News::ListAnew if open => {
                let mut effects = self.ask_for_secrets();
                effects.extend(self.applications_changed());
                effects.extend(self.organization_changed());
                return effects;
            }
            News::Locked => return self.lock(),
            News::Unlocked(_) if !open => {
                self.shared.open_elsewhere = true;
                let gate = self.gate.as_ref().map(|gate| gate.id);
                return gate.map_or_else(Vec::new, |gate| self.with(gate, |layer, cx| layer.on_open_elsewhere(cx)));
            }
            News::Session(session) if open => {
                self.timer.set(&session, self.shared.mono());
                if !session.read_only {
                    self.shared.trouble = None;
                }
                self.shared.session = Some(session);
            }
            News::Applications if open => return self.applications_changed(),
            News::Organization if open => return self.organization_changed(),
            News::Changed(_)
            | News::ListAnew
            | News::Applications
            | News::Organization
            | News::Unlocked(_)
            | News::Session(_) => {}
        }
        Vec::new()
    }

    /// Whoever shows applications asks for them anew.
    fn applications_changed(&mut self) -> Effects {
        let ids: Vec<LayerId> = self.layers().map(|placed| placed.id).collect();
        ids.into_iter().flat_map(|id| self.with(id, |layer, cx| layer.on_applications(cx))).collect()
    }

    /// Whoever shows members or what they may do asks for them anew. The answer tells what may be done here, too: where
    /// nobody asks, the app does.
    fn organization_changed(&mut self) -> Effects {
        let ids: Vec<LayerId> = self.layers().map(|placed| placed.id).collect();
        let asked: Effects =
            ids.into_iter().flat_map(|id| self.with(id, |layer, cx| layer.on_organization(cx))).collect();
        if asked.is_empty() { vec![(RIGHTS, Effect::Ask(Request::Organization))] } else { asked }
    }

    /// Nobody tells us any more what others do. Whether the agent has ended, or only cut the line to one that was stopped for
    /// too long, the door knows; until it has answered no key counts.
    pub(super) fn on_line_lost(&mut self) -> Effects {
        self.shared.open_elsewhere = false;
        if self.shared.session.is_none() {
            return Vec::new();
        }
        self.line_lost = true;
        self.check()
    }

    /// What the door said of the vault after the line was lost: news may have been missed, or the agent has ended.
    pub(super) fn after_line_lost(&mut self) -> Effects {
        if !std::mem::take(&mut self.line_lost) {
            return Vec::new();
        }
        if self.shared.session.is_some() {
            return self.ask_for_secrets();
        }
        let toast = Toast { text: LINE_LOST.to_owned(), tone: Tone::Warn };
        self.follow(APP, vec![Nav::Toast(toast)])
    }

    pub(super) fn ask_for_secrets(&mut self) -> Effects {
        self.lists_due += 1;
        self.heard.clear();
        vec![(APP, Effect::Ask(Request::List))]
    }

    /// The secrets as they were when the door made the list, and what has been heard of them since.
    pub(super) fn listed(&mut self, headers: &[Arc<Header>]) {
        self.shared.headers = headers.to_vec();
        self.shared.loaded = true;
        let heard = if self.lists_due == 0 { std::mem::take(&mut self.heard) } else { self.heard.clone() };
        heard.into_iter().for_each(|header| self.shared.put(header));
        self.tell_data();
    }

    /// How many headers wait for a list.
    #[cfg(test)]
    pub(super) fn heard(&self) -> usize {
        self.heard.len()
    }
}
