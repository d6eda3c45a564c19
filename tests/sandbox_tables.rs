//! The cases of `testdata/sale`, asked of the stand-in over a socket: both dialects, strict and lenient.
#![cfg(feature = "cli")]

mod sale_support;
#[path = "sandbox_support/mod.rs"]
mod support;
mod util;

use std::collections::HashMap;
use std::thread;

use onix_catalogue::model::{Kind, SaleRequest};
use onix_catalogue::sale::{self, Offers};
use sale_support::{Case, Records, cases, codes, list_messages, offers, verdict_word, words};
use serde_json::{Value, json};
use support::Served;
use util::Dir;

/// What a case is about, and what can't be ordered of a stand-in.
struct Tables {
    records: Records,
    lists: HashMap<String, String>,
}

/// What has to come: taken, or refused with these codes; with any, where that is left open.
#[derive(Debug, Clone, PartialEq)]
enum Expected {
    Taken,
    Refused(Vec<String>),
    RefusedSomehow,
}

#[test]
fn every_case_is_answered_over_http() {
    let tables = Tables {
        records: Records::read(),
        lists: list_messages(),
    };
    let cases = cases();
    let halves: Vec<&[Case]> = cases.chunks(cases.len().div_ceil(2)).collect();
    let found: Vec<(usize, Vec<String>)> = thread::scope(|scope| {
        let tables = &tables;
        let runs: Vec<_> = halves
            .iter()
            .map(|half| scope.spawn(move || asked(tables, half)))
            .collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let n: usize = found.iter().map(|(n, _)| n).sum();
    let wrong: Vec<String> = found.into_iter().flat_map(|(_, wrong)| wrong).collect();
    println!("{n} requests, of {} cases", cases.len());
    assert!(n >= 3700, "only {n}");
    assert!(
        wrong.is_empty(),
        "{} of {n}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Asks all that can be ordered, strict and lenient, and gives how many those were and what came otherwise.
fn asked(tables: &Tables, cases: &[Case]) -> (usize, Vec<String>) {
    let dir = Dir::new();
    let served = Served::start(&dir, &[]);
    let mut wrong = Vec::new();
    let mut n = 0;
    for case in cases {
        let Some(seed) = seed(case) else { continue };
        for strict in [false, true] {
            let Some(came) = answer(tables, &served, case, &seed, strict) else {
                continue;
            };
            n += 1;
            let expected = expected(tables, case, strict);
            if !fits(&expected, &came) {
                wrong.push(format!(
                    "{} strict {strict}\n  expected {expected:?}\n  came {came:?}",
                    case.place
                ));
            }
        }
    }
    (n, wrong)
}

/// How the stand-in has to be for a case; `None` where it judges with something that no shop can tell it.
fn seed(case: &Case) -> Option<Value> {
    let account = &case.account;
    let is_usual = account.outlets.is_empty()
        && account.publishers.is_none()
        && account.max_age_s.is_none()
        && account.xml_price_type.is_none()
        && account.zone == Default::default()
        && account.minor_units == Default::default();
    is_usual.then(|| {
        json!({
            "organisations": [{
                "id": "ONYX", "username": "shop", "password": "secret", "lcp": true,
                "country": account.country.map(|country| country.alpha2()),
                "eden": account.cost_without_taxes,
            }],
            "now": case.request.at.to_string(),
            "dialect": account.dialect.as_str(),
            "switches": {"price_code": account.price_code.map(|code| code.as_str())},
        })
    })
}

/// Status and codes.
fn answer(
    tables: &Tables,
    served: &Served,
    case: &Case,
    seed: &Value,
    strict: bool,
) -> Option<(u16, Vec<String>)> {
    let mut seed = seed.clone();
    seed["strict"] = json!(strict);
    served.seed(seed);
    for message in tables.messages(case) {
        let reply = served.post("/__admin/catalogue", message.as_bytes());
        if !reply.text().contains("\"set_aside\":[]") {
            // A record without a name isn't taken in.
            assert!(
                reply.text().contains("no_record_reference"),
                "{}",
                case.place
            );
            return None;
        }
    }
    let (method, path) = request(tables, case);
    let reply = support::Reply::of(&served.exchange(method, &path, "", b""));
    let codes: Vec<String> = serde_json::from_slice(&reply.body).unwrap_or_default();
    Some((reply.status, words(&codes.join(" "))))
}

fn request(tables: &Tables, case: &Case) -> (&'static str, String) {
    let request = &case.request;
    let (method, service) = match request.kind {
        Kind::Simulation => ("GET", "sales/new"),
        Kind::Sale => ("POST", "sales"),
        Kind::Preorder => ("POST", "preorders"),
    };
    let id = encoded(&tables.id(case));
    let query: Vec<String> = request
        .parameters()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    let path = format!(
        "/api/organisations/ONYX/publications/{id}/{service}?{}",
        query.join("&")
    );
    (method, path)
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// What the case says, where it says how strict the account is; else what the check says of it.
fn expected(tables: &Tables, case: &Case, strict: bool) -> Expected {
    let (verdict, codes) = match case.account.strict == strict {
        true => (case.verdict.clone(), case.codes.clone()),
        false => checked(tables, case, strict),
    };
    match verdict.as_str() {
        "valid" => Expected::Taken,
        // No document has a code for it.
        "refused" if codes.is_empty() => Expected::RefusedSomehow,
        "refused" => Expected::Refused(codes),
        // What nobody knows is taken, or by a strict one refused.
        _ if strict => Expected::RefusedSomehow,
        _ => Expected::Taken,
    }
}

fn checked(tables: &Tables, case: &Case, strict: bool) -> (String, Vec<String>) {
    let offers = tables.offers(case);
    let offers: Vec<&Offers> = offers.iter().collect();
    let mut account = case.account.clone();
    account.strict = strict;
    let verdict = sale::check(&case.request, &offers, &account);
    (verdict_word(&verdict), codes(&verdict.codes))
}

fn fits(expected: &Expected, (status, codes): &(u16, Vec<String>)) -> bool {
    match expected {
        Expected::Taken => matches!(status, 200 | 201),
        Expected::RefusedSomehow => matches!(status, 400 | 404),
        Expected::Refused(expected) => matches!(status, 400 | 404) && codes == expected,
    }
}

impl Tables {
    fn references<'c>(&self, case: &'c Case) -> impl Iterator<Item = &'c str> {
        case.records.split_whitespace().filter(|one| *one != "-")
    }

    fn messages(&self, case: &Case) -> Vec<String> {
        let message = |reference: &str| match reference.strip_prefix('@') {
            Some(reference) => self.lists[reference].clone(),
            None => self.records.text(reference, &case.edits),
        };
        self.references(case).map(message).collect()
    }

    fn offers(&self, case: &Case) -> Vec<Offers> {
        let read = |reference: &str| match reference.strip_prefix('@') {
            Some(reference) => offers(&self.lists[reference]),
            None => self.records.offers(reference, &case.edits),
        };
        self.references(case).map(read).collect()
    }

    /// What the publication is asked for by: the case's own identifier, which the records of the lists don't have.
    fn id(&self, case: &Case) -> String {
        let own: SaleRequest = case.request.clone();
        match self
            .references(case)
            .next()
            .and_then(|first| first.strip_prefix('@'))
        {
            Some(first) if !own.id.is_empty() => isbn(&self.lists[first]),
            _ => own.id,
        }
    }
}

/// The first identifier of a message that is thirteen digits.
fn isbn(message: &str) -> String {
    let is_isbn = |text: &&str| text.len() == 13 && text.bytes().all(|byte| byte.is_ascii_digit());
    let found = message.split(['<', '>']).find(is_isbn);
    found.expect("an ISBN").to_owned()
}
