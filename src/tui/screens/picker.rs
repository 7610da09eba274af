//! The file picker: one folder at a time, narrowed by typing.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::SecretBytes;
use crate::tui::app::Shared;
use crate::tui::fuzzy::Finder;
use crate::tui::input::{Code, Key};
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, Effect, FolderEntry, Layer, Listed, Nav};
use crate::tui::text::{clean, fit, width, wrap};
use crate::tui::widgets::{ListState, TextInput};

/// Rows above the list: the path, the filter and a blank one.
const ABOVE: u16 = 3;
/// Cells for the size at the right.
const SIZE: u16 = 10;
/// No wider than a form.
const WIDTH: u16 = 78;

struct Entry {
    /// The name as shown; the real one may not be fit for that.
    shown: String,
    real: FolderEntry,
}

struct Picker {
    folder: PathBuf,
    entries: Vec<Entry>,
    /// The entries that pass, in the order shown.
    found: Vec<usize>,
    filter: TextInput,
    at: ListState,
    hidden: bool,
    waiting: bool,
    error: Option<String>,
    /// The folder one came up from, to stand on it.
    came_from: Option<std::ffi::OsString>,
}

/// The picker, beginning in `folder`; `hidden` is whether files such as `.env` are shown from the start.
pub(super) fn screen(folder: &Path, hidden: bool) -> Box<dyn Layer> {
    Box::new(Picker {
        folder: folder.to_path_buf(),
        entries: Vec::new(),
        found: Vec::new(),
        filter: TextInput::default(),
        at: ListState::default(),
        hidden,
        waiting: false,
        error: None,
        came_from: None,
    })
}

impl Picker {
    fn go_to(&mut self, folder: PathBuf, cx: &mut Cx<'_>) {
        self.folder = folder;
        self.filter = TextInput::default();
        self.entries.clear();
        self.found.clear();
        self.error = None;
        self.waiting = true;
        cx.effects.push(Effect::ListFolder(self.folder.clone()));
    }

    fn above(&self) -> Option<&Path> {
        self.folder.parent().filter(|above| !above.as_os_str().is_empty())
    }

    fn go_up(&mut self, cx: &mut Cx<'_>) {
        if let Some(above) = self.above().map(Path::to_path_buf) {
            self.came_from = self.folder.file_name().map(ToOwned::to_owned);
            self.go_to(above, cx);
        }
    }

    fn open(&mut self, cx: &mut Cx<'_>) {
        let Some(entry) = self.found.get(self.at.selected).map(|found| &self.entries[*found].real) else { return };
        let path = self.folder.join(&entry.name);
        if entry.folder {
            self.go_to(path, cx);
        } else {
            cx.navs.push(Nav::Picked(path));
        }
    }

    /// Folders first and by name; while a filter is typed, what fits best first.
    fn search(&mut self) {
        let mut finder = Finder::new(self.filter.text());
        let entries = self.entries.iter().enumerate().filter(|(_, entry)| self.hidden || !is_hidden(&entry.real));
        let mut found: Vec<(u32, usize)> =
            entries.filter_map(|(i, entry)| finder.score(&entry.shown).map(|score| (score, i))).collect();
        found.sort_unstable_by_key(|(score, i)| (Reverse(*score), *i));
        self.found = found.into_iter().map(|(_, i)| i).collect();
        self.at.select(0, self.found.len());
    }

    fn stand_on(&mut self, name: &std::ffi::OsStr) {
        let row = self.found.iter().position(|found| self.entries[*found].real.name == name);
        self.at.select(row.unwrap_or(0), self.found.len());
    }
}

fn is_hidden(entry: &FolderEntry) -> bool {
    entry.name.as_encoded_bytes().starts_with(b".")
}

fn page(rows: u16) -> usize {
    usize::from(rows.saturating_sub(5 + ABOVE))
}

/// `612 B`, `1.5 KiB`, `12 MiB`: at most three digits.
fn size(bytes: u64) -> String {
    let mut unit = 1;
    let mut names = ["B", "KiB", "MiB", "GiB"].into_iter();
    let mut name = names.next().unwrap_or_default();
    for next in names {
        if bytes / unit < 1024 {
            break;
        }
        unit *= 1024;
        name = next;
    }
    match bytes / unit {
        whole @ 0..10 if unit > 1 => format!("{whole}.{} {name}", bytes % unit * 10 / unit),
        whole => format!("{whole} {name}"),
    }
}

