//! Text that people read: what may be shown, and what may stand in a name.

use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;

/// Most visible characters in a name or a key.
pub const MAX_NAME: usize = 128;
/// Most visible characters in one line of free text.
pub const MAX_TEXT: usize = 1024;
/// Largest value, in bytes.
pub const MAX_VALUE: usize = 1024 * 1024;
/// Most bytes per visible character, on average: stops marks piled on one letter.
const BYTES_PER_CHARACTER: usize = 8;

/// What is wrong with a name, a key or a line of text. The message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// There is nothing.
    #[error("Write something here: it cannot be empty.")]
    Empty,
    /// Too many visible characters.
    #[error("Shorten it to {limit} characters: it has {found}.")]
    TooLong {
        /// The most there may be.
        limit: usize,
        /// How many there are.
        found: usize,
    },
    /// Few characters, but each with a pile of marks.
    #[error("Remove some of the combining marks: it takes {found} bytes, and {limit} is the most.")]
    TooHeavy {
        /// The most bytes there may be.
        limit: usize,
        /// How many there are.
        found: usize,
    },
    /// A character that cannot be seen, or that changes how others are seen.
    #[error("Remove the invisible character {} {place}.", code_point(*.found))]
    Invisible {
        /// The character.
        found: char,
        /// Where it stands.
        place: Place,
    },
    /// A space where nobody can see it.
    #[error("Remove the space {}.", if *.at_start { "at the start" } else { "at the end" })]
    EdgeSpace {
        /// At the start, or else at the end.
        at_start: bool,
    },
}

/// A value that is empty or too large. The message says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// There are no bytes.
    #[error("Give it a value: an empty one is of no use.")]
    Empty,
    /// More than [`MAX_VALUE`] bytes.
    #[error("Use a smaller value: this one has {0} bytes, and 1 MiB (1048576 bytes) is the most.")]
    TooLarge(usize),
}

/// Where in a text a character stands, for a message: after which words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The last characters before it, fit to be shown; empty at the start.
    before: String,
}

impl Place {
    /// The place `at` bytes into `text`. Shows at most 20 characters of what comes before.
    pub(crate) fn of(text: &str, at: usize) -> Self {
        let head = &text[..at];
        let skip = head.graphemes(true).count().saturating_sub(20);
        let tail: String = head.graphemes(true).skip(skip).collect();
        Self { before: sanitize(&tail).into_owned() }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.before.as_str() {
            "" => f.write_str("at the start"),
            before => write!(f, "after \"{before}\""),
        }
    }
}

