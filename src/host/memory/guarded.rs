//! Bytes in guarded memory.

use std::fmt;
use std::mem;
use std::ops::{Deref, DerefMut};

use zeroize::Zeroize;

use super::pool::{self, CELL};

/// `N` secret bytes, at most 96, in memory for keys: wiped when dropped, never shown.
pub struct Guarded<const N: usize>(&'static mut [u8]);

impl<const N: usize> Guarded<N> {
    const FITS: () = assert!(N <= CELL, "a cell has no room for more");

    /// Zeros, to be filled in place.
    pub fn zeroed() -> Self {
        let () = Self::FITS;
        Self(pool::take())
    }

    /// A copy of `bytes`, which the caller still has to wipe.
    pub fn copy_of(bytes: &[u8; N]) -> Self {
        let mut copy = Self::zeroed();
        copy.copy_from_slice(bytes);
        copy
    }
}

impl<const N: usize> Deref for Guarded<N> {
    type Target = [u8; N];

    fn deref(&self) -> &[u8; N] {
        self.0.first_chunk().expect("a cell has room for it")
    }
}

impl<const N: usize> DerefMut for Guarded<N> {
    fn deref_mut(&mut self) -> &mut [u8; N] {
        self.0.first_chunk_mut().expect("a cell has room for it")
    }
}

impl<const N: usize> Clone for Guarded<N> {
    fn clone(&self) -> Self {
        Self::copy_of(self)
    }
}

impl<const N: usize> Drop for Guarded<N> {
    fn drop(&mut self) {
        let cell = mem::take(&mut self.0);
        cell.zeroize();
        pool::give_back(cell);
    }
}

impl<const N: usize> fmt::Debug for Guarded<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::os::unix::fs::FileExt;

    /// What is at `address`, whoever it belongs to by now.
    fn peek(address: usize) -> [u8; CELL] {
        let mut bytes = [0xEE; CELL];
        let memory = std::fs::File::open("/proc/self/mem").unwrap();
        memory.read_exact_at(&mut bytes, u64::try_from(address).unwrap()).unwrap();
        bytes
    }

    #[test]
    fn a_cell_that_is_freed_is_zero() {
        let mut bytes = Guarded::<CELL>::zeroed();
        bytes.fill(0xA5);
        let address = bytes.as_ptr().addr();
        assert_eq!(peek(address), [0xA5; CELL], "the look finds what is there");
        drop(bytes);
        // Another test may have it by now, but nobody else fills one with this.
        assert!(!peek(address).contains(&0xA5));
    }

    #[test]
    fn no_two_have_the_same_cell() {
        let many: Vec<_> = (0..200u8).map(|n| Guarded::copy_of(&[n; 32])).collect();
        let copies = many.clone();
        let places: HashSet<usize> = many.iter().chain(&copies).map(|bytes| bytes.as_ptr().addr()).collect();
        assert_eq!(places.len(), 400);
        drop(many);
        assert!(copies.iter().zip(0..).all(|(bytes, n)| **bytes == [n; 32]));
        assert_eq!(*Guarded::<CELL>::zeroed(), [0; CELL]);
    }

    #[test]
    fn debug_never_shows_the_bytes() {
        assert_eq!(format!("{:?}", Guarded::copy_of(&[7; 32])), "[redacted]");
    }
}
