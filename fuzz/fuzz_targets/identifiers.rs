//! An identifier in its normal form stays as it is, and an ISBN's normal form is the ISBN.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onix_catalogue::model::{isbn13, normalised};

fuzz_target!(|text: &str| {
    let once = normalised(text);
    assert_eq!(normalised(&once), once);
    if let Some(isbn) = isbn13(text) {
        assert_eq!(once, isbn);
    }
});
