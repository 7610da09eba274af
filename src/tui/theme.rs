//! Colours and glyphs by role. Colour is never the only sign: each role has a glyph or a word too.

use ratatui::style::{Color, Modifier, Style};

use super::keymap;
use super::layer::Tone;
use crate::domain::Status;

/// How the program looks on this terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    colour: bool,
    unicode: bool,
}

impl Default for Theme {
    fn default() -> Self {
        Self { colour: true, unicode: true }
    }
}

impl Theme {
    /// Reads the environment: `NO_COLOR` (no-color.org) takes the colours away, a locale that is not
    /// UTF-8 and the Linux console take the glyphs away.
    pub fn from_env(var: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| var(name).filter(|v| !v.is_empty());
        let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG")).unwrap_or_default();
        let utf8 = ["utf-8", "utf8"].iter().any(|name| locale.to_lowercase().contains(name));
        let console = set("TERM").is_some_and(|term| term == "linux" || term.starts_with("vt"));
        Self { colour: set("NO_COLOR").is_none(), unicode: utf8 && !console }
    }

    /// The theme of a terminal that can do no more than ASCII without colour.
    pub const fn plain() -> Self {
        Self { colour: false, unicode: false }
    }

    /// Whether glyphs beyond ASCII may be used.
    pub fn unicode(self) -> bool {
        self.unicode
    }

    fn paint(self, colour: Color) -> Style {
        if self.colour { Style::new().fg(colour) } else { Style::new() }
    }

    /// The one accent: the focus, the selection's mark, the active button.
    pub fn accent(self) -> Style {
        self.paint(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// Secondary text: help, labels of little weight, hints.
    pub fn dim(self) -> Style {
        if self.colour { Style::new().fg(Color::DarkGray) } else { Style::new().add_modifier(Modifier::DIM) }
    }

    /// Ordinary text.
    pub fn text(self) -> Style {
        Style::new()
    }

    /// A heading, or the name of the thing in view.
    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// An error.
    pub fn bad(self) -> Style {
        self.paint(Color::Red)
    }

    /// A warning.
    pub fn warn(self) -> Style {
        self.paint(Color::Yellow)
    }

    /// Something that went well.
    pub fn good(self) -> Style {
        self.paint(Color::Green)
    }

    /// The button or row that has the focus.
    pub fn focused(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The text cursor.
    pub fn cursor(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The glyph that stands before a message of this tone, and how it is painted.
    pub fn tone(self, tone: Tone) -> (&'static str, Style) {
        match tone {
            Tone::Good => (self.check(), self.good()),
            Tone::Warn => (self.alert(), self.warn()),
            Tone::Bad => (self.cross(), self.bad()),
        }
    }

    /// The names of keys as this terminal can show them.
    pub fn keys(self, keys: &str) -> String {
        if self.unicode { keys.to_owned() } else { keymap::ascii(keys) }
    }

    /// How a status is painted.
    pub fn status(self, status: Status) -> Style {
        match status {
            Status::Active => self.good(),
            Status::ExpiresSoon(_) | Status::NotYetValid => self.warn(),
            Status::Expired => self.bad(),
            Status::Inactive | Status::Deleted => self.dim(),
        }
    }

    /// The glyph that stands before the status's word.
    pub fn status_glyph(self, status: Status) -> &'static str {
        match status {
            Status::Active => self.either("●", "*"),
            Status::ExpiresSoon(_) => self.either("▲", "!"),
            Status::NotYetValid => self.either("◷", "~"),
            Status::Expired => self.either("✕", "x"),
            Status::Inactive => self.either("○", "o"),
            Status::Deleted => self.either("⌫", "-"),
        }
    }

    /// `fine` where the terminal can show it, else its ASCII twin.
    pub fn either(self, fine: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { fine } else { ascii }
    }

    /// Stands beside what is personal.
    pub fn personal(self) -> &'static str {
        self.either("◇", "^")
    }

    /// The mark of the selected row.
    pub fn mark(self) -> &'static str {
        self.either("▌", ">")
    }

    /// Stands before an error.
    pub fn cross(self) -> &'static str {
        self.either("✕", "x")
    }

    /// Stands before what went well.
    pub fn check(self) -> &'static str {
        self.either("✓", "+")
    }

    /// Stands before a warning.
    pub fn alert(self) -> &'static str {
        self.either("▲", "!")
    }

    /// One character of a masked value.
    pub fn dot(self) -> &'static str {
        self.either("•", "*")
    }

    /// Between the steps of the breadcrumb.
    pub fn step(self) -> &'static str {
        self.either("›", ">")
    }

    /// Stands for what was cut off.
    pub fn ellipsis(self) -> &'static str {
        self.either("…", "~")
    }

    /// A thin horizontal line.
    pub fn rule(self) -> &'static str {
        self.either("─", "-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &'static [(&'static str, &'static str)]) -> Theme {
        Theme::from_env(|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn follows_the_environment() {
        assert_eq!(env(&[("LANG", "en_US.UTF-8"), ("TERM", "xterm")]), Theme::default());
        assert!(!env(&[("LANG", "C")]).unicode());
        assert!(!env(&[("LANG", "C.UTF-8"), ("TERM", "linux")]).unicode());
        assert_eq!(
            (Theme::default().keys("⇧Tab ←"), Theme::plain().keys("⇧Tab ←")),
            ("⇧Tab ←".into(), "S-Tab Left".into())
        );
        assert_eq!(env(&[("NO_COLOR", "1"), ("LANG", "C.UTF-8")]).accent().fg, None);
    }
}
