//! How the stand-in is told what to be: everything below `/__admin`, in JSON.

use serde_json::{Value, json};

use super::about;
use super::checklist;
use super::clock::{Clock, extended};
use super::delivery;
use super::export;
use super::faults;
use super::fields::{Fields, Read, Wrong};
use super::moments;
use super::request::{Answer, Request};
use super::seed::Seed;
use super::state::State;

/// An answer, or what makes it when the state is no longer needed for it.
pub(super) enum Done {
    Now(Answer),
    Later(Box<dyn FnOnce() -> Answer>),
}

impl Done {
    pub(super) fn finish(self) -> Answer {
        match self {
            Done::Now(answer) => answer,
            Done::Later(make) => make(),
        }
    }
}

/// Answers a request below `/__admin`, of which the path is the rest.
pub(super) fn answer(state: &mut State, path: &str, request: &Request) -> Done {
    match (request.method.as_str(), path) {
        ("GET", "/requests") => requests(state, request),
        ("GET", "/checklist") => checklist(state, request),
        _ => Done::Now(answer_now(state, path, request)),
    }
}

fn answer_now(state: &mut State, path: &str, request: &Request) -> Answer {
    let done = match (request.method.as_str(), path) {
        ("GET", "" | "/") => Ok(about::write(state, request)),
        ("POST", "/seed") => seed(state, request),
        ("POST", "/catalogue") => catalogue(state, request),
        ("POST", "/reset") => {
            state.begin(Seed::default());
            Ok(json!({"products": state.stock.products()}))
        }
        ("GET", "/export") => {
            let is_whole = request.parameter("catalogue").as_deref() != Some("0");
            return Answer::new(200, "application/json", export::write(state, is_whole));
        }
        ("POST", "/import") => import(state, request),
        ("POST", "/clock") => clock(state, request),
        ("POST", "/faults") => faults(state, request),
        ("GET", "/faults") => Ok(state.faults.to_json()),
        ("GET", "/sales") => {
            let with_names = request.parameter("with_names").as_deref() == Some("1");
            let last = request.parameter("last").and_then(|n| n.parse().ok());
            Ok(state.sales.to_json(with_names, last.unwrap_or(usize::MAX)))
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
    let expected = format!("one of {}", about::orders());
    told(404, &Wrong::new("path", expected))
}

/// What is wrong with an order, by its field and what was expected there.
pub(super) fn wrong(field: &str, expected: &str) -> Answer {
    told(400, &Wrong::new(field, expected))
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
    let mut seed = Seed::read(&body(request)?)?;
    for (n, organisation) in seed.organisations.iter_mut().enumerate() {
        let kept = organisation.keep_secrets(&state.organisations);
        kept.map_err(|field| {
            let expected = "a text of its own: no organisation of this id has one to keep";
            Wrong::new(format!("organisations[{n}].{field}"), expected)
        })?;
    }
    state.begin(seed);
    Ok(json!({
        "organisations": state.organisations.len(),
        "products": state.stock.products(),
        "now": extended(state.clock.now()),
    }))
}

fn import(state: &mut State, request: &Request) -> Read<Value> {
    export::read(state, &body(request)?)?;
    Ok(json!({
        "organisations": state.organisations.len(),
        "products": state.stock.products(),
        "lost": state.stock.lost(),
        "now": extended(state.clock.now()),
    }))
}

fn clock(state: &mut State, request: &Request) -> Read<Value> {
    let value = body(request)?;
    let mut fields = Fields::of(&value, "")?;
    let expected = "a moment such as 2026-12-01T00:00:00Z";
    let now = fields.read("now", expected, |value| moments::parse(value.as_str()?))?;
    let advance = fields.read("advance_s", "a whole number", Value::as_i64)?;
    let is_running = fields.truth("running")?;
    fields.end()?;
    let before = state.clock.clone();
    match (now, advance, is_running) {
        (Some(now), None, None) => state.clock.set(now),
        (None, Some(seconds), None) => state.clock.advance(seconds),
        (None, None, Some(true)) => state.clock = Clock::default(),
        _ => return Err(Wrong::new("now", "one of now, advance_s and running")),
    }
    if !state.clock.is_sound() {
        state.clock = before;
        return Err(Wrong::new(
            "advance_s",
            "seconds to a moment between 1970 and 9998",
        ));
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
fn requests(state: &State, request: &Request) -> Done {
    let lines = "application/x-ndjson";
    let accepted = request.header("accept").unwrap_or_default();
    let after = request.parameter("after").and_then(|n| n.parse().ok());
    let told = state.log.told(after.unwrap_or(0));
    match accepted.contains(lines) {
        true => Done::Later(Box::new(move || Answer::new(200, lines, told.to_lines()))),
        false => Done::Later(Box::new(move || {
            Answer::new(200, "application/json", told.to_json())
        })),
    }
}

/// What the log comes to, since a moment if one is given.
fn checklist(state: &State, request: &Request) -> Done {
    match checklist::Asked::read(state, request) {
        Ok(asked) => Done::Later(Box::new(move || Answer::json(200, &asked.judged()))),
        Err(wrong) => Done::Now(told(400, &wrong)),
    }
}

/// Takes the products of an ONIX message in.
fn catalogue(state: &mut State, request: &Request) -> Read<Value> {
    let now = state.clock.now();
    let delivered = delivery::take(&mut state.stock, &request.body, now);
    match delivered.cause_of_nothing() {
        None => Ok(delivered.to_json(state.stock.products())),
        Some(cause) => Err(Wrong::new(
            "body",
            format!("an ONIX message, and not one that {cause}"),
        )),
    }
}
