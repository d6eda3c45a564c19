//! Verdicts over the shipped list files: what `testdata/README.md` says of them holds.
#![cfg(feature = "serde")]

use std::collections::HashMap;
use std::fs;

use onix_catalogue::model::{Account, Kind, Moment, SaleRequest, Zone};
use onix_catalogue::onix::{Reader, Record};
use onix_catalogue::sale::{self, Offers};

fn offers() -> HashMap<String, Offers> {
    let mut out = HashMap::new();
    for path in fs::read_dir("testdata/lists").unwrap() {
        let path = path.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "xml") {
            continue;
        }
        if path.to_string_lossy().contains("delta") {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let mut reader = Reader::new(&bytes);
        let mut record = Record::new();
        while reader.read_record(&mut record).unwrap() {
            let offers = Offers::of(&record.product());
            let reference = record.product().record_reference().unwrap().into_owned();
            out.insert(reference, offers);
        }
    }
    out
}

#[test]
fn show_pieces() {
    let offers = offers();
    let account = Account::default();
    let table = fs::read_to_string("testdata/sale/lists.csv").unwrap();
    let mut failed = Vec::new();
    for line in table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        let [
            reference,
            at,
            kind,
            format,
            protection,
            drm,
            country,
            price_type,
            currency,
            cost,
            verdict,
            codes,
        ] = cells[..]
        else {
            panic!("twelve cells: {line}");
        };
        let Some(record) = offers.get(reference) else {
            failed.push(format!("{line}: no such record"));
            continue;
        };
        let mut request = SaleRequest::new(
            Kind::from_word(kind).unwrap(),
            reference,
            Moment::parse(at, &Zone::default()).unwrap(),
        );
        for (name, value) in [
            ("format", format),
            ("for", format),
            ("protection", protection),
            ("drm_type", drm),
            ("country", country),
            ("price_type", price_type),
            ("currency", currency),
            ("cost", cost),
        ] {
            if !value.is_empty() {
                request = request.with(name, value);
            }
        }
        if kind != "simulation" {
            request = request
                .with("customer_id", "c1")
                .with("transaction_id", "t1")
                .with("uname", "A. Reader");
        }
        let mut account = account.clone();
        account.dialect = onix_catalogue::model::Dialect::Es;
        let answer = sale::check(&request, &[record], &account);
        let got = format!(
            "{},{}",
            format!("{:?}", answer.verdict).to_lowercase(),
            answer
                .codes
                .iter()
                .map(|code| code.as_str())
                .collect::<Vec<_>>()
                .join(" ")
        );
        if got != format!("{verdict},{codes}") {
            failed.push(format!(
                "{line}\n  got {got}\n  {:?}\n  missing {:?}",
                answer.reasons, answer.missing
            ));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
