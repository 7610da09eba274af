//! The exit codes: stable, one place, also in the README.

use crate::domain::organization::Unlawful;
use crate::service::{DoorError, Proof};

/// What shells report for a death by signal: this plus its number.
const KILLED: i32 = 128;

/// What the program ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Ok,
    /// Failed for a reason that has no code of its own.
    Failure,
    /// The command line is wrong.
    Usage,
    /// The person said no, or pressed Ctrl-C.
    Aborted,
    /// No such secret, vault or file.
    NotFound,
    /// Wrong passphrase or recovery key.
    WrongKey,
    /// Locked, or held by another process.
    Locked,
    /// The secret is inactive, expired, not yet valid or deleted.
    Unavailable,
    /// Somebody changed it in between, or the name is taken.
    Conflict,
    /// Not permitted.
    NotPermitted,
    /// The vault is damaged, or the backup is.
    Damaged,
    /// `run`: the program is there but cannot be run, as shells report it.
    CannotRun,
    /// `run`: there is no such program, as shells report it.
    NoProgram,
    /// What monitoring systems take a check's answer from: 0 to 3.
    Check(u8),
    /// The signal with this number.
    Signal(i32),
}

impl Exit {
    /// The number that the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Aborted => 3,
            Self::NotFound => 10,
            Self::WrongKey => 11,
            Self::Locked => 12,
            Self::Unavailable => 13,
            Self::Conflict => 14,
            Self::NotPermitted => 15,
            Self::Damaged => 16,
            Self::CannotRun => 126,
            Self::NoProgram => 127,
            Self::Check(state) => state,
            Self::Signal(number) => u8::try_from(KILLED + number).unwrap_or(Self::Failure.code()),
        }
    }

    /// The code for what the door said.
    pub fn of(error: &DoorError) -> Self {
        match error {
            DoorError::NoVault
            | DoorError::NotFound
            | DoorError::NoSecret(_)
            | DoorError::NoField { .. }
            | DoorError::NoRevision { .. }
            | DoorError::NoApplication
            | DoorError::NoSlot(_)
            | DoorError::NoMember(_)
            | DoorError::NoInvitation(_)
            | DoorError::NoRequest(_)
            | DoorError::Unlawful(Unlawful::NoMember | Unlawful::NoInvitation)
            | DoorError::NoFile(_) => Self::NotFound,
            DoorError::WhichField { .. } => Self::Usage,
            DoorError::WrongCredential { .. } | DoorError::TooSoon { .. } | DoorError::WrongCode => Self::WrongKey,
            DoorError::Invalid { .. } if error.missing_proof() == Some(Proof::MachineKey) => Self::WrongKey,
            DoorError::Locked | DoorError::Held(_) | DoorError::OtherMember(_) => Self::Locked,
            DoorError::Unavailable(_) => Self::Unavailable,
            DoorError::Conflict { .. }
            | DoorError::ApplicationConflict { .. }
            | DoorError::NameTaken(_)
            | DoorError::ApplicationNameTaken(_)
            | DoorError::Ambiguous(_)
            | DoorError::OtherFingerprint
            | DoorError::Unlawful(
                Unlawful::NameTaken
                | Unlawful::UidTaken
                | Unlawful::Repeated
                | Unlawful::LastHolder
                | Unlawful::Nothing,
            )
            | DoorError::VaultExists
            | DoorError::FileExists(_) => Self::Conflict,
            DoorError::WriteOnly
            | DoorError::NotPermitted { .. }
            | DoorError::Unlawful(Unlawful::NeedsRole(_) | Unlawful::UnknownKey) => Self::NotPermitted,
            DoorError::Damaged(_) | DoorError::ReadOnly | DoorError::Tampered(_) => Self::Damaged,
            DoorError::Invalid { .. }
            | DoorError::Transition(_)
            | DoorError::Unlawful(_)
            | DoorError::File { .. }
            | DoorError::DiskFull
            | DoorError::NotRecorded(_)
            | DoorError::Agent(_)
            | DoorError::System(_) => Self::Failure,
        }
    }
}
