//! No codes are too odd for a territory, and what is excluded from one makes it no wider.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onix_catalogue::model::{Country, Coverage, Territory};

fuzz_target!(|text: &str| {
    // `US CA - US-CA ROW - FR`: included, excluded, the rest of the world.
    let mut parts = text.split(" - ");
    let mut next = || parts.next().unwrap_or_default().split_whitespace();
    let (included, excluded, rest) = (next(), next(), next());
    let row = Territory::of_codes(rest, [], None);
    let wide = match included.clone().next() {
        None => Territory::world(),
        Some(_) => Territory::of_codes(included.clone(), [], Some(&row)),
    };
    let narrow = Territory::of_codes(included, excluded, Some(&row));
    for country in Country::all() {
        let widened =
            narrow.coverage(country) == Coverage::In && wide.coverage(country) != Coverage::In;
        assert!(!widened, "{country}");
    }
});
