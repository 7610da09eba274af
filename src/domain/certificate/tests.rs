use super::*;
use proptest::prelude::*;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use sha2::{Digest, Sha256};

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/", $name)).as_slice()
    };
}

/// Every plain key with its certificate, and what it is called.
const PAIRS: [(&str, &[u8], &[u8], &str); 14] = [
    ("rsa-pkcs1", fixture!("rsa-pkcs1.key"), fixture!("rsa.pem"), "RSA 2048"),
    ("rsa-pkcs8", fixture!("rsa-pkcs8.key"), fixture!("rsa.pem"), "RSA 2048"),
    ("rsa-pss", fixture!("rsa-pss.key"), fixture!("rsa-pss.pem"), "RSA-PSS 2048"),
    ("p256-sec1", fixture!("ec-p256-sec1.key"), fixture!("ec-p256.pem"), "EC P-256"),
    ("p256-no-public", fixture!("ec-p256-sec1-no-public.key"), fixture!("ec-p256.pem"), "EC P-256"),
    ("p256-pkcs8", fixture!("ec-p256-pkcs8.key"), fixture!("ec-p256.pem"), "EC P-256"),
    ("p384-sec1", fixture!("ec-p384-sec1.key"), fixture!("ec-p384.pem"), "EC P-384"),
    ("p384-no-public", fixture!("ec-p384-sec1-no-public.key"), fixture!("ec-p384.pem"), "EC P-384"),
    ("p384-pkcs8", fixture!("ec-p384-pkcs8.key"), fixture!("ec-p384.pem"), "EC P-384"),
    ("p521-sec1", fixture!("ec-p521-sec1.key"), fixture!("ec-p521.pem"), "EC P-521"),
    ("p521-no-public", fixture!("ec-p521-sec1-no-public.key"), fixture!("ec-p521.pem"), "EC P-521"),
    ("p521-pkcs8", fixture!("ec-p521-pkcs8.key"), fixture!("ec-p521.pem"), "EC P-521"),
    ("secp256k1", fixture!("ec-secp256k1-sec1.key"), fixture!("ec-secp256k1.pem"), "EC secp256k1"),
    ("ed25519", fixture!("ed25519.key"), fixture!("ed25519.pem"), "Ed25519"),
];

fn params(name: &str, is_authority: bool) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.use_authority_key_identifier_extension = true;
    if is_authority {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    params
}

fn root(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    CertifiedIssuer::self_signed(params(name, true), KeyPair::generate().unwrap()).unwrap()
}

fn below(name: &str, issuer: &CertifiedIssuer<'_, KeyPair>) -> CertifiedIssuer<'static, KeyPair> {
    CertifiedIssuer::signed_by(params(name, true), KeyPair::generate().unwrap(), issuer).unwrap()
}

fn leaf(name: &str, issuer: &CertifiedIssuer<'_, KeyPair>) -> String {
    params(name, false).signed_by(&KeyPair::generate().unwrap(), issuer).unwrap().pem()
}

fn self_signed(name: &str) -> String {
    params(name, false).self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
}

fn subjects(bundle: &Bundle) -> Vec<&str> {
    bundle.chain.certificates.iter().map(|certificate| certificate.subject.as_str()).collect()
}

fn chain(pem: &[u8]) -> Chain {
    read_chain(pem).unwrap().chain
}

fn der(pem: &[u8]) -> Vec<u8> {
    pem::blocks(pem).unwrap()[0].decode().unwrap().der.to_vec()
}

fn refused(bytes: &[u8]) -> CertificateError {
    read_chain(bytes).unwrap_err()
}

#[test]
fn a_certificate_says_what_openssl_says() {
    let chain = chain(fixture!("rsa.pem"));
    let [certificate] = &chain.certificates[..] else { panic!("one certificate") };
    assert_eq!(certificate.subject, "CN=rsa.example.com, O=Example\\, Ltd, C=DE");
    assert_eq!(certificate.issuer, certificate.subject);
    let names =
        ["DNS:rsa.example.com", "IP:192.0.2.7", "IP:2001:db8::7", "email:ops@example.com", "URI:https://example.com/x"];
    assert_eq!(certificate.sans, names);
    assert_eq!(certificate.serial, "5B:F3:20:69:66:48:80:D5:84:F9:53:3D:29:FC:DE:8A:E9:B4:CB:03");
    assert_eq!(
        certificate.fingerprint,
        "55:BC:26:9F:FE:60:00:BB:83:42:07:A6:40:20:2A:EC:8F:C7:4C:3A:5D:B0:C4:BE:46:4C:5B:F6:C0:02:ED:37"
    );
    assert_eq!(
        certificate.key_fingerprint,
        "DB:01:3D:1D:0C:5A:5F:76:46:B4:4D:F2:EA:16:F8:55:3B:05:0D:5F:27:7C:14:DD:73:E7:62:06:CF:91:84:34"
    );
    assert_eq!(certificate.not_after.0 - certificate.not_before.0, 3650 * crate::domain::time::DAY);
    assert_eq!(chain.expires(), Some(certificate.not_after));
}

#[test]
fn pem_and_der_of_a_certificate_are_one() {
    let pem = read_chain(fixture!("ed25519.pem")).unwrap();
    assert_eq!(read_chain(&der(fixture!("ed25519.pem"))), Ok(pem.clone()));
    assert_eq!(pem.pem.as_bytes(), fixture!("ed25519.pem"), "openssl writes PEM as we do");
}

#[test]
fn a_chain_in_any_order_is_put_in_order() {
    let root = root("root");
    let middle = below("middle", &root);
    let leaf = leaf("leaf", &middle);
    let ordered = [leaf.clone(), middle.pem(), root.pem()];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let text: String =
            order.iter().map(|i| format!("a comment\r\n{}", ordered[*i].replace('\n', "\r\n"))).collect();
        let bundle = read_chain(text.as_bytes()).unwrap();
        assert_eq!(subjects(&bundle), ["CN=leaf", "CN=middle", "CN=root"]);
        assert_eq!(bundle.chain.reordered, order != [0, 1, 2]);
        assert_eq!(bundle.pem, ordered.concat().replace('\r', ""));
    }
}

