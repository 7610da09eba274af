//! What a screen or a dialog is, and what it may ask for.

use std::borrow::Cow;
use std::path::PathBuf;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::app::Shared;
use super::input::Key;
use super::keymap::{Cmd, Context};
use super::screens::audit::EventFilter;
use super::screens::listing::{Column, Filter};
use crate::domain::organization::{Permission, Reach};
use crate::domain::{SecretBytes, SecretId, Unfinished, UnfinishedId};
use crate::service::{DoorError, Handed, OpenReport, Progress, Request, Response, Session};

/// Milliseconds on a clock that only goes forward.
pub type Millis = u64;

/// What came of a request.
pub type DoorAnswer = Result<Response, DoorError>;

/// Names a layer for as long as it lives, so that an answer finds the one that asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LayerId(pub u32);

/// Something that has to happen outside the app. A plain value: comparable, testable, held by
/// dialogs until they are confirmed.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Ask at the door; the answer comes back to the layer that asked.
    Ask(Request),
    /// Read a file of at most 1 MiB, off the screen's thread.
    ReadFile(PathBuf),
    /// List a folder, off the screen's thread.
    ListFolder(PathBuf),
    /// Send bytes to the terminal's clipboard over OSC 52.
    Copy(SecretBytes),
    /// Overwrite the terminal's clipboard.
    ClearClipboard,
    /// Give the terminal back and stop until SIGCONT.
    Suspend,
    /// Enter the terminal's modes again after others stopped and continued us.
    Resume,
    /// Draw every cell anew.
    Redraw,
    /// Keep nothing of what was drawn, for values may have been among it, and draw every cell anew.
    Forget,
    /// End the program.
    Quit,
}

/// A change of what is on the screen.
pub enum Nav {
    /// One step down.
    Push(Box<dyn Layer>),
    /// One step up from the layer that says it.
    Pop,
    /// One step up, then one down: the layer above takes this one's place.
    Replace(Box<dyn Layer>),
    /// A dialog on top; takes the place of the one that is there.
    Open(Box<dyn Layer>),
    /// The dialog goes.
    Close,
    /// The vault is open: leave the unlock screen or the wizard.
    Enter(Session, OpenReport),
    /// This recovery key opened the vault: a new passphrase is owed, and the key proves who sets it. Comes before
    /// [`Nav::Enter`].
    Recovered(SecretBytes),
    /// A new passphrase is set: none is owed any more.
    PassphraseChanged,
    /// One step up from the file picker, which has this file for the layer below.
    Picked(PathBuf),
    /// The dialog goes, in which this was chosen for the screen below.
    Chosen(Chosen),
    /// Back to the listing, with this secret selected.
    ToListing(SecretId),
    /// This screen goes, with what is typed there, if it is there still.
    Leave(LayerId),
    /// Another order or selection of the rows of the listing; the dialog goes.
    Arrange(Arrange),
    /// Do as if the person had meant this, in the screen under the dialog.
    Perform(Cmd),
    /// A line at the foot of the screen, for a few seconds.
    Toast(Toast),
}

/// Another order or selection of the rows of the listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrange {
    /// Sort by this column; by the same one again, the other way round.
    Sort(Column),
    /// Show only what passes.
    Filter(Filter),
    /// Show only the events that pass.
    Events(EventFilter),
}

/// What was chosen from a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// A secret.
    Secret(SecretId),
    /// A field of it.
    Field(Box<str>),
    /// How far a permission shall reach; `None`: it shall not be granted.
    Reach(Option<Reach>),
}

/// What whoever is in lacks to do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// A permission: for this secret, by its id and name, or for all.
    Permission(Permission, Option<(SecretId, Box<str>)>),
    /// The secret of this name is in the profile of somebody else.
    Personal(Box<str>),
    /// The role: it takes an Account Holder or Manager.
    Role,
    /// The role: what concerns Account Holders takes one.
    Holder,
}

/// A short message at the foot of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// What it says, sanitized.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
}

/// How a message is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It worked.
    Good,
    /// Look at this.
    Warn,
    /// It did not work.
    Bad,
}

/// What a layer is handed while it handles something: what it may read, and where its wishes go.
pub struct Cx<'a> {
    /// What all layers share.
    pub shared: &'a Shared,
    /// The layer itself.
    pub me: LayerId,
    /// Effects, in order.
    pub effects: Vec<Effect>,
    /// Changes of the screen, in order.
    pub navs: Vec<Nav>,
}

impl<'a> Cx<'a> {
    /// Sends what was handed over to the clipboard.
    pub fn copy(&mut self, handed: Vec<Handed>) {
        self.effects.extend(handed.into_iter().map(|handed| Effect::Copy(handed.bytes)));
    }

    /// An empty outbox of layer `me` over what is shared.
    pub fn new(shared: &'a Shared, me: LayerId) -> Self {
        Self { shared, me, effects: Vec::new(), navs: Vec::new() }
    }

    /// Asks at the door.
    pub fn ask(&mut self, request: Request) {
        self.effects.push(Effect::Ask(request));
    }

    /// Shows `text` at the foot of the screen.
    pub fn toast(&mut self, tone: Tone, text: impl Into<String>) {
        self.navs.push(Nav::Toast(Toast { text: text.into(), tone }));
    }

    /// One step down.
    pub fn push(&mut self, layer: impl Layer + 'static) {
        self.navs.push(Nav::Push(Box::new(layer)));
    }

    /// Opens a dialog.
    pub fn open(&mut self, dialog: impl Layer + 'static) {
        self.navs.push(Nav::Open(Box::new(dialog)));
    }

    /// One step up.
    pub fn pop(&mut self) {
        self.navs.push(Nav::Pop);
    }

