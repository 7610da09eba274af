//! The plaintexts of the audit log: of its beginning, and of an event.
//!
//! Whatever the bytes, decoding them gives an answer or a [`CodecError`], never a panic.

use std::mem::discriminant;

use crate::crypto::wire::{Reader, WireError, Writer};
use crate::domain::audit::{Action, Event, Origin, Outcome, Subject};
use crate::domain::{Delivery, SecretBytes, SecretId, Timestamp};
use crate::vault::codec::CodecError;

const VERSION: u8 = 1;
/// Most bytes of one text: a bound for hostile input only.
const MAX_TEXT: usize = 4096;

/// Why a log begins where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// It is the first of its vault.
    New,
    /// What was before is over, as the limits say.
    Trimmed,
    /// The vault was made from a backup, which holds no log.
    Restored,
    /// The one before is gone.
    Lost,
    /// The one before could not be read.
    Damaged,
}

impl Why {
    /// In the order in which they are written as numbers.
    const ALL: [Self; 5] = [Self::New, Self::Trimmed, Self::Restored, Self::Lost, Self::Damaged];
}

/// How a log begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Begin {
    /// The number of its first event.
    pub(super) first: u64,
    /// The hash of the event before that; zeros where there is none.
    pub(super) previous: [u8; 32],
    /// When it was begun.
    pub(super) at: Timestamp,
    /// Why.
    pub(super) why: Why,
}

/// An event as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The event.
    pub(super) event: Event,
    /// How often the store had been changed by then.
    pub(super) generation: u64,
    /// The hash of the event before, and so of all before.
    pub(super) previous: [u8; 32],
}

/// The plaintext of how a log begins.
pub(super) fn encode_begin(begin: &Begin) -> SecretBytes {
    let mut to = Writer::with_capacity(64);
    to.u8(VERSION);
    to.u64(begin.first);
    to.raw(&begin.previous);
    to.i64(begin.at.0);
    to.u8(begin.why as u8);
    to.into_secret()
}

/// What [`encode_begin`] wrote.
pub(super) fn decode_begin(bytes: &[u8]) -> Result<Begin, CodecError> {
    let mut from = reader(bytes)?;
    let begin = Begin {
        first: from.u64()?,
        previous: from.array()?,
        at: Timestamp(from.i64()?),
        why: coded(&mut from, &Why::ALL)?,
    };
    from.finish()?;
    Ok(begin)
}

/// The plaintext of an event.
pub(super) fn encode(entry: &Entry) -> SecretBytes {
    let Entry { event, generation, previous } = entry;
    let mut to = Writer::with_capacity(512);
    to.u8(VERSION);
    to.u64(event.number);
    to.raw(previous);
    to.u64(*generation);
    to.i64(event.at.0);
    to.text(&event.member);
    write_origin(&mut to, &event.origin);
    write_action(&mut to, event.action);
    write_subject(&mut to, event.subject.as_ref());
    write_maybe(&mut to, event.application.as_deref());
    write_maybe(&mut to, event.command.as_deref());
    write_outcome(&mut to, &event.outcome);
    to.into_secret()
}

/// What [`encode`] wrote.
pub(super) fn decode(bytes: &[u8]) -> Result<Entry, CodecError> {
    let mut from = reader(bytes)?;
    let (number, previous, generation) = (from.u64()?, from.array()?, from.u64()?);
    let event = Event {
        number,
        at: Timestamp(from.i64()?),
        member: read_text(&mut from)?,
        origin: read_origin(&mut from)?,
        action: read_action(&mut from)?,
        subject: read_subject(&mut from)?,
        application: read_maybe(&mut from)?,
        command: read_maybe(&mut from)?,
        outcome: read_outcome(&mut from)?,
    };
    from.finish()?;
    Ok(Entry { event, generation, previous })
}

