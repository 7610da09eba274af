//! Expiration dates: reading what people write, and telling what it means.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::Timestamp;

/// Last year that an expiration date may lie in.
const LAST_YEAR: i32 = 9999;
/// So many days are still told as days.
const TWO_YEARS: i64 = 730;

/// Why a text is no expiration date. The message says what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// The day is over.
    #[error("That day is past: {date} was {} ago. Choose today or later.", days(*.days_ago))]
    Past {
        /// The day.
        date: NaiveDate,
        /// How many days ago it was.
        days_ago: i64,
    },
    /// The month has no such day.
    #[error("There is no such day: {year}-{month:02} has {last} days.")]
    NoSuchDay {
        /// The year.
        year: i32,
        /// The month, 1 to 12.
        month: u32,
        /// The month's last day.
        last: u32,
    },
    /// There is no such month.
    #[error("There is no month {0}: write year, month and day, such as 2027-01-31.")]
    NoSuchMonth(u32),
    /// Slashes, dots, or the day first.
    #[error("Write the year first, with hyphens: 2027-01-31.")]
    OtherOrder,
    /// A period without its plus.
    #[error("Put a plus before a period: +{0}.")]
    NoPlus(String),
    /// A period whose unit is none of d, w, m, y.
    #[error("End the period with d, w, m or y (days, weeks, months, years), such as +90d.")]
    Unit,
    /// Past the year 9999.
    #[error("Choose a day before the year 10000, or leave it empty for never.")]
    TooFar,
    /// None of all that.
    #[error("Write a date such as 2027-01-31, or a period: +90d, +2w, +6m, +1y. Empty is never.")]
    Unreadable,
}

/// Reads an expiration date: the end of that day in UTC, or `None` for never.
///
/// Takes an empty text or `never`; a date such as `2027-01-31`; a period from today such as
/// `+90d`, `+2w`, `+6m`, `+1y`. A month later is the same day of that month, or its last day when it is shorter.
///
/// # Errors
/// When the text is neither, names a day that does not exist, or one that is past.
pub fn parse_expiration(text: &str, now: Timestamp) -> Result<Option<Timestamp>, DateError> {
    let text = text.trim();
    if text.is_empty() || text.eq_ignore_ascii_case("never") {
        return Ok(None);
    }
    let date = match text.strip_prefix('+') {
        Some(period) => after(now.date(), period)?,
        None => calendar_date(text)?,
    };
    if date.year() > LAST_YEAR {
        return Err(DateError::TooFar);
    }
    let end = Timestamp::end_of(date);
    match end.days_from(now) {
        ahead if ahead < 0 => Err(DateError::Past { date, days_ago: -ahead }),
        _ => Ok(Some(end)),
    }
}

/// The date in full: `2027-02-21, a Sunday, in 90 days`.
pub fn explain(at: Timestamp, now: Timestamp) -> String {
    let distance = match at.days_from(now) {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        ahead if ahead > 0 => format!("in {}", days(ahead)),
        ahead => format!("{} ago", days(-ahead)),
    };
    format!("{}, {distance}", at.date().format("%Y-%m-%d, a %A"))
}

/// The distance in a few characters, for lists and stamps: `never`, `in 9 d`, `today`, `2 h ago`, `3 d ago`.
///
/// What lies ahead, or more than a day back, is counted in calendar days (UTC), then months and years.
pub fn relative(at: impl Into<Option<Timestamp>>, now: Timestamp) -> String {
    let Some(at) = at.into() else { return "never".into() };
    let seconds_ago = now.0.saturating_sub(at.0);
    match (at.days_from(now), seconds_ago) {
        (0, ..0) => "today".into(),
        (1.., _) => format!("in {}", short(at.days_from(now))),
        (_, 0..60) => "just now".into(),
        (_, 60..3_600) => format!("{} min ago", seconds_ago / 60),
        (_, 3_600..86_400) => format!("{} h ago", seconds_ago / 3_600),
        (ahead, _) => format!("{} ago", short(-ahead)),
    }
}

/// The end of the day `text`, such as `2027-01-31`, past or not.
///
/// # Errors
/// When it is no such day.
pub fn parse_day(text: &str) -> Result<Timestamp, DateError> {
    calendar_date(text.trim()).map(Timestamp::end_of)
}

fn calendar_date(text: &str) -> Result<NaiveDate, DateError> {
    if is_period(text) {
        return Err(DateError::NoPlus(text.to_owned()));
    }
    let numbers: Option<Vec<u32>> = text.split(['-', '/', '.']).map(|part| part.parse().ok()).collect();
    let Some([year, month, day]) = numbers.as_deref() else { return Err(DateError::Unreadable) };
    if text.contains(['/', '.']) || text.find('-') != Some(4) {
        return Err(DateError::OtherOrder);
    }
    let year = i32::try_from(*year).map_err(|_| DateError::TooFar)?;
    let first = NaiveDate::from_ymd_opt(year, *month, 1).ok_or(DateError::NoSuchMonth(*month))?;
    let last = u32::from(first.num_days_in_month());
    first.with_day(*day).ok_or(DateError::NoSuchDay { year, month: *month, last })
}

fn is_period(text: &str) -> bool {
    let digits = text.strip_suffix(['d', 'w', 'm', 'y']).unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn after(today: NaiveDate, period: &str) -> Result<NaiveDate, DateError> {
    let digits = period.trim_end_matches(|c: char| !c.is_ascii_digit());
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DateError::Unreadable);
    }
    let unit = period[digits.len()..].trim_start().to_ascii_lowercase();
    let count: u32 = digits.parse().map_err(|_| DateError::TooFar)?;
    let months = |each: u32| count.checked_mul(each).and_then(|n| today.checked_add_months(Months::new(n)));
    match unit.as_str() {
        "d" => today.checked_add_days(Days::new(count.into())),
        "w" => today.checked_add_days(Days::new(u64::from(count) * 7)),
        "m" => months(1),
        "y" => months(12),
        _ => return Err(DateError::Unit),
    }
    .ok_or(DateError::TooFar)
}

