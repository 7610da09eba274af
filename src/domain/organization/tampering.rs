//! What somebody did to the stored bytes who had no right to.

use serde::{Deserialize, Serialize};

use super::{Permission, Unlawful};

/// Why something that is stored is refused although it was sealed with the right key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Tampering {
    /// The membership log is not there.
    #[error("the membership log was removed")]
    LogMissing,
    /// It is shorter than when this machine saw it last.
    #[error("an older membership log was put back: it has {found} entries, and {last_seen} were seen here")]
    LogOlder {
        /// How many entries there are.
        found: u64,
        /// How many there were.
        last_seen: u64,
    },
    /// What this machine saw of it is not how it goes on.
    #[error("the membership log was written anew: entry {0} is not the one that was seen here")]
    LogForked(u64),
    /// It begins with another foundation than the one that is pinned here.
    #[error("the membership log is that of another organization: its foundation is not the one pinned here")]
    LogForeign,
    /// An entry does not follow the one before.
    #[error("entry {0} of the membership log does not follow the one before")]
    LogBroken(u64),
    /// An entry cannot be read.
    #[error("entry {0} of the membership log cannot be read")]
    LogMalformed(u64),
    /// An entry is not signed by the key that it names.
    #[error("entry {0} of the membership log is not signed by whom it names")]
    LogUnsigned(u64),
    /// An entry does what its author may not.
    #[error("entry {0} of the membership log breaks the rules: {1}")]
    LogUnlawful(u64, Unlawful),
    /// A key slot is not the one that the log names.
    #[error("a key slot is not one that the membership log names")]
    SlotForeign,
    /// There is no signature.
    #[error("it is not signed")]
    Unsigned,
    /// The signature is not that of what is there.
    #[error("its signature does not fit it")]
    BadSignature,
    /// Nobody in the organization has, or had, the key that signed it.
    #[error("nobody in the organization has the key that signed it")]
    UnknownKey,
    /// The key that signed it was removed before.
    #[error("the key that signed it had been removed before")]
    RemovedKey,
    /// It was signed by another member than it names.
    #[error("it names another author than the one who signed it")]
    OtherAuthor,
    /// Its author had not the permission.
    #[error("its author was not permitted to {}", .0.word())]
    NotPermitted(Permission),
    /// It takes an Account Holder or Manager, and its author is none.
    #[error("its author is no Account Holder or Manager")]
    NotManaged,
    /// It was signed in an earlier epoch and not taken over into this one.
    #[error("it is of an earlier epoch, and was not taken over into this one")]
    OtherEpoch,
    /// An earlier revision than the one that was seen here was put back.
    #[error("revision {found} was put back: {last_seen} was seen here")]
    PutBack {
        /// What there is.
        found: u64,
        /// What there was.
        last_seen: u64,
    },
    /// It was seen here, and is gone, although no epoch has begun since.
    #[error("it was removed from the store")]
    Removed,
    /// Another record has been written under the same revision that was seen here.
    #[error("another record was put in the place of the one that was seen here")]
    Replaced,
    /// What belongs together was signed for another secret, revision or scope.
    #[error("its parts belong to different secrets, revisions or scopes")]
    Mixed,
    /// The value is not the one that its author signed.
    #[error("its value is not the one that was signed")]
    OtherValue,
    /// The list of what was taken over into this epoch is not the one that the log names.
    #[error("the list of what was taken over into this epoch is not the one that was signed")]
    TakenOver,
    /// Nobody who may has begun this epoch, or it has another key than the one that was begun with it.
    #[error("the epoch and its key are not those that the membership log names")]
    EpochForeign,
    /// A member was granted other keys than those that they held here before.
    #[error("the keys that were granted to the key slot are not those that its member had: somebody has replaced them")]
    KeysReplaced,
    /// It is there as whoever wrote it counted it, and does not open.
    #[error("it was written by somebody who has not the key for it: it does not open")]
    Forged,
}
