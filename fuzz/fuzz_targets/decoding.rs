//! Bytes in any encoding, declared or not: no character is lost without a word about it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onix_catalogue::onix::{NoticeCode, Reader, Record};
use onix_catalogue_fuzz::steps;

/// What may stand in front: declarations, some of them wrong, and byte order marks.
const LABELS: &[&str] = &[
    "utf-8",
    "iso-8859-1",
    "windows-1252",
    "iso-8859-15",
    "koi8-r",
    "shift_jis",
    "gb18030",
    "euc-kr",
    "iso-2022-jp",
    "utf-16",
    "us-ascii",
    "nonsense",
];

/// U+FFFD in UTF-8, UTF-16 and GB 18030.
const REPLACEMENTS: &[&[u8]] = &[
    b"\xef\xbf\xbd",
    b"\xff\xfd",
    b"\xfd\xff",
    b"\x84\x31\xa4\x37",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((&dress, text)) = bytes.split_first() else {
        return;
    };
    let input = dressed(dress, text);
    let mut reader = Reader::new(&input);
    let mut record = Record::new();
    let (mut is_replaced, mut is_told) = (false, false);
    for _ in steps(&input) {
        let step = reader.read_record(&mut record);
        let told = |notice: &_| notice == &NoticeCode::ReplacedCharacter;
        is_told |= reader
            .take_notices()
            .iter()
            .any(|notice| told(&notice.code));
        match step {
            Ok(false) => break,
            Ok(true) => is_replaced |= record.xml().contains('\u{fffd}'),
            Err(_) => {}
        }
    }
    let holds = |part: &&[u8]| input.windows(part.len()).any(|window| window == *part);
    let is_given = REPLACEMENTS.iter().any(holds);
    assert!(
        !is_replaced || is_told || is_given,
        "{}",
        input.escape_ascii()
    );
});

/// The bytes as they are, or as a text in a record of a message of some encoding.
fn dressed(dress: u8, text: &[u8]) -> Vec<u8> {
    let before = "<ONIXMessage release=\"3.0\"><Product><RecordReference>";
    let after = "</RecordReference></Product></ONIXMessage>";
    let (mark, unit): (&[u8], fn(u16) -> [u8; 2]) = match dress {
        0 => return text.to_vec(),
        1 => (b"\xff\xfe", u16::to_le_bytes),
        2 => (b"\xfe\xff", u16::to_be_bytes),
        3 => (b"", u16::to_le_bytes),
        4 => (b"", u16::to_be_bytes),
        _ => {
            let label = LABELS[usize::from(dress) % LABELS.len()];
            let before = format!("<?xml version=\"1.0\" encoding=\"{label}\"?>{before}");
            return [before.as_bytes(), text, after.as_bytes()].concat();
        }
    };
    let wide = |text: &str| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    [mark, &wide(before), text, &wide(after)].concat()
}
