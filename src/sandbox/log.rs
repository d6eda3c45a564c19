//! What the stand-in was asked: the last requests, without anything that opens a door.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use super::clock::{Millis, extended};
use super::download::FILES;
use super::request::{Answer, Request, pairs};
use super::service::Route;
use super::words;

/// How many requests are kept.
const KEPT: usize = 10_000;

/// Parameters whose values are nobody's business: what opens a door, who reads a book, and how it was paid.
const SECRETS: [&str; 6] = [
    "password",
    "token",
    "secret",
    "authorization",
    "uname",
    "credit_card_prefix",
];

/// The last requests, the oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Log {
    requests: VecDeque<Value>,
    /// All that there were.
    count: u64,
}

impl Log {
    pub(super) fn add(
        &mut self,
        at: Millis,
        request: &Request,
        route: Option<&Route>,
        answer: &Answer,
    ) {
        self.count += 1;
        if self.requests.len() == KEPT {
            self.requests.pop_front();
        }
        self.requests
            .push_back(line(self.count, at, request, route, answer));
    }

    pub(super) fn to_json(&self) -> Value {
        json!({"count": self.count, "requests": self.requests})
    }

    /// The same, a request a line.
    pub(super) fn to_lines(&self) -> String {
        let lines = self.requests.iter().map(|line| format!("{line}\n"));
        lines.collect()
    }
}

fn line(n: u64, at: Millis, request: &Request, route: Option<&Route>, answer: &Answer) -> Value {
    let organisation = route.and_then(|route| route.organisation.as_deref());
    let json = request.json().map(without_secrets);
    json!({
        "n": n,
        "at": extended(at),
        "method": request.method,
        "path": shown_path(&request.path),
        "query": object(pairs(&request.query)),
        "form": object(request.form()),
        "json": json,
        "organisation": organisation,
        "service": route.map(|route| route.service.as_str()),
        "status": answer.status,
        "codes": words::codes_of(answer),
    })
}

/// A path without the name of a file, which opens it to anybody.
fn shown_path(path: &str) -> String {
    match path.strip_prefix(FILES) {
        Some(_) => format!("{FILES}***"),
        None => path.to_owned(),
    }
}

/// Pairs as an object. Of a name that comes twice the last value is shown.
fn object(pairs: Vec<(String, String)>) -> Value {
    let shown = pairs
        .into_iter()
        .map(|(name, value)| (name, Value::String(value)));
    without_secrets(Value::Object(shown.collect()))
}

fn without_secrets(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let shown = object
                .into_iter()
                .map(|(name, value)| match is_secret(&name) {
                    true => (name, json!("***")),
                    false => (name, without_secrets(value)),
                });
            Value::Object(shown.collect::<Map<_, _>>())
        }
        Value::Array(items) => items.into_iter().map(without_secrets).collect(),
        other => other,
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    SECRETS.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_no_secrets_and_not_everything() {
        let request = Request {
            method: "GET".into(),
            path: "/api".into(),
            query: "a=1&api_token=t0ps3cret&uname=t0ps3cret&credit_card_prefix=t0ps3cret".into(),
            headers: vec![
                ("Authorization".into(), "Bearer t0ps3cret".into()),
                ("Content-Type".into(), "application/json".into()),
            ],
            body: br#"{"user":{"password":"t0ps3cret"}}"#.to_vec(),
        };
        let mut log = Log::default();
        for _ in 0..=KEPT {
            log.add(
                0,
                &request,
                None,
                &Answer::new(404, "text/plain", "not_found"),
            );
        }
        assert!(!log.to_lines().contains("t0ps3cret"));
        let shown = log.to_json();
        assert_eq!(shown["count"], KEPT as u64 + 1);
        assert_eq!(shown["requests"].as_array().unwrap().len(), KEPT);
        assert_eq!(shown["requests"][0]["query"]["a"], "1");
        assert_eq!(shown["requests"][0]["codes"][0], "not_found");
    }
}