#[test]
fn a_certificate_that_is_there_twice_counts_once() {
    let root = root("root");
    let leaf = leaf("leaf", &root);
    let bundle = read_chain(format!("{leaf}{}{leaf}", root.pem()).as_bytes()).unwrap();
    assert_eq!(subjects(&bundle), ["CN=leaf", "CN=root"]);
    assert!(!bundle.chain.reordered);
}

#[test]
fn key_identifiers_tell_authorities_of_one_name_apart() {
    let (old, new) = (root("root"), root("root"));
    let leaf = leaf("leaf", &new);
    let bundle = read_chain(format!("{leaf}{}", new.pem()).as_bytes()).unwrap();
    assert_eq!(bundle.chain.certificates.len(), 2);
    let stranger = CertificateError::Stranger { name: "CN=root".into(), leaf: "CN=leaf".into() };
    assert_eq!(refused(format!("{leaf}{}", old.pem()).as_bytes()), stranger);
}

#[test]
fn what_does_not_belong_is_named() {
    let (root, other) = (root("root"), root("other root"));
    let (one, two) = (leaf("one", &root), leaf("two", &root));
    let several = CertificateError::SeveralLeaves { first: "CN=one".into(), second: "CN=two".into() };
    assert_eq!(refused(format!("{one}{}{two}", root.pem()).as_bytes()), several);
    let stranger = CertificateError::Stranger { name: "CN=other root".into(), leaf: "CN=one".into() };
    assert_eq!(refused(format!("{}{one}{}", other.pem(), root.pem()).as_bytes()), stranger);
    let several = CertificateError::SeveralLeaves { first: "CN=a".into(), second: "CN=b".into() };
    assert_eq!(refused(format!("{}{}", self_signed("a"), self_signed("b")).as_bytes()), several);
}

#[test]
fn a_circle_of_issuers_is_refused() {
    let signed = |name: &str, issuer: &str| {
        let issuer = CertifiedIssuer::self_signed(without_ids(issuer), KeyPair::generate().unwrap()).unwrap();
        without_ids(name).signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap().pem()
    };
    let circle = format!("{}{}", signed("a", "b"), signed("b", "a"));
    assert_eq!(refused(circle.as_bytes()), CertificateError::Circle { name: "CN=a".into() });
}

fn without_ids(name: &str) -> CertificateParams {
    let mut params = params(name, false);
    params.use_authority_key_identifier_extension = false;
    params
}

#[test]
fn caps_hold() {
    let many: String = (0..=MAX_CERTIFICATES).map(|i| self_signed(&format!("c{i}"))).collect();
    assert_eq!(refused(many.as_bytes()), CertificateError::TooMany);
    let large = [fixture!("rsa.pem"), &vec![b' '; MAX_BYTES]].concat();
    assert_eq!(refused(&large), CertificateError::TooLarge(large.len()));
    assert_eq!(read_private_key(&large).unwrap_err(), KeyError::TooLarge(large.len()));
}

