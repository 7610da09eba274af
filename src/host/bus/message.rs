//! Messages of D-Bus: what we send, and what we understand of what comes. The encoding is zbus's.

use std::os::fd::OwnedFd;

use serde::de::DeserializeOwned;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use zbus::wire::serialized::{Context, Data};
use zbus::wire::{BE, Endian, LE, to_bytes};
use zbus::{DynamicType, ObjectPath, OwnedVariant, Signature, Type, Variant};

use super::BusError;

/// What every message begins with, up to the length of its fields.
pub(super) const START: usize = 16;
/// Longest message that we take, in bytes. Ours have some hundred.
const MAX: usize = 1 << 20;

/// Do not start the one that is called.
const NO_AUTO_START: u8 = 2;

/// The numbers of fields in a header.
mod field {
    pub(super) const PATH: u8 = 1;
    pub(super) const INTERFACE: u8 = 2;
    pub(super) const MEMBER: u8 = 3;
    pub(super) const ERROR_NAME: u8 = 4;
    pub(super) const REPLY_SERIAL: u8 = 5;
    pub(super) const DESTINATION: u8 = 6;
    pub(super) const SENDER: u8 = 7;
    pub(super) const SIGNATURE: u8 = 8;
}

/// A method of an object on the bus.
#[derive(Debug, Clone, Copy)]
pub struct Method<'a> {
    /// Whose object it is.
    pub of: &'a str,
    /// The object.
    pub path: &'a str,
    /// The interface that has the method.
    pub interface: &'a str,
    /// Its name.
    pub name: &'a str,
}

/// What kind of message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The answer to the call with this number.
    Reply(u32),
    /// The same, that it was refused.
    Refusal(u32),
    /// Something happened.
    Signal,
    /// Something that is none of our business.
    Other,
}

/// A message that came.
#[derive(Debug)]
pub struct Message {
    /// What it is.
    pub kind: Kind,
    /// Who sent it: a unique name, put there by the bus; empty when there is none.
    pub sender: Box<str>,
    /// The name of the signal, or of the error.
    pub name: Box<str>,
    signature: Signature,
    body: Data<'static, 'static>,
}

impl Message {
    /// What it says.
    ///
    /// # Errors
    /// When that is something else.
    pub fn read<T: DeserializeOwned + Type>(&self) -> Result<T, BusError> {
        if self.signature.to_string_no_parens() != T::SIGNATURE.to_string_no_parens() {
            return Err(BusError::Malformed);
        }
        Ok(self.body.deserialize().map_err(|_| BusError::Malformed)?.0)
    }
}

/// A call of `method`, numbered `serial`.
pub(super) fn encode<B>(method: &Method<'_>, serial: u32, body: &B) -> Result<Vec<u8>, BusError>
where
    B: Serialize + DynamicType,
{
    let bytes = to_bytes(Context::new(LE, 0), body).map_err(|_| BusError::Malformed)?;
    let (path, signature) = (ObjectPath::try_from(method.path).map_err(|_| BusError::Malformed)?, body.signature());
    let mut fields = vec![
        (field::PATH, Field::Value(Variant::from(path))),
        (field::INTERFACE, Field::Value(Variant::from(method.interface))),
        (field::MEMBER, Field::Value(Variant::from(method.name))),
        (field::DESTINATION, Field::Value(Variant::from(method.of))),
    ];
    if signature != Signature::Unit {
        fields.push((field::SIGNATURE, Field::Signature(signature)));
    }
    let length = u32::try_from(bytes.len()).map_err(|_| BusError::Malformed)?;
    let header = (b'l', 1u8, NO_AUTO_START, 1u8, length, serial, fields);
    let mut message = to_bytes(Context::new(LE, 0), &header).map_err(|_| BusError::Malformed)?.to_vec();
    message.resize(message.len().next_multiple_of(8), 0);
    message.extend_from_slice(&bytes);
    Ok(message)
}

/// The value of a field. A signature is written without the parentheses of the structure that a body is to the encoder.
#[derive(Type)]
#[zbus(signature = "v")]
enum Field<'a> {
    Value(Variant<'a>),
    Signature(Signature),
}

impl Serialize for Field<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => value.serialize(serializer),
            Self::Signature(signature) => {
                let mut variant = serializer.serialize_struct("Variant", 2)?;
                variant.serialize_field("signature", &Signature::Signature)?;
                variant.serialize_field("value", &signature.to_string_no_parens())?;
                variant.end()
            }
        }
    }
}

/// How long the message is that begins so.
pub(super) fn length(start: &[u8; START]) -> Result<usize, BusError> {
    let number = |at: usize| {
        let bytes = [start[at], start[at + 1], start[at + 2], start[at + 3]];
        usize::try_from(if start[0] == b'B' { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    };
    let (Ok(body), Ok(fields)) = (number(4), number(12)) else { return Err(BusError::Malformed) };
    if body > MAX || fields > MAX {
        return Err(BusError::Malformed);
    }
    Ok((START + fields).next_multiple_of(8) + body)
}

/// Reads a whole message; `fds` came with it.
pub(super) fn decode(bytes: &[u8], fds: Vec<OwnedFd>) -> Result<Message, BusError> {
    let order = match bytes.first() {
        Some(b'l') => LE,
        Some(b'B') => BE,
        _ => return Err(BusError::Malformed),
    };
    decoded(bytes, fds, order).ok_or(BusError::Malformed)
}

fn decoded(bytes: &[u8], fds: Vec<OwnedFd>, order: Endian) -> Option<Message> {
    type Header = (u8, u8, u8, u8, u32, u32, Vec<(u8, OwnedVariant)>);
    let context = Context::new(order, 0);
    let ((_, kind, _, _, length, _, fields), used) = Data::new(bytes, context).deserialize::<Header>().ok()?;
    let body = bytes.get(used.next_multiple_of(8)..).filter(|body| u32::try_from(body.len()) == Ok(length))?;
    let field = |number: u8| fields.iter().find(|(field, _)| *field == number).map(|(_, value)| &**value);
    let text = |number: u8| match field(number) {
        Some(Variant::Str(text)) => text.as_str().into(),
        _ => "".into(),
    };
    let answers = match field(field::REPLY_SERIAL) {
        Some(Variant::U32(serial)) => *serial,
        _ => 0,
    };
    let (kind, name) = match kind {
        2 => (Kind::Reply(answers), "".into()),
        3 => (Kind::Refusal(answers), text(field::ERROR_NAME)),
        4 => (Kind::Signal, format!("{}.{}", text(field::INTERFACE), text(field::MEMBER)).into()),
        _ => (Kind::Other, "".into()),
    };
    let signature = match field(field::SIGNATURE) {
        Some(Variant::Signature(signature)) => signature.clone(),
        _ => Signature::Unit,
    };
    let body = Data::new_fds(body.to_vec(), context, fds);
    Some(Message { kind, sender: text(field::SENDER), name, signature, body })
}
