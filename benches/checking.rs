//! Checks from offers in memory. Input: 2,000 `plain` and 300 `feed` products of `data.rs`, each asked
//! for a price that is in force.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use onix_catalogue::model::Account;
use onix_catalogue::sale;

mod data;
mod requests;

fn checking(c: &mut Criterion) {
    let account = Account::default();
    for (kind, name, n) in [
        (data::Kind::Plain, "plain", 2000),
        (data::Kind::Feed, "feed", 300),
    ] {
        let requests = requests::sales(kind, n);
        let mut group = c.benchmark_group(format!("checking {} {name} sales", requests.len()));
        group.throughput(Throughput::Elements(requests.len() as u64));
        group.bench_function("without reasons", |b| {
            b.iter(|| {
                for (request, offers) in &requests {
                    black_box(sale::judge(request, &[offers], &account));
                }
            });
        });
        group.bench_function("with reasons", |b| {
            b.iter(|| {
                for (request, offers) in &requests {
                    black_box(sale::check(request, &[offers], &account));
                }
            });
        });
        group.finish();
    }
}

criterion_group!(benches, checking);
criterion_main!(benches);