#[test]
fn what_fits_as_der_only_is_refused() {
    let mut params = params("x", false);
    let filling = rcgen::CustomExtension::from_oid_content(&[1, 2, 3], vec![0; MAX_BYTES - 10_000]);
    params.custom_extensions.push(filling);
    let der = params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec();
    assert!(der.len() < MAX_BYTES);
    assert!(matches!(refused(&der), CertificateError::TooLarge(length) if length > MAX_BYTES));
}

#[test]
fn what_is_no_certificate_is_told() {
    let told = |bytes: &[u8]| refused(bytes).to_string();
    assert_eq!(told(b" \n\t"), "This file is empty: choose the file of the certificate.");
    assert_eq!(
        told(fixture!("request.pem")),
        "This is a certificate signing request, not a certificate: choose the certificate that the authority made from it."
    );
    for (bytes, found) in [
        (fixture!("ed25519.key"), Found::PrivateKey),
        (fixture!("public.pem"), Found::PublicKey),
        (fixture!("bundle.p7b"), Found::Pkcs7),
        (b"-----BEGIN X\x1bY-----\n-----END X\x1bY-----", Found::Block("X\u{FFFD}Y".into())),
    ] {
        assert_eq!(refused(bytes), CertificateError::Instead(found));
    }
    assert_eq!(refused(fixture!("bundle.p12")), CertificateError::Instead(Found::Pkcs12));
    assert_eq!(refused(b"\xFF\xFE-\0-\0"), CertificateError::Instead(Found::Utf16));
    assert_eq!(refused(b"hello"), CertificateError::Instead(Found::Unknown));
    for (pem, found) in [
        (fixture!("rsa-pkcs1.key"), Found::PrivateKey),
        (fixture!("rsa-pkcs8-encrypted.key"), Found::PrivateKey),
        (fixture!("public.pem"), Found::PublicKey),
        (fixture!("request.pem"), Found::SigningRequest),
        (fixture!("bundle.p7b"), Found::Pkcs7),
    ] {
        assert_eq!(refused(&der(pem)), CertificateError::Instead(found), "in DER");
    }
}

#[test]
fn damage_is_told_with_its_place() {
    let good = fixture!("rsa.pem");
    let bad = b"-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n";
    assert_eq!(refused(&[good, bad].concat()), CertificateError::Damaged { number: 2 });
    assert_eq!(refused(&good[..good.len() / 2]), CertificateError::Cut);
    let twice = [der(good), der(good)].concat();
    assert!(read_chain(&twice).is_err(), "two in DER");
}

#[test]
fn a_private_key_beside_the_certificate_is_left_out_and_told() {
    let bundle = read_chain(&[fixture!("ed25519.key"), fixture!("ed25519.pem")].concat()).unwrap();
    assert_eq!(bundle.pem.as_bytes(), fixture!("ed25519.pem"));
    assert!(bundle.warnings(bundle.chain.certificates[0].not_before).contains(&Warning::ContainsPrivateKey));
}

#[test]
fn deceiving_text_never_comes_out() {
    let mut params = params("x\u{202E}\x1b[31m\u{200B}y", false);
    params.subject_alt_names.push(rcgen::SanType::DnsName("a\x07b.example".try_into().unwrap()));
    let pem = params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem();
    let certificate = chain(pem.as_bytes()).certificates.remove(0);
    assert_eq!(certificate.subject, "CN=x\u{FFFD}\u{FFFD}[31m\u{FFFD}y");
    assert_eq!(certificate.sans, ["DNS:a\u{FFFD}b.example"]);
}

#[test]
fn a_certificate_without_a_subject_has_a_name() {
    let mut params = CertificateParams::new(vec!["san.example".to_owned()]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    let pem = params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem();
    assert_eq!(chain(pem.as_bytes()).certificates[0].name(), "DNS:san.example");
}

#[test]
fn dates_and_order_are_warned_of() {
    let mut of_root = params("root", true);
    of_root.not_after = date_time_ymd(2027, 1, 1);
    let root = CertifiedIssuer::self_signed(of_root, KeyPair::generate().unwrap()).unwrap();
    let mut of_leaf = params("leaf", false);
    (of_leaf.not_before, of_leaf.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2028, 1, 1));
    let leaf = of_leaf.signed_by(&KeyPair::generate().unwrap(), &root).unwrap().pem();
    let chain = chain(format!("{}{leaf}", root.pem()).as_bytes());
    let [from, end] = [chain.certificates[0].not_before, chain.certificates[0].not_after];
    let lasting = [
        Warning::IssuerEndsEarlier { name: "CN=root".into(), at: chain.certificates[1].not_after },
        Warning::Reordered,
    ];
    assert_eq!(chain.warnings(from), lasting);
    assert_eq!(chain.warnings(end), lasting, "good to the last second");
    let before = Timestamp(from.0 - 1);
    assert_eq!(chain.warnings(before)[0], Warning::NotYetValid { from });
    let after = Timestamp(end.0 + 1);
    assert_eq!(chain.warnings(after)[0], Warning::Expired { since: end });
    assert_eq!(chain.warnings(after)[0].to_string(), "The certificate expired on 2028-01-01.");
}

