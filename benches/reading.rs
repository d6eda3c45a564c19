//! Reading from memory: raw quick-xml, then the same bytes as records, offers and views. `ratios` has the
//! same loops in turn.
//!
//! Input: 2,000 `plain` and 300 `feed` products of `data.rs`, one message each.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use loops::LOOPS;

mod data;
mod loops;

fn reading(c: &mut Criterion) {
    for (kind, name, n) in [
        (data::Kind::Plain, "plain", 2000),
        (data::Kind::Feed, "feed", 300),
    ] {
        let xml = data::message(kind, 0..n);
        let mut group = c.benchmark_group(format!("reading {n} {name} products"));
        group.throughput(Throughput::Bytes(xml.len() as u64));
        group.sample_size(20);
        for (name, run) in LOOPS {
            group.bench_function(name, |b| b.iter(|| run(&xml)));
        }
        group.finish();
    }
}

criterion_group!(benches, reading);
criterion_main!(benches);
