//! One log: how it begins, where it ends, and what can be gone on from when its end is not as it should be.

use super::codec::{Begin, Entry, decode, decode_begin, encode_begin};
use super::frame::{self, Frame, MAGIC, START, VERSION};
use crate::crypto::digest;
use crate::host::Entropy;
use crate::vault::VaultError;
use crate::vault::home::Journal;
use crate::vault::record::Sealer;

/// More bytes at the end that are no frames are more than one interrupted write left.
const MOST_TORN: u64 = 64 * 1024;

/// What the next event goes on from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Last {
    /// The number of the last event, or that before the first.
    pub(super) number: u64,
    /// Its hash; zeros where that is not known.
    pub(super) hash: [u8; 32],
    /// How often the store had been changed by then, where that is known.
    pub(super) generation: Option<u64>,
}

impl Last {
    /// Of a vault that has no log yet.
    pub(super) const NONE: Self = Self { number: 0, hash: [0; 32], generation: None };

    /// What the first event of a log that begins so goes on from.
    pub(super) fn before(begin: &Begin) -> Self {
        Self { number: begin.first.saturating_sub(1), hash: begin.previous, generation: None }
    }

    /// What goes on from `entry`, whose plaintext is `plain`.
    fn of(entry: &Entry, plain: &[u8]) -> Self {
        Self { number: entry.event.number, hash: digest(plain), generation: Some(entry.generation) }
    }
}

/// A log that events can be added to.
pub(in crate::vault) struct Log {
    pub(super) journal: Box<dyn Journal>,
    /// How it begins.
    pub(super) begin: Begin,
    /// Where its first event begins.
    pub(super) start: u64,
    pub(super) last: Last,
}

impl Log {
    /// Writes the beginning of one into `journal`, which is empty.
    pub(super) fn begin(
        mut journal: Box<dyn Journal>,
        begin: Begin,
        sealer: &Sealer,
        entropy: &dyn Entropy,
    ) -> Result<Self, VaultError> {
        let sealed = sealer.seal_event(0, encode_begin(&begin).expose(), entropy)?;
        journal.append(&[frame::preamble(), frame::bytes_of(0, &sealed)].concat())?;
        let start = journal.size();
        Ok(Self { journal, begin, start, last: Last::before(&begin) })
    }

    /// Adds frames; `last` is what goes on from them. They are on the disk when this returns.
    pub(super) fn add(&mut self, frames: &[u8], last: Last) -> Result<(), VaultError> {
        let size = self.journal.size();
        self.journal.append(frames)?;
        if let Err(error) = self.journal.sync() {
            // Nobody is answered: what may be on the disk must not be taken for something that was.
            let _ = self.journal.cut(size);
            return Err(error);
        }
        self.last = last;
        Ok(())
    }
}

/// The event in `frame`, and what goes on from it; `None` when it cannot be opened.
pub(super) fn open(sealer: &Sealer, frame: &Frame) -> Option<(Entry, Last)> {
    let plain = sealer.open_event(frame.number, &frame.sealed).ok()?;
    let entry = decode(plain.expose()).ok().filter(|entry| entry.event.number == frame.number)?;
    let last = Last::of(&entry, plain.expose());
    Some((entry, last))
}

/// How the log in `journal` begins, and where its first event does.
pub(super) fn begin_of(journal: &dyn Journal, sealer: &Sealer) -> Result<Option<(Begin, u64)>, VaultError> {
    let mut preamble = [0; START as usize];
    if journal.size() < START {
        return Ok(None);
    }
    journal.read(0, &mut preamble)?;
    if preamble[..8] != MAGIC[..] || preamble[8] != VERSION {
        return Ok(None);
    }
    let Some(frame) = frame::at(journal, START)?.filter(|frame| frame.number == 0) else { return Ok(None) };
    let plain = sealer.open_event(0, &frame.sealed).ok();
    let begin = plain.and_then(|plain| decode_begin(plain.expose()).ok());
    Ok(begin.map(|begin| (begin, frame.end)))
}

/// Where a log can be gone on from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Behind its first so many bytes. What is there from then on was never answered for.
    At(u64, Last),
    /// Behind all of it, although the last event cannot be read.
    Unreadable(Last),
    /// Nowhere. The first so many bytes may be whole.
    Nowhere(u64, Last),
}

/// Looks where the log in `journal`, whose first event begins at `start`, can be gone on from. This machine remembers to
/// have `seen` an event of that number, if any: what is not whole at the end and comes after that was never answered for.
pub(super) fn end_of(
    journal: &dyn Journal,
    sealer: &Sealer,
    (begin, start): (&Begin, u64),
    seen: u64,
) -> Result<End, VaultError> {
    let size = journal.size();
    // The last event that ends at `end`, if it can be read, and where it begins.
    let last = |end: u64| -> Result<(u64, Option<Last>), VaultError> {
        if end <= start {
            return Ok((start, Some(Last::before(begin))));
        }
        let frame = frame::before(journal, end)?;
        let opened = frame.as_ref().and_then(|frame| open(sealer, frame)).map(|(_, last)| last);
        Ok((frame.map_or(start, |frame| frame.at), opened))
    };
    let unknown = Last { number: seen.max(begin.first), hash: [0; 32], generation: None };
    if size != start && frame::before(journal, size)?.is_none() {
        let whole = frame::end_of_whole(journal, start)?;
        return Ok(match last(whole)?.1 {
            Some(last) if last.number >= seen && size - whole <= MOST_TORN => End::At(whole, last),
            last => End::Nowhere(whole, last.unwrap_or(unknown)),
        });
    }
    let (at, found) = last(size)?;
    Ok(match (found, found.is_none().then(|| last(at)).transpose()?) {
        (Some(last), _) => End::At(size, last),
        (None, Some((_, Some(before)))) if before.number >= seen => End::At(at, before),
        (None, Some((_, Some(before)))) => {
            End::Unreadable(Last { number: unknown.number.max(before.number + 1), ..unknown })
        }
        (None, _) => End::Unreadable(unknown),
    })
}
