//! What the stand-in was asked: the last requests, without anything that opens a door.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::clock::{Millis, extended};
use super::download::FILES;
use super::pieces::{Part, Piece, number};
use super::request::{Answer, Request, decoded, pairs};
use super::service::Route;
use super::words;

/// The last number that a request may have, by the digits of keys.
const LAST: u64 = 999_999_999_999;

/// Bytes of lines that are kept: some two million requests.
const KEPT: usize = 1 << 30;

/// Parameters whose values are nobody's business: who reads a book, and how it was paid.
const SECRETS: [&str; 2] = ["uname", "credit_card_prefix"];

/// The last requests, the oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Log {
    /// Each as a text of JSON, which takes a third of what its values would.
    lines: VecDeque<Arc<str>>,
    bytes: usize,
    /// How many lines, and how many that went, are known to whoever keeps them.
    kept: (u64, u64),
    /// The number of the first line.
    first: u64,
}

/// What of a line its readers ask for.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Line {
    pub(super) n: u64,
    pub(super) at: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Map<String, Value>,
    pub(super) form: Map<String, Value>,
    pub(super) json: Value,
    pub(super) organisation: Option<String>,
    pub(super) service: Option<String>,
    pub(super) record_reference: Option<String>,
    pub(super) status: u16,
    pub(super) codes: Vec<String>,
    pub(super) because: Option<Vec<String>>,
    pub(super) would_be_taken_with: Value,
    pub(super) fault: Option<String>,
}

impl Log {
    pub(super) fn add(
        &mut self,
        at: Millis,
        request: &Request,
        route: Option<&Route>,
        answer: &Answer,
    ) {
        let line = line(self.count() + 1, at, request, route, answer);
        self.push(line.to_string().into());
    }

    /// Adds a line that is written already, and lets the oldest go where there are too many.
    fn push(&mut self, line: Arc<str>) {
        self.bytes += line.len();
        self.lines.push_back(line);
        self.forget_beyond(KEPT);
    }

    fn forget_beyond(&mut self, bytes: usize) {
        while self.bytes > bytes {
            let Some(oldest) = self.lines.pop_front() else {
                break;
            };
            self.bytes -= oldest.len();
            self.first += 1;
        }
    }

    /// The lines that came and those that went since this was asked last.
    pub(super) fn take_changes(&mut self, out: &mut Vec<Piece>) {
        let (count, forgotten) = (self.count(), self.first);
        let (known, gone) = std::mem::replace(&mut self.kept, (count, forgotten));
        for n in gone..forgotten.min(known) {
            out.push(Piece::gone(Part::Request, number(n + 1)));
        }
        out.extend(self.pieces_after(known.max(forgotten)));
    }

    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece> {
        self.pieces_after(self.first)
    }

    fn pieces_after(&self, n: u64) -> impl Iterator<Item = Piece> {
        let lines = (n + 1..).zip(self.after(n));
        lines.map(|(n, line)| Piece {
            part: Part::Request,
            key: number(n),
            value: Some(line.to_string()),
        })
    }

    /// Takes a line back. They come in their order, and none may be missing.
    pub(super) fn restore(&mut self, key: &str, value: String) -> Option<()> {
        let n: u64 = key.parse().ok().filter(|n| *n <= LAST)?;
        if self.lines.is_empty() {
            self.first = n.checked_sub(1)?;
        }
        serde_json::from_str::<Line>(&value).ok()?;
        (n == self.count() + 1).then_some(())?;
        self.push(value.into());
        self.kept = (self.count(), self.first);
        Some(())
    }

    /// How many requests there were.
    pub(super) fn count(&self) -> u64 {
        self.first + self.lines.len() as u64
    }

    /// The lines behind a number.
    fn after(&self, n: u64) -> impl Iterator<Item = &Arc<str>> {
        let gone = n.saturating_sub(self.first).min(self.lines.len() as u64);
        self.lines.range(gone as usize..)
    }

    /// The lines behind a number, to be read when nobody waits.
    pub(super) fn told(&self, after: u64) -> Told {
        Told {
            count: self.count(),
            forgotten: self.first,
            lines: self.after(after).cloned().collect(),
        }
    }
}

/// Lines of the log, and how many there were.
pub(super) struct Told {
    count: u64,
    pub(super) forgotten: u64,
    lines: Vec<Arc<str>>,
}

impl Told {
    /// An object with all of them.
    pub(super) fn to_json(&self) -> String {
        format!(
            "{{\"count\":{},\"forgotten\":{},\"requests\":[{}]}}",
            self.count,
            self.forgotten,
            self.lines.join(",")
        )
    }

    /// The same requests, one a line.
    pub(super) fn to_lines(&self) -> String {
        let lines = self.lines.iter();
        lines.flat_map(|line| [&**line, "\n"]).collect()
    }

    /// The same, to be looked through.
    pub(super) fn read(&self) -> impl Iterator<Item = Line> {
        let lines = self.lines.iter();
        lines.filter_map(|line| serde_json::from_str(line).ok())
    }
}

