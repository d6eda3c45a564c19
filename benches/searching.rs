//! How long one search takes, search by search: percentiles, not means.
//!
//! Input: `ONIX_BENCH_PRODUCTS` `plain` products of `data.rs` (20,000), on disk, in one segment; a thousand searches of each
//! kind, their words from the titles of products; beside the times, how many products they find. `ONIX_BENCH_INDEX` names a catalogue of the same products to be used, or made
//! and left there.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use onix_catalogue::catalogue::{Audience, Search, Sort, WriterOptions};
use onix_catalogue::model::{Country, Currency, Format, Moment, Protection};
use onix_catalogue::onix::Reader;
use onix_catalogue::sale::{OfferFilter, Sellable};
use onix_catalogue::{Catalogue, Writer};

mod data;

const KIND: data::Kind = data::Kind::Plain;
/// 2026-12-01
const AT: i64 = 1_796_083_200;

fn main() {
    let is_test = std::env::args().any(|argument| argument == "--test");
    let n = match std::env::var("ONIX_BENCH_PRODUCTS") {
        _ if is_test => 500,
        Ok(n) => n.parse().expect("a whole number"),
        Err(_) => 20_000,
    };
    let folder = tempfile::tempdir().expect("a folder");
    let path = match std::env::var_os("ONIX_BENCH_INDEX") {
        Some(path) if !is_test => PathBuf::from(path),
        _ => folder.path().join("index"),
    };
    let catalogue = catalogue(&path, n);
    let stats = catalogue.stats().expect("the index is sound");
    println!("{} products in {} segments", stats.products, stats.segments);
    let n_searches = if is_test { 10 } else { 1000 };
    let searches = |n_words: usize| -> Vec<Search> {
        (0..n_searches)
            .map(|i| searched(words(i * 7919 % n, n_words)))
            .collect()
    };
    // What fills no page is looked for with letters wrong too.
    let fills_a_page = |search: &Search| {
        let found = catalogue.export(search).expect("the index is sound");
        found.remaining() >= search.limit
    };
    let (mut as_written, mut with_typos) = (Vec::new(), Vec::new());
    for n_words in 1..=3 {
        let (written, typos): (Vec<Search>, Vec<Search>) =
            searches(n_words).into_iter().partition(fills_a_page);
        let name = format!("{n_words} words");
        each(&name, written.clone(), |search| run(&catalogue, search));
        as_written.extend(written);
        with_typos.extend(typos);
    }
    each("1 to 3 words", as_written, |search| run(&catalogue, search));
    each("1 to 3 words, with typos", with_typos, |search| {
        run(&catalogue, search)
    });
    let typed = searches(2).into_iter().map(|search| {
        let end = search
            .words
            .char_indices()
            .rev()
            .nth(1)
            .map_or(0, |(at, _)| at);
        searched(search.words[..end].to_owned())
    });
    each("2 words, the last begun", typed.collect(), |search| {
        run(&catalogue, search)
    });
    let misspelt = searches(2)
        .into_iter()
        .map(|search| searched(misspelt(&search.words)));
    each("2 words, misspelt", misspelt.collect(), |search| {
        run(&catalogue, search)
    });
    let facetted = searches(1).into_iter().map(|search| {
        let search = search
            .format(Format::Epub)
            .protection(Protection::Watermark);
        search.facet("format").facet("language").facet("publisher")
    });
    each(
        "1 word, 3 facets, 2 filters",
        facetted.collect(),
        |search| run(&catalogue, search),
    );
    let browsed = (0..n_searches).map(|_| {
        let search = searched(String::new())
            .format(Format::Epub)
            .protection(Protection::Watermark);
        search.facet("format").facet("language").facet("publisher")
    });
    each(
        "no words, 3 facets, 2 filters",
        browsed.take(50).collect(),
        |search| run(&catalogue, search),
    );
    let offered = searches(2).into_iter().map(|search| Search {
        offer: offer(),
        ..search
    });
    each("2 words, an offer", offered.collect(), |search| {
        run(&catalogue, search)
    });
    let offered = searches(1).into_iter().map(|search| Search {
        offer: offer(),
        ..search
    });
    each("1 word, an offer", offered.collect(), |search| {
        run(&catalogue, search)
    });
    let alone = (0..20).map(|_| Search {
        offer: offer(),
        ..searched(String::new())
    });
    each("an offer alone", alone.collect(), |search| {
        run(&catalogue, search)
    });
    let sorted = searches(1)
        .into_iter()
        .map(|search| search.sort(Sort::Title));
    each("1 word, by title", sorted.collect(), |search| {
        run(&catalogue, search)
    });
    let begun = (0..n_searches).map(|i| {
        let words = words(i * 7919 % n, 2);
        let n_letters = 1 + i as usize % 8;
        words.chars().take(n_letters).collect::<String>()
    });
    each("suggest", begun.collect(), |text: &String| {
        let found = catalogue.suggest(text, Audience::Consumer, 10);
        black_box(found.expect("the index is sound")).len() as u64
    });
}

