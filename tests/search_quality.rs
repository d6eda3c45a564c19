//! How well searches find what they are after: the judged queries of `testdata/search/`, beside plain BM25 over one field.

#![cfg(feature = "index")]

mod search_support;

use self::search_support::{Book, Judged, books, catalogue, queries};
use onix_catalogue::model::{Account, Country, Currency, Format, Moment, Protection};
use onix_catalogue::sale::OfferFilter;
use onix_catalogue::{Catalogue, Search};
use tantivy::collector::TopDocs;
use tantivy::query::QueryParser;
use tantivy::schema::{STORED, STRING, Schema, TEXT, Value};
use tantivy::{Index, TantivyDocument, doc};

/// Means over queries.
#[derive(Default)]
struct Score {
    n: usize,
    reciprocal_rank: f64,
    recall: f64,
}

impl Score {
    fn add(&mut self, found: &[String], judged: &Judged) -> (f64, f64) {
        let first = found.iter().position(|one| judged.relevant.contains(one));
        let reciprocal_rank = first.map_or(0.0, |first| 1.0 / (first + 1) as f64);
        let hits = found
            .iter()
            .filter(|one| judged.relevant.contains(one))
            .count();
        let recall = hits as f64 / judged.relevant.len().min(10) as f64;
        self.n += 1;
        self.reciprocal_rank += reciprocal_rank;
        self.recall += recall;
        (reciprocal_rank, recall)
    }

    fn means(&self) -> (f64, f64) {
        (
            self.reciprocal_rank / self.n as f64,
            self.recall / self.n as f64,
        )
    }
}

fn search(judged: &Judged) -> Search {
    let mut search = Search::new(&judged.words);
    for (name, value) in &judged.filters {
        search = match name.as_str() {
            "language" => search.language(value),
            "format" => search.format(Format::from_word(value).expect("a format")),
            "protection" => search.protection(Protection::from_word(value).expect("a protection")),
            "max-cost" => {
                let filter = OfferFilter {
                    country: Country::parse("FR"),
                    currency: Currency::parse("EUR"),
                    max_cost: value.parse().ok(),
                    ..OfferFilter::default()
                };
                let at = Moment::from_unix(1_796_083_200);
                search.offer(filter, at, Account::default())
            }
            other => panic!("no filter: {other}"),
        };
    }
    search
}

fn found(catalogue: &Catalogue, judged: &Judged) -> Vec<String> {
    let page = catalogue
        .search(&search(judged))
        .expect("the index is sound");
    page.hits
        .into_iter()
        .map(|hit| hit.record_reference)
        .collect()
}

/// One field with all texts, as tantivy analyses it by default; filters are held against the books.
struct Plain {
    index: Index,
}

impl Plain {
    fn new(books: &[Book]) -> Self {
        let mut schema = Schema::builder();
        let reference = schema.add_text_field("reference", STRING | STORED);
        let text = schema.add_text_field("text", TEXT);
        let index = Index::create_in_ram(schema.build());
        let mut writer = index
            .writer_with_num_threads(1, 50_000_000)
            .expect("memory is there");
        for book in books {
            let names = book.contributors.iter().map(|(_, name)| name.as_str());
            let series = book.series.iter().map(|(title, number)| {
                format!("{title} {}", number.as_deref().unwrap_or_default())
            });
            let mut texts = vec![
                book.title.clone(),
                book.subtitle.clone(),
                book.publisher.clone(),
            ];
            texts.extend(names.map(str::to_owned));
            texts.extend(series);
            texts.extend(book.keywords.clone());
            texts.extend([book.isbn.clone(), book.print.clone()]);
            let document = doc!(reference => book.reference.clone(), text => texts.join(" "));
            writer.add_document(document).expect("a document");
        }
        writer.commit().expect("memory is there");
        Self { index }
    }

    fn found(&self, judged: &Judged, books: &[Book]) -> Vec<String> {
        let schema = self.index.schema();
        let field = |name: &str| schema.get_field(name).expect("a field");
        let parser = QueryParser::for_index(&self.index, vec![field("text")]);
        let (query, _) = parser.parse_query_lenient(&judged.words);
        let searcher = self.index.reader().expect("memory is there").searcher();
        let top = searcher
            .search(&query, &TopDocs::with_limit(books.len()).order_by_score())
            .expect("memory is there");
        let reference = |(_, at)| {
            let document: TantivyDocument = searcher.doc(at).expect("a document");
            let value = document.get_first(field("reference")).expect("a reference");
            value.as_str().expect("a text").to_owned()
        };
        let meets = |reference: &String| {
            let book = books.iter().find(|book| book.reference == *reference);
            book.is_some_and(|book| search_support::meets(book, &judged.filters))
        };
        top.into_iter()
            .map(reference)
            .filter(meets)
            .take(10)
            .collect()
    }
}

