//! Dates, amounts, territories and identifiers: no text is too odd, and what was read reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onix_catalogue::model::{Country, Coverage, Currency, Date, MinorUnits, Territory, Zone, normalised};

fuzz_target!(|text: &str| {
    let zone = Zone::default();
    for format in [None, Some("00"), Some("02"), Some("03"), Some("06"), Some("14")] {
        if let Some(date) = Date::parse(text, format) {
            assert!(date.start(&zone) <= date.end(&zone));
        }
    }
    let units = MinorUnits::default();
    let euro = Currency::parse("EUR").expect("three letters");
    if let Some(cost) = units.cost(text, euro) {
        let amount = units.amount(cost, euro).expect("a known currency");
        assert_eq!(units.cost(&amount, euro), Some(cost));
    }
    let (included, excluded) = text.split_once('-').unwrap_or((text, ""));
    let wide = Territory::of_codes(included.split_whitespace(), [], None);
    let narrow = Territory::of_codes(included.split_whitespace(), excluded.split_whitespace(), None);
    if !included.trim().is_empty() {
        for country in Country::all() {
            let widened = narrow.coverage(country) == Coverage::In && wide.coverage(country) != Coverage::In;
            assert!(!widened, "{country}");
        }
    }
    let once = normalised(text).into_owned();
    assert_eq!(normalised(&once), once);
});
