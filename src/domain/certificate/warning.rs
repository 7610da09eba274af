//! What a person should know about certificates that are taken as they are.

use std::fmt;

use super::{Bundle, Chain};
use crate::domain::Timestamp;

/// Something to tell; no reason to refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The leaf's validity is over.
    Expired {
        /// Its last second.
        since: Timestamp,
    },
    /// The leaf's validity has not begun.
    NotYetValid {
        /// Its first second.
        from: Timestamp,
    },
    /// An issuer's validity ends before the leaf's.
    IssuerEndsEarlier {
        /// The name of the issuer that ends first.
        name: String,
        /// Its last second.
        at: Timestamp,
    },
    /// The certificates stood in another order.
    Reordered,
    /// A private key stood among the certificates.
    ContainsPrivateKey,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired { since } => write!(f, "The certificate expired on {}.", since.date()),
            Self::NotYetValid { from } => write!(f, "The certificate is not valid before {}.", from.to_minute()),
            Self::IssuerEndsEarlier { name, at } => {
                write!(f, "The chain ends before the certificate: \"{name}\" is valid until {}.", at.date())
            }
            Self::Reordered => f.write_str("The certificates were put in order, the leaf first."),
            Self::ContainsPrivateKey => {
                f.write_str("The file holds a private key too, which was left out: add it as the private key.")
            }
        }
    }
}

impl Chain {
    /// What a person should know about the chain at `now`.
    pub fn warnings(&self, now: Timestamp) -> Vec<Warning> {
        let Some(leaf) = self.leaf() else { return Vec::new() };
        let issuers = self.certificates.iter().skip(1);
        let first_end =
            issuers.filter(|issuer| issuer.not_after < leaf.not_after).min_by_key(|issuer| issuer.not_after);
        let of_issuer =
            first_end.map(|issuer| Warning::IssuerEndsEarlier { name: issuer.name().to_owned(), at: issuer.not_after });
        [
            (leaf.not_after < now).then_some(Warning::Expired { since: leaf.not_after }),
            (now < leaf.not_before).then_some(Warning::NotYetValid { from: leaf.not_before }),
            of_issuer,
            self.reordered.then_some(Warning::Reordered),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Bundle {
    /// What a person should know about the file and its chain at `now`.
    pub fn warnings(&self, now: Timestamp) -> Vec<Warning> {
        let mut warnings = self.chain.warnings(now);
        if self.contains_private_key {
            warnings.push(Warning::ContainsPrivateKey);
        }
        warnings
    }
}
