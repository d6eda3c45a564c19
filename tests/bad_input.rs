//! Bad input, file by file: what was found, where and what to do is said, the exit status is right,
//! and nothing is lost that could be read.
#![cfg(feature = "cli")]

mod util;

use onix_catalogue::Catalogue;
use onix_catalogue::catalogue::WriterOptions;
use util::{BOOK, Dir};

/// [`BOOK`] with another title, in bytes.
fn titled(title: &[u8]) -> Vec<u8> {
    let (before, after) = BOOK.split_once("The Lighthouse").unwrap();
    [before.as_bytes(), title, after.as_bytes()].concat()
}

fn title_of(dir: &Dir) -> String {
    let shown = dir.onix(["show", "house.1", "--json"]).run().exits(0);
    shown.json()[0]["title"].as_str().unwrap().to_owned()
}

#[test]
fn what_can_be_repaired_is_kept_and_told() {
    let cases: [(&[u8], &str, &str); 5] = [
        (b"Fish & chips", "Fish & chips", "OX101"),
        (b"Fish &chips; &lt;", "Fish &chips; <", "OX102"),
        (b"Caf\xe9 d\x92\xe9t\xe9", "Café d’été", "OX104"),
        (b"a\x01b", "ab", "OX103"),
        (b"&#233;t&eacute;", "été", ""),
    ];
    for (raw, title, code) in cases {
        let dir = Dir::new();
        dir.write("book.xml", titled(raw));
        let outcome = dir.onix(["index", "book.xml", "-v"]).run().exits(0);
        assert_eq!(title_of(&dir), title, "{raw:?}");
        if !code.is_empty() {
            outcome.says(code).says("book.xml:").says("house.1");
        }
    }
}

#[test]
fn what_cannot_is_set_aside_with_its_place() {
    for (raw, reason) in [
        (&b"a < b"[..], "a `<` that opens nothing"),
        (
            b"<i>never closed",
            "end tag </TitleText> where </i> was expected",
        ),
    ] {
        let dir = Dir::new();
        let second = BOOK.replace("house.1", "house.2");
        let (_, second) = second.split_once("</Header>").unwrap();
        let first = String::from_utf8(titled(raw)).unwrap();
        let both = first.replace("</ONIXMessage>", second);
        dir.write("book.xml", both);
        let outcome = dir.onix(["index", "book.xml"]).run().exits(3);
        outcome.says(reason).says("book.xml:7").says("house.1");
        dir.onix(["show", "house.2"]).run().exits(0);
        dir.onix(["show", "house.1"]).run().exits(1);
    }
}

#[test]
fn a_cut_file_gives_every_complete_product() {
    let dir = Dir::new();
    let second = BOOK.replace("house.1", "house.2");
    let (_, second) = second.split_once("</Header>").unwrap();
    let both = BOOK.replace("</ONIXMessage>", second);
    dir.write("cut.xml", &both[..both.len() - 100]);
    let outcome = dir.onix(["index", "cut.xml"]).run().exits(3);
    outcome
        .says("cut off before its end")
        .says("fetch the file again");
    dir.onix(["show", "house.1"]).run().exits(0);
}

#[test]
fn empty_files_and_folders_without_onix() {
    let dir = Dir::new();
    dir.write("empty.xml", "");
    dir.onix(["index", "empty.xml"])
        .run()
        .exits(2)
        .says("empty");
    std::fs::create_dir(dir.path().join("folder")).unwrap();
    let outcome = dir.onix(["index", "folder"]).run().exits(2);
    outcome.says("a folder without any file");
    dir.write("folder/notes.txt", "nothing to see");
    dir.write("folder/page.html", "<!DOCTYPE html><html></html>");
    let outcome = dir.onix(["index", "folder"]).run().exits(2);
    outcome.says("notes.txt").says("an HTML page");
    assert!(!dir.path().join("onix-index").exists());
}

#[test]
fn one_writer_at_a_time() {
    let dir = Dir::new();
    dir.write("book.xml", BOOK);
    dir.onix(["index", "book.xml"]).run().exits(0);
    let catalogue = Catalogue::open(dir.path().join("onix-index")).unwrap();
    let writer = catalogue.writer(WriterOptions::default()).unwrap();
    let outcome = dir.onix(["index", "book.xml"]).run().exits(2);
    let pid = std::process::id();
    outcome
        .says(&format!("process {pid} is writing to this catalogue"))
        .says("--wait");
    drop(writer);
    // A process that another test is just starting may still have our lock with it.
    dir.onix(["index", "book.xml", "--wait"]).run().exits(0);
}

#[test]
fn an_index_of_another_version() {
    let dir = Dir::new();
    dir.write("book.xml", BOOK);
    dir.onix(["index", "book.xml"]).run().exits(0);
    let manifest = dir.path().join("onix-index/catalogue.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("\"format\": ", "\"format\": 9")).unwrap();
    for command in [&["search", "x"][..], &["index", "book.xml"]] {
        let outcome = dir.onix(command).run().exits(2);
        outcome.says("made by another version").says("--rebuild");
    }
    dir.onix(["index", "book.xml", "--rebuild"]).run().exits(0);
    assert_eq!(title_of(&dir), "The Lighthouse");
}

#[test]
fn an_empty_index_finds_nothing() {
    let dir = Dir::new();
    dir.write("removal.xml", BOOK.replace(">03</Not", ">05</Not"));
    dir.onix(["index", "removal.xml"]).run().exits(0);
    dir.onix(["search", "lighthouse"]).run().exits(1);
    dir.onix(["check", "9782070368228"]).run().exits(1);
}

#[test]
fn filters_say_what_they_take() {
    let dir = Dir::new();
    dir.write("book.xml", BOOK);
    dir.onix(["index", "book.xml"]).run().exits(0);
    for (flag, given) in [
        ("--country", "XX"),
        ("--currency", "EURO"),
        ("--format", "docx"),
        ("--protection", "strong"),
        ("--price-type", "99"),
    ] {
        let outcome = dir.onix(["search", "x", flag, given]).run().exits(2);
        outcome.says(given);
    }
    // In a check the same are verdicts.
    let outcome = dir.onix([
        "check",
        "house.1",
        "--format=docx",
        "--country=XX",
        "--currency=EURO",
    ]);
    outcome.run().exits(1);
}
