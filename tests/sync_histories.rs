//! Histories of a platform's changes, faults of all kinds, and runs that are killed: at the end the catalogue is what one
//! built anew is, and what the platform has.
//!
//! ONIX_TEST_HISTORIES says how many, ONIX_TEST_SEED from which number on.
#![cfg(feature = "cli")]

#[path = "sandbox_support/mod.rs"]
mod sandbox_support;
mod util;

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use onix_catalogue::catalogue::{Audience, Catalogue, Search};
use onix_catalogue::model::Account;
use sandbox_support::Served;
use serde_json::{Value, json};
use util::Dir;

/// Numbers that are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

/// What the platform has, by `RecordReference`: which version, and its cost.
type Stock = BTreeMap<String, (u64, u64)>;

/// A history, as far as it has gone.
struct History<'a> {
    dice: Dice,
    platform: &'a Served,
    dir: &'a Dir,
    stock: Stock,
    version: u64,
    /// Only ONIX so far, which tells of removals.
    is_onix: bool,
    /// What happened, for whoever has to look into it.
    told: Vec<String>,
}

/// What happened in all of them.
#[derive(Default)]
struct Counts {
    runs: AtomicU64,
    failed: AtomicU64,
    killed: AtomicU64,
    resumed: AtomicU64,
}

fn reference(n: u64) -> String {
    // Every seventh publication has two formats.
    match n % 7 {
        0 => format!("HIST{}-pdf", n - n % 7 + 1),
        _ => format!("HIST{n}-epub"),
    }
}

fn product(reference: &str, version: u64, cost: u64) -> String {
    let digits: String = reference.chars().filter(char::is_ascii_digit).collect();
    format!(
        "<Product><RecordReference>{reference}</RecordReference><NotificationType>03</NotificationType>\
         <ProductIdentifier><ProductIDType>01</ProductIDType><IDTypeName>own</IDTypeName><IDValue>{digits}</IDValue></ProductIdentifier>\
         <DescriptiveDetail><ProductForm>EA</ProductForm><ProductFormDetail>E101</ProductFormDetail>\
         <EpubTechnicalProtection>02</EpubTechnicalProtection><TitleDetail><TitleType>01</TitleType><TitleElement>\
         <TitleElementLevel>01</TitleElementLevel><TitleText>Version {version}</TitleText></TitleElement></TitleDetail></DescriptiveDetail>\
         <PublishingDetail><PublishingStatus>04</PublishingStatus></PublishingDetail>\
         <ProductSupply><SupplyDetail><ProductAvailability>20</ProductAvailability><Price><PriceType>04</PriceType>\
         <PriceAmount>{}.{:02}</PriceAmount><CurrencyCode>EUR</CurrencyCode><Territory><CountriesIncluded>FR</CountriesIncluded>\
         </Territory></Price></SupplyDetail></ProductSupply></Product>",
        cost / 100,
        cost % 100
    )
}

fn message(products: &str) -> String {
    format!("<ONIXMessage release=\"3.0\">{products}</ONIXMessage>")
}

