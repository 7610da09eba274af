//! Draws one field: its label, what it holds, what that means, and a note under it.

use ratatui::layout::Rect;

use super::Screen;
use super::files::typed_path;
use super::focus::{Editor, Focus};
use super::render::{LEFT, Page};
use crate::domain::kind::{Input, SUGGESTED_SCOPES};
use crate::domain::{SecretBytes, web};
use crate::form::{Content, FieldState, FileContent, Held, Loaded, Row};
use crate::tui::app::Shared;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::text::{clean, fit, wrap};
use crate::tui::theme::Theme;
use crate::tui::widgets::SecretInput;
use crate::tui::widgets::rows::MASK;
use crate::tui::words;

/// The line to type on is so wide; what the text means stands right of it.
const LINE: u16 = 36;
/// The line for a URL or a path, which mean little more than they say.
const LONG_LINE: u16 = 56;
/// Room that is left for the meaning on a narrow terminal.
const MEANING: u16 = 27;
/// Most rows of pairs that are in view.
const LIST: usize = 8;
/// Most lines of a preview.
const PREVIEW: usize = 12;
/// Most lines that say what a file field holds.
const SUMMARY: usize = 2;
/// Where the keys of pairs begin, and how wide they are.
const KEYS: (u16, u16) = (LEFT + 4, 24);
/// With so many rows the next label stands apart from a note of one line too.
const ROOMY: u16 = 17;
/// Most lines of a note.
const NOTE_LINES: usize = 6;

struct Painter<'a> {
    page: &'a mut Page,
    screen: &'a Screen,
    field: &'a FieldState,
    index: usize,
    focused: bool,
    /// Rows of the screen that the form has.
    room: u16,
    shared: &'a Shared,
}

/// Draws the field at `index`, and notes where it is when it has the focus.
pub(super) fn draw(page: &mut Page, screen: &Screen, index: usize, room: u16, shared: &Shared) {
    let Some(field) = screen.form.field(index) else { return };
    let focused = screen.focus == Focus::Field(index);
    let start = page.y;
    let mut painter = Painter { page, screen, field, index, focused, room, shared };
    painter.mark();
    painter.content();
    painter.notes();
    if focused {
        page.focus = start..page.y;
        page.cursor = page.cursor.max(start);
    }
}

