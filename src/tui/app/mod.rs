//! The state of the program and how it changes: `Msg → App::update → Effect`, `render(&App)`.
//!
//! Screens are a stack with at most one dialog on top. A locked vault covers both with the unlock
//! screen. Nothing here touches the terminal, the clock or the vault.

mod chrome;
mod deadlines;
mod idle;
mod navigate;
mod news;
#[cfg(test)]
pub(in crate::tui) mod others;
#[cfg(test)]
mod sessions_tests;
mod shared;
#[cfg(test)]
mod tests;
mod unfinished;
#[cfg(test)]
mod unfinished_tests;
mod update;

use std::sync::Arc;

use ratatui::Frame;

use super::layer::{DoorAnswer, Effect, Layer, LayerId, Listed, Millis, Toast};
use super::screens;
use crate::domain::{Header, Keeper, SecretBytes, Timestamp, Unfinished};
use crate::service::{News, Progress, VaultStatus};

use idle::LockTimer;

pub use chrome::{ROWS_ABOVE_BODY, body_rows};
pub use shared::{Setup, Shared};

/// A toast stays so long, or until the next key.
const TOAST: Millis = 8 * 1000;
/// What was sent to the clipboard is overwritten after so long.
const CLIPBOARD: Millis = 45 * 1000;
/// The smallest terminal that can be worked in.
const SMALLEST: (u16, u16) = (60, 16);

/// Asks that the app makes for itself, not for a layer.
const APP: LayerId = LayerId(0);
/// The app's own asking for the lock: whatever comes of it, the screens are covered.
const LOCK: LayerId = LayerId(1);
/// What the lock timer asks.
const TIMER: LayerId = LayerId(2);
/// What becomes of unfinished forms: whatever comes of it, no layer waits for it.
const KEEP: LayerId = LayerId(3);
/// Asking for the forms that were left unfinished.
const LEFT: LayerId = LayerId(4);
/// Asking what whoever is in may do, when no screen asks for the organization.
const RIGHTS: LayerId = LayerId(5);
/// The first layer.
const FIRST: LayerId = LayerId(8);

/// Something that the app must know of.
#[derive(Debug)]
pub enum Msg {
    /// The terminal.
    Event(super::input::Event),
    /// The door answered.
    Answer(LayerId, DoorAnswer),
    /// Long work goes on.
    Progress(LayerId, Progress),
    /// A file was read.
    File(LayerId, std::path::PathBuf, Result<SecretBytes, String>),
    /// A folder was listed.
    Folder(LayerId, std::path::PathBuf, Listed),
    /// What [`Effect::Copy`] came to: advice to show, or why it did not go.
    Copied(Result<Option<String>, String>),
    /// What others did at the same vault.
    News(News),
    /// There will be no news any more: who held the vault is gone.
    LineLost,
    /// The deadline has come.
    Tick,
}

/// The two clocks, read by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The time of day.
    pub wall: Timestamp,
    /// A clock that only goes forward.
    pub mono: Millis,
}

struct Placed {
    id: LayerId,
    layer: Box<dyn Layer>,
}

/// The whole program, but for the terminal and the vault.
pub struct App {
    shared: Shared,
    screens: Vec<Placed>,
    /// Unlock screen, wizard or the passphrase that is owed: over everything while there is no way in.
    gate: Option<Placed>,
    dialog: Option<Placed>,
    /// The dialog that asked before quitting, the last time.
    quit_dialog: Option<LayerId>,
    toast: Option<(Toast, Millis)>,
    last_input: Millis,
    timer: LockTimer,
    /// The line on which news came is gone, and the door has not said yet why.
    line_lost: bool,
    /// The door has been asked to lock the vault and has not answered yet.
    locking: bool,
    /// The door has been asked whether the vault is open still, and has not answered yet.
    checking: bool,
    /// So many lists of the secrets are asked for and have not come.
    lists_due: usize,
    /// What was heard meanwhile: they may be older.
    heard: Vec<Arc<Header>>,
    /// The recovery key that opened the vault, until a new passphrase has been set: it proves who sets that.
    recovered_with: Option<SecretBytes>,
    clipboard_until: Option<Millis>,
    /// The door has been asked for forms that were left unfinished: once is enough.
    asked_for_left: bool,
    /// Those that are still to be offered.
    left: Vec<Unfinished>,
    next_id: u32,
}

