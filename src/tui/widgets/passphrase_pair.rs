//! A new passphrase, typed twice, with an estimate of its strength; before it the current one, where it is asked for.

use ratatui::text::{Line, Span};

use super::{Column, Note, Refused, SecretLine};
use crate::domain::SecretBytes;
use crate::form::strength::{Strength, strength};
use crate::tui::input::Key;
use crate::tui::keymap::Cmd;
use crate::tui::theme::Theme;

/// Fewest characters that a new passphrase may have.
const MIN_CHARACTERS: usize = 8;

const CURRENT: usize = 0;
const FIRST: usize = 1;
const SECOND: usize = 2;

/// Two fields for a new passphrase. Enter in the second, or Submit, settles it once both agree and it is
/// long enough; a weak one has to be settled twice.
#[derive(Debug)]
pub struct PassphrasePair {
    lines: [SecretLine; 3],
    /// The first field that there is: [`CURRENT`] where the current passphrase is asked for.
    top: usize,
    focus: usize,
    strength: Option<Strength>,
    problem: Option<(usize, String)>,
    warned: bool,
}

impl Default for PassphrasePair {
    fn default() -> Self {
        Self { lines: Default::default(), top: FIRST, focus: FIRST, strength: None, problem: None, warned: false }
    }
}

impl PassphrasePair {
    /// With a field for the current passphrase before the two.
    pub fn after_current() -> Self {
        Self { top: CURRENT, focus: CURRENT, ..Self::default() }
    }

    /// The current passphrase as typed, where it is asked for.
    pub fn current(&self) -> Option<&SecretBytes> {
        (self.top == CURRENT).then(|| self.lines[CURRENT].bytes())
    }

    /// Wipes the current passphrase, which was wrong, and says `problem` there.
    pub fn refuse_current(&mut self, problem: String) {
        self.lines[CURRENT].wipe();
        self.complain(CURRENT, problem);
    }

    /// The passphrase, as typed in the first field.
    pub fn passphrase(&self) -> &SecretBytes {
        self.lines[FIRST].bytes()
    }

    /// Whether nothing is typed in any field.
    pub fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.bytes().is_empty())
    }

    /// Whether what is typed is shown in clear.
    pub fn is_shown(&self) -> bool {
        self.lines.iter().any(SecretLine::is_shown)
    }

    /// Masks every field.
    pub fn mask(&mut self) {
        self.lines.iter_mut().for_each(|line| line.show(false));
    }

    /// Judges the passphrase anew. `known` is what a guesser would try first.
    pub fn judge(&mut self, known: &[&str]) {
        let typed = self.passphrase();
        self.strength = (!typed.is_empty()).then(|| strength(typed.expose(), known));
    }

    /// Moves, shows or submits; `true` once the passphrase is settled.
    pub fn on_cmd(&mut self, cmd: Cmd) -> bool {
        match cmd {
            Cmd::NextField => self.focus = if self.focus == SECOND { self.top } else { self.focus + 1 },
            Cmd::PrevField => self.focus = if self.focus == self.top { SECOND } else { self.focus - 1 },
            Cmd::Down => self.focus = (self.focus + 1).min(SECOND),
            Cmd::Up => self.focus = self.focus.saturating_sub(1).max(self.top),
            Cmd::ShowSecret => {
                let shown = !self.is_shown();
                self.lines.iter_mut().for_each(|line| line.show(shown));
            }
            Cmd::Open if self.focus == CURRENT => self.focus = if self.knows_current() { FIRST } else { CURRENT },
            Cmd::Open if self.focus == FIRST => self.focus = if self.long_enough() { SECOND } else { FIRST },
            Cmd::Open | Cmd::Submit => return self.settle(),
            _ => {}
        }
        false
    }

    /// Lets a key edit the field that has the focus. `known` as in [`PassphrasePair::judge`].
    pub fn on_key(&mut self, key: Key, known: &[&str]) {
        let edited = self.lines[self.focus].on_key(key);
        if edited != Ok(false) {
            self.edited(edited.map(|_| ()), known);
        }
    }

    /// Inserts a paste into the field that has the focus. `known` as in [`PassphrasePair::judge`].
    pub fn on_paste(&mut self, paste: &SecretBytes, known: &[&str]) {
        let pasted = self.lines[self.focus].paste(paste);
        self.edited(pasted, known);
    }

    fn edited(&mut self, outcome: Result<(), Refused>, known: &[&str]) {
        self.problem = outcome.err().map(|refused| (self.focus, refused.to_string()));
        self.warned = false;
        if self.focus == FIRST {
            self.judge(known);
        }
    }

    fn settle(&mut self) -> bool {
        if !self.knows_current() || !self.long_enough() || !self.another() || !self.the_same() {
            return false;
        }
        let weak = self.strength.as_ref().is_none_or(Strength::is_weak);
        if weak && !self.warned {
            self.warned = true;
            self.focus = SECOND;
            return false;
        }
        true
    }

    fn knows_current(&mut self) -> bool {
        let known = self.current().is_none_or(|current| !current.is_empty());
        if !known {
            self.complain(CURRENT, "Type the passphrase that opens the vault now.".to_owned());
        }
        known
    }

    fn another(&mut self) -> bool {
        let another = self.current() != Some(self.passphrase());
        if !another {
            self.complain(FIRST, "Choose one that is not the current one.".to_owned());
        }
        another
    }

    fn long_enough(&mut self) -> bool {
        let has = self.lines[FIRST].characters();
        if has < MIN_CHARACTERS {
            let text = match has {
                0 => format!("Choose a passphrase of at least {MIN_CHARACTERS} characters."),
                _ => format!("Make it longer: at least {MIN_CHARACTERS} characters, this has {has}."),
            };
            self.complain(FIRST, text);
        }
        has >= MIN_CHARACTERS
    }

    fn the_same(&mut self) -> bool {
        let same = self.lines[FIRST].bytes() == self.lines[SECOND].bytes();
        if !same {
            let text = if self.lines[SECOND].bytes().is_empty() {
                "Type the passphrase again here."
            } else {
                "They are not the same. Type it again; Ctrl-R shows both."
            };
            self.complain(SECOND, text.to_owned());
        }
        same
    }

    fn complain(&mut self, field: usize, text: String) {
        self.focus = field;
        self.problem = Some((field, text));
    }

    /// Draws the fields and what there is to say of them. `active` is whether they have the focus at all.
    pub fn render(&self, column: &mut Column<'_>, label: &str, active: bool, theme: Theme) {
        if self.top == CURRENT {
            self.render_current(column, active && self.focus == CURRENT, theme);
        }
        let first = active && self.focus == FIRST;
        column.field(label, first, |row, buf| self.lines[FIRST].render(row, buf, first, theme));
        self.render_first_note(column, first, theme);
        column.gap();
        let second = active && self.focus == SECOND;
        column.field("The same again", second, |row, buf| self.lines[SECOND].render(row, buf, second, theme));
        if let Some(problem) = self.problem_of(SECOND) {
            column.note(Note::Error(problem));
        } else if self.warned && active {
            column.note(Note::Warning("Easy to guess. Enter again takes it anyway."));
        }
    }

    fn render_current(&self, column: &mut Column<'_>, focused: bool, theme: Theme) {
        let line = &self.lines[CURRENT];
        column.field("Current passphrase", focused, |row, buf| line.render(row, buf, focused, theme));
        match self.problem_of(CURRENT) {
            Some(problem) => column.note(Note::Error(problem)),
            None if focused => column.note(Note::Help("The one that opens the vault now.")),
            None => {}
        }
        column.gap();
    }

    fn render_first_note(&self, column: &mut Column<'_>, focused: bool, theme: Theme) {
        match (self.problem_of(FIRST), &self.strength) {
            (Some(problem), _) => column.note(Note::Error(problem)),
            (None, Some(strength)) => {
                let (row, buf) = column.row();
                if !row.is_empty() {
                    buf.set_line(row.x, row.y, &meter(strength, theme), row.width);
                }
                if let Some(advice) = strength.warning.as_deref().filter(|_| focused) {
                    column.note(Note::Help(advice));
                }
            }
            (None, None) if focused => {
                column.note(Note::Help("Four or more uncommon words are strong and can be remembered."));
            }
            (None, None) => {}
        }
    }

    fn problem_of(&self, field: usize) -> Option<&str> {
        self.problem.as_ref().filter(|(at, _)| *at == field).map(|(_, text)| text.as_str())
    }
}

