//! How the app changes: one message at a time.

use super::{APP, App, CLIPBOARD, IDLE_LOCK, Msg, Now, Placed, Shared, TOAST};
use crate::domain::SecretId;
use crate::service::{DoorError, OpenReport, Request, Response, Session};
use crate::tui::input::{Event, Key};
use crate::tui::keymap::{self, Cmd};
use crate::tui::layer::{Cx, DoorAnswer, Effect, LayerId, Nav, Toast, Tone};
use crate::tui::{modals, screens};

type Effects = Vec<(LayerId, Effect)>;

impl App {
    /// Takes in one message and says what has to happen outside.
    pub fn update(&mut self, msg: Msg, now: Now) -> Effects {
        self.shared.now = now;
        self.shared.wall = now.wall;
        match msg {
            Msg::Event(event) => self.on_event(event),
            Msg::Answer(to, answer) => self.on_answer(to, answer),
            Msg::Progress(to, progress) => {
                self.layers_mut().filter(|placed| placed.id == to).for_each(|p| p.layer.on_progress(progress));
                Vec::new()
            }
            Msg::File(to, path, bytes) => self.with(to, |layer, cx| layer.on_file(path, bytes, cx)),
            Msg::Folder(to, path, listed) => self.with(to, |layer, cx| layer.on_folder(path, listed, cx)),
            Msg::Copied(outcome) => self.on_copied(outcome),
            Msg::Tick => self.on_tick(),
        }
    }

    fn on_event(&mut self, event: Event) -> Effects {
        if matches!(event, Event::Key(_) | Event::Paste(_)) {
            self.last_input = self.shared.now.mono;
            self.toast = None;
        }
        match event {
            Event::Key(key) => self.on_key(key),
            Event::Paste(paste) => self.with_top(|layer, cx| layer.on_paste(paste, cx)),
            Event::Resize { columns, rows } => {
                self.shared.size = (columns, rows);
                self.layers_mut().for_each(|placed| placed.layer.on_resize(columns, rows));
                Vec::new()
            }
            Event::FocusLost => {
                self.blur();
                Vec::new()
            }
            Event::FocusGained => Vec::new(),
            Event::Suspend => self.suspend(),
            Event::Resumed => vec![(APP, Effect::Resume)],
            Event::HangUp | Event::Terminate(_) => self.end(),
        }
    }

    fn on_key(&mut self, key: Key) -> Effects {
        let Some(top) = self.top() else { return Vec::new() };
        match keymap::lookup(top.layer.context(), key) {
            Some(cmd) => self.perform(cmd),
            None => self.with_top(|layer, cx| layer.on_key(key, cx)),
        }
    }

    /// Carries out a command: those that hold everywhere here, the others in the layer on top.
    fn perform(&mut self, cmd: Cmd) -> Effects {
        match cmd {
            Cmd::Quit => self.quit(),
            Cmd::Suspend => self.suspend(),
            Cmd::Redraw => vec![(APP, Effect::Redraw)],
            Cmd::LockVault if self.gate.is_none() => vec![(APP, Effect::Ask(Request::Lock))],
            Cmd::Help | Cmd::Palette if self.dialog.is_none() => {
                let Some(top) = self.top() else { return Vec::new() };
                let dialog = if cmd == Cmd::Help {
                    modals::help(top.layer.context())
                } else {
                    modals::palette(&*top.layer, &self.shared)
                };
                self.follow(APP, vec![Nav::Open(dialog)])
            }
            Cmd::LockVault | Cmd::Palette => Vec::new(),
            _ => self.with_top(|layer, cx| layer.on_cmd(cmd, cx)),
        }
    }

    fn quit(&mut self) -> Effects {
        let asked = self.dialog.as_ref().is_some_and(|dialog| dialog.layer.unsaved());
        let at_stake = self.layers().find(|placed| placed.layer.unsaved()).map(|placed| placed.layer.at_stake());
        match at_stake {
            Some(at_stake) if !asked => self.follow(APP, vec![Nav::Open(modals::quit(at_stake))]),
            _ => self.end(),
        }
    }

