//! What `onix serve` costs beside what it serves: over sockets, from a process of its own, each figure beside its bar.
//!
//! Input: `ONIX_BENCH_PRODUCTS` `plain` products of `data.rs` (20,000), on disk; `ONIX_BENCH_INDEX` names a catalogue of the same
//! products to be used, or made and left there, and changed. Checks are of sales that stand; searches are of one word of a title, with three facets and
//! two filters. A check is compared with a constant of much its size that the same server gives out behind the same
//! bounds, a search with the same search in this process, by CPU time. Then half of either at 30 % of the highest rate, for `ONIX_BENCH_MINUTES` (0.2)
//! with nobody writing and as long again with a list of fifty products committed every second.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clients::{Client, Served};
use onix_catalogue::catalogue::{Search, WriterOptions};
use onix_catalogue::model::{Format, Protection};
use onix_catalogue::onix::Reader;
use onix_catalogue::{Catalogue, Writer};
use timing::Times;

mod clients;
mod data;
mod requests;
mod timing;

const KIND: data::Kind = data::Kind::Plain;
/// Clients that ask one thing after another, where the highest rate is looked for.
const CLIENTS: usize = 8;
/// Products in a list.
const LIST: u64 = 50;
/// A file that is part of the program.
const CONSTANT: &str = "/page/icon.svg";

/// How much is asked.
struct Sizes {
    n_products: u64,
    n_searches: u64,
    n_rounds: usize,
    /// Of one rate.
    round: Duration,
    /// At a given rate.
    phase: Duration,
}

impl Sizes {
    fn new() -> Self {
        if std::env::args().any(|argument| argument == "--test") {
            return Self {
                n_products: 300,
                n_searches: 10,
                n_rounds: 1,
                round: Duration::from_millis(100),
                phase: Duration::from_millis(1500),
            };
        }
        Self {
            n_products: setting("ONIX_BENCH_PRODUCTS", 20_000.0) as u64,
            n_searches: 1_000,
            n_rounds: 5,
            round: Duration::from_secs(2),
            phase: Duration::from_secs_f64(60.0 * setting("ONIX_BENCH_MINUTES", 0.2)),
        }
    }
}

fn setting(name: &str, default: f64) -> f64 {
    let value = std::env::var(name).ok();
    value.map_or(default, |value| value.parse().expect("a number"))
}

/// A figure beside its bar.
struct Row {
    what: String,
    figure: f64,
    bar: f64,
    is_least: bool,
}

impl Row {
    fn at_least(what: impl Into<String>, figure: f64, bar: f64) -> Self {
        let (what, is_least) = (what.into(), true);
        Self {
            what,
            figure,
            bar,
            is_least,
        }
    }

    fn at_most(what: impl Into<String>, figure: f64, bar: f64) -> Self {
        let (what, is_least) = (what.into(), false);
        Self {
            what,
            figure,
            bar,
            is_least,
        }
    }

    fn print(&self) {
        let Self {
            what,
            figure,
            bar,
            is_least,
        } = self;
        let sign = if *is_least { "≥" } else { "≤" };
        let is_kept = if *is_least {
            figure >= bar
        } else {
            figure <= bar
        };
        let told = if is_kept { "" } else { "  missed" };
        println!("{what:64} {figure:8.2}  {sign} {bar}{told}");
    }
}

fn main() {
    let sizes = Sizes::new();
    let folder = tempfile::tempdir().expect("a folder");
    let path = match std::env::var_os("ONIX_BENCH_INDEX") {
        Some(path) => PathBuf::from(path),
        None => folder.path().join("index"),
    };
    let catalogue = catalogue(&path, sizes.n_products);
    let stats = catalogue.stats().expect("the index is sound");
    println!(
        "{} plain products in {} segments; load {}",
        stats.products,
        stats.segments,
        load()
    );
    let rows = [
        vec![started(&path, &sizes)],
        vec![checks(&path, &sizes)],
        vec![searches(&path, &catalogue, &sizes)],
        written(&path, &catalogue, &sizes),
    ];
    println!("{:64} {:>8}  bar", "", "figure");
    rows.iter().flatten().for_each(Row::print);
    println!("load {}", load());
}

