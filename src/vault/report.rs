//! What the vault is told and what it tells: the words that the door passes on unchanged.

use serde::{Deserialize, Serialize};

use crate::crypto::MachineKey;
use crate::domain::organization::Tampering;
use crate::domain::{SecretBytes, SlotId, Timestamp};

/// What opens a vault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Credential {
    /// A member's passphrase. Which member's is found by trying.
    Passphrase(SecretBytes),
    /// The passphrase of the member called so.
    Named {
        /// The member's name.
        member: Box<str>,
        /// The passphrase.
        passphrase: SecretBytes,
    },
    /// The recovery key, as written down: groups, spaces and case do not matter.
    Recovery(SecretBytes),
    /// A machine key: the text of its file.
    Machine(SecretBytes),
}

impl Credential {
    /// Most bytes of the text of a machine key.
    pub const MAX_MACHINE: usize = MachineKey::MAX_TEXT;

    /// Whether `text` begins as the file of a machine key does: of a file that may hold either, it is no passphrase then.
    pub fn is_machine_key(text: &[u8]) -> bool {
        MachineKey::is_one(text)
    }
}

/// What kind of secret opens the vault, or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CredentialKind {
    /// A member's passphrase.
    Passphrase,
    /// The recovery key.
    Recovery,
    /// A machine key.
    Machine,
}

impl CredentialKind {
    /// What people call it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::Recovery => "recovery key",
            Self::Machine => "machine key",
        }
    }
}

/// One way into the vault, as it can be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotInfo {
    /// Its name.
    pub id: SlotId,
    /// What opens it.
    pub kind: CredentialKind,
    /// The member whose it is.
    pub member: Box<str>,
    /// What it was said to be for.
    pub label: Option<Box<str>>,
    /// When it was made; not known of slots that an older version made.
    pub added: Option<Timestamp>,
}

/// What was found and done while opening.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OpenReport {
    /// Tombstones that the sweep removed.
    pub swept: u32,
    /// Why the sweep did not run, when the clock was the reason.
    pub clock: Option<ClockTrouble>,
    /// Why the sweep failed: nothing was removed, and the next opening tries again.
    pub sweep_failed: Option<Box<str>>,
    /// Why this machine cannot remember the state of the vault: an older one put in its place would go unnoticed.
    pub memory_failed: Option<Box<str>>,
    /// What a repair came to, when one was asked for.
    pub repaired: Option<Repaired>,
    /// What is wrong with the store: the vault is open for reading only.
    pub trouble: Option<StoreTrouble>,
    /// Opened with the recovery key: a new passphrase must be set now.
    pub needs_new_passphrase: bool,
    /// What is wrong with the audit log, in sentences.
    pub audit: Option<Box<str>>,
    /// What somebody wrote who had no right to: it is not served.
    pub tampered: Vec<Refusal>,
    /// Why the vault could not be sealed anew, or brought to this version's format, which is owed: the next opening tries
    /// again.
    pub reseal_failed: Option<Box<str>>,
}

/// Something that is stored and not served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The secret's name as it was, or what else it is.
    pub what: Box<str>,
    /// Why it is refused.
    pub why: Tampering,
    /// Who it says wrote it.
    pub author: Option<Box<str>>,
    /// The earlier revision that is served in its place.
    pub served: Option<u64>,
}

/// What a repair came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repaired {
    /// Secrets and tombstones that were whole.
    pub whole: u64,
    /// Those that were brought back from a copy.
    pub brought_back: u64,
    /// Those that the manifest counts and that are nowhere to be found.
    pub lost: u64,
}

/// The clock cannot be trusted with a purge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClockTrouble {
    /// It shows an earlier time than when the vault was last used, by so many seconds.
    SteppedBack(i64),
    /// It shows so many days later: ask, then `Request::SweepAnyway`.
    JumpedAhead(i64),
}

/// The store is not what it was when it was last closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoreTrouble {
    /// Records are missing, changed or unreadable.
    Damaged {
        /// How many records the manifest counts.
        expected: u64,
        /// How many are there and whole.
        found: u64,
        /// When the newest good copy was made, if there is one to bring back from what is missing.
        copy_from: Option<Timestamp>,
    },
    /// It is an older state than the one this machine saw last.
    RolledBack {
        /// The generation found.
        found: u64,
        /// The generation last seen here.
        last_seen: u64,
    },
}

/// One line of the doctor's examination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What was looked at.
    pub what: Box<str>,
    /// What was found.
    pub verdict: Verdict,
}

/// How one thing looks to the doctor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// As it should be, with a word of detail.
    Good(Box<str>),
    /// Works, but should be seen to.
    Warning {
        /// What is wrong.
        cause: Box<str>,
        /// What to do about it.
        advice: Box<str>,
    },
    /// Broken.
    Bad {
        /// What is wrong.
        cause: Box<str>,
        /// What to do about it.
        advice: Box<str>,
    },
}

/// How far long work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done.
    pub step: Step,
    /// How much of it is done; with `total`, in whatever the step counts.
    pub done: u64,
    /// How much there is; 0 when that cannot be known.
    pub total: u64,
}

/// A step of long work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Argon2id turns the passphrase into a key. How long cannot be known.
    DerivingKey,
    /// The store is opened and its files are checked.
    OpeningStore,
    /// Records are read and checked against the manifest.
    ReadingRecords,
    /// Records are sealed again under a new epoch.
    Rewriting,
    /// A backup is written.
    BackingUp,
    /// A backup is read back.
    Restoring,
    /// Records are examined.
    Examining,
    /// Secrets of other tools are stored.
    Importing,
}

/// Who holds the vault, when it is not us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// Its terminal, such as `pts/3`, if it has one.
    pub terminal: Option<Box<str>>,
    /// Since when.
    pub since: Timestamp,
}

/// Is told of long work while it goes on; called often, from the thread that does the work.
pub type Watch<'a> = &'a dyn Fn(Progress);
