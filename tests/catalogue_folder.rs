//! The catalogue on disk.
#![cfg(feature = "index")]

use std::fs;
use std::path::Path;

use onix_catalogue::ErrorKind;
use onix_catalogue::catalogue::{Catalogue, Search, Writer, WriterOptions};
use onix_catalogue::onix::Reader;

fn message(range: std::ops::Range<u32>) -> String {
    let products: String = range
        .map(|i| format!("<Product><RecordReference>r{i}</RecordReference><DescriptiveDetail><TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel><TitleText>Livre {i}</TitleText></TitleElement></TitleDetail></DescriptiveDetail></Product>"))
        .collect();
    format!("<ONIXMessage release=\"3.0\">{products}</ONIXMessage>")
}

fn ingest(catalogue: &Catalogue, range: std::ops::Range<u32>) -> u64 {
    let message = message(range);
    let records = Reader::new(message.as_bytes());
    catalogue.ingest("", records).unwrap().in_catalogue
}

fn total(catalogue: &Catalogue, words: &str) -> u64 {
    catalogue.search(&Search::new(words)).unwrap().total
}

#[test]
fn what_was_published_is_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/index");
    assert_eq!(ingest(&Catalogue::create(&path).unwrap(), 0..10), 10);
    let catalogue = Catalogue::open(&path).unwrap();
    assert_eq!(total(&catalogue, "livre"), 10);
    assert_eq!(
        ingest(&Catalogue::open_or_create(&path).unwrap(), 5..15),
        15
    );
    // What another one published is seen after a look.
    assert_eq!(total(&catalogue, "livre"), 10);
    catalogue.reload().unwrap();
    assert_eq!(total(&catalogue, "livre"), 15);
    let stats = catalogue.stats().unwrap();
    assert_eq!((stats.products, stats.generation), (15, 2));
    assert!(stats.bytes > 0);
}

#[test]
fn what_was_not_published_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let catalogue = Catalogue::create(folder.path()).unwrap();
    ingest(&catalogue, 0..3);
    let before = fs::read(folder.path().join("text/meta.json")).unwrap();
    let mut writer = catalogue.writer(WriterOptions::default()).unwrap();
    for record in Reader::new(message(0..50).as_bytes()) {
        writer
            .apply(Writer::prepare(&record.unwrap(), None))
            .unwrap();
    }
    drop(writer);
    assert_eq!(total(&Catalogue::open(folder.path()).unwrap(), "livre"), 3);
    assert_eq!(
        fs::read(folder.path().join("text/meta.json")).unwrap(),
        before
    );
    assert_eq!(ingest(&catalogue, 0..4), 4);
}

#[test]
fn one_writes_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    for catalogue in [
        Catalogue::create(folder.path().join("x")).unwrap(),
        Catalogue::in_memory().unwrap(),
    ] {
        let writer = catalogue.writer(WriterOptions::default()).unwrap();
        let second = catalogue.clone().writer(WriterOptions::default());
        let pid = Some(std::process::id());
        assert_eq!(second.unwrap_err().kind(), &ErrorKind::Locked { pid });
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| {
                let options = WriterOptions {
                    wait: true,
                    ..WriterOptions::default()
                };
                catalogue.writer(options).unwrap().commit().unwrap()
            });
            std::thread::sleep(std::time::Duration::from_millis(50));
            drop(writer);
            assert_eq!(waiting.join().unwrap().in_catalogue, 0);
        });
        catalogue.writer(WriterOptions::default()).unwrap();
    }
}

#[test]
fn folders_that_are_no_catalogue() {
    let folder = tempfile::tempdir().unwrap();
    let kind = |result: onix_catalogue::Result<Catalogue>| result.unwrap_err().kind().clone();
    let missing = folder.path().join("missing");
    assert!(matches!(
        kind(Catalogue::open(&missing)),
        ErrorKind::NoIndex { .. }
    ));
    assert!(!missing.exists());
    assert!(matches!(
        kind(Catalogue::open(folder.path())),
        ErrorKind::NoIndex { .. }
    ));

    let other = folder.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("letters.txt"), "Dear").unwrap();
    assert!(matches!(
        kind(Catalogue::create(&other)),
        ErrorKind::Index { .. }
    ));
    assert!(matches!(
        kind(Catalogue::open_or_create(&other)),
        ErrorKind::Index { .. }
    ));
    assert_eq!(fs::read_dir(&other).unwrap().count(), 1);

    let file = other.join("letters.txt");
    assert!(matches!(
        kind(Catalogue::open(&file)),
        ErrorKind::NoIndex { .. }
    ));
    assert!(matches!(
        kind(Catalogue::create(&file)),
        ErrorKind::Io { .. }
    ));
}

#[test]
fn a_catalogue_of_another_version_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(Catalogue::create(folder.path()).unwrap());
    let path = folder.path().join("catalogue.json");
    let manifest = fs::read_to_string(&path).unwrap();
    for changed in [
        manifest.replace("\"format\": 3", "\"format\": 7"),
        "{}".into(),
        "?".into(),
    ] {
        assert_ne!(changed, manifest);
        fs::write(&path, &changed).unwrap();
        for result in [
            Catalogue::open(folder.path()),
            Catalogue::open_or_create(folder.path()),
            Catalogue::create(folder.path()),
        ] {
            assert!(matches!(
                result.unwrap_err().kind(),
                ErrorKind::IndexVersion { .. }
            ));
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), changed);
    }
}

#[test]
fn an_interrupted_creation_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    drop(Catalogue::create(folder.path()).unwrap());
    fs::remove_file(folder.path().join("catalogue.json")).unwrap();
    fs::write(folder.path().join("catalogue.json.unfinished"), "{").unwrap();
    assert!(Catalogue::open(folder.path()).is_err());
    assert_eq!(
        ingest(&Catalogue::open_or_create(folder.path()).unwrap(), 0..2),
        2
    );
}

/// What a process killed between writing a segment's list of deleted documents and publishing it
/// leaves behind: a file with the very name that the next writer needs.
#[test]
fn an_orphan_of_a_killed_run_does_not_stop_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let catalogue = Catalogue::create(folder.path()).unwrap();
    ingest(&catalogue, 0..3);
    let text = folder.path().join("text");
    let opstamp = |path: &Path| -> u64 {
        let meta: serde_json::Value =
            serde_json::from_slice(&fs::read(path.join("meta.json")).unwrap()).unwrap();
        meta["opstamp"].as_u64().unwrap()
    };
    let segment = fs::read_dir(&text)
        .unwrap()
        .map(|file| file.unwrap().path())
        .find(|path| {
            path.extension()
                .is_some_and(|extension| extension == "store")
        })
        .unwrap();
    // tantivy deletes only what it has listed as its own.
    let managed = text.join(".managed.json");
    let mut files: Vec<String> = serde_json::from_slice(&fs::read(&managed).unwrap()).unwrap();
    for next in opstamp(&text)..opstamp(&text) + 20 {
        let orphan = segment.with_extension(format!("{next}.del"));
        fs::write(&orphan, "").unwrap();
        files.push(orphan.file_name().unwrap().to_str().unwrap().to_owned());
    }
    fs::write(&managed, serde_json::to_vec(&files).unwrap()).unwrap();

    let message = message(0..1).replace("Livre", "Nouveau");
    let summary = catalogue
        .ingest("", Reader::new(message.as_bytes()))
        .unwrap();
    assert_eq!(summary.replaced, 1);
    assert_eq!(total(&catalogue, "nouveau"), 1);
}
