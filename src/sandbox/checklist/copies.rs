//! One copy of a book, and one request for it: quantities, and sales that are posted again.

use std::collections::HashMap;

use super::call::{Call, Calls, Kind, parameters};
use super::report::{Because, Finding};

/// Sales of one book to one customer that lie no further apart are one purchase: nobody buys an e-book again so soon.
const AT_ONCE: i64 = 60;

pub(super) fn one_copy(calls: &Calls<'_>) -> Finding {
    let mut because = quantities(calls);
    because.extend(bought_twice(calls));
    because.extend(sold_otherwise(calls));
    Finding::new(calls.has_sale(), because)
}

pub(super) fn posted_once(calls: &Calls<'_>) -> Finding {
    let again = repetitions(calls).into_iter();
    let again = again.filter(|one| one.was_known && one.of.is_repeated_by(one.sale));
    let because = again.map(|one| {
        let first = one.of.n();
        one.sale
            .because(format!("the sale of request {first} is posted again"))
    });
    Finding::new(calls.has_sale(), because.collect())
}

/// Requests for more than one copy. No service reads a quantity, so that it can only be seen here.
fn quantities(calls: &Calls<'_>) -> Vec<Because> {
    let sold = [Kind::Simulation, Kind::Sale, Kind::Preorder];
    let sold = calls.iter().filter(|call| sold.contains(&call.kind));
    let because = sold.filter_map(|call| {
        let mut given = parameters(call.line);
        let (name, quantity) = given.find(|(name, value)| {
            let is_quantity = ["quantity", "qty"]
                .iter()
                .any(|one| name.eq_ignore_ascii_case(one));
            is_quantity && !is_one(value)
        })?;
        Some(call.because(format!(
            "{name} is {quantity}, and only one copy can be sold"
        )))
    });
    because.collect()
}

/// The same book, sold to the same customer in two transactions at once.
fn bought_twice(calls: &Calls<'_>) -> Vec<Because> {
    let mut because = Vec::new();
    let mut latest: HashMap<(usize, &str), &Call<'_>> = HashMap::new();
    for call in calls.iter() {
        let key = (call.publication, call.customer.as_str());
        let before = latest.get(&key).copied();
        match call.kind {
            Kind::Cancellation if is_cancelled_by(before, call) => {
                latest.remove(&key);
            }
            Kind::Sale if call.is_recorded() => {
                because.extend(before.and_then(|before| second_copy(before, call)));
                latest.insert(key, call);
            }
            _ => {}
        }
    }
    because
}

fn is_cancelled_by(sale: Option<&Call<'_>>, cancellation: &Call<'_>) -> bool {
    let is_done = cancellation.line.status == 200;
    is_done && sale.is_some_and(|sale| sale.transaction == cancellation.transaction)
}

fn second_copy(before: &Call<'_>, sale: &Call<'_>) -> Option<Because> {
    let is_other = sale.book == before.book && sale.transaction != before.transaction;
    let is_at_once = (0..=AT_ONCE).contains(&(sale.at - before.at));
    (is_other && is_at_once).then(|| {
        sale.because(format!(
            "request {} sold it to the same customer within the minute before, in the transaction {}",
            before.n(),
            before.transaction
        ))
    })
}

/// The same book in the same transaction once more, with something else in it than before.
fn sold_otherwise(calls: &Calls<'_>) -> Vec<Because> {
    let again = repetitions(calls).into_iter();
    let again = again
        .filter(|one| one.of.customer == one.sale.customer && !one.of.is_repeated_by(one.sale));
    let because = again.map(|one| {
        one.sale.because(format!(
            "request {} sold it in this transaction already, with other parameters",
            one.of.n()
        ))
    });
    because.collect()
}

/// A sale that is posted although it stands already.
struct Repetition<'c> {
    sale: &'c Call<'c>,
    of: &'c Call<'c>,
    /// Whether the shop could know that it stands. If not, posting it again is how to find out.
    was_known: bool,
}

/// A sale that was recorded and not cancelled.
struct Standing<'c> {
    sale: &'c Call<'c>,
    is_known: bool,
}

fn repetitions<'c>(calls: &'c Calls<'c>) -> Vec<Repetition<'c>> {
    let mut out = Vec::new();
    let mut standing: HashMap<(&str, usize), Vec<Standing<'c>>> = HashMap::new();
    for call in calls.iter() {
        let key = (call.transaction.as_str(), call.publication);
        match call.kind {
            Kind::Cancellation if call.line.status == 200 => {
                standing.remove(&key);
            }
            Kind::Sale => out.extend(post(standing.entry(key).or_default(), call)),
            _ => {}
        }
    }
    out
}

/// Posts a sale beside those that stand in its transaction.
fn post<'c>(standing: &mut Vec<Standing<'c>>, sale: &'c Call<'c>) -> Option<Repetition<'c>> {
    let known = standing.iter_mut().find(|one| one.sale.book == sale.book);
    let Some(known) = known else {
        if sale.is_recorded() {
            standing.push(Standing {
                sale,
                is_known: !sale.is_unclear(),
            });
        }
        return None;
    };
    let was_known = known.is_known;
    known.is_known |= sale.has_code("duplicate") && !sale.is_unclear();
    Some(Repetition {
        sale,
        of: known.sale,
        was_known,
    })
}

/// Whether a quantity is one, or none is given.
fn is_one(value: &str) -> bool {
    let value = value.trim();
    value.is_empty() || value.parse() == Ok(1.0_f64)
}
