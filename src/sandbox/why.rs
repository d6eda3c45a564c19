//! Why a request was refused, and what would have been taken: for the log alone, since the platform itself says no more
//! than its words.

use serde_json::{Map, Value, json};

/// The reasons of a refusal, and its nearest miss.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Why {
    /// Clauses to be read behind "because".
    because: Vec<String>,
    /// What to change, by the names of parameters, `method`, `path` or a header.
    with: Vec<(String, String)>,
}

impl Why {
    pub(super) fn because(&mut self, clause: impl Into<String>) {
        self.because.push(clause.into());
    }

    pub(super) fn with(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.with.push((name.into(), value.into()));
    }

    /// The two fields of the log's line, each `null` where there is nothing to tell.
    pub(super) fn to_json(&self) -> (Value, Value) {
        let because = match self.because.is_empty() {
            true => Value::Null,
            false => json!(self.because),
        };
        let with: Map<String, Value> = self
            .with
            .iter()
            .map(|(name, value)| (name.clone(), json!(value)))
            .collect();
        let with = match with.is_empty() {
            true => Value::Null,
            false => Value::Object(with),
        };
        (because, with)
    }
}