impl History<'_> {
    fn tell(&mut self, what: impl Into<String>) {
        self.told.push(what.into());
    }

    /// Products that are added or changed.
    fn change(&mut self, numbers: impl IntoIterator<Item = u64>) -> String {
        let mut products = String::new();
        for n in numbers {
            self.version += 1;
            let (version, cost) = (self.version, 100 + self.dice.below(5_000));
            let reference = reference(n);
            products.push_str(&product(&reference, version, cost));
            self.stock.insert(reference, (version, cost));
        }
        products
    }

    /// Some products change, come and go.
    fn changes(&mut self, universe: u64) {
        let numbers: BTreeSet<u64> = (0..self.dice.below(12))
            .map(|_| 1 + self.dice.below(universe))
            .collect();
        let mut products = String::new();
        for n in numbers {
            let reference = reference(n);
            if self.dice.one_in(3) && self.stock.remove(&reference).is_some() {
                products.push_str(&format!(
                    "<Product><RecordReference>{reference}</RecordReference><NotificationType>05</NotificationType></Product>"
                ));
            } else {
                let changed = self.change([n]);
                products.push_str(&changed);
            }
        }
        if !products.is_empty() {
            let n = products.matches("<Product>").count();
            self.tell(format!("{n} products change"));
            self.platform.catalogue(message(&products).as_bytes());
        }
    }

    fn forward(&mut self) {
        let seconds = self.dice.pick(&[0, 1, 1, 30, 599, 700, 4_000, 90_000]);
        self.tell(format!("{seconds} s pass"));
        self.admin("clock", json!({"advance_s": seconds}));
    }

    fn admin(&self, path: &str, body: Value) {
        let reply = self
            .platform
            .post(&format!("/__admin/{path}"), body.to_string().as_bytes());
        assert_eq!(reply.status, 200, "{}", reply.text());
    }

    fn fault(&mut self) {
        let service = self.dice.pick(&["full", "delta", "lists", "list"]);
        let what = match self.dice.below(6) {
            0 => json!({"status": 503, "body": "", "headers": {"Retry-After": "0"}}),
            1 => json!({"status": 500, "body": "<html>sorry, not_found</html>"}),
            2 => json!({"status": 429, "body": "[]"}),
            3 => json!({"delay_ms": self.dice.below(80)}),
            4 if service != "full" && service != "list" => json!({"code": "too_many_results"}),
            _ => json!({"cut_after_bytes": self.dice.below(9_000)}),
        };
        let (nth, times) = (1 + self.dice.below(3), 1 + self.dice.below(2));
        let fault = json!({"service": service, "nth": nth, "times": times, "do": what});
        self.tell(format!("fault {fault}"));
        self.admin("faults", fault);
    }

    /// A run, which may fail or be killed.
    fn sync(&mut self, counts: &Counts) {
        let mut args = vec![
            "sync".to_owned(),
            "-q".into(),
            "--json".into(),
            "--patience=0s".into(),
        ];
        if self.dice.one_in(3) {
            args.push("--api=lists".into());
        }
        if self.dice.one_in(6) {
            args.push("--full".into());
        }
        if self.dice.one_in(6) {
            args.push("--format=xml".into());
            self.is_onix = false;
        }
        if self.dice.one_in(5) {
            args.push(format!("--max-calls={}", 1 + self.dice.below(3)));
        }
        if self.dice.one_in(2) {
            args.push(format!("--commit-products={}", 1 + self.dice.below(100)));
        }
        let kill = self.dice.one_in(3).then(|| self.dice.below(300));
        self.tell(format!("{} (killed after {kill:?} ms)", args.join(" ")));
        let mut child = self
            .command(&args)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        counts.runs.fetch_add(1, Ordering::Relaxed);
        if let Some(after) = kill {
            std::thread::sleep(Duration::from_millis(after));
            if child.try_wait().unwrap().is_none() {
                counts.killed.fetch_add(1, Ordering::Relaxed);
            }
            let _ = child.kill();
        }
        let output = child.wait_with_output().unwrap();
        let summary: Option<Value> = serde_json::from_slice(&output.stdout).ok();
        let is_resumed = summary.is_some_and(|summary| summary["resumed"] == true);
        counts
            .resumed
            .fetch_add(u64::from(is_resumed), Ordering::Relaxed);
        let failed = u64::from(!output.status.success());
        counts.failed.fetch_add(failed, Ordering::Relaxed);
    }

    fn command(&self, args: &[String]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onix"));
        command
            .args(args)
            .current_dir(self.dir.path())
            .env("ONIX_ACCOUNT_PASSWORD", "secret");
        command
    }

    /// Runs until one began after all that happened, and came to its end.
    fn settle(&mut self, counts: &Counts, args: &[&str]) {
        self.admin("faults", json!([]));
        for _ in 0..8 {
            let args = [&["sync", "--json", "-q", "--patience=1s"], args].concat();
            let args: Vec<String> = args.into_iter().map(str::to_owned).collect();
            let output = self.command(&args).output().unwrap();
            counts.runs.fetch_add(1, Ordering::Relaxed);
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{told}\n{}", self.told.join("\n"));
            let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
            let is_resumed = summary["resumed"] == true;
            counts
                .resumed
                .fetch_add(u64::from(is_resumed), Ordering::Relaxed);
            if summary["complete"] == true && !is_resumed {
                return;
            }
        }
        panic!("no run comes to its end\n{}", self.told.join("\n"));
    }
}

