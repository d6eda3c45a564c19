//! Where platform and catalogue say something else of a sale, and that the cause is told: an old record, a rule, something that
//! is gone, missing, or not known.
#![cfg(feature = "cli")]

#[path = "sandbox_support/mod.rs"]
mod sandbox_support;
mod util;

use std::sync::Mutex;

use onix_catalogue::catalogue::Catalogue;
use onix_catalogue::ledger::Ledger;
use onix_catalogue::model::{Account, Credentials, Kind, Moment, SaleRequest, Secret, Zone};
use onix_catalogue::platform::Client;
use onix_catalogue::shop::{Calls, Cause, Shop, SyncOptions, sync};
use sandbox_support::{Served, books};
use serde_json::{Value, json};
use util::Dir;

/// A row: the book, what the platform changes in its record, how it is seeded, what is asked beside the usual, and what has to
/// come: the catalogue's words (`valid`, `unknown`), the platform's, and the cause.
struct Row {
    book: &'static str,
    change: Change,
    seed: &'static str,
    ask: &'static [(&'static str, &'static str)],
    local: &'static str,
    platform: &'static str,
    cause: Cause,
}

enum Change {
    Nothing,
    /// These texts in the place of those.
    Texts(&'static [(&'static str, &'static str)]),
    Removed,
}

use Change::{Nothing, Removed, Texts};

const DEMO: &str = "DEMO1-epub";
const RETAIL: &[(&str, &str)] = &[];
const PRICE: &str = "<PriceAmount>1.99</PriceAmount>";

const fn row(
    book: &'static str,
    change: Change,
    seed: &'static str,
    ask: &'static [(&'static str, &'static str)],
    answers: (&'static str, &'static str, Cause),
) -> Row {
    Row {
        book,
        change,
        seed,
        ask,
        local: answers.0,
        platform: answers.1,
        cause: answers.2,
    }
}

const PARAMETERS: &str = "invalid_sale_parameters";

const ROWS: &[Row] = &[
    row(
        DEMO,
        Nothing,
        "{}",
        RETAIL,
        ("valid", "valid", Cause::Agrees),
    ),
    // The record is old.
    row(
        DEMO,
        Texts(&[(PRICE, "<PriceAmount>2.49</PriceAmount>")]),
        "{}",
        RETAIL,
        ("valid", PARAMETERS, Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[(PRICE, "<PriceAmount>0.99</PriceAmount>")]),
        "{}",
        RETAIL,
        ("valid", PARAMETERS, Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[(PRICE, "<PriceAmount>0.00</PriceAmount>")]),
        "{}",
        RETAIL,
        ("valid", PARAMETERS, Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[(PRICE, "<PriceAmount>2.49</PriceAmount>")]),
        "{}",
        &[("cost", "249")],
        (PARAMETERS, "valid", Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[("<CurrencyCode>EUR", "<CurrencyCode>CHF")]),
        "{}",
        RETAIL,
        ("valid", PARAMETERS, Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[("<CurrencyCode>EUR", "<CurrencyCode>CHF")]),
        "{}",
        &[("currency", "CHF")],
        (PARAMETERS, "valid", Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[("<PriceType>04", "<PriceType>42")]),
        "{}",
        RETAIL,
        ("valid", PARAMETERS, Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[("<PriceType>04", "<PriceType>42")]),
        "{}",
        &[("price_type", "42")],
        (PARAMETERS, "valid", Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[("FR BE ES", "BE ES")]),
        "{}",
        RETAIL,
        ("valid", PARAMETERS, Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[("FR BE ES", "FR BE ES IT")]),
        "{}",
        &[("country", "IT")],
        (PARAMETERS, "valid", Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[("<EpubTechnicalProtection>02", "<EpubTechnicalProtection>03")]),
        "{}",
        RETAIL,
        ("valid", "invalid_protection", Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[("<EpubTechnicalProtection>02", "<EpubTechnicalProtection>00")]),
        "{}",
        RETAIL,
        ("valid", "invalid_protection", Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[("<EpubTechnicalProtection>02", "<EpubTechnicalProtection>03")]),
        "{}",
        &[("protection", "acs4")],
        ("invalid_protection", "valid", Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[("<ProductFormDetail>E101", "<ProductFormDetail>E107")]),
        "{}",
        RETAIL,
        ("valid", "invalid_format", Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[("<ProductFormDetail>E101", "<ProductFormDetail>E127")]),
        "{}",
        &[("format", "mobi")],
        ("invalid_format", "valid", Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[("<ProductAvailability>20", "<ProductAvailability>43")]),
        "{}",
        RETAIL,
        ("valid", "cannot_sell", Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[("<ProductAvailability>20", "<ProductAvailability>10")]),
        "{}",
        RETAIL,
        ("valid", "cannot_sell", Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[("<ProductAvailability>20", "<ProductAvailability>31")]),
        "{}",
        RETAIL,
        ("valid", "cannot_sell", Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[("<PublishingStatus>04", "<PublishingStatus>08")]),
        "{}",
        RETAIL,
        ("valid", "cannot_sell", Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[("<PublishingStatus>04", "<PublishingStatus>02")]),
        "{}",
        RETAIL,
        ("valid", "cannot_sell", Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[("<PublishingStatus>04", "<PublishingStatus>07")]),
        "{}",
        RETAIL,
        ("valid", "cannot_sell", Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[(
            "</ProductAvailability>",
            "</ProductAvailability><SupplyDate><SupplyDateRole>02</SupplyDateRole><Date>20270101</Date></SupplyDate>",
        )]),
        "{}",
        RETAIL,
        ("valid", "cannot_sell", Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[(
            "</PriceAmount>",
            "</PriceAmount><PriceDate><PriceDateRole>15</PriceDateRole><Date>20261001</Date></PriceDate>",
        )]),
        "{}",
        RETAIL,
        ("valid", PARAMETERS, Cause::Stale),
    ),
    row(
        DEMO,
        Texts(&[(
            "</PriceAmount>",
            "</PriceAmount><PriceDate><PriceDateRole>14</PriceDateRole><Date>20270101</Date></PriceDate>",
        )]),
        "{}",
        RETAIL,
        ("valid", PARAMETERS, Cause::Stale),
    ),
    // The platform has it no more, or not for this organisation.
    row(
        DEMO,
        Removed,
        "{}",
        RETAIL,
        ("valid", "not_found", Cause::Gone),
    ),
    row(
        DEMO,
        Nothing,
        r#"{"publishers":["Nobody"]}"#,
        RETAIL,
        ("valid", "not_found", Cause::Gone),
    ),
    // With the same record they differ by a rule: another document, a switch, something the account doesn't say.
    row(
        DEMO,
        Nothing,
        r#"{"dialect":"es"}"#,
        &[("cost", "99")],
        (PARAMETERS, "invalid_cost", Cause::Rule),
    ),
    row(
        DEMO,
        Nothing,
        r#"{"dialect":"es"}"#,
        &[("currency", "XXQ")],
        (PARAMETERS, "invalid_currency", Cause::Rule),
    ),
    row(
        DEMO,
        Nothing,
        r#"{"dialect":"es"}"#,
        &[("price_type", "99")],
        (PARAMETERS, "invalid_price_type", Cause::Rule),
    ),
    row(
        DEMO,
        Nothing,
        r#"{"switches":{"price_code":"invalid_cost"}}"#,
        &[("cost", "99")],
        (PARAMETERS, "invalid_cost", Cause::Rule),
    ),
    row(
        DEMO,
        Nothing,
        r#"{"eden":true}"#,
        RETAIL,
        ("valid", PARAMETERS, Cause::Rule),
    ),
    row(
        "LCP-epub",
        Nothing,
        "{}",
        &[("protection", "drm"), ("drm_type", "lcp"), ("cost", "999")],
        ("valid", "invalid_protection", Cause::Rule),
    ),
    // What the catalogue doesn't know, it doesn't say.
    row(
        "SILENT-epub",
        Nothing,
        "{}",
        &[("cost", "999")],
        ("unknown", "valid", Cause::Undecided),
    ),
    row(
        "SILENT-epub",
        Nothing,
        r#"{"strict":true}"#,
        &[("cost", "999")],
        ("unknown", "invalid_protection", Cause::Undecided),
    ),
    // The catalogue doesn't have it.
    row(
        "NEW-epub",
        Nothing,
        "{}",
        &[("cost", "999")],
        ("not_found", "valid", Cause::Missing),
    ),
];

/// Everything that the stand-in has: both files of the sequences.
fn everything() -> Vec<String> {
    let path = format!(
        "{}/testdata/platform/selling.xml",
        env!("CARGO_MANIFEST_DIR")
    );
    vec![
        String::from_utf8(books()).unwrap(),
        std::fs::read_to_string(path).unwrap(),
    ]
}

fn product(reference: &str) -> String {
    let files = everything();
    let mut products = files
        .iter()
        .flat_map(|file| file.split("<Product>").skip(1));
    let start = format!("<RecordReference>{reference}<");
    let product = products.find(|product| product.starts_with(&start));
    let product = product.unwrap_or_else(|| panic!("no {reference}"));
    product.split("</Product>").next().unwrap().to_owned()
}

fn message(product: &str) -> String {
    format!(
        "<ONIXMessage xmlns=\"http://ns.editeur.org/onix/3.0/reference\" release=\"3.0\"><Product>{product}</Product></ONIXMessage>"
    )
}

fn seed(platform: &Served, row: &Row) {
    let given: Value = serde_json::from_str(row.seed).unwrap();
    let mut organisation = json!({"id": "ONYX", "username": "shop", "password": "secret", "token": "sandbox-token", "country": "FR", "refund": true});
    let mut seed = json!({"now": "2026-12-01T00:00:00Z"});
    for (name, value) in given.as_object().unwrap() {
        match name.as_str() {
            "publishers" | "eden" | "lcp" => organisation[name] = value.clone(),
            _ => seed[name] = value.clone(),
        }
    }
    seed["organisations"] = json!([organisation]);
    platform.seed(seed);
    for file in everything() {
        platform.catalogue(file.as_bytes());
    }
    match &row.change {
        Nothing if row.book == "NEW-epub" => {
            let new = product("OPEN-epub")
                .replace("OPEN-epub", "NEW-epub")
                .replace("9789999990110", "9789999997775");
            platform.catalogue(
                message(&new.replace("<EpubTechnicalProtection>00", "<EpubTechnicalProtection>02"))
                    .as_bytes(),
            );
        }
        Nothing => {}
        Texts(texts) => {
            let before = product(row.book);
            let changed = texts
                .iter()
                .fold(before.clone(), |text, (old, new)| text.replace(old, new));
            assert_ne!(before, changed, "{texts:?} changes something");
            platform.catalogue(message(&changed).as_bytes());
        }
        Removed => platform.catalogue(sandbox_support::removal(row.book).as_bytes()),
    }
}

#[test]
fn every_disagreement_has_its_cause() {
    assert!(ROWS.iter().filter(|row| row.cause != Cause::Agrees).count() >= 30);
    let dir = Dir::new();
    let platform = Served::start(&dir, &[]);
    seed(&platform, &ROWS[0]);
    let mut account = Account::default();
    account.base_url = Some(format!("http://{}", platform.address()));
    account.organisation = Some("ONYX".into());
    account.allow_http = true;
    account.credentials = Some(Credentials::Bearer(Secret::new("sandbox-token")));
    let catalogue = Catalogue::in_memory().unwrap();
    let client = Client::new(&account).unwrap();
    let calls = Mutex::new(Calls::in_memory());
    sync(
        &catalogue,
        &client,
        &account,
        &calls,
        &SyncOptions::default(),
        &|_| {},
    )
    .unwrap();
    let shop = Shop::new(catalogue, Ledger::in_memory().unwrap(), client, account);
    let at = Moment::parse("2026-12-01", &Zone::default()).unwrap();
    let mut wrong = Vec::new();
    for (n, row) in ROWS.iter().enumerate() {
        seed(&platform, row);
        let id = match row.book {
            "NEW-epub" => "9789999997775".to_owned(),
            book => {
                let product = product(book);
                let value = product.split("<IDValue>").nth(1).unwrap();
                value.split('<').next().unwrap().to_owned()
            }
        };
        let mut request = SaleRequest::new(Kind::Simulation, id, at)
            .with("format", "epub")
            .with("protection", "watermark")
            .with("cost", "199")
            .with("currency", "EUR")
            .with("country", "FR")
            .with("price_type", "04");
        for (name, value) in row.ask {
            request = request.with(name, *value);
        }
        let compared = shop.compare(&request).unwrap();
        let local = match compared.local_codes.is_empty() {
            true => format!("{:?}", compared.local).to_lowercase(),
            false => compared.local_codes.join(" "),
        };
        let found = (local.as_str(), compared.platform.join(" "), compared.cause);
        if found != (row.local, row.platform.to_owned(), row.cause) {
            wrong.push(format!(
                "row {n} ({}): {found:?} instead of {:?}",
                row.book,
                (row.local, row.platform, row.cause)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
