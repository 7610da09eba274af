//! A file that a passphrase opens, whatever the vault: `magic (8) ‖ version (u16) ‖ cost (12) ‖ salt (16) ‖ count (u32)`, then
//! so many chunks, each after its length (u32), sealed for its place among them.

use super::kdf::{KdfCost, KdfError, SALT_LEN};
use super::seal::{Binding, OpenError, PartTag, SealError, open, seal};
use super::wire::{Reader, WireError, Writer};
use super::{Key, sealed_len};
use crate::domain::{SecretBytes, VaultId};
use crate::host::Entropy;

const MAGIC: &[u8; 8] = b"strongex";
const VERSION: u16 = 1;
/// Plaintext of one chunk.
const CHUNK: usize = 64 * 1024 - 4;
/// Most chunks: 256 MiB.
const MAX_CHUNKS: u32 = 4096;

/// Why a file was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealedFileError {
    /// It does not begin as one does.
    #[error("this is not an encrypted export of strongroom")]
    NotOne,
    /// Written by a program that knows more.
    #[error("an export of version {0}; this program knows version {VERSION}")]
    Version(u16),
    /// Cut, or more than there should be.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The cost is below the floor or above the ceiling.
    #[error(transparent)]
    Cost(#[from] KdfError),
    /// Another passphrase, or it was changed.
    #[error("the passphrase does not open it, or it was changed")]
    Refused,
}

/// Whether `bytes` begin as such a file does.
pub fn is_sealed_file(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The file that `passphrase` opens to `plain`.
///
/// # Errors
/// [`SealFileError`].
pub fn seal_file(
    passphrase: &SecretBytes,
    cost: KdfCost,
    plain: &SecretBytes,
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, SealFileError> {
    let mut salt = [0; SALT_LEN];
    entropy.fill(&mut salt).map_err(SealError::from)?;
    let key = file_key(passphrase, cost, &salt)?;
    // An empty text is one empty chunk: something has to prove the passphrase.
    let chunks: Vec<&[u8]> = if plain.is_empty() { vec![&[]] } else { plain.expose().chunks(CHUNK).collect() };
    let count = u32::try_from(chunks.len()).ok().filter(|count| *count <= MAX_CHUNKS);
    let count = count.ok_or(SealError::TooLong(plain.len()))?;
    let mut to = Writer::with_capacity(64 + chunks.len() * (4 + sealed_len(CHUNK)));
    to.raw(MAGIC);
    to.raw(&VERSION.to_le_bytes());
    cost.write(&mut to);
    to.raw(&salt);
    to.u32(count);
    for (chunk, n) in chunks.into_iter().zip(0..) {
        to.bytes(&seal(&key, &binding(&salt, n, count), chunk, entropy)?);
    }
    Ok(to.as_bytes().to_vec())
}

/// Why a file was not sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealFileError {
    /// The key could not be derived.
    #[error(transparent)]
    Cost(#[from] KdfError),
    /// A chunk could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// What [`seal_file`] sealed into `bytes`.
///
/// # Errors
/// [`SealedFileError`]. Nothing of the plaintext is given then; a cost that is too high is refused before it is paid.
pub fn open_file(bytes: &[u8], passphrase: &SecretBytes) -> Result<SecretBytes, SealedFileError> {
    let mut from = Reader::new(bytes);
    if from.raw(MAGIC.len()).ok() != Some(&MAGIC[..]) {
        return Err(SealedFileError::NotOne);
    }
    match from.u16()? {
        VERSION => {}
        other => return Err(SealedFileError::Version(other)),
    }
    let (cost, salt) = (KdfCost::read(&mut from)?, from.array()?);
    let count = from.u32()?;
    if !(1..=MAX_CHUNKS).contains(&count) {
        return Err(WireError::TooLong.into());
    }
    open_chunks(&file_key(passphrase, cost, &salt)?, &salt, count, from)
}

fn open_chunks(
    key: &Key,
    salt: &[u8; SALT_LEN],
    count: u32,
    mut from: Reader<'_>,
) -> Result<SecretBytes, SealedFileError> {
    let mut plain = SecretBytes::default();
    for n in 0..count {
        let chunk = open(key, &binding(salt, n, count), from.bytes(sealed_len(CHUNK))?);
        plain.push(chunk.map_err(|_: OpenError| SealedFileError::Refused)?.expose());
    }
    from.finish()?;
    Ok(plain)
}

fn file_key(passphrase: &SecretBytes, cost: KdfCost, salt: &[u8; SALT_LEN]) -> Result<Key, KdfError> {
    Ok(cost.derive(passphrase.expose(), salt)?.derive("strongroom 1 export", &[salt]))
}

/// The salt stands for the vault, which this file belongs to none of.
fn binding(salt: &[u8; SALT_LEN], n: u32, count: u32) -> Binding {
    Binding {
        format: 1,
        vault: VaultId(*salt),
        epoch: 0,
        record: [0; 16],
        part: PartTag(n),
        revision: u64::from(count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::SeededEntropy;

    const HEAD: usize = 8 + 2 + 12 + SALT_LEN + 4;

    fn sealed(len: usize) -> (SecretBytes, Vec<u8>) {
        let plain = SecretBytes::new((0..len).map(|n| u8::try_from(n % 251).unwrap()).collect());
        let file = seal_file(&"pass".into(), KdfCost::DEFAULT, &plain, &SeededEntropy::new(1)).unwrap();
        (plain, file)
    }

    #[test]
    fn what_is_sealed_is_opened_whatever_its_size() {
        for len in [0, CHUNK, CHUNK + 1] {
            let (plain, file) = sealed(len);
            assert!(is_sealed_file(&file));
            assert_eq!(open_file(&file, &"pass".into()), Ok(plain));
        }
        let (_, file) = sealed(10);
        assert_eq!(open_file(&file, &"other".into()), Err(SealedFileError::Refused));
        assert_eq!(open_file(b"strongbk", &"pass".into()), Err(SealedFileError::NotOne));
    }

    #[test]
    fn no_chunk_can_be_changed_moved_or_cut() {
        let (_, file) = sealed(2 * CHUNK);
        let salt: [u8; SALT_LEN] = file[22..22 + SALT_LEN].try_into().unwrap();
        let key = file_key(&"pass".into(), KdfCost::DEFAULT, &salt).unwrap();
        let opens = |chunks: &[u8], count| open_chunks(&key, &salt, count, Reader::new(chunks)).is_ok();
        let chunks = &file[HEAD..];
        let (first, second) = chunks.split_at(chunks.len() / 2);
        assert!(opens(chunks, 2));
        assert!(!opens(first, 1) && !opens(&[second, first].concat(), 2) && !opens(&[first, first].concat(), 2));
        assert!(!opens(&[chunks, b"x"].concat(), 2) && !opens(&chunks[..chunks.len() - 1], 2));
        for at in (0..chunks.len()).step_by(97) {
            let mut changed = chunks.to_vec();
            changed[at] ^= 1;
            assert!(!opens(&changed, 2), "byte {at}");
        }
    }

    #[test]
    fn a_hostile_cost_is_refused_before_it_is_paid() {
        let (_, mut file) = sealed(1);
        file[10..14].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(matches!(open_file(&file, &"pass".into()), Err(SealedFileError::Cost(KdfError::TooCostly(_)))));
        file[10..14].copy_from_slice(&8_u32.to_le_bytes());
        assert!(matches!(open_file(&file, &"pass".into()), Err(SealedFileError::Cost(KdfError::TooCheap(_)))));
    }
}
