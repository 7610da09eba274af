//! The recovery key: shown once, then two of its groups are asked back.

use crate::domain::SecretBytes;
use crate::host::Entropy;
use crate::tui::input::Key;
use crate::tui::keymap::Cmd;
use crate::tui::theme::Theme;
use crate::tui::widgets::{Column, Note, Refused, SecretLine, groups, render_groups};

/// The last step of the wizard, and of making a new key later.
pub(in crate::tui::screens) struct Recovery {
    key: SecretBytes,
    /// Said beside the heading: which step it is.
    aside: &'static str,
    shown: bool,
    check: Option<Check>,
}

/// Groups that are being typed back.
struct Check {
    asked: Vec<Asked>,
    focus: usize,
    problem: Option<String>,
}

/// One group that is asked back.
struct Asked {
    /// Which group, from 0.
    group: usize,
    typed: SecretLine,
}

impl Recovery {
    /// Shows `key`, in its written form, with `aside` beside the heading.
    pub(in crate::tui::screens) fn new(key: SecretBytes, aside: &'static str) -> Self {
        Self { key, aside, shown: true, check: None }
    }

    /// Whether groups are asked back now.
    pub(in crate::tui::screens) fn is_checking(&self) -> bool {
        self.check.is_some()
    }

    /// Whether the key, or what is typed of it, is shown in clear.
    pub(in crate::tui::screens) fn is_shown(&self) -> bool {
        match &self.check {
            Some(check) => check.asked.iter().any(|asked| asked.typed.is_shown()),
            None => self.shown,
        }
    }

    /// Masks everything; Ctrl-R shows it again.
    pub(in crate::tui::screens) fn hide(&mut self) {
        self.show(false);
    }

    fn show(&mut self, shown: bool) {
        self.shown = shown;
        if let Some(check) = &mut self.check {
            check.asked.iter_mut().for_each(|asked| asked.typed.show(shown));
        }
    }

    /// From typing back to looking at the key.
    pub(in crate::tui::screens) fn back(&mut self) {
        if self.check.take().is_some() {
            self.shown = true;
        }
    }

    /// Goes on, moves or shows; `true` once every group that was asked is right.
    pub(in crate::tui::screens) fn on_cmd(&mut self, cmd: Cmd, entropy: &dyn Entropy) -> bool {
        match cmd {
            Cmd::ShowSecret => self.show(!self.is_shown()),
            Cmd::Open | Cmd::Submit if self.check.is_none() => {
                self.check = Some(Check::new(pick(groups(&self.key).len(), entropy)));
            }
            _ => {
                let groups = groups(&self.key);
                return self.check.as_mut().is_some_and(|check| check.on_cmd(cmd, &groups));
            }
        }
        false
    }

    /// Lets a key edit the group that has the focus.
    pub(in crate::tui::screens) fn on_key(&mut self, key: Key) {
        if let Some(check) = &mut self.check {
            match check.focused().on_key(key) {
                Ok(false) => {}
                edited => check.edited(edited.map(|_| ())),
            }
        }
    }

    /// Inserts a paste into the group that has the focus.
    pub(in crate::tui::screens) fn on_paste(&mut self, paste: &SecretBytes) {
        if let Some(check) = &mut self.check {
            let pasted = check.focused().paste(paste);
            check.edited(pasted);
        }
    }

    pub(in crate::tui::screens) fn render(&self, column: &mut Column<'_>, theme: Theme) {
        match &self.check {
            Some(check) => check.render(column, self.aside, theme),
            None => self.render_key(column, theme),
        }
    }

    fn render_key(&self, column: &mut Column<'_>, theme: Theme) {
        column.heading("Your recovery key", self.aside);
        column.say(
            "It opens the vault if the passphrase is lost. It is shown only now: write it on paper, or keep it in \
             another password manager, off this machine.",
            theme.text(),
        );
        column.gap();
        render_groups(column, &self.key, self.shown, theme);
        if self.shown {
            column.note(Note::Help("When it is written down, press Enter: two of its groups are asked back."));
        } else {
            column.note(Note::Help("It is hidden while nobody looks. Ctrl-R shows it."));
        }
    }
}

