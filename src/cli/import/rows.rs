//! What is to be imported, by name: for what is said before it is done, and of what the door refuses.

use crate::cli::args::{ImportArgs, ImportSource};
use crate::domain::Draft;
use crate::domain::import::Found;
use crate::service::Skipped;

/// A secret that is to be imported.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) name: String,
    /// Where it stands, in a table.
    line: Option<u64>,
    /// Of a file that is one secret, the keys of its pairs.
    pub(super) keys: Vec<String>,
}

/// What is to be imported.
pub(super) fn rows(args: &ImportArgs, found: &Found) -> Vec<Row> {
    let row = |(at, draft): (usize, &Draft)| Row {
        name: draft.name.to_string(),
        line: found.lines.get(at).copied(),
        keys: if args.source == ImportSource::Dotenv { keys(draft) } else { Vec::new() },
    };
    found.drafts.iter().enumerate().map(row).collect()
}

fn keys(draft: &Draft) -> Vec<String> {
    draft.value.0.iter().map(|(key, _)| key.to_string()).collect()
}

/// What is left of `rows` without those that were refused, each by its place and with the reason; and these, by name and
/// line, in their order.
pub(super) fn sorted(rows: Vec<Row>, mut refused: Vec<(usize, String)>) -> (Vec<Row>, Vec<Skipped>) {
    refused.sort_unstable();
    let (mut left, mut skipped) = (Vec::with_capacity(rows.len()), Vec::with_capacity(refused.len()));
    let mut refused = refused.into_iter().peekable();
    for (at, row) in rows.into_iter().enumerate() {
        match refused.next_if(|(place, _)| *place == at) {
            Some((_, why)) => skipped.push(row.skipped(why)),
            None => left.push(row),
        }
    }
    (left, skipped)
}

impl Row {
    fn skipped(self, why: String) -> Skipped {
        let skipped = Skipped { what: self.name, why };
        match self.line {
            Some(line) => skipped.on(line),
            None => skipped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_has_its_line_and_the_rest_stays() {
        let row = |(name, line): (&str, Option<u64>)| Row { name: name.to_owned(), line, keys: Vec::new() };
        let rows = [("a", Some(2)), ("b", Some(3)), ("a", Some(4)), ("c", None)].into_iter().map(row).collect();
        let (left, skipped) = sorted(rows, vec![(3, "x".to_owned()), (2, "y".to_owned())]);
        assert_eq!(left.iter().map(|row| &*row.name).collect::<Vec<_>>(), ["a", "b"]);
        let told: Vec<(&str, &str)> = skipped.iter().map(|skipped| (&*skipped.what, &*skipped.why)).collect();
        assert_eq!(told, [("a, line 4", "y"), ("c", "x")]);
    }
}