impl Layer for Picker {
    fn crumb(&self) -> Cow<'_, str> {
        "Choose a file".into()
    }

    fn context(&self) -> Context {
        Context::Picker
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        cmd != Cmd::PrevField || self.above().is_some()
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        let folder = self.found.get(self.at.selected).is_some_and(|found| self.entries[*found].real.folder);
        match cmd {
            Cmd::Open if folder => Some("Open".into()),
            Cmd::ShowHidden if self.hidden => Some("Hide hidden files".into()),
            _ => None,
        }
    }

    fn on_enter(&mut self, cx: &mut Cx<'_>) {
        self.go_to(self.folder.clone(), cx);
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.pop(),
            Cmd::Open => self.open(cx),
            Cmd::PrevField => self.go_up(cx),
            Cmd::ShowHidden => {
                self.hidden = !self.hidden;
                self.search();
            }
            _ => {
                self.at.set_page(page(cx.shared.size.1), self.found.len());
                self.at.move_by(cmd, self.found.len());
            }
        }
    }

    fn on_key(&mut self, key: Key, cx: &mut Cx<'_>) {
        if key.code == Code::Backspace && self.filter.text().is_empty() {
            self.go_up(cx);
        } else if self.filter.on_key(key) {
            self.search();
        }
    }

    fn on_paste(&mut self, paste: SecretBytes, _cx: &mut Cx<'_>) {
        self.filter.insert(paste.expose_text().unwrap_or_default());
        self.search();
    }

    fn on_folder(&mut self, path: PathBuf, listed: Listed, cx: &mut Cx<'_>) {
        if path != self.folder {
            return;
        }
        self.waiting = false;
        match listed {
            Ok(entries) => {
                let entry = |real: FolderEntry| Entry { shown: clean(&real.name.to_string_lossy()).into_owned(), real };
                self.entries = entries.into_iter().map(entry).collect();
            }
            Err(cause) => self.error = Some(cause),
        }
        self.at.set_page(page(cx.shared.size.1), self.entries.len());
        self.search();
        if let Some(name) = self.came_from.take() {
            self.stand_on(&name);
        }
    }

    fn on_resize(&mut self, _columns: u16, rows: u16) {
        self.at.set_page(page(rows), self.found.len());
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let area = Rect { width: area.width.min(WIDTH), ..area };
        let room = usize::from(area.width.saturating_sub(4));
        let path = self.folder.to_string_lossy();
        buf.set_stringn(area.x + 3, area.y, end_of(&clean(&path), room, theme.ellipsis()), room, theme.strong());
        let (x, _) = buf.set_stringn(area.x + 3, area.y + 1, "Filter: ", room, theme.dim());
        let line = Rect { x, y: area.y + 1, width: area.right().saturating_sub(x + 1), height: 1 };
        self.filter.render(line, buf, true, theme);
        let body = Rect { y: area.y + ABOVE, height: area.height.saturating_sub(ABOVE), ..area };
        match self.message() {
            Some(text) => {
                let style = if self.error.is_some() { theme.bad() } else { theme.dim() };
                for (y, line) in (body.y..body.bottom()).zip(wrap(&clean(&text), room)) {
                    buf.set_stringn(body.x + 3, y, line, room, style);
                }
            }
            None => self.list(body, buf, shared),
        }
    }
}

impl Picker {
    /// What is said in the place of the list.
    fn message(&self) -> Option<String> {
        let hidden = self.entries.len();
        match &self.error {
            Some(cause) => Some(format!("This folder cannot be listed: {cause}. Left goes to the folder above.")),
            None if self.waiting => Some("Reading the folder".to_owned()),
            None if !self.found.is_empty() => None,
            None if !self.filter.text().is_empty() => Some("Nothing here has that in its name.".to_owned()),
            None if hidden > 0 => Some(format!("Only hidden files here ({hidden}): Ctrl-T shows them.")),
            None => Some("This folder is empty. Left goes to the folder above.".to_owned()),
        }
    }

    fn list(&self, body: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let room = usize::from(body.width.saturating_sub(5 + SIZE));
        for (y, (i, found)) in (body.y..body.bottom()).zip(self.found.iter().enumerate().skip(self.at.top)) {
            let Entry { shown, real } = &self.entries[*found];
            let selected = i == self.at.selected;
            let style = if selected { theme.accent() } else { theme.text() };
            let name = fit(shown, room.saturating_sub(1), theme.ellipsis());
            buf.set_stringn(body.x + 1, y, if selected { theme.mark() } else { " " }, 1, theme.accent());
            let (x, _) = buf.set_stringn(body.x + 3, y, name, room, style);
            if real.folder {
                buf.set_stringn(x, y, "/", 1, theme.dim());
            } else {
                let text = format!("{:>1$}", size(real.size), usize::from(SIZE));
                buf.set_stringn(body.right().saturating_sub(SIZE + 1), y, text, usize::from(SIZE), theme.dim());
            }
        }
    }
}

/// The end of a path that is too long: the part that tells where one is.
fn end_of(path: &str, cells: usize, ellipsis: &str) -> String {
    if width(path) <= cells {
        return path.to_owned();
    }
    let room = cells.saturating_sub(width(ellipsis));
    let tail = path.char_indices().map(|(at, _)| &path[at..]).find(|tail| width(tail) <= room);
    format!("{ellipsis}{}", tail.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        assert_eq!(
            [0, 612, 1024, 1536, 20_480, 12 << 20].map(size),
            ["0 B", "612 B", "1.0 KiB", "1.5 KiB", "20 KiB", "12 MiB"]
        );
    }

    #[test]
    fn a_long_path_keeps_its_end() {
        assert_eq!(end_of("/a/b", 10, "…"), "/a/b");
        assert_eq!(end_of("/home/ada/keys", 9, "…"), "…ada/keys");
    }
}
