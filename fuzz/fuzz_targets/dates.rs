//! No text is too odd for a date, and none is over before it begins.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onix_catalogue::model::{Date, Moment, Zone};

/// Of list 55: those that settle what digits alone leave open, a plain one, and none.
const FORMATS: &[&str] = &["00", "02", "03", "06", "07", "11", "14"];

fuzz_target!(|text: &str| {
    for zone in ["UTC", "Europe/Madrid", "-05:00"] {
        let zone = Zone::parse(zone).expect("a known zone");
        for format in FORMATS.iter().copied().map(Some).chain([None]) {
            if let Some(date) = Date::parse(text, format) {
                assert!(date.start(&zone) <= date.end(&zone), "{format:?} {zone}");
            }
        }
        if let Some(moment) = Moment::parse(text, &zone) {
            assert_eq!(Moment::parse(&moment.to_string(), &zone), Some(moment));
        }
    }
});