#[test]
fn every_form_of_key_belongs_to_its_certificate() {
    for (name, key_file, certificate, algorithm) in PAIRS {
        let key = read_private_key(key_file).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((key.algorithm.as_str(), key.encrypted), (algorithm, false), "{name}");
        assert_eq!(chain(certificate).certificates[0].key, algorithm, "{name}");
        assert_eq!(check_belongs(&key, &chain(certificate)), Ok(()), "{name}");
        assert_eq!(key.pem.expose(), key_file, "{name}: PEM as openssl writes it");
        assert_eq!(read_private_key(&der(key_file)), Ok(key), "{name} in DER");
    }
}

#[test]
fn a_point_may_be_compressed_in_certificate_or_key() {
    let p256 = fixture!("ec-p256-compressed.pem");
    let secp256k1 = fixture!("ec-secp256k1-compressed.pem");
    for (key, certificate) in [
        (fixture!("ec-p256-sec1.key"), p256),
        (fixture!("ec-p256-sec1-no-public.key"), p256),
        (fixture!("ec-p256-sec1-compressed.key"), p256),
        (fixture!("ec-p256-sec1-compressed.key"), fixture!("ec-p256.pem")),
        (fixture!("ec-secp256k1-sec1.key"), secp256k1),
    ] {
        assert_eq!(check_belongs(&read_private_key(key).unwrap(), &chain(certificate)), Ok(()));
    }
    let (compressed, whole) = (chain(p256), chain(fixture!("ec-p256.pem")));
    let (compressed, whole) = (compressed.leaf().unwrap(), whole.leaf().unwrap());
    assert!(compressed.has_key_of(whole) && !compressed.has_key_of(chain(secp256k1).leaf().unwrap()));
    assert_ne!(compressed.key_fingerprint, whole.key_fingerprint, "shown as they stand there");
    let other = read_private_key(fixture!("ec-p384-sec1.key")).unwrap();
    assert!(matches!(check_belongs(&other, &chain(p256)), Err(KeyError::Mismatch { .. })));
}

#[test]
fn version_2_of_pkcs8_is_read() {
    let pair = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    assert_eq!(pair.serialized_der()[4], 1, "ring writes version 2");
    let certificate = params("x", false).self_signed(&pair).unwrap().pem();
    let key = read_private_key(pair.serialized_der()).unwrap();
    assert_eq!(check_belongs(&key, &chain(certificate.as_bytes())), Ok(()));
    let mut forged = pair.serialize_der();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(read_private_key(&forged), Err(KeyError::Inconsistent));
}

#[test]
fn a_key_of_another_certificate_is_refused_with_both_fingerprints() {
    let key = read_private_key(fixture!("rsa-pkcs8.key")).unwrap();
    let chain = chain(fixture!("ec-p256.pem"));
    let error = check_belongs(&key, &chain).unwrap_err();
    let certificate_fingerprint = chain.certificates[0].key_fingerprint.clone();
    let key_fingerprint = key.key_fingerprint.unwrap();
    let told = error.to_string();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[1], format!("Certificate  {}:…", &certificate_fingerprint[..23]));
    assert_eq!(lines[2], format!("This key     {}:…", &key_fingerprint[..23]));
    assert_eq!(error, KeyError::Mismatch { certificate_fingerprint, key_fingerprint });
}

#[test]
fn an_encrypted_key_is_kept_and_marked() {
    for (bytes, algorithm) in
        [(fixture!("rsa-pkcs8-encrypted.key"), "unknown algorithm"), (fixture!("rsa-pkcs1-encrypted.key"), "RSA")]
    {
        let key = read_private_key(bytes).unwrap();
        assert_eq!((key.algorithm.as_str(), key.encrypted, &key.key_fingerprint), (algorithm, true, &None));
        assert_eq!(key.pem.expose(), bytes);
        assert_eq!(check_belongs(&key, &chain(fixture!("ec-p256.pem"))), Ok(()));
    }
    let in_der = read_private_key(&der(fixture!("rsa-pkcs8-encrypted.key"))).unwrap();
    assert_eq!(in_der.pem.expose(), fixture!("rsa-pkcs8-encrypted.key"));
}

