//! The cases of `testdata/sale`, asked of the stand-in over a socket: both dialects, strict and lenient.
#![cfg(feature = "cli")]

mod sale_support;
#[path = "sandbox_support/mod.rs"]
mod support;
mod util;

use std::collections::HashMap;
use std::thread;

use onix_catalogue::model::{Kind, Reason, Verdict};
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
    Anything,
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
    // What is posted with 05 is gone, and not merely not for sale.
    let is_removal = case.edits.contains("NotificationType=05");
    // Two formats of one publication would have one name.
    let is_renamed = case.edits.contains("nature=");
    let is_usual = !is_removal
        && !is_renamed
        && account.outlets.is_empty()
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
    let checked = checked(tables, case, strict);
    let (verdict, codes) = match case.account.strict == strict {
        true => (case.verdict.clone(), case.codes.clone()),
        false => (verdict_word(&checked), codes(&checked.codes)),
    };
    // A strict one refuses what is left open, and looks at formats and protections before all that is behind them.
    let is_open = strict && checked.reasons.iter().any(|reason| reason.code.is_none());
    // Names for watermarks and digits of cards are demanded by a strict one alone.
    let is_lenient = |reason: &Reason| matches!(reason.rule, "uname" | "credit_card_prefix");
    let is_let_pass = !strict && checked.reasons.iter().any(is_lenient);
    let is_one_of_several = tables.references(case).count() > 1;
    match verdict.as_str() {
        "valid" => Expected::Taken,
        "refused" if codes.is_empty() && is_let_pass => Expected::Taken,
        "refused" if codes.is_empty() || is_open => Expected::RefusedSomehow,
        "refused" => Expected::Refused(codes),
        // Of several products the one that comes furthest answers.
        _ if is_one_of_several => Expected::Anything,
        _ if strict => Expected::RefusedSomehow,
        _ => Expected::Taken,
    }
}

fn checked(tables: &Tables, case: &Case, strict: bool) -> Verdict {
    let offers = tables.offers(case);
    let offers: Vec<&Offers> = offers.iter().collect();
    let mut account = case.account.clone();
    account.strict = strict;
    sale::check(&case.request, &offers, &account)
}

fn fits(expected: &Expected, (status, codes): &(u16, Vec<String>)) -> bool {
    match expected {
        Expected::Anything => matches!(status, 200 | 201 | 400),
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

    /// What the publication is asked for by: the case's own identifier, or that of a record that has another.
    fn id(&self, case: &Case) -> String {
        let references: Vec<&str> = self.references(case).collect();
        let own = case.request.id.clone();
        match references.as_slice() {
            [..] if own.is_empty() => own,
            [first, ..] if first.starts_with('@') => isbn(&self.lists[&first[1..]]),
            [one] if self.is_page(one) => (*one).to_owned(),
            several if !several.is_empty() && several.iter().all(|one| self.is_page(one)) => {
                let (publication, _) = several[0].rsplit_once('-').unwrap();
                publication.to_owned()
            }
            _ => own,
        }
    }

    fn is_page(&self, reference: &str) -> bool {
        self.records.page(reference, "").is_some()
    }
}

/// The first identifier of a message that is thirteen digits.
fn isbn(message: &str) -> String {
    let is_isbn = |text: &&str| text.len() == 13 && text.bytes().all(|byte| byte.is_ascii_digit());
    let found = message.split(['<', '>']).find(is_isbn);
    found.expect("an ISBN").to_owned()
}
