//! A file of certificates: which is the leaf, and who issued whom.

use super::found::Found;
use super::parse::{Links, Parsed, parse};
use super::{Bundle, CertificateError, Chain, MAX_BYTES, MAX_CERTIFICATES, pem};

/// Reads the certificates of a file: PEM blocks in any order with any text around them, or one in DER.
///
/// A certificate that is there twice counts once, a private key in the same file is left out.
/// The chain goes from the leaf up, by names and key identifiers. Where two certificates could be
/// an issuer, the one that has an issuer itself comes first, then the one that ends later.
/// Signatures are not checked, nor the dates: see [`Chain::warnings`].
///
/// # Errors
/// When the file holds no certificate, a damaged one, too much, or more than one chain. The
/// message says what to do.
pub fn read_chain(bytes: &[u8]) -> Result<Bundle, CertificateError> {
    check_size(bytes)?;
    let blocks = pem::blocks(bytes).map_err(|_| CertificateError::Cut)?;
    let parsed = match blocks.as_slice() {
        [] => vec![parse(bytes).ok_or_else(|| CertificateError::Instead(Found::in_file(bytes)))?],
        blocks => parse_blocks(blocks)?,
    };
    let contains_private_key = blocks.iter().any(|block| block.label.ends_with("PRIVATE KEY"));
    let bundle = bundle(&parsed, &order(&parsed)?, contains_private_key);
    // DER grows as PEM, and what is stored must be read again.
    check_size(bundle.pem.as_bytes())?;
    Ok(bundle)
}

fn check_size(bytes: &[u8]) -> Result<(), CertificateError> {
    match bytes.len() {
        0..=MAX_BYTES if bytes.trim_ascii().is_empty() => Err(CertificateError::Empty),
        0..=MAX_BYTES => Ok(()),
        length => Err(CertificateError::TooLarge(length)),
    }
}

/// The certificates among `blocks`, each once; at least one.
fn parse_blocks(blocks: &[pem::Block<'_>]) -> Result<Vec<Parsed>, CertificateError> {
    let mut parsed: Vec<Parsed> = Vec::new();
    let certificates = blocks.iter().filter(|block| Found::in_block(block.label) == Found::Certificate);
    for (number, block) in (1..).zip(certificates) {
        let damaged = CertificateError::Damaged { number };
        let Some(decoded) = block.decode() else { return Err(damaged) };
        if parsed.iter().any(|known| known.der == *decoded.der) {
            continue;
        }
        if parsed.len() == MAX_CERTIFICATES {
            return Err(CertificateError::TooMany);
        }
        parsed.push(parse(&decoded.der).ok_or(damaged)?);
    }
    match blocks {
        [first, ..] if parsed.is_empty() => Err(CertificateError::Instead(Found::in_block(first.label))),
        _ => Ok(parsed),
    }
}

fn bundle(parsed: &[Parsed], order: &[usize], contains_private_key: bool) -> Bundle {
    let mut text = String::new();
    for index in order {
        pem::write("CERTIFICATE", &[], &parsed[*index].der, |piece| text.push_str(piece));
    }
    let certificates = order.iter().map(|index| parsed[*index].certificate.clone()).collect();
    let chain = Chain { certificates, reordered: !order.is_sorted() };
    Bundle { chain, pem: text, contains_private_key }
}

/// The places of all certificates, from the leaf up.
fn order(parsed: &[Parsed]) -> Result<Vec<usize>, CertificateError> {
    let name = |index: usize| parsed[index].certificate.name().to_owned();
    let leaf = leaf(parsed)?;
    let mut order = vec![leaf];
    let mut last = leaf;
    while let Some(issuer) = issuer(parsed, last, &order) {
        order.push(issuer);
        last = issuer;
    }
    match (0..parsed.len()).find(|index| !order.contains(index)) {
        Some(stranger) => Err(CertificateError::Stranger { name: name(stranger), leaf: name(leaf) }),
        None => Ok(order),
    }
}

/// The certificate that issued no other. Of several, the only one that is no authority: the others
/// have nothing to do with it.
fn leaf(parsed: &[Parsed]) -> Result<usize, CertificateError> {
    let links = |index: usize| -> &Links { &parsed[index].links };
    let name = |index: usize| parsed[index].certificate.name().to_owned();
    let issued_none =
        |index: &usize| !(0..parsed.len()).any(|other| other != *index && links(*index).issued(links(other)));
    let candidates: Vec<usize> = (0..parsed.len()).filter(issued_none).collect();
    let ends: Vec<usize> = candidates.iter().copied().filter(|index| !links(*index).is_authority).collect();
    match (candidates.as_slice(), ends.as_slice()) {
        ([], _) => Err(CertificateError::Circle { name: name(0) }),
        ([leaf], _) | (_, [leaf]) => Ok(*leaf),
        (_, [first, second, ..]) | ([first, second, ..], []) => {
            Err(CertificateError::SeveralLeaves { first: name(*first), second: name(*second) })
        }
    }
}

/// The certificate that issued the one at `index`, of those that are not `taken`.
fn issuer(parsed: &[Parsed], index: usize, taken: &[usize]) -> Option<usize> {
    (0..parsed.len())
        .filter(|other| !taken.contains(other) && parsed[*other].links.issued(&parsed[index].links))
        .max_by_key(|other| (!parsed[*other].links.is_self_issued(), parsed[*other].certificate.not_after))
}
