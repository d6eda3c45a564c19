//! What is answered where something is wrong: a status, and in JSON what was found and what was expected.

use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::reply::Reply;
use crate::error::{Error, ErrorKind};

/// The media type of a problem, of RFC 9457.
pub(super) const PROBLEM: &str = "application/problem+json";

/// What is wrong.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct Told<'a> {
    /// The status in words.
    title: &'a str,
    /// The status.
    status: u16,
    /// What was found.
    detail: &'a str,
    error: ToldError<'a>,
}

/// The same for programs, and what repairs it.
#[derive(Serialize, ToSchema)]
#[schema(as = ProblemError)]
struct ToldError<'a> {
    /// A stable word.
    code: &'a str,
    /// The parameter that it is about.
    parameter: Option<&'a str>,
    /// What was found.
    message: &'a str,
    /// What was expected, or what to do.
    hint: &'a str,
}

/// A request that isn't answered as it was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) status: u16,
    /// A stable word.
    code: &'static str,
    /// The parameter that it is about.
    parameter: Option<String>,
    message: String,
    hint: String,
}

impl Problem {
    /// A parameter that can't be taken.
    pub(super) fn parameter(name: &str, given: &str, expected: &str) -> Self {
        Self {
            status: 400,
            code: "invalid",
            parameter: Some(name.to_owned()),
            message: format!("{name} is `{given}`"),
            hint: format!("expected {expected}"),
        }
    }

    /// The same, in one object of a list.
    pub(super) fn of_item(mut self, n: usize) -> Self {
        let parameter = self.parameter.unwrap_or_default();
        self.message = format!("[{n}]: {}", self.message);
        self.parameter = Some(format!("[{n}].{parameter}"));
        self
    }

    /// A parameter that nothing here has. What it was given isn't said: it may have been a password.
    pub(super) fn unknown(name: &str, known: &[String]) -> Self {
        let hint = match known.is_empty() {
            true => "expected no parameters".to_owned(),
            false => format!("expected one of {}", known.join(", ")),
        };
        Self {
            status: 400,
            code: "invalid",
            parameter: Some(name.to_owned()),
            message: format!("{name} is no parameter here"),
            hint,
        }
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self {
            status: 404,
            code: "not_found",
            parameter: None,
            message: message.into(),
            hint: "GET /v1/search finds books by words".to_owned(),
        }
    }

    /// A path that is there, but not by this method.
    pub(super) fn not_allowed(method: &str) -> Self {
        Self {
            status: 405,
            code: "not_allowed",
            parameter: None,
            message: format!("{method} isn't answered here"),
            hint: "the header Allow says what is".to_owned(),
        }
    }

    pub(super) fn busy() -> Self {
        Self {
            status: 503,
            code: "busy",
            parameter: None,
            message: "too much is being looked for at once".to_owned(),
            hint: "ask again in a second".to_owned(),
        }
    }

    /// What went wrong here, and is nobody's fault who asked.
    pub(super) fn internal() -> Self {
        Self {
            status: 500,
            code: "internal",
            parameter: None,
            message: "the server failed".to_owned(),
            hint: "its log says why".to_owned(),
        }
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    pub(super) fn hint(&self) -> &str {
        &self.hint
    }

    pub(super) fn to_reply(&self) -> Reply {
        let status = StatusCode::from_u16(self.status).ok();
        let told = Told {
            title: status.and_then(|one| one.canonical_reason()).unwrap_or(""),
            status: self.status,
            detail: &self.message,
            error: ToldError {
                code: self.code,
                parameter: self.parameter.as_deref(),
                message: &self.message,
                hint: &self.hint,
            },
        };
        let reply = Reply::json_as(PROBLEM, self.status, &told);
        match self.status {
            503 => reply.with_header("Retry-After", "1"),
            _ => reply,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = match error.kind() {
            ErrorKind::Invalid { .. } => 400,
            ErrorKind::NotKept => 404,
            _ => 500,
        };
        Self {
            status,
            code: error.code(),
            parameter: None,
            message: error.message(),
            hint: error.hint().to_owned(),
        }
    }
}
