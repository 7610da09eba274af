//! The stack of screens and the dialog above it: what a layer may wish for, done.

use super::update::Effects;
use super::{App, Placed, TOAST};
use crate::domain::SecretId;
use crate::tui::layer::{Cx, Effect, Layer, LayerId, Nav};
use crate::tui::screens;

impl App {
    /// Lets the layer on top handle something, then does what it wished for.
    pub(super) fn with_top(&mut self, handle: impl FnOnce(&mut dyn Layer, &mut Cx<'_>)) -> Effects {
        let Some(id) = self.top().map(|placed| placed.id) else { return Vec::new() };
        self.with(id, handle)
    }

    pub(super) fn with(&mut self, id: LayerId, handle: impl FnOnce(&mut dyn Layer, &mut Cx<'_>)) -> Effects {
        let Self { shared, screens, gate, dialog, .. } = self;
        let Some(placed) = screens.iter_mut().chain(gate).chain(dialog).find(|placed| placed.id == id) else {
            return Vec::new();
        };
        let mut cx = Cx::new(shared, id);
        handle(&mut *placed.layer, &mut cx);
        let (effects, navs) = (cx.effects, cx.navs);
        let carried = |effect| if effect == Effect::Quit { self.end() } else { vec![(id, effect)] };
        let mut effects: Effects = effects.into_iter().flat_map(carried).collect();
        effects.extend(self.follow(id, navs));
        effects
    }

    /// Makes the changes of the screen that layer `from` wished for.
    pub(super) fn follow(&mut self, from: LayerId, navs: Vec<Nav>) -> Effects {
        navs.into_iter().flat_map(|nav| self.go(from, nav)).collect()
    }

    fn go(&mut self, from: LayerId, nav: Nav) -> Effects {
        match nav {
            Nav::Push(mut layer) => {
                let mut effects = self.blur();
                self.dialog = None;
                layer.on_data(&self.shared);
                if let Some(id) = self.shared.left_at {
                    layer.on_select(id, &self.shared);
                }
                let placed = self.place(layer);
                self.screens.push(placed);
                effects.extend(self.entered());
                return effects;
            }
            Nav::Replace(layer) => {
                let mut effects = self.replace(from, layer);
                effects.extend(self.entered());
                return effects;
            }
            Nav::Pop => {
                let at = self.position(from).filter(|at| *at > 0);
                let mut effects = at.map_or_else(Vec::new, |at| self.leave_from(at));
                effects.extend(self.returned());
                return effects;
            }
            Nav::Picked(path) => {
                if let Some(at) = self.position(from).filter(|at| *at > 0) {
                    self.screens.truncate(at);
                }
                return self.with_top(|layer, cx| layer.on_picked(path, cx));
            }
            Nav::Open(layer) => {
                let mut effects = self.blur();
                self.dialog = Some(self.place(layer));
                effects.extend(self.entered());
                return effects;
            }
            Nav::Close => {
                self.dialog = None;
                return self.returned();
            }
            Nav::Leave(screen) => {
                let mut effects = self.leave_from(self.position(screen).unwrap_or(usize::MAX));
                effects.extend(self.returned());
                return effects;
            }
            Nav::Enter(session, report) => return self.enter(session, report),
            Nav::Recovered(key) => self.recovered_with = Some(key),
            Nav::PassphraseChanged => (self.recovered_with, self.gate) = (None, None),
            Nav::ToListing(id) => return self.show_in_listing(id),
            Nav::Perform(cmd) => {
                self.dialog = None;
                return self.perform(cmd);
            }
            Nav::Arrange(arrange) => {
                self.dialog = None;
                if let Some(Placed { layer, .. }) = self.screens.last_mut() {
                    layer.on_arrange(arrange, &self.shared);
                }
            }
            Nav::Toast(toast) => self.toast = Some((toast, self.shared.mono() + TOAST)),
        }
        Vec::new()
    }

    /// Puts `layer` in the place of the screen `from`, or of the one that covers everything.
    fn replace(&mut self, from: LayerId, layer: Box<dyn Layer>) -> Effects {
        let placed = self.place(layer);
        let Some(at) = self.position(from) else {
            self.gate = Some(placed);
            return Vec::new();
        };
        let above = self.screens.split_off(at + 1);
        let effects = self.leave_from(at);
        self.screens.push(placed);
        self.screens.extend(above);
        effects
    }

    fn position(&self, id: LayerId) -> Option<usize> {
        self.screens.iter().position(|placed| placed.id == id)
    }

    fn entered(&mut self) -> Effects {
        self.with_top(|layer, cx| layer.on_enter(cx))
    }

    fn returned(&mut self) -> Effects {
        if self.gate.is_some() || self.dialog.is_some() {
            return Vec::new();
        }
        self.with_top(|layer, cx| layer.on_return(cx))
    }

    fn show_in_listing(&mut self, id: SecretId) -> Effects {
        self.dialog = None;
        let effects = self.leave_from(screens::DEPTH_OF_SECRETS);
        if let Some(Placed { layer, .. }) = self.screens.last_mut() {
            layer.on_select(id, &self.shared);
        }
        effects
    }

    /// What all layers share, for tests and the runtime.
    pub fn shared(&self) -> &super::Shared {
        &self.shared
    }
}