    /// The end: nothing that was sent to the clipboard outlives the program.
    fn end(&mut self) -> Effects {
        let clear = self.clipboard_until.take().map(|_| (APP, Effect::ClearClipboard));
        clear.into_iter().chain([(APP, Effect::Quit)]).collect()
    }

    fn suspend(&mut self) -> Effects {
        self.blur();
        vec![(APP, Effect::Suspend)]
    }

    fn blur(&mut self) {
        self.layers_mut().for_each(|placed| placed.layer.on_blur());
    }

    fn on_answer(&mut self, to: LayerId, answer: DoorAnswer) -> Effects {
        match &answer {
            Ok(Response::Changed(header)) => {
                self.shared.put(header.clone());
                self.tell_data();
            }
            Ok(Response::Headers(headers)) => {
                self.shared.headers.clone_from(headers);
                self.shared.loaded = true;
                self.tell_data();
            }
            Err(DoorError::Locked) if self.gate.is_none() => return self.lock(),
            Ok(Response::Done) if to == APP => return self.lock(),
            Err(error) if to == APP => return self.follow(APP, vec![bad(super::super::words::error(error))]),
            _ => {}
        }
        self.with(to, |layer, cx| layer.on_answer(answer, cx))
    }

    fn tell_data(&mut self) {
        let Self { shared, screens, dialog, .. } = self;
        screens.iter_mut().chain(dialog).for_each(|placed| placed.layer.on_data(shared));
    }

    /// Covers everything with the unlock screen; what lies under it has forgotten every secret byte.
    fn lock(&mut self) -> Effects {
        self.dialog = None;
        self.screens.retain_mut(|placed| placed.layer.on_lock());
        self.shared.session = None;
        self.shared.headers = Vec::new();
        self.shared.loaded = false;
        self.gate = Some(self.place(screens::unlock()));
        self.tell_data();
        if self.clipboard_until.take().is_some() { vec![(APP, Effect::ClearClipboard)] } else { Vec::new() }
    }

    /// The vault is open: the screens appear, or reappear, and the secrets are asked for.
    pub(super) fn enter(&mut self, session: Session, report: OpenReport) -> Effects {
        self.last_input = self.shared.now.mono;
        self.shared.session = Some(session);
        self.gate = None;
        if self.screens.is_empty() {
            for screen in screens::path_to_secrets() {
                let placed = self.place(screen);
                self.screens.push(placed);
            }
        }
        let mut effects = vec![(APP, Effect::Ask(Request::List))];
        if report.needs_new_passphrase && self.shared.writable() {
            self.gate = Some(self.place(screens::required_passphrase()));
        }
        effects.extend(self.follow(APP, screens::tell(&report)));
        effects
    }

    fn on_copied(&mut self, outcome: Result<Option<String>, String>) -> Effects {
        let toast = match outcome {
            Ok(advice) => {
                self.clipboard_until = Some(self.shared.now.mono + CLIPBOARD);
                let advice = advice.map(|a| format!(" {a}")).unwrap_or_default();
                Toast { text: format!("Sent to the terminal's clipboard for 45 s.{advice}"), tone: Tone::Good }
            }
            Err(cause) => Toast { text: cause, tone: Tone::Bad },
        };
        self.follow(APP, vec![Nav::Toast(toast)])
    }

    fn on_tick(&mut self) -> Effects {
        let now = self.shared.now.mono;
        let mut effects = Vec::new();
        if self.toast.as_ref().is_some_and(|(_, until)| *until <= now) {
            self.toast = None;
        }
        if self.clipboard_until.is_some_and(|until| until <= now) {
            self.clipboard_until = None;
            effects.push((APP, Effect::ClearClipboard));
        }
        if self.locks_when_idle() && self.last_input + IDLE_LOCK <= now {
            effects.push((APP, Effect::Ask(Request::Lock)));
            self.last_input = now;
        }
        let due: Vec<LayerId> =
            self.layers().filter(|p| p.layer.deadline().is_some_and(|at| at <= now)).map(|p| p.id).collect();
        for id in due {
            effects.extend(self.with(id, |layer, cx| layer.on_deadline(cx)));
        }
        effects
    }

