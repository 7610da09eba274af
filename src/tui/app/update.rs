//! How the app changes: one message at a time.

use super::{APP, App, CLIPBOARD, KEEP, LEFT, LOCK, Msg, Now, TIMER};
use crate::service::{DoorError, OpenReport, Request, Response, Session, VaultStatus};
use crate::tui::input::{Code, Event, Key};
use crate::tui::keymap::{self, Cmd};
use crate::tui::layer::{DoorAnswer, Effect, Layer, LayerId, Nav, Toast, Tone};
use crate::tui::{modals, screens, words};

/// What has to happen outside, and for which layer.
pub(super) type Effects = Vec<(LayerId, Effect)>;

/// What can be done although nobody sees the screen.
const WAYS_OUT: [Cmd; 3] = [Cmd::Quit, Cmd::Suspend, Cmd::LockVault];

impl App {
    /// Takes in one message and says what has to happen outside.
    pub fn update(&mut self, msg: Msg, now: Now) -> Effects {
        self.shared.set_now(now);
        let mut effects = self.on_due();
        effects.extend(self.on_msg(msg));
        effects.extend(self.offer_left());
        effects
    }

    fn on_msg(&mut self, msg: Msg) -> Effects {
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
            Msg::News(news) => self.on_news(news),
            Msg::LineLost => self.on_line_lost(),
            // What it is sent for is done with every message.
            Msg::Tick => Vec::new(),
        }
    }

    fn on_event(&mut self, event: Event) -> Effects {
        let mut effects = Vec::new();
        if matches!(event, Event::Key(_) | Event::Paste(_)) {
            self.last_input = self.shared.mono();
            self.toast = None;
            effects = self.touch();
        }
        effects.extend(self.carry_in(event));
        effects
    }

    fn carry_in(&mut self, event: Event) -> Effects {
        match event {
            Event::Key(key) => self.on_key(key),
            Event::Paste(_) if self.is_blind() => Vec::new(),
            Event::Paste(paste) => self.with_top(|layer, cx| layer.on_paste(paste, cx)),
            Event::PasteCut => {
                let text = "The paste stood still and was cut: look at what arrived, and paste it again.".to_owned();
                self.follow(APP, vec![Nav::Toast(Toast { text, tone: Tone::Warn })])
            }
            Event::Resize { columns, rows } => {
                self.shared.set_size(columns, rows);
                self.layers_mut().for_each(|placed| placed.layer.on_resize(columns, rows));
                Vec::new()
            }
            Event::FocusLost => self.blur(),
            Event::FocusGained => Vec::new(),
            Event::Suspend => self.suspend(),
            Event::Resumed => vec![(APP, Effect::Resume)],
            Event::HangUp | Event::Terminate(_) => self.end_from_outside(),
        }
    }

    fn on_key(&mut self, key: Key) -> Effects {
        let Some(context) = self.top().map(|top| top.layer.context()) else { return Vec::new() };
        match keymap::lookup(context, key) {
            cmd if self.is_blind() => {
                cmd.filter(|cmd| WAYS_OUT.contains(cmd)).map_or_else(Vec::new, |cmd| self.perform(cmd))
            }
            Some(cmd) => self.perform(cmd),
            None if key.alt && is_told_by_escape(key) && !context.takes_text() => {
                let mut effects = self.on_key(Key::plain(Code::Esc));
                effects.extend(self.on_key(Key { alt: false, ..key }));
                effects
            }
            None => self.with_top(|layer, cx| layer.on_key(key, cx)),
        }
    }

    /// Whoever types cannot know what a key would do: the screen is too small, or about to be covered.
    fn is_blind(&self) -> bool {
        self.is_covered() || self.is_too_small()
    }

    /// Carries out a command: those that hold everywhere here, the others in the layer on top.
    pub(super) fn perform(&mut self, cmd: Cmd) -> Effects {
        match cmd {
            Cmd::Quit => self.quit(),
            Cmd::Suspend => self.suspend(),
            Cmd::Redraw => vec![(APP, Effect::Redraw)],
            Cmd::LockVault => self.ask_to_lock(),
            Cmd::ChangePassphrase => self.step_aside(cmd, screens::new_passphrase),
            Cmd::NewRecoveryKey => self.step_aside(cmd, screens::new_recovery_key),
            Cmd::Applications => self.step_aside(cmd, screens::applications),
            Cmd::AuditLog => self.step_aside(cmd, screens::audit_log),
            Cmd::VaultSettings => self.step_aside(cmd, screens::vault_settings),
            Cmd::Members => self.step_aside(cmd, screens::members),
            Cmd::Matrix => self.step_aside(cmd, screens::matrix),
            Cmd::Help | Cmd::Palette if self.dialog.is_none() => {
                let Some(top) = self.top() else { return Vec::new() };
                let dialog = if cmd == Cmd::Help {
                    modals::help(&*top.layer, &self.shared)
                } else {
                    modals::palette(&*top.layer, &self.shared)
                };
                self.follow(APP, vec![Nav::Open(dialog)])
            }
            Cmd::Palette => Vec::new(),
            _ => self.with_top(|layer, cx| {
                if !layer.offers(cmd, cx.shared) {
                    layer.why_not(cmd, cx.shared).into_iter().for_each(|why| cx.toast(Tone::Warn, why));
                } else if let Some(lack) = layer.lacks(cmd, cx.shared) {
                    cx.navs.push(Nav::Open(modals::not_permitted(lack)));
                } else {
                    layer.on_cmd(cmd, cx);
                }
            }),
        }
    }

    /// Goes to a screen that can be reached from every other, where the one on top offers it.
    fn step_aside(&mut self, cmd: Cmd, screen: fn() -> Box<dyn Layer>) -> Effects {
        let offered = self.top().is_some_and(|top| top.layer.offers(cmd, &self.shared));
        let useless = cmd.only_changes() && !self.shared.writable();
        if !offered || self.gate.is_some() || self.shared.session.is_none() || useless {
            return Vec::new();
        }
        self.follow(APP, vec![Nav::Push(screen())])
    }

    fn quit(&mut self) -> Effects {
        let at_stake = self.layers().find_map(|placed| placed.layer.at_stake());
        match at_stake {
            Some(at_stake) if !self.asks_before_quitting() => {
                let effects = self.follow(APP, vec![Nav::Open(modals::quit(at_stake))]);
                self.quit_dialog = self.dialog.as_ref().map(|dialog| dialog.id);
                effects
            }
            _ => self.end(),
        }
    }

    /// The dialog that asks is there: quitting once more is meant.
    pub(super) fn asks_before_quitting(&self) -> bool {
        self.dialog.as_ref().is_some_and(|dialog| Some(dialog.id) == self.quit_dialog)
    }

    /// The person did not mean it: what is unfinished is kept.
    fn end_from_outside(&mut self) -> Effects {
        let mut effects = self.keep_unfinished();
        effects.extend(self.end_now());
        effects
    }

    /// The person meant it: what is unfinished is discarded.
    pub(super) fn end(&mut self) -> Effects {
        let mut effects = self.forget_unfinished();
        effects.extend(self.end_now());
        effects
    }

    /// The end: nothing that was sent to the clipboard outlives the program, nor does an agent keep a vault open whose owner
    /// has no passphrase: the next one to come is asked for the recovery key again.
    fn end_now(&mut self) -> Effects {
        let clear = self.clipboard_until.take().map(|_| (APP, Effect::ClearClipboard));
        let lock = self.recovered_with.take().map(|_| (LOCK, Effect::Ask(Request::Lock)));
        clear.into_iter().chain(lock).chain([(APP, Effect::Quit)]).collect()
    }

    fn suspend(&mut self) -> Effects {
        let mut effects = self.blur();
        effects.push((APP, Effect::Suspend));
        effects
    }

    pub(super) fn blur(&mut self) -> Effects {
        self.layers_mut().for_each(|placed| placed.layer.on_blur());
        self.keep_unfinished()
    }

    fn on_answer(&mut self, to: LayerId, answer: DoorAnswer) -> Effects {
        match to {
            LOCK => return self.locked(answer.err()),
            TIMER => return self.on_timer(answer),
            KEEP => return self.on_kept(answer),
            LEFT if self.shared.session.is_some() => return self.on_left(answer),
            // Nothing else is asked in the name of the app.
            APP => self.lists_due = self.lists_due.saturating_sub(1),
            _ => {}
        }
        // Asked before the lock: nothing of it may be seen, or sent to the clipboard, now that the vault is locked.
        if self.shared.session.is_none() && self.gate.as_ref().is_none_or(|gate| gate.id != to) {
            return Vec::new();
        }
        match &answer {
            // What came in between is known before the one who was refused is told.
            Ok(Response::Changed(header)) | Err(DoorError::Conflict { current: header }) => {
                self.shared.put(header.clone());
                self.tell_data();
            }
            Ok(Response::Headers(headers)) => self.listed(headers),
            Ok(Response::Organization(view)) => self.shared.set_rights(&view.me),
            Ok(Response::Status(status)) => self.shared.open_elsewhere &= matches!(status, VaultStatus::Unlocked(_)),
            Err(DoorError::Locked) if self.shared.session.is_some() => return self.lock(),
            Err(error) if to == APP => return self.follow(APP, vec![bad(words::error(error))]),
            _ => {}
        }
        let denied = answer.as_ref().err().and_then(|error| self.denied(to, error));
        let mut effects = self.with(to, |layer, cx| layer.on_answer(answer, cx));
        if let Some(dialog) = denied {
            // It says all that the layer's own line could, and what can be done about it.
            self.toast = None;
            effects.extend(self.follow(to, vec![Nav::Open(dialog)]));
        }
        effects
    }

    /// The dialog that says what is missing, if that is what the door refused for.
    fn denied(&self, to: LayerId, error: &DoorError) -> Option<Box<dyn Layer>> {
        let DoorError::NotPermitted { act, permission, who_can, .. } = error else { return None };
        let asker = self.layers().find(|placed| placed.id == to)?;
        let below = || self.screens.last().and_then(|placed| placed.layer.about());
        let secret = asker.layer.about().or_else(below);
        self.shared.session.is_some().then(|| modals::refused(act, *permission, secret, who_can.clone()))
    }

    pub(super) fn tell_data(&mut self) {
        let Self { shared, screens, dialog, .. } = self;
        screens.iter_mut().chain(dialog).for_each(|placed| placed.layer.on_data(shared));
    }

    /// Asks the door to lock the vault, unless it is locked or has been asked.
    pub(super) fn ask_to_lock(&mut self) -> Effects {
        if self.shared.session.is_none() || self.locking {
            return Vec::new();
        }
        let mut effects = self.blur();
        self.locking = true;
        effects.push((LOCK, Effect::Ask(Request::Lock)));
        effects
    }

    /// The door has forgotten its keys, even if it could not close the store in order.
    pub(super) fn locked(&mut self, error: Option<DoorError>) -> Effects {
        let mut effects = self.lock();
        effects.extend(self.follow(APP, error.iter().map(|error| bad(words::error(error))).collect()));
        effects
    }

    /// Covers everything with the unlock screen; what lies under it has forgotten every secret byte.
    pub(super) fn lock(&mut self) -> Effects {
        (self.locking, self.checking) = (false, false);
        self.shared.open_elsewhere = false;
        if self.shared.session.is_none() {
            // Others were faster: whoever types at the unlock screen already goes on.
            return Vec::new();
        }
        (self.dialog, self.toast) = (None, None);
        (self.left, self.heard) = (Vec::new(), Vec::new());
        self.recovered_with = None;
        self.timer.stop();
        let lost = self.layers().find_map(|placed| placed.layer.lost_by_lock());
        self.screens.retain_mut(|placed| placed.layer.on_lock());
        (self.shared.session, self.shared.trouble) = (None, None);
        self.shared.headers = Vec::new();
        self.shared.loaded = false;
        self.gate = Some(self.place(screens::unlock()));
        self.tell_data();
        if let Some(text) = lost {
            self.toast = Some((Toast { text: text.to_owned(), tone: Tone::Warn }, self.shared.mono() + super::TOAST));
        }
        let clear = self.clipboard_until.take().map(|_| (APP, Effect::ClearClipboard));
        clear.into_iter().chain([(APP, Effect::Forget)]).collect()
    }

    /// The vault is open: the screens appear, or reappear, and the secrets are asked for.
    pub(super) fn enter(&mut self, session: Session, report: OpenReport) -> Effects {
        self.last_input = self.shared.mono();
        self.timer.set(&session, self.shared.mono());
        self.shared.open_elsewhere = false;
        self.shared.session = Some(session);
        self.shared.trouble.clone_from(&report.trouble);
        self.raise_gate();
        if self.screens.is_empty() {
            for screen in screens::path_to_secrets() {
                let placed = self.place(screen);
                self.screens.push(placed);
            }
        }
        let mut effects = self.ask_for_secrets();
        effects.extend(self.ask_for_left());
        effects.extend(self.follow(APP, screens::tell(&report)));
        effects
    }

    /// The screens can be reached, unless a passphrase is owed that can be set.
    fn raise_gate(&mut self) {
        let key = self.recovered_with.clone().filter(|_| self.shared.writable());
        self.gate = key.map(|key| self.place(screens::required_passphrase(key)));
    }

    fn on_copied(&mut self, outcome: Result<Option<String>, String>) -> Effects {
        let toast = match outcome {
            Ok(advice) => {
                self.clipboard_until = Some(self.shared.mono() + CLIPBOARD);
                let advice = advice.map(|a| format!(" {a}")).unwrap_or_default();
                Toast { text: format!("Sent to the terminal's clipboard for 45 s.{advice}"), tone: Tone::Good }
            }
            Err(cause) => Toast { text: words::capital(&cause), tone: Tone::Bad },
        };
        self.follow(APP, vec![Nav::Toast(toast)])
    }
}

/// Whether terminals send this key with Alt as an escape and the key. Esc and the key, pressed one after the other on a
/// slow line, look the same.
fn is_told_by_escape(key: Key) -> bool {
    matches!(key.code, Code::Char(_) | Code::Enter | Code::Backspace)
}

fn bad(text: String) -> Nav {
    Nav::Toast(Toast { text, tone: Tone::Bad })
}
