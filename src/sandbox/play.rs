//! Plays a sequence that is posted, against the very stand-in that it is posted to.

use std::io;

use serde_json::{Value, json};

use super::request::{Answer, Request};
use super::sequence::{Played, Reply, Sequence};
use super::{Sandbox, admin};
use crate::error::Result;

/// Where sequences are posted.
pub(super) const PATH: &str = "/__admin/play";

/// `POST /__admin/play`: its lines are played one after the other, as if they came over the wire.
pub(super) fn answer(sandbox: &Sandbox, request: &Request) -> Answer {
    match play(sandbox, request) {
        Ok(played) => Answer::json(200, &told(&played)),
        Err(error) => admin::wrong("body", &format!("a sequence, which this is not: {error:#}")),
    }
}

fn play(sandbox: &Sandbox, request: &Request) -> Result<Played> {
    let text = String::from_utf8_lossy(&request.body);
    let sequence = Sequence::parse(&text)?;
    sequence.play(&no_file, |request| match request.path == PATH {
        // It would never end.
        true => reply(admin::wrong("path", "anything but another sequence")),
        false => reply(sandbox.answer(request)),
    })
}

/// What stands beside a sequence is on the disk of whoever posts it.
fn no_file(name: &str) -> io::Result<Vec<u8>> {
    Err(io::Error::other(format!(
        "{name} is out of reach here: play the file with `onix serve --sandbox --play`"
    )))
}

/// An answer as it would arrive.
fn reply(answer: Answer) -> Reply {
    let is_broken = answer.cut_after.is_some();
    let arrives = answer.cut_after.unwrap_or(u64::MAX);
    let arrives = usize::try_from(arrives).unwrap_or(usize::MAX);
    let mut body = answer.body;
    body.truncate(arrives);
    let headers = answer.headers.into_iter();
    Reply {
        status: (arrives > 0).then_some(answer.status),
        headers: headers
            .map(|(name, value)| (name.to_lowercase(), value))
            .collect(),
        body,
        is_broken,
        took: answer.delay,
    }
}

fn told(played: &Played) -> Value {
    let failures = played.failures.iter().map(ToString::to_string);
    json!({"steps": played.steps, "failures": failures.collect::<Vec<_>>()})
}
