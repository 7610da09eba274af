//! Argon2id (RFC 9106) turns a passphrase into a key, at a cost that is checked first.

use orion::hazardous::kdf::argon2::{Argon2, CostParams, ID, Sequential};

use super::Key;
use super::wire::{Reader, WireError, Writer};

#[cfg(all(feature = "cheap-kdf", not(debug_assertions)))]
compile_error!("`cheap-kdf` is for test builds: a release must not accept weak passphrase hashes");

/// Length of a salt in bytes (RFC 9106, section 3.1).
pub const SALT_LEN: usize = 16;

/// What one guess at a passphrase costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KdfCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// How often that memory is gone over.
    pub passes: u32,
    /// Into how many lanes it is divided.
    pub lanes: u32,
}

/// Why a cost was refused. Nothing has been allocated when this comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KdfError {
    /// So little that a passphrase could be guessed.
    #[error("the key derivation cost is below the floor ({} KiB, {} passes)", .0.memory_kib, .0.passes)]
    TooCheap(KdfCost),
    /// So much that opening would take the machine down.
    #[error("the key derivation cost is above the ceiling ({} KiB, {} passes)", .0.memory_kib, .0.passes)]
    TooCostly(KdfCost),
    /// Not 1 to 16 lanes.
    #[error("the key derivation asks for {0} lanes; 1 to 16 are possible")]
    Lanes(u32),
    /// The passphrase is longer than Argon2 takes (4 GiB).
    #[error("the passphrase is too long")]
    TooLong,
}

impl KdfCost {
    /// RFC 9106, section 4, second recommended option: 64 MiB, 3 passes, 4 lanes.
    pub const DEFAULT: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };

    /// The least that Argon2 can do, for tests only.
    #[cfg(feature = "cheap-kdf")]
    pub const CHEAP: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };

    const MAX_MEMORY_KIB: u32 = 1024 * 1024;
    const MAX_PASSES: u32 = 16;
    /// The work of the costliest derivation that is done at all: KiB times passes.
    pub const MOST_WORK: u64 = Self::MAX_MEMORY_KIB as u64 * Self::MAX_PASSES as u64;
    const MAX_LANES: u32 = 16;

    /// Whether this cost is neither too low to protect nor too high to bear: 64 MiB and 3 passes to
    /// 1 GiB and 16 passes, 1 to 16 lanes.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(self) -> Result<(), KdfError> {
        if !(1..=Self::MAX_LANES).contains(&self.lanes) {
            return Err(KdfError::Lanes(self.lanes));
        }
        if self.memory_kib > Self::MAX_MEMORY_KIB || self.passes > Self::MAX_PASSES {
            return Err(KdfError::TooCostly(self));
        }
        let (memory_kib, passes) = self.floor();
        if self.memory_kib < memory_kib || self.passes < passes {
            return Err(KdfError::TooCheap(self));
        }
        Ok(())
    }

    /// The key that `passphrase` and `salt` give at this cost. The passphrase is taken as it is, byte for byte.
    ///
    /// # Errors
    /// As [`KdfCost::check`], before any memory is taken; [`KdfError::TooLong`].
    pub fn derive(self, passphrase: &[u8], salt: &[u8; SALT_LEN]) -> Result<Key, KdfError> {
        self.check()?;
        let cost = CostParams::new(self.passes, self.memory_kib, self.lanes).map_err(|_| KdfError::TooCheap(self))?;
        Key::filled(|key| Argon2::<ID, Sequential>::derive_key(passphrase, salt, &cost, None, None, key))
            .map_err(|_| KdfError::TooLong)
    }

    #[cfg(not(feature = "cheap-kdf"))]
    fn floor(self) -> (u32, u32) {
        (Self::DEFAULT.memory_kib, Self::DEFAULT.passes)
    }

    #[cfg(feature = "cheap-kdf")]
    fn floor(self) -> (u32, u32) {
        (8 * self.lanes, 1)
    }

    pub(super) fn write(self, to: &mut Writer) {
        to.u32(self.memory_kib);
        to.u32(self.passes);
        to.u32(self.lanes);
    }

    pub(super) fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self { memory_kib: from.u32()?, passes: from.u32()?, lanes: from.u32()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_out_of_bounds_are_refused() {
        let cost = |memory_kib, passes, lanes| KdfCost { memory_kib, passes, lanes }.check();
        assert_eq!(KdfCost::DEFAULT.check(), Ok(()));
        assert_eq!(cost(1024 * 1024, 16, 16), Ok(()));
        assert!(matches!(cost(1024 * 1024 + 1, 3, 4), Err(KdfError::TooCostly(_))));
        assert!(matches!(cost(64 * 1024, 17, 4), Err(KdfError::TooCostly(_))));
        assert!(matches!(cost(u32::MAX, u32::MAX, 4), Err(KdfError::TooCostly(_))));
        assert_eq!(cost(64 * 1024, 3, 0), Err(KdfError::Lanes(0)));
        assert_eq!(cost(64 * 1024, 3, 17), Err(KdfError::Lanes(17)));
        assert!(matches!(cost(7, 3, 1), Err(KdfError::TooCheap(_))));
        assert!(matches!(cost(64 * 1024, 0, 1), Err(KdfError::TooCheap(_))));
    }

    #[cfg(not(feature = "cheap-kdf"))]
    #[test]
    fn the_floor_is_what_rfc_9106_recommends() {
        let cost = |memory_kib, passes| KdfCost { memory_kib, passes, lanes: 4 }.check();
        assert!(matches!(cost(64 * 1024 - 1, 3), Err(KdfError::TooCheap(_))));
        assert!(matches!(cost(64 * 1024, 2), Err(KdfError::TooCheap(_))));
    }

    #[test]
    fn a_refused_cost_derives_nothing() {
        let costly = KdfCost { memory_kib: u32::MAX, ..KdfCost::DEFAULT };
        assert!(matches!(costly.derive(b"p", &[0; SALT_LEN]), Err(KdfError::TooCostly(_))));
    }

    /// Expected value from the reference implementation (libargon2).
    #[test]
    fn the_default_cost_gives_the_key_that_others_get() {
        let key = KdfCost::DEFAULT.derive(b"correct horse", &[5; SALT_LEN]).unwrap();
        let hex = key.expose().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex, "e1847cf680261a5f104b74e3390a26fd6b2b5d1b69bb271a6ec284e550e2aa6e");
    }

    /// RFC 9106, section 5.3.
    #[test]
    fn argon2id_gives_the_rfcs_tag() {
        let cost = CostParams::new(3, 32, 4).unwrap();
        let mut tag = [0; 32];
        let (secret, data) = ([3; 8], [4; 12]);
        Argon2::<ID, Sequential>::derive_key(&[1; 32], &[2; 16], &cost, Some(&secret), Some(&data), &mut tag).unwrap();
        assert_eq!(
            tag,
            [
                0x0d, 0x64, 0x0d, 0xf5, 0x8d, 0x78, 0x76, 0x6c, 0x08, 0xc0, 0x37, 0xa3, 0x4a, 0x8b, 0x53, 0xc9, 0xd0,
                0x1e, 0xf0, 0x45, 0x2d, 0x75, 0xb6, 0x5e, 0xb5, 0x25, 0x20, 0xe9, 0x6b, 0x01, 0xe6, 0x59,
            ]
        );
    }
}
