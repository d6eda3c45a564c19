//! quick-xml as the judge of the [scanner](super::scanner): what the scanner reads, events read the same.

use super::fault::FaultKind;
use super::limits::Limits;
use super::message::Message;
use super::oddities::Oddities;
use super::resync::next_product_start;
use super::scanner;
use super::tag::Tag;
use super::tape::{Filler, Tape};
use super::tokenizer::{Item, Tokenizer};

/// Reads the element at every product's start tag both ways; returns how many the scanner read.
///
/// # Panics
/// Where they come to something else.
pub fn compare(bytes: &[u8]) -> usize {
    let limits = Limits {
        max_depth: 12,
        ..Limits::default()
    };
    let mut n_scanned = 0;
    let mut from = 0;
    while let Some(at) = next_product_start(bytes, from) {
        n_scanned += usize::from(compare_at(bytes, at, &limits));
        from = at + 1;
    }
    n_scanned
}

fn compare_at(bytes: &[u8], at: usize, limits: &Limits) -> bool {
    let mut tokenizer = Tokenizer::new(bytes, at);
    let Ok(Item::Open(open)) = tokenizer.item(limits) else {
        return false;
    };
    let message = Message::default();
    let prefix = open.name.find(':').map_or("", |colon| &open.name[..=colon]);
    let (mut tapes, mut odds) = (
        [Tape::default(), Tape::default()],
        [Oddities::new(&message), Oddities::new(&message)],
    );
    let ([scanned, judged], [scanned_odd, judged_odd]) = (&mut tapes, &mut odds);
    let mut filler = Filler::new(at, prefix, limits, scanned, scanned_odd);
    if filler.root(&open, Tag::Product).is_err() {
        return false;
    }
    let Some(end) = scanner::element(bytes, &open, &mut filler) else {
        return false;
    };
    let mut filler = Filler::new(at, prefix, limits, judged, judged_odd);
    filler
        .root(&open, Tag::Product)
        .expect("it was read before");
    match tokenizer.element_by_events(&open, &mut filler) {
        Ok(judged_end) => {
            assert_eq!(end, judged_end, "the end, from byte {at}");
            assert_eq!(tapes[0].tokens, tapes[1].tokens, "tokens from byte {at}");
            assert_eq!(odds[0].found, odds[1].found, "oddities from byte {at}");
            assert!(tapes[0].may_have_blanks || !tapes[1].may_have_blanks);
        }
        Err(fault) if matches!(fault.kind, FaultKind::NotUtf8) => {
            assert!(std::str::from_utf8(&bytes[at..end]).is_err(), "{fault:?}");
        }
        Err(fault) => panic!("read by the scanner from byte {at}, and {fault:?}"),
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What products are made of, sound and not.
    const PIECES: &[&str] = &[
        "<RecordReference>a</RecordReference>",
        "<a001>b</a001>",
        "<recordreference> c </recordreference>",
        "<DescriptiveDetail>",
        "</DescriptiveDetail>",
        "<descriptivedetail>",
        "</descriptivedetail >",
        "<TitleText textformat=\"05\">",
        "<TitleText language = 'fre'\n>",
        "</TitleText>",
        "<TitleText/>",
        "<NoContributor />",
        "<Text a=\"1>2\" b='\"'>",
        "</Text>",
        "<p>",
        "<br/>",
        "</p>",
        "<p class=x/>",
        "<Text a=\"<\">",
        "<Text a=\"1\" a=\"2\" b>",
        "<vendor:Thing>",
        "</vendor:Thing>",
        "<a\"b>",
        "<a/b>",
        "</a/b>",
        "<>",
        "< b>",
        "<é>",
        "</é>",
        "<!-- a -->",
        "<!-->",
        "<!--->",
        "<!-- <Product> -->",
        "<!-- <Product> <!-- -->",
        "<![CDATA[ <b> & ]]>",
        "<![CDATA[]]>",
        "<![CDATA[ ]] > ]]]>",
        "<![CDATA",
        "<!DOCTYPE x>",
        "<?pi ?>",
        "<?>",
        "<?xml version='1.0'?>",
        "&amp;",
        "&eacute;",
        "&#8;",
        "&;",
        "&nonsense;",
        "& ",
        "&a&b;",
        "text that is longer than two words of eight bytes",
        " \t\r\n ",
        "\u{feff}",
        "\u{1}",
        "]]>",
        ">",
        "/>",
        "<",
        "&",
        "</Product>",
        "<Product>",
        "<x:Product>",
        "</x:Product>",
    ];

    fn products() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop::sample::select(PIECES.to_vec());
        let leaf = prop::collection::vec(piece.clone(), 0..3)
            .prop_map(|content| format!("<TitleText>{}</TitleText>", content.concat()));
        let block = prop::collection::vec(piece.clone(), 0..3)
            .prop_map(|content| format!("<TitleElement>{}</TitleElement>", content.concat()));
        let part = prop_oneof![2 => piece.prop_map(str::to_owned), 3 => leaf, 1 => block];
        let broken = prop_oneof![9 => Just(None), 1 => (any::<u16>(), any::<u8>()).prop_map(Some)];
        (prop::collection::vec(part, 0..6), broken).prop_map(|(parts, broken)| {
            let mut bytes = format!("<Product>{}</Product>", parts.concat()).into_bytes();
            if let Some((at, byte)) = broken {
                let at = usize::from(at) % bytes.len();
                bytes[at] = byte;
            }
            bytes
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_the_scanner_reads_events_read_the_same(bytes in products()) {
            compare(&bytes);
        }
    }

    #[test]
    fn every_piece_alone_in_every_place() {
        let mut n_scanned = 0;
        for piece in PIECES {
            for (before, behind) in [
                ("<Product>", "</Product>"),
                ("<Product><TitleText>", "</TitleText></Product>"),
                ("<Product><TitleText>a", "b</TitleText></Product>"),
                ("<Product><Text><p>", "</p></Text></Product>"),
                ("<x:Product><x:Territory>", "</x:Territory></x:Product>"),
            ] {
                n_scanned += compare(format!("{before}{piece}{behind}").as_bytes());
            }
        }
        assert!(n_scanned > 100, "{n_scanned}");
    }

    #[test]
    fn a_root_with_more_than_a_name_is_left_to_events() {
        assert_eq!(compare(b"<Text(a=<o:Product></Text>"), 0);
    }

    #[test]
    fn sound_records_are_left_to_the_scanner() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/lists");
        let (mut n_scanned, mut n_products) = (0, 0);
        for entry in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            n_scanned += compare(&bytes);
            let mut from = 0;
            while let Some(at) = next_product_start(&bytes, from) {
                (n_products, from) = (n_products + 1, at + 1);
            }
        }
        assert!(
            n_scanned > 200 && n_scanned * 10 >= n_products * 9,
            "{n_scanned} of {n_products}"
        );
    }
}
