//! What is answered where something is wrong: a status, and in JSON what was found and what was expected.

use serde_json::json;

use super::reply::Reply;
use crate::error::{Error, ErrorKind};

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

    /// A parameter that nothing here has. What it was given isn't said: it may have been a password.
    pub(super) fn unknown(name: &str) -> Self {
        Self {
            status: 400,
            code: "invalid",
            parameter: Some(name.to_owned()),
            message: format!("{name} is no parameter here"),
            hint: "it may be misspelt, or one of another path".to_owned(),
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
        let error = json!({"error": {
            "code": self.code,
            "parameter": self.parameter,
            "message": self.message,
            "hint": self.hint,
        }});
        let reply = Reply::json(self.status, &error);
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
