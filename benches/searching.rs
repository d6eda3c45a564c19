//! Searches over 20,000 `plain` products of `data.rs` in memory.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use onix_catalogue::catalogue::{Catalogue, Search, Sort};
use onix_catalogue::model::{Country, Format, Moment};
use onix_catalogue::onix::Reader;

mod data;

fn searching(c: &mut Criterion) {
    let catalogue = Catalogue::in_memory().expect("memory");
    let xml = data::message(data::Kind::Plain, 0..20_000);
    let records = Reader::new(xml.as_bytes());
    catalogue.ingest("", records).expect("sound products");
    let at = Moment::from_unix(1_796_083_200);
    let page = catalogue.search(&Search::default()).expect("products");
    let titles: Vec<String> = page.hits.into_iter().filter_map(|hit| hit.title).collect();
    let words = |n: usize| -> Vec<String> {
        let first = |title: &String| title.split(' ').take(n).collect::<Vec<_>>().join(" ");
        titles.iter().map(first).collect()
    };
    let mut group = c.benchmark_group("searching 20000 plain");
    let mut bench = |name: &str, searches: Vec<Search>| {
        let mut searches = searches.iter().cycle();
        group.bench_function(name, |b| {
            b.iter(|| black_box(catalogue.search(searches.next().expect("some titles"))));
        });
    };
    let of = |words: Vec<String>, change: &dyn Fn(&mut Search)| -> Vec<Search> {
        let search = |words| {
            let mut search = Search::new(words);
            search.at = at;
            change(&mut search);
            search
        };
        words.into_iter().map(search).collect()
    };
    bench("one word", of(words(1), &|_| {}));
    bench("three words", of(words(3), &|_| {}));
    let epub = |search: &mut Search| search.formats = vec![Format::Epub];
    bench("two words and a format", of(words(2), &epub));
    let facets = |search: &mut Search| {
        search.facets = ["format", "language", "publisher"].map(Into::into).into();
    };
    bench("two words and three facets", of(words(2), &facets));
    let offer = |search: &mut Search| search.offer.country = Country::parse("BE");
    bench("three words and an offer", of(words(3), &offer));
    bench(
        "by title",
        of(vec![String::new()], &|s| s.sort = Sort::Title),
    );
    group.finish();
}

criterion_group!(benches, searching);
criterion_main!(benches);
