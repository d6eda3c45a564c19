//! A sale (S2, S4 2.2, CF-SALE), and what is told of one that is there (CLOUD).

use serde_json::json;

use super::judging::{Taken, judge};
use super::request::{Answer, encoded};
use super::sales::{Conflict, Sale, token};
use super::state::{Asked, Outcome, State, address};
use super::words::Refusal;
use crate::model::{Format, Kind, Protection, SaleRequest};

/// `POST …/publications/[isbn]/sales`
pub(super) fn create(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let taken = judge(state, asked, Kind::Sale)?;
    let sale = sale(state, asked, taken);
    match state.sales.conflict(&sale) {
        Some(Conflict::Duplicate) => {
            let status = state.switches.duplicate_status();
            return Err(Refusal::new(status, "duplicate")
                .because("this publication was sold in this format and transaction already"));
        }
        // No document has a code for a transaction that is another customer's.
        Some(Conflict::OtherCustomer) => {
            return Err(Refusal::new(400, "invalid_sale_parameters")
                .because("the transaction is another customer's"));
        }
        None => {}
    }
    let sale = state.sales.record(sale);
    match asked.request.parameter("output").as_deref() {
        Some("json") => Ok(told(201, asked, &sale)),
        _ => Ok(Answer::new(201, "text/plain", "created").about(&sale.reference)),
    }
}

/// `GET …/publications/[id]/sales/[transaction_id]?format=…&customer_id=…`
pub(super) fn read(state: &State, asked: &Asked<'_>) -> Outcome {
    let given = |name| asked.request.parameter(name).unwrap_or_default();
    let (format, customer) = (given("format"), given("customer_id"));
    let (organisation, references) = state.named(asked);
    let transaction = &asked.route.sale.transaction;
    let found = state.sales.find(organisation, transaction, |sale| {
        !sale.is_cancelled
            && sale.customer == customer
            && sale.is_in(&format)
            && sale.is_of(&asked.route.id, &references)
    });
    let unknown = || state.unknown_sale(asked, transaction, &customer, Some(&format));
    let (_, sale) = found.first().ok_or_else(unknown)?;
    Ok(told(200, asked, sale))
}

/// What was asked for, as a sale.
fn sale(state: &State, asked: &Asked<'_>, taken: Taken) -> Sale {
    let organisation = &state.organisations[asked.organisation];
    let SaleRequest {
        id,
        format,
        cost,
        protection,
        drm_type,
        country,
        currency,
        price_type,
        customer_id,
        transaction_id,
        sale_state,
        aggregator,
        uname,
        ..
    } = taken.request;
    Sale {
        number: 0,
        organisation: organisation.id.clone(),
        transaction: transaction_id.unwrap_or_default(),
        customer: customer_id.unwrap_or_default(),
        id,
        reference: taken.product.reference.clone(),
        format: spelled(format, |word| Some(Format::from_word(word)?.as_str())),
        protection: spelled(protection, |word| {
            Some(Protection::from_word(word)?.as_str())
        }),
        drm_type,
        is_lcp: taken.is_lcp,
        cost: cost.unwrap_or_default(),
        currency,
        country: country.or_else(|| organisation.country.clone()),
        price_type,
        sale_state: sale_state.unwrap_or_else(|| "active".to_owned()),
        aggregator,
        uname,
        at: state.clock.now(),
        is_cancelled: false,
        is_downloaded: false,
    }
}

/// A word as the platform spells it, however it was given.
pub(super) fn spelled(
    given: Option<String>,
    known: impl Fn(&str) -> Option<&'static str>,
) -> String {
    let given = given.unwrap_or_default();
    known(&given).map_or(given, str::to_owned)
}

/// What `output=json` gives: where the status of the sale is to be had, and a word that opens it. That the address is that
/// of the stand-in's own status is our choice; which it is, no document says.
fn told(status: u16, asked: &Asked<'_>, sale: &Sale) -> Answer {
    let path = format!(
        "/api/organisations/{}/customers/{}/transactions/{}/publications/{}/formats/{}/status",
        encoded(&sale.organisation),
        encoded(&sale.customer),
        encoded(&sale.transaction),
        encoded(&sale.id),
        encoded(&sale.format),
    );
    let told = json!({
        "status": "created",
        "status_document_url": address(asked.request, &path),
        "access_token": token(sale.number),
    });
    Answer::json(status, &told).about(&sale.reference)
}