/// `text` as it may be shown: what moves the cursor, hides or reorders text becomes a visible `�`,
/// a tab or a line break becomes a space. Text that needs no change is borrowed.
pub fn sanitize(text: &str) -> Cow<'_, str> {
    // Most text is plain, and a list has many thousands of it.
    if is_plain(text) || !text.contains(is_forbidden) {
        return Cow::Borrowed(text);
    }
    let shown = |c| match c {
        '\t' | '\n' => ' ',
        c if is_forbidden(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    Cow::Owned(text.replace("\r\n", "\n").chars().map(shown).collect())
}

/// Whether `text` is printable ASCII alone: as it is, and a cell wide for each byte.
pub fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Whether `c` must not reach a terminal: it is a control, it is invisible, it changes the
/// direction of text, or no standard says how it looks.
pub fn is_forbidden(c: char) -> bool {
    c.is_control() || is_invisible(c) || has_no_look(c)
}

/// Format controls, by their blocks in Unicode 16: bidi, zero-width, fillers, separators, tags, variation selectors.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

/// Private use and noncharacters: what they look like is anybody's choice.
fn has_no_look(c: char) -> bool {
    let code = u32::from(c);
    matches!(code, 0xE000..=0xF8FF | 0xFDD0..=0xFDEF | 0xF_0000..) || code & 0xFFFE == 0xFFFE
}

/// `number` with a comma after every third digit from the end: `12,345`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Checks the name of a secret: 1 to 128 visible characters, no space around them.
///
/// # Errors
/// The first rule that `name` breaks.
pub fn check_name(name: &str) -> Result<(), TextError> {
    check_line(name, MAX_NAME)
}

/// Checks one line of free text: 1 to 1024 visible characters, no space around them.
///
/// # Errors
/// The first rule that `text` breaks.
pub fn check_text(text: &str) -> Result<(), TextError> {
    check_line(text, MAX_TEXT)
}

/// Checks the size of a value: 1 byte to 1 MiB.
///
/// # Errors
/// When it is empty or larger.
pub fn check_value_size(bytes: usize) -> Result<(), ValueError> {
    match bytes {
        0 => Err(ValueError::Empty),
        1..=MAX_VALUE => Ok(()),
        _ => Err(ValueError::TooLarge(bytes)),
    }
}

fn check_line(text: &str, limit: usize) -> Result<(), TextError> {
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if let Some((at, found)) = text.char_indices().find(|(_, c)| is_forbidden(*c)) {
        return Err(TextError::Invisible { found, place: Place::of(text, at) });
    }
    for (at_start, edge) in [(true, text.chars().next()), (false, text.chars().next_back())] {
        if edge.is_some_and(char::is_whitespace) {
            return Err(TextError::EdgeSpace { at_start });
        }
    }
    check_length(text, limit)
}

fn check_length(text: &str, limit: usize) -> Result<(), TextError> {
    let found = text.graphemes(true).count();
    if found > limit {
        return Err(TextError::TooLong { limit, found });
    }
    let heaviest = limit * BYTES_PER_CHARACTER;
    if text.len() > heaviest {
        return Err(TextError::TooHeavy { limit: heaviest, found: text.len() });
    }
    Ok(())
}

fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn clean_text_is_borrowed() {
        assert!(matches!(sanitize("Ångström 日本 ✕"), Cow::Borrowed("Ångström 日本 ✕")));
    }

    #[test]
    fn what_is_plain_is_never_forbidden() {
        let all = (0..=0x2_FFFF).filter_map(char::from_u32);
        assert!(all.into_iter().filter(|c| is_plain(c.encode_utf8(&mut [0; 4]))).all(|c| !is_forbidden(c)));
        assert!(is_plain("a b~") && !is_plain("\x7f") && !is_plain("\t") && !is_plain("é"));
    }

    #[test]
    fn what_could_deceive_becomes_visible() {
        assert_eq!(sanitize("a\x1b[31mb\u{202E}c\u{200B}d\u{85}"), "a\u{FFFD}[31mb\u{FFFD}c\u{FFFD}d\u{FFFD}");
        assert_eq!(sanitize("one\ttwo\r\nthree"), "one two three");
        assert_eq!(sanitize("\u{E0041}\u{E000}\u{10FFFE}\u{2029}"), "\u{FFFD}".repeat(4));
    }

    #[test]
    fn digits_are_grouped_by_three() {
        let told: Vec<String> = [0, 999, 1_000, 12_345, 1_234_567].map(grouped).into();
        assert_eq!(told, ["0", "999", "1,000", "12,345", "1,234,567"]);
    }

    #[test]
    fn a_name_is_1_to_128_visible_characters() {
        assert_eq!(check_name(""), Err(TextError::Empty));
        assert_eq!(check_name(&"é".repeat(128)), Ok(()));
        assert_eq!(check_name(&"e\u{301}".repeat(128)), Ok(()), "a mark is no character of its own");
        assert_eq!(check_name(&"x".repeat(129)), Err(TextError::TooLong { limit: 128, found: 129 }));
        let pile = format!("e{}", "\u{301}".repeat(2000));
        assert!(matches!(check_name(&pile), Err(TextError::TooHeavy { .. })));
    }

    #[test]
    fn a_name_hides_nothing() {
        let told = |name: &str| check_name(name).unwrap_err().to_string();
        assert_eq!(told("pay\u{202E}ments"), "Remove the invisible character U+202E after \"pay\".");
        assert_eq!(told("\u{7}bell"), "Remove the invisible character U+0007 at the start.");
        assert_eq!(told("token "), "Remove the space at the end.");
        assert_eq!(told("\u{A0}token"), "Remove the space at the start.");
    }

    #[test]
    fn a_value_has_1_byte_to_1_mib() {
        assert_eq!(check_value_size(0), Err(ValueError::Empty));
        assert_eq!(check_value_size(MAX_VALUE), Ok(()));
        assert_eq!(check_value_size(MAX_VALUE + 1), Err(ValueError::TooLarge(MAX_VALUE + 1)));
    }

    proptest! {
        #[test]
        fn nothing_forbidden_comes_out(text in any::<String>()) {
            let shown = sanitize(&text);
            prop_assert!(!shown.contains(is_forbidden));
            prop_assert_eq!(sanitize(&shown), shown.clone());
        }

        #[test]
        fn a_good_name_is_shown_as_it_is(text in any::<String>()) {
            if check_name(&text).is_ok() {
                prop_assert_eq!(sanitize(&text), text.as_str());
            }
        }
    }
}
