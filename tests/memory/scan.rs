//! Reads the memory of a process and looks for secrets in it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use aho_corasick::AhoCorasick;
use memchr::memchr_iter;
use ratatui::buffer::Cell;

use crate::secrets::Secret;
use crate::spellings::{PIECE, Pattern, patterns, pieces};
use rustix::process::Pid;

/// How far apart the characters of a text may be: in cells of a screen, in queues of keys and of messages.
const STRIDES: Range<usize> = 3..65;
const WIDE_STRIDES: Range<usize> = 72..1024;
/// Memory is looked at a page at a time, for most of it is zeros.
const PAGE: usize = 4096;

/// A mapping of a process: what the kernel calls it, where it is, what is in it.
struct Region {
    name: String,
    start: u64,
    writable: bool,
    bytes: Vec<u8>,
}

/// How often each secret was found, by the way it is written; with the first place.
#[derive(Debug, Default)]
pub struct Found(pub BTreeMap<(String, String), (usize, String)>);

impl Found {
    /// Whether the secret called `name` was found, written as `how` says.
    pub fn has(&self, name: &str, how: &str) -> bool {
        self.0.keys().any(|(secret, written)| secret == name && written == how)
    }

    fn note(&mut self, secret: &str, how: &str, place: impl FnOnce() -> String) {
        let entry = self.0.entry((secret.to_owned(), how.to_owned())).or_insert_with(|| (0, place()));
        entry.0 += 1;
    }
}

/// How the characters of a screen are spread.
pub fn cells() -> String {
    spread(size_of::<Cell>())
}

pub fn spread(stride: usize) -> String {
    format!("every {stride} bytes")
}

/// Looks for `secrets` in the whole memory of `processes`.
///
/// # Errors
/// When we may not.
pub fn scan(processes: &[Pid], secrets: &[Secret]) -> io::Result<Found> {
    let patterns: Vec<Pattern> = secrets.iter().flat_map(patterns).collect();
    let search = AhoCorasick::new(patterns.iter().map(|pattern| &pattern.bytes)).expect("few patterns");
    let mut found = Found::default();
    let regions = processes.iter().map(|process| read(*process)).collect::<io::Result<Vec<_>>>()?;
    for region in regions.iter().flatten() {
        for range in filled(&region.bytes) {
            let bytes = &region.bytes[range.clone()];
            for hit in search.find_overlapping_iter(bytes) {
                let pattern = &patterns[hit.pattern().as_usize()];
                found.note(&pattern.secret, pattern.how, || region.place(range.start + hit.start()));
            }
            if region.writable {
                look_for_spread(secrets, region, range, &mut found);
            }
        }
    }
    Ok(found)
}

/// Looks for texts whose characters stand apart, by the same number of bytes each.
fn look_for_spread(secrets: &[Secret], region: &Region, range: Range<usize>, found: &mut Found) {
    let bytes = &region.bytes[range.clone()];
    for secret in secrets.iter().filter(|secret| secret.is_text) {
        for piece in pieces(&secret.bytes) {
            for at in memchr_iter(piece[0], bytes) {
                for stride in STRIDES.chain(WIDE_STRIDES.step_by(8)) {
                    let is_there = |n: usize| bytes.get(at + n * stride) == Some(&piece[n]);
                    if is_there(1) && (2..PIECE).all(is_there) {
                        found.note(&secret.name, &spread(stride), || region.place(range.start + at));
                    }
                }
            }
        }
    }
}

impl Region {
    /// The place of a finding, with what is around it: for whoever has to find out how it got there.
    fn place(&self, at: usize) -> String {
        let around = &self.bytes[at.saturating_sub(48)..(at + 80).min(self.bytes.len())];
        let shown: String =
            around.iter().map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '.' }).collect();
        format!("{} {:x}+{at:x} of {:x}: {shown}", self.name, self.start, self.bytes.len())
    }
}

/// The runs of pages that are not all zeros.
fn filled(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (n, page) in bytes.chunks(PAGE).enumerate() {
        let (start, end) = (n * PAGE, n * PAGE + page.len());
        if page == &[0; PAGE][..page.len()] {
            continue;
        }
        match runs.last_mut().filter(|run| run.end == start) {
            Some(run) => run.end = end,
            None => runs.push(start..end),
        }
    }
    runs
}

/// All that the process can read.
fn read(process: Pid) -> io::Result<Vec<Region>> {
    let folder = format!("/proc/{}", process.as_raw_nonzero());
    let memory = File::open(format!("{folder}/mem"))?;
    let maps = fs::read_to_string(format!("{folder}/maps"))?;
    let is_gone = |line: &str| fs::read_to_string(format!("{folder}/maps")).is_ok_and(|maps| !maps.contains(line));
    let regions: Vec<Region> = maps.lines().filter_map(|line| region(line, &memory, &is_gone)).collect();
    assert!(regions.iter().any(|region| region.name == "[stack]"), "{maps}");
    Ok(regions)
}

/// `START-END PERMISSIONS OFFSET DEVICE INODE NAME`; `None` for what cannot be read, as the clock's pages, and for what
/// has been given back in the meantime.
fn region(line: &str, memory: &File, is_gone: &dyn Fn(&str) -> bool) -> Option<Region> {
    let mut fields = line.split_whitespace();
    let (start, end) = fields.next()?.split_once('-')?;
    let address = |text| u64::from_str_radix(text, 16).ok();
    let (start, end) = (address(start)?, address(end)?);
    let permissions = fields.next()?;
    let name = fields.nth(3).unwrap_or("anonymous").to_owned();
    if !permissions.starts_with('r') || name.starts_with("[v") {
        return None;
    }
    let writable = permissions.contains('w');
    let mut bytes = vec![0; usize::try_from(end - start).ok()?];
    let read = memory.read_exact_at(&mut bytes, start);
    if read.is_err() && is_gone(line) {
        return None;
    }
    // A mapping may go past the end of its file; nobody has written there.
    assert!(read.is_ok() || !writable, "{line}: {read:?}");
    Some(Region { name, start, writable, bytes })
}
