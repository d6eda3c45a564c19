//! What the checks come to: the document that the command prints.

use serde::{Deserialize, Serialize};

/// What all checks say of the requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Report {
    /// How many requests were judged.
    pub(crate) requests: u64,
    /// How many of the oldest are known no more, and so not judged.
    pub(crate) forgotten: u64,
    /// Since when requests were judged, where not all were.
    pub(crate) since: Option<String>,
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) not_exercised: u64,
    pub(crate) checks: Vec<Checked>,
}

/// What a check says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checked {
    /// The word for the check.
    pub(crate) check: String,
    pub(crate) title: String,
    /// Which of the platform's documents wants it.
    pub(crate) source: String,
    pub(crate) state: State,
    /// The requests that failed it.
    pub(crate) because: Vec<Because>,
    /// What to do where it wasn't exercised.
    pub(crate) to_exercise: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Passed,
    Failed,
    NotExercised,
}

/// A request that failed a check, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Because {
    pub(crate) n: u64,
    pub(crate) at: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) what: String,
}

/// What a check has found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) because: Vec<Because>,
    /// Whether there was anything to judge.
    pub(super) is_exercised: bool,
}

impl Finding {
    pub(super) fn new(is_exercised: bool, because: Vec<Because>) -> Self {
        Self {
            because,
            is_exercised,
        }
    }

    pub(super) fn state(&self) -> State {
        match (self.because.is_empty(), self.is_exercised) {
            (false, _) => State::Failed,
            (true, true) => State::Passed,
            (true, false) => State::NotExercised,
        }
    }
}