/// What a catalogue has of each product: its title, and what it costs where.
fn holds(dir: &Dir, index: &str) -> BTreeMap<String, (String, Vec<String>)> {
    let catalogue = Catalogue::open(dir.path().join(index)).unwrap();
    let verified = catalogue.verify().unwrap();
    assert_eq!(verified.problems, [""; 0]);
    let search = Search {
        audience: Audience::Any,
        ..Search::default()
    };
    let account = Account::default();
    let mut out = BTreeMap::new();
    for product in catalogue.export(&search).unwrap() {
        let (kept, _) = product.unwrap();
        let offers = kept.offers().unwrap();
        let terms = offers.rows(&account).into_iter().map(|offer| {
            let cost = offer.cost.map(|cost| cost.to_string()).unwrap_or_default();
            let countries = offer.countries.countries();
            let countries: Vec<&str> = countries.iter().map(|one| one.alpha2()).collect();
            format!("{} {:?} {cost}", countries.join(" "), offer.currency)
        });
        let title = kept.entry.title.clone().unwrap_or_default();
        out.insert(
            kept.entry.record_reference.clone(),
            (title, terms.collect()),
        );
    }
    out
}

fn history(seed: u64, platform: &Served, counts: &Counts) {
    let dir = Dir::new();
    let toml = format!(
        "[account]\nbase_url = \"http://{}\"\norganisation = \"ONYX\"\nuser = \"shop\"\nallow_http = true\n",
        platform.address()
    );
    dir.write("onix.toml", toml);
    let mut history = History {
        dice: Dice(seed),
        platform,
        dir: &dir,
        stock: Stock::new(),
        version: 0,
        is_onix: true,
        told: vec![format!("history {seed}")],
    };
    history.admin("reset", json!({}));
    history.admin("seed", json!({"now": "2026-12-01T12:00:00Z"}));
    let universe = 1 + history.dice.below(170);
    let first = history.change(1..=universe);
    platform.catalogue(message(&first).as_bytes());
    history.forward();
    for _ in 0..2 + history.dice.below(4) {
        history.changes(universe + 20);
        if history.dice.one_in(2) {
            history.forward();
        }
        if history.dice.one_in(2) {
            history.fault();
        }
        history.sync(counts);
        if history.dice.one_in(2) {
            history.changes(universe + 20);
            history.sync(counts);
        }
    }
    // The platform's xml tells of what has gone only by lacking it.
    let args: &[&str] = match history.is_onix && history.dice.one_in(2) {
        true => &[],
        false => &["--full"],
    };
    history.tell(format!("the end {args:?}"));
    history.settle(counts, args);
    history.settle(counts, &["--full", "--index=anew"]);
    let (synced, anew) = (holds(&dir, "onix-index"), holds(&dir, "anew"));
    let told = history.told.join("\n");
    let expected: BTreeMap<_, _> = history
        .stock
        .iter()
        .map(|(reference, (version, _))| (reference.clone(), format!("Version {version}")))
        .collect();
    let titles: BTreeMap<_, _> = anew
        .iter()
        .map(|(reference, (title, _))| (reference.clone(), title.clone()))
        .collect();
    assert_eq!(titles, expected, "what the platform has\n{told}");
    assert_eq!(
        synced, anew,
        "what was synchronised, and what it is anew\n{told}"
    );
    for (reference, (_, cost)) in &history.stock {
        let (_, terms) = &synced[reference];
        assert!(
            terms.iter().all(|term| term.ends_with(&format!(" {cost}"))),
            "{terms:?}\n{told}"
        );
        assert_eq!(terms.len(), 1, "{told}");
    }
}

#[test]
fn a_catalogue_is_in_the_end_what_the_platform_has() {
    let number = |name: &str, default: u64| {
        std::env::var(name).map_or(default, |text| text.parse().unwrap())
    };
    let (n, first) = (
        number("ONIX_TEST_HISTORIES", 12),
        number("ONIX_TEST_SEED", 1),
    );
    let (next, counts) = (AtomicU64::new(0), Counts::default());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let dir = Dir::new();
                let platform = Served::start(&dir, &[]);
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= n {
                        return;
                    }
                    history(first + at, &platform, &counts);
                }
            });
        }
    });
    let count = |of: &AtomicU64| of.load(Ordering::Relaxed);
    println!(
        "{n} histories, {} runs, of which {} failed or were ended, {} of them killed, and {} went on where another was",
        count(&counts.runs),
        count(&counts.failed),
        count(&counts.killed),
        count(&counts.resumed)
    );
    assert!(n < 20 || count(&counts.killed) > 0 && count(&counts.resumed) > 0);
}