fn reader(bytes: &[u8]) -> Result<Reader<'_>, CodecError> {
    let mut from = Reader::new(bytes);
    match from.u8()? {
        VERSION => Ok(from),
        other => Err(CodecError::Version(other)),
    }
}

fn write_origin(to: &mut Writer, origin: &Origin) {
    to.text(&origin.user);
    to.u32(origin.pid);
    write_maybe(to, origin.terminal.as_deref());
    to.text(&origin.host);
    write_maybe(to, origin.parent.as_deref());
}

fn read_origin(from: &mut Reader<'_>) -> Result<Origin, WireError> {
    Ok(Origin {
        user: read_text(from)?,
        pid: from.u32()?,
        terminal: read_maybe(from)?,
        host: read_text(from)?,
        parent: read_maybe(from)?,
    })
}

/// As their places in [`Action::ALL`] and [`Delivery::ALL`].
fn write_action(to: &mut Writer, action: Action) {
    to.u8(place(&Action::ALL, |other| discriminant(other) == discriminant(&action)));
    if let Action::Delivered(how) = action {
        to.u8(place(&Delivery::ALL, |other| *other == how));
    }
}

fn read_action(from: &mut Reader<'_>) -> Result<Action, WireError> {
    match coded(from, &Action::ALL)? {
        Action::Delivered(_) => Ok(Action::Delivered(coded(from, &Delivery::ALL)?)),
        other => Ok(other),
    }
}

fn write_subject(to: &mut Writer, subject: Option<&Subject>) {
    match subject {
        None => to.u8(0),
        Some(Subject::Secret { id, name, revision, field }) => {
            to.u8(1);
            to.flag(id.is_some());
            id.iter().for_each(|id| to.raw(&id.0));
            to.text(name);
            to.u64(*revision);
            write_maybe(to, field.as_deref());
        }
        Some(Subject::Other(name)) => {
            to.u8(2);
            to.text(name);
        }
    }
}

fn read_subject(from: &mut Reader<'_>) -> Result<Option<Subject>, WireError> {
    Ok(Some(match from.u8()? {
        0 => return Ok(None),
        1 => Subject::Secret {
            id: if from.flag()? { Some(SecretId(from.array()?)) } else { None },
            name: read_text(from)?,
            revision: from.u64()?,
            field: read_maybe(from)?,
        },
        2 => Subject::Other(read_text(from)?),
        _ => return Err(WireError::UnknownCode),
    }))
}

fn write_outcome(to: &mut Writer, outcome: &Outcome) {
    match outcome {
        Outcome::Done => to.u8(0),
        Outcome::AllowedExpired => to.u8(1),
        Outcome::Refused(why) => {
            to.u8(2);
            to.text(why);
        }
    }
}

fn read_outcome(from: &mut Reader<'_>) -> Result<Outcome, WireError> {
    match from.u8()? {
        0 => Ok(Outcome::Done),
        1 => Ok(Outcome::AllowedExpired),
        2 => Ok(Outcome::Refused(read_text(from)?)),
        _ => Err(WireError::UnknownCode),
    }
}

fn write_maybe(to: &mut Writer, text: Option<&str>) {
    to.flag(text.is_some());
    text.iter().for_each(|text| to.text(text));
}

fn read_maybe(from: &mut Reader<'_>) -> Result<Option<Box<str>>, WireError> {
    if from.flag()? { read_text(from).map(Some) } else { Ok(None) }
}

fn read_text(from: &mut Reader<'_>) -> Result<Box<str>, WireError> {
    from.text(MAX_TEXT).map(Into::into)
}

/// Where in `items` the one is that `is` says yes to.
fn place<T>(items: &[T], is: impl Fn(&T) -> bool) -> u8 {
    let at = items.iter().position(is).and_then(|at| u8::try_from(at).ok());
    at.expect("the lists of all actions and deliveries are complete, and short")
}

