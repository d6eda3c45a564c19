//! Small commits into a catalogue, and of the same products into a bare tantivy index on the same disk.
//!
//! Input: `ONIX_BENCH_PRODUCTS` `plain` products of `data.rs` (20,000) in either; then `ONIX_BENCH_COMMITS` lists (100),
//! in turns, each of 25 products that are new and 25 that have changed, in memory. A round reads a list, puts it
//! in and commits it, as a new writer: the bare index gets words of titles, contributors, descriptions and
//! identifiers, nothing else, and nobody opens its new state, as ours does. Last, searches for the commonest word
//! of the titles, one every ten milliseconds, with nobody writing and with somebody who does nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use onix_catalogue::catalogue::{Catalogue, Prepared, Search, Writer, WriterOptions};
use onix_catalogue::onix::{Product, Reader};
use rayon::prelude::*;
use tantivy::schema::{Field, STRING, Schema, TEXT};
use tantivy::{Index, IndexWriter, TantivyDocument, Term};

mod data;
mod requests;
mod timing;

use timing::{Times, timed};

const KIND: data::Kind = data::Kind::Plain;
/// Products in a list, half of them new.
const LIST: u64 = 50;

fn main() {
    let is_test = std::env::args().any(|argument| argument == "--test");
    let number = |name: &str, default: u64, of_test: u64| match std::env::var(name) {
        _ if is_test => of_test,
        Ok(n) => n.parse().expect("a whole number"),
        Err(_) => default,
    };
    let n = number("ONIX_BENCH_PRODUCTS", 20_000, 200);
    let n_rounds = number("ONIX_BENCH_COMMITS", 100, 3);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let catalogue = Catalogue::create(folder.join("index")).expect("an empty folder");
    let bare = Bare::create(&folder.join("bare"));
    fill(&catalogue, &bare, n);

    let (mut ours, mut theirs) = (Rounds::default(), Rounds::default());
    for round in 0..n_rounds {
        let list = list(n, round);
        // Whoever comes second may find the disk busy with the first.
        if round % 2 == 0 {
            ours.push(commit(&catalogue, &list));
            theirs.push(bare.commit(&list));
        } else {
            theirs.push(bare.commit(&list));
            ours.push(commit(&catalogue, &list));
        }
    }
    println!("{n} products, {n_rounds} commits of {LIST}");
    ours.print("the catalogue");
    theirs.print("bare tantivy");
    let ratio = |ours: &Times, theirs: &Times| ours.median() as f64 / theirs.median() as f64;
    let [first, last] = [0, 1].map(|at| ratio(&ours.all.fifths()[at], &theirs.all.fifths()[at]));
    let all = ratio(&ours.all, &theirs.all);
    println!("ratio of the p50s: {all:.2}, first fifth {first:.2}, last fifth {last:.2}");
    let segments = catalogue.stats().expect("the catalogue is sound").segments;
    let parts = fs::read_dir(folder.join("index/parts")).expect("it has parts");
    println!("segments: {segments}, of bare tantivy {}", bare.segments());
    println!("files in parts/: {}", parts.count());
    searches(&catalogue, n, n_rounds, if is_test { 20 } else { 200 });
}

/// What a list takes, step by step.
#[derive(Default)]
struct Rounds {
    all: Times,
    steps: [Times; 3],
}

const STEPS: [&str; 3] = ["a writer", "reading, adding", "committing"];

impl Rounds {
    fn push(&mut self, steps: [u64; 3]) {
        self.all.push(steps.iter().sum());
        for (times, step) in self.steps.iter_mut().zip(steps) {
            times.push(step);
        }
    }

    fn print(&self, name: &str) {
        self.all.print_us(name);
        for (name, times) in STEPS.iter().zip(&self.steps) {
            times.print_us(&format!("  {name}"));
        }
        for (name, times) in ["first fifth", "last fifth"].iter().zip(self.all.fifths()) {
            times.print_us(&format!("  all, {name}"));
        }
    }
}

/// A list of products behind the first `n` and of some among them that have changed.
fn list(n: u64, round: u64) -> String {
    let mut xml = String::new();
    data::header(&mut xml);
    for at in round * LIST / 2..(round + 1) * LIST / 2 {
        data::product(&mut xml, KIND, n + at);
        let mut changed = String::new();
        // A prime: they lie scattered, and none twice in a list.
        data::product(&mut changed, KIND, at * 7919 % n);
        let title = format!("<TitleText>{round} ");
        let changed = changed.replacen("<TitleText>", &title, 1);
        xml.push_str(&changed.replace("9</PriceAmount>", "4</PriceAmount>"));
    }
    data::footer(&mut xml);
    xml
}

