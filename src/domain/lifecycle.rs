//! Status, what may follow what, the gate, and when a tombstone is over.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Header, Stamp, State, Timestamp};
use crate::domain::time::DAY;

/// How many days before the end a secret "expires soon".
pub const SOON_DAYS: i64 = 14;
/// How long a tombstone stays in the listing.
pub const TOMBSTONE_DAYS: i64 = 30;
/// A clock that ran ahead by more than this since the last use is asked about before a sweep.
pub const CLOCK_JUMP_DAYS: i64 = 7;

/// What a secret is, at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
        Self::from_parts(&header.state, header.expires, header.not_before, now)
    }

    /// As [`Status::of`], of what decides it alone.
    pub(super) fn from_parts(
        state: &State,
        expires: Option<Timestamp>,
        not_before: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        match (state, expires, not_before) {
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The secret's name.
    pub name: Box<str>,
    /// The status that stands in the way.
    pub status: Status,
    /// Since when it has had that status; until when, for one that is not yet valid.
    pub since: Timestamp,
    /// Who put it there, when a person did.
    pub by: Option<Arc<str>>,
    /// The application that needed it, where one was told.
    pub application: Option<Box<str>>,
}

/// The one rule of delivery: active secrets pass, everything else is refused; an expired one passes when `allow_expired`
/// says so, and nothing else does.
///
/// # Errors
/// A [`Refusal`] that names the secret, its status, since when and by whom.
pub fn gate(header: &Header, now: Timestamp, allow_expired: bool) -> Result<Status, Refusal> {
    let status = Status::of(header, now);
    if status.is_usable() || (allow_expired && status == Status::Expired) {
        return Ok(status);
    }
    let (since, by) = match (&header.state, status) {
        (State::Inactive(Stamp { at, by }) | State::Deleted(Stamp { at, by }), _) => (*at, Some(by.clone())),
        (State::Active, Status::NotYetValid) => (header.not_before.unwrap_or(now), None),
        (State::Active, _) => (header.expires.unwrap_or(now), None),
    };
    Err(Refusal { name: header.name.clone(), status, since, by, application: None })
}

/// A change that the present state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
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
    header.state.gone_at()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Kind, MemberId, Scope, SecretId};

    /// 2026-11-23 14:05 UTC.
    const NOW: Timestamp = Timestamp(1_795_442_700);

    fn by(who: &str, at: Timestamp) -> Stamp {
        Stamp { at, by: who.into() }
    }

    fn header(state: State, not_before: Option<Timestamp>, expires: Option<Timestamp>) -> Header {
        let made = by("Ada", NOW.plus_days(-100));
        Header {
            id: SecretId([1; 16]),
            revision: 1,
            name: "deploy".into(),
            kind: Kind::ALL[0],
            scope: Scope::Organization,
            owner: MemberId([1; 16]),
            author: MemberId([1; 16]),
            created: made.clone(),
            modified: made.clone(),
            value_set: made.at,
            expires,
            not_before,
            state,
            write_only: false,
            encrypted_key: false,
            public: Vec::new(),
            parts: Vec::new(),
        }
    }

    fn until(end: Timestamp) -> Header {
        header(State::Active, None, Some(end))
    }

    fn end_in(days: i64) -> Timestamp {
        Timestamp::end_of(NOW.plus_days(days).date())
    }

    fn after(time: Timestamp, seconds: i64) -> Timestamp {
        Timestamp(time.0 + seconds)
    }

    #[test]
    fn it_expires_soon_from_14_days_before_its_end() {
        let status = |days| Status::of(&until(end_in(days)), NOW);
        assert_eq!(status(15), Status::Active);
        assert_eq!(status(14), Status::ExpiresSoon(14));
        assert_eq!(status(13), Status::ExpiresSoon(13));
        assert_eq!(status(0), Status::ExpiresSoon(0));
        assert_eq!(status(-1), Status::Expired);
        assert_eq!(Status::of(&header(State::Active, None, None), NOW), Status::Active);
    }

    #[test]
    fn the_days_left_change_at_midnight() {
        let header = until(end_in(14));
        let midnight = Timestamp(end_in(0).0 - DAY + 1);
        assert_eq!(Status::of(&header, midnight), Status::ExpiresSoon(14));
        assert_eq!(Status::of(&header, after(midnight, -1)), Status::Active, "15 days before");
    }

    #[test]
    fn it_is_good_to_its_last_second_and_from_its_first() {
        let (start, end) = (end_in(20), end_in(60));
        let header = header(State::Active, Some(start), Some(end));
        let status = |now| Status::of(&header, now);
        assert_eq!(status(after(start, -1)), Status::NotYetValid);
        assert_eq!(status(start), Status::Active);
        assert_eq!(status(end), Status::ExpiresSoon(0));
        assert_eq!(status(after(end, 1)), Status::Expired);
    }

    #[test]
    fn what_a_person_did_weighs_more_than_a_date() {
        let (past, future) = (Some(end_in(-1)), Some(end_in(9)));
        for (state, status) in
            [(State::Inactive(by("Bo", NOW)), Status::Inactive), (State::Deleted(by("Bo", NOW)), Status::Deleted)]
        {
            assert_eq!(Status::of(&header(state.clone(), None, past), NOW), status);
            assert_eq!(Status::of(&header(state, future, None), NOW), status);
        }
        assert_eq!(Status::of(&header(State::Active, future, past), NOW), Status::Expired, "what is over stays over");
    }

    #[test]
    fn the_gate_lets_active_secrets_pass() {
        assert_eq!(gate(&header(State::Active, None, None), NOW, false), Ok(Status::Active));
        assert_eq!(gate(&until(end_in(3)), NOW, false), Ok(Status::ExpiresSoon(3)));
    }

    #[test]
    fn the_gate_says_since_when_and_by_whom() {
        let (then, later, start, end) = (NOW.plus_days(-5), end_in(5), end_in(2), end_in(-2));
        let refusal = |header: &Header| gate(header, NOW, false).unwrap_err();
        let told = |status, since, by: Option<&str>| Refusal {
            name: "deploy".into(),
            status,
            since,
            by: by.map(Into::into),
            application: None,
        };
        let inactive = header(State::Inactive(by("Bo", then)), None, Some(later));
        assert_eq!(refusal(&inactive), told(Status::Inactive, then, Some("Bo")));
        let ended_since = header(State::Inactive(by("Bo", then)), None, Some(end));
        assert_eq!(refusal(&ended_since), told(Status::Inactive, then, Some("Bo")));
        let deleted = header(State::Deleted(by("Cy", then)), None, None);
        assert_eq!(refusal(&deleted), told(Status::Deleted, then, Some("Cy")));
        assert_eq!(refusal(&until(end)), told(Status::Expired, end, None));
        let early = header(State::Active, Some(start), Some(later));
        assert_eq!(refusal(&early), told(Status::NotYetValid, start, None));
    }

    #[test]
    fn only_these_changes_may_follow() {
        let inactive = || State::Inactive(by("Bo", NOW));
        let deleted = || State::Deleted(by("Cy", NOW));
        let stamp = || by("Di", NOW);
        assert_eq!(deactivate(&State::Active, stamp()), Ok(State::Inactive(stamp())));
        assert_eq!(deactivate(&inactive(), stamp()), Err(TransitionError::AlreadyInactive));
        assert_eq!(deactivate(&deleted(), stamp()), Err(TransitionError::Deleted));
        assert_eq!(reactivate(&inactive()), Ok(State::Active));
        assert_eq!(reactivate(&State::Active), Err(TransitionError::NotInactive));
        assert_eq!(reactivate(&deleted()), Err(TransitionError::Deleted));
        assert_eq!(delete(&State::Active, stamp()), Ok(State::Deleted(stamp())));
        assert_eq!(delete(&inactive(), stamp()), Ok(State::Deleted(stamp())));
        assert_eq!(delete(&deleted(), stamp()), Err(TransitionError::Deleted));
    }

    #[test]
    fn a_tombstone_is_over_after_30_days_to_the_second() {
        let tombstone = header(State::Deleted(by("Cy", NOW)), None, None);
        let end = NOW.plus_days(30);
        assert_eq!(gone_at(&tombstone), Some(end));
        assert!(!is_over(&tombstone, after(end, -1)));
        assert!(is_over(&tombstone, end));
        for alive in [State::Active, State::Inactive(by("Bo", NOW))] {
            let alive = header(alive, None, Some(end_in(-1000)));
            assert!(gone_at(&alive).is_none() && !is_over(&alive, NOW.plus_days(10_000)));
        }
    }

    #[test]
    fn a_clock_is_sound_up_to_a_week_ahead() {
        let week = NOW.plus_days(7);
        assert_eq!(judge_clock(NOW, NOW), ClockVerdict::Sound);
        assert_eq!(judge_clock(NOW, week), ClockVerdict::Sound);
        assert_eq!(judge_clock(NOW, after(week, 1)), ClockVerdict::JumpedAhead(7));
        assert_eq!(judge_clock(NOW, NOW.plus_days(400)), ClockVerdict::JumpedAhead(400));
        assert_eq!(judge_clock(NOW, after(NOW, -1)), ClockVerdict::SteppedBack(1));
        assert_eq!(judge_clock(Timestamp(i64::MIN), Timestamp(i64::MAX)), ClockVerdict::JumpedAhead(i64::MAX / DAY));
    }
}
