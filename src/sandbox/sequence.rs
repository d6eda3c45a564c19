//! A sequence: requests in order, each with what has to come, as lines of JSON.
//!
//! It is what the stand-in is tested with, and what says where each of its answers comes from. Whoever plays it sends the
//! requests; here they are read, filled in and judged.

mod expect;
mod step;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use self::step::{Step, What};
use super::fields::Wrong;
use super::organisation::Organisation;
use super::request::Request;
use super::seed::Seed;
use crate::error::{Error, ErrorKind, Result};

/// A sequence that was read.
#[derive(Debug, Clone)]
pub struct Sequence {
    lines: Vec<Line>,
}

/// A line that is a step, by its number from 1.
#[derive(Debug, Clone)]
struct Line {
    number: usize,
    value: Value,
}

/// What came back on a request.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// The status; `None` where no answer came at all.
    pub status: Option<u16>,
    /// Names and values, in order.
    pub headers: Vec<(String, String)>,
    /// As much of the body as arrived.
    pub body: Vec<u8>,
    /// Whether the connection broke before all of it did.
    pub is_broken: bool,
    /// How long it took.
    pub took: Duration,
}

/// A step that didn't hold.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// Its line, from 1.
    pub line: usize,
    /// Method and address.
    pub request: String,
    /// What had to come.
    pub expected: String,
    /// What came.
    pub came: String,
    /// The document that the expectation comes from, if the line names one.
    pub source: Option<String>,
}

/// What was played.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Played {
    /// How many steps.
    pub steps: usize,
    /// Those that didn't hold, in order.
    pub failures: Vec<Failure>,
}

/// Who is being played for: what lines before have left for those behind.
struct Player<'p> {
    saved: BTreeMap<String, String>,
    organisations: Vec<Organisation>,
    /// Gives the bytes of a file that a line names.
    open: &'p dyn Fn(&str) -> std::io::Result<Vec<u8>>,
}

impl Sequence {
    /// Reads a sequence: an object a line; lines without anything are passed over.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for the first line that is no step, with what was expected there.
    pub fn parse(text: &str) -> Result<Self> {
        let lines = text.lines().enumerate();
        let full = lines.filter(|(_, line)| !line.trim().is_empty());
        let read = |(n, line): (usize, &str)| {
            let number = n + 1;
            let value = line_value(line).map_err(|wrong| no_step(number, line, &wrong))?;
            Ok(Line { number, value })
        };
        let lines: Vec<Line> = full.map(read).collect::<Result<_>>()?;
        if lines.is_empty() {
            let wrong = Wrong::new("", "at least one step");
            return Err(no_step(1, text, &wrong));
        }
        Ok(Self { lines })
    }

    /// Plays it. `send` sends a request and gives what came, `open` the bytes of a file that stands beside the
    /// sequence.
    ///
    /// # Errors
    /// Where a file can't be read.
    pub fn play(
        &self,
        open: &dyn Fn(&str) -> std::io::Result<Vec<u8>>,
        mut send: impl FnMut(&Request) -> Reply,
    ) -> Result<Played> {
        let mut player = Player {
            saved: BTreeMap::new(),
            organisations: vec![Organisation::standard()],
            open,
        };
        let mut failures = Vec::new();
        for line in &self.lines {
            failures.extend(player.step(line, &mut send)?);
        }
        Ok(Played {
            steps: self.lines.len(),
            failures,
        })
    }
}

fn line_value(line: &str) -> std::result::Result<Value, Wrong> {
    let value: Value =
        serde_json::from_str(line).map_err(|error| Wrong::new("", format!("JSON: {error}")))?;
    Step::read(&value)?;
    Ok(value)
}

fn no_step(number: usize, line: &str, wrong: &Wrong) -> Error {
    let given: String = line.chars().take(60).collect();
    let field = match wrong.field.is_empty() {
        true => String::new(),
        false => format!("`{}` to be ", wrong.field),
    };
    Error::new(ErrorKind::Invalid {
        what: "sequence",
        given: format!("line {number}, {given}"),
        expected: format!("{field}{}", wrong.expected),
    })
}

