//! Every action of the screen by name: type a few letters, press Enter.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::SecretBytes;
use crate::tui::app::Shared;
use crate::tui::fuzzy::Finder;
use crate::tui::input::Key;
use crate::tui::keymap::{self, Cmd, Context};
use crate::tui::layer::{Cx, Layer, Nav};
use crate::tui::widgets::{ListState, TextInput, dialog_box, list_row};

/// So many actions are in view where there is room.
const PAGE: u16 = 10;

/// What can be done from every screen of an open vault, and has no key.
const KEYLESS: [(Cmd, &str); 7] = [
    (Cmd::Members, "Members of the organization"),
    (Cmd::Matrix, "Permissions: what each member may do"),
    (Cmd::Applications, "Applications"),
    (Cmd::AuditLog, "Audit log"),
    (Cmd::VaultSettings, "Vault settings"),
    (Cmd::ChangePassphrase, "Change passphrase"),
    (Cmd::NewRecoveryKey, "New recovery key"),
];
/// Added to the score where a word begins as what is typed: people name the action, not a letter here and there.
const WORD_START: u32 = 10_000;

/// Something that can be done.
struct Action {
    cmd: Cmd,
    name: String,
    key: String,
    /// Whoever is in may not do it: choosing it says why.
    lacks: bool,
}

struct Palette {
    actions: Vec<Action>,
    input: TextInput,
    found: Vec<usize>,
    at: ListState,
}

/// The palette over `layer`: what it offers now.
pub fn palette(layer: &dyn Layer, shared: &Shared) -> Box<dyn Layer> {
    let moves = [Cmd::Up, Cmd::Down, Cmd::First, Cmd::Last, Cmd::PageUp, Cmd::PageDown, Cmd::Palette];
    let mut actions: Vec<Action> = Vec::new();
    for b in keymap::of(layer.context()).filter(|b| !b.help.is_empty() && !moves.contains(&b.cmd)) {
        if layer.offers(b.cmd, shared) && !actions.iter().any(|action| action.cmd == b.cmd) {
            let word = layer.hint(b.cmd, shared).unwrap_or(b.hint.into());
            let lacks = layer.lacks(b.cmd, shared).is_some();
            actions.push(Action { cmd: b.cmd, name: title(&word, b.help), key: b.key.to_string(), lacks });
        }
    }
    let leads = |cmd: Cmd| shared.session.is_some() && (shared.writable() || !cmd.only_changes());
    let there: Vec<Cmd> = actions.iter().map(|action| action.cmd).collect();
    let keyless = KEYLESS.iter().filter(|(cmd, _)| leads(*cmd) && layer.offers(*cmd, shared) && !there.contains(cmd));
    let action =
        |(cmd, name): &(Cmd, &str)| Action { cmd: *cmd, name: (*name).to_owned(), key: String::new(), lacks: false };
    actions.extend(keyless.map(action));
    let found = (0..actions.len()).collect();
    Box::new(Palette { actions, input: TextInput::default(), found, at: ListState::default() })
}

/// The footer's word before the sentence, unless that begins with it: `Copy: send the value to the clipboard`.
fn title(word: &str, help: &str) -> String {
    if word.is_empty() || help.to_lowercase().starts_with(&word.to_lowercase()) {
        return help.to_owned();
    }
    let mut chars = help.chars();
    let first = chars.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    format!("{word}: {first}{}", chars.as_str())
}

/// A bonus for a word of `name` that begins with `typed`, the earlier the better.
fn word_bonus(name: &str, typed: &str) -> u32 {
    let typed = typed.trim().to_lowercase();
    let name = name.to_lowercase();
    let at = name.split(' ').position(|word| !typed.is_empty() && word.starts_with(&typed));
    at.map_or(0, |at| WORD_START.saturating_sub(u32::try_from(at).unwrap_or(WORD_START) * 100))
}

impl Palette {
    fn search(&mut self) {
        let mut finder = Finder::new(self.input.text());
        let typed = self.input.text();
        let mut scored: Vec<(u32, usize)> = self
            .actions
            .iter()
            .enumerate()
            .filter_map(|(i, action)| {
                finder.score(&action.name).map(|score| (score + word_bonus(&action.name, typed), i))
            })
            .collect();
        scored.sort_by_key(|(score, i)| (std::cmp::Reverse(*score), *i));
        self.found = scored.into_iter().map(|(_, i)| i).collect();
        self.at = ListState::default();
    }
}

impl Layer for Palette {
    fn context(&self) -> Context {
        Context::Palette
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.close(),
            Cmd::Open => match self.found.get(self.at.selected) {
                Some(found) => cx.navs.push(Nav::Perform(self.actions[*found].cmd)),
                None => cx.close(),
            },
            _ => drop(self.at.on_cmd(cmd, PAGE.into(), self.found.len())),
        }
    }

    fn on_key(&mut self, key: Key, _cx: &mut Cx<'_>) {
        if self.input.on_key(key) {
            self.search();
        }
    }

    fn on_paste(&mut self, paste: SecretBytes, _cx: &mut Cx<'_>) {
        self.input.insert(paste.expose_text().unwrap_or_default());
        self.search();
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let inner = dialog_box(area, buf, "Commands", 60, PAGE + 4, theme);
        self.input.render(inner, buf, true, theme);
        let rows = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
        if self.found.is_empty() {
            buf.set_stringn(rows.x, rows.y, "No action of that name here.", rows.width as usize, theme.dim());
        }
        for (y, (i, found)) in (rows.y..rows.bottom()).zip(self.found.iter().enumerate().skip(self.at.top)) {
            let Action { name, key, lacks, .. } = &self.actions[*found];
            let plain = if *lacks { theme.dim() } else { theme.text() };
            let row = Rect { y, height: 1, width: rows.width.saturating_sub(10), ..rows };
            list_row(row, buf, name, i == self.at.selected, plain, theme);
            buf.set_stringn(rows.right().saturating_sub(6), y, theme.keys(key), 6, theme.dim());
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tui::harness::Harness;

    #[test]
    fn actions_are_found_by_the_words_of_the_footer() {
        let mut h = Harness::demo(80, 24);
        for (typed, found) in [
            ("copy", "Copy: send the value"),
            ("reveal", "Reveal: "),
            ("filter", "Filter: show only"),
            ("passphrase", "Change passphrase"),
            ("recovery", "New recovery key"),
            ("delete", "Delete Secret"),
        ] {
            h.press("^P").type_text(typed).expect(&format!("▌ {found}")).press("Esc");
        }
        h.press("^P").type_text("passphrase").press("Enter").expect("Change your passphrase");
    }
}
