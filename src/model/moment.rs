//! Moments, dates and zones. ONIX gives days, months, instants with and without a zone; a sale
//! happens at an instant.

use jiff::civil;
use jiff::tz::TimeZone;

/// An instant, in seconds since 1970 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Moment(i64);

/// The zone in which a date that carries none is read.
#[derive(Clone, PartialEq, Default)]
pub struct Zone(Option<TimeZone>);

/// A date as ONIX gives it: a day, a longer period, or an instant; with a zone of its own or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date {
    /// Seconds at which it begins: of UTC, or, where it is floating, of the wall clock.
    start: i64,
    /// Seconds at which it is over.
    end: i64,
    floating: bool,
}

impl Moment {
    /// From seconds since 1970 in UTC.
    pub fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970 in UTC.
    pub fn as_unix(self) -> i64 {
        self.0
    }

    /// From RFC 3339, ISO 8601 basic, or a date, which means its first instant in `zone`.
    pub fn parse(text: &str, zone: &Zone) -> Option<Self> {
        let text = text.trim();
        let date = Date::parse(text, None)?;
        let is_month_or_year = text.len() < 8;
        (!is_month_or_year).then(|| date.start(zone))
    }

    /// It as ISO 8601 basic in UTC, such as `20261126T224544Z`: how the platform takes one.
    pub fn to_basic(self) -> String {
        self.to_string().replace(['-', ':'], "")
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(timestamp) => write!(f, "{timestamp}"),
            Err(_) => write!(f, "{} s", self.0),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Zone {
    /// From an IANA name (`Europe/Madrid`), `UTC`, or an offset (`-05:00`).
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.trim();
        if name.is_empty() || name.eq_ignore_ascii_case("utc") || name == "Z" {
            return Some(Self(None));
        }
        if let Some(seconds) = offset(name) {
            let offset = jiff::tz::Offset::from_seconds(seconds).ok()?;
            return Some(Self(Some(TimeZone::fixed(offset))));
        }
        TimeZone::get(name).ok().map(|zone| Self(Some(zone)))
    }

    /// The instant of a wall clock: the later one where the clock shows it twice, and in a gap
    /// the instant at which the clock jumps over it.
    fn instant(&self, seconds: i64) -> i64 {
        let Some(zone) = &self.0 else { return seconds };
        let Ok(local) = jiff::Timestamp::from_second(seconds) else {
            return seconds;
        };
        let local = local.to_zoned(TimeZone::UTC).datetime();
        zone.to_ambiguous_zoned(local)
            .later()
            .map_or(seconds, |zoned| zoned.timestamp().as_second())
    }
}

impl std::fmt::Debug for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::fmt::Display for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            None => f.write_str("UTC"),
            Some(zone) => match zone.iana_name() {
                Some(name) => f.write_str(name),
                None => write!(f, "{}", zone.to_offset(jiff::Timestamp::UNIX_EPOCH)),
            },
        }
    }
}

impl Date {
    /// Its first instant.
    pub fn start(&self, zone: &Zone) -> Moment {
        Moment(match self.floating {
            true => zone.instant(self.start),
            false => self.start,
        })
    }

    /// The first instant after it.
    pub fn end(&self, zone: &Zone) -> Moment {
        Moment(match self.floating {
            true => zone.instant(self.end),
            false => self.end,
        })
    }

