//! Sums over the ledger.

use serde::Serialize;

use super::book::{Ledger, failed};
use crate::error::Result;

/// What is summed up together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// What is known of a decision.
    #[default]
    State,
    /// The day, in UTC, on which it was decided.
    Day,
    /// The publisher.
    Publisher,
}

/// Decisions summed up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Total {
    /// State, day or publisher; empty where nobody said.
    pub group: String,
    /// `sale` or `preorder`.
    pub kind: String,
    /// Whether they are tests, which nobody is invoiced for.
    pub test: bool,
    /// The currency, where it was said.
    pub currency: Option<String>,
    /// How many.
    pub n: i64,
    /// Of them, those that the platform has.
    pub recorded: i64,
    /// Of them, those of which nobody knows whether it has them.
    pub unknown: i64,
    /// What those cost that the platform has, in minor units.
    pub recorded_cost: i64,
}

impl By {
    fn column(self) -> &'static str {
        match self {
            By::State => "state",
            By::Day => "date(decided_at, 'unixepoch')",
            By::Publisher => "coalesce(publisher, '')",
        }
    }
}

impl Ledger {
    /// All decisions, summed up by state, day or publisher, and always by kind, currency, and whether they are tests.
    pub fn report(&self, by: By) -> Result<Vec<Total>> {
        let text = format!(
            "SELECT {} AS of, kind, is_test, currency, count(*), sum(state = 'recorded'), \
             sum(state IN ('open', 'unknown')), sum(CASE WHEN state = 'recorded' THEN coalesce(cost, 0) ELSE 0 END) \
             FROM decision GROUP BY of, kind, is_test, currency ORDER BY of, kind DESC, is_test, currency",
            by.column()
        );
        let connection = self.connection();
        let read = || {
            let mut statement = connection.prepare(&text)?;
            let rows = statement.query_map([], |row| {
                Ok(Total {
                    group: row.get(0)?,
                    kind: row.get(1)?,
                    test: row.get(2)?,
                    currency: row.get(3)?,
                    n: row.get(4)?,
                    recorded: row.get(5)?,
                    unknown: row.get(6)?,
                    recorded_cost: row.get(7)?,
                })
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(failed("summing up the ledger"))
    }
}
