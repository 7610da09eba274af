//! The exit codes: stable, one place, also in the README.

use crate::service::DoorError;

/// What a command ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Ok = 0,
    /// Failed for a reason that has no code of its own.
    Failure = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The person said no, or pressed Ctrl-C.
    Aborted = 3,
    /// No such secret, vault or file.
    NotFound = 10,
    /// Wrong passphrase or recovery key.
    WrongKey = 11,
    /// Locked, or held by another process.
    Locked = 12,
    /// The secret is inactive, expired, not yet valid or deleted.
    Unavailable = 13,
    /// Somebody changed it in between, or the name is taken.
    Conflict = 14,
    /// Not permitted.
    NotPermitted = 15,
    /// The vault is damaged.
    Damaged = 16,
}

impl Exit {
    /// The code for what the door said.
    pub fn of(error: &DoorError) -> Self {
        match error {
            DoorError::NoVault | DoorError::NotFound => Self::NotFound,
            DoorError::WrongCredential { .. } | DoorError::TooSoon { .. } => Self::WrongKey,
            DoorError::Locked | DoorError::Held(_) => Self::Locked,
            DoorError::Unavailable(_) => Self::Unavailable,
            DoorError::Conflict { .. } | DoorError::NameTaken(_) | DoorError::VaultExists => Self::Conflict,
            DoorError::WriteOnly => Self::NotPermitted,
            DoorError::Damaged(_) | DoorError::ReadOnly => Self::Damaged,
            DoorError::Invalid { .. }
            | DoorError::Transition(_)
            | DoorError::File { .. }
            | DoorError::DiskFull
            | DoorError::System(_) => Self::Failure,
        }
    }
}
