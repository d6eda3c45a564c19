//! Checks from offers in memory. Input: 2,000 `plain` and 300 `feed` products of `data.rs`, each asked
//! for a price that is in force.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use onix_catalogue::model::{Account, Kind, Moment, SaleRequest};
use onix_catalogue::onix::{Reader, Record};
use onix_catalogue::sale::{self, Offers};

mod data;

fn requests(kind: data::Kind, n: u64) -> Vec<(SaleRequest, Offers)> {
    let xml = data::message(kind, 0..n);
    let mut reader = Reader::new(xml.as_bytes());
    let mut record = Record::new();
    let mut out = Vec::new();
    let mut i = 0;
    while reader
        .read_record(&mut record)
        .expect("the generator's products are sound")
    {
        if let Some(sale) = data::sale(kind, i) {
            let at = Moment::from_unix(1_796_083_200);
            let mut request = SaleRequest::new(Kind::Simulation, sale.isbn, at)
                .with("format", sale.format)
                .with("protection", sale.protection)
                .with("cost", sale.cost.to_string())
                .with("country", sale.country)
                .with("currency", sale.currency)
                .with("price_type", sale.price_type);
            request.drm_type = sale.drm_type.map(str::to_owned);
            out.push((request, Offers::of(&record.product())));
        }
        i += 1;
    }
    out
}

fn checking(c: &mut Criterion) {
    let account = Account::default();
    for (kind, name, n) in [
        (data::Kind::Plain, "plain", 2000),
        (data::Kind::Feed, "feed", 300),
    ] {
        let requests = requests(kind, n);
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
