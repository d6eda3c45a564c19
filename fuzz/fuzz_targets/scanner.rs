//! Any bytes: what the scanner reads of them, quick-xml's events read the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onix_catalogue::onix::judge;
use onix_catalogue_fuzz::spelled;

fuzz_target!(|bytes: &[u8]| {
    judge::compare(&spelled(bytes));
});
