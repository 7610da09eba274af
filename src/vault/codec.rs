//! The plaintexts that are sealed: a header, a value, the profile. Each begins with a version.
//!
//! Whatever the bytes, decoding them gives an answer or a [`CodecError`], never a panic.

use super::profile::{Member, Profile, SlotNote};
use super::record::Link;
use crate::crypto::wire::{Reader, WireError, Writer};
use crate::crypto::{Key, keyed};
use crate::domain::organization::Role;
use crate::domain::{
    Draft, Header, Kind, MemberId, Part, PublicField, Scope, SecretBytes, SecretId, SlotId, Stamp, State, Timestamp,
    Value,
};

const VERSION: u8 = 1;
/// In version 1 a value had no salt, for nothing was committed to.
const VALUE_VERSION: u8 = 2;
/// Length of the salt of a commitment in bytes.
pub(super) const SALT_LEN: usize = 32;
/// In version 1 the profile had no notes on key slots.
const PROFILE_VERSION: u8 = 2;
/// Most bytes of one text: a chain of certificates that came as 1 MiB of DER. A bound for hostile input only.
const MAX_TEXT: usize = 2 * 1024 * 1024;
/// Most public fields, parts or members in one plaintext.
const MAX_ITEMS: usize = 4096;
/// Most secrets of one export.
const MAX_DRAFTS: usize = 1_000_000;
/// Most bytes of one part of a value.
const MAX_PART: usize = 8 * 1024 * 1024;

const WRITE_ONLY: u8 = 1;
const ENCRYPTED_KEY: u8 = 2;
const EXPIRES: u8 = 4;
const NOT_BEFORE: u8 = 8;

/// Why a plaintext could not be read, although it was sealed by somebody who had the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum CodecError {
    /// Written by a program that knows more.
    #[error("written by a newer version of strongroom (form {0})")]
    Version(u8),
    /// Not what any version writes.
    #[error(transparent)]
    Wire(#[from] WireError),
}

/// The header of `id` at `revision`, and where its value is, as the first version of the format has it.
pub(super) fn decode_old_header(id: SecretId, revision: u64, bytes: &[u8]) -> Result<(Header, Link), CodecError> {
    let mut from = reader(bytes)?;
    let (kind, scope, flags) = (read_kind(&mut from)?, read_scope(&mut from)?, from.u8()?);
    let time = |from: &mut Reader<'_>, flag| match flags & flag {
        0 => Ok::<_, WireError>(None),
        _ => Ok(Some(Timestamp(from.i64()?))),
    };
    let header = Header {
        id,
        revision,
        kind,
        scope,
        name: read_text(&mut from)?,
        owner: MemberId(from.array()?),
        author: MemberId(from.array()?),
        created: read_stamp(&mut from)?,
        modified: read_stamp(&mut from)?,
        value_set: Timestamp(from.i64()?),
        expires: time(&mut from, EXPIRES)?,
        not_before: time(&mut from, NOT_BEFORE)?,
        state: read_state(&mut from)?,
        write_only: flags & WRITE_ONLY != 0,
        encrypted_key: flags & ENCRYPTED_KEY != 0,
        public: read_list(&mut from, 8, |from| {
            Ok(PublicField { key: read_text(from)?.into(), text: read_text(from)? })
        })?,
        parts: read_list(&mut from, 8, |from| Ok(Part { name: read_text(from)?, size: from.u32()? }))?,
    };
    let link = read_link(&mut from)?;
    from.finish()?;
    Ok((header, link))
}

/// The plaintext of a value, behind the salt of its commitment.
pub(super) fn encode_value(value: &Value, salt: &[u8; SALT_LEN]) -> SecretBytes {
    let mut to = Writer::with_capacity(1 + SALT_LEN + parts_len(value));
    to.u8(VALUE_VERSION);
    to.raw(salt);
    write_parts(&mut to, value);
    to.into_secret()
}

/// The value whose plaintext `bytes` are; of the first version, without a salt.
pub(super) fn decode_value(bytes: &SecretBytes) -> Result<Value, CodecError> {
    let mut from = Reader::new(bytes.expose());
    match from.u8()? {
        VERSION => {}
        VALUE_VERSION => drop(from.array::<SALT_LEN>()?),
        other => return Err(CodecError::Version(other)),
    }
    let value = read_parts(&mut from)?;
    from.finish()?;
    Ok(value)
}

/// What a header says to be bound to the value whose plaintext `bytes` are: it tells nothing of it without the salt.
pub(super) fn commitment(id: SecretId, bytes: &SecretBytes) -> Option<[u8; 32]> {
    let (salt, value) = bytes.expose().strip_prefix(&[VALUE_VERSION])?.split_first_chunk()?;
    Some(keyed(&Key::copy_of(salt), "strongroom 2 value", &[&id.0, value]))
}