    /// Closes the dialog.
    pub fn close(&mut self) {
        self.navs.push(Nav::Close);
    }
}

/// What a folder holds, or why it could not be listed.
pub type Listed = Result<Vec<FolderEntry>, String>;

/// One entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderEntry {
    /// Its name; shown sanitized.
    pub name: std::ffi::OsString,
    /// Whether it is a folder.
    pub folder: bool,
    /// Its size in bytes.
    pub size: u64,
}

/// A screen, or the one dialog above the screens.
///
/// State changes only in the `on_…` methods; `render` looks and never touches.
pub trait Layer: Send {
    /// Its step in the breadcrumb; dialogs have none.
    fn crumb(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    /// Which keys count now.
    fn context(&self) -> Context;

    /// Whether `cmd` would do something now: what the footer and the palette offer. What is not offered does not
    /// reach [`Layer::on_cmd`].
    fn offers(&self, _cmd: Cmd, _shared: &Shared) -> bool {
        true
    }

    /// Why `cmd`, which is not offered, would do nothing now; for a toast. `None` where the key means nothing anyway.
    fn why_not(&self, _cmd: Cmd, _shared: &Shared) -> Option<String> {
        None
    }

    /// What whoever is in lacks for `cmd`, which is offered: it is shown dim, and a dialog says what is missing.
    fn lacks(&self, _cmd: Cmd, _shared: &Shared) -> Option<Lack> {
        None
    }

    /// The secret that it is about now, if it is about one.
    fn about(&self) -> Option<SecretId> {
        None
    }

    /// The footer's word for `cmd` here, when it is another than the keymap's.
    fn hint(&self, _cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        None
    }

    /// On the screen for the first time.
    fn on_enter(&mut self, _cx: &mut Cx<'_>) {}

    /// A command from the keymap.
    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>);

    /// A key that the keymap knows nothing about, in a context that takes text.
    fn on_key(&mut self, _key: Key, _cx: &mut Cx<'_>) {}

    /// A paste, whole.
    fn on_paste(&mut self, _paste: SecretBytes, _cx: &mut Cx<'_>) {}

    /// The answer to what this layer asked at the door.
    fn on_answer(&mut self, _answer: Result<Response, DoorError>, _cx: &mut Cx<'_>) {}

    /// How far what this layer asked has come.
    fn on_progress(&mut self, _progress: Progress) {}

    /// The file that this layer asked to read.
    fn on_file(&mut self, _path: PathBuf, _bytes: Result<SecretBytes, String>, _cx: &mut Cx<'_>) {}

    /// The folder that this layer asked to list.
    fn on_folder(&mut self, _path: PathBuf, _listed: Listed, _cx: &mut Cx<'_>) {}

    /// The file that was chosen in the picker above this layer.
    fn on_picked(&mut self, _path: PathBuf, _cx: &mut Cx<'_>) {}

    /// What was chosen in the dialog above this layer.
    fn on_chosen(&mut self, _chosen: Chosen, _cx: &mut Cx<'_>) {}

    /// Applications were added, edited or removed elsewhere.
    fn on_applications(&mut self, _cx: &mut Cx<'_>) {}

    /// Something about the organization is not as it was.
    fn on_organization(&mut self, _cx: &mut Cx<'_>) {}

    /// The secrets in [`Shared`] have changed.
    fn on_data(&mut self, _shared: &Shared) {}

    /// The vault has just been unlocked in another session, and is locked here.
    fn on_open_elsewhere(&mut self, _cx: &mut Cx<'_>) {}

    /// Back on top after the layer above went.
    fn on_return(&mut self, _cx: &mut Cx<'_>) {}

    /// The secret that the listing stands on, to come back to.
    fn stands_on(&self) -> Option<SecretId> {
        None
    }

    /// The listing, asked to stand on this secret.
    fn on_select(&mut self, _id: SecretId, _shared: &Shared) {}

    /// The listing, asked for another order or filter.
    fn on_arrange(&mut self, _arrange: Arrange, _shared: &Shared) {}

    /// The time that [`Layer::deadline`] named has come.
    fn on_deadline(&mut self, _cx: &mut Cx<'_>) {}

    /// When this layer wants to be called again without a key, if at all.
    fn deadline(&self) -> Option<Millis> {
        None
    }

    /// Nobody looks any more (focus lost, idle, suspended, covered): show no value.
    fn on_blur(&mut self) {}

    /// Whether it shows something in clear that stays so until [`Layer::on_blur`].
    fn is_in_clear(&self) -> bool {
        false
    }

    /// The vault is locked: forget every secret byte. `false` takes the layer off the stack.
    fn on_lock(&mut self) -> bool;

    /// What the lock takes with it that cannot be had again, and what to do about it, if anything.
    fn lost_by_lock(&self) -> Option<&'static str> {
        None
    }

    /// What quitting now would lose, in a sentence, if anything.
    fn at_stake(&self) -> Option<&'static str> {
        None
    }

    /// What was entered here and is not secret, if it is to be kept for the next start and is not kept as it is.
    fn to_keep(&mut self, _shared: &Shared) -> Option<Unfinished> {
        None
    }

    /// Whether there is something for [`Layer::to_keep`].
    fn is_unkept(&self, _shared: &Shared) -> bool {
        false
    }

    /// Under which id what was entered here is kept, if it is: it goes with this layer.
    fn kept_as(&self) -> Option<UnfinishedId> {
        None
    }

    /// The screen changed its size, in cells of its own area.
    fn on_resize(&mut self, _columns: u16, _rows: u16) {}

    /// Draws itself into `area`: for a screen its body, for a dialog the whole screen that it centres itself in.
    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared);
}
