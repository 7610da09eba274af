//! Status, what may follow what, the gate, and when a tombstone is over.

use std::sync::Arc;

use super::{Header, Stamp, State, Timestamp};
use crate::domain::time::DAY;

/// How many days before the end a secret "expires soon".
pub const SOON_DAYS: i64 = 14;
/// How long a tombstone stays in the listing.
pub const TOMBSTONE_DAYS: i64 = 30;
/// A clock that ran ahead by more than this since the last use is asked about before a sweep.
pub const CLOCK_JUMP_DAYS: i64 = 7;

/// What a secret is, at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// May be used.
    Active,
    /// May be used, for so many days more (0: until the end of today).
    ExpiresSoon(u16),
    /// A certificate whose validity has not begun.
    NotYetValid,
    /// Its last day is over.
    Expired,
    /// Put out of use until someone reactivates it.
    Inactive,
    /// Gone; only the tombstone is left.
    Deleted,
}

impl Status {
    /// The status of the secret under `header` at `now`. What a person did weighs more than a date.
    pub fn of(header: &Header, now: Timestamp) -> Self {
        match (&header.state, header.expires, header.not_before) {
            (State::Deleted(_), ..) => Self::Deleted,
            (State::Inactive(_), ..) => Self::Inactive,
            (_, Some(end), _) if now > end => Self::Expired,
            (_, _, Some(start)) if now < start => Self::NotYetValid,
            (_, Some(end), _) if end.days_from(now) <= SOON_DAYS => {
                Self::ExpiresSoon(u16::try_from(end.days_from(now)).unwrap_or(0))
            }
            _ => Self::Active,
        }
    }

    /// Whether a delivery may take place.
    pub fn is_usable(self) -> bool {
        matches!(self, Self::Active | Self::ExpiresSoon(_))
    }

    /// The word for it in JSON.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::ExpiresSoon(_) => "expires-soon",
            Self::NotYetValid => "not-yet-valid",
            Self::Expired => "expired",
            Self::Inactive => "inactive",
            Self::Deleted => "deleted",
        }
    }

    /// The word for it, the same in every screen and command.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::ExpiresSoon(_) => "Expires soon",
            Self::NotYetValid => "Not yet valid",
            Self::Expired => "Expired",
            Self::Inactive => "Inactive",
            Self::Deleted => "Deleted",
        }
    }
}

/// Why the gate let nothing through: which secret, its status, since when, by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The secret's name.
    pub name: Box<str>,
    /// The status that stands in the way.
    pub status: Status,
    /// Since when it has had that status; until when, for one that is not yet valid.
    pub since: Timestamp,
    /// Who put it there, when a person did.
    pub by: Option<Arc<str>>,
}

/// The one rule of delivery: active secrets pass, everything else is refused.
///
/// # Errors
/// A [`Refusal`] that names the secret, its status, since when and by whom.
pub fn gate(header: &Header, now: Timestamp) -> Result<Status, Refusal> {
    let status = Status::of(header, now);
    if status.is_usable() {
        return Ok(status);
    }
    let (since, by) = match (&header.state, status) {
        (State::Inactive(Stamp { at, by }) | State::Deleted(Stamp { at, by }), _) => (*at, Some(by.clone())),
        (State::Active, Status::NotYetValid) => (header.not_before.unwrap_or(now), None),
        (State::Active, _) => (header.expires.unwrap_or(now), None),
    };
    Err(Refusal { name: header.name.clone(), status, since, by })
}

/// A change that the present state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    /// Deleting is irreversible: nothing follows it.
    #[error("it is deleted, which cannot be undone")]
    Deleted,
    /// There is nothing to deactivate.
    #[error("it is inactive already")]
    AlreadyInactive,
    /// There is nothing to reactivate.
    #[error("it is not inactive")]
    NotInactive,
}

/// Active → inactive.
///
/// # Errors
/// When the secret is inactive already, or deleted.
pub fn deactivate(state: &State, stamp: Stamp) -> Result<State, TransitionError> {
    match state {
        State::Active => Ok(State::Inactive(stamp)),
        State::Inactive(_) => Err(TransitionError::AlreadyInactive),
        State::Deleted(_) => Err(TransitionError::Deleted),
    }
}

/// Inactive → active.
///
/// # Errors
/// When the secret is not inactive.
pub fn reactivate(state: &State) -> Result<State, TransitionError> {
    match state {
        State::Inactive(_) => Ok(State::Active),
        State::Active => Err(TransitionError::NotInactive),
        State::Deleted(_) => Err(TransitionError::Deleted),
    }
}

/// Anything but deleted → deleted.
///
/// # Errors
/// When the secret is deleted already.
pub fn delete(state: &State, stamp: Stamp) -> Result<State, TransitionError> {
    match state {
        State::Deleted(_) => Err(TransitionError::Deleted),
        _ => Ok(State::Deleted(stamp)),
    }
}

/// When the tombstone under `header` leaves the listing; `None` while the secret lives.
pub fn gone_at(header: &Header) -> Option<Timestamp> {
    match &header.state {
        State::Deleted(stamp) => Some(stamp.at.plus_days(TOMBSTONE_DAYS)),
        _ => None,
    }
}

/// Whether the sweep takes this tombstone.
pub fn is_over(header: &Header, now: Timestamp) -> bool {
    gone_at(header).is_some_and(|end| now >= end)
}

/// What the clock looks like beside the last time this vault was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockVerdict {
    /// Later than the last use, by no more than a week: sweep.
    Sound,
    /// Earlier than the last use, by so many seconds: purge nothing.
    SteppedBack(i64),
    /// Later by more than [`CLOCK_JUMP_DAYS`]: so many days; ask before purging.
    JumpedAhead(i64),
}

/// Judges `now` against `last_seen`, the latest time that the vault was written.
pub fn judge_clock(last_seen: Timestamp, now: Timestamp) -> ClockVerdict {
    let ahead = now.0.saturating_sub(last_seen.0);
    if ahead < 0 {
        ClockVerdict::SteppedBack(-ahead)
    } else if ahead > CLOCK_JUMP_DAYS * DAY {
        ClockVerdict::JumpedAhead(ahead / DAY)
    } else {
        ClockVerdict::Sound
    }
}
