#[path = "../benches/data.rs"]
mod data;
#[path = "../benches/requests.rs"]
mod requests;
use onix_catalogue::{
    model::Account,
    sale::{self, TableBuilder},
};
use std::time::Instant;
fn main() {
    let feed = std::env::args().nth(1).as_deref() == Some("feed");
    let (kind, n) = if feed {
        (data::Kind::Feed, 2000)
    } else {
        (data::Kind::Plain, 20000)
    };
    let mut sales = requests::shuffled(requests::sales(kind, n));
    for (at, (request, _)) in sales.iter_mut().enumerate() {
        if at % 20 == 0 {
            request.cost = Some("1".to_owned());
        }
    }
    let mut b = TableBuilder::new();
    for (_, o) in &sales {
        b.add(o);
    }
    let t = b.finish();
    let reqs: Vec<_> = sales.into_iter().map(|(r, _)| r).collect();
    let account = Account::default();
    for _ in 0..6 {
        let start = Instant::now();
        let rounds = 2_000_000 / reqs.len();
        for _ in 0..rounds {
            for (i, r) in reqs.iter().enumerate() {
                std::hint::black_box(sale::judge(r, &[t.get(i as u32).unwrap()], &account));
            }
        }
        println!(
            "{:.0} ns",
            start.elapsed().as_nanos() as f64 / (rounds * reqs.len()) as f64
        );
    }
}
