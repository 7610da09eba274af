//! Texts that would steer, fool or break a terminal, always the same ones for a seed.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

/// A private character with a width: where a text is shown as it is, this is seen whatever a terminal library drops.
const STICKY: &str = "\u{e000}";
/// What a line begins with that a text made for itself.
pub(crate) const SPOOF: &str = "SPOOF";

/// What no terminal may get.
const NASTY: &[&str] = &[
    "\x1b[2J",
    "\x1b[31m",
    "\x1b]52;c;aGk=\x07",
    "\x1b]0;title\x1b\\",
    "\x1bP+q544e\x1b\\",
    "\x1b_app\x1b\\",
    "\x1b^pm\x1b\\",
    "\x1bc",
    "\x1b[6n",
    "\x1b[?1049l",
    "\x1b",
    "\u{9b}31m",
    "\u{9b}2J",
    "\u{9d}52;c;aGk=\u{9c}",
    "\u{90}",
    "\u{85}",
    "\u{8d}",
    "\r",
    "\rSPOOF",
    "\r\nSPOOF",
    "\nSPOOF",
    "\n",
    "\t",
    "\x08\x08",
    "\x07",
    "\x0b\x0c",
    "\x0e\x0f",
    "\x05",
    "\x7f",
    "\u{202e}",
    "\u{202a}\u{202c}",
    "\u{2066}\u{2069}",
    "\u{200e}\u{200f}\u{61c}",
    "\u{200b}",
    "\u{200d}",
    "\u{2060}",
    "\u{feff}",
    "\u{ad}",
    "\u{34f}",
    "\u{3164}",
    "\u{fe0f}",
    "\u{2028}SPOOF",
    "\u{2029}",
    "\u{e0041}\u{e007f}",
    "\u{f8ff}",
    "\u{fffe}",
    "\u{10ffff}",
];
/// What is fit to be seen, and trouble all the same.
const ODD: &[&str] = &[
    "a",
    "name",
    "日本語",
    "e\u{301}",
    "🙂",
    "ｆｕｌｌ",
    "%n%s",
    "\"",
    "'",
    "\\",
    "\\n",
    "\\u001b",
    "{{",
    "}}",
    "|",
    "=",
    ":",
    "/",
    "$(x)",
    "--",
    "-x",
    "strongroom://",
    "שלום",
    "  ",
    "\u{fffd}",
];

/// The texts.
pub(crate) struct Texts {
    state: u64,
    /// How many were made.
    pub(crate) made: usize,
}

impl Texts {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, made: 0 }
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) as usize % end
    }

    fn piece(&mut self) -> String {
        match self.below(64) {
            0 => "long ".repeat(400),
            1 => "e\u{301}\u{302}\u{303}\u{304}".repeat(40),
            2..40 => NASTY[self.below(NASTY.len())].to_owned(),
            _ => ODD[self.below(ODD.len())].to_owned(),
        }
    }

    /// A text that is nasty in any case.
    pub(crate) fn text(&mut self) -> String {
        self.made += 1;
        let before = self.piece();
        let (middle, after) = (self.piece(), self.piece());
        format!("{before}{STICKY}{middle}{after}")
    }

    /// A text around `inner`.
    pub(crate) fn around(&mut self, inner: &str) -> String {
        self.made += 1;
        format!("{}{STICKY}{inner}{}", self.piece(), self.piece())
    }

    /// A text that may stand in a name.
    pub(crate) fn odd(&mut self) -> String {
        self.made += 1;
        let pieces: Vec<&str> = (0..3).map(|_| ODD[self.below(ODD.len())]).collect();
        format!("{}{}", pieces.concat(), self.made)
    }

    /// The name of a file: no slash, no end, not too long; sometimes no text at all.
    pub(crate) fn file_name(&mut self) -> OsString {
        let mut bytes = self.text().replace(['/', '\0'], "").into_bytes();
        bytes.truncate(100);
        if self.below(4) == 0 {
            bytes.extend(b"\xff\x9b2J\xfe");
        }
        OsString::from_vec(bytes)
    }
}
