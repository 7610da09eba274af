//! Files on their way into the form: typed, dropped, pasted or picked.

use std::path::{Path, PathBuf};

use super::Screen;
use super::focus::Focus;
use super::typing::insert;
use crate::domain::SecretBytes;
use crate::domain::kind::Input;
use crate::form::paste::{Pasted, classify};
use crate::form::{Content, FieldError, FileContent, Held};
use crate::tui::layer::{Cx, Effect, Nav, Tone};
use crate::tui::screens::picker;

/// The path typed into a file field that has not been loaded yet.
pub(super) fn typed_path(content: &Content) -> Option<&str> {
    match content {
        Content::File(file) => Some(file.typed.trim()).filter(|path| !path.is_empty()),
        _ => None,
    }
}

impl Screen {
    /// The file field with the focus, and what it takes.
    pub(super) fn focused_file(&self) -> Option<(Input, &FileContent)> {
        let Focus::Field(index) = self.focus else { return None };
        let field = self.form.field(index)?;
        match field.content() {
            Content::File(file) => Some((field.spec().input, file)),
            _ => None,
        }
    }

    /// Whether Ctrl-D does something in the file field with the focus: what is new goes, what is stored
    /// goes unless it is required, and what is stored comes back.
    pub(super) fn can_be_cleared(&self) -> bool {
        let Focus::Field(index) = self.focus else { return false };
        let (Some(field), Some((_, file))) = (self.form.field(index), self.focused_file()) else { return false };
        file.typed.is_empty()
            && match file.held {
                Held::Loaded(_) => true,
                Held::Kept(_) => !field.spec().required,
                Held::Nothing => field.is_edited(),
            }
    }

    /// Whether the file field with the focus holds a file that is not stored yet.
    pub(super) fn is_loaded(&self) -> bool {
        self.focused_file().is_some_and(|(_, file)| file.typed.is_empty() && matches!(file.held, Held::Loaded(_)))
    }

    /// Whether the file for this field is being read.
    pub(super) fn is_reading(&self, index: usize) -> bool {
        self.reading.iter().any(|(field, _)| *field == index)
    }

    /// Reads the file whose path stands in the field; whether there is one.
    pub(super) fn read_typed(&mut self, index: usize, cx: &mut Cx<'_>) -> bool {
        let Some(typed) = self.form.field(index).and_then(|field| typed_path(field.content())) else { return false };
        if self.is_reading(index) {
            return true;
        }
        let path = match classify(typed, home().as_deref()) {
            Pasted::Paths(paths) => paths.into_iter().next(),
            _ => None,
        };
        let path = path.unwrap_or_else(|| PathBuf::from(typed));
        self.read(index, path, cx);
        true
    }

    /// Reads every file whose path has been typed; whether any has to be waited for.
    pub(super) fn read_all_typed(&mut self, cx: &mut Cx<'_>) -> bool {
        let fields: Vec<usize> = self.form.visible().collect();
        for index in fields {
            self.read_typed(index, cx);
        }
        !self.reading.is_empty()
    }

    fn read(&mut self, index: usize, path: PathBuf, cx: &mut Cx<'_>) {
        let path = cx.shared.folder.join(path);
        self.stop_reading(index);
        self.reading.push((index, path.clone()));
        cx.effects.push(Effect::ReadFile(path));
    }

    /// The field got something else meanwhile: the file that is on its way to it is not for it any more.
    pub(super) fn stop_reading(&mut self, index: usize) {
        self.reading.retain(|(field, _)| *field != index);
    }

    /// A file has been read, or not: into its field with it.
    pub(super) fn file_read(&mut self, path: &Path, bytes: Result<SecretBytes, String>, cx: &mut Cx<'_>) {
        let Some(at) = self.reading.iter().position(|(_, waited)| waited == path) else { return };
        let (index, _) = self.reading.remove(at);
        let name = path.file_name().map(|name| name.to_string_lossy());
        let taken = match bytes {
            Ok(bytes) => self.form.load_file(index, name.as_deref(), bytes).is_ok(),
            Err(cause) => {
                self.form.set_error(index, FieldError::Told(sentence(&cause).into()));
                false
            }
        };
        if self.focus == Focus::Field(index) {
            self.stand_on(self.focus, true);
        }
        self.submit_when_read &= taken;
        if self.submit_when_read && self.reading.is_empty() {
            self.submit_when_read = false;
            self.send(cx);
        }
    }

    /// A paste into a file field: dropped files are read, a PEM is the content, a line is a path.
    pub(super) fn paste_file(&mut self, index: usize, paste: SecretBytes, cx: &mut Cx<'_>) {
        let text = paste.expose_text().unwrap_or_default().trim_end();
        match classify(text, home().as_deref()) {
            Pasted::Paths(paths) => match &*paths {
                [path] => self.read_named(index, text, path.clone(), cx),
                _ => self.read_dropped(paths, cx),
            },
            Pasted::Text if !text.contains('\n') => {
                self.stop_reading(index);
                insert(&mut self.editor, &mut self.form, index, &paste);
            }
            Pasted::Pem | Pasted::Text => {
                self.stop_reading(index);
                // What is wrong with it stands beside the field.
                let _ = self.form.load_file(index, None, paste);
                self.stand_on(self.focus, true);
            }
        }
    }

    /// Reads a file whose path stands in the field until it is loaded: one that fails can be corrected.
    fn read_named(&mut self, index: usize, written: &str, path: PathBuf, cx: &mut Cx<'_>) {
        self.form.set_text(index, written);
        if self.focus == Focus::Field(index) {
            self.stand_on(self.focus, true);
        }
        self.read(index, path, cx);
    }

    /// Of several dropped files, `.key` files are for the private key, the others for the fields that take other files,
    /// in order.
    fn read_dropped(&mut self, paths: Vec<PathBuf>, cx: &mut Cx<'_>) {
        let mut free: Vec<(usize, bool)> = self.form.visible().filter_map(|index| self.takes_keys(index)).collect();
        for path in paths {
            let is_key = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("key"));
            match free.iter().position(|(_, takes_keys)| *takes_keys == is_key) {
                Some(at) => {
                    let written = path.to_string_lossy().into_owned();
                    self.read_named(free.remove(at).0, &written, path, cx);
                }
                None => cx.toast(Tone::Warn, "There are more files than fields for them: the others were left out."),
            }
        }
    }

    /// The field, if it takes files, and whether those are private keys.
    fn takes_keys(&self, index: usize) -> Option<(usize, bool)> {
        let field = self.form.field(index)?;
        matches!(field.content(), Content::File(_)).then_some((index, field.spec().input == Input::PrivateKeyFile))
    }

    /// Opens the file picker over a file field. Files such as `.env` are hidden ones.
    pub(super) fn pick_file(&mut self, cx: &mut Cx<'_>) {
        let Some((input, _)) = self.focused_file() else { return };
        let folder = self.folder.as_ref().unwrap_or(&cx.shared.folder);
        cx.navs.push(Nav::Push(picker::screen(folder, input == Input::AnyFile)));
    }

    /// A file was chosen in the picker.
    pub(super) fn picked(&mut self, path: PathBuf, cx: &mut Cx<'_>) {
        self.folder = path.parent().map(Path::to_path_buf);
        let Focus::Field(index) = self.focus else { return };
        let written = path.to_string_lossy().into_owned();
        self.read_named(index, &written, path, cx);
    }
}

fn home() -> Option<PathBuf> {
    std::env::home_dir()
}

/// The operating system's words as a sentence that says what to do.
fn sentence(cause: &str) -> String {
    format!("{}. Choose another file, or correct the path.", cause.trim_end_matches('.'))
}
