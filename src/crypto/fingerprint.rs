//! A fingerprint: what two people read to each other to know that they look at the same thing.

use super::written;

/// Characters of a fingerprint: 80 bits.
const CHARACTERS: usize = 16;

/// The first 80 bits of `digest` in four groups of four characters, such as `7K3M-…`, in the alphabet of the recovery key.
pub fn fingerprint(digest: &[u8; 32]) -> String {
    written::open_text_of_bits(digest, CHARACTERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_first_80_bits_and_no_more() {
        assert_eq!(fingerprint(&[0; 32]), "0000-0000-0000-0000");
        assert_eq!(fingerprint(&[0xFF; 32]), "ZZZZ-ZZZZ-ZZZZ-ZZZZ");
        let digest: [u8; 32] = std::array::from_fn(|n| u8::try_from(n).unwrap());
        // Python: base64.b32encode(bytes(range(10))), in Crockford's alphabet.
        assert_eq!(fingerprint(&digest), "000G-40R4-0M30-E209");
        for bit in 0..256 {
            let mut other = digest;
            other[bit / 8] ^= 1 << (7 - bit % 8);
            assert_eq!(fingerprint(&other) != fingerprint(&digest), bit < 80, "bit {bit}");
        }
    }
}