fn line(n: u64, at: Millis, request: &Request, route: Option<&Route>, answer: &Answer) -> Value {
    let organisation = route.and_then(|route| route.organisation.as_deref());
    let known = route.map_or(&[][..], |route| route.service.parameters());
    let json = request.json().map(|value| shown_json(value, known));
    let noted = &answer.noted;
    let (because, with) = noted.why.to_json();
    json!({
        "n": n,
        "at": extended(at),
        "method": request.method,
        "path": shown_path(&request.path),
        "query": object(pairs(&request.query), known),
        "form": object(request.form(), known),
        "json": json,
        "organisation": organisation,
        "service": route.map(|route| route.service.as_str()),
        "record_reference": noted.record_reference,
        "status": answer.status,
        "codes": words::codes_of(answer),
        "because": because,
        "would_be_taken_with": with,
        "not_read": route.map(|route| not_read(request, route)).unwrap_or_default(),
        "fault": noted.fault,
    })
}

/// Parameters that the service doesn't read, for most of them are misspelled; of such the right name.
fn not_read(request: &Request, route: &Route) -> Vec<String> {
    let known = route.service.parameters();
    let given = request.parameters().into_iter();
    let given = given.map(
        |(name, value)| match is_name(&name, &Value::String(value), known) {
            true => name,
            false => HIDDEN.to_owned(),
        },
    );
    let letters = |name: &str| name.replace(['_', '-'], "").to_lowercase();
    let told = |name: String| {
        let meant = known.iter().find(|known| letters(known) == letters(&name));
        match meant {
            Some(meant) => format!("{name}: it is called {meant}"),
            None => name,
        }
    };
    let unknown = given.filter(|name| !known.contains(&name.as_str()));
    unknown.map(told).collect()
}

/// A path without the name of a file, which opens it to anybody.
fn shown_path(path: &str) -> String {
    match decoded(path, false).contains("__files") {
        true => format!("{FILES}***"),
        false => path.to_owned(),
    }
}

/// Pairs as an object. Of a name that comes twice the last value is shown.
fn object(pairs: Vec<(String, String)>, known: &[&str]) -> Value {
    let pairs = pairs.into_iter();
    let pairs = pairs.map(|(name, value)| (name, Value::String(value)));
    shown_object(pairs, known)
}

fn shown_json(value: Value, known: &[&str]) -> Value {
    match value {
        Value::Object(object) => shown_object(object.into_iter(), known),
        _ => json!(HIDDEN),
    }
}

fn shown_object(pairs: impl Iterator<Item = (String, Value)>, known: &[&str]) -> Value {
    let shown = pairs.map(|(name, value)| match is_name(&name, &value, known) {
        true => {
            let value = shown(&name, value, known);
            (name, value)
        }
        false => (HIDDEN.to_owned(), json!(HIDDEN)),
    });
    Value::Object(shown.collect::<Map<_, _>>())
}

const HIDDEN: &str = "***";

/// How many copies are wanted, in the words of shops: no service reads it, and the checklist does.
const QUANTITIES: [&str; 2] = ["quantity", "qty"];

/// Whether a name is one of a parameter, and not a body that was sent as a form, or a value without its name.
fn is_name(name: &str, value: &Value, known: &[&str]) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let is_shaped = name.len() <= 40 && name.bytes().all(is_letter);
    known.contains(&name) || is_shaped && *value != json!("")
}

/// The value of a parameter that is nobody's secret. Whatever else is sent may be a name or a password under a name of its
/// own.
fn shown(name: &str, value: Value, known: &[&str]) -> Value {
    let is_known = known.contains(&name) && !SECRETS.contains(&name);
    match value {
        Value::String(_) | Value::Number(_) if is_known || QUANTITIES.contains(&name) => value,
        Value::Null | Value::Bool(_) => value,
        _ => json!(HIDDEN),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_no_secrets() {
        let request = Request {
            method: "GET".into(),
            path: "/api".into(),
            query: "qty=1&api_token=t0ps3cret&uname=t0ps3cret&credit_card_prefix=t0ps3cret".into(),
            headers: vec![
                ("Authorization".into(), "Bearer t0ps3cret".into()),
                ("Content-Type".into(), "application/json".into()),
            ],
            body: br#"{"user":{"password":"t0ps3cret"}}"#.to_vec(),
        };
        let answer = Answer::new(404, "text/plain", "not_found");
        let mut log = Log::default();
        log.add(0, &request, None, &answer);
        log.add(0, &request, None, &answer);
        assert!(!log.told(0).to_lines().contains("t0ps3cret"));
        let shown: Value = serde_json::from_str(&log.told(1).to_json()).unwrap();
        assert_eq!(
            (&shown["count"], &shown["forgotten"]),
            (&json!(2), &json!(0))
        );
        assert_eq!(shown["requests"].as_array().unwrap().len(), 1);
        assert_eq!(shown["requests"][0]["query"]["qty"], "1");
        assert_eq!(shown["requests"][0]["codes"][0], "not_found");
    }

    #[test]
    fn the_oldest_go_where_there_are_too_many() {
        let mut log = Log::default();
        for _ in 0..6 {
            log.push("x".repeat(10).into());
        }
        log.forget_beyond(45);
        assert_eq!((log.count(), log.first, log.lines.len()), (6, 2, 4));
        assert_eq!(log.after(0).count(), 4);
        assert_eq!(log.after(5).count(), 1);
        assert_eq!(log.after(9).count(), 0);
    }
}
