//! How long one check takes, call by call: percentiles, not means.
//!
//! Input: `ONIX_BENCH_PRODUCTS` products of `data.rs` (20,000 `plain`, a tenth of them `feed`), their offers in
//! memory; each sale that stands is asked for once in shuffled order, one in twenty for a price that isn't
//! there. The time of a call holds the reading of the clock, which is printed beside. `plain` or `feed` on
//! the command line: that one alone.

use std::hint::black_box;
use std::time::Instant;

use onix_catalogue::model::{Account, SaleRequest};
use onix_catalogue::sale::{self, Offers, Table, TableBuilder};

mod data;
mod requests;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_test = arguments.iter().any(|argument| argument == "--test");
    let n_products = match std::env::var("ONIX_BENCH_PRODUCTS") {
        _ if is_test => 200,
        Ok(n) => n.parse().expect("a whole number"),
        Err(_) => 20_000,
    };
    let named = |name: &str| arguments.iter().any(|argument| argument == name);
    let both = !named("plain") && !named("feed");
    print("the clock", (0..10_000).map(|_| timed(|| ())).collect());
    for (kind, name, n) in [
        (data::Kind::Plain, "plain", n_products),
        (data::Kind::Feed, "feed", n_products / 10),
    ] {
        if both || named(name) {
            let mut sales = requests::shuffled(requests::sales(kind, n));
            for (at, (request, _)) in sales.iter_mut().enumerate() {
                if at % 20 == 0 {
                    request.cost = Some("1".to_owned());
                }
            }
            println!("{name}: {} checks of {n} products", sales.len());
            let account = Account::default();
            let judge = |request: &SaleRequest, offers: &Offers| {
                black_box(sale::judge(request, &[offers], &account));
            };
            let check = |request: &SaleRequest, offers: &Offers| {
                black_box(sale::check(request, &[offers], &account));
            };
            each("  with reasons", &sales, check);
            each("  without reasons", &sales, judge);
            let table = table(&sales);
            println!("  {table:?}");
            let rows: Vec<_> = sales
                .into_iter()
                .map(|(request, _)| request)
                .zip(0..)
                .collect();
            each("  in a table", &rows, |request, n| {
                black_box(sale::judge(
                    request,
                    &[table.get(*n).expect("a row")],
                    &account,
                ));
            });
        }
    }
}

fn table(sales: &[(SaleRequest, Offers)]) -> Table {
    let mut builder = TableBuilder::new();
    for (_, offers) in sales {
        builder.add(offers);
    }
    builder.finish()
}

fn each<T>(name: &str, sales: &[(SaleRequest, T)], run: impl Fn(&SaleRequest, &T)) {
    // A request is made anew each time, as one that has just come in.
    let pass = || {
        sales.iter().map(|(request, offers)| {
            let request = request.clone();
            timed(|| run(&request, offers))
        })
    };
    pass().for_each(drop);
    print(name, pass().collect());
}

fn timed(run: impl FnOnce()) -> u64 {
    let start = Instant::now();
    run();
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

fn print(name: &str, mut nanoseconds: Vec<u64>) {
    nanoseconds.sort_unstable();
    let n = nanoseconds.len();
    let at = |share: usize| nanoseconds[(n * share / 1000).min(n - 1)];
    let mean = nanoseconds.iter().sum::<u64>() / n as u64;
    println!(
        "{name:20} p50 {:6} ns, p90 {:6} ns, p99 {:6} ns, mean {mean} ns",
        at(500),
        at(900),
        at(990)
    );
}
