//! Any bytes: the reader ends, and each record it gives out comes back the same from its own JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onix_catalogue::onix::{Reader, Record};
use onix_catalogue_fuzz::{Names, json, spelled, steps, xml};

fuzz_target!(|bytes: &[u8]| {
    let input = spelled(bytes);
    let mut reader = Reader::new(&input);
    let mut record = Record::new();
    for _ in steps(&input) {
        match reader.read_record(&mut record) {
            Ok(false) => return,
            Ok(true) => {
                let before = json(&record);
                let twin = record.message().wrap(&xml(&before, Names::Written));
                let mut again = Record::new();
                let is_read = Reader::new(twin.as_bytes()).read_record(&mut again);
                assert_eq!(is_read.ok(), Some(true), "{}\n{twin}", record.xml());
                assert_eq!(json(&again), before, "{}\n{twin}", record.xml());
            }
            Err(_) => {}
        }
    }
    panic!("the reader doesn't end: {}", input.escape_ascii());
});