impl Player<'_> {
    fn step(
        &mut self,
        line: &Line,
        send: &mut impl FnMut(&Request) -> Reply,
    ) -> Result<Option<Failure>> {
        let filled = step::filled(&line.value, &self.saved);
        let step = Step::read(&filled).map_err(|wrong| no_step(line.number, "", &wrong))?;
        let request = self.request(&step)?;
        let reply = send(&request);
        if let What::Admin(_) = step.what {
            self.remember_seed(&request);
        }
        let differs = step.expect.judge(&reply);
        self.saved.extend(step.expect.saved(&reply));
        Ok(differs.map(|(expected, came)| Failure {
            line: line.number,
            request: shown(&request),
            expected,
            came,
            source: step.source,
        }))
    }

    fn request(&self, step: &Step) -> Result<Request> {
        match &step.what {
            What::Request(asked) => Ok(asked.to_request(&self.organisations)),
            What::Admin(admin) => {
                let unreadable = |name: &str, cause| {
                    Error::io(format!("{name}, which the sequence names,"), cause)
                };
                let open =
                    |name: &String| (self.open)(name).map_err(|cause| unreadable(name, cause));
                let file = admin.file.as_ref().map(open).transpose()?;
                Ok(admin.to_request(file))
            }
        }
    }

    /// From then on its organisations' credentials are known.
    fn remember_seed(&mut self, request: &Request) {
        let order = request.path.strip_prefix(super::ADMIN);
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let seed = match order {
            Some("/import") => &body["settings"]["all"]["seed"],
            _ => &body,
        };
        let seed = Seed::read(seed).ok();
        match order {
            Some("/seed" | "/import") => {
                if let Some(seed) = seed {
                    self.organisations = seed.organisations;
                }
            }
            Some("/reset") => self.organisations = vec![Organisation::standard()],
            _ => {}
        }
    }
}

fn shown(request: &Request) -> String {
    match request.query.is_empty() {
        true => format!("{} {}", request.method, request.path),
        false => format!("{} {}?{}", request.method, request.path, request.query),
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            line,
            request,
            expected,
            came,
            source,
        } = self;
        write!(
            f,
            "line {line}: {request}: expected {expected}, came {came}"
        )?;
        match source {
            Some(source) => write!(f, " ({source})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply {
            status: Some(status),
            headers: vec![("link".into(), "<http://h/next?start=2>; rel=next".into())],
            body: body.into(),
            ..Reply::default()
        }
    }

    fn play(text: &str, replies: &[Reply]) -> (Vec<Request>, Vec<Failure>) {
        let mut sent = Vec::new();
        let mut replies = replies.iter().cloned();
        let open = |_: &str| Err(std::io::ErrorKind::NotFound.into());
        let sequence = Sequence::parse(text).unwrap();
        let send = |request: &Request| {
            sent.push(request.clone());
            replies.next().unwrap_or_default()
        };
        let played = sequence.play(&open, send).unwrap();
        (sent, played.failures)
    }

    #[test]
    fn what_is_saved_is_filled_in_later() {
        let text = concat!(
            r#"{"request":{"method":"GET","path":"/a"},"expect":{"status":200,"save":{"NEXT":"<([^>]+)>"}}}"#,
            "\n\n",
            r#"{"request":{"method":"GET","path":"${NEXT}","auth":null},"expect":{"status":[200,201]}}"#,
        );
        let (sent, failures) = play(text, &[reply(200, ""), reply(201, "")]);
        assert_eq!(failures, []);
        assert_eq!(
            (sent[1].path.as_str(), sent[1].query.as_str()),
            ("/next", "start=2")
        );
        assert!(sent[0].header("authorization").is_some());
        assert_eq!(sent[1].header("authorization"), None);
    }

    #[test]
    fn what_does_not_hold_is_told_with_its_line() {
        let text = concat!(
            "\n",
            r#"{"request":{"path":"/a"},"expect":{"status":404,"codes":["not_found"]},"source":"S4"}"#,
        );
        let (_, failures) = play(text, &[reply(401, r#"["access_denied"]"#)]);
        assert_eq!(failures[0].line, 2);
        assert_eq!(
            failures[0].to_string(),
            "line 2: GET /a: expected status 404, came status 401 [\"access_denied\"] (S4)"
        );
        let (_, failures) = play(text, &[reply(404, "[]")]);
        assert!(failures[0].expected.contains("not_found"));
        let (_, failures) = play(text, &[]);
        assert!(failures[0].came.contains("no answer"));
    }

    #[test]
    fn what_is_no_sequence_is_refused_with_its_line() {
        let error = |text: &str| Sequence::parse(text).unwrap_err().message();
        assert!(error("").contains("at least one step"));
        let good = r#"{"admin":{"path":"/__admin/reset"}}"#;
        assert!(error(&format!("{good}\nnothing")).contains("line 2"));
        let unknown = r#"{"request":{"path":"/","bodi":""},"expect":{}}"#;
        assert!(
            error(unknown).contains("request.bodi"),
            "{}",
            error(unknown)
        );
        let regex = r#"{"request":{"path":"/"},"expect":{"body_matches":"("}}"#;
        assert!(error(regex).contains("expect.body_matches"));
        assert!(error("{}").contains("request or admin"));
    }
}
