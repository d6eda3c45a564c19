//! Finding decisions.

use super::book::{COLUMNS, Ledger, failed, read};
use super::decision::{Decision, Kind, State};
use crate::error::Result;
use crate::model::{Moment, normalised};

/// Which decisions are looked for; what isn't said doesn't count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Find {
    /// Sales or preorders.
    pub kind: Option<Kind>,
    /// Any of these states.
    pub states: Vec<State>,
    /// Of this account.
    pub account: Option<String>,
    /// Of this publication, however its identifier is written.
    pub isbn: Option<String>,
    /// In this format.
    pub format: Option<String>,
    /// Of this customer.
    pub customer_id: Option<String>,
    /// In this transaction.
    pub transaction_id: Option<String>,
    /// Decided since.
    pub since: Option<Moment>,
    /// Decided before.
    pub before: Option<Moment>,
}

impl Ledger {
    /// The decisions that are looked for, the oldest first.
    pub fn find(&self, find: &Find) -> Result<Vec<Decision>> {
        let mut conditions = vec!["1".to_owned()];
        let mut values: Vec<rusqlite::types::Value> = Vec::new();
        let mut equals = |column: &str, value: Option<String>| {
            if let Some(value) = value {
                conditions.push(format!("{column} = ?"));
                values.push(value.into());
            }
        };
        equals("kind", find.kind.map(|kind| kind.as_str().to_owned()));
        equals("account", find.account.clone());
        let publication = find
            .isbn
            .as_deref()
            .map(|isbn| normalised(isbn).into_owned());
        equals("publication", publication);
        equals("format", find.format.clone());
        equals("customer_id", find.customer_id.clone());
        equals("transaction_id", find.transaction_id.clone());
        if !find.states.is_empty() {
            let words = find
                .states
                .iter()
                .map(|state| format!("'{}'", state.as_str()));
            let words: Vec<String> = words.collect();
            conditions.push(format!("state IN ({})", words.join(", ")));
        }
        for (condition, moment) in [
            ("decided_at >= ?", find.since),
            ("decided_at < ?", find.before),
        ] {
            if let Some(moment) = moment {
                conditions.push(condition.to_owned());
                values.push(moment.as_unix().into());
            }
        }
        let text = format!(
            "SELECT {COLUMNS} FROM decision WHERE {} ORDER BY id",
            conditions.join(" AND ")
        );
        let connection = self.connection();
        let found = || {
            let mut statement = connection.prepare(&text)?;
            let rows = statement.query_map(rusqlite::params_from_iter(&values), read)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        found().map_err(failed("looking for decisions"))
    }
}
