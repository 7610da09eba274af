//! A little binary form: fixed-width little-endian numbers, and bytes after their length.
//!
//! The reader borrows, so a length that lies makes it fail, never allocate.

use crate::domain::SecretBytes;

/// Why bytes could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// They end before what was announced.
    #[error("the data ends too early")]
    Short,
    /// There are more than were asked for.
    #[error("there is more data than there should be")]
    Trailing,
    /// A length or count is larger than the reader allows.
    #[error("a length is larger than allowed")]
    TooLong,
    /// Text that is not UTF-8.
    #[error("text is not UTF-8")]
    NotText,
    /// A number that stands for nothing.
    #[error("an unknown code")]
    UnknownCode,
}

/// Reads from the front of a slice. No input makes it panic.
#[derive(Clone)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads `bytes` from their beginning.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.0.len()
    }

    /// The next `len` bytes.
    ///
    /// # Errors
    /// [`WireError::Short`].
    pub fn raw(&mut self, len: usize) -> Result<&'a [u8], WireError> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(WireError::Short)?;
        self.0 = rest;
        Ok(taken)
    }

    /// The next `N` bytes, as an array.
    ///
    /// # Errors
    /// [`WireError::Short`].
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(WireError::Short)?;
        self.0 = rest;
        Ok(*taken)
    }

    /// One byte.
    ///
    /// # Errors
    /// [`WireError::Short`].
    pub fn u8(&mut self) -> Result<u8, WireError> {
        self.array().map(u8::from_le_bytes)
    }

    /// Two bytes.
    ///
    /// # Errors
    /// [`WireError::Short`].
    pub fn u16(&mut self) -> Result<u16, WireError> {
        self.array().map(u16::from_le_bytes)
    }

    /// Four bytes.
    ///
    /// # Errors
    /// [`WireError::Short`].
    pub fn u32(&mut self) -> Result<u32, WireError> {
        self.array().map(u32::from_le_bytes)
    }

    /// Eight bytes.
    ///
    /// # Errors
    /// [`WireError::Short`].
    pub fn u64(&mut self) -> Result<u64, WireError> {
        self.array().map(u64::from_le_bytes)
    }

    /// Eight bytes, two's complement.
    ///
    /// # Errors
    /// [`WireError::Short`].
    pub fn i64(&mut self) -> Result<i64, WireError> {
        self.array().map(i64::from_le_bytes)
    }

    /// A byte that must be 0 or 1.
    ///
    /// # Errors
    /// [`WireError::Short`], [`WireError::UnknownCode`].
    pub fn flag(&mut self) -> Result<bool, WireError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(WireError::UnknownCode),
        }
    }

    /// Bytes after their `u32` length, at most `cap` of them.
    ///
    /// # Errors
    /// [`WireError::Short`], [`WireError::TooLong`].
    pub fn bytes(&mut self, cap: usize) -> Result<&'a [u8], WireError> {
        let len = self.size()?;
        if len > cap {
            return Err(WireError::TooLong);
        }
        self.raw(len)
    }

    /// Text after its length in bytes, at most `cap` of them.
    ///
    /// # Errors
    /// [`WireError::Short`], [`WireError::TooLong`], [`WireError::NotText`].
    pub fn text(&mut self, cap: usize) -> Result<&'a str, WireError> {
        std::str::from_utf8(self.bytes(cap)?).map_err(|_| WireError::NotText)
    }

    /// How many items follow (`u32`), at most `cap`, of at least `least` bytes each: room for so
    /// many can be reserved without trusting the writer.
    ///
    /// # Errors
    /// [`WireError::TooLong`] above `cap`, [`WireError::Short`] when so many cannot be there.
    pub fn count(&mut self, cap: usize, least: usize) -> Result<usize, WireError> {
        let count = self.size()?;
        if count > cap {
            return Err(WireError::TooLong);
        }
        if count.saturating_mul(least) > self.remaining() {
            return Err(WireError::Short);
        }
        Ok(count)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`WireError::Trailing`] when something is left.
    pub fn finish(self) -> Result<(), WireError> {
        if self.0.is_empty() { Ok(()) } else { Err(WireError::Trailing) }
    }

    fn size(&mut self) -> Result<usize, WireError> {
        usize::try_from(self.u32()?).map_err(|_| WireError::TooLong)
    }
}