/// `━━━─ strong: guessing it takes centuries`.
fn meter(strength: &Strength, theme: Theme) -> Line<'static> {
    let filled = usize::from(strength.score.min(4));
    let style = match filled {
        0 | 1 => theme.bad(),
        2 => theme.warn(),
        _ => theme.good(),
    };
    Line::from(vec![
        Span::styled(theme.either("━", "#").repeat(filled), style),
        Span::styled(theme.either("─", "-").repeat(4 - filled), theme.dim()),
        Span::styled(format!(" {}", strength.word), style),
        Span::styled(format!(": guessing it takes {}", strength.crack_time), theme.dim()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "correct horse battery staple kumquat";

    fn pair(first: &str, second: &str) -> PassphrasePair {
        let mut pair = PassphrasePair::default();
        pair.on_paste(&SecretBytes::from(first), &[]);
        pair.on_cmd(Cmd::NextField);
        pair.on_paste(&SecretBytes::from(second), &[]);
        pair
    }

    #[test]
    fn a_strong_one_typed_twice_alike_is_settled() {
        let mut good = pair(GOOD, GOOD);
        assert!(good.on_cmd(Cmd::Open));
        assert_eq!(good.passphrase().expose_text(), Some(GOOD));
    }

    #[test]
    fn what_is_short_or_different_is_refused_where_it_is_wrong() {
        let mut short = pair("seven77", "seven77");
        assert!(!short.on_cmd(Cmd::Submit));
        assert!(short.problem_of(FIRST).is_some_and(|text| text.contains("this has 7")));
        assert_eq!(short.focus, FIRST);
        let mut other = pair(GOOD, "correct horse");
        assert!(!other.on_cmd(Cmd::Submit));
        assert!(other.problem_of(SECOND).is_some_and(|text| text.contains("not the same")));
        assert!(!other.is_empty(), "nothing typed is lost");
    }

    #[test]
    fn a_weak_one_is_taken_only_after_a_warning() {
        let mut weak = pair("password1", "password1");
        assert!(!weak.on_cmd(Cmd::Open));
        assert!(weak.warned);
        weak.on_key(Key::plain(crate::tui::input::Code::Backspace), &[]);
        assert!(!weak.warned, "an edit asks anew");
        weak.on_paste(&SecretBytes::from("1"), &[]);
        assert!(!weak.on_cmd(Cmd::Open));
        assert!(weak.on_cmd(Cmd::Open));
    }
}
