//! Preorders: two decisions at two dates with one customer.

use super::selling::{Shop, Sold};
use crate::error::{Error, ErrorKind, Result};
use crate::ledger::{Decision, Find, Kind, State};
use crate::model::{Judgement, Kind as RequestKind, Moment, SaleRequest, Verdict};

/// A preorder that the platform has, and what has become of its title.
#[derive(Debug)]
#[non_exhaustive]
pub struct Preordered {
    /// The preorder.
    pub decision: Decision,
    /// The sale that it has become, if it has.
    pub sale: Option<Decision>,
    /// The sale that it would become at the moment, from what was kept with it.
    pub request: SaleRequest,
    /// What the catalogue says of that.
    pub verdict: Verdict,
}

impl Preordered {
    /// Whether its sale is still to come and may be made, once what is missing has been said.
    pub fn is_due(&self) -> bool {
        let codes = &self.verdict.codes;
        let is_only_missing = !codes.is_empty()
            && codes
                .iter()
                .all(|code| code.as_str().starts_with("missing_"));
        self.sale.is_none() && (self.verdict.verdict == Judgement::Valid || is_only_missing)
    }
}

/// What a sale needs beyond its preorder.
pub const NEEDED: [&str; 6] = [
    "transaction_id",
    "cost",
    "protection",
    "country",
    "currency",
    "price_type",
];

impl Shop {
    /// The preorders that the platform has, the oldest first, each with what the catalogue says of its sale at a moment.
    pub fn preorders(&self, at: Moment) -> Result<Vec<Preordered>> {
        let find = Find {
            kind: Some(Kind::Preorder),
            account: Some(self.source()?.to_owned()),
            states: vec![State::Recorded],
            ..Find::default()
        };
        let decisions = self.ledger().find(&find)?;
        decisions
            .into_iter()
            .map(|decision| self.preordered(decision, at))
            .collect()
    }

    fn preordered(&self, decision: Decision, at: Moment) -> Result<Preordered> {
        let terms = &decision.terms;
        let customer = terms.get("customer_id").unwrap_or_default();
        let find = Find {
            kind: Some(Kind::Sale),
            account: Some(terms.account().to_owned()),
            isbn: Some(terms.publication()),
            format: Some(terms.format().to_owned()),
            customer_id: Some(customer.to_owned()),
            states: vec![
                State::Open,
                State::Unknown,
                State::Recorded,
                State::Cancelled,
            ],
            since: Some(decision.decided),
            ..Find::default()
        };
        let sales = self.ledger().find(&find)?;
        let sale = sales.into_iter().find(|sale| !sale.terms.is_test());
        let mut request = SaleRequest::new(RequestKind::Sale, terms.isbn(), at);
        request = request.with("format", terms.format());
        for (name, value) in terms.parameters() {
            request = request.with(name, value);
        }
        // A preorder isn't a state of a sale.
        request.sale_state = None;
        // Asked without a transaction, which it needn't have yet.
        let simulation = SaleRequest {
            kind: RequestKind::Simulation,
            ..request.clone()
        };
        let verdict = self.check(&simulation)?;
        Ok(Preordered {
            decision,
            sale,
            request,
            verdict,
        })
    }

    /// Makes the sale that a preorder becomes. What it needs beyond what was kept with the preorder has to be in the
    /// request by now: nothing is invented.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for something that is missing, by its name, and as [`sell`](Self::sell).
    pub fn settle(&self, preorder: &Preordered, force: bool, at: Moment) -> Result<Sold> {
        if let Some(sale) = &preorder.sale {
            return Err(Error::new(ErrorKind::Decided {
                decision: sale.id,
                state: sale.state.as_str(),
                what: format!("preorder {} has become this sale", preorder.decision.id),
            }));
        }
        let given: Vec<&str> = preorder
            .request
            .parameters()
            .map(|(name, _)| name)
            .collect();
        if let Some(missing) = NEEDED.into_iter().find(|name| !given.contains(name)) {
            return Err(Error::new(ErrorKind::Invalid {
                what: missing,
                given: String::new(),
                expected: "the preorder was kept without it, and its sale needs it".to_owned(),
            }));
        }
        self.sell(&preorder.request, force, at)
    }
}
