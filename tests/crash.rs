//! What a killed process leaves behind: the catalogue as it was or as it was to be, which opens and takes the
//! next run.
//!
//! `ONIX_TEST_KILLS=5000 cargo test --release --test crash` is the long campaign.
#![cfg(feature = "cli")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use onix_catalogue::{Catalogue, Search};

const PRODUCTS: usize = 1500;

/// A list of products whose titles say of which generation they are; later ones were sent later.
fn list(generation: u64) -> String {
    let mut xml = format!(
        "<ONIXMessage release=\"3.0\"><Header><Sender><SenderName>crash</SenderName></Sender>\
         <SentDateTime>{}</SentDateTime></Header>",
        20_260_101 + generation % 27 + generation / 27 % 12 * 100 + generation / 324 * 10_000,
    );
    for product in 0..PRODUCTS {
        write!(
            xml,
            "<Product><RecordReference>r{product}</RecordReference>\
             <NotificationType>03</NotificationType><DescriptiveDetail><TitleDetail>\
             <TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel>\
             <TitleText>book{product} generation{generation}</TitleText>\
             </TitleElement></TitleDetail></DescriptiveDetail></Product>"
        )
        .unwrap();
    }
    xml + "</ONIXMessage>"
}

fn index(folder: &Path, input: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onix"));
    command
        .current_dir(folder)
        .args(["index", "--no-progress", "-q"])
        .arg(input)
        .stdout(Stdio::null());
    command
}

/// How many products are of a generation.
fn of_generation(folder: &Path, generation: u64) -> u64 {
    let catalogue = Catalogue::open(folder.join("onix-index")).unwrap();
    let search = Search {
        words: format!("generation{generation}"),
        limit: 1,
        ..Search::default()
    };
    catalogue.search(&search).unwrap().total
}

/// A small generator of numbers, seeded by the clock: each run of the test tries other moments.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below.max(1)
    }
}

#[test]
fn killed_at_any_moment() {
    let kills: u64 = std::env::var("ONIX_TEST_KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok())
        .unwrap_or(20);
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("list.xml");
    fs::write(&input, list(0)).unwrap();
    let started = Instant::now();
    assert!(index(folder.path(), &input).status().unwrap().success());
    let whole = started.elapsed();
    let clock = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let mut dice = Dice(clock.as_nanos() as u64 | 1);
    let mut current = 0;
    let (mut old, mut new) = (0, 0);
    for kill in 1..=kills {
        fs::write(&input, list(kill)).unwrap();
        let mut child = index(folder.path(), &input).spawn().unwrap();
        let micros = dice.roll(whole.as_micros() as u64 * 13 / 10);
        std::thread::sleep(Duration::from_micros(micros));
        child.kill().unwrap();
        child.wait().unwrap();
        let (before, after) = (
            of_generation(folder.path(), current),
            of_generation(folder.path(), kill),
        );
        let all = PRODUCTS as u64;
        assert!(
            (before, after) == (all, 0) || (before, after) == (0, all),
            "kill {kill} after {micros} µs: {before} old, {after} new"
        );
        // Text, offers, identifiers and kept records are of that generation too.
        let verified = Catalogue::open(folder.path().join("onix-index"))
            .and_then(|catalogue| catalogue.verify())
            .unwrap();
        assert_eq!(verified.problems, Vec::<String>::new(), "kill {kill}");
        assert_eq!((verified.products, verified.records), (all, all));
        if after == all {
            current = kill;
            new += 1;
        } else {
            old += 1;
        }
    }
    println!("{kills} kills: {old} times the old catalogue, {new} times the new one");
    fs::write(&input, list(kills + 1)).unwrap();
    assert!(index(folder.path(), &input).status().unwrap().success());
    assert_eq!(of_generation(folder.path(), kills + 1), PRODUCTS as u64);
}