fn load() -> String {
    std::fs::read_to_string("/proc/loadavg")
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// Sales of products that lie scattered.
fn sales(n: u64) -> Vec<data::Sale> {
    let scattered = (0..n.min(2_000)).map(|i| i * 7919 % n);
    scattered.filter_map(|i| data::sale(KIND, i)).collect()
}

fn check_path(sale: &data::Sale) -> String {
    let data::Sale {
        isbn,
        country,
        currency,
        price_type,
        cost,
        format,
        protection,
        drm_type,
    } = sale;
    let drm_type = drm_type.map_or(String::new(), |drm_type| format!("&drm_type={drm_type}"));
    format!(
        "/v1/products/{isbn}/check?format={format}&protection={protection}&cost={cost}&country={country}&currency={currency}&price_type={price_type}&at=2026-12-01{drm_type}"
    )
}

fn check_requests(served: &Served, n: u64) -> Vec<Vec<u8>> {
    sales(n)
        .iter()
        .map(|sale| served.get(&check_path(sale)))
        .collect()
}

fn word(n_products: u64, i: u64) -> String {
    let words = data::words(KIND, i * 7919 % n_products);
    words.into_iter().next().expect("titles have words")
}

fn search_requests(served: &Served, sizes: &Sizes) -> Vec<Vec<u8>> {
    let path = |i| {
        let word = word(sizes.n_products, i);
        format!(
            "/v1/search?q={word}&format=epub&protection=watermark&facet=format&facet=language&facet=publisher&at=2026-12-01"
        )
    };
    (0..sizes.n_searches)
        .map(|i| served.get(&path(i)))
        .collect()
}

fn started(path: &Path, sizes: &Sizes) -> Row {
    let sale = &sales(sizes.n_products)[0];
    let times: Times = (0..2 * sizes.n_rounds)
        .map(|_| clients::first_answer(path, &check_path(sale)))
        .collect();
    times.print_us("start to first answer");
    Row::at_most(
        "start to first answer, p50, ms",
        times.median() as f64 / 1e6,
        50.0,
    )
}

fn checks(path: &Path, sizes: &Sizes) -> Row {
    let served = Served::start(path);
    let checks = check_requests(&served, sizes.n_products);
    let constants = vec![served.get(CONSTANT)];
    let mut client = Client::new(served.address);
    let lengths: usize = checks.iter().map(|check| client.ask(check)).sum();
    let (check, constant) = (lengths / checks.len(), client.ask(&constants[0]));
    let rate = |requests: &[Vec<u8>]| clients::rate(served.address, requests, CLIENTS, sizes.round);
    let rates: Vec<(f64, f64)> = (0..sizes.n_rounds)
        .map(|_| (rate(&checks), rate(&constants)))
        .collect();
    let [of_checks, of_constants] = [
        median(rates.iter().map(|rate| rate.0)),
        median(rates.iter().map(|rate| rate.1)),
    ];
    println!(
        "checks: {of_checks:.0} a second of {check} bytes; the constant: {of_constants:.0} of {constant} bytes"
    );
    let ratio = median(rates.iter().map(|(check, constant)| check / constant));
    Row::at_least("checks a second to constants a second", ratio, 0.7)
}

fn searches(path: &Path, catalogue: &Catalogue, sizes: &Sizes) -> Row {
    let served = Served::start(path);
    let requests = search_requests(&served, sizes);
    let searches: Vec<Search> = (0..sizes.n_searches)
        .map(|i| {
            let search = Search {
                at: requests::at(),
                ..Search::new(word(sizes.n_products, i))
            };
            let search = search
                .format(Format::Epub)
                .protection(Protection::Watermark);
            search.facet("format").facet("language").facet("publisher")
        })
        .collect();
    // Each asks its part, so that the server has work all the time, as this process has.
    let over_http = |n_clients: usize| {
        let begun = served.cpu_seconds();
        let bytes: usize = std::thread::scope(|scope| {
            let parts = requests.chunks(requests.len().div_ceil(n_clients));
            let clients = parts.map(|part| {
                scope.spawn(move || {
                    // One of an earlier round would have been idle for too long.
                    let mut client = Client::new(served.address);
                    part.iter()
                        .map(|request| client.ask(request))
                        .sum::<usize>()
                })
            });
            let clients: Vec<_> = clients.collect();
            clients
                .into_iter()
                .map(|client| client.join().expect("it asks"))
                .sum()
        });
        (served.cpu_seconds() - begun, bytes)
    };
    let in_process = || {
        let begun = own_cpu_seconds();
        for search in &searches {
            std::hint::black_box(catalogue.search(search).expect("the index is sound"));
        }
        own_cpu_seconds() - begun
    };
    over_http(CLIENTS);
    in_process();
    let times: Vec<_> = (0..sizes.n_rounds)
        .map(|_| (over_http(CLIENTS), in_process(), over_http(1).0))
        .collect();
    let per_request = 1e6 / sizes.n_searches as f64;
    let http = median(times.iter().map(|((http, _), ..)| http * per_request));
    let own = median(times.iter().map(|(_, own, _)| own * per_request));
    let bytes = times[0].0.1 / requests.len();
    let single = median(times.iter().map(|(.., single)| single * per_request));
    println!(
        "searches: {http:.0} µs of CPU time over HTTP ({single:.0} by one client alone), {own:.0} µs in process; {bytes} bytes"
    );
    let ratio = median(times.iter().map(|((http, _), own, _)| http / own));
    Row::at_most(
        "CPU time of a search over HTTP to one in process",
        ratio,
        1.5,
    )
}

/// Of this thread: a search is made by the thread that asks for it.
fn own_cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells it");
    let nanoseconds = text
        .split_ascii_whitespace()
        .next()
        .expect("it comes first");
    nanoseconds.parse::<f64>().expect("a number") / 1e9
}

