//! Access tokens that are kept until they expire or the vault is locked.

use std::collections::VecDeque;

use crate::domain::{SecretBytes, SecretId, Timestamp};

/// So many are kept; the oldest goes.
const MOST: usize = 64;
/// One that expires so soon is as good as expired: it has yet to be used.
const TOO_SOON: i64 = 30;

/// A token, and what it was given for.
struct Kept {
    id: SecretId,
    revision: u64,
    token: SecretBytes,
    expires: Timestamp,
}

/// The tokens of an open vault.
#[derive(Default)]
pub(super) struct Tokens(VecDeque<Kept>);

impl Tokens {
    /// Keeps `token` in the place of what is kept for the same client credentials.
    pub(super) fn keep(&mut self, id: SecretId, revision: u64, token: SecretBytes, expires: Timestamp) {
        self.0.retain(|kept| kept.id != id);
        self.0.push_back(Kept { id, revision, token, expires });
        if self.0.len() > MOST {
            self.0.pop_front();
        }
    }

    /// The token for the client credentials `id`, given for them as they are at `revision`, and good for a while yet at `now`.
    pub(super) fn good(&self, id: SecretId, revision: u64, now: Timestamp) -> Option<(SecretBytes, Timestamp)> {
        let is_good = |kept: &&Kept| {
            kept.id == id && kept.revision == revision && kept.expires.0.saturating_sub(now.0) > TOO_SOON
        };
        self.0.iter().find(is_good).map(|kept| (kept.token.clone(), kept.expires))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_one_revision_until_shortly_before_its_end() {
        let (id, mut tokens) = (SecretId([1; 16]), Tokens::default());
        tokens.keep(id, 3, "old".into(), Timestamp(1000));
        tokens.keep(id, 3, "new".into(), Timestamp(1000));
        assert_eq!(tokens.good(id, 3, Timestamp(969)), Some(("new".into(), Timestamp(1000))));
        assert_eq!(tokens.good(id, 3, Timestamp(970)), None);
        assert_eq!(tokens.good(id, 4, Timestamp(0)), None);
        assert_eq!(tokens.good(SecretId([2; 16]), 3, Timestamp(0)), None);
    }

    #[test]
    fn the_oldest_goes() {
        let mut tokens = Tokens::default();
        (0..=64).for_each(|n| tokens.keep(SecretId([n; 16]), 1, "x".into(), Timestamp(1000)));
        assert_eq!((tokens.0.len(), tokens.good(SecretId([0; 16]), 1, Timestamp(0))), (64, None));
    }
}
