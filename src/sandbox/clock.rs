//! The stand-in's own time: the machine's, or one that was set and stands still until it is advanced.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970 in UTC.
pub(super) type Millis = i64;

/// A clock that can be set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Clock {
    /// It goes as the machine's does, so many milliseconds ahead of it.
    Running { ahead: Millis },
    /// It was set, and stands still.
    Standing { at: Millis },
}

impl Default for Clock {
    fn default() -> Self {
        Clock::Running { ahead: 0 }
    }
}

impl Clock {
    pub(super) fn now(&self) -> Millis {
        match self {
            Clock::Running { ahead } => machine().saturating_add(*ahead).clamp(0, LAST),
            Clock::Standing { at } => (*at).clamp(0, LAST),
        }
    }

    /// Whether it shows a moment that can be written.
    pub(super) fn is_sound(&self) -> bool {
        match self {
            Clock::Running { ahead } => is_moment(machine().saturating_add(*ahead)),
            Clock::Standing { at } => is_moment(*at),
        }
    }

    pub(super) fn set(&mut self, at: Millis) {
        *self = Clock::Standing { at };
    }

    pub(super) fn advance(&mut self, seconds: i64) {
        let millis = seconds.saturating_mul(1000);
        match self {
            Clock::Running { ahead } => *ahead = ahead.saturating_add(millis),
            Clock::Standing { at } => *at = at.saturating_add(millis),
        }
    }
}

/// Whether it is less than so long ago. What lies in the future, since the clock was set back, isn't.
pub(super) fn is_within(at: Millis, now: Millis, span: Millis) -> bool {
    (0..span).contains(&now.saturating_sub(at))
}

/// The last moment that there is: the end of the year 9998, so that what is counted on from it is a moment too.
const LAST: Millis = 253_370_764_800_000;

/// Whether a moment lies between 1970 and the end of what can be written.
pub(super) fn is_moment(at: Millis) -> bool {
    (0..LAST).contains(&at)
}

fn machine() -> Millis {
    Timestamp::now().as_millisecond()
}

/// The second in which a moment lies.
pub(super) fn second(at: Millis) -> i64 {
    at.div_euclid(1000)
}

/// A moment as the `Date` of HTTP has it (RFC 7231).
pub(super) fn http_date(at: Millis) -> String {
    written(at, "%a, %d %b %Y %H:%M:%S GMT")
}

/// A moment in ISO 8601 extended, to the second, with its offset.
pub(super) fn extended(at: Millis) -> String {
    written(at, "%Y-%m-%dT%H:%M:%S+00:00")
}

/// A moment in ISO 8601 basic, as `SentDateTime` has it.
pub(super) fn basic(at: Millis) -> String {
    written(at, "%Y%m%dT%H%M%SZ")
}

/// A moment as ONIX 2.1's `SentDate` has it.
pub(super) fn basic_minutes(at: Millis) -> String {
    written(at, "%Y%m%d%H%M")
}

fn written(at: Millis, format: &str) -> String {
    let at = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_clock_stands_until_it_is_advanced() {
        let mut clock = Clock::default();
        let before = machine();
        assert!(clock.now() >= before);
        clock.set(1_000_500);
        assert_eq!(clock.now(), 1_000_500);
        clock.advance(3600);
        assert_eq!(clock.now(), 4_600_500);
    }

    #[test]
    fn a_running_clock_can_be_advanced_too() {
        let mut clock = Clock::default();
        clock.advance(86_400);
        assert!(clock.now() >= machine() + 86_399_000);
    }

    #[test]
    fn moments_are_written_as_their_readers_want_them() {
        let at = 1_796_083_200_999;
        assert_eq!(http_date(at), "Tue, 01 Dec 2026 00:00:00 GMT");
        assert_eq!(extended(at), "2026-12-01T00:00:00+00:00");
        assert_eq!(basic(at), "20261201T000000Z");
        assert_eq!(basic_minutes(at), "202612010000");
    }
}
