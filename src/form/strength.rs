//! How long a passphrase would stand against someone who has the vault's files.

use zeroize::Zeroizing;
use zxcvbn::Score;

/// Most characters that are judged: the time grows with their square, and so many are strong anyway.
const JUDGED: usize = 100;

/// An estimate, after zxcvbn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strength {
    /// From 0 (guessed at once) to 4 (out of reach).
    pub score: u8,
    /// The score in a word.
    pub word: &'static str,
    /// How long guessing takes at 10,000 tries a second, in words, such as `3 hours`.
    pub crack_time: String,
    /// What makes it weak, or how to make it stronger.
    pub warning: Option<String>,
}

/// Judges `passphrase`. `known` is what a guesser would try first: the names of the organization and of the member.
///
/// The estimator works on copies of its own which are not wiped, so ask for it as the passphrase
/// is chosen, not each time it is used.
pub fn strength(passphrase: &[u8], known: &[&str]) -> Strength {
    let text = Zeroizing::new(String::from_utf8_lossy(&passphrase[..passphrase.len().min(4 * JUDGED)]).into_owned());
    let end = text.char_indices().nth(JUDGED).map_or(text.len(), |(at, _)| at);
    let estimate = zxcvbn::zxcvbn(&text[..end], known);
    let advice = estimate.feedback().and_then(|feedback| match feedback.warning() {
        Some(warning) => Some(warning.to_string()),
        None => feedback.suggestions().first().map(ToString::to_string),
    });
    Strength {
        score: u8::from(estimate.score()),
        word: word(estimate.score()),
        crack_time: estimate.crack_times().offline_slow_hashing_1e4_per_second().to_string(),
        warning: advice,
    }
}

fn word(score: Score) -> &'static str {
    match score {
        Score::Zero => "very weak",
        Score::One => "weak",
        Score::Two => "fair",
        Score::Three => "strong",
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
    fn what_is_known_of_a_member_does_not_count() {
        assert!(strength(b"Lovelace-Acme", &["Lovelace", "Acme"]).score < strength(b"Lovelace-Acme", &[]).score);
    }

    #[test]
    fn any_bytes_of_any_length_are_judged() {
        assert!(strength(&[0xFF; 100_000], &[]).score <= 1, "one sign, over and over");
        strength("é".repeat(5000).as_bytes(), &[]);
    }
}
