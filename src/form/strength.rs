//! How long a passphrase would stand against someone who has the vault's files.

use zeroize::Zeroizing;

use crate::host::memory::{Depth, leaving_no_trace};

/// Most characters that are judged: the time grows with their square, and so many are strong anyway.
const JUDGED: usize = 100;
/// Guesses a second by someone with many machines, at the cost that new passphrases are stretched with.
const GUESSES_PER_SECOND: u64 = 10_000;

const HOUR: u64 = 3_600;
const MONTH: u64 = 30 * 24 * HOUR;
const YEAR: u64 = 365 * 24 * HOUR;
/// The greatest score that a person is warned of.
const WEAK: u8 = 1;

/// An estimate, after zxcvbn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strength {
    /// By the time that guessing takes: 0 below an hour, 1 below a month, 2 below a year, 3 below a century, else 4.
    pub score: u8,
    /// The score in a word.
    pub word: &'static str,
    /// How long guessing takes at 10,000 tries a second, in words, such as `3 hours`.
    pub crack_time: String,
    /// What makes it weak, or how to make it stronger.
    pub warning: Option<String>,
}

impl Strength {
    /// Whether a person should be warned: guessing it takes less than a month.
    pub fn is_weak(&self) -> bool {
        self.score <= WEAK
    }
}

/// Judges `passphrase`. `known` is what a guesser would try first: the names of the organization and of the member.
///
/// The estimator works on copies of its own: ask for it as the passphrase is chosen, not each time it is used. What it
/// leaves on the stack is wiped.
pub fn strength(passphrase: &[u8], known: &[&str]) -> Strength {
    leaving_no_trace(Depth::Records, || estimate(passphrase, known))
}

fn estimate(passphrase: &[u8], known: &[&str]) -> Strength {
    let text = Zeroizing::new(String::from_utf8_lossy(&passphrase[..passphrase.len().min(4 * JUDGED)]).into_owned());
    let end = text.char_indices().nth(JUDGED).map_or(text.len(), |(at, _)| at);
    let estimate = zxcvbn::zxcvbn(&text[..end], known);
    let advice = estimate.feedback().and_then(|feedback| match feedback.warning() {
        Some(warning) => Some(warning.to_string()),
        None => feedback.suggestions().first().map(ToString::to_string),
    });
    let score = score(estimate.guesses() / GUESSES_PER_SECOND);
    Strength {
        score,
        word: word(score),
        crack_time: estimate.crack_times().offline_slow_hashing_1e4_per_second().to_string(),
        warning: advice,
    }
}

/// `seconds` is how long guessing takes.
fn score(seconds: u64) -> u8 {
    match seconds {
        ..HOUR => 0,
        HOUR..MONTH => 1,
        MONTH..YEAR => 2,
        YEAR.. if seconds < 100 * YEAR => 3,
        _ => 4,
    }
}

fn word(score: u8) -> &'static str {
    match score {
        0 => "very weak",
        1 => "weak",
        2 => "fair",
        3 => "strong",
        _ => "very strong",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_and_strong_are_told_apart() {
        let weak = strength(b"password1", &[]);
        assert!(weak.score <= 1 && weak.warning.is_some(), "{weak:?}");
        let strong = strength(b"correct horse battery staple kumquat", &[]);
        assert_eq!((strong.score, strong.word, strong.warning), (4, "very strong", None));
        assert_eq!(strength(b"", &[]).score, 0);
    }

    #[test]
    fn only_years_are_strong() {
        let hours = strength(b"def hunter2", &[]);
        assert!(hours.is_weak(), "{hours:?}");
        let words = [0, HOUR, MONTH, YEAR, 100 * YEAR].map(|seconds| word(score(seconds)));
        assert_eq!(words, ["very weak", "weak", "fair", "strong", "very strong"]);
    }

    #[test]
    fn what_is_known_of_a_member_does_not_count() {
        assert!(strength(b"Lovelace-Acme", &["Lovelace", "Acme"]).score < strength(b"Lovelace-Acme", &[]).score);
    }

    #[test]
    fn any_bytes_of_any_length_are_judged() {
        assert!(strength(&[0xFF; 100_000], &[]).score <= 1, "one sign, over and over");
        strength("é".repeat(5000).as_bytes(), &[]);
    }
}
