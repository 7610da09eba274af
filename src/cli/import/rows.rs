//! What is to be imported, by name: for what is said before it is done, and of what the door refuses.

use std::collections::{BTreeMap, VecDeque};

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

/// What is left of `rows` without what the door refused; and that with its line, where it is clear which is meant: all
/// of that name are.
pub(super) fn sorted(rows: Vec<Row>, refused: Vec<Skipped>) -> (Vec<Row>, Vec<Skipped>) {
    let mut of_name: BTreeMap<&str, VecDeque<usize>> = BTreeMap::new();
    rows.iter().enumerate().for_each(|(at, row)| of_name.entry(&row.name).or_default().push_back(at));
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    refused.iter().for_each(|skipped| *times.entry(skipped.what.clone()).or_default() += 1);
    let clear: Vec<bool> = refused
        .iter()
        .map(|skipped| of_name.get(&*skipped.what).map(VecDeque::len) == times.get(&skipped.what).copied())
        .collect();
    let mut gone = vec![false; rows.len()];
    let mut place = |(skipped, clear): (Skipped, bool)| {
        let rows_left = of_name.get_mut(&*skipped.what);
        let at = rows_left.and_then(|left| if clear { left.pop_front() } else { left.pop_back() });
        at.into_iter().for_each(|at| gone[at] = true);
        match at.filter(|_| clear).and_then(|at| rows[at].line) {
            Some(line) => skipped.on(line),
            None => skipped,
        }
    };
    let refused = refused.into_iter().zip(clear).map(&mut place).collect();
    let left = rows.into_iter().zip(gone).filter(|(_, gone)| !gone).map(|(row, _)| row).collect();
    (left, refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_has_its_line_where_that_is_clear() {
        let row = |(name, line): (&str, u64)| Row { name: name.to_owned(), line: Some(line), keys: Vec::new() };
        let rows = || [("a", 2), ("b", 3), ("a", 4), ("c", 5)].into_iter().map(row).collect::<Vec<_>>();
        let refused =
            |names: &[&str]| names.iter().map(|name| Skipped { what: (*name).into(), why: "x".into() }).collect();
        let told = |names: &[&str]| {
            let (left, refused) = sorted(rows(), refused(names));
            let left: Vec<String> = left.into_iter().map(|row| row.name).collect();
            (left.join(" "), refused.into_iter().map(|skipped| skipped.what).collect::<Vec<_>>().join("; "))
        };
        assert_eq!(told(&["b"]), ("a a c".to_owned(), "b, line 3".to_owned()));
        assert_eq!(told(&["a", "a"]), ("b c".to_owned(), "a, line 2; a, line 4".to_owned()));
        assert_eq!(told(&["a"]), ("a b c".to_owned(), "a".to_owned()), "one of the two");
    }
}