fn each_product(list: &str, mut each: impl FnMut(&Product<'_>)) {
    for record in Reader::new(list.as_bytes()) {
        let record = record.expect("the generator's products are sound");
        each(&record.product());
    }
}

fn prepared(list: &str) -> Vec<Prepared> {
    let records = Reader::new(list.as_bytes()).into_iter();
    let sound = records.map(|record| record.expect("the generator's products are sound"));
    sound.map(|record| Writer::prepare(&record, None)).collect()
}

/// Puts the first `n` products into both.
fn fill(catalogue: &Catalogue, bare: &Bare, n: u64) {
    let starts: Vec<u64> = (0..n).step_by(LIST as usize).collect();
    let mut writer = catalogue
        .writer(WriterOptions::default())
        .expect("nobody else writes");
    let mut bare_writer = bare.writer();
    for starts in starts.chunks(50) {
        let lists: Vec<(String, Vec<Prepared>)> = starts
            .par_iter()
            .map(|start| data::message(KIND, *start..(start + LIST).min(n)))
            .map(|list| {
                let prepared = prepared(&list);
                (list, prepared)
            })
            .collect();
        for (list, prepared) in lists {
            apply(&mut writer, prepared);
            each_product(&list, |product| bare.add(&bare_writer, product));
        }
    }
    assert_eq!(writer.commit().expect("room on the disk").added, n);
    bare_writer.commit().expect("room on the disk");
    bare_writer
        .wait_merging_threads()
        .expect("room on the disk");
}

fn apply(writer: &mut Writer, list: Vec<Prepared>) {
    for prepared in list {
        writer.apply(prepared).expect("the disk takes it");
    }
}

fn commit(catalogue: &Catalogue, list: &str) -> [u64; 3] {
    let options = WriterOptions::default();
    let (mut writer, opening) = timed(|| catalogue.writer(options).expect("nobody else writes"));
    let ((), adding) = timed(|| apply(&mut writer, prepared(list)));
    let (summary, committing) = timed(|| writer.commit().expect("room on the disk"));
    assert_eq!(summary.added + summary.replaced, LIST);
    [opening, adding, committing]
}

/// A tantivy index of nothing but words.
struct Bare {
    index: Index,
    key: Field,
    title: Field,
    contributors: Field,
    description: Field,
    identifiers: Field,
}

impl Bare {
    fn create(folder: &Path) -> Self {
        let mut schema = Schema::builder();
        let key = schema.add_text_field("key", STRING);
        let [title, contributors, description, identifiers] =
            ["title", "contributors", "description", "identifiers"]
                .map(|name| schema.add_text_field(name, TEXT));
        fs::create_dir(folder).expect("an empty folder");
        Self {
            index: Index::create_in_dir(folder, schema.build()).expect("an empty folder"),
            key,
            title,
            contributors,
            description,
            identifiers,
        }
    }

    /// With as many threads and as much memory as ours.
    fn writer(&self) -> IndexWriter {
        let options = WriterOptions::default();
        self.index
            .writer_with_num_threads(options.threads, options.heap_bytes)
            .expect("nobody else writes")
    }

    fn add(&self, writer: &IndexWriter, product: &Product<'_>) {
        let entry = product.to_entry();
        writer.delete_term(Term::from_field_text(self.key, &entry.record_reference));
        let mut document = TantivyDocument::new();
        let mut add = |field, text: &str| document.add_text(field, text);
        add(self.key, &entry.record_reference);
        add(self.title, entry.title.as_deref().unwrap_or_default());
        for contributor in &entry.contributors {
            add(self.contributors, &contributor.name);
        }
        for identifier in &entry.identifiers {
            add(self.identifiers, &identifier.value);
        }
        if let Some(description) = &entry.description {
            add(self.description, description);
        }
        writer.add_document(document).expect("its threads live");
    }

    fn commit(&self, list: &str) -> [u64; 3] {
        let (mut writer, opening) = timed(|| self.writer());
        let ((), adding) = timed(|| each_product(list, |product| self.add(&writer, product)));
        let ((), committing) = timed(|| {
            writer.commit().expect("room on the disk");
            writer.wait_merging_threads().expect("room on the disk");
        });
        [opening, adding, committing]
    }

    fn segments(&self) -> usize {
        let segments = self.index.searchable_segment_ids();
        segments.expect("the index is sound").len()
    }
}

/// Searches while nobody writes, and while somebody commits lists from this round on.
fn searches(catalogue: &Catalogue, n: u64, round: u64, n_searches: usize) {
    let search = Search {
        words: commonest_word(n),
        at: requests::at(),
        ..Search::default()
    };
    let find = || catalogue.search(&search).expect("the index is sound");
    println!("searches for \"{}\": {} found", search.words, find().total);
    let pass = || -> Times {
        let one = |_| {
            std::thread::sleep(Duration::from_millis(10));
            timed(find).1
        };
        (0..n_searches).map(one).collect()
    };
    pass().print_us("  nobody writes");
    let is_done = AtomicBool::new(false);
    let n_commits = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut n_commits = 0;
            while !is_done.load(Ordering::Relaxed) {
                commit(catalogue, &list(n, round + n_commits));
                n_commits += 1;
            }
            n_commits
        });
        pass().print_us("  somebody commits");
        is_done.store(true, Ordering::Relaxed);
        writer.join().expect("it commits")
    });
    println!("  {n_commits} commits meanwhile");
}

fn commonest_word(n: u64) -> String {
    let mut words = BTreeMap::<String, u64>::new();
    for word in (0..n.min(1000)).flat_map(|i| data::words(KIND, i)) {
        *words.entry(word).or_default() += 1;
    }
    let most = words.into_iter().max_by_key(|(_, n)| *n);
    most.expect("titles have words").0
}