/// Writes what [`Reader`] reads, into a buffer that wipes itself.
#[derive(Debug, Default)]
pub struct Writer(SecretBytes);

impl Writer {
    /// An empty buffer.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty buffer that holds `capacity` bytes before it has to move.
    pub fn with_capacity(capacity: usize) -> Self {
        Self(SecretBytes::with_capacity(capacity))
    }

    /// Bytes without their length; also the twin of [`Reader::array`].
    pub fn raw(&mut self, bytes: &[u8]) {
        self.0.push(bytes);
    }

    /// One byte.
    pub fn u8(&mut self, n: u8) {
        self.raw(&[n]);
    }

    /// Two bytes.
    pub fn u16(&mut self, n: u16) {
        self.raw(&n.to_le_bytes());
    }

    /// Four bytes.
    pub fn u32(&mut self, n: u32) {
        self.raw(&n.to_le_bytes());
    }

    /// Eight bytes.
    pub fn u64(&mut self, n: u64) {
        self.raw(&n.to_le_bytes());
    }

    /// Eight bytes, two's complement.
    pub fn i64(&mut self, n: i64) {
        self.raw(&n.to_le_bytes());
    }

    /// A byte that is 0 or 1.
    pub fn flag(&mut self, on: bool) {
        self.u8(u8::from(on));
    }

    /// Bytes after their `u32` length.
    ///
    /// # Panics
    /// Above 4 GiB, four thousand times the largest value.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.raw(bytes);
    }

    /// Text after its length in bytes.
    ///
    /// # Panics
    /// As [`Writer::bytes`].
    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// How many items follow.
    ///
    /// # Panics
    /// When it does not fit a `u32`.
    pub fn count(&mut self, count: usize) {
        self.u32(u32::try_from(count).expect("what is written is far smaller than 4 GiB"));
    }

    /// What has been written so far.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.expose()
    }

    /// The whole, still wiping itself.
    pub fn into_secret(self) -> SecretBytes {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_back_what_was_written() {
        let mut w = Writer::new();
        w.u8(1);
        w.u16(2);
        w.u32(3);
        w.u64(4);
        w.i64(-5);
        w.flag(true);
        w.bytes(b"six");
        w.text("sëven");
        w.count(2);
        w.raw(&[8, 9]);
        let bytes = w.into_secret();
        let mut r = Reader::new(bytes.expose());
        assert_eq!((r.u8(), r.u16(), r.u32(), r.u64(), r.i64()), (Ok(1), Ok(2), Ok(3), Ok(4), Ok(-5)));
        assert_eq!((r.flag(), r.bytes(3), r.text(6)), (Ok(true), Ok(&b"six"[..]), Ok("sëven")));
        assert_eq!((r.count(2, 1), r.array()), (Ok(2), Ok([8, 9])));
        assert_eq!(r.finish(), Ok(()));
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        let huge = u32::MAX.to_le_bytes();
        assert_eq!(Reader::new(&huge).bytes(10), Err(WireError::TooLong));
        assert_eq!(Reader::new(&huge).bytes(usize::MAX), Err(WireError::Short));
        assert_eq!(Reader::new(&huge).count(usize::MAX, 1), Err(WireError::Short));
        assert_eq!(Reader::new(&huge).count(9, 1), Err(WireError::TooLong));
    }

    #[test]
    fn the_end_must_be_the_end() {
        assert_eq!(Reader::new(&[0]).finish(), Err(WireError::Trailing));
        assert_eq!(Reader::new(&[0]).u16(), Err(WireError::Short));
        assert_eq!(Reader::new(&[2]).flag(), Err(WireError::UnknownCode));
        assert_eq!(Reader::new(&[1, 0, 0, 0, 0xFF]).text(9), Err(WireError::NotText));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn nothing_makes_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mut r = Reader::new(&bytes);
            while r.text(16).is_ok() || r.count(8, 2).is_ok() || r.i64().is_ok() || r.flag().is_ok() {}
            prop_assert!(r.remaining() <= bytes.len());
        }
    }
}
