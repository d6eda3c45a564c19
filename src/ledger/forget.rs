//! Forgetting a customer: what was sold stays, to whom doesn't.

use rusqlite::params;

use super::book::{Ledger, decided, failed};
use super::decision::{Decision, Kind, State};
use super::find::Find;
use crate::error::Result;

/// Whether the sale that a preorder becomes has been made.
fn has_become_a_sale(preorder: &Decision, decisions: &[Decision]) -> bool {
    decisions.iter().any(|sale| {
        sale.terms.kind() == Kind::Sale
            && sale.terms.publication() == preorder.terms.publication()
            && sale.terms.format() == preorder.terms.format()
            && matches!(sale.state, State::Recorded | State::Cancelled)
            && !sale.terms.is_test()
    })
}

impl Ledger {
    /// Puts `forgotten-N` in the place of a customer, and removes the name that was printed into files. Returns of how
    /// many decisions.
    ///
    /// # Errors
    /// [`ErrorKind::Decided`](crate::ErrorKind::Decided) where something of the customer's isn't settled: a decision
    /// that is open or unknown, or a preorder of which the sale is still to come. Nothing is forgotten then.
    pub fn forget(&self, customer_id: &str) -> Result<u64> {
        let find = Find {
            customer_id: Some(customer_id.to_owned()),
            ..Find::default()
        };
        let decisions = self.find(&find)?;
        for decision in &decisions {
            let is_waiting = decision.terms.kind() == Kind::Preorder
                && decision.state == State::Recorded
                && !has_become_a_sale(decision, &decisions);
            if is_waiting || matches!(decision.state, State::Open | State::Unknown) {
                return Err(decided(decision, "isn't settled, and needs the customer"));
            }
        }
        // One for all of the customer's, so that a preorder and its sale still belong together.
        let first = decisions.first().map_or(0, |decision| decision.id);
        let pseudonym = format!("forgotten-{first}");
        let n = self.write("forgetting a customer", |transaction| {
            let mut n = 0;
            for decision in &decisions {
                let rest = decision.terms.clone().with("customer_id", "");
                let rest: std::collections::BTreeMap<&str, &str> = rest
                    .parameters
                    .iter()
                    .filter(|(name, _)| {
                        !matches!(name.as_str(), "uname" | "credit_card_prefix" | "customer_id")
                    })
                    .map(|(name, value)| (name.as_str(), value.as_str()))
                    .collect();
                n += transaction
                    .execute(
                        "UPDATE decision SET customer_id = ?3, uname = NULL, credit_card_prefix = NULL, \
                         parameters = ?2 WHERE id = ?1",
                        params![decision.id, serde_json::json!(rest).to_string(), pseudonym],
                    )
                    .map_err(failed("forgetting a customer"))? as u64;
            }
            Ok(n)
        })?;
        // Neither may it stay in what SQLite writes beside the file.
        self.connection()
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(failed("forgetting a customer"))?;
        Ok(n)
    }
}