impl App {
    /// The program at its start, with what has to be asked first.
    pub fn new(setup: Setup, status: VaultStatus, now: Now) -> (Self, Vec<(LayerId, Effect)>) {
        let mut app = Self {
            shared: Shared::new(setup, now),
            screens: Vec::new(),
            gate: None,
            dialog: None,
            quit_dialog: None,
            toast: None,
            last_input: now.mono,
            timer: LockTimer::default(),
            line_lost: false,
            locking: false,
            checking: false,
            lists_due: 0,
            heard: Vec::new(),
            recovered_with: None,
            clipboard_until: None,
            asked_for_left: false,
            left: Vec::new(),
            next_id: FIRST.0,
        };
        let effects = app.start(status);
        (app, effects)
    }

    /// Says which program this is, in what it keeps.
    pub fn set_keeper(&mut self, keeper: Keeper) {
        self.shared.keeper = keeper;
    }

    fn start(&mut self, status: VaultStatus) -> Vec<(LayerId, Effect)> {
        match status {
            VaultStatus::Absent => self.gate = Some(self_placed(&mut self.next_id, screens::wizard())),
            VaultStatus::Locked => self.gate = Some(self_placed(&mut self.next_id, screens::unlock())),
            VaultStatus::Unlocked(session) => return self.enter(session, Default::default()),
        }
        Vec::new()
    }

    fn place(&mut self, layer: Box<dyn Layer>) -> Placed {
        self_placed(&mut self.next_id, layer)
    }

    fn top(&self) -> Option<&Placed> {
        self.dialog.as_ref().or(self.gate.as_ref()).or(self.screens.last())
    }

    fn layers(&self) -> impl Iterator<Item = &Placed> {
        self.screens.iter().chain(&self.gate).chain(&self.dialog)
    }

    fn layers_mut(&mut self) -> impl Iterator<Item = &mut Placed> {
        self.screens.iter_mut().chain(&mut self.gate).chain(&mut self.dialog)
    }

    /// Nothing can be done on a terminal that is too small, for nobody sees what.
    fn is_too_small(&self) -> bool {
        let (columns, rows) = self.shared.size;
        columns < SMALLEST.0 || rows < SMALLEST.1
    }

    /// Draws everything. Looks, changes nothing.
    pub fn render(&self, frame: &mut Frame<'_>) {
        let area = frame.area();
        let buf = frame.buffer_mut();
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            return chrome::too_small(area, buf, SMALLEST, self.asks_before_quitting(), self.shared.theme);
        }
        let path: Vec<&dyn Layer> = match &self.gate {
            Some(gate) => vec![&*gate.layer],
            None => self.screens.iter().map(|placed| &*placed.layer).collect(),
        };
        let body = chrome::header(area, buf, &path, self.note(), &self.shared);
        if let Some(screen) = path.last() {
            screen.render(body, buf, &self.shared);
        }
        if let Some(dialog) = &self.dialog {
            chrome::step_back(area, buf, self.shared.theme);
            dialog.layer.render(area, buf, &self.shared);
        }
        if let Some(top) = self.top() {
            let toast = self.toast.as_ref().map(|(toast, _)| toast);
            chrome::footer(area, buf, &*top.layer, toast, &self.shared);
        }
    }
}

fn self_placed(next_id: &mut u32, layer: Box<dyn Layer>) -> Placed {
    let id = LayerId(*next_id);
    *next_id += 1;
    Placed { id, layer }
}
