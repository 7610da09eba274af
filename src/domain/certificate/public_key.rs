//! What a public key is called, and how it is told from others.

use std::borrow::Cow;

use x509_parser::prelude::{FromDer, SubjectPublicKeyInfo};
use x509_parser::public_key::RSAPublicKey;

use super::text::fingerprint;

const RSA: &str = "1.2.840.113549.1.1.1";
const RSA_PSS: &str = "1.2.840.113549.1.1.10";
const EC: &str = "1.2.840.10045.2.1";

/// How a point on a curve begins: with both coordinates (the hybrid form tells the sign besides), or with one.
const WHOLE_POINT: [u8; 3] = [4, 6, 7];
const EVEN_POINT: u8 = 2;

/// Algorithms and curves by their object identifiers.
const NAMES: [(&str, &str); 19] = [
    (RSA, "RSA"),
    (RSA_PSS, "RSA-PSS"),
    (EC, "EC"),
    ("1.2.840.10040.4.1", "DSA"),
    ("1.3.101.110", "X25519"),
    ("1.3.101.111", "X448"),
    ("1.3.101.112", "Ed25519"),
    ("1.3.101.113", "Ed448"),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
    ("1.2.840.10045.3.1.7", "P-256"),
    ("1.3.132.0.33", "P-224"),
    ("1.3.132.0.34", "P-384"),
    ("1.3.132.0.35", "P-521"),
    ("1.3.132.0.10", "secp256k1"),
    ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"),
    ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"),
    ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"),
];

/// The name of an algorithm or a curve; its object identifier where it is not known.
pub(super) fn name_of(oid: &str) -> &str {
    NAMES.iter().find(|(known, _)| *known == oid).map_or(oid, |(_, name)| name)
}

/// Algorithm and size, such as `RSA 2048` or `EC P-256`.
pub(super) fn describe(key: &SubjectPublicKeyInfo<'_>) -> String {
    let oid = key.algorithm.algorithm.to_id_string();
    let name = name_of(&oid);
    let detail = match oid.as_str() {
        RSA | RSA_PSS => RSAPublicKey::from_der(&key.subject_public_key.data).ok().map(|(_, key)| bits(key.modulus)),
        EC => curve(key).map(|curve| name_of(&curve).to_owned()),
        _ => None,
    };
    detail.map_or_else(|| name.to_owned(), |detail| format!("{name} {detail}"))
}

/// Names the key itself, however its point is written: two keys with one identity are the same.
pub(super) fn identity(key: &SubjectPublicKeyInfo<'_>) -> String {
    let point = &key.subject_public_key.data;
    match curve(key) {
        Some(curve) if is_known(&curve) => fingerprint(&[curve.as_bytes(), &compressed(point)].concat()),
        _ => fingerprint(key.raw),
    }
}

/// `point` as one coordinate and the parity of the other, for the prime curves in [`NAMES`].
pub(super) fn compressed(point: &[u8]) -> Cow<'_, [u8]> {
    match point {
        [form, xy @ ..] if WHOLE_POINT.contains(form) && xy.len() >= 2 && xy.len().is_multiple_of(2) => {
            let (x, y) = xy.split_at(xy.len() / 2);
            let sign = EVEN_POINT + (y[y.len() - 1] & 1);
            Cow::Owned([&[sign], x].concat())
        }
        _ => Cow::Borrowed(point),
    }
}

fn is_known(oid: &str) -> bool {
    NAMES.iter().any(|(known, _)| *known == oid)
}

/// The object identifier of an elliptic-curve key's curve, if it is named.
fn curve(key: &SubjectPublicKeyInfo<'_>) -> Option<String> {
    if key.algorithm.algorithm.to_id_string() != EC {
        return None;
    }
    Some(key.algorithm.parameters.as_ref()?.clone().oid().ok()?.to_id_string())
}

fn bits(modulus: &[u8]) -> String {
    let zeros: u32 = modulus.iter().take_while(|byte| **byte == 0).count() as u32 * 8;
    let partial = modulus.iter().find(|byte| **byte != 0).map_or(0, |byte| byte.leading_zeros());
    (modulus.len() as u32 * 8 - zeros - partial).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_rsa_key_is_measured_in_bits() {
        assert_eq!(bits(&[0, 0x80, 0]), "16");
        assert_eq!(bits(&[0x01, 0]), "9");
        assert_eq!(bits(&[0, 0]), "0");
    }

    #[test]
    fn a_point_is_compressed_by_the_parity_of_its_second_coordinate() {
        assert_eq!(*compressed(&[4, 1, 2, 3, 5]), [3, 1, 2]);
        assert_eq!(*compressed(&[4, 1, 2, 3, 6]), [2, 1, 2]);
        assert_eq!(*compressed(&[7, 1, 2, 3, 5]), [3, 1, 2]);
        for other in [&[3, 1, 2][..], &[0], &[4], &[4, 1], &[]] {
            assert_eq!(*compressed(other), *other, "left as it is");
        }
    }

    #[test]
    fn an_unknown_algorithm_is_told_by_its_number() {
        assert_eq!(name_of("1.3.101.113"), "Ed448");
        assert_eq!(name_of("1.2.3"), "1.2.3");
    }
}