/// The first words of a title.
fn words(i: u64, n: usize) -> String {
    let mut words = data::words(KIND, i);
    words.truncate(n);
    words.join(" ")
}

/// With two letters of the longest word exchanged.
fn misspelt(words: &str) -> String {
    let longest = words
        .split(' ')
        .max_by_key(|word| word.len())
        .unwrap_or_default();
    let mut letters: Vec<char> = longest.chars().collect();
    let middle = letters.len() / 2;
    if middle > 0 {
        letters.swap(middle - 1, middle);
    }
    words.replace(longest, &letters.into_iter().collect::<String>())
}

fn searched(words: String) -> Search {
    Search {
        at: Moment::from_unix(AT),
        ..Search::new(words)
    }
}

fn offer() -> OfferFilter {
    OfferFilter {
        country: Country::parse("BE"),
        currency: Currency::parse("EUR"),
        price_type: Some("04".to_owned()),
        max_cost: Some(999),
        sellable: Sellable::Sale,
        ..OfferFilter::default()
    }
}

fn run(catalogue: &Catalogue, search: &Search) -> u64 {
    black_box(catalogue.search(search).expect("the index is sound")).total
}

fn catalogue(path: &Path, n: u64) -> Catalogue {
    if let Ok(catalogue) = Catalogue::open(path) {
        return catalogue;
    }
    let catalogue = Catalogue::create(path).expect("a folder");
    // One thread with room for all of it makes one segment.
    let options = WriterOptions {
        threads: 1,
        heap_bytes: 3 << 30,
        keep_records: false,
        ..WriterOptions::default()
    };
    let mut writer = catalogue.writer(options).expect("nobody else writes");
    for start in (0..n).step_by(1000) {
        let xml = data::message(KIND, start..(start + 1000).min(n));
        for record in Reader::new(xml.as_bytes()) {
            let record = record.expect("the generator's products are sound");
            writer
                .apply(Writer::prepare(&record, None))
                .expect("room on the disk");
        }
    }
    writer.commit().expect("room on the disk");
    catalogue
}

/// Those alone whose name stands on the command line, if one does.
fn each<T>(name: &str, searches: Vec<T>, run: impl Fn(&T) -> u64) {
    let asked = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    if asked.is_some_and(|asked| asked != name) {
        return;
    }
    let timed = |search: &T| {
        let start = Instant::now();
        let found = run(search);
        let time = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        (time, found)
    };
    // Once before, as in a shop that is open.
    searches.iter().for_each(|search| {
        run(search);
    });
    let (mut nanoseconds, mut found): (Vec<u64>, Vec<u64>) = searches.iter().map(timed).unzip();
    nanoseconds.sort_unstable();
    found.sort_unstable();
    let n = nanoseconds.len();
    if n == 0 {
        return println!("{name:30} none");
    }
    let at = |share: usize| nanoseconds[(n * share / 1000).min(n - 1)] as f64 / 1000.0;
    println!(
        "{name:30} {n:4} searches: p50 {:9.1} µs, p90 {:9.1} µs, p99 {:9.1} µs; found p50 {}, p90 {}, p99 {}",
        at(500),
        at(900),
        at(990),
        found[n / 2],
        found[(n * 9 / 10).min(n - 1)],
        found[(n * 99 / 100).min(n - 1)],
    );
}