fn written(path: &Path, catalogue: &Catalogue, sizes: &Sizes) -> Vec<Row> {
    let served = Served::start(path);
    let mut requests: Vec<_> = check_requests(&served, sizes.n_products);
    requests.truncate(sizes.n_searches as usize);
    let n_checks = requests.len();
    requests.extend(search_requests(&served, sizes).into_iter().take(n_checks));
    data::shuffle(&mut requests);
    let highest = clients::rate(served.address, &requests, CLIENTS, sizes.round);
    let rate = 0.3 * highest;
    println!("checks and searches: {highest:.0} a second at most; now {rate:.0} a second");
    let at_rate = || clients::at_rate(served.address, &requests, rate, sizes.phase);
    let idle = at_rate();
    idle.print_us("nobody writes");
    let is_over = AtomicBool::new(false);
    let (busy, (n_commits, memory)) = std::thread::scope(|scope| {
        let writer = scope.spawn(|| commits(catalogue, &served, sizes.n_products, &is_over));
        let busy = at_rate();
        is_over.store(true, Ordering::Relaxed);
        (busy, writer.join().expect("it commits"))
    });
    busy.print_us(&format!("{n_commits} lists committed"));
    // What is filled once is filled after a fifth of the time.
    let early = memory[memory.len() / 5];
    let late = memory[memory.len() - 1];
    println!(
        "anonymous memory: {} KiB at first, {early} after a fifth, {late} at last",
        memory[0]
    );
    let p99 = |times: &Times| times.per_mille(990) as f64;
    vec![
        Row::at_most(
            "p99 while lists are committed to p99 while nobody writes",
            p99(&busy) / p99(&idle),
            5.0,
        ),
        Row::at_most(
            format!(
                "anonymous memory at last to after a fifth of {:.1} minutes",
                sizes.phase.as_secs_f64() / 60.0
            ),
            late as f64 / early as f64,
            1.1,
        ),
    ]
}

/// A list every second, and the server's anonymous memory after each.
fn commits(
    catalogue: &Catalogue,
    served: &Served,
    n: u64,
    is_over: &AtomicBool,
) -> (u64, Vec<u64>) {
    let mut memory = vec![served.anonymous_kib()];
    let begun = Instant::now();
    let mut n_commits = 0;
    while !is_over.load(Ordering::Relaxed) {
        let mut writer = catalogue
            .writer(WriterOptions::default())
            .expect("nobody else writes");
        put(&mut writer, &list(n, n_commits));
        writer.commit().expect("room on the disk");
        n_commits += 1;
        let due = begun + Duration::from_secs(n_commits);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        memory.push(served.anonymous_kib());
    }
    (n_commits, memory)
}

/// Products among the first `n` with other titles; what they cost stays.
fn list(n: u64, round: u64) -> String {
    let mut xml = String::new();
    data::header(&mut xml);
    for at in round * LIST..(round + 1) * LIST {
        let mut changed = String::new();
        data::product(&mut changed, KIND, at * 7919 % n);
        xml.push_str(&changed.replacen("<TitleText>", &format!("<TitleText>{round} "), 1));
    }
    data::footer(&mut xml);
    xml
}

fn put(writer: &mut Writer, list: &str) {
    for record in Reader::new(list.as_bytes()) {
        let record = record.expect("the generator's products are sound");
        let prepared = Writer::prepare(&record, None);
        writer.apply(prepared).expect("room on the disk");
    }
}

fn catalogue(path: &Path, n: u64) -> Catalogue {
    if let Ok(catalogue) = Catalogue::open(path) {
        return catalogue;
    }
    let catalogue = Catalogue::create(path).expect("a folder");
    let mut writer = catalogue
        .writer(WriterOptions::default())
        .expect("nobody else writes");
    for start in (0..n).step_by(1000) {
        put(
            &mut writer,
            &data::message(KIND, start..(start + 1000).min(n)),
        );
    }
    writer.commit().expect("room on the disk");
    catalogue
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
