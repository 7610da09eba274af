//! The clipboard at the far end of the connection, over OSC 52.
//!
//! It is write-only and never confirmed: say "sent to the terminal", never "copied". Each sequence goes out in one write.

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

/// Most bytes that are sent: with more, the sequence passes 100,000 bytes, where terminals
/// (hterm first) stop listening.
pub const MAX_BYTES: usize = 74_994;

/// GNU screen's longest control string is 768 bytes (its `MAXSTR`); short pieces are safe in all versions.
const SCREEN_PIECE: usize = 512;

/// Why nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// The value is too long for the clipboard of a terminal.
    #[error("{size} bytes are more than a terminal's clipboard takes ({MAX_BYTES})")]
    TooLong {
        /// Its size in bytes.
        size: usize,
    },
    /// There is nowhere to send it.
    #[error("the Linux console has no clipboard")]
    NoClipboard,
}

/// What stands between us and the clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The terminal itself, as far as we can see.
    Direct,
    /// tmux, which takes the sequence itself.
    Tmux,
    /// GNU screen, which hands on what is wrapped for it.
    Screen,
    /// The Linux console, which has no clipboard.
    Console,
}

impl Route {
    /// Finds the route from the environment; `variable` looks one up. `TERM` counts too: it
    /// crosses SSH, the others stay behind.
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name| variable(name).is_some_and(|value| !value.is_empty());
        let term = variable("TERM").unwrap_or_default();
        if set("TMUX") || term.starts_with("tmux") {
            Self::Tmux
        } else if set("STY") {
            Self::Screen
        } else if term.starts_with("screen") {
            // Either of the two, at the other end of SSH; tmux is the likelier one.
            Self::Tmux
        } else if term == "linux" {
            Self::Console
        } else {
            Self::Direct
        }
    }

    /// What must be switched on for the text to arrive, or where to look if it does not; a sentence.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Direct => "If it does not arrive, allow clipboard access (OSC 52) in the terminal's settings.",
            Self::Tmux => "tmux passes it on only with: set -s set-clipboard on",
            Self::Screen => "The terminal outside GNU screen must allow clipboard access (OSC 52).",
            Self::Console => "Nothing was sent.",
        }
    }

    /// The sequence that puts `text` on the clipboard, in a buffer that is wiped when dropped.
    ///
    /// # Errors
    /// [`NotSent`]: where there is no clipboard, and above [`MAX_BYTES`].
    pub fn copy(self, text: &[u8]) -> Result<Zeroizing<Vec<u8>>, NotSent> {
        let sequence = match self {
            Self::Console => return Err(NotSent::NoClipboard),
            _ if text.len() > MAX_BYTES => return Err(NotSent::TooLong { size: text.len() }),
            _ => osc_52(text),
        };
        Ok(if self == Self::Screen { wrap_for_screen(&sequence) } else { sequence })
    }

    /// The sequence that overwrites the clipboard with a blank; emptying it is not understood everywhere.
    ///
    /// # Errors
    /// [`NotSent::NoClipboard`].
    pub fn clear(self) -> Result<Zeroizing<Vec<u8>>, NotSent> {
        self.copy(b" ")
    }
}

/// `ESC ] 52 ; c ; base64 BEL` (xterm's control sequences, "Operating System Commands").
fn osc_52(text: &[u8]) -> Zeroizing<Vec<u8>> {
    const HEAD: &[u8] = b"\x1b]52;c;";
    let length = text.len().div_ceil(3) * 4;
    let mut sequence = Zeroizing::new(vec![0; HEAD.len() + length + 1]);
    let (head, rest) = sequence.split_at_mut(HEAD.len());
    head.copy_from_slice(HEAD);
    // The room is exactly what the encoding takes, so it cannot fail.
    let _ = Base64::encode(text, &mut rest[..length]);
    rest[length] = b'\x07';
    sequence
}

/// As device control strings, which GNU screen unpacks and hands on.
fn wrap_for_screen(sequence: &[u8]) -> Zeroizing<Vec<u8>> {
    let pieces = sequence.len().div_ceil(SCREEN_PIECE);
    let mut wrapped = Zeroizing::new(Vec::with_capacity(sequence.len() + 4 * pieces));
    for piece in sequence.chunks(SCREEN_PIECE) {
        wrapped.extend_from_slice(b"\x1bP");
        wrapped.extend_from_slice(piece);
        wrapped.extend_from_slice(b"\x1b\\");
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(variables: &[(&str, &str)]) -> Route {
        Route::detect(|name| variables.iter().find(|v| v.0 == name).map(|v| v.1.to_owned()))
    }

    #[test]
    fn the_sequence_is_base64_in_osc_52() {
        assert_eq!(Route::Direct.copy(b"hunter2").unwrap().as_slice(), b"\x1b]52;c;aHVudGVyMg==\x07");
        assert_eq!(Route::Tmux.clear().unwrap().as_slice(), b"\x1b]52;c;IA==\x07");
    }

    #[test]
    fn what_is_too_long_is_refused_and_the_longest_is_not() {
        assert_eq!(Route::Direct.copy(&[0; MAX_BYTES]).unwrap().len(), 7 + 99_992 + 1);
        assert_eq!(Route::Direct.copy(&[0; MAX_BYTES + 1]), Err(NotSent::TooLong { size: MAX_BYTES + 1 }));
    }

    #[test]
    fn the_console_is_sent_nothing() {
        assert_eq!(Route::Console.copy(b"hunter2"), Err(NotSent::NoClipboard));
        assert_eq!(Route::Console.clear(), Err(NotSent::NoClipboard));
    }

    #[test]
    fn screen_gets_short_pieces_that_add_up() {
        let wrapped = Route::Screen.copy(&[b'x'; 3000]).unwrap();
        let text = String::from_utf8(wrapped.to_vec()).unwrap();
        let pieces: Vec<_> = text.split("\x1b\\").filter(|p| !p.is_empty()).collect();
        assert!(pieces.len() > 1 && pieces.iter().all(|p| p.len() <= 768 && p.starts_with("\x1bP")));
        let unpacked: String = pieces.iter().map(|p| &p[2..]).collect();
        assert_eq!(unpacked.as_bytes(), osc_52(&[b'x'; 3000]).as_slice());
    }

    #[test]
    fn the_route_is_seen_from_the_environment() {
        assert_eq!(route(&[("TERM", "xterm-256color")]), Route::Direct);
        assert_eq!(route(&[("TERM", "screen-256color"), ("TMUX", "/tmp/tmux-1/default,1,0")]), Route::Tmux);
        assert_eq!(route(&[("TERM", "tmux-256color")]), Route::Tmux);
        assert_eq!(route(&[("TERM", "screen"), ("STY", "1.pts-0")]), Route::Screen);
        assert_eq!(route(&[("TERM", "linux"), ("TMUX", "")]), Route::Console);
        assert!(Route::Tmux.advice().contains("set-clipboard on"));
    }
}
