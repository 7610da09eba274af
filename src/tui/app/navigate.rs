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
            Nav::Push(layer) => return self.push(layer),
            Nav::Replace(layer) => return self.replace(from, layer),
            Nav::Pop => return self.leave(self.position(from).filter(|at| *at > 0)),
            Nav::Picked(path) => {
                if let Some(at) = self.position(from).filter(|at| *at > 0) {
                    self.screens.truncate(at);
                }
                return self.with_top(|layer, cx| layer.on_picked(path, cx));
            }
            Nav::Chosen(chosen) => {
                self.dialog = None;
                return self.with_top(|layer, cx| layer.on_chosen(chosen, cx));
            }
            Nav::Open(layer) => return self.open(layer),
            Nav::Close => {
                self.dialog = None;
                return self.returned();
            }
            Nav::Leave(screen) => return self.leave(self.position(screen)),
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

    /// Puts `layer` above the screens.
    fn push(&mut self, mut layer: Box<dyn Layer>) -> Effects {
        let mut effects = self.blur();
        self.dialog = None;
        layer.on_data(&self.shared);
        if let Some(id) = self.shared.left_at {
            layer.on_select(id, &self.shared);
        }
        let placed = self.place(layer);
        self.screens.push(placed);
        effects.extend(self.entered());
        effects
    }

    /// Opens `layer` as the dialog above all.
    fn open(&mut self, layer: Box<dyn Layer>) -> Effects {
        let mut effects = self.blur();
        self.dialog = Some(self.place(layer));
        effects.extend(self.entered());
        effects
    }

    /// Leaves the screen at `at`, if it is there, and those above it.
    fn leave(&mut self, at: Option<usize>) -> Effects {
        let mut effects = at.map_or_else(Vec::new, |at| self.leave_from(at));
        effects.extend(self.returned());
        effects
    }

    /// Puts `layer` in the place of the screen `from`, or of the one that covers everything.
    fn replace(&mut self, from: LayerId, layer: Box<dyn Layer>) -> Effects {
        let placed = self.place(layer);
        let mut effects = Vec::new();
        match self.position(from) {
            None => self.gate = Some(placed),
            Some(at) => {
                let above = self.screens.split_off(at + 1);
                effects = self.leave_from(at);
                self.screens.push(placed);
                self.screens.extend(above);
            }
        }
        effects.extend(self.entered());
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