/// Prints the means of a file of queries, and each query that falls short; returns the means.
fn judge(file: &str, tells: bool) -> (f64, f64) {
    let books = books();
    assert!(books.len() >= 2000, "{} books", books.len());
    let queries = queries(file, &books);
    let catalogue = catalogue(&books);
    let plain = Plain::new(&books);
    let (mut ours, mut theirs) = (Score::default(), Score::default());
    for judged in &queries {
        let found = found(&catalogue, judged);
        let (reciprocal_rank, recall) = ours.add(&found, judged);
        theirs.add(&plain.found(judged, &books), judged);
        if tells && (reciprocal_rank < 1.0 || recall < 1.0) {
            println!(
                "{file}:{} {} {:?}: 1/rank {reciprocal_rank:.2}, recall {recall:.2}; found {}; after {}",
                judged.line,
                judged.words,
                judged.filters,
                found.join(" "),
                judged
                    .relevant
                    .iter()
                    .take(12)
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(" "),
            );
        }
    }
    let (mrr, recall) = ours.means();
    let (plain_mrr, plain_recall) = theirs.means();
    println!(
        "{file}: {} queries over {} books: MRR {mrr:.3}, recall@10 {recall:.3}; BM25 over one field: MRR {plain_mrr:.3}, recall@10 {plain_recall:.3}",
        queries.len(),
        books.len(),
    );
    (mrr, recall)
}

#[test]
fn judged_queries_find_what_they_are_after() {
    let (mrr, recall) = judge("queries.txt", true);
    assert!(mrr >= 0.9, "MRR {mrr:.3}");
    assert!(recall >= 0.95, "recall@10 {recall:.3}");
}

/// The queries of somebody who has seen neither code nor ranking; how they are found was measured once.
#[test]
fn queries_of_a_stranger_find_what_they_are_after() {
    let (mrr, recall) = judge(
        "queries-stranger.txt",
        std::env::var_os("ONIX_TEST_TELL").is_some(),
    );
    assert!(mrr >= 0.8, "MRR {mrr:.3}");
    assert!(recall >= 0.8, "recall@10 {recall:.3}");
}

/// `ONIX_TEST_NASTY` sets how many there are (100).
///
/// Words, marks and letters of every kind put together by chance.
fn nasty(state: &mut u64) -> String {
    const PARTS: [&str; 28] = [
        "\"",
        "-",
        "title:",
        "a:b:c:",
        "(((",
        ")",
        "*",
        "~9",
        " AND ",
        " OR ",
        "[* TO *]",
        "\\",
        "\u{0}",
        "\u{1}a",
        "de",
        "la",
        "the",
        "a",
        "e\u{301}\u{301}\u{301}",
        "猫の本",
        "ﷺ",
        "zola",
        "les misérables",
        "978-2-07-036822-8",
        "x-y-z-x-y-z",
        "'",
        " ",
        "jabberwockyjabberwockyjabberwocky",
    ];
    let mut next = |below: u64| {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (*state >> 33) % below
    };
    let n = 1 + next(120);
    (0..n)
        .map(|_| match next(4) {
            0 => char::from_u32(next(0x3000) as u32)
                .unwrap_or('?')
                .to_string(),
            1 => format!(" {}", PARTS[next(PARTS.len() as u64) as usize]),
            _ => PARTS[next(PARTS.len() as u64) as usize].to_owned(),
        })
        .collect()
}

#[test]
fn nothing_typed_is_slow() {
    let catalogue = catalogue(&books());
    let n: usize = std::env::var("ONIX_TEST_NASTY")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(100);
    let mut state = 1;
    let mut times: Vec<u128> = (0..n)
        .map(|_| {
            let search = Search::new(nasty(&mut state)).highlight();
            let start = std::time::Instant::now();
            catalogue
                .search(&search)
                .expect("nothing typed is an error");
            start.elapsed().as_micros()
        })
        .collect();
    times.sort_unstable();
    let at = |share: usize| times[(n * share / 100).min(n - 1)];
    println!(
        "{n} nasty searches: p50 {} µs, p99 {} µs, longest {} µs",
        at(50),
        at(99),
        at(100)
    );
    // A hundred times what an unoptimised build takes; a query that explodes takes for ever.
    assert!(at(100) < 10_000_000, "{} µs", at(100));
}
