//! What reading costs beside raw quick-xml: four loops over the same bytes, in turn, each timed by the
//! CPU time of its thread, and the ratios round by round.
//!
//! Input: `ONIX_BENCH_PRODUCTS` (20,000) products of `data.rs` in one message in memory, `plain` or `feed`
//! as named on the command line, both if none is; `ONIX_BENCH_ROUNDS` (7) rounds.

use std::hint::black_box;
use std::time::{Duration, Instant};

use loops::LOOPS;

mod data;
mod loops;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_test = arguments.iter().any(|argument| argument == "--test");
    let (n_products, n_rounds) = match is_test {
        true => (100, 1),
        false => (
            setting("ONIX_BENCH_PRODUCTS", 20_000),
            setting("ONIX_BENCH_ROUNDS", 7),
        ),
    };
    let named = |name: &str| arguments.iter().any(|argument| argument == name);
    let both = !named("plain") && !named("feed");
    for (kind, name) in [(data::Kind::Plain, "plain"), (data::Kind::Feed, "feed")] {
        if both || named(name) {
            let xml = data::message(kind, 0..n_products);
            println!(
                "{n_products} {name} products, {} bytes, {n_rounds} rounds",
                xml.len()
            );
            compare(&xml, n_rounds);
        }
    }
}

fn setting(name: &str, default: u64) -> u64 {
    let value = std::env::var(name).ok();
    value.map_or(default, |value| value.parse().expect("a whole number"))
}

fn compare(xml: &str, n_rounds: u64) {
    let mut times = vec![Vec::new(); LOOPS.len()];
    for _ in 0..n_rounds {
        for ((_, run), times) in LOOPS.iter().zip(&mut times) {
            let start = Clock::now();
            black_box(run(xml));
            times.push(start.elapsed().as_secs_f64());
        }
    }
    for ((name, _), own) in LOOPS.iter().zip(&times) {
        let ratios = times[0].iter().zip(own).map(|(raw, own)| raw / own);
        let ratios = sorted(ratios.collect());
        let own = sorted(own.clone());
        println!(
            "{name:24} {:7.3} s {:7.0} MB/s   x raw {:.2} ({:.2}-{:.2})",
            median(&own),
            xml.len() as f64 / 1e6 / median(&own),
            median(&ratios),
            ratios[0],
            ratios[ratios.len() - 1],
        );
    }
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

fn median(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}

/// The time that this thread has run, where the system tells; else the time that has passed.
struct Clock {
    on_cpu: Option<Duration>,
    wall: Instant,
}

impl Clock {
    fn now() -> Self {
        Self {
            on_cpu: Self::on_cpu(),
            wall: Instant::now(),
        }
    }

    fn on_cpu() -> Option<Duration> {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        let nanoseconds = text.split_ascii_whitespace().next()?.parse().ok()?;
        Some(Duration::from_nanos(nanoseconds))
    }

    fn elapsed(&self) -> Duration {
        match (self.on_cpu, Self::on_cpu()) {
            (Some(before), Some(now)) => now - before,
            _ => self.wall.elapsed(),
        }
    }
}
