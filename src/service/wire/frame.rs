//! One message after the other, in memory that is wiped.

use std::io::{Read, Write};

use postcard::ser_flavors::Flavor;
use serde::Serialize;
use zeroize::Zeroizing;

use super::{WireError, closed};
use crate::domain::SecretBytes;

/// Bytes of a frame's length.
const LENGTH: usize = 4;
/// Bytes that are read at once: a length that is claimed and never sent costs no more.
const PIECE: usize = 16 * 1024;

/// Sends `message` as one frame, in one write.
///
/// # Errors
/// [`WireError::TooLong`] above `max` bytes, [`WireError::Closed`], [`WireError::Io`].
pub fn send(to: &mut impl Write, message: &impl Serialize, max: usize) -> Result<(), WireError> {
    let frame = encode(message, max)?;
    to.write_all(frame.expose()).map_err(closed)
}

/// Receives one frame of at most `max` bytes: the message in it, still to be decoded.
///
/// # Errors
/// [`WireError::Closed`] (also within a frame), [`WireError::TooLong`], [`WireError::Io`].
pub fn receive(from: &mut impl Read, max: usize) -> Result<SecretBytes, WireError> {
    let mut length = [0; LENGTH];
    fill(from, &mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > max {
        return Err(WireError::TooLong(length));
    }
    let mut frame = SecretBytes::with_capacity(length.min(PIECE));
    let mut piece = Zeroizing::new(vec![0; length.min(PIECE)]);
    while frame.len() < length {
        let next = (length - frame.len()).min(PIECE);
        fill(from, &mut piece[..next])?;
        frame.push(&piece[..next]);
    }
    Ok(frame)
}

/// A whole frame, length first.
fn encode(message: &impl Serialize, max: usize) -> Result<SecretBytes, WireError> {
    let mut frame = SecretBytes::with_capacity(256);
    frame.push(&[0; LENGTH]);
    let mut frame = postcard::serialize_with_flavor(message, Wiped(frame)).map_err(|_| WireError::Malformed)?;
    let length = frame.len() - LENGTH;
    match u32::try_from(length).ok().filter(|_| length <= max) {
        Some(length) => frame.splice(0, LENGTH, &length.to_le_bytes()),
        None => return Err(WireError::TooLong(length)),
    }
    Ok(frame)
}

fn fill(from: &mut impl Read, buffer: &mut [u8]) -> Result<(), WireError> {
    from.read_exact(buffer).map_err(closed)
}

/// Where postcard writes to.
struct Wiped(SecretBytes);

impl Flavor for Wiped {
    type Output = SecretBytes;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(&[byte]);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.push(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<SecretBytes> {
        Ok(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Call, decode};
    use super::*;
    use crate::service::{Credential, Request};

    fn sample() -> Call {
        Call::Request(Request::Unlock(Credential::Passphrase("correct horse".into())))
    }

    #[test]
    fn a_message_is_read_back_and_the_next_one_stays() {
        let mut line = Vec::new();
        send(&mut line, &sample(), 100).unwrap();
        send(&mut line, &Call::Listen, 100).unwrap();
        let mut from = &line[..];
        let Call::Request(request) = decode(&receive(&mut from, 100).unwrap()).unwrap() else { panic!() };
        assert_eq!(request, Request::Unlock(Credential::Passphrase("correct horse".into())));
        assert!(matches!(decode(&receive(&mut from, 100).unwrap()), Ok(Call::Listen)));
        assert!(matches!(receive(&mut from, 100), Err(WireError::Closed)));
    }

    #[test]
    fn what_is_too_long_is_neither_sent_nor_read() {
        assert!(matches!(send(&mut Vec::new(), &sample(), 4), Err(WireError::TooLong(_))));
        assert!(matches!(receive(&mut &[255; 4][..], 100), Err(WireError::TooLong(4_294_967_295))));
        let claimed = [&1_000_000_u32.to_le_bytes()[..], b"but little comes"].concat();
        assert!(matches!(receive(&mut &claimed[..], 2_000_000), Err(WireError::Closed)));
    }

    #[test]
    fn nothing_may_follow_the_message() {
        let mut line = Vec::new();
        send(&mut line, &Call::Listen, 100).unwrap();
        line[0] += 1;
        line.push(0);
        assert!(matches!(decode::<Call>(&receive(&mut &line[..], 100).unwrap()), Err(WireError::Malformed)));
    }
}
