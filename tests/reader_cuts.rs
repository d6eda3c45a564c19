//! A message that is cut off anywhere gives every product that is complete, as it was written, and
//! nothing else; and that it was cut is said.
//!
//! `ONIX_TEST_CUTS=all cargo test --release --test reader_cuts` cuts at every byte, the long campaign;
//! else it is one byte in 97.

use std::ops::Range;

use onix_catalogue::onix::{Reader, Record};
use onix_catalogue::{Error, ErrorKind};

const N_PRODUCTS: usize = 50;

/// Bodies of products, each with something in which a cut, or an end tag, could be misread.
const BODIES: &[&str] = &[
    "<RecordReference>r0</RecordReference><NotificationType>03</NotificationType>",
    "<a001>r1</a001>\n <a002>03</a002><productidentifier><b221>15</b221><b244>9780306406157</b244></productidentifier>",
    "<RecordReference>r2</RecordReference><!-- </Product><Product> -- > é --><NotificationType/>",
    "<RecordReference><![CDATA[</RecordReference></Product> ]] > ]]>r3</RecordReference>",
    "<RecordReference>r4 &amp; &#233;&#xE9; &eacute; &own; & &nosuch;</RecordReference>",
    "<RecordReference datestamp = '20260101' sourcename=\"a > b &lt; c\">r5</RecordReference >",
    "<RecordReference>r6</RecordReference><?own <Product> ?><NotificationType>03</NotificationType>",
    "<RecordReference>r7</RecordReference><CollateralDetail><TextContent><Text textformat=\"05\"><p>One <em>tw\u{f6}</em><br/>\n</p></Text></TextContent></CollateralDetail>",
    "\r\n\t<RecordReference>r8</RecordReference>\r\n<Vendor><Productions a='1'/><product-line>é</product-line></Vendor>\r\n",
    "<RecordReference>r9</RecordReference><ProductSupply><SupplyDetail><Price><PriceAmount>9.99</PriceAmount></Price></SupplyDetail></ProductSupply>",
];

/// What stands between products.
const BETWEEN: &[&str] = &[
    "",
    "\n",
    "\r\n  ",
    "<!-- <Product> é -->",
    "\n<?own between?>\n",
];

/// A message, and where its products stand in it.
struct Message {
    text: String,
    products: Vec<Range<usize>>,
    /// The byte behind its end tag.
    end: usize,
}

fn message(encoding: &str) -> Message {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n\
         <!DOCTYPE ONIXMessage [<!ENTITY own \"its > own\"> <!-- <Product> -->]>\n\
         <ONIXMessage release=\"3.0\"><Header><SentDateTime>20260101</SentDateTime></Header>\n"
    );
    let mut products = Vec::new();
    for i in 0..N_PRODUCTS {
        let body = BODIES[i % BODIES.len()];
        let name = match body.starts_with("<a001>") {
            true => "product",
            false => "Product",
        };
        let start = text.len();
        text += &format!("<{name}>{body}<EpubTypeNote>{i}</EpubTypeNote></{name}>");
        products.push(start..text.len());
        text += BETWEEN[(i + i / BETWEEN.len()) % BETWEEN.len()];
    }
    text += "</ONIXMessage>";
    let end = text.len();
    text += "\r\n \n";
    Message {
        text,
        products,
        end,
    }
}

/// Where the first so many bytes of a text end once it is encoded.
type Encoded = (Vec<u8>, Box<dyn Fn(usize) -> usize>);

fn latin(text: &str) -> Encoded {
    let byte = |c: char| u8::try_from(u32::from(c)).expect("the message is Latin-1");
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    (
        text.chars().map(byte).collect(),
        Box::new(move |at| ends.binary_search(&at).unwrap_or_else(|end| end)),
    )
}

fn wide(text: &str, mark: [u8; 2], unit: fn(u16) -> [u8; 2]) -> Encoded {
    let (narrow, end) = latin(text);
    let units = narrow.into_iter().flat_map(|byte| unit(byte.into()));
    (
        mark.into_iter().chain(units).collect(),
        Box::new(move |at| 2 + 2 * end(at)),
    )
}

/// Cuts the message at every byte, or here and there and at each of the last ones.
fn cuts(length: usize) -> impl Iterator<Item = usize> {
    let step = match std::env::var("ONIX_TEST_CUTS").as_deref() {
        Ok("all") => 1,
        _ => 97,
    };
    let last = length.saturating_sub(30);
    (0..=length).filter(move |cut| cut % step == 0 || *cut >= last)
}

fn check(message: &Message, (bytes, end_of): Encoded) {
    let mut record = Record::new();
    for cut in cuts(bytes.len()) {
        let mut reader = Reader::new(&bytes[..cut]);
        let products = message.products.iter();
        let mut complete = products.take_while(|product| end_of(product.end) <= cut);
        let mut is_said = false;
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {
                    let Some(product) = complete.next() else {
                        panic!("cut at {cut}: nobody wrote {}", record.xml());
                    };
                    assert_eq!(record.xml(), &message.text[product.clone()], "cut at {cut}");
                }
                Ok(false) => break,
                Err(error) => is_said |= is_about_the_cut(&error),
            }
        }
        let lost = complete.map(|product| &message.text[product.clone()]);
        assert_eq!(lost.collect::<Vec<_>>(), [""; 0], "cut at {cut}");
        assert_eq!(is_said, cut < end_of(message.end), "cut at {cut}");
    }
}

/// What else is said is about the last product: a comment or a section that the cut left open hides
/// no end tag.
fn is_about_the_cut(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Truncated | ErrorKind::NotOnix { .. } | ErrorKind::Empty
    )
}

#[test]
fn utf_8_cut_anywhere() {
    let message = message("UTF-8");
    let bytes = message.text.clone().into_bytes();
    check(&message, (bytes, Box::new(|at| at)));
}

#[test]
fn latin_1_cut_anywhere() {
    let message = message("ISO-8859-1");
    check(&message, latin(&message.text));
}

#[test]
fn utf_16_cut_anywhere() {
    let message = message("UTF-16");
    check(
        &message,
        wide(&message.text, [0xff, 0xfe], u16::to_le_bytes),
    );
    check(
        &message,
        wide(&message.text, [0xfe, 0xff], u16::to_be_bytes),
    );
}