fn parts_len(value: &Value) -> usize {
    4 + value.0.iter().map(|(name, bytes)| 8 + name.len() + bytes.len()).sum::<usize>()
}

fn write_parts(to: &mut Writer, value: &Value) {
    to.count(value.0.len());
    for (name, bytes) in &value.0 {
        to.text(name);
        to.bytes(bytes.expose());
    }
}

fn read_parts(from: &mut Reader<'_>) -> Result<Value, WireError> {
    read_list(from, 8, |from| Ok((read_text(from)?, SecretBytes::from(from.bytes(MAX_PART)?)))).map(Value)
}

/// The plaintext of an export: secrets that belong to no vault.
pub(super) fn encode_drafts(drafts: &[Draft]) -> SecretBytes {
    let mut to = Writer::with_capacity(1024);
    to.u8(VERSION);
    to.count(drafts.len());
    for draft in drafts {
        to.u8(draft.kind as u8);
        to.u8(u8::from(draft.write_only));
        to.text(&draft.name);
        to.i64(draft.expires.map_or(i64::MAX, |end| end.0));
        to.count(draft.public.len());
        for field in &draft.public {
            to.text(&field.key);
            to.text(&field.text);
        }
        let mut value = Writer::with_capacity(1 + parts_len(&draft.value));
        value.u8(VERSION);
        write_parts(&mut value, &draft.value);
        to.bytes(value.as_bytes());
    }
    to.into_secret()
}

/// The secrets whose plaintext `bytes` are. What a certificate tells itself, the door reads anew.
pub(super) fn decode_drafts(bytes: &SecretBytes) -> Result<Vec<Draft>, CodecError> {
    let mut from = reader(bytes.expose())?;
    let count = from.count(MAX_DRAFTS, 20)?;
    let drafts = (0..count).map(|_| decode_draft(&mut from)).collect::<Result<_, _>>()?;
    from.finish()?;
    Ok(drafts)
}

fn decode_draft(from: &mut Reader<'_>) -> Result<Draft, CodecError> {
    Ok(Draft {
        scope: Scope::Organization,
        kind: read_kind(from)?,
        write_only: from.flag()?,
        name: read_text(from)?,
        expires: Some(Timestamp(from.i64()?)).filter(|end| end.0 != i64::MAX),
        public: read_list(from, 8, |from| Ok(PublicField { key: read_text(from)?.into(), text: read_text(from)? }))?,
        value: decode_value(&from.bytes(MAX_PART)?.into())?,
        not_before: None,
        encrypted_key: false,
    })
}

/// The plaintext of the profile.
pub(super) fn encode_profile(profile: &Profile) -> SecretBytes {
    let mut to = Writer::new();
    to.u8(PROFILE_VERSION);
    to.text(&profile.organization);
    to.count(profile.members.len());
    for member in &profile.members {
        to.raw(&member.id.0);
        to.u8(member.role as u8);
        to.text(&member.name);
    }
    to.count(profile.slots.len());
    for note in &profile.slots {
        to.raw(&note.id.0);
        to.i64(note.added.0);
        to.text(&note.label);
    }
    to.into_secret()
}

/// The profile whose plaintext `bytes` are.
pub(super) fn decode_profile(bytes: &SecretBytes) -> Result<Profile, CodecError> {
    let mut from = Reader::new(bytes.expose());
    let version = from.u8()?;
    if !(1..=PROFILE_VERSION).contains(&version) {
        return Err(CodecError::Version(version));
    }
    let organization = read_text(&mut from)?;
    let members = read_list(&mut from, 21, |from| {
        Ok(Member { id: MemberId(from.array()?), role: read_role(from)?, name: read_text(from)? })
    })?;
    let note = |from: &mut Reader<'_>| {
        Ok(SlotNote { id: SlotId(from.array()?), added: Timestamp(from.i64()?), label: read_text(from)? })
    };
    let slots = if version == 1 { Vec::new() } else { read_list(&mut from, 17, note)? };
    from.finish()?;
    Ok(Profile { organization, members, slots })
}

/// What a plaintext of the present version is written with.
pub(super) fn writer() -> Writer {
    let mut to = Writer::with_capacity(512);
    to.u8(VERSION);
    to
}

/// What a plaintext of the present version is read with.
pub(super) fn reader(bytes: &[u8]) -> Result<Reader<'_>, CodecError> {
    let mut from = Reader::new(bytes);
    match from.u8()? {
        VERSION => Ok(from),
        other => Err(CodecError::Version(other)),
    }
}

pub(super) fn write_stamp(to: &mut Writer, stamp: &Stamp) {
    to.i64(stamp.at.0);
    to.text(&stamp.by);
}

pub(super) fn read_stamp(from: &mut Reader<'_>) -> Result<Stamp, WireError> {
    Ok(Stamp { at: Timestamp(from.i64()?), by: read_text(from)?.into() })
}

