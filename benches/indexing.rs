//! Indexing list files of 50 products of `data.rs`, with two threads, into a new catalogue on disk.
//! `built beforehand` is the yardstick: the documents are there already and only the index writer
//! works; neither keeps records. `with records` keeps them. `ONIX_BENCH_PRODUCTS` sets how many products there are (2,000); with `ONIX_BENCH_MEMORY` set,
//! one run of `from list files` is all that happens, and it ends with the peak of anonymous memory.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use onix_catalogue::catalogue::{Catalogue, Prepared, Writer, WriterOptions};
use onix_catalogue::onix::{Reader, Record};

mod data;

const THREADS: usize = 2;

fn lists(kind: data::Kind, n: u64) -> Vec<String> {
    (0..n.div_ceil(50))
        .map(|list| data::message(kind, list * 50..((list + 1) * 50).min(n)))
        .collect()
}

fn prepared(list: &str) -> Vec<Prepared> {
    let mut reader = Reader::new(list.as_bytes());
    let mut record = Record::new();
    let mut out = Vec::with_capacity(50);
    while reader
        .read_record(&mut record)
        .expect("the generator's products are sound")
    {
        out.push(Writer::prepare(&record, None));
    }
    out
}

fn writer(folder: &tempfile::TempDir, keep_records: bool) -> Writer {
    let catalogue = Catalogue::create(folder.path().join("index")).expect("an empty folder");
    let options = WriterOptions {
        threads: THREADS,
        keep_records,
        ..WriterOptions::default()
    };
    catalogue.writer(options).expect("nobody else writes")
}

/// Applies lists in their order as two threads prepare them.
fn index(lists: &[String], keep_records: bool) -> u64 {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut writer = writer(&folder, keep_records);
    let next = AtomicUsize::new(0);
    let (sender, receiver) = sync_channel(2 * THREADS);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            let (next, sender) = (&next, sender.clone());
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(list) = lists.get(at) else { break };
                    sender.send((at, prepared(list))).expect("someone listens");
                }
            });
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut due = 0;
        for (at, list) in receiver {
            waiting.insert(at, list);
            while let Some(list) = waiting.remove(&due) {
                apply(&mut writer, list);
                due += 1;
            }
        }
    });
    writer.commit().expect("room on the disk").added
}

fn apply(writer: &mut Writer, list: Vec<Prepared>) {
    for prepared in list {
        writer.apply(prepared).expect("the disk takes it");
    }
}

/// The peak of `RssAnon`, sampled.
fn peak_memory(work: impl FnOnce()) -> u64 {
    let anonymous = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("RssAnon"));
        let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        kib.unwrap_or(0)
    };
    let peak = Mutex::new(0);
    let is_done = AtomicUsize::new(0);
    let before = anonymous();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while is_done.load(Ordering::Relaxed) == 0 {
                let now = anonymous();
                let mut peak = peak.lock().expect("nobody panics");
                *peak = now.max(*peak);
                drop(peak);
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
        });
        work();
        is_done.store(1, Ordering::Relaxed);
    });
    let peak = *peak.lock().expect("nobody panics");
    peak.saturating_sub(before)
}

fn indexing(c: &mut Criterion) {
    let products = std::env::var("ONIX_BENCH_PRODUCTS");
    let n: u64 = products.map_or(2000, |n| n.parse().expect("a number"));
    for (kind, name, n) in [
        (data::Kind::Plain, "plain", n),
        (data::Kind::Feed, "feed", n / 5),
    ] {
        let lists = lists(kind, n);
        let bytes: usize = lists.iter().map(String::len).sum();
        if std::env::var_os("ONIX_BENCH_MEMORY").is_some() {
            let mut seconds = 0.0;
            let kib = peak_memory(|| {
                let start = std::time::Instant::now();
                assert_eq!(index(&lists, true), n);
                seconds = start.elapsed().as_secs_f64();
            });
            println!(
                "{n} {name} ({bytes} bytes): {kib} KiB above the input, {seconds:.2} s, {:.0} products/s",
                n as f64 / seconds
            );
            continue;
        }
        let mut group = c.benchmark_group(format!("indexing {n} {name}"));
        group.throughput(Throughput::Bytes(bytes as u64));
        group.sample_size(10);
        group.bench_function("built beforehand", |b| {
            b.iter_batched(
                || -> Vec<_> { lists.iter().map(|list| prepared(list)).collect() },
                |lists| {
                    let folder = tempfile::tempdir().expect("a temporary folder");
                    let mut writer = writer(&folder, false);
                    for list in lists {
                        apply(&mut writer, list);
                    }
                    writer.commit().expect("room on the disk")
                },
                BatchSize::PerIteration,
            );
        });
        for (name, keeps) in [("from list files", false), ("with records", true)] {
            group.bench_function(name, |b| b.iter(|| index(&lists, keeps)));
        }
        group.finish();
    }
}

criterion_group!(benches, indexing);
criterion_main!(benches);
