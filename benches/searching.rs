//! Searching a catalogue in memory. Input: 5,000 `plain` products of `data.rs`; words of their titles.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use onix_catalogue::model::{Country, Format, Moment};
use onix_catalogue::onix::Reader;
use onix_catalogue::sale::{OfferFilter, Sellable};
use onix_catalogue::{Catalogue, Search};

mod data;

const N: u64 = 5000;

fn catalogue() -> Catalogue {
    let xml = data::message(data::Kind::Plain, 0..N);
    let catalogue = Catalogue::in_memory().expect("memory is there");
    catalogue
        .ingest("bench", Reader::new(xml.as_bytes()))
        .expect("the generator's products are sound");
    catalogue
}

fn queries(n_words: usize) -> Vec<Search> {
    (0..100)
        .map(|i| {
            let mut words = data::words(data::Kind::Plain, i * 37 % N);
            words.truncate(n_words);
            Search {
                words: words.join(" "),
                limit: 10,
                at: Moment::from_unix(1_796_083_200),
                ..Search::default()
            }
        })
        .collect()
}

fn searching(c: &mut Criterion) {
    let catalogue = catalogue();
    let mut group = c.benchmark_group(format!("100 searches in {N} plain products"));
    let mut bench = |name: &str, searches: Vec<Search>| {
        group.bench_function(name, |b| {
            b.iter(|| {
                for search in &searches {
                    black_box(catalogue.search(search).expect("the index is sound"));
                }
            });
        });
    };
    for n_words in 1..=3 {
        bench(&format!("{n_words} words"), queries(n_words));
    }
    let filtered = queries(2).into_iter().map(|search| Search {
        formats: vec![Format::Epub],
        ..search
    });
    bench("2 words, one format", filtered.collect());
    let offered = queries(2).into_iter().map(|search| Search {
        offer: OfferFilter {
            country: Country::parse("FR"),
            sellable: Sellable::Sale,
            ..OfferFilter::default()
        },
        ..search
    });
    bench("2 words, for sale in France", offered.collect());
    group.finish();
}

criterion_group!(benches, searching);
criterion_main!(benches);
