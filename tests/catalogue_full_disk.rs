//! A disk without room. Needs the right to mount a small file system; says so where it hasn't.
#![cfg(all(feature = "index", target_os = "linux"))]

use std::path::Path;
use std::process::Command;

use onix_catalogue::catalogue::{Catalogue, Search};
use onix_catalogue::onix::Reader;
use onix_catalogue::{ErrorKind, Result};

/// A file system of that many KiB, as long as it lives.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new(kib: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={kib}k"), "tmpfs"])
            .arg(folder.path())
            .output();
        mounted.ok()?.status.success().then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.path()).output();
    }
}

/// A message of these products, whose titles don't compress.
fn list(range: std::ops::Range<u32>) -> String {
    let noise = |i: u32| -> String {
        (0..60)
            .scan(u64::from(i) + 1, |state, _| {
                *state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                Some(format!("{:x} ", *state >> 16))
            })
            .collect()
    };
    let products: String = range
        .map(|i| format!("<Product><RecordReference>r{i}</RecordReference><DescriptiveDetail><TitleDetail><TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel><TitleText>Livre {}</TitleText></TitleElement></TitleDetail></DescriptiveDetail></Product>", noise(i)))
        .collect();
    format!("<ONIXMessage release=\"3.0\">{products}</ONIXMessage>")
}

fn ingest(catalogue: &Catalogue, range: std::ops::Range<u32>) -> Result<u64> {
    let summary = catalogue.ingest("", Reader::new(list(range).as_bytes()))?;
    Ok(summary.in_catalogue)
}

#[test]
fn a_full_disk_costs_the_run_and_nothing_else() {
    let (mut n_full, mut n_small) = (0, 0);
    let step = std::env::var("ONIX_TEST_DISK_STEP").ok();
    let step = step.map_or(90, |step| step.parse().unwrap());
    for kib in (40..1200).step_by(step) {
        let Some(disk) = SmallDisk::new(kib) else {
            eprintln!("skipped: no right to mount a small file system");
            return;
        };
        // Where not even a catalogue of three has room, that is said, and nothing else happens.
        let made = Catalogue::create(disk.path()).and_then(|catalogue| {
            ingest(&catalogue, 0..3)?;
            Ok(catalogue)
        });
        let catalogue = match made {
            Ok(catalogue) => catalogue,
            Err(error) => {
                n_small += 1;
                assert!(kib < 200, "{kib}: {error:#}");
                let text = format!("{error:#}");
                assert!(
                    text.contains("full") || text.contains("No space"),
                    "{kib}: {text}"
                );
                continue;
            }
        };
        match ingest(&catalogue, 0..1000) {
            Ok(in_catalogue) => assert_eq!(in_catalogue, 1000),
            Err(error) => {
                n_full += 1;
                assert!(matches!(error.kind(), ErrorKind::Index { .. }), "{error:#}");
                assert!(
                    error.to_string().contains("disk is full"),
                    "{kib}: {error:#}"
                );
                let again = Catalogue::open(disk.path()).unwrap();
                assert_eq!(again.search(&Search::new("livre")).unwrap().total, 3);
                // Room for a little, since what the failed run left is removed; the smallest have none even for that.
                match ingest(&again, 3..4) {
                    Ok(in_catalogue) => assert_eq!(in_catalogue, 4, "{kib}"),
                    Err(error) => assert!(kib < 200, "{kib}: {error:#}"),
                }
            }
        }
    }
    println!("{n_full} times full, {n_small} times too small to begin");
    assert!(n_full > 3, "{n_full}");
}

/// The command says what happened, exits with 2, and goes on once there is room.
#[test]
#[cfg(feature = "cli")]
fn the_command_says_that_the_disk_is_full() {
    let Some(disk) = SmallDisk::new(500) else {
        eprintln!("skipped: no right to mount a small file system");
        return;
    };
    let lists = tempfile::tempdir().unwrap();
    let (small, large) = (
        lists.path().join("small.xml"),
        lists.path().join("large.xml"),
    );
    std::fs::write(&small, list(0..9)).unwrap();
    std::fs::write(&large, list(0..1500)).unwrap();
    let index = |input: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onix"));
        let command = command.current_dir(disk.path()).args(["index", "-q"]);
        command.arg(input).output().unwrap()
    };
    let is_whole = || {
        let verified = Catalogue::open(disk.path().join("onix-index"))
            .and_then(|catalogue| catalogue.verify())
            .unwrap();
        assert_eq!((verified.products, verified.problems.len()), (9, 0));
    };
    assert!(index(&small).status.success());
    let output = index(&large);
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("disk is full"), "{message}");
    is_whole();
    assert!(index(&small).status.success());
    is_whole();
}
