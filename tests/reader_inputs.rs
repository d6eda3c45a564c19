//! Files, folders, archives: what is read, in which order, and what is said of what can't be.
#![cfg(feature = "files")]

use std::fs;
use std::io::Write;
use std::path::Path;

use onix_catalogue::input::{Inputs, Item, ReadOptions, read};
use onix_catalogue::onix::Limits;

fn message(references: &[&str]) -> String {
    let products: String = references
        .iter()
        .map(|r| format!("<Product><RecordReference>{r}</RecordReference></Product>\n"))
        .collect();
    format!("<?xml version=\"1.0\"?>\n<ONIXMessage release=\"3.0\">\n{products}</ONIXMessage>\n")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(members: &[(&str, &[u8], bool)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes, is_stored) in members {
        let method = match is_stored {
            true => zip::CompressionMethod::Stored,
            false => zip::CompressionMethod::Deflated,
        };
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The references of what is read, and a line for each trouble and each end of an input.
fn account<P: AsRef<Path>>(paths: &[P], limits: Limits) -> Vec<String> {
    let mut options = ReadOptions::default();
    options.threads = 2;
    options.limits = limits;
    let mut out = Vec::new();
    let work = |record: &onix_catalogue::onix::Record<'_>| {
        record
            .product()
            .record_reference()
            .unwrap_or_default()
            .into_owned()
    };
    read(&Inputs::from_paths(paths), &options, work, |item| {
        match item {
            Item::Record(reference) => out.push(reference),
            Item::Rejected(error) => out.push(format!("! {}", error.code())),
            Item::Notice(notice) => out.push(format!("{}", notice.code)),
            Item::Input(end) => {
                let name = end.name.rsplit('/').next().unwrap().to_owned();
                let rejected = if end.is_rejected { " rejected" } else { "" };
                out.push(format!("{name}: {}{rejected}", end.n_records));
            }
            _ => {}
        }
        Ok(())
    })
    .unwrap();
    out
}

#[test]
fn a_folder_is_read_in_the_order_of_its_paths() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("b")).unwrap();
    fs::write(at("b/z.xml"), message(&["3"])).unwrap();
    fs::write(at("b.xml"), message(&["2"])).unwrap();
    fs::write(at("a.xml"), message(&["1"])).unwrap();
    fs::write(at(".hidden"), "no ONIX").unwrap();
    let members = [gzip(message(&["4"]).as_bytes()), gzip(b"<!-- more -->")].concat();
    fs::write(at("c.gz"), members).unwrap();
    fs::write(
        at("d.anything"),
        zstd::encode_all(message(&["5"]).as_bytes(), 0).unwrap(),
    )
    .unwrap();
    let six = message(&["6"])
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect::<Vec<_>>();
    let seven = gzip(message(&["7"]).as_bytes());
    let archive = zip(&[("y.xml", &six, false), ("../x.gz", &seven, true)]);
    fs::write(at("e.zip"), archive).unwrap();
    assert_eq!(
        account(&[folder.path()], Limits::default()),
        [
            "1",
            "a.xml: 1",
            "2",
            "b.xml: 1",
            "3",
            "z.xml: 1",
            "4",
            "c.gz: 1",
            "5",
            "d.anything: 1",
            "6",
            "y.xml: 1",
            "7",
            "x.gz: 1",
        ]
    );
}

#[test]
fn trouble_with_one_input_costs_that_input() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("nothing")).unwrap();
    fs::write(at("empty.xml"), "").unwrap();
    fs::write(
        at("page.xml"),
        "<!DOCTYPE html><html><body><product/></body></html>",
    )
    .unwrap();
    fs::write(at("good.xml"), message(&["1"])).unwrap();
    let compressed = gzip(message(&["2", "3"]).as_bytes());
    fs::write(at("cut.gz"), &compressed[..compressed.len() - 12]).unwrap();
    let names = [
        "missing",
        "nothing",
        "empty.xml",
        "page.xml",
        "good.xml",
        "cut.gz",
    ];
    let account = account(&names.map(at), Limits::default());
    assert_eq!(
        account[..10],
        [
            "! io",
            "missing: 0 rejected",
            "! io",
            "nothing: 0 rejected",
            "! empty",
            "empty.xml: 0 rejected",
            "! not_onix",
            "page.xml: 0 rejected",
            "1",
            "good.xml: 1",
        ]
    );
    assert!(
        account[10..].iter().any(|line| line == "! truncated"),
        "{account:?}"
    );
}

#[test]
fn decompression_stops_at_its_limits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bomb.gz");
    let product = "<Product><RecordReference>1</RecordReference></Product>";
    let bomb = format!("<ONIXMessage release=\"3.0\">{}", product.repeat(10_000));
    fs::write(&path, gzip(bomb.as_bytes())).unwrap();
    let mut limits = Limits::default();
    limits.max_decoded_bytes = 200_000;
    let account = account(&[&path], limits);
    let n_read = account.iter().filter(|line| *line == "1").count();
    assert!(
        (1000..=200_000 / product.len() + 1200).contains(&n_read),
        "{n_read}"
    );
    assert!(
        account.iter().any(|line| line == "! limit"),
        "{:?}",
        &account[n_read..]
    );
}