    /// Lets the layer on top handle something, then does what it wished for.
    fn with_top(&mut self, handle: impl FnOnce(&mut dyn super::Layer, &mut Cx<'_>)) -> Effects {
        let Some(id) = self.top().map(|placed| placed.id) else { return Vec::new() };
        self.with(id, handle)
    }

    fn with(&mut self, id: LayerId, handle: impl FnOnce(&mut dyn super::Layer, &mut Cx<'_>)) -> Effects {
        let Self { shared, screens, gate, dialog, .. } = self;
        let Some(placed) = screens.iter_mut().chain(gate).chain(dialog).find(|placed| placed.id == id) else {
            return Vec::new();
        };
        let mut cx = Cx::new(shared, id);
        handle(&mut *placed.layer, &mut cx);
        let (effects, navs) = (cx.effects, cx.navs);
        let mut effects: Effects = effects.into_iter().map(|effect| (id, effect)).collect();
        effects.extend(self.follow(id, navs));
        effects
    }

    /// Makes the changes of the screen that layer `from` wished for.
    fn follow(&mut self, from: LayerId, navs: Vec<Nav>) -> Effects {
        navs.into_iter().flat_map(|nav| self.go(from, nav)).collect()
    }

    fn go(&mut self, from: LayerId, nav: Nav) -> Effects {
        match nav {
            Nav::Push(mut layer) => {
                self.blur();
                self.dialog = None;
                layer.on_data(&self.shared);
                if let Some(id) = self.shared.left_at {
                    layer.on_select(id, &self.shared);
                }
                let placed = self.place(layer);
                self.screens.push(placed);
                return self.entered();
            }
            Nav::Replace(layer) => {
                self.replace(from, layer);
                return self.entered();
            }
            Nav::Pop => {
                if let Some(at) = self.position(from).filter(|at| *at > 0) {
                    let left = self.screens.drain(at..).find_map(|placed| placed.layer.stands_on());
                    self.shared.left_at = left.or(self.shared.left_at);
                }
                return self.returned();
            }
            Nav::Picked(path) => {
                if let Some(at) = self.position(from).filter(|at| *at > 0) {
                    self.screens.truncate(at);
                }
                return self.with_top(|layer, cx| layer.on_picked(path, cx));
            }
            Nav::Open(layer) => {
                self.dialog = Some(self.place(layer));
                return self.entered();
            }
            Nav::Close => {
                self.dialog = None;
                return self.returned();
            }
            Nav::Leave(screen) => {
                self.screens.truncate(self.position(screen).unwrap_or(usize::MAX));
                return self.returned();
            }
            Nav::Enter(session, report) => return self.enter(session, report),
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
            Nav::Toast(toast) => self.toast = Some((toast, self.shared.now.mono + TOAST)),
        }
        Vec::new()
    }

    /// Puts `layer` in the place of the screen `from`, or of the one that covers everything.
    fn replace(&mut self, from: LayerId, layer: Box<dyn super::Layer>) {
        let placed = self.place(layer);
        match self.position(from) {
            Some(at) => self.screens[at] = placed,
            None => self.gate = Some(placed),
        }
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
        self.screens.truncate(screens::DEPTH_OF_SECRETS);
        if let Some(Placed { layer, .. }) = self.screens.last_mut() {
            layer.on_select(id, &self.shared);
        }
        Vec::new()
    }

    /// What all layers share, for tests and the runtime.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }
}

fn bad(text: String) -> Nav {
    Nav::Toast(Toast { text, tone: Tone::Bad })
}
