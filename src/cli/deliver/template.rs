//! Templates: text with `{{ strongroom://NAME/FIELD }}` in it; all else stands for itself, byte for byte.

use std::ops::Range;

use crate::domain::reference::{NotAReference, SCHEME};
use crate::domain::{Reference, SecretBytes};

/// What stands before a reference, and what after it. Other templates use the same: what is no reference stays.
const OPEN: &[u8] = b"{{";
const CLOSE: &[u8] = b"}}";

/// A template, read.
#[derive(Debug)]
pub(super) struct Template<'a> {
    text: &'a [u8],
    /// Where the references stand, in order, with the braces.
    places: Vec<(Range<usize>, Reference)>,
}

/// What is wrong with a template. The message says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum TemplateError {
    /// A reference without an end.
    #[error("line {0}: write }}}} after the reference, on the same line")]
    Open(usize),
    /// What begins as a reference is none.
    #[error("line {0}: {1}")]
    Reference(usize, NotAReference),
}

impl<'a> Template<'a> {
    /// Finds the references in `text`.
    ///
    /// # Errors
    /// The first one that is not whole.
    pub(super) fn read(text: &'a [u8]) -> Result<Self, TemplateError> {
        let mut places = Vec::new();
        let mut from = 0;
        while let Some(open) = find(&text[from..], OPEN).map(|at| from + at) {
            let spaces = text[open + OPEN.len()..].iter().take_while(|byte| is_space(**byte)).count();
            let start = open + OPEN.len() + spaces;
            if !text[start..].starts_with(SCHEME.as_bytes()) {
                // Of `{{{`, the second brace may begin it.
                from = open + 1;
                continue;
            }
            let line = || 1 + text[..open].iter().filter(|byte| **byte == b'\n').count();
            let rest = text[start..].split(|byte| *byte == b'\n').next().unwrap_or_default();
            let length = find(rest, CLOSE).ok_or_else(|| TemplateError::Open(line()))?;
            places.push((open..start + length + CLOSE.len(), reference(&rest[..length], line)?));
            from = start + length + CLOSE.len();
        }
        Ok(Self { text, places })
    }

    /// The references, in their order.
    pub(super) fn references(&self) -> impl Iterator<Item = &Reference> {
        self.places.iter().map(|(_, reference)| reference)
    }

    /// The text, with `values` where the references stand.
    pub(super) fn filled<'v>(&self, values: impl Iterator<Item = &'v SecretBytes>) -> SecretBytes {
        let mut out = SecretBytes::with_capacity(self.text.len());
        let mut from = 0;
        for ((place, _), value) in self.places.iter().zip(values) {
            out.push(&self.text[from..place.start]);
            out.push(value.expose());
            from = place.end;
        }
        out.push(&self.text[from..]);
        out
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn reference(bytes: &[u8], line: impl Fn() -> usize) -> Result<Reference, TemplateError> {
    let wrong = |why| TemplateError::Reference(line(), why);
    let text = std::str::from_utf8(bytes).map_err(|_| wrong(NotAReference::Percent))?;
    text.trim_end_matches([' ', '\t']).parse().map_err(wrong)
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filled(text: &str) -> Result<String, TemplateError> {
        let template = Template::read(text.as_bytes())?;
        let values: Vec<SecretBytes> =
            template.references().map(|reference| reference.to_string()["strongroom://".len()..].into()).collect();
        Ok(template.filled(values.iter()).expose_text().unwrap().to_owned())
    }

    #[test]
    fn references_are_replaced_and_nothing_else() {
        assert_eq!(filled("a={{ strongroom://n/f }}\r\nb={{strongroom://n}}").unwrap(), "a=n/f\r\nb=n");
        assert_eq!(filled("{{{ strongroom://n/f }}}").unwrap(), "{n/f}");
        for same in [
            "",
            "{{ other }}",
            "strongroom://n/f",
            "{{",
            "{{ ",
            "}} {{",
            "{ { strongroom://n } }",
            "{{\nstrongroom://n }}",
        ] {
            assert_eq!(filled(same).unwrap(), same);
        }
    }

    #[test]
    fn a_reference_that_is_not_whole_is_told_by_its_line() {
        let told = |text: &str| filled(text).unwrap_err().to_string();
        assert_eq!(told("\n{{ strongroom://n/f }\n}}"), "line 2: write }} after the reference, on the same line");
        assert_eq!(told("{{ strongroom://n/f/g }}"), "line 1: a slash within a name or a field is written %2F");
        assert_eq!(told("a\nb\n{{ strongroom:// }}").split(": ").next(), Some("line 3"));
    }

    #[test]
    fn what_is_put_in_is_not_read_again() {
        let template = Template::read(b"{{ strongroom://a }}{{ strongroom://b }}").unwrap();
        let values = ["{{ strongroom://b }}".into(), "\0\u{ff}".into()];
        assert_eq!(template.filled(values.iter()).expose(), "{{ strongroom://b }}\0\u{ff}".as_bytes());
    }

    proptest! {
        #[test]
        fn text_without_references_stays(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let template = Template::read(&text).unwrap();
            let same = template.filled([].iter());
            prop_assert_eq!(same.expose(), &*text);
        }

        #[test]
        fn no_template_panics(text in "[{} a\n]{0,6}(\\{\\{ ?strongroom://[a/%}2F]{0,8}){0,3}[{} a\n]{0,6}") {
            let _ = filled(&text);
        }
    }
}