    /// The date of an ONIX text. The format of list 55 settles what digits alone leave open (weeks,
    /// quarters); otherwise what is written decides, since senders give the format of one and
    /// write another. `None` where it is no date: unknown.
    pub fn parse(text: &str, format: Option<&str>) -> Option<Self> {
        let text = text.trim();
        // A range: two dates one behind the other.
        let halves = match (format, text.len()) {
            (Some("06"), 16) | (Some("07"), 12) | (Some("11"), 8) => Some(text.len() / 2),
            (None | Some("00"), 16) if text.bytes().all(|b| b.is_ascii_digit()) => Some(8),
            _ => None,
        };
        if let Some(half) = halves {
            let (from, until) = (text.get(..half)?, text.get(half..)?);
            let (from, until) = (Self::parse(from, None)?, Self::parse(until, None)?);
            return (from.start <= until.start).then_some(Self {
                start: from.start,
                end: until.end,
                floating: true,
            });
        }
        let (date, time) = match text.find(['T', 't', ' ']) {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        // `2013-11-07-05:00` and `20131107Z`: a day with a zone.
        let (date, day_zone) = split_zone(date, time.is_some())?;
        let days = days(date, format)?;
        match time {
            None => Some(Self::days_in(days, day_zone)),
            Some(time) => Self::instant(days.0, time),
        }
    }

    fn days_in((first, n): (civil::Date, i64), zone: Option<i64>) -> Self {
        let start = seconds(first) - zone.unwrap_or(0);
        Self {
            start,
            end: start + n * DAY,
            floating: zone.is_none(),
        }
    }

    fn instant(day: civil::Date, time: &str) -> Option<Self> {
        let at = time.find(['+', '-', 'Z', 'z', '\u{2212}']);
        let (clock, zone) = match at {
            Some(at) => (&time[..at], Some(zone_seconds(&time[at..])?)),
            None => (time, None),
        };
        let (clock, length) = clock_seconds(clock.trim())?;
        let start = seconds(day) + clock - zone.unwrap_or(0);
        Some(Self {
            start,
            end: start + length,
            floating: zone.is_none(),
        })
    }

    /// Whether it is a month, a week, a year or a range: the day isn't told.
    pub(crate) fn is_longer_than_a_day(&self) -> bool {
        self.end - self.start > DAY
    }

    /// A whole day of no zone, by its number since 1970.
    pub(crate) fn of_day(day: i64) -> Self {
        Self {
            start: day * DAY,
            end: (day + 1) * DAY,
            floating: true,
        }
    }

    /// The number of that day, if it is one.
    pub(crate) fn as_day(&self) -> Option<i64> {
        let day = self.start.div_euclid(DAY);
        (*self == Self::of_day(day)).then_some(day)
    }

    /// What it is made of: the seconds at which it begins and is over, and whether it carries no zone.
    pub(crate) fn parts(&self) -> (i64, i64, bool) {
        (self.start, self.end, self.floating)
    }

    /// From what it is made of.
    pub(crate) fn of_parts(start: i64, end: i64, floating: bool) -> Self {
        Self {
            start,
            end,
            floating,
        }
    }

    /// Whether it carries no zone.
    pub(crate) fn is_floating(&self) -> bool {
        self.floating
    }

    /// What comes directly before it and is as long, a day at most.
    pub(crate) fn before(&self) -> Self {
        let length = (self.end - self.start).min(DAY);
        Self {
            start: self.start - length,
            end: self.start,
            floating: self.floating,
        }
    }

    /// The second at which it begins, to be compared with others that carry a zone or none like it.
    pub(crate) fn begins_at(&self) -> i64 {
        self.start
    }

    /// Its last day, where it is longer than one.
    pub(crate) fn last_day(&self) -> Self {
        match self.is_longer_than_a_day() {
            true => Self {
                start: self.end - DAY,
                ..*self
            },
            false => *self,
        }
    }
}

#[cfg(feature = "server")]
impl Date {
    /// As exact as it is: `2026` and `2026-11` are a year and a month.
    pub(crate) fn precisely(&self) -> String {
        let text = self.to_string();
        let length = match (self.end - self.start) / DAY {
            days if !self.is_longer_than_a_day() || days < 28 => text.len(),
            28..=31 => 7,
            _ => 4,
        };
        text.get(..length).unwrap_or(&text).to_owned()
    }
}

/// The wall clock or the instant at which it begins, to the day where that says all.
impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Ok(start) = jiff::Timestamp::from_second(self.start) else {
            return write!(f, "{} s", self.start);
        };
        let local = start.to_zoned(TimeZone::UTC).datetime();
        match (
            self.floating,
            self.start % DAY == 0 && self.end - self.start >= DAY,
        ) {
            (true, true) => write!(f, "{}", local.date()),
            (true, false) => write!(f, "{local}"),
            (false, _) => write!(f, "{start}"),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

const DAY: i64 = 86_400;

fn seconds(date: civil::Date) -> i64 {
    let epoch = civil::date(1970, 1, 1);
    i64::from((date - epoch).get_days()) * DAY
}

/// A zone behind a date without a time.
fn split_zone(date: &str, has_time: bool) -> Option<(&str, Option<i64>)> {
    if has_time {
        return Some((date, None));
    }
    if let Some(rest) = date.strip_suffix(['Z', 'z']) {
        return Some((rest, Some(0)));
    }
    let at = match date.find('+') {
        Some(at) => at,
        None if date.len() == 16 && date.as_bytes().get(10) == Some(&b'-') => 10,
        None if date.len() == 13 && date.as_bytes()[8] == b'-' => 8,
        None => return Some((date, None)),
    };
    Some((&date[..at], Some(offset(&date[at..])?)))
}

/// The first day of a date and how many days it has.
fn days(text: &str, format: Option<&str>) -> Option<(civil::Date, i64)> {
    let number = |range: std::ops::Range<usize>| -> Option<i16> {
        let digits = text.get(range)?;
        digits
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| digits.parse().ok())?
    };
    let day = |year, month, day| {
        civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    };
    let month = |year, month| {
        let first = day(year, month, 1)?;
        Some((first, i64::from(first.days_in_month())))
    };
    let dashes = text.bytes().filter(|b| *b == b'-').count();
    match (text.len(), dashes, format) {
        (10, 2, _) => Some((day(number(0..4)?, number(5..7)?, number(8..10)?)?, 1)),
        (8, 0, _) => Some((day(number(0..4)?, number(4..6)?, number(6..8)?)?, 1)),
        (7, 1, _) => month(number(0..4)?, number(5..7)?),
        (6, 0, Some("02")) => {
            let week = civil::ISOWeekDate::new(
                number(0..4)?,
                i8::try_from(number(4..6)?).ok()?,
                civil::Weekday::Monday,
            );
            Some((week.ok()?.date(), 7))
        }
        (6, 0, _) => month(number(0..4)?, number(4..6)?),
        (5, 0, Some("03")) => {
            let quarter = number(4..5).filter(|quarter| (1..=4).contains(quarter))?;
            let first = day(number(0..4)?, quarter * 3 - 2, 1)?;
            let last = month(number(0..4)?, quarter * 3)?;
            let end = seconds(last.0) + last.1 * DAY;
            Some((first, (end - seconds(first)) / DAY))
        }
        (4, 0, _) => {
            let first = day(number(0..4)?, 1, 1)?;
            Some((first, i64::from(first.days_in_year())))
        }
        _ => None,
    }
}

/// `hh:mm:ss`, `hhmmss`, `hhmm`, `hh`, with a fraction or not; and how many seconds that names.
fn clock_seconds(text: &str) -> Option<(i64, i64)> {
    let whole = text.split(['.', ',']).next()?;
    let digits: String = whole.chars().filter(|c| *c != ':').collect();
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number =
        |range: std::ops::Range<usize>| digits.get(range).and_then(|n| n.parse::<i64>().ok());
    let (hours, minutes, seconds) = (
        number(0..2)?,
        number(2..4).unwrap_or(0),
        number(4..6).unwrap_or(0),
    );
    let length = match digits.len() {
        2 => 3600,
        4 => 60,
        6 => 1,
        _ => return None,
    };
    let midnight = hours == 24 && minutes == 0 && seconds == 0;
    ((hours < 24 || midnight) && minutes < 60 && seconds <= 60)
        .then_some((hours * 3600 + minutes * 60 + seconds.min(59), length))
}

fn zone_seconds(text: &str) -> Option<i64> {
    match text {
        "Z" | "z" => Some(0),
        text => offset(text),
    }
    .map(i64::from)
}

/// `+hh:mm`, `-hhmm`, `+hh`
fn offset<T: From<i32>>(text: &str) -> Option<T> {
    let (sign, rest) = match text.chars().next()? {
        '+' => (1, &text[1..]),
        '-' => (-1, &text[1..]),
        '\u{2212}' => (-1, &text[3..]),
        _ => return None,
    };
    let digits: String = rest.chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = digits.get(2..4).map_or(Some(0), |m| m.parse().ok())?;
    (hours <= 25 && minutes < 60).then(|| T::from(sign * (hours * 3600 + minutes * 60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(text: &str) -> String {
        match Date::parse(text, None) {
            Some(date) => date.start(&Zone::default()).to_string(),
            None => "none".into(),
        }
    }

    #[test]
    fn spellings() {
        assert_eq!(start("20131107"), "2013-11-07T00:00:00Z");
        assert_eq!(start("2013-11-07"), "2013-11-07T00:00:00Z");
        // R26: the offset must not get lost.
        assert_eq!(start("20131107T000000-0500"), "2013-11-07T05:00:00Z");
        assert_eq!(start("2012-10-25T00:00:00-04:00"), "2012-10-25T04:00:00Z");
        assert_eq!(start("20131107T1530Z"), "2013-11-07T15:30:00Z");
        assert_eq!(start("2013-11-07T24:00:00"), "2013-11-08T00:00:00Z");
        assert_eq!(start("201311"), "2013-11-01T00:00:00Z");
        assert_eq!(start("2013"), "2013-01-01T00:00:00Z");
        assert_eq!(start("20240229"), "2024-02-29T00:00:00Z");
        assert_eq!(start("20240230"), "none");
        assert_eq!(start("soon"), "none");
        assert_eq!(start(""), "none");
        assert_eq!(start("2013-11-07-05:00"), "2013-11-07T05:00:00Z");
    }

    #[test]
    fn days_last_their_whole_day_in_their_zone() {
        let zone = Zone::parse("Europe/Paris").unwrap();
        let day = Date::parse("20270328", None).unwrap();
        assert_eq!(day.start(&zone).to_string(), "2027-03-27T23:00:00Z");
        // The clocks go forward: 23 hours.
        assert_eq!(day.end(&zone).to_string(), "2027-03-28T22:00:00Z");
        let gap = Date::parse("20270328T0230", None).unwrap();
        assert_eq!(gap.start(&zone).to_string(), "2027-03-28T01:30:00Z");
        let range = Date::parse("2026010120260131", Some("06")).unwrap();
        assert_eq!(
            range.end(&Zone::default()).to_string(),
            "2026-02-01T00:00:00Z"
        );
        let quarter = Date::parse("20264", Some("03")).unwrap();
        assert_eq!(
            quarter.end(&Zone::default()).to_string(),
            "2027-01-01T00:00:00Z"
        );
    }

    #[test]
    fn moments() {
        let zone = Zone::parse("-05:00").unwrap();
        let parse = |text| Moment::parse(text, &zone).map(|moment| moment.to_string());
        assert_eq!(parse("2026-12-01").as_deref(), Some("2026-12-01T05:00:00Z"));
        assert_eq!(
            parse("20261201T120000Z").as_deref(),
            Some("2026-12-01T12:00:00Z")
        );
        assert_eq!(parse("202612"), None);
        assert_eq!(parse("tomorrow"), None);
        assert!(Zone::parse("Mars/Olympus").is_none());
    }
}
