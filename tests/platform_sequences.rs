//! The stand-in of the platform against the documents: every sequence of `testdata/platform`, over a real socket.
#![cfg(feature = "cli")]

mod util;

use std::fs;
use std::path::{Path, PathBuf};

use util::Dir;

fn sequences() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/platform");
    let files = fs::read_dir(folder).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "ndjson"))
        .collect();
    paths.sort();
    paths
}

#[test]
fn every_sequence_holds() {
    let paths = sequences();
    assert!(paths.len() >= 17, "{paths:?}");
    let dir = Dir::new();
    for path in paths {
        let path = path.to_str().unwrap();
        dir.onix(["serve", "--sandbox", "--play", path])
            .run()
            .exits(0)
            .says("all as expected");
    }
}

/// A service without a sequence would be a service that nobody has compared with the documents.
#[test]
fn every_line_names_its_document() {
    for path in sequences() {
        let text = fs::read_to_string(&path).unwrap();
        for (n, line) in text.lines().enumerate() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let is_named = line.get("source").is_some() || line.get("admin").is_some();
            assert!(is_named, "{}:{}", path.display(), n + 1);
        }
    }
}

#[test]
fn a_wrong_expectation_is_told_with_its_line() {
    let dir = Dir::new();
    dir.write(
        "wrong.ndjson",
        r#"{"admin":{"path":"/__admin/reset"}}

{"request":{"path":"/api/organisations/ONYX/publications/full"},"expect":{"status":200}}
{"request":{"path":"/api/organisations/ONYX/publications/full"},"expect":{"status":404}}
"#,
    );
    let outcome = dir
        .onix(["serve", "--sandbox", "--play", "wrong.ndjson"])
        .run()
        .exits(1);
    let outcome = outcome
        .prints("wrong.ndjson: line 3: GET /api/organisations/ONYX/publications/full")
        .prints("expected status 200, came status 404 [\"not_found\"]")
        .says("3 steps, 1 otherwise than expected");
    assert_eq!(outcome.stdout.lines().count(), 1, "{}", outcome.stdout);
}

#[test]
fn what_is_no_sequence_exits_2() {
    let dir = Dir::new();
    let play = |name: &str| {
        dir.onix(["serve", "--sandbox", "--play", name])
            .run()
            .exits(2)
    };
    play("missing.ndjson").says("could not be read");
    dir.write("words.ndjson", "nothing\n");
    play("words.ndjson").says("line 1");
    dir.write("empty.ndjson", "\n");
    play("empty.ndjson").says("at least one step");
    let file = r#"{"admin":{"path":"/__admin/catalogue","file":"missing.xml"}}"#;
    dir.write("file.ndjson", file);
    play("file.ndjson").says("missing.xml");
}

#[test]
fn the_catalogue_of_an_index_is_played_against() {
    let dir = Dir::with_book();
    dir.write(
        "book.ndjson",
        r#"{"request":{"path":"/api/organisations/ONYX/publications/9782070368228.onix"},"expect":{"status":200,"body_matches":"house.1"}}"#,
    );
    dir.onix(["serve", "--sandbox", "--play", "book.ndjson"])
        .run()
        .exits(0);
    dir.onix(["serve", "--sandbox", "--index=none", "--play=book.ndjson"])
        .run()
        .exits(2)
        .says("there is no catalogue at none");
}

#[test]
fn a_catalogue_without_records_is_refused() {
    let dir = Dir::new();
    dir.write("book.xml", util::BOOK);
    dir.onix(["index", "book.xml", "--keep-records=false"])
        .run()
        .exits(0);
    dir.onix(["serve", "--sandbox"])
        .run()
        .exits(2)
        .says("records");
}

#[test]
fn the_stand_in_is_served_to_this_machine_alone() {
    let dir = Dir::new();
    for flag in ["--demo", "--state=s.sqlite", "--play=x.ndjson"] {
        dir.onix(["serve", flag]).run().exits(2).says("--sandbox");
    }
    dir.onix(["serve", "--sandbox", "--token-file=t"])
        .run()
        .exits(2)
        .says("--token-file");
    dir.onix(["serve", "--sandbox", "--listen=0.0.0.0"])
        .run()
        .exits(2)
        .says("no address of this machine alone");
}