impl Check {
    fn new(groups: Vec<usize>) -> Self {
        let asked = groups.into_iter().map(|group| {
            let mut typed = SecretLine::default();
            typed.show(true);
            Asked { group, typed }
        });
        Self { asked: asked.collect(), focus: 0, problem: None }
    }

    fn focused(&mut self) -> &mut SecretLine {
        &mut self.asked[self.focus].typed
    }

    fn edited(&mut self, outcome: Result<(), Refused>) {
        self.problem = outcome.err().map(|refused| refused.to_string());
    }

    fn on_cmd(&mut self, cmd: Cmd, groups: &[&str]) -> bool {
        let count = self.asked.len();
        match cmd {
            Cmd::NextField => self.focus = (self.focus + 1) % count,
            Cmd::PrevField => self.focus = (self.focus + count - 1) % count,
            Cmd::Down => self.focus = (self.focus + 1).min(count - 1),
            Cmd::Up => self.focus = self.focus.saturating_sub(1),
            Cmd::Open if self.focus + 1 < count => self.focus += 1,
            Cmd::Open | Cmd::Submit => return self.all_right(groups),
            _ => return false,
        }
        self.problem = None;
        false
    }

    fn all_right(&mut self, groups: &[&str]) -> bool {
        let wrong = self.asked.iter().position(|asked| !same(asked.typed.bytes(), groups[asked.group]));
        if let Some(at) = wrong {
            self.focus = at;
            let number = self.asked[at].group + 1;
            self.problem = Some(format!("This is not group {number}. Look again: Esc shows the key."));
        }
        wrong.is_none()
    }

    fn render(&self, column: &mut Column<'_>, aside: &str, theme: Theme) {
        column.heading("Your recovery key", aside);
        let numbers: Vec<String> = self.asked.iter().map(|asked| format!("group {}", asked.group + 1)).collect();
        column.say(&format!("Type {} from what you wrote down.", numbers.join(" and ")), theme.text());
        column.gap();
        for (i, asked) in self.asked.iter().enumerate() {
            let focused = i == self.focus;
            let label = format!("Group {}", asked.group + 1);
            column.field(&label, focused, |row, buf| asked.typed.render(row, buf, focused, theme));
            if let Some(problem) = self.problem.as_deref().filter(|_| focused) {
                column.note(Note::Error(problem));
            }
            column.gap();
        }
    }
}

/// Two of `count` groups at random, in order; fewer when there are fewer. Which ones is no secret,
/// so a generator that gives nothing only makes the choice a fixed one.
fn pick(count: usize, entropy: &dyn Entropy) -> Vec<usize> {
    let mut random = [0; 2];
    if entropy.fill(&mut random).is_err() {
        random = [0; 2];
    }
    let [first, gap] = random.map(usize::from);
    if count < 2 {
        return (0..count).collect();
    }
    let first = first % count;
    let second = (first + 1 + gap % (count - 1)) % count;
    vec![first.min(second), first.max(second)]
}

/// Whether `typed` is `group`, read as a recovery key is read: case, spaces and hyphens do not matter, O is 0, I and L are 1.
fn same(typed: &SecretBytes, group: &str) -> bool {
    let read = |byte: &u8| match byte.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    let typed = typed.expose().iter().filter(|byte| !matches!(byte, b' ' | b'-'));
    typed.map(read).eq(group.as_bytes().iter().map(read))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::SeededEntropy;

    #[test]
    fn two_different_groups_are_asked_and_every_one_may_be() {
        let entropy = SeededEntropy::new(1);
        let mut seen = [false; 14];
        for _ in 0..300 {
            let picked = pick(14, &entropy);
            assert!(picked[0] < picked[1] && picked[1] < 14, "{picked:?}");
            picked.iter().for_each(|group| seen[*group] = true);
        }
        assert_eq!(seen, [true; 14]);
        assert_eq!(pick(1, &entropy), [0]);
    }

    #[test]
    fn a_group_is_read_as_generously_as_the_key() {
        assert!(same(&SecretBytes::from("7k m-l"), "7KM1"));
        assert!(same(&SecretBytes::from("oI23"), "0123"));
        assert!(!same(&SecretBytes::from("7KM"), "7KM1"));
        assert!(!same(&SecretBytes::from("7KM11"), "7KM1"));
        assert!(!same(&SecretBytes::default(), "7KM1"));
    }
}
