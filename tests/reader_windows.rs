//! However an input is cut into windows, and by however many threads it is read, the same comes out
//! as from the whole in one piece.
#![cfg(feature = "files")]

use std::fs;
use std::path::Path;

use onix_catalogue::input::{Inputs, Item, ReadOptions, read};
use onix_catalogue::onix::{Limits, ReaderBuilder, Record};
use proptest::prelude::*;

/// Everything that a reader says of an input.
type Account = Vec<String>;

fn tell(record: &Record<'_>) -> String {
    let position = record.position();
    format!("record at {}: {}", position.byte, record.xml())
}

fn limits(max_record_bytes: usize) -> Limits {
    let mut limits = Limits::default();
    limits.max_record_bytes = max_record_bytes;
    limits
}

fn in_one_piece(bytes: &[u8], name: &str, max_record_bytes: usize) -> Account {
    let mut reader = ReaderBuilder::new()
        .input(name)
        .limits(limits(max_record_bytes))
        .read(bytes);
    let mut record = Record::new();
    let mut out = Account::new();
    loop {
        let step = reader.read_record(&mut record);
        out.extend(reader.take_notices().iter().map(|n| format!("{n:?}")));
        match step {
            Ok(true) => {
                out.extend(record.notices().iter().map(|n| format!("{n:?}")));
                out.push(tell(&record));
            }
            Ok(false) => return out,
            Err(error) => out.push(format!("{error:?} {:?}", error.record())),
        }
    }
}

fn in_windows(path: &Path, window: usize, threads: usize, max_record_bytes: usize) -> Account {
    let mut options = ReadOptions::default();
    options.threads = threads;
    options.window_bytes = window;
    options.limits = limits(max_record_bytes);
    let mut out = Account::new();
    read(&Inputs::from_paths([path]), &options, tell, |item| {
        match item {
            Item::Record(record) => out.push(record),
            Item::Notice(notice) => out.push(format!("{notice:?}")),
            Item::Rejected(error) => out.push(format!("{error:?} {:?}", error.record())),
            _ => {}
        }
        Ok(())
    })
    .unwrap();
    out
}

fn check(bytes: &[u8], windows: &[usize], threads: &[usize], max_record_bytes: usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("input.xml");
    fs::write(&path, bytes).unwrap();
    let whole = in_one_piece(bytes, path.to_str().unwrap(), max_record_bytes);
    for &window in windows {
        for &threads in threads {
            let cut = in_windows(&path, window, threads, max_record_bytes);
            assert!(
                cut == whole,
                "windows of {window}, {threads} threads, input\n{}\nwhole\n{}\ncut\n{}",
                String::from_utf8_lossy(bytes),
                whole.join("\n"),
                cut.join("\n"),
            );
        }
    }
}

/// Pieces of messages, in and out of order.
const PIECES: &[&str] = &[
    "<?xml version=\"1.0\"?>\n",
    "<ONIXMessage release=\"3.0\">\n",
    "<Header><SentDateTime>20260101</SentDateTime></Header>\n",
    "<Product><RecordReference>a</RecordReference></Product>\n",
    "<Product><RecordReference>b</RecordReference><NotificationType>03</NotificationType></Product>",
    "<product><a001>c &amp; d & e</a001></product>\n\n",
    "<Product><RecordReference>e</RecordReference><!-- </Product> <Product> --></Product>",
    "<Product><RecordReference><![CDATA[</Product><Product>]]></RecordReference></Product>",
    "<Product><RecordReference>open</RecordReference>",
    "<Product><RecordReference>open comment <!-- </RecordReference></Product>\n",
    "<Product><RecordReference>open section <![CDATA[ </RecordReference></Product>",
    "<Product><RecordReference a=\"open>quote</RecordReference></Product>",
    "<Product><RecordReference>x</NotificationType></Product>\n",
    "<Product><RecordReference>a < b</RecordReference></Product>",
    "<Product><RecordReference>long ......................................................................................................................................</RecordReference></Product>",
    "<!-- <Product>\n -->",
    "<!-- open ",
    "-->",
    "]]>",
    "<? open ",
    "<!DOCTYPE x [",
    "text",
    "</Product>",
    "<Other>in <b>between</b></Other>",
    "</ONIXMessage>",
    "\u{feff}",
    "é",
];

/// Bytes that print as text.
#[derive(Clone)]
struct Bytes(Vec<u8>);

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

fn pieces() -> impl Strategy<Value = Bytes> {
    let piece = prop_oneof![
        20 => prop::sample::select(PIECES.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => Just(b"<Product><RecordReference>caf\xe9</RecordReference></Product>".to_vec()),
        1 => Just(b"\x9f".to_vec()),
    ];
    (any::<bool>(), prop::collection::vec(piece, 0..14)).prop_map(|(has_root, pieces)| {
        let root = match has_root {
            true => PIECES[1].as_bytes(),
            false => b"",
        };
        Bytes([root, &pieces.concat()].concat())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn windows_change_nothing(bytes in pieces()) {
        check(&bytes.0, &[1, 50, 120, 400], &[1, 3], 1 << 20);
    }

    #[test]
    fn windows_change_nothing_at_limits(bytes in pieces()) {
        check(&bytes.0, &[1, 90, 300], &[1, 2], 150);
    }
}

#[test]
fn a_message_cut_at_every_byte_gives_every_complete_product() {
    let products = [
        "<Product><RecordReference>a</RecordReference></Product>",
        "<Product>\n<RecordReference>b</RecordReference><!-- c --></Product>",
        "<Product><RecordReference><![CDATA[c]]></RecordReference></Product>",
    ];
    let message = format!(
        "<?xml version=\"1.0\"?><ONIXMessage release=\"3.0\"><Header/>{}</ONIXMessage>\n",
        products.join("\n")
    );
    let end = message.rfind("</ONIXMessage>").unwrap() + "</ONIXMessage>".len();
    for cut in 0..=message.len() {
        let bytes = &message.as_bytes()[..cut];
        let account = in_one_piece(bytes, "cut", 1 << 20);
        let complete = products
            .iter()
            .filter(|product| message.find(*product).unwrap() + product.len() <= cut)
            .count();
        let records = account.iter().filter(|line| line.starts_with("record"));
        assert_eq!(records.count(), complete, "cut at {cut}: {account:?}");
        let is_said = account.iter().any(|line| line.starts_with("Error"));
        assert_eq!(is_said, cut < end, "cut at {cut}: {account:?}");
        check(bytes, &[1, 64], &[1, 2], 1 << 20);
    }
}

#[test]
fn an_empty_element_is_as_deep_as_one_with_two_tags() {
    let open = "<Vendor>".repeat(63);
    let close = "</Vendor>".repeat(63);
    for (inner, is_read) in [("", true), ("<a/>", false), ("<a></a>", false)] {
        for leaf in ["", "<Text>"] {
            let open = match leaf {
                "" => open.clone(),
                _ => open.replacen("<Vendor>", "", 1) + leaf,
            };
            let close = match leaf {
                "" => close.clone(),
                _ => "</Text>".to_owned() + &close.replacen("</Vendor>", "", 1),
            };
            let message = format!("<Product>{open}{inner}{close}</Product>");
            let account = in_one_piece(message.as_bytes(), "deep", 1 << 20);
            let n_read = account.iter().filter(|line| line.starts_with("record"));
            assert_eq!(
                n_read.count(),
                usize::from(is_read),
                "{message} {account:?}"
            );
        }
    }
}
