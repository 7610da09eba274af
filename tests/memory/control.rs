//! The search finds what it looks for, in every spelling: in the memory of a program that was handed them.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Instant;

use ratatui::buffer::Cell;
use rustix::process::Pid;

use crate::aloud::skip_for_want;
use crate::pty::PATIENCE;
use crate::scan::{scan, spread};
use crate::secrets::{Secret, canary};
use crate::spellings::patterns;

/// How far apart the characters are in cells and in queues, such as were found.
const STRIDES: [usize; 4] = [size_of::<Cell>(), 5, 24, 200];

/// The text with zeros between its characters.
fn spread_out(text: &[u8], stride: usize) -> Vec<u8> {
    text.iter().flat_map(|byte| std::iter::once(*byte).chain(std::iter::repeat_n(0, stride - 1))).collect()
}

#[test]
fn the_search_finds_every_spelling() {
    let (text, key) = (canary(7, 0), canary(7, 1));
    let secrets = [Secret::text("text", &text), Secret::key("key", key.as_bytes())];
    let mut planted: Vec<u8> =
        secrets.iter().flat_map(patterns).flat_map(|pattern| [&pattern.bytes[..], b"\n"].concat()).collect();
    STRIDES.iter().for_each(|stride| planted.extend(spread_out(text.as_bytes(), *stride)));
    let mut wanted: Vec<(String, String)> =
        secrets.iter().flat_map(patterns).map(|pattern| (pattern.secret, pattern.how.to_owned())).collect();
    wanted.extend(STRIDES.map(|stride| ("text".to_owned(), spread(stride))));

    // Keeps what it reads until there is no more.
    let mut keeper = Command::new("sort").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("sort");
    keeper.stdin.as_mut().expect("its input").write_all(&planted).expect("planting");
    let pid = Pid::from_child(&keeper);
    let started = Instant::now();
    let missing = loop {
        match scan(&[pid], &secrets) {
            Err(error) => break Err(error),
            Ok(found) => {
                let missing: Vec<_> = wanted.iter().filter(|(name, how)| !found.has(name, how)).collect();
                if missing.is_empty() || started.elapsed() > PATIENCE {
                    break Ok(missing);
                }
            }
        }
    };
    keeper.kill().expect("it waits");
    keeper.wait().expect("it ends");
    match missing {
        Ok(missing) => assert!(missing.is_empty(), "not found: {missing:?}"),
        Err(error) => skip_for_want("the_search_finds_every_spelling", &format!("memory cannot be read: {error}")),
    }
}