/// In days; beyond 24 months in whole years.
fn days(count: i64) -> String {
    match count {
        1 => "1 day".into(),
        ..=TWO_YEARS => format!("{count} days"),
        _ => format!("{} years", count / 365),
    }
}

fn short(days: i64) -> String {
    match days {
        ..100 => format!("{days} d"),
        100..730 => format!("{} mo", days * 12 / 365),
        _ => format!("{} y", days / 365),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 2026-11-23 14:05 UTC, a Monday.
    const NOW: Timestamp = Timestamp(1_795_442_700);

    fn read(text: &str) -> Result<String, DateError> {
        parse_expiration(text, NOW).map(|end| end.map_or("never".into(), Timestamp::to_minute))
    }

    #[test]
    fn reads_dates_and_periods() {
        for (text, end) in [
            ("", "never"),
            (" never ", "never"),
            ("2027-01-31", "2027-01-31 23:59 UTC"),
            ("2026-11-23", "2026-11-23 23:59 UTC"),
            ("+90d", "2027-02-21 23:59 UTC"),
            ("+2w", "2026-12-07 23:59 UTC"),
            ("+6m", "2027-05-23 23:59 UTC"),
            ("+1y", "2027-11-23 23:59 UTC"),
            ("+1Y", "2027-11-23 23:59 UTC"),
            ("+1 y", "2027-11-23 23:59 UTC"),
            ("+0d", "2026-11-23 23:59 UTC"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(end), "{text}");
        }
    }

    #[test]
    fn what_is_far_away_is_told_in_years() {
        let on = |text| explain(parse_expiration(text, NOW).unwrap().unwrap(), NOW);
        assert_eq!(on("+730d"), "2028-11-22, a Wednesday, in 730 days");
        assert!(on("9999-12-31").ends_with("in 7978 years"), "{}", on("9999-12-31"));
    }

    #[test]
    fn months_end_where_the_calendar_ends_them() {
        let on = |y, m, d| Timestamp::end_of(NaiveDate::from_ymd_opt(y, m, d).unwrap());
        assert_eq!(parse_expiration("+1m", on(2027, 1, 31)), Ok(Some(on(2027, 2, 28))));
        assert_eq!(parse_expiration("+1y", on(2028, 2, 29)), Ok(Some(on(2029, 2, 28))));
    }

    #[test]
    fn errors_teach() {
        let told = |text| read(text).unwrap_err().to_string();
        assert_eq!(told("2026-11-22"), "That day is past: 2026-11-22 was 1 day ago. Choose today or later.");
        assert_eq!(told("2027-02-30"), "There is no such day: 2027-02 has 28 days.");
        assert_eq!(told("2027-13-01"), "There is no month 13: write year, month and day, such as 2027-01-31.");
        assert_eq!(told("31/01/2027"), "Write the year first, with hyphens: 2027-01-31.");
        assert_eq!(told("31-01-2027"), "Write the year first, with hyphens: 2027-01-31.");
        assert_eq!(told("90d"), "Put a plus before a period: +90d.");
        assert_eq!(read("+90h"), Err(DateError::Unit));
        assert_eq!(read("+9000y"), Err(DateError::TooFar));
        assert_eq!(read("+99999999999d"), Err(DateError::TooFar));
        assert_eq!(read("soon"), Err(DateError::Unreadable));
        assert_eq!(read("+-1d"), Err(DateError::Unreadable));
    }

    #[test]
    fn explains_what_a_date_means() {
        let explained = |text| explain(parse_expiration(text, NOW).unwrap().unwrap(), NOW);
        assert_eq!(explained("+90d"), "2027-02-21, a Sunday, in 90 days");
        assert_eq!(explained("+1d"), "2026-11-24, a Tuesday, tomorrow");
        assert_eq!(explained("+0d"), "2026-11-23, a Monday, today");
        assert_eq!(explain(NOW.plus_days(-2), NOW), "2026-11-21, a Saturday, 2 days ago");
    }

    #[test]
    fn tells_distances_shortly() {
        let ago = |seconds: i64| relative(Timestamp(NOW.0 - seconds), NOW);
        assert_eq!(relative(None, NOW), "never");
        assert_eq!(relative(parse_expiration("+0d", NOW).unwrap(), NOW), "today");
        assert_eq!(relative(NOW.plus_days(9), NOW), "in 9 d");
        assert_eq!(relative(NOW.plus_days(400), NOW), "in 13 mo");
        assert_eq!(relative(NOW.plus_days(800), NOW), "in 2 y");
        assert_eq!((ago(5), ago(125)), ("just now".into(), "2 min ago".into()));
        assert_eq!((ago(7_300), ago(3 * 86_400)), ("2 h ago".into(), "3 d ago".into()));
    }

    proptest! {
        #[test]
        fn no_input_panics(text in any::<String>(), period in "\\+[0-9]{0,12}[dwmy]?", now in any::<i64>()) {
            for text in [text, period] {
                if let Ok(Some(end)) = parse_expiration(&text, Timestamp(now)) {
                    let _ = (explain(end, Timestamp(now)), relative(end, Timestamp(now)));
                }
            }
            let _ = relative(Timestamp(now), NOW);
        }
    }
}
