//! The encoding of each record is found out: nine encodings, with a byte order mark or without, declared
//! rightly, wrongly, by an unknown name or not at all, sound or with one bad byte.

use onix_catalogue::onix::{NoticeCode, Reader, Record};

/// An encoding: its label, a title that it can write, that title in it, and how those bytes read in
/// Windows-1252.
struct Encoding {
    label: &'static str,
    title: &'static str,
    bytes: &'static [u8],
    as_windows_1252: &'static str,
}

const NARROW: [Encoding; 6] = [
    Encoding {
        label: "ISO-8859-1",
        title: "L'été à Zürich",
        bytes: b"L'\xe9t\xe9 \xe0 Z\xfcrich",
        as_windows_1252: "L'été à Zürich",
    },
    Encoding {
        label: "ISO-8859-2",
        title: "Łódź i Kraków",
        bytes: b"\xa3\xf3d\xbc i Krak\xf3w",
        as_windows_1252: "£ód¼ i Kraków",
    },
    Encoding {
        label: "ISO-8859-15",
        title: "Cœur à 5 €",
        bytes: b"C\xbdur \xe0 5 \xa4",
        as_windows_1252: "C½ur à 5 ¤",
    },
    Encoding {
        label: "Windows-1250",
        title: "Żółć – łąka",
        bytes: b"\xaf\xf3\xb3\xe6 \x96 \xb3\xb9ka",
        as_windows_1252: "¯ó³æ – ³¹ka",
    },
    Encoding {
        label: "Windows-1251",
        title: "Война и мир",
        bytes: b"\xc2\xee\xe9\xed\xe0 \xe8 \xec\xe8\xf0",
        as_windows_1252: "Âîéíà è ìèð",
    },
    Encoding {
        label: "Windows-1252",
        title: "d’été “5 €”",
        bytes: b"d\x92\xe9t\xe9 \x935 \x80\x94",
        as_windows_1252: "d’été “5 €”",
    },
];

/// A title with characters of one, two, three and four bytes of UTF-8.
const WIDE_TITLE: &str = "L’été 日本 𝄞";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Declared {
    Rightly,
    Wrongly,
    Unknown,
    Not,
}

const DECLARED: [Declared; 4] = [
    Declared::Rightly,
    Declared::Wrongly,
    Declared::Unknown,
    Declared::Not,
];

fn declaration(declared: Declared, right: &str, wrong: &str) -> String {
    let encoding = match declared {
        Declared::Rightly => format!(" encoding=\"{right}\""),
        Declared::Wrongly => format!(" encoding=\"{wrong}\""),
        Declared::Unknown => " encoding=\"x-nonsense\"".to_owned(),
        Declared::Not => String::new(),
    };
    format!("<?xml version=\"1.0\"{encoding}?>")
}

fn message(declaration: &str, title: &[u8]) -> Vec<u8> {
    let before = format!(
        "{declaration}<ONIXMessage release=\"3.0\"><Product><RecordReference>a</RecordReference>\
         <DescriptiveDetail><TitleDetail><TitleType>01</TitleType><TitleElement>\
         <TitleElementLevel>01</TitleElementLevel><TitleText>"
    );
    let behind = b"</TitleText></TitleElement></TitleDetail></DescriptiveDetail></Product>\
        <Product><RecordReference>b</RecordReference></Product></ONIXMessage>";
    [before.as_bytes(), title, behind].concat()
}

/// The title of the first of two records, and the codes of all notices.
fn read(bytes: &[u8]) -> (String, Vec<&'static str>) {
    let mut reader = Reader::new(bytes);
    let mut record = Record::new();
    assert!(reader.read_record(&mut record).unwrap());
    let title = record.product().descriptive_detail().title_details[0]
        .title()
        .unwrap()
        .0
        .into_owned();
    let mut notices = record.notices().to_vec();
    assert!(reader.read_record(&mut record).unwrap());
    assert_eq!(record.product().record_reference().unwrap(), "b");
    notices.extend(record.notices().to_vec());
    assert!(!reader.read_record(&mut record).unwrap());
    notices.extend(reader.take_notices());
    let is_of_one = |message: &str| message.contains(": 1 record is");
    assert!(
        notices
            .iter()
            .filter(|notice| notice.code == NoticeCode::UndeclaredEncoding)
            .all(|notice| is_of_one(&notice.message) || notice.message.contains("UTF-16")),
        "{notices:?}"
    );
    let codes = notices.iter().map(|notice| notice.code.as_str()).collect();
    (title, codes)
}

/// Checks a cell: what is read, and the codes that are said.
fn cell(name: &str, bytes: &[u8], title: &str, codes: &[&str]) {
    let (read_title, read_codes) = read(bytes);
    assert_eq!(read_title, title, "{name}");
    assert_eq!(read_codes, codes, "{name}");
    let is_replaced = read_title.contains('\u{fffd}');
    assert_eq!(is_replaced, codes.contains(&"OX107"), "{name}");
}

