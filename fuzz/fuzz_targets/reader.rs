//! Any bytes: the reader ends, and every record it gives out can be read in full.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onix_catalogue::onix::{Reader, Record};
use onix_catalogue::sale::Offers;

fuzz_target!(|bytes: &[u8]| {
    let mut reader = Reader::new(bytes);
    let mut record = Record::new();
    // Each record or error takes at least one byte of the input.
    for _ in 0..=bytes.len() + 1 {
        match reader.read_record(&mut record) {
            Ok(false) => return,
            Ok(true) => {
                let product = record.product();
                let _ = (product.collateral_detail(), product.related_material());
                let _ = Offers::of(&product);
                assert!(!record.xml().is_empty());
            }
            Err(_) => {}
        }
    }
    panic!("the reader doesn't end");
});
