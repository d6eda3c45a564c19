//! Asks a stand-in that runs what its checklist says.

use serde::Deserialize as _;
use serde_json::Value;

use super::play;
use crate::error::{Error, Result};
use crate::model::Moment;
use crate::sandbox::ADMIN;
use crate::sandbox::checklist::report::Report;

/// What is at an address where a stand-in should be.
pub(crate) enum Found {
    /// A stand-in: its report, and the document as it came.
    Report(Report, Value),
    /// Something that answers otherwise.
    Other(String),
    /// Nothing that answers: how asking it ended.
    Nothing(String),
}

/// Asks the stand-in at an address, `http://HOST:PORT`, to judge what it was asked since a moment, or ever.
///
/// # Errors
/// If no connection can be made ready.
pub(crate) fn checklist(base_url: &str, since: Option<Moment>) -> Result<Found> {
    let client = play::client().map_err(|cause| not_ready(&cause.to_string()))?;
    let since = since.map(|since| format!("?since={since}"));
    let url = format!("{base_url}{ADMIN}/checklist{}", since.unwrap_or_default());
    let response = match client.get(url).send() {
        Ok(response) => response,
        Err(error) => return Ok(Found::Nothing(innermost(&error))),
    };
    let status = response.status().as_u16();
    let document: Option<Value> = response.json().ok();
    let report = document
        .as_ref()
        .filter(|_| status == 200)
        .and_then(|document| Report::deserialize(document).ok());
    Ok(match (report, document) {
        (Some(report), Some(document)) => Found::Report(report, document),
        (_, Some(_)) => Found::Other(format!("status {status} and JSON that is no checklist")),
        (_, None) => Found::Other(format!("status {status} and no JSON")),
    })
}

fn not_ready(cause: &str) -> Error {
    Error::io(
        "making a client ready",
        std::io::Error::other(cause.to_owned()),
    )
}

/// The cause at the bottom: those above it say no more than that something was sent.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(below) = cause.source() {
        cause = below;
    }
    cause.to_string()
}
