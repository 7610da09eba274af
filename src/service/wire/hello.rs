//! The first bytes of each side. Their form never changes, whatever else does.

use std::io::{Read, Write};

use super::{WireError, closed};

/// Goes up with every change of what goes over the wire: `tests/wire.rs` holds samples of all of it.
pub const PROTOCOL: u16 = 3;
/// Length of a written hello in bytes.
pub const HELLO_LEN: usize = MAGIC.len() + 2 + VERSION_LEN;

const MAGIC: &[u8; 8] = b"SRagent\n";
const VERSION_LEN: usize = 24;

/// Who speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// Which protocol: only the same is understood.
    pub protocol: u16,
    /// The version of the program, for people.
    pub version: Box<str>,
}

impl Hello {
    /// This program's own.
    pub fn ours() -> Self {
        Self { protocol: PROTOCOL, version: env!("CARGO_PKG_VERSION").into() }
    }

    /// Sends it.
    ///
    /// # Errors
    /// [`WireError::Closed`], [`WireError::Io`].
    pub fn send(&self, to: &mut impl Write) -> Result<(), WireError> {
        to.write_all(&self.encode()).map_err(closed)
    }

    /// Receives the other side's.
    ///
    /// # Errors
    /// [`WireError::Closed`], [`WireError::Stranger`], [`WireError::Io`].
    pub fn receive(from: &mut impl Read) -> Result<Self, WireError> {
        let mut bytes = [0; HELLO_LEN];
        from.read_exact(&mut bytes).map_err(closed)?;
        Self::decode(&bytes).ok_or(WireError::Stranger)
    }

    /// The bytes of it; a version that is too long is cut.
    pub fn encode(&self) -> [u8; HELLO_LEN] {
        let mut bytes = [0; HELLO_LEN];
        let version = &self.version.as_bytes()[..self.version.len().min(VERSION_LEN)];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..10].copy_from_slice(&self.protocol.to_le_bytes());
        bytes[10..10 + version.len()].copy_from_slice(version);
        bytes
    }

    /// What `bytes` say, if they are a hello.
    pub fn decode(bytes: &[u8; HELLO_LEN]) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (protocol, version) = rest.split_first_chunk()?;
        let version: String =
            version.iter().take_while(|b| **b != 0).filter(|b| b.is_ascii_graphic()).map(|b| char::from(*b)).collect();
        Some(Self { protocol: u16::from_le_bytes(*protocol), version: version.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_back_and_its_form_is_fixed() {
        let hello = Hello { protocol: 0x0102, version: "0.1.0".into() };
        let bytes = hello.encode();
        assert_eq!(&bytes[..15], b"SRagent\n\x02\x010.1.0");
        assert_eq!(Hello::receive(&mut &bytes[..]).unwrap(), hello);
    }

    #[test]
    fn strangers_and_halves_are_told_apart() {
        assert!(matches!(Hello::receive(&mut &[b'x'; HELLO_LEN][..]), Err(WireError::Stranger)));
        assert!(matches!(Hello::receive(&mut &Hello::ours().encode()[..9]), Err(WireError::Closed)));
    }

    #[test]
    fn a_hostile_version_moves_no_terminal() {
        let hello = Hello { version: "1\x1b[2J\n".into(), ..Hello::ours() };
        assert_eq!(&*Hello::decode(&hello.encode()).unwrap().version, "1[2J");
    }
}
