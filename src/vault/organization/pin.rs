//! What this machine remembers of a membership log: its beginning, and how far it had come.
//!
//! Like the witness of a vault it lies outside it and is not keyed: who can write it can as well remove it. A checksum tells
//! a torn one.

use crate::crypto::wire::{Reader, WireError, Writer};
use crate::crypto::{digest, fingerprint};

const MAGIC: &[u8; 8] = b"strongpn";
const VERSION: u8 = 1;
const CHECKSUM_LEN: usize = 32;

/// The foundation that is trusted here, and the last entry that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin {
    /// The hash of the first entry.
    pub foundation: [u8; 32],
    /// The number of the last entry seen.
    pub number: u64,
    /// Its hash, and so that of all before.
    pub head: [u8; 32],
}

impl Pin {
    /// Bytes of a written pin.
    pub const LEN: usize = MAGIC.len() + 1 + 32 + 8 + 32 + CHECKSUM_LEN;

    /// The pin of somebody who knows the foundation, and has seen nothing yet.
    pub fn to_foundation(foundation: [u8; 32]) -> Self {
        Self { foundation, number: 0, head: foundation }
    }

    /// The bytes of a file.
    pub fn encode(&self) -> Vec<u8> {
        let mut to = Writer::with_capacity(Self::LEN);
        to.raw(MAGIC);
        to.u8(VERSION);
        to.raw(&self.foundation);
        to.u64(self.number);
        to.raw(&self.head);
        let mut bytes = to.as_bytes().to_vec();
        bytes.extend_from_slice(&digest(&bytes));
        bytes
    }

    /// The pin in `bytes`, if they are whole and of this version.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (body, checksum) = bytes.split_last_chunk::<CHECKSUM_LEN>()?;
        let mut from = Reader::new(body.strip_prefix(MAGIC)?);
        let read = |from: &mut Reader<'_>| -> Result<_, WireError> {
            let version = from.u8()?;
            Ok((version, Self { foundation: from.array()?, number: from.u64()?, head: from.array()? }))
        };
        let (version, pin) = read(&mut from).ok()?;
        (digest(body) == *checksum && version == VERSION && from.finish().is_ok()).then_some(pin)
    }
}

/// What members compare to know that they are in the same organization, of the hash of the log's first entry: four groups
/// of four characters.
pub fn fingerprint_of(foundation: &[u8; 32]) -> String {
    fingerprint(foundation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_only_whole() {
        let pin = Pin { foundation: [1; 32], number: 7, head: [2; 32] };
        let bytes = pin.encode();
        assert_eq!(bytes.len(), Pin::LEN);
        assert_eq!(Pin::decode(&bytes), Some(pin));
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert_eq!(Pin::decode(&flipped), None, "byte {at}");
            assert_eq!(Pin::decode(&bytes[..at]), None, "{at} bytes");
        }
        assert_eq!(Pin::decode(&[bytes, vec![0]].concat()), None);
    }

    #[test]
    fn another_version_is_not_read() {
        let mut bytes = Pin::to_foundation([1; 32]).encode();
        bytes[MAGIC.len()] = VERSION + 1;
        let body = bytes.len() - CHECKSUM_LEN;
        let checksum = digest(&bytes[..body]);
        bytes[body..].copy_from_slice(&checksum);
        assert_eq!(Pin::decode(&bytes), None);
    }
}
