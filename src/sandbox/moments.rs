//! Moments as requests give them: ISO 8601, basic or extended, with a zone or not; without, it is UTC.

use super::clock::{Millis, is_moment};
use crate::model::{Moment, Zone};

/// The first millisecond of a moment that was written so.
pub(super) fn parse(text: &str) -> Option<Millis> {
    let moment = Moment::parse(text, &Zone::default())?;
    moment
        .as_unix()
        .checked_mul(1000)
        .filter(|at| is_moment(*at))
}

/// The same of a moment since which something is asked for: what lies before 1970 is since ever.
pub(super) fn since(text: &str) -> Option<Millis> {
    let moment = Moment::parse(text, &Zone::default())?;
    let at = moment.as_unix().max(0).checked_mul(1000);
    at.filter(|at| is_moment(*at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::clock::extended;

    #[test]
    fn basic_and_extended_with_and_without_zone() {
        let read = |text| parse(text).map(extended);
        let midnight = Some("2026-12-01T00:00:00+00:00".to_owned());
        for text in [
            "20261201T000000",
            "20261201T000000Z",
            "20261201T010000+0100",
            "2026-12-01T00:00:00+00:00",
            "2026-12-01",
        ] {
            assert_eq!(read(text), midnight, "{text}");
        }
        assert_eq!(read("yesterday"), None);
        assert_eq!(read(""), None);
    }
}
