//! Points in time, as whole seconds in UTC.

use serde::{Deserialize, Serialize};

use chrono::{DateTime, NaiveDate, Utc};

/// Seconds since 1970-01-01 00:00 UTC. All dates in strongroom are UTC: a server has no
/// other time zone that all its users share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

/// Seconds in a day.
pub const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

/// So many seconds, as people say it: in the largest unit of which there are two.
pub fn span(seconds: i64) -> String {
    match seconds {
        s if s < 120 => format!("{s} s"),
        s if s < 2 * HOUR => format!("{} min", s / 60),
        s if s < 2 * DAY => format!("{} h", s / HOUR),
        s => format!("{} days", s / DAY),
    }
}

/// So many seconds that are still to come, as [`span`] says it, and never less than there are.
pub fn span_to_come(seconds: u32) -> String {
    let seconds = i64::from(seconds);
    span(if seconds < 120 { seconds } else { (seconds + 59) / 60 * 60 })
}

impl Timestamp {
    /// The last second of `date`: a secret that expires on a date is good all that day.
    pub fn end_of(date: NaiveDate) -> Self {
        let midnight = date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
        Self(midnight + DAY - 1)
    }

    /// The calendar date in UTC. Times past what the calendar holds give its last day.
    pub fn date(self) -> NaiveDate {
        self.utc().date_naive()
    }

    /// The time of day beside the date, as `2026-11-23 14:05 UTC`.
    pub fn to_minute(self) -> String {
        self.utc().format("%Y-%m-%d %H:%M UTC").to_string()
    }

    /// To the second, as ISO 8601 has it: `2026-11-23T14:05:09Z`.
    pub fn to_iso(self) -> String {
        self.utc().format("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// Whole calendar days from `now` to here; negative when here is past.
    pub fn days_from(self, now: Timestamp) -> i64 {
        (self.date() - now.date()).num_days()
    }

    /// This time and `days` more.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(DAY)))
    }

    fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_come_is_never_said_to_be_less() {
        let said = [5, 119, 121, 840, 899, 900, 901].map(span_to_come);
        assert_eq!(said, ["5 s", "119 s", "3 min", "14 min", "15 min", "15 min", "16 min"]);
        assert_eq!(span(899), "14 min", "what has passed is never said to be more");
    }
}
