//! The loops over a message in memory that are compared: raw quick-xml, and what we read of it.

use std::hint::black_box;

use onix_catalogue::onix::{Reader, Record, View};
use onix_catalogue::sale::Offers;

#[path = "used.rs"]
mod used;

/// A loop by its name; what comes back depends on all that was read.
type Loop = (&'static str, fn(&str) -> usize);

pub(super) const LOOPS: [Loop; 4] = [
    ("raw quick-xml", raw),
    ("tape alone", |xml| {
        records(xml, |record| record.xml().len())
    }),
    ("identifiers and offers", |xml| {
        records(xml, |record| {
            let product = record.product();
            used::offers(&product.identifiers(), &Offers::of(&product))
        })
    }),
    ("view, every field", |xml| {
        records(xml, |record| used::view(&View::of(&record.product())))
    }),
];

fn raw(xml: &str) -> usize {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut n_events = 0;
    loop {
        match reader
            .read_event()
            .expect("the generator's XML is well-formed")
        {
            quick_xml::events::Event::Eof => return n_events,
            event => {
                black_box(&event);
                n_events += 1;
            }
        }
    }
}

fn records(xml: &str, mut each: impl FnMut(&Record<'_>) -> usize) -> usize {
    let mut reader = Reader::new(xml.as_bytes());
    let mut record = Record::new();
    let mut sum = 0;
    while reader
        .read_record(&mut record)
        .expect("the generator's products are sound")
    {
        sum += each(&record);
    }
    sum
}
