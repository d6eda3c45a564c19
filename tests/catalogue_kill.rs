//! A writer killed at any moment: the catalogue opens, is the old one or the new one, and takes the
//! next run. `ONIX_KILLS` sets how often (20).
#![cfg(feature = "index")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use onix_catalogue::catalogue::{Catalogue, Search};
use onix_catalogue::onix::Reader;

const FOLDER: &str = "ONIX_KILL_TEST_FOLDER";
const PRODUCTS: u64 = 200;

/// All products, each with the number of the run in its title.
fn message(run: u64) -> String {
    let products: String = (0..PRODUCTS)
        .map(|i| format!("<Product><RecordReference>r{i}</RecordReference><DescriptiveDetail><TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel><TitleText>run{run} number{i}</TitleText></TitleElement></TitleDetail></DescriptiveDetail></Product>"))
        .collect();
    format!("<ONIXMessage release=\"3.0\">{products}</ONIXMessage>")
}

/// The run that all products are of.
fn run_of(catalogue: &Catalogue) -> u64 {
    let page = catalogue.search(&Search::default()).unwrap();
    assert_eq!(page.total, PRODUCTS);
    let title = page.hits[0].title.as_deref().unwrap();
    let word = title.split(' ').next().unwrap();
    let of_run = catalogue.search(&Search::new(format!("{word} "))).unwrap();
    assert_eq!(of_run.total, PRODUCTS, "runs are mixed");
    word[3..].parse().unwrap()
}

/// The process that is killed: one run after the other.
#[test]
#[ignore = "is the one that is killed"]
fn victim() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let catalogue = Catalogue::open(folder).unwrap();
    let mut run = run_of(&catalogue);
    let mut stdout = std::io::stdout();
    loop {
        run += 1;
        let message = message(run);
        let summary = catalogue
            .ingest("", Reader::new(message.as_bytes()))
            .unwrap();
        assert_eq!(summary.replaced, PRODUCTS);
        writeln!(stdout, "\ncommitted {run}").unwrap();
        stdout.flush().unwrap();
    }
}

#[test]
fn a_killed_writer_leaves_the_old_or_the_new() {
    let kills = std::env::var("ONIX_KILLS").map_or(20, |kills| kills.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let catalogue = Catalogue::create(&path).unwrap();
    catalogue
        .ingest("", Reader::new(message(0).as_bytes()))
        .unwrap();
    let mut last = 0;
    for kill in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "victim"])
            .env(FOLDER, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Spread over a few runs of it, evenly and without regard to what it does.
        std::thread::sleep(Duration::from_millis(40 + (kill * 7919) % 163));
        let ended = child.try_wait().unwrap();
        assert_eq!(ended, None, "the writer failed by itself");
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        let committed = BufReader::new(&*output.stdout)
            .lines()
            .filter_map(|line| line.unwrap().strip_prefix("committed ")?.parse().ok())
            .last()
            .unwrap_or(last);
        last = run_of(&Catalogue::open(&path).unwrap());
        assert!(
            last == committed || last == committed + 1,
            "{committed} was lost: {last}"
        );
    }
    assert!(last > 0, "no run ever ended");
    let summary = catalogue
        .ingest("", Reader::new(message(last + 1).as_bytes()))
        .unwrap();
    assert_eq!(
        (summary.replaced, summary.in_catalogue),
        (PRODUCTS, PRODUCTS)
    );
    assert_eq!(run_of(&catalogue), last + 1);
}
