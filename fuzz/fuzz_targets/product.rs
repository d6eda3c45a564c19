//! Whatever stands in a product, every block of it is read, and its reference-tag twin reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use onix_catalogue::model::Account;
use onix_catalogue::onix::{Product, Reader, Record, View};
use onix_catalogue::sale::Offers;
use onix_catalogue_fuzz::{Names, json, spelled, xml};
use serde_json::{Value, json};

const MESSAGES: &[&str] = &[
    "<ONIXMessage release=\"3.0\"><Header><DefaultCurrencyCode>EUR</DefaultCurrencyCode></Header>",
    "<ONIXmessage release=\"2.1\"><header><m184>02</m184><m186>GBP</m186></header>",
    "<ONIXMessage>",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((&message, inside)) = bytes.split_first() else {
        return;
    };
    let message = MESSAGES[usize::from(message) % MESSAGES.len()];
    let inside = spelled(inside);
    let input = [message.as_bytes(), b"<Product>", &inside, b"</Product>"].concat();
    let mut record = Record::new();
    let Ok(true) = Reader::new(&input).read_record(&mut record) else {
        return;
    };
    let twin = format!("{message}{}", xml(&json(&record), Names::Reference));
    let mut again = Record::new();
    let is_read = Reader::new(twin.as_bytes()).read_record(&mut again);
    assert_eq!(is_read.ok(), Some(true), "{}\n{twin}", record.xml());
    assert_eq!(all_of(&again), all_of(&record), "{}\n{twin}", record.xml());
});

/// All that is said of a product, but not where it says so.
fn all_of(record: &Record<'_>) -> Value {
    let product = record.product();
    let mut view = json!(View::of(&product));
    view["byte"] = Value::Null;
    let mut rows = Offers::of(&product).rows(&Account::default());
    rows.iter_mut().for_each(|row| row.byte = 0);
    let texts = product
        .collateral_detail()
        .text_contents
        .into_iter()
        .flat_map(|one| one.texts);
    let plain: Vec<_> = texts.map(|text| text.plain()).collect();
    json!([view, rows, plain, blocks(&product)])
}

/// Every block as it prints itself, without bytes.
fn blocks(product: &Product<'_>) -> Vec<String> {
    let blocks = [
        format!("{:?}", product.descriptive_detail()),
        format!("{:?}", product.collateral_detail()),
        format!("{:?}", product.content_detail()),
        format!("{:?}", product.publishing_detail()),
        format!("{:?}", product.related_material()),
        format!("{:?}", product.product_supplies()),
        format!("{:?}", product.production_detail()),
        format!("{:?}", product.promotion_detail()),
    ];
    let placeless = |block: &String| {
        let parts = block.split("> at byte ");
        parts
            .map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit()))
            .collect()
    };
    blocks.iter().map(placeless).collect()
}
