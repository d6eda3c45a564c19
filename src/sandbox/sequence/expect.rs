//! What has to come on a request, and whether it did.

use std::collections::BTreeMap;
use std::time::Duration;

use regex::Regex;
use serde_json::Value;

use super::Reply;
use crate::sandbox::fields::{Fields, Read, Wrong};
use crate::sandbox::words;

/// What has to come. What isn't named isn't judged.
#[derive(Debug, Clone, Default)]
pub(super) struct Expect {
    /// One of these.
    status: Vec<u16>,
    /// All of these and no others, in any order.
    codes: Option<Vec<String>>,
    body_matches: Option<Regex>,
    body_lacks: Option<Regex>,
    headers: Vec<(String, Regex)>,
    save: Vec<(String, Regex)>,
    /// Whether the connection has to break.
    broken: bool,
    /// How long it has to take at least.
    after: Duration,
}

/// What was expected and what came, where they differ.
type Differs = Option<(String, String)>;

impl Expect {
    /// That it was done.
    pub(super) fn success() -> Self {
        Self {
            status: vec![200, 201],
            ..Self::default()
        }
    }

    pub(super) fn read(value: &Value) -> Read<Self> {
        let mut fields = Fields::of(value, "expect")?;
        let expect = Self {
            status: status(&mut fields)?,
            codes: fields.read("codes", "a list of texts", |value| {
                let codes = value.as_array()?.iter();
                codes.map(|code| code.as_str().map(str::to_owned)).collect()
            })?,
            body_matches: fields.read("body_matches", REGEX, regex)?,
            body_lacks: fields.read("body_lacks", REGEX, regex)?,
            headers: regexes(&mut fields, "headers")?,
            save: saves(&mut fields)?,
            broken: fields.truth("broken")?.unwrap_or(false),
            after: Duration::from_millis(fields.number("after_ms")?.unwrap_or(0)),
        };
        fields.end()?;
        Ok(expect)
    }

    /// The first thing in which the reply differs.
    pub(super) fn judge(&self, reply: &Reply) -> Differs {
        self.judge_connection(reply)
            .or_else(|| self.judge_status(reply))
            .or_else(|| self.judge_codes(reply))
            .or_else(|| self.judge_headers(reply))
            .or_else(|| self.judge_body(reply))
            .or_else(|| self.judge_save(reply))
    }

    fn judge_connection(&self, reply: &Reply) -> Differs {
        let is_broken = reply.is_broken || reply.status.is_none();
        if is_broken != self.broken {
            let expected = match self.broken {
                true => "a connection that breaks",
                false => "an answer",
            };
            return Some((expected.into(), came(reply)));
        }
        (reply.took < self.after).then(|| {
            let expected = format!("an answer after {} ms", self.after.as_millis());
            (expected, format!("one after {} ms", reply.took.as_millis()))
        })
    }

    fn judge_status(&self, reply: &Reply) -> Differs {
        let holds = reply
            .status
            .is_some_and(|status| self.status.contains(&status));
        let is_judged = !self.status.is_empty() && reply.status.is_some();
        (is_judged && !holds).then(|| {
            let words: Vec<String> = self.status.iter().map(u16::to_string).collect();
            (format!("status {}", words.join(" or ")), came(reply))
        })
    }

    fn judge_codes(&self, reply: &Reply) -> Differs {
        let expected = self.codes.as_ref()?;
        let sorted = |mut codes: Vec<String>| {
            codes.sort();
            codes
        };
        let codes = words::codes(reply.status.unwrap_or(0), &reply.body);
        let holds = sorted(codes) == sorted(expected.clone());
        (!holds).then(|| (format!("the codes {}", expected.join(", ")), came(reply)))
    }

    fn judge_headers(&self, reply: &Reply) -> Differs {
        let differs = self.headers.iter().find(|(name, regex)| {
            let is_it = |(known, value): &(String, String)| {
                known.eq_ignore_ascii_case(name) && regex.is_match(value)
            };
            !reply.headers.iter().any(is_it)
        });
        let (name, regex) = differs?;
        let expected = format!("a header {name} that matches {regex}");
        Some((expected, headers(reply)))
    }

