//! The cancellation of a sale (S4 2.4, CF-CANCEL).

use super::request::Answer;
use super::sales::{Sale, SaleKey, token};
use super::state::{Asked, Outcome, State};
use super::words::Refusal;

/// `POST …/publications/[publication_id]/sales/cancel`
///
/// In this order, of which no document tells anything: the right to cancel, parameters, the sale, and what may be against it.
pub(super) fn create(state: &mut State, asked: &Asked<'_>) -> Outcome {
    if !state.organisations[asked.organisation].refund {
        let refusal = Refusal::access_denied();
        return Err(refusal.because(
            "the user of the organisation has no right to cancel: seed it with \"refund\": true",
        ));
    }
    let mandatory = |name: &str, code: &str| {
        let given = asked.request.parameter(name);
        given.ok_or_else(|| Refusal::new(400, code).because(format!("{name} is missing")))
    };
    let customer = mandatory("customer_id", "missing_customer_id")?;
    let transaction = mandatory("transaction_id", "missing_transaction_id")?;
    // An amount that isn't there is none that agrees; no document has a code of its own for it.
    let amount = asked.request.parameter("amount").unwrap_or_default();
    let at = find(state, asked, &customer, &transaction, &amount)?;
    let code = state.switches.fulfilled_code().to_owned();
    let sale = state.sales.sale_mut(&at).ok_or_else(Refusal::not_found)?;
    if let Some(code) = objection(sale, &amount, &code) {
        let refusal = Refusal::new(400, code);
        return Err(match code {
            "already_refunded" => refusal.because("the sale was cancelled before"),
            "cost_mismatch" => refusal
                .because(format!("the sale cost {}", sale.cost))
                .taken_with("amount", sale.cost.as_str()),
            _ => refusal.because("its file was downloaded"),
        });
    }
    sale.is_cancelled = true;
    // Its form isn't documented.
    let receipt = format!("R{}", token(sale.number));
    Ok(Answer::new(200, "text/plain", receipt).about(&sale.reference))
}

/// What keeps a sale from being cancelled.
fn objection<'c>(sale: &Sale, amount: &str, fulfilled: &'c str) -> Option<&'c str> {
    match () {
        () if sale.is_cancelled => Some("already_refunded"),
        () if sale.is_downloaded => Some(fulfilled),
        () if !sale.has_cost(amount) => Some("cost_mismatch"),
        () => None,
    }
}

/// The sale that is meant. The service has no format: of several the one that can be cancelled for the amount is it, else one
/// that wasn't cancelled yet, else the last.
fn find(
    state: &State,
    asked: &Asked<'_>,
    customer: &str,
    transaction: &str,
    amount: &str,
) -> Outcome<SaleKey> {
    let (organisation, references) = state.named(asked);
    let found = state.sales.find(organisation, transaction, |sale| {
        sale.customer == customer && sale.is_of(&asked.route.id, &references)
    });
    let distance = |sale: &Sale| match objection(sale, amount, "") {
        None => 0,
        Some("already_refunded") => 2,
        Some(_) => 1,
    };
    let nearest = found.into_iter().min_by_key(|(_, sale)| distance(sale));
    let unknown = || state.unknown_sale(asked, transaction, customer, None);
    nearest.map(|(at, _)| at).ok_or_else(unknown)
}
