//! How the stand-in is told what to be: everything below `/__admin`, in JSON.

use serde_json::{Value, json};

use super::checklist;
use super::clock::extended;
use super::faults;
use super::fields::{Fields, Read, Wrong};
use super::moments;
use super::request::{Answer, Request};
use super::seed::Seed;
use super::state::State;
use super::stock::Applied;
use crate::error::Error;
use crate::onix::{Reader, Record};

/// Answers a request below `/__admin`, of which the path is the rest.
pub(super) fn answer(state: &mut State, path: &str, request: &Request) -> Answer {
    let done = match (request.method.as_str(), path) {
        ("POST", "/seed") => seed(state, request),
        ("POST", "/catalogue") => catalogue(state, request),
        ("POST", "/reset") => {
            state.begin(Seed::default());
            Ok(json!({"products": state.stock.products()}))
        }
        ("POST", "/clock") => clock(state, request),
        ("POST", "/faults") => faults(state, request),
        ("GET", "/checklist") => checklist::answer(state, request),
        ("GET", "/requests") => return requests(state, request),
        ("GET", "/sales") => {
            let with_names = request.parameter("with_names").as_deref() == Some("1");
            Ok(state.sales.to_json(with_names))
        }
        ("GET", "/preorders") => Ok(state.sales.preorders_to_json()),
        _ => return elsewhere(),
    };
    match done {
        Ok(value) => Answer::json(200, &value),
        Err(wrong) => told(400, &wrong),
    }
}

/// What there is, to one who looks elsewhere.
fn elsewhere() -> Answer {
    let expected = "POST to seed, catalogue, reset, clock or faults, or GET of checklist, requests, sales or preorders";
    told(404, &Wrong::new("path", expected))
}

fn told(status: u16, wrong: &Wrong) -> Answer {
    let error = json!({"error": {"field": wrong.field, "expected": wrong.expected}});
    Answer::json(status, &error)
}

fn body(request: &Request) -> Read<Value> {
    let wrong = |error| Wrong::new("body", format!("JSON, which this is not: {error}"));
    serde_json::from_slice(&request.body).map_err(wrong)
}

fn seed(state: &mut State, request: &Request) -> Read<Value> {
    let seed = Seed::read(&body(request)?)?;
    state.begin(seed);
    Ok(json!({
        "organisations": state.organisations.len(),
        "products": state.stock.products(),
        "now": extended(state.clock.now()),
    }))
}

fn clock(state: &mut State, request: &Request) -> Read<Value> {
    let value = body(request)?;
    let mut fields = Fields::of(&value, "")?;
    let expected = "a moment such as 2026-12-01T00:00:00Z";
    let now = fields.read("now", expected, |value| moments::parse(value.as_str()?))?;
    let advance = fields.read("advance_s", "a whole number", Value::as_i64)?;
    fields.end()?;
    match (now, advance) {
        (Some(now), None) => state.clock.set(now),
        (None, Some(seconds)) => state.clock.advance(seconds),
        _ => return Err(Wrong::new("now", "either now or advance_s")),
    }
    Ok(json!({"now": extended(state.clock.now())}))
}

fn faults(state: &mut State, request: &Request) -> Read<Value> {
    let faults = faults::read(&body(request)?, "faults")?;
    let added = faults.len();
    state.faults.add(faults);
    Ok(json!({"faults": added}))
}

/// The log, or what of it stands behind the number `after`: an object, or a request a line for those who ask for
/// `application/x-ndjson`.
fn requests(state: &State, request: &Request) -> Answer {
    let lines = "application/x-ndjson";
    let accepted = request.header("accept").unwrap_or_default();
    let after = request
        .parameter("after")
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    match accepted.contains(lines) {
        true => Answer::new(200, lines, state.log.to_lines(after)),
        false => Answer::new(200, "application/json", state.log.to_json(after)),
    }
}

/// Takes the products of an ONIX message in.
fn catalogue(state: &mut State, request: &Request) -> Read<Value> {
    let now = state.clock.now();
    let mut taken = Taken::default();
    let mut reader = Reader::new(&request.body);
    let mut record = Record::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => taken.count(state.stock.apply(&record, now), &record),
            Ok(false) => break,
            Err(error) => taken.set_aside.push(set_aside(&error)),
        }
    }
    if taken.read == 0 && !taken.set_aside.is_empty() {
        let cause = taken.set_aside[0]["message"].as_str().unwrap_or_default();
        return Err(Wrong::new(
            "body",
            format!("an ONIX message, and not one that {cause}"),
        ));
    }
    Ok(taken.to_json(state.stock.products()))
}

/// What became of the records of a message.
#[derive(Debug, Default)]
struct Taken {
    read: u64,
    added: u64,
    replaced: u64,
    unchanged: u64,
    removed: u64,
    set_aside: Vec<Value>,
}

impl Taken {
    fn count(&mut self, applied: Applied, record: &Record<'_>) {
        self.read += 1;
        let counter = match applied {
            Applied::Added => &mut self.added,
            Applied::Replaced => &mut self.replaced,
            Applied::Unchanged => &mut self.unchanged,
            Applied::Removed => &mut self.removed,
            Applied::Unnamed => {
                self.set_aside.push(json!({
                    "code": "no_record_reference",
                    "message": "a product without a RecordReference",
                    "byte": record.position().byte,
                }));
                return;
            }
        };
        *counter += 1;
    }

    fn to_json(&self, products: usize) -> Value {
        json!({
            "read": self.read,
            "added": self.added,
            "replaced": self.replaced,
            "unchanged": self.unchanged,
            "removed": self.removed,
            "set_aside": self.set_aside,
            "products": products,
        })
    }
}

fn set_aside(error: &Error) -> Value {
    json!({
        "code": error.code(),
        "message": error.message(),
        "byte": error.position().map(|position| position.byte),
    })
}
