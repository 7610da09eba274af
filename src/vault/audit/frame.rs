//! The frames of the log, found from its beginning and from its end.
//!
//! `length of the sealed event (u32) ‖ number (u64) ‖ sealed event ‖ length again (u32)`.

use crate::vault::VaultError;
use crate::vault::home::Journal;

pub(super) const MAGIC: &[u8; 8] = b"strongau";
pub(super) const VERSION: u8 = 1;
/// Where the first frame begins.
pub(super) const START: u64 = 9;
/// Most bytes of a sealed event: more than the longest texts make.
const MAX_SEALED: u32 = 32 * 1024;
/// Bytes of a frame around the sealed event.
const AROUND: u64 = 4 + 8 + 4;

/// A frame that is all there. Whether it can be opened is another matter.
#[derive(Debug)]
pub(super) struct Frame {
    /// Where it begins.
    pub(super) at: u64,
    /// Where the next one begins.
    pub(super) end: u64,
    /// The number that it says it has.
    pub(super) number: u64,
    /// The sealed event.
    pub(super) sealed: Vec<u8>,
}

/// The bytes before the first frame.
pub(super) fn preamble() -> Vec<u8> {
    [&MAGIC[..], &[VERSION]].concat()
}

/// The bytes of a frame.
pub(super) fn bytes_of(number: u64, sealed: &[u8]) -> Vec<u8> {
    let length = u32::try_from(sealed.len()).expect("events are bounded when they are taken in").to_le_bytes();
    [&length[..], &number.to_le_bytes(), sealed, &length].concat()
}

/// The frame that begins at `at`; `None` when there is no whole one.
pub(super) fn at(journal: &dyn Journal, at: u64) -> Result<Option<Frame>, VaultError> {
    let left = journal.size().saturating_sub(at);
    if left < AROUND {
        return Ok(None);
    }
    let mut start = [0; 12];
    journal.read(at, &mut start)?;
    let (length, number) = start.split_at(4);
    let length = u32::from_le_bytes(length.try_into().unwrap_or_default());
    // Zeros, which a power cut may leave, are no frames.
    if length == 0 || length > MAX_SEALED || AROUND + u64::from(length) > left {
        return Ok(None);
    }
    let mut sealed = vec![0; length as usize + 4];
    journal.read(at + 12, &mut sealed)?;
    let again = sealed.split_off(length as usize);
    let number = u64::from_le_bytes(number.try_into().unwrap_or_default());
    let frame = Frame { at, end: at + AROUND + u64::from(length), number, sealed };
    Ok((again == length.to_le_bytes()).then_some(frame))
}

/// The frame that ends at `end`; `None` when there is no whole one.
pub(super) fn before(journal: &dyn Journal, end: u64) -> Result<Option<Frame>, VaultError> {
    if end < START + AROUND || end > journal.size() {
        return Ok(None);
    }
    let mut length = [0; 4];
    journal.read(end - 4, &mut length)?;
    let whole = AROUND + u64::from(u32::from_le_bytes(length));
    match end.checked_sub(whole).filter(|begin| *begin >= START) {
        Some(begin) => Ok(at(journal, begin)?.filter(|frame| frame.end == end)),
        None => Ok(None),
    }
}

/// What is met on the way through a log.
#[derive(Debug)]
pub(super) enum Met {
    /// A whole frame.
    Frame(Frame),
    /// Bytes that are no frames.
    Rubble,
}

/// Meets everything from the frame at `start` on, in order, until `visit` says no. After rubble it goes on with the frames
/// that are found from the end.
pub(super) fn forth(
    journal: &dyn Journal,
    start: u64,
    visit: &mut dyn FnMut(Met) -> Result<bool, VaultError>,
) -> Result<(), VaultError> {
    let mut next = start;
    while let Some(frame) = at(journal, next)? {
        next = frame.end;
        if !visit(Met::Frame(frame))? {
            return Ok(());
        }
    }
    if next == journal.size() || !visit(Met::Rubble)? {
        return Ok(());
    }
    for begin in begins_before(journal, journal.size(), next)?.into_iter().rev() {
        if let Some(frame) = at(journal, begin)?
            && !visit(Met::Frame(frame))?
        {
            break;
        }
    }
    Ok(())
}

