//! Sales that were made before, or elsewhere.

use super::book::{Ledger, add, failed, insert};
use super::decision::{EventKind, State};
use super::terms::Terms;
use crate::error::{Error, Result};
use crate::model::Moment;

/// What came of importing.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Imported {
    /// Decisions that are new.
    pub added: u64,
    /// Those that the ledger had already.
    pub known: u64,
    /// Those that can't be taken, by their number in what was given, from 0.
    pub refused: Vec<(usize, Error)>,
}

impl Ledger {
    /// Takes sales in that the platform has recorded, all at once; what the ledger has already is passed over.
    ///
    /// # Errors
    /// Where nothing could be written; what is wrong with a single one is in the answer.
    pub fn import(
        &self,
        sales: impl IntoIterator<Item = (Terms, State, Moment)>,
        now: Moment,
    ) -> Result<Imported> {
        self.write("importing sales", |transaction| {
            let mut imported = Imported::default();
            for (n, (terms, state, at)) in sales.into_iter().enumerate() {
                if let Err(error) = terms.checked() {
                    imported.refused.push((n, error));
                    continue;
                }
                let known: i64 = transaction
                    .query_row(
                        "SELECT count(*) FROM decision WHERE kind = ? AND account = ? AND organisation = ? AND \
                         transaction_id = ? AND publication = ? AND format = ? AND customer_id = ? AND is_test = ? AND \
                         (state <> 'refused' OR ? = 'refused')",
                        rusqlite::params![
                            terms.kind.as_str(),
                            terms.account,
                            terms.organisation,
                            terms.get("transaction_id").unwrap_or_default(),
                            terms.publication(),
                            terms.format,
                            terms.get("customer_id").unwrap_or_default(),
                            terms.is_test(),
                            state.as_str(),
                        ],
                        |row| row.get(0),
                    )
                    .map_err(failed("importing sales"))?;
                if known > 0 {
                    imported.known += 1;
                    continue;
                }
                let terms = match state {
                    State::Open | State::Unknown => terms,
                    _ => terms.with("credit_card_prefix", ""),
                };
                let id = insert(transaction, &terms, state, at)?;
                let kind = match state {
                    State::Cancelled => EventKind::Cancelled,
                    State::Refused => EventKind::Refused,
                    State::Unknown | State::Open => EventKind::Unknown,
                    State::Recorded => EventKind::Recorded,
                };
                add(transaction, id, kind, "imported", now)?;
                imported.added += 1;
            }
            Ok(imported)
        })
    }
}
