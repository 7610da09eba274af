//! What may come out.

use strongroom::domain::text::is_forbidden;

use crate::texts::SPOOF;

/// What a command may print: text in lines, none of which somebody else began. `tabs` where the format has them.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn printed(bytes: &[u8], tabs: bool) -> Result<(), String> {
    let text = std::str::from_utf8(bytes).map_err(|error| format!("no UTF-8: {error}"))?;
    let wrong = text.chars().find(|c| *c != '\n' && !(tabs && *c == '\t') && is_forbidden(*c));
    if let Some(wrong) = wrong {
        return Err(format!("U+{:04X} in {text:?}", u32::from(wrong)));
    }
    match text.lines().any(|line| line.starts_with(SPOOF)) {
        true => Err(format!("a line that a text began: {text:?}")),
        false => Ok(()),
    }
}

/// What the screens may send: text, and the few sequences that place, erase and colour it.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn sent(bytes: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(bytes).map_err(|error| format!("no UTF-8: {error}"))?;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            '\x1b' => sequence(rest).ok_or_else(|| format!("{:?}", rest.chars().take(20).collect::<String>()))?,
            // The ways of the cursor.
            '\r' | '\n' | '\x08' => 1,
            c if is_forbidden(c) => return Err(format!("U+{:04X}", u32::from(c))),
            c => c.len_utf8(),
        };
        rest = &rest[taken..];
    }
    Ok(())
}

/// The length of the sequence that `text` begins with, if it is one of ours.
fn sequence(text: &str) -> Option<usize> {
    for mode in ["\x1b[?2026h", "\x1b[?2026l", "\x1b[?25h", "\x1b[?25l", "\x1b[2J"] {
        if text.starts_with(mode) {
            return Some(mode.len());
        }
    }
    let parameters = text.strip_prefix("\x1b[")?;
    let end = parameters.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    "mHABCDKX".contains(&parameters[end..=end]).then_some(2 + end + 1)
}

#[test]
fn what_steers_a_terminal_is_noticed_in_what_is_printed() {
    for wrong in [
        "\x1b[31m",
        "a\u{9b}2J",
        "\x1b]52;c;aGk=\x07",
        "\u{202e}",
        "\u{200b}",
        "\r",
        "x\u{ad}",
        "ok\nSPOOF",
        "\u{e000}",
    ] {
        assert!(printed(wrong.as_bytes(), true).is_err(), "{wrong:?}");
    }
    assert!(printed(b"\x9b31m", false).is_err() && printed(b"a\tb", false).is_err());
    assert_eq!(printed("a\tb \u{fffd}[31m SPOOF\n日本 e\u{301}\n".as_bytes(), true), Ok(()));
}

#[test]
fn what_steers_a_terminal_is_noticed_among_the_sequences_of_a_frame() {
    let frame =
        |text: &str| format!("\x1b[?2026h\x1b[m\x1b[2J\x1b[3;7H\x1b[36;1m{text}\x1b[K\r\n\x1b[4X\x1b[?25h\x1b[?2026l");
    for wrong in [
        "\x1b]52;c;aGk=\x07",
        "\x1b[6n",
        "\x1b[?1049l",
        "\x1bc",
        "\x1bP",
        "\u{9b}31m",
        "\u{202e}",
        "\u{e000}",
        "\t",
        "\x07",
    ] {
        assert!(sent(frame(wrong).as_bytes()).is_err(), "{wrong:?}");
    }
    assert_eq!(sent(frame("payments-api ● Active").as_bytes()), Ok(()));
}