/// As [`forth`], from the end back to the frame at `start`.
pub(super) fn back(
    journal: &dyn Journal,
    start: u64,
    visit: &mut dyn FnMut(Met) -> Result<bool, VaultError>,
) -> Result<(), VaultError> {
    let mut end = journal.size();
    while end > start
        && let Some(frame) = before(journal, end)?
    {
        end = frame.at;
        if !visit(Met::Frame(frame))? {
            return Ok(());
        }
    }
    if end <= start || !visit(Met::Rubble)? {
        return Ok(());
    }
    for begin in begins_from(journal, start, end)?.into_iter().rev() {
        if let Some(frame) = at(journal, begin)?
            && !visit(Met::Frame(frame))?
        {
            break;
        }
    }
    Ok(())
}

/// Where the whole frames begin that end at `end`, one before the other, and not before `least`.
fn begins_before(journal: &dyn Journal, mut end: u64, least: u64) -> Result<Vec<u64>, VaultError> {
    let mut begins = Vec::new();
    while let Some(frame) = before(journal, end)?.filter(|frame| frame.at >= least) {
        end = frame.at;
        begins.push(frame.at);
    }
    Ok(begins)
}

/// Where the whole frames begin from `next` on, one after the other, and that end before `most`.
fn begins_from(journal: &dyn Journal, mut next: u64, most: u64) -> Result<Vec<u64>, VaultError> {
    let mut begins = Vec::new();
    while let Some(frame) = at(journal, next)?.filter(|frame| frame.end <= most) {
        next = frame.end;
        begins.push(frame.at);
    }
    Ok(begins)
}

/// Where the whole frames from `start` on end.
pub(super) fn end_of_whole(journal: &dyn Journal, start: u64) -> Result<u64, VaultError> {
    let mut end = start;
    while let Some(frame) = at(journal, end)? {
        end = frame.end;
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::{Home, MemoryHome};

    fn journal(bytes: &[u8]) -> Box<dyn Journal> {
        let mut journal = MemoryHome::default().make_audit(1).unwrap();
        journal.append(bytes).unwrap();
        journal
    }

    fn three() -> Vec<u8> {
        [preamble(), bytes_of(1, b"one"), bytes_of(2, b"2"), bytes_of(3, &[7; 300])].concat()
    }

    fn met(walk: impl FnOnce(&mut dyn FnMut(Met) -> Result<bool, VaultError>)) -> Vec<Option<u64>> {
        let mut numbers = Vec::new();
        walk(&mut |met| {
            numbers.push(match met {
                Met::Frame(frame) => Some(frame.number),
                Met::Rubble => None,
            });
            Ok(true)
        });
        numbers
    }

    #[test]
    fn frames_are_found_from_both_ends() {
        let whole = journal(&three());
        assert_eq!(met(|visit| forth(&*whole, START, visit).unwrap()), [1, 2, 3].map(Some));
        assert_eq!(met(|visit| back(&*whole, START, visit).unwrap()), [3, 2, 1].map(Some));
    }

    #[test]
    fn rubble_in_the_middle_hides_nothing_on_either_side() {
        let mut bytes = three();
        bytes[9 + 19] ^= 1;
        let broken = journal(&bytes);
        assert_eq!(met(|visit| forth(&*broken, START, visit).unwrap()), [Some(1), None, Some(3)]);
        assert_eq!(met(|visit| back(&*broken, START, visit).unwrap()), [Some(3), None, Some(1)]);
    }

    #[test]
    fn no_cut_and_no_flip_is_read_past() {
        let whole = three();
        for at in 9..whole.len() {
            let cut = journal(&whole[..at]);
            assert!(met(|visit| forth(&*cut, START, visit).unwrap()).len() <= 3);
            for bit in 0..8 {
                let mut flipped = whole.clone();
                flipped[at] ^= 1 << bit;
                let flipped = journal(&flipped);
                let frames = |found: Vec<Option<u64>>| found.iter().flatten().count();
                assert!(frames(met(|visit| forth(&*flipped, START, visit).unwrap())) >= 2);
                assert!(frames(met(|visit| back(&*flipped, START, visit).unwrap())) >= 2);
            }
        }
    }
}
