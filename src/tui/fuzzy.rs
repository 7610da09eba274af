//! Fuzzy find over names. The only place that knows the matcher crate.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// Scores texts against what was typed: words in any order, letters with gaps, smart case.
pub(super) struct Finder {
    matcher: Matcher,
    pattern: Pattern,
    scratch: Vec<char>,
}

impl Finder {
    /// A finder for `query`; the empty query finds everything.
    pub(super) fn new(query: &str) -> Self {
        Self {
            matcher: Matcher::new(Config::DEFAULT),
            pattern: Pattern::parse(query, CaseMatching::Smart, Normalization::Smart),
            scratch: Vec::new(),
        }
    }

    /// How well `text` fits; `None` when it does not.
    pub(super) fn score(&mut self, text: &str) -> Option<u32> {
        self.pattern.score(Utf32Str::new(text, &mut self.scratch), &mut self.matcher)
    }
}

#[cfg(test)]
mod tests {
    use super::Finder;

    #[test]
    fn finds_letters_with_gaps_and_nothing_else() {
        let mut finder = Finder::new("ghpat");
        assert!(finder.score("github-deploy-pat").is_some());
        assert!(finder.score("legacy-smtp").is_none());
        assert!(Finder::new("").score("anything").is_some());
    }
}
