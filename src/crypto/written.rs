//! Bits as text that can be copied by hand: Crockford's base32, in groups of four characters. A key of 256 bits and its
//! checksum of 24 make 56 characters in 14 groups; shorter codes make fewer.

use crate::host::memory::Guarded;

use super::Key;
use crate::domain::SecretBytes;

/// What a person reads and types: no letter that looks like a digit.
pub(super) const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHECKSUM_LEN: usize = 3;
const BYTES: usize = Key::LEN + CHECKSUM_LEN;
/// Characters of the text of a key, hyphens apart.
pub(super) const CHARACTERS: usize = BYTES * 8 / 5;
const GROUP: usize = 4;
/// Characters of the text of a key, hyphens included.
pub(super) const LEN: usize = len(CHARACTERS);

/// Tells a key from one with a typing mistake; each kind of key makes its own.
pub(super) type Checksum = [u8; CHECKSUM_LEN];

/// Why a text is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// So many characters, not those that it has.
    Length(usize),
    /// A character that is not in the alphabet.
    Character,
}

/// The written form of `key`, such as `7K3M-…`.
pub(super) fn text_of(key: &Key, checksum: Checksum) -> SecretBytes {
    let mut bytes = Guarded::<BYTES>::zeroed();
    bytes[..Key::LEN].copy_from_slice(key.expose());
    bytes[Key::LEN..].copy_from_slice(&checksum);
    text_of_bits(&*bytes, CHARACTERS)
}

/// Reads the written form of a key, as [`read_bits`] does. Whether the checksum is that of the key, the caller looks.
pub(super) fn read(text: &[u8]) -> Result<(Key, Checksum), Unreadable> {
    let bytes = read_bits::<BYTES>(text, CHARACTERS)?;
    let (key, sum) = bytes.split_first_chunk().ok_or(Unreadable::Length(CHARACTERS))?;
    Ok((Key::copy_of(key), sum.try_into().map_err(|_| Unreadable::Length(CHARACTERS))?))
}

/// The first bits of `bytes`, five to each of so many `characters`.
pub(super) fn text_of_bits(bytes: &[u8], characters: usize) -> SecretBytes {
    let mut text = SecretBytes::with_capacity(len(characters));
    written(bytes, characters).for_each(|character| text.push(&[character]));
    text
}

/// As [`text_of_bits`], for what everybody may see.
pub(super) fn open_text_of_bits(bytes: &[u8], characters: usize) -> String {
    written(bytes, characters).map(char::from).collect()
}

/// Reads so many `characters` into the first bits; the others are 0. Case, spaces and hyphens do not matter; O is read as
/// 0, I and L as 1.
pub(super) fn read_bits<const N: usize>(text: &[u8], characters: usize) -> Result<Guarded<N>, Unreadable> {
    let mut bytes = Guarded::<N>::zeroed();
    let mut count = 0;
    for &character in text.iter().filter(|c| !c.is_ascii_whitespace() && **c != b'-') {
        let bits = value(character).ok_or(Unreadable::Character)?;
        if count < characters {
            set_five_bits(&mut *bytes, count, bits);
        }
        count += 1;
    }
    if count == characters { Ok(bytes) } else { Err(Unreadable::Length(count)) }
}

const fn len(characters: usize) -> usize {
    characters + characters / GROUP - 1
}

fn written(bytes: &[u8], characters: usize) -> impl Iterator<Item = u8> {
    (0..characters).flat_map(move |n| {
        let hyphen = (n > 0 && n % GROUP == 0).then_some(b'-');
        hyphen.into_iter().chain([ALPHABET[five_bits(bytes, n)]])
    })
}

/// The `n`th group of five bits, the highest first.
fn five_bits(bytes: &[u8], n: usize) -> usize {
    (n * 5..n * 5 + 5).fold(0, |bits, at| bits << 1 | usize::from(bytes[at / 8] >> (7 - at % 8) & 1))
}

fn set_five_bits(bytes: &mut [u8], n: usize, bits: u8) {
    for (offset, at) in (n * 5..n * 5 + 5).enumerate() {
        bytes[at / 8] |= (bits >> (4 - offset) & 1) << (7 - at % 8);
    }
}

fn value(character: u8) -> Option<u8> {
    let character = match character.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    ALPHABET.iter().position(|&c| c == character).and_then(|at| u8::try_from(at).ok())
}
