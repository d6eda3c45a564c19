//! Indexing in memory: the whole way, and the same with the documents built beforehand, which is what
//! tantivy itself costs. Input: 2,000 `plain` and 300 `feed` products of `data.rs`.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use onix_catalogue::catalogue::{Catalogue, Prepared, Writer, WriterOptions};
use onix_catalogue::onix::{Reader, Record};

mod data;

fn prepared(xml: &str) -> Vec<Prepared> {
    let mut out = Vec::new();
    let mut reader = Reader::new(xml.as_bytes());
    let mut record = Record::new();
    while reader
        .read_record(&mut record)
        .expect("the generator's products are sound")
    {
        out.push(Writer::prepare(&record, None));
    }
    out
}

fn write(prepared: impl IntoIterator<Item = Prepared>) -> u64 {
    let catalogue = Catalogue::in_memory().expect("memory is there");
    let mut writer = catalogue
        .writer(WriterOptions::default())
        .expect("nobody else writes");
    for one in prepared {
        writer.apply(one).expect("memory is there");
    }
    writer.commit().expect("memory is there").added
}

fn indexing(c: &mut Criterion) {
    for (kind, name, n) in [
        (data::Kind::Plain, "plain", 2000),
        (data::Kind::Feed, "feed", 300),
    ] {
        let xml = data::message(kind, 0..n);
        let mut group = c.benchmark_group(format!("indexing {n} {name} products"));
        group.throughput(Throughput::Elements(n));
        group.sample_size(10);
        group.bench_function("documents built beforehand", |b| {
            b.iter_batched(|| prepared(&xml), write, BatchSize::PerIteration);
        });
        group.bench_function("the whole way", |b| b.iter(|| write(prepared(&xml))));
        group.finish();
    }
}

criterion_group!(benches, indexing);
criterion_main!(benches);
