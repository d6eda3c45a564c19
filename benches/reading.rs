//! Reading from memory: raw quick-xml, then the same bytes as records, offers and views.
//!
//! Input: 2,000 `plain` and 300 `feed` products of `data.rs`, one message each.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use onix_catalogue::onix::{Reader, Record};
use onix_catalogue::sale::Offers;

mod data;

fn raw(xml: &str) -> u64 {
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

fn records(xml: &str, mut each: impl FnMut(&Record<'_>)) {
    let mut reader = Reader::new(xml.as_bytes());
    let mut record = Record::new();
    while reader
        .read_record(&mut record)
        .expect("the generator's products are sound")
    {
        each(&record);
    }
}

fn reading(c: &mut Criterion) {
    for (kind, name, n) in [
        (data::Kind::Plain, "plain", 2000),
        (data::Kind::Feed, "feed", 300),
    ] {
        let xml = data::message(kind, 0..n);
        let mut group = c.benchmark_group(format!("reading {n} {name} products"));
        group.throughput(Throughput::Bytes(xml.len() as u64));
        group.sample_size(20);
        group.bench_function("raw quick-xml", |b| b.iter(|| raw(&xml)));
        group.bench_function("records", |b| {
            b.iter(|| {
                records(&xml, |record| {
                    black_box(record);
                })
            });
        });
        group.bench_function("offers", |b| {
            b.iter(|| {
                records(&xml, |record| {
                    let product = record.product();
                    black_box(product.identifiers());
                    black_box(Offers::of(&product));
                })
            });
        });
        #[cfg(feature = "serde")]
        group.bench_function("view", |b| {
            b.iter(|| {
                records(&xml, |record| {
                    black_box(onix_catalogue::onix::View::of(&record.product()));
                });
            });
        });
        group.finish();
    }
}

criterion_group!(benches, reading);
criterion_main!(benches);