impl Painter<'_> {
    fn theme(&self) -> Theme {
        self.shared.theme
    }

    fn mark(&mut self) {
        if self.focused {
            self.page.put(LEFT - 2, self.shared.theme.mark(), self.shared.theme.accent());
        }
    }

    fn content(&mut self) {
        match self.field.content() {
            Content::Flag(on) => return self.flag(*on),
            _ => self.label(),
        }
        match self.field.content() {
            Content::Text(text) => self.text(text),
            Content::Secret(secret) => self.secret(secret),
            Content::Choice(at) => self.choice(*at),
            Content::Pairs(rows) => self.pairs(rows),
            Content::File(file) => self.file(file),
            Content::Derived(_) => self.derived(),
            Content::Flag(_) => {}
        }
    }

    fn label(&mut self) {
        let theme = self.theme();
        let style = if self.focused { theme.accent() } else { theme.text() };
        let x = self.page.put(LEFT, self.screen.form.label(self.index), style);
        if !self.field.spec().required {
            self.page.put(x, " (optional)", theme.dim());
        }
        self.page.y += 1;
    }

    /// The line to type on.
    fn line(&self) -> Rect {
        let row = self.page.row();
        match self.field.spec().input {
            Input::Url | Input::CertificateFile | Input::PrivateKeyFile | Input::AnyFile => {
                Rect { width: LONG_LINE.min(row.width), ..row }
            }
            _ => Rect { width: LINE.min(row.width.saturating_sub(MEANING)), ..row },
        }
    }

    /// A thin line through the free cells after the text: it shows where one types, and how far.
    fn free_cells(&mut self, line: Rect) {
        let theme = self.theme();
        let cursor = theme.cursor().add_modifier;
        for x in (line.left()..line.right()).rev() {
            let Some(cell) = self.page.buf().cell_mut((x, line.y)) else { continue };
            if cell.symbol() != " " {
                break;
            }
            if !cell.modifier.contains(cursor) {
                cell.set_symbol(theme.either("▁", "_")).set_style(theme.dim());
            }
        }
    }

    /// What the content means, right of the line; what does not fit there is cut.
    fn meaning(&mut self, line: Rect) {
        let theme = self.theme();
        let reading = self.screen.is_reading(self.index).then(|| format!("Reading{}", theme.ellipsis()));
        // Beside the path of another file, what is held so far would be taken for its content.
        let is_path = typed_path(self.field.content()).is_some();
        let hint = || self.screen.form.hint(self.index, self.shared.wall).filter(|_| !is_path);
        let Some(text) = reading.or_else(hint) else { return };
        let room = usize::from(self.page.row().right().saturating_sub(line.right() + 2));
        self.page.put(line.right() + 2, &fit(&clean(&text), room, theme.ellipsis()), theme.dim());
    }

    fn text(&mut self, text: &str) {
        let line = self.line();
        self.typed(text, line);
        self.meaning(line);
        self.page.y += 1;
    }

    /// Text on its line, with the cursor while it is being typed.
    fn typed(&mut self, text: &str, line: Rect) {
        let theme = self.theme();
        match &self.screen.editor {
            Editor::Line(input) if self.focused => input.render(line, self.page.buf(), true, theme),
            _ => {
                let room = usize::from(line.width);
                self.page.put(line.x, &fit(&clean(text), room, theme.ellipsis()), theme.text());
            }
        }
        self.free_cells(line);
    }

    fn secret(&mut self, secret: &SecretBytes) {
        let line = self.line();
        let input = self.screen.editor.secret().filter(|_| self.focused);
        self.masked(secret, input.copied(), line);
        self.meaning(line);
        self.page.y += 1;
    }

    /// A value on its line: masked unless it is shown. One of several lines, or that is no text, is a
    /// mask of fixed width.
    fn masked(&mut self, secret: &SecretBytes, input: Option<SecretInput>, line: Rect) {
        let theme = self.theme();
        let plain = secret.expose_text().is_some_and(|text| !text.contains('\n'));
        match input {
            Some(input) if plain || input.shown => input.render(line, self.page.buf(), secret, true, theme),
            Some(_) => {
                let x = self.page.put(line.x, &theme.dot().repeat(MASK), theme.text());
                if let Some(cell) = self.page.buf().cell_mut((x, line.y)) {
                    cell.set_style(theme.cursor());
                }
            }
            None if secret.is_empty() => {}
            None => drop(self.page.put(line.x, &theme.dot().repeat(MASK), theme.text())),
        }
        self.free_cells(line);
    }

    fn flag(&mut self, on: bool) {
        let theme = self.theme();
        let style = if self.focused { theme.accent() } else { theme.text() };
        let mark = if on { "[x]" } else { "[ ]" };
        self.page.put(LEFT, &format!("{mark} {}", self.screen.form.label(self.index)), style);
        self.page.y += 1;
    }

    fn choice(&mut self, at: usize) {
        let Input::Choice(options) = self.field.spec().input else { return };
        let theme = self.theme();
        for (i, (_, label)) in options.iter().enumerate() {
            let mark = if i == at { theme.either("(•)", "(*)") } else { "( )" };
            let style = if self.focused && i == at { theme.accent() } else { theme.text() };
            self.page.put(LEFT, &format!("{mark} {label}"), style);
            self.page.y += 1;
        }
    }

    fn pairs(&mut self, rows: &[Row]) {
        let line = self.line();
        self.page.y -= 1;
        self.meaning(line);
        self.page.y += 1;
        let at = self.screen.editor.row().filter(|_| self.focused).unwrap_or(0);
        let fits = LIST.min(usize::from(self.room.saturating_sub(4))).max(1);
        let top = (at + 1).saturating_sub(fits);
        for (i, row) in rows.iter().enumerate().skip(top).take(fits) {
            self.pair(i, row);
        }
        if rows.len() > fits {
            let text = format!("Rows {} to {} of {}", top + 1, top + fits, rows.len());
            self.page.line(&text, self.theme().dim(), self.theme());
        }
    }

    fn pair(&mut self, i: usize, row: &Row) {
        let theme = self.theme();
        let here = self.focused && self.screen.editor.row() == Some(i);
        let number = format!("{:>3}", i + 1);
        self.page.put(LEFT, &number, if here { theme.accent() } else { theme.dim() });
        let key = Rect { x: KEYS.0, width: KEYS.1, ..self.page.row() };
        let value_x = key.right() + 2;
        let value = Rect { x: value_x, width: self.page.row().right().saturating_sub(value_x), ..key };
        match &self.screen.editor {
            Editor::Key(_, input) if here => input.render(key, self.page.buf(), true, theme),
            _ => {
                let text = fit(&clean(row.key()), usize::from(key.width), theme.ellipsis()).into_owned();
                self.page.put(key.x, &text, theme.text());
            }
        }
        self.free_cells(key);
        let input = match &self.screen.editor {
            Editor::Value(_, input) if here => Some(*input),
            _ => None,
        };
        self.masked(row.value(), input, value);
        if row.is_kept() && input.is_none() {
            self.page.put(value.x, "kept as it is ", theme.dim());
        }
        if here {
            self.page.cursor = self.page.y;
        }
        self.page.y += 1;
    }

    fn file(&mut self, file: &FileContent) {
        let typing = !file.typed.is_empty() || file.held == Held::Nothing;
        if typing {
            let line = self.line();
            self.typed(&file.typed, line);
            self.meaning(line);
            self.page.y += 1;
            return;
        }
        self.summary();
        match &file.held {
            Held::Loaded(loaded) if self.focused => self.preview(loaded),
            _ => {}
        }
    }

    /// What is held, in a line or two.
    fn summary(&mut self) {
        let theme = self.theme();
        let text = self.screen.form.hint(self.index, self.shared.wall).unwrap_or_default();
        let style = if self.focused { theme.accent() } else { theme.text() };
        let x = match self.field.error() {
            None => self.page.put(LEFT, theme.check(), theme.good()) + 1,
            Some(_) => LEFT,
        };
        let room = usize::from(self.page.row().right().saturating_sub(x));
        for line in wrap(&clean(&text), room).iter().take(SUMMARY) {
            self.page.put(x, line, style);
            self.page.y += 1;
        }
    }

    /// What is in the file: of values, only the keys.
    fn preview(&mut self, loaded: &Loaded) {
        let theme = self.theme();
        let lines = loaded.preview();
        if lines.iter().all(|line| line.text.is_some()) && lines.len() == 1 {
            return; // The summary has said it.
        }
        let width = lines.iter().map(|line| crate::tui::text::width(&line.label)).max().unwrap_or(0).min(24);
        let x = LEFT + 4 + u16::try_from(width).unwrap_or(0);
        let room = usize::from(self.page.row().right().saturating_sub(x));
        let mut left = PREVIEW.min(usize::from(self.room.saturating_sub(6))).max(1);
        for (i, line) in lines.iter().enumerate() {
            let text = line.text.as_deref().map_or_else(|| theme.dot().repeat(MASK).into(), clean);
            let text = wrap(&text, room);
            if text.len() > left {
                return self.page.line(&format!("  {} {} more", theme.ellipsis(), lines.len() - i), theme.dim(), theme);
            }
            left -= text.len();
            self.page.put(LEFT + 2, &fit(&clean(&line.label), width, theme.ellipsis()), theme.dim());
            for part in &text {
                self.page.put(x, part, theme.dim());
                self.page.y += 1;
            }
        }
    }

    fn derived(&mut self) {
        let theme = self.theme();
        let meaning = self.screen.form.hint(self.index, self.shared.wall);
        let (text, style) = match &meaning {
            Some(text) => (text.as_str(), theme.text()),
            None => (self.field.spec().help, theme.dim()),
        };
        self.page.line(text, style, theme);
    }

    /// Under the content: what is wrong, or else the help while the field has the focus; a blank row at least.
    fn notes(&mut self) {
        let theme = self.theme();
        for warning in self.screen.form.warnings(self.index, self.shared.wall) {
            self.note(&format!("{} {warning}", theme.alert()), theme.warn());
        }
        if let Some(error) = self.field.error() {
            return self.note(&format!("{} {error}", theme.cross()), theme.bad());
        }
        if !self.focused {
            self.page.y += 1;
            return;
        }
        if self.field.spec().input == Input::Scopes {
            self.suggestions();
        }
        let help = self.help();
        self.note(&help, theme.dim());
    }

    fn help(&self) -> String {
        let help = self.field.spec().help;
        let key = |cmd| words::key(Context::Form, cmd, self.theme());
        match self.field.content() {
            Content::File(file) if self.screen.can_be_cleared() => match file.held {
                Held::Nothing => format!("{} keeps the stored one after all. {help}", key(Cmd::RemoveRow)),
                _ => format!(
                    "{} takes it out. Another one typed, dropped or picked takes its place.",
                    key(Cmd::RemoveRow)
                ),
            },
            Content::Pairs(_) => {
                format!("{help} {} on the last row adds one, {} removes one.", key(Cmd::Open), key(Cmd::RemoveRow))
            }
            Content::Flag(_) => format!("Space ticks it. {help}"),
            _ => help.to_owned(),
        }
    }

    fn note(&mut self, text: &str, style: ratatui::style::Style) {
        let theme = self.theme();
        let width = usize::from(self.page.row().width);
        let lines: Vec<String> = text.lines().flat_map(|line| wrap(&clean(line), width)).collect();
        for line in lines.iter().take(NOTE_LINES) {
            self.page.line(line, style, theme);
        }
        self.page.y += u16::from(lines.len() > 1 || self.room >= ROOMY);
    }

    /// The scopes that others use; those that are in already are marked.
    fn suggestions(&mut self) {
        let theme = self.theme();
        let Content::Text(text) = self.field.content() else { return };
        let there = web::split_scopes(text);
        let words = SUGGESTED_SCOPES
            .map(|scope| if there.contains(&scope) { format!("{} {scope}", theme.check()) } else { scope.to_owned() });
        self.page.line(&words.join("   "), theme.dim(), theme);
    }
}