fn read_state(from: &mut Reader<'_>) -> Result<State, WireError> {
    match from.u8()? {
        0 => Ok(State::Active),
        1 => Ok(State::Inactive(read_stamp(from)?)),
        2 => Ok(State::Deleted(read_stamp(from)?)),
        _ => Err(WireError::UnknownCode),
    }
}

pub(super) fn write_link(to: &mut Writer, link: &Link) {
    match *link {
        Link::None => to.u8(0),
        Link::Inline { revision } => {
            to.u8(1);
            to.u64(revision);
        }
        Link::Pieces { revision, count, digest } => {
            to.u8(2);
            to.u64(revision);
            to.u32(count);
            to.raw(&digest);
        }
    }
}

pub(super) fn read_link(from: &mut Reader<'_>) -> Result<Link, WireError> {
    match from.u8()? {
        0 => Ok(Link::None),
        1 => Ok(Link::Inline { revision: from.u64()? }),
        2 => Ok(Link::Pieces { revision: from.u64()?, count: from.u32()?, digest: from.array()? }),
        _ => Err(WireError::UnknownCode),
    }
}

pub(super) fn read_kind(from: &mut Reader<'_>) -> Result<Kind, WireError> {
    coded(from, &Kind::ALL)
}

pub(super) fn read_scope(from: &mut Reader<'_>) -> Result<Scope, WireError> {
    coded(from, &[Scope::Organization, Scope::Personal])
}

fn read_role(from: &mut Reader<'_>) -> Result<Role, WireError> {
    coded(from, &Role::ALL)
}

/// The item that one byte numbers: how enumerations without content are written.
pub(super) fn coded<T: Copy>(from: &mut Reader<'_>, items: &[T]) -> Result<T, WireError> {
    items.get(usize::from(from.u8()?)).copied().ok_or(WireError::UnknownCode)
}

pub(super) fn read_text(from: &mut Reader<'_>) -> Result<Box<str>, WireError> {
    from.text(MAX_TEXT).map(Into::into)
}

pub(super) fn read_list<T>(
    from: &mut Reader<'_>,
    least: usize,
    item: impl Fn(&mut Reader<'_>) -> Result<T, WireError>,
) -> Result<Vec<T>, WireError> {
    let count = from.count(MAX_ITEMS, least)?;
    let mut items = Vec::with_capacity(count);
    for _ in 0..count {
        items.push(item(from)?);
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn everything_comes_back_as_it_went_in() {
        let value = Value(vec![("A".into(), SecretBytes::from("1")), ("B".into(), SecretBytes::from("2"))]);
        assert_eq!(decode_value(&encode_value(&value, &[7; SALT_LEN])), Ok(value));
        let member = Member { id: MemberId([2; 16]), name: "Ada Park".into(), role: Role::AccountManager };
        let note = SlotNote { id: SlotId([4; 5]), label: "nightly backup".into(), added: Timestamp(50) };
        let profile = Profile { organization: "Northwind".into(), members: vec![member], slots: vec![note] };
        assert_eq!(decode_profile(&encode_profile(&profile)), Ok(profile));
    }

    #[test]
    fn a_profile_of_the_first_version_has_no_notes() {
        let profile = Profile { organization: "Northwind".into(), members: Vec::new(), slots: Vec::new() };
        let mut bytes = encode_profile(&profile);
        bytes.splice(0, 1, &[1]);
        bytes.splice(bytes.len() - 4, 4, b"");
        assert_eq!(decode_profile(&bytes), Ok(profile));
        bytes.splice(0, 1, &[3]);
        assert_eq!(decode_profile(&bytes), Err(CodecError::Version(3)));
    }

    #[test]
    fn a_commitment_is_to_the_secret_the_salt_and_the_value() {
        let (one, other) = (SecretId([1; 16]), SecretId([2; 16]));
        let value = |text: &str, salt: u8| {
            encode_value(&Value(vec![("value".into(), SecretBytes::from(text))]), &[salt; SALT_LEN])
        };
        let told = commitment(one, &value("x", 1));
        assert!(told.is_some());
        assert_eq!(commitment(one, &value("x", 1)), told);
        for different in
            [commitment(other, &value("x", 1)), commitment(one, &value("y", 1)), commitment(one, &value("x", 2))]
        {
            assert_ne!(different, told);
        }
        assert_eq!(commitment(one, &SecretBytes::from(&[VERSION, 0, 0, 0, 0][..])), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn nothing_makes_decoding_panic(noise in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode_old_header(SecretId([1; 16]), 3, &noise);
            let _ = decode_value(&SecretBytes::new(noise.clone()));
            let _ = decode_profile(&SecretBytes::new(noise));
        }
    }
}
