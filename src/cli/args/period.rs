//! Periods and times as people write them on a command line.

use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::Timestamp;
use crate::domain::time::{DAY, span};

/// So many seconds, written `90s`, `15m`, `2h`, `7d`, `2w`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period(pub i64);

impl Period {
    /// As people say it: `14 days`.
    pub fn in_words(self) -> String {
        if self.0 == DAY { "1 day".to_owned() } else { span(self.0) }
    }
}

impl FromStr for Period {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "write a number and s, m, h, d or w, such as 14d";
        let units = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400), ('w', 604_800)];
        let (number, seconds) =
            units.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(*unit)?, seconds))).ok_or(wrong)?;
        let number: u32 = number.parse().map_err(|_| wrong)?;
        i64::from(number).checked_mul(*seconds).map(Self).ok_or(wrong)
    }
}

/// A point in time: so long ago, or a date, perhaps with the time of day, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// So long ago.
    Ago(Period),
    /// At this time.
    At(Timestamp),
}

impl When {
    /// The time that is meant at `now`.
    pub fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Ago(Period(seconds)) => Timestamp(now.0.saturating_sub(seconds)),
            Self::At(at) => at,
        }
    }
}

impl FromStr for When {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(period) = text.parse() {
            return Ok(Self::Ago(period));
        }
        let text = text.trim_end_matches('Z').trim_end_matches(" UTC");
        let midnight = text.parse::<NaiveDate>().map(|date| date.and_time(chrono::NaiveTime::MIN));
        let forms = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
        let exact = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
        let at = midnight.ok().or(exact).ok_or("write a period such as 2h or 7d, or a date such as 2026-11-23")?;
        Ok(Self::At(Timestamp(at.and_utc().timestamp())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_have_units() {
        assert_eq!("14d".parse(), Ok(Period(1_209_600)));
        assert_eq!("2w".parse(), Ok(Period(1_209_600)));
        assert_eq!("0s".parse(), Ok(Period(0)));
        for wrong in ["", "d", "14", "-1d", "1.5h", "99999999999d", "1y"] {
            assert!(wrong.parse::<Period>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_time_is_a_period_or_a_date() {
        let now = Timestamp(1_795_442_700);
        let at = |text: &str| text.parse::<When>().map(|when| when.at(now).to_iso());
        assert_eq!(at("2h").as_deref(), Ok("2026-11-23T12:05:00Z"));
        assert_eq!(at("2026-11-20").as_deref(), Ok("2026-11-20T00:00:00Z"));
        assert_eq!(at("2026-11-20 08:30").as_deref(), Ok("2026-11-20T08:30:00Z"));
        assert_eq!(at("2026-11-20T08:30:15Z").as_deref(), Ok("2026-11-20T08:30:15Z"));
        assert!(at("yesterday").is_err() && at("2026-02-30").is_err());
    }
}
