//! What a sale says of itself: its state, and its price.

use super::call::{Call, Calls, Kind};
use super::report::{Because, Finding};
use super::simulations::{Posted, posted};

pub(super) fn no_test_sales(calls: &Calls<'_>) -> Finding {
    let sales = calls.of_kind(Kind::Sale);
    let tests = sales.filter(|call| call.parameter("sale_state").eq_ignore_ascii_case("test"));
    let because =
        tests.map(|call| call.because("sale_state is test, and such a sale is never billed"));
    Finding::new(calls.has_sale(), because.collect())
}

pub(super) fn platform_price(calls: &Calls<'_>) -> Finding {
    let because = posted(calls).into_iter().filter_map(at_other_price);
    Finding::new(calls.has_sale(), because.collect())
}

/// A sale that nobody had just confirmed, and that is refused for its price or has another than its simulation had.
fn at_other_price(posted: Posted<'_>) -> Option<Because> {
    if posted.was_confirmed() {
        return None;
    }
    let sale = posted.sale;
    let simulated = posted
        .at_some_cost
        .filter(|last| last.terms.cost != sale.terms.cost);
    match (is_refused_for_price(sale), simulated) {
        (_, Some(last)) => Some(sale.because(format!(
            "its cost is {}, and that of its last valid simulation, request {}, was {}",
            sale.terms.cost,
            last.n(),
            last.terms.cost
        ))),
        (true, None) => Some(sale.because("it was refused for its price")),
        (false, None) => None,
    }
}

/// Documents differ on whether a wrong price has a code of its own. Where it has none, what would have been taken instead
/// tells it.
fn is_refused_for_price(sale: &Call<'_>) -> bool {
    let has_other_cost = sale.line.would_be_taken_with.get("cost").is_some();
    sale.has_code("invalid_cost") || sale.has_code("invalid_sale_parameters") && has_other_cost
}

pub(super) fn free_books(calls: &Calls<'_>) -> Finding {
    let without = calls.iter().filter(|call| call.has_code("missing_cost"));
    let because = without.map(|call| call.because("cost is missing: that of a free book is 0"));
    let is_exercised = calls.recorded().any(|sale| sale.terms.cost == "0");
    Finding::new(is_exercised, because.collect())
}