#[test]
fn utf_8_is_itself_whatever_is_declared() {
    for declared in DECLARED {
        for bom in ["", "\u{feff}"] {
            let declaration = format!("{bom}{}", declaration(declared, "UTF-8", "ISO-8859-1"));
            let name = format!("{declared:?} {bom:?}");
            let says_other = matches!(declared, Declared::Wrongly | Declared::Unknown);
            let sound: &[&str] = if says_other { &["OX108"] } else { &[] };
            let bytes = message(&declaration, WIDE_TITLE.as_bytes());
            cell(&name, &bytes, WIDE_TITLE, sound);
            // One byte that isn't UTF-8: in Latin-1 all of the record makes sense, as garbage may.
            let bad = message(&declaration, b"\xc3\xa9t\xe9");
            match declared {
                Declared::Rightly | Declared::Not => {
                    cell(&name, &bad, "été", &["OX104", "OX108"]);
                }
                Declared::Wrongly => cell(&name, &bad, "Ã©té", &[]),
                Declared::Unknown => cell(&name, &bad, "été", &["OX105", "OX108"]),
            }
        }
    }
}

#[test]
fn utf_16_is_seen_by_its_first_bytes() {
    for big in [false, true] {
        let units = |text: &str| -> Vec<u8> {
            text.encode_utf16()
                .flat_map(|unit| match big {
                    true => unit.to_be_bytes(),
                    false => unit.to_le_bytes(),
                })
                .collect()
        };
        for declared in DECLARED {
            for bom in ["", "\u{feff}"] {
                let declaration = declaration(declared, "UTF-16", "UTF-8");
                let name = format!("{declared:?} {bom:?} {big}");
                let says_other = matches!(declared, Declared::Wrongly | Declared::Unknown);
                let text = String::from_utf8(message(&declaration, WIDE_TITLE.as_bytes())).unwrap();
                let bytes = units(&format!("{bom}{text}"));
                let sound: &[&str] = if says_other { &["OX108"] } else { &[] };
                cell(&name, &bytes, WIDE_TITLE, sound);
                // Half of a pair.
                let (before, behind) = text.split_once("𝄞").unwrap();
                let half = match big {
                    true => [0xd8, 0x34],
                    false => [0x34, 0xd8],
                };
                let bad = [
                    units(&format!("{bom}{before}")),
                    half.to_vec(),
                    units(behind),
                ]
                .concat();
                let codes: &[&str] = match says_other {
                    true => &["OX107", "OX108"],
                    false => &["OX107"],
                };
                cell(&name, &bad, "L’été 日本 \u{fffd}", codes);
            }
        }
    }
}

#[test]
fn other_encodings_are_read_as_declared_else_as_windows_1252() {
    for encoding in NARROW {
        for declared in DECLARED {
            for bom in [&b""[..], b"\xef\xbb\xbf"] {
                let declaration = declaration(declared, encoding.label, "UTF-8");
                let name = format!("{} {declared:?} {bom:?}", encoding.label);
                let (title, codes): (_, &[&str]) = match declared {
                    Declared::Rightly => (encoding.title, &[]),
                    Declared::Wrongly | Declared::Not => {
                        (encoding.as_windows_1252, &["OX104", "OX108"])
                    }
                    Declared::Unknown => (encoding.as_windows_1252, &["OX105", "OX108"]),
                };
                let bytes = [bom, &message(&declaration, encoding.bytes)].concat();
                cell(&name, &bytes, title, codes);
                // Nothing is a bad byte in these, so that one more is one more character; in the
                // first 128 places there are control characters, which are dropped.
                let bad = [
                    bom,
                    &message(&declaration, &[encoding.bytes, b"\x01"].concat()),
                ]
                .concat();
                let (read_title, read_codes) = read(&bad);
                assert_eq!(read_title, title, "{name}");
                let dropped = read_codes.iter().filter(|code| **code == "OX103");
                assert_eq!(dropped.count(), 1, "{name}: {read_codes:?}");
            }
        }
    }
}

#[test]
fn bytes_that_make_no_sense_in_the_declared_encoding() {
    let declaration = declaration(Declared::Rightly, "Shift_JIS", "");
    let japanese = message(&declaration, b"\x93\xfa\x96\x7b");
    cell("Shift_JIS", &japanese, "日本", &[]);
    let french = message(&declaration, b"L'\xe9t\xe9");
    cell("no Shift_JIS", &french, "L'été", &["OX105", "OX108"]);
    let utf_8 = message(&declaration, WIDE_TITLE.as_bytes());
    cell("UTF-8 after all", &utf_8, WIDE_TITLE, &["OX108"]);
}
