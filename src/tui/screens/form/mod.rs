//! The form that registers or edits a secret, drawn from the schema: nothing here knows the types.
//!
//! [`crate::form`] holds what was entered and checks it. This screen says where one stands
//! (`focus`), what a key does there (`typing`), reads files (`files`), speaks with the door (`submit`)
//! and draws (`render`, `field`).

mod field;
mod files;
mod focus;
mod keep;
mod render;
mod scope;
#[cfg(test)]
mod sessions_tests;
mod submit;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod told_tests;
mod typing;

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Draft, Header, Kind, SecretBytes, SecretId, State, Unfinished, UnfinishedId};
use crate::form::{Form, Mode};
use crate::service::Request;
use crate::tui::app::Shared;
use crate::tui::input::Key;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Layer, Tone};
use crate::tui::modals::{Confirm, Then};
use crate::tui::text::clean;
use crate::tui::uses::Known;
use focus::{Editor, Focus};

pub use keep::resume;

use keep::Fields;

/// Said instead of a form while nothing can be changed.
pub(super) const READ_ONLY: &str = "The vault is open for reading only: nothing can be registered or changed.";

struct Screen {
    form: Form,
    focus: Focus,
    /// Of the field that has the focus.
    editor: Editor,
    /// The files being read, and the fields that they are for.
    reading: Vec<(usize, PathBuf)>,
    /// It is to be submitted as soon as they are read.
    submit_when_read: bool,
    /// Where the file picker begins, once a file has been chosen.
    folder: Option<PathBuf>,
    /// The door is at work.
    working: bool,
    /// What the door was asked to register.
    sent: Option<Draft>,
    /// Where the secret that is edited is applied.
    uses: Known,
    /// It is stored with a new value, and only who was last served the old one is still asked.
    stored: Option<Arc<Header>>,
    /// The revision that is being edited.
    revision: u64,
    /// The newest revision that has been heard of.
    noticed: u64,
    /// What somebody else made of the secret in between.
    theirs: Option<Arc<Header>>,
    /// What is kept of it for the next start, and under which id.
    kept: Option<(UnfinishedId, Fields)>,
    /// What concerns the form as a whole, above the buttons.
    notice: Option<(Tone, String)>,
}

/// The form of a new secret of type `kind`.
pub(super) fn register(kind: Kind, shared: &Shared) -> Box<dyn Layer> {
    Box::new(Screen::new(Form::register(kind).beginning_in(scope::first(shared)), 0))
}

/// Goes to the form that edits the secret under `header`, or says why it cannot be edited.
pub(super) fn edit(header: &Header, cx: &mut Cx<'_>) {
    match &header.state {
        _ if !cx.shared.writable() => cx.toast(Tone::Warn, READ_ONLY),
        State::Deleted(stamp) => {
            let text = format!("{} was deleted by {}: it cannot be edited.", clean(&header.name), clean(&stamp.by));
            cx.toast(Tone::Warn, text);
        }
        _ => cx.push(Screen::new(Form::edit(header), header.revision)),
    }
}

impl Screen {
    fn new(form: Form, revision: u64) -> Self {
        let mut screen = Self {
            form,
            focus: Focus::Cancel,
            editor: Editor::None,
            reading: Vec::new(),
            submit_when_read: false,
            folder: None,
            working: false,
            sent: None,
            uses: Known::default(),
            stored: None,
            revision,
            noticed: revision,
            theirs: None,
            kept: None,
            notice: None,
        };
        let fields = |stop: &&Focus| **stop != Focus::Scope;
        if let Some(first) = screen.stops().iter().find(fields) {
            screen.stand_on(*first, true);
        }
        screen
    }

    fn is_edit(&self) -> bool {
        matches!(self.form.mode(), Mode::Edit(_))
    }

    /// The verb on the button, and in the footer.
    fn verb(&self) -> &'static str {
        if self.is_edit() { "Save changes" } else { "Register Secret" }
    }

    fn back(&mut self, cx: &mut Cx<'_>) {
        self.submit_when_read = false;
        if !self.form.is_changed() {
            return cx.pop();
        }
        let sentence = "What you have typed here is not saved. Leaving discards it.".to_owned();
        let title = if self.is_edit() { "Discard your changes?" } else { "Discard this secret?" };
        cx.open(Confirm::new(title, vec![sentence], "Keep editing", "Discard", Then::Leave(cx.me)));
    }
}