#[test]
fn a_key_is_taken_out_of_what_surrounds_it() {
    let file = [fixture!("ec-p256.pem"), b"Bag Attributes\r\n", fixture!("ec-p256-sec1.key")].concat();
    assert_eq!(read_private_key(&file).unwrap().pem.expose(), fixture!("ec-p256-sec1.key"));
    let two = [fixture!("ec-p256-sec1.key"), fixture!("ed25519.key")].concat();
    assert_eq!(read_private_key(&two), Err(KeyError::Several(2)));
}

#[test]
fn what_is_no_key_is_told() {
    let refused = |bytes: &[u8]| read_private_key(bytes).unwrap_err();
    assert_eq!(refused(b"\n"), KeyError::Empty);
    assert_eq!(refused(fixture!("ed25519.pem")), KeyError::Instead(Found::Certificate));
    assert_eq!(refused(&der(fixture!("ed25519.pem"))), KeyError::Instead(Found::Certificate));
    assert_eq!(refused(fixture!("public.pem")), KeyError::Instead(Found::PublicKey));
    assert_eq!(refused(fixture!("bundle.p12")), KeyError::Instead(Found::Pkcs12));
    assert_eq!(refused(b"ssh-ed25519 AAAA"), KeyError::Instead(Found::SshKey));
    assert_eq!(refused(fixture!("ed448.key")), KeyError::Unsupported("Ed448".into()));
    assert_eq!(refused(fixture!("ec-secp256k1-no-public.key")), KeyError::Unsupported("secp256k1".into()));
    assert_eq!(refused(b"-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----"), KeyError::Damaged);
    assert_eq!(refused(b"-----BEGIN PRIVATE KEY-----\nAQID\n"), KeyError::Cut);
    let nameless = sec1::EcPrivateKey { private_key: &[1; 32], parameters: None, public_key: None };
    let nameless = pkcs8::der::SecretDocument::try_from(nameless).unwrap();
    assert_eq!(refused(nameless.as_bytes()), KeyError::NoCurve);
}

#[test]
fn a_public_key_of_another_inside_is_noticed() {
    for key in [fixture!("ec-p256-sec1.key"), fixture!("ec-p256-sec1-compressed.key")] {
        for from_end in [1, 2] {
            let mut key = der(key);
            let at = key.len() - from_end;
            key[at] ^= 1;
            assert_eq!(read_private_key(&key), Err(KeyError::Inconsistent));
        }
    }
}

#[test]
fn debug_shows_no_key() {
    let key = read_private_key(fixture!("ed25519.key")).unwrap();
    let shown = format!("{key:?}");
    assert!(shown.contains("Ed25519") && !shown.contains("MC4CAQAw"), "{shown}");
}

fn check_sane(bytes: &[u8]) {
    if let Ok(bundle) = read_chain(bytes) {
        let again = read_chain(bundle.pem.as_bytes()).unwrap();
        assert_eq!(again.chain.certificates, bundle.chain.certificates);
        assert!(!again.chain.reordered);
        for certificate in &bundle.chain.certificates {
            let Certificate { subject, issuer, serial, key, sans, .. } = certificate;
            for text in [subject, issuer, serial, key].into_iter().chain(sans) {
                assert_eq!(crate::domain::text::sanitize(text), text.as_str());
                assert!(text.chars().count() <= 257);
            }
        }
        let _ = bundle.warnings(Timestamp(0));
    }
    if let Ok(key) = read_private_key(bytes) {
        assert_eq!(read_private_key(key.pem.expose()), Ok(key));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        check_sane(&bytes);
        let mut sequence = vec![0x30, 0x82, (bytes.len() >> 8) as u8, bytes.len() as u8];
        sequence.extend(&bytes);
        check_sane(&sequence);
    }

    #[test]
    fn mutated_files_never_panic(
        pair in 0..PAIRS.len(),
        pem in any::<bool>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        for file in [PAIRS[pair].1, PAIRS[pair].2] {
            let mut bytes = if pem { file.to_vec() } else { der(file) };
            for (at, byte) in &changes {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            check_sane(&bytes);
            check_sane(&bytes[..cut.index(bytes.len())]);
        }
    }
}

#[test]
fn fingerprints_are_of_the_der() {
    let digest = Sha256::digest(der(fixture!("ec-p521.pem")));
    assert_eq!(chain(fixture!("ec-p521.pem")).certificates[0].fingerprint, text::hex_pairs(&digest));
}
