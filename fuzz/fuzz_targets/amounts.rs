//! No text is too odd for an amount, and what was read as one reads the same when written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onix_catalogue::model::{Currency, MinorUnits};

fuzz_target!(|text: &str| {
    let units = MinorUnits::default();
    // Two decimal places, none, three, and two where ISO 4217 has none.
    for code in ["EUR", "JPY", "KWD", "CLP"] {
        let currency = Currency::parse(code).expect("three letters");
        let Some(cost) = units.cost(text, currency) else {
            continue;
        };
        let amount = units.amount(cost, currency).expect("a known currency");
        assert_eq!(units.cost(&amount, currency), Some(cost), "{code}");
    }
});