fn coded<T: Copy>(from: &mut Reader<'_>, items: &[T]) -> Result<T, WireError> {
    items.get(usize::from(from.u8()?)).copied().ok_or(WireError::UnknownCode)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// So many actions there were at first.
    const FIRST_ACTIONS: usize = 25;

    /// An event of every action, delivery, subject and outcome.
    fn entries() -> Vec<Entry> {
        // Those that came later stand last: the events before them are in logs that exist.
        let (first, later) = Action::ALL.split_at(FIRST_ACTIONS);
        let first = first.iter().copied().filter(|action| !matches!(action, Action::Delivered(_)));
        let all = first.chain(Delivery::ALL.map(Action::Delivered)).chain(later.iter().copied());
        all.zip(1..).map(|(action, n)| entry(action, n)).collect()
    }

    fn entry(action: Action, n: u8) -> Entry {
        let secret =
            |id| Subject::Secret { id, name: "deploy-key".into(), revision: 4, field: id.map(|_| "value".into()) };
        let text = |is: bool| is.then(|| "deploy.sh".into());
        let event = Event {
            number: n.into(),
            at: Timestamp(1_790_000_000 + i64::from(n)),
            member: "Ada Park".into(),
            origin: Origin {
                user: "ada".into(),
                pid: 4711,
                terminal: text(n.is_multiple_of(2)),
                host: "build-7".into(),
                parent: text(n % 2 == 1),
            },
            action,
            subject: match n % 4 {
                0 => None,
                1 => Some(secret(Some(SecretId([2; 16])))),
                2 => Some(secret(None)),
                _ => Some(Subject::Other("nightly".into())),
            },
            application: text(n.is_multiple_of(3)),
            command: text(n.is_multiple_of(5)),
            outcome: match n % 3 {
                0 => Outcome::Done,
                1 => Outcome::AllowedExpired,
                _ => Outcome::Refused("it is Inactive".into()),
            },
        };
        Entry { event, generation: 9, previous: [n; 32] }
    }

    #[test]
    fn every_event_comes_back() {
        for entry in entries() {
            assert_eq!(decode(encode(&entry).expose()), Ok(entry));
        }
        for why in Why::ALL {
            let begin = Begin { first: 8, previous: [7; 32], at: Timestamp(5), why };
            assert_eq!(decode_begin(encode_begin(&begin).expose()), Ok(begin));
        }
    }

    /// The plaintexts as they are in logs that exist: a difference means a new version.
    #[test]
    fn events_are_written_as_in_version_1() {
        let begin = encode_begin(&Begin { first: 8, previous: [7; 32], at: Timestamp(5), why: Why::Lost });
        let entries = entries();
        let plains = std::iter::once(begin).chain(entries.iter().map(encode));
        let line = |plain: SecretBytes| plain.expose().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let now: String = plains.map(|plain| line(plain) + "\n").collect();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/audit-events.hex");
        if std::env::var_os("STRONGROOM_REWRITE_VECTORS").is_some() {
            std::fs::write(path, &now).unwrap();
        }
        assert!(now == std::fs::read_to_string(path).unwrap(), "what is written today differs");
    }

    #[test]
    fn an_ordinary_delivery_fits_the_smallest_bucket() {
        assert!(encode(&entry(Action::Delivered(Delivery::Run), 1)).len() <= 252);
    }

    #[test]
    fn another_version_is_named() {
        let mut bytes = encode(&entry(Action::Created, 1));
        bytes.splice(0, 1, &[9]);
        assert_eq!(decode(bytes.expose()), Err(CodecError::Version(9)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn nothing_makes_decoding_panic(
            noise in proptest::collection::vec(any::<u8>(), 0..200),
            which in 0..48usize,
            at in 0..100usize,
            byte: u8,
        ) {
            let _ = decode(&noise);
            let _ = decode_begin(&noise);
            let mut bytes = encode(&entries()[which]);
            bytes.splice(at, 1, &[byte]);
            let _ = decode(bytes.expose());
            prop_assert!(decode(&bytes.expose()[..at]).is_err());
        }
    }
}