impl Layer for Screen {
    fn crumb(&self) -> Cow<'_, str> {
        match self.form.mode() {
            Mode::Edit(header) => format!("Edit {}", clean(&header.name)).into(),
            Mode::Register => self.form.kind().label().into(),
        }
    }

    fn context(&self) -> Context {
        Context::Form
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        match cmd {
            Cmd::ShowSecret | Cmd::Generate => self.editor.secret().is_some(),
            Cmd::PickFile => self.focused_file().is_some(),
            Cmd::RemoveRow => self.editor.row().is_some() || self.can_be_cleared(),
            _ => true,
        }
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        match cmd {
            Cmd::Submit => Some(self.verb().into()),
            Cmd::ShowSecret if self.editor.secret().is_some_and(|input| input.shown) => Some("Hide".into()),
            Cmd::RemoveRow if self.editor.row().is_none() => Some("Clear".into()),
            _ => None,
        }
    }

    fn about(&self) -> Option<SecretId> {
        match self.form.mode() {
            Mode::Edit(header) => Some(header.id),
            Mode::Register => None,
        }
    }

    fn on_enter(&mut self, cx: &mut Cx<'_>) {
        if let Mode::Edit(header) = self.form.mode() {
            cx.ask(Request::Uses(header.id));
        }
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        // Whoever goes on with the form does not want it submitted as it was.
        let goes_on = matches!(cmd, Cmd::Generate | Cmd::PickFile | Cmd::RemoveRow);
        self.submit_when_read &= !goes_on;
        match cmd {
            _ if self.working => {}
            Cmd::Back => self.back(cx),
            Cmd::NextField => self.step(true, cx),
            Cmd::PrevField => self.step(false, cx),
            Cmd::Down => self.step_down(true, cx),
            Cmd::Up => self.step_down(false, cx),
            Cmd::Open => self.enter(cx),
            Cmd::Submit => self.submit(cx),
            Cmd::Overwrite => self.overwrite(cx),
            Cmd::StartAnew => self.start_anew(cx),
            Cmd::ShowSecret => self.editor.show_or_hide(),
            Cmd::Generate => self.generate(cx),
            Cmd::PickFile => self.pick_file(cx),
            Cmd::RemoveRow => self.remove(),
            _ => {}
        }
    }

    fn on_key(&mut self, key: Key, cx: &mut Cx<'_>) {
        if !self.working {
            self.submit_when_read = false;
            self.type_key(key, cx);
        }
    }

    fn on_paste(&mut self, paste: SecretBytes, cx: &mut Cx<'_>) {
        if !self.working {
            self.submit_when_read = false;
            self.paste(paste, cx);
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        self.answered(answer, cx);
    }

    fn on_file(&mut self, path: PathBuf, bytes: Result<SecretBytes, String>, cx: &mut Cx<'_>) {
        self.file_read(&path, bytes, cx);
    }

    fn on_picked(&mut self, path: PathBuf, cx: &mut Cx<'_>) {
        self.picked(path, cx);
    }

    fn on_data(&mut self, shared: &Shared) {
        let Mode::Edit(base) = self.form.mode() else { return };
        let Some(now) = shared.header(base.id).filter(|now| now.revision > self.noticed) else { return };
        self.noticed = now.revision;
        // What it asked for itself is answered in a moment.
        if !self.working {
            self.note_change(now, shared);
        }
    }

    fn on_blur(&mut self) {
        self.editor.hide();
    }

    fn is_in_clear(&self) -> bool {
        self.editor.secret().is_some_and(|input| input.shown)
    }

    fn on_lock(&mut self) -> bool {
        if self.stored.is_some() {
            return false;
        }
        self.uses.give_up();
        self.reading.clear();
        self.submit_when_read = false;
        self.working = false;
        self.sent = None;
        if self.form.forget_secrets() {
            let text = "The vault was locked, and the secret values typed here were forgotten: enter them again.";
            self.notice = Some((Tone::Warn, text.to_owned()));
        }
        self.stand_on(self.focus, true);
        true
    }

    fn at_stake(&self) -> Option<&'static str> {
        self.form.is_changed().then_some("What you have typed is not saved. Quitting discards it.")
    }

    fn to_keep(&mut self, shared: &Shared) -> Option<Unfinished> {
        self.keep(shared)
    }

    fn is_unkept(&self, shared: &Shared) -> bool {
        Self::is_unkept(self, shared)
    }

    fn kept_as(&self) -> Option<UnfinishedId> {
        self.kept.as_ref().map(|(id, _)| *id)
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        render::render(self, area, buf, shared);
    }
}