    fn judge_body(&self, reply: &Reply) -> Differs {
        let body = String::from_utf8_lossy(&reply.body);
        let matches = self.body_matches.as_ref();
        if let Some(regex) = matches.filter(|regex| !regex.is_match(&body)) {
            return Some((format!("a body that matches {regex}"), came(reply)));
        }
        let lacks = self.body_lacks.as_ref();
        let regex = lacks.filter(|regex| regex.is_match(&body))?;
        Some((format!("a body without {regex}"), came(reply)))
    }

    fn judge_save(&self, reply: &Reply) -> Differs {
        let missing = |(_, regex): &&(String, Regex)| found(regex, reply).is_none();
        let (name, regex) = self.save.iter().find(missing)?;
        let expected = format!("something to save as {name} by {regex}");
        Some((expected, came(reply)))
    }

    /// What is to be saved, from the body or else from the headers.
    pub(super) fn saved(&self, reply: &Reply) -> BTreeMap<String, String> {
        let saved = self.save.iter();
        saved
            .filter_map(|(name, regex)| Some((name.clone(), found(regex, reply)?)))
            .collect()
    }
}

/// The group of a regular expression, in the body or else in a header's value.
fn found(regex: &Regex, reply: &Reply) -> Option<String> {
    let body = String::from_utf8_lossy(&reply.body);
    let values = reply.headers.iter().map(|(_, value)| value.as_str());
    let mut texts = std::iter::once(body.as_ref()).chain(values);
    let group = texts.find_map(|text| regex.captures(text)?.get(1));
    group.map(|group| group.as_str().to_owned())
}

/// A reply in a line.
fn came(reply: &Reply) -> String {
    let Some(status) = reply.status else {
        return "no answer".to_owned();
    };
    let body = String::from_utf8_lossy(&reply.body);
    let begin: String = body.chars().take(SHOWN).collect();
    let dots = if begin.len() < body.len() { "…" } else { "" };
    let broken = if reply.is_broken { ", broken off" } else { "" };
    format!("status {status} {begin}{dots}{broken}")
}

/// Characters of a body that are shown.
const SHOWN: usize = 200;

fn headers(reply: &Reply) -> String {
    let headers = reply.headers.iter();
    let headers: Vec<String> = headers
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    headers.join(", ")
}

const REGEX: &str = "a regular expression";

fn regex(value: &Value) -> Option<Regex> {
    Regex::new(value.as_str()?).ok()
}

fn regexes(fields: &mut Fields<'_>, name: &'static str) -> Read<Vec<(String, Regex)>> {
    let read = fields.read(name, "an object of regular expressions", |value| {
        let pairs = value.as_object()?.iter();
        pairs
            .map(|(name, value)| Some((name.clone(), regex(value)?)))
            .collect::<Option<Vec<_>>>()
    })?;
    Ok(read.unwrap_or_default())
}

/// Regular expressions with one group each.
fn saves(fields: &mut Fields<'_>) -> Read<Vec<(String, Regex)>> {
    let saves = regexes(fields, "save")?;
    let wrong = saves.iter().find(|(_, regex)| regex.captures_len() != 2);
    match wrong {
        Some((name, _)) => {
            let field = fields.path_of(&format!("save.{name}"));
            Err(Wrong::new(field, "a regular expression with one group"))
        }
        None => Ok(saves),
    }
}

/// A status, or a list of them.
fn status(fields: &mut Fields<'_>) -> Read<Vec<u16>> {
    let number = |value: &Value| u16::try_from(value.as_u64()?).ok();
    let read = fields.read(
        "status",
        "a status or a list of them",
        |value| match value {
            Value::Array(items) => items.iter().map(number).collect(),
            value => number(value).map(|status| vec![status]),
        },
    )?;
    Ok(read.unwrap_or_default())
}
