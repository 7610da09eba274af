//! The one type that a secret value may travel in.

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{self, Serialize, Serializer};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bytes of a secret: overwritten when dropped, never shown by `Debug`, no `Display`.
///
/// Growing a buffer leaves a copy behind in freed memory, so [`SecretBytes::push`] moves
/// to a new allocation itself and wipes the old one.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// Takes over `bytes`; the caller's vector becomes the zeroizing one, nothing is copied.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// An empty buffer that holds `capacity` bytes before it has to move.
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    /// The bytes. Name the place where they go: this is where a value could leak.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as text, when they are UTF-8.
    pub fn expose_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Appends `more`, wiping the old allocation when a larger one is needed.
    pub fn push(&mut self, more: &[u8]) {
        self.reserve(self.0.len() + more.len());
        self.0.extend_from_slice(more);
    }

    /// Makes room for `len` bytes, wiping the old allocation when a larger one is needed.
    fn reserve(&mut self, len: usize) {
        if len > self.0.capacity() {
            let mut grown = Vec::with_capacity(len.next_power_of_two().max(64));
            grown.extend_from_slice(&self.0);
            std::mem::replace(&mut self.0, grown).zeroize();
        }
    }

    /// Replaces `remove` bytes at `at` by `insert`, wiping what is left behind.
    ///
    /// # Panics
    /// When `at + remove` lies past the end.
    pub fn splice(&mut self, at: usize, remove: usize, insert: &[u8]) {
        let new_len = self.0.len() - remove + insert.len();
        self.reserve(new_len);
        let old_len = self.0.len();
        let tail = at + remove;
        if new_len > old_len {
            self.0.resize(new_len, 0);
        }
        self.0.copy_within(tail..old_len, at + insert.len());
        self.0[at..at + insert.len()].copy_from_slice(insert);
        if new_len < old_len {
            self.0[new_len..].zeroize();
            self.0.truncate(new_len);
        }
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// For the agent's socket alone: a format that people read, such as JSON, is refused, so that no value gets into a file
/// or onto a screen by way of a derive.
impl Serialize for SecretBytes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() {
            return Err(ser::Error::custom("a secret value is not written as text"));
        }
        to.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for SecretBytes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = SecretBytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<SecretBytes, E> {
                Ok(bytes.into())
            }
        }
        from.deserialize_bytes(Bytes)
    }
}

impl From<&str> for SecretBytes {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<&[u8]> for SecretBytes {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::SecretBytes;

    #[test]
    fn splices_like_a_vector() {
        let mut s = SecretBytes::from("hello world");
        s.splice(0, 5, b"goodbye");
        assert_eq!(s.expose(), b"goodbye world");
        s.splice(7, 6, b"");
        assert_eq!(s.expose(), b"goodbye");
        s.push(&[b'!'; 100]);
        assert_eq!(s.len(), 107);
    }

    #[test]
    fn no_text_format_takes_them() {
        let error = serde_json::to_string(&SecretBytes::from("hunter2")).unwrap_err();
        assert_eq!(error.to_string(), "a secret value is not written as text");
    }

    #[test]
    fn debug_never_shows_the_bytes() {
        assert_eq!(format!("{:?}", SecretBytes::from("hunter2")), "[redacted]");
    }
}
