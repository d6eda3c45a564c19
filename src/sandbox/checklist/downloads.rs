//! Links to what was bought, and the files behind them.

use std::collections::HashMap;

use super::call::{Call, Calls, Kind};
use super::report::{Because, Finding};
use crate::sandbox::download::CANCELLED;

pub(super) fn on_click(calls: &Calls<'_>) -> Finding {
    let mut because = without_sale(calls);
    because.extend(dead(calls));
    Finding::new(has_led_to_file(calls), because)
}

/// Files that a link no longer leads to. Those of a sale that was cancelled it doesn't lead to within its minute either.
fn dead(calls: &Calls<'_>) -> Vec<Because> {
    let files = calls.of_kind(Kind::File);
    let is_cancelled = |call: &Call<'_>| {
        let mut because = call.line.because.iter().flatten();
        because.any(|clause| clause == CANCELLED)
    };
    let gone = files.filter(|call| call.line.status == 404 && !is_cancelled(call));
    let because = gone.map(|call| {
        call.because(
            "a link was kept: it leads to its file for a minute, from the customer's click on",
        )
    });
    because.collect()
}

/// Links that were asked for before anything was sold. Of a sale that was cancelled there is none either, but there was one.
fn without_sale(calls: &Calls<'_>) -> Vec<Because> {
    let sold = sold(calls);
    let links = calls.of_kind(Kind::Link);
    let refused = links.filter(|call| call.is_refused() && call.line.fault.is_none());
    let alone = refused.filter(|call| match sold.get(&key(call)) {
        Some(n) => *n > call.n(),
        None => !was_bought(calls, call),
    });
    let because = alone.map(|call| call.because("a link for a sale that was never recorded"));
    because.collect()
}

type Key<'c> = (usize, &'c str, &'c str);

fn key<'c>(call: &'c Call<'_>) -> Key<'c> {
    (call.book, &call.customer, &call.transaction)
}

/// The request with which each was sold first.
fn sold<'c>(calls: &'c Calls<'_>) -> HashMap<Key<'c>, u64> {
    let mut out = HashMap::new();
    for call in calls.recorded() {
        out.entry(key(call)).or_insert(call.n());
    }
    out
}

/// Whether it was sold by a request that isn't judged, or isn't known any more.
fn was_bought(calls: &Calls<'_>, link: &Call<'_>) -> bool {
    calls.history.bought.iter().any(|bought| {
        bought.organisation == link.shop
            && bought.transaction_id == link.transaction
            && bought.customer_id == link.customer
            && bought.format == link.format
            && calls.publication_of(bought) == Some(link.publication)
    })
}

fn has_led_to_file(calls: &Calls<'_>) -> bool {
    let mut calls = calls.iter().filter(|call| call.line.status == 200);
    let link = calls.by_ref().find(|call| call.kind == Kind::Link);
    link.is_some() && calls.any(|call| call.kind == Kind::File)
}
