//! Digests for people to compare.

use super::written::ALPHABET;

/// Bytes of the digest that are compared: 80 bits, which nobody finds a second text for.
const BYTES: usize = 10;
const CHARACTERS: usize = BYTES * 8 / 5;
const GROUP: usize = 4;

/// The first 80 bits of `digest`, in Crockford's base32: four groups of four, such as `7K3M-0P2Q-XW4T-9ABC`.
pub fn fingerprint(digest: &[u8; 32]) -> String {
    let bits = digest[..BYTES].iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let mut text = String::with_capacity(CHARACTERS + CHARACTERS / GROUP - 1);
    for n in 0..CHARACTERS {
        if n > 0 && n % GROUP == 0 {
            text.push('-');
        }
        let five = bits >> (5 * (CHARACTERS - 1 - n)) & 0x1F;
        text.push(char::from(ALPHABET[five as usize]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_four_groups_of_the_first_eighty_bits() {
        assert_eq!(fingerprint(&[0; 32]), "0000-0000-0000-0000");
        assert_eq!(fingerprint(&[0xFF; 32]), "ZZZZ-ZZZZ-ZZZZ-ZZZZ");
        // As Python's `base64.b32encode` has it, in the other alphabet.
        let counting: [u8; 32] = std::array::from_fn(|n| n as u8 + 1);
        assert_eq!(fingerprint(&counting), "0410-6105-0R3G-G28A");
    }

    #[test]
    fn every_bit_of_them_counts_and_no_other() {
        let digest = [0x5A; 32];
        for bit in 0..256 {
            let mut flipped = digest;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(fingerprint(&flipped) != fingerprint(&digest), bit < 80, "bit {bit}");
        }
    }
}
