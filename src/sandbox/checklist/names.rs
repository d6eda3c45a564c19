//! What a shop calls baskets and customers: `transaction_id` and `customer_id`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::call::{Call, Calls, Kind};
use super::report::{Because, Finding};

pub(super) fn transaction_of_basket(calls: &Calls<'_>) -> Finding {
    let mut because = of_two_customers(calls);
    because.extend(of_two_baskets(calls));
    let recorded = calls.recorded();
    let transactions: BTreeSet<_> = recorded
        .map(|call| (call.shop, &call.transaction))
        .collect();
    Finding::new(transactions.len() > 1, because)
}

/// Sales in the transaction of another customer.
fn of_two_customers(calls: &Calls<'_>) -> Vec<Because> {
    let mut owners: HashMap<(&str, &str), &Call<'_>> = HashMap::new();
    let named = calls
        .of_kind(Kind::Sale)
        .filter(|call| !call.transaction.is_empty() && !call.customer.is_empty());
    let because = named.filter_map(|call| {
        let key = (call.shop, call.transaction.as_str());
        let owner = owners.entry(key).or_insert(call);
        (owner.customer != call.customer).then(|| {
            call.because(format!(
                "the transaction {} is the customer {}'s since request {}",
                call.transaction,
                owner.customer,
                owner.n()
            ))
        })
    });
    because.collect()
}

/// Sales in a transaction that was paid before the book was put into any basket.
fn of_two_baskets(calls: &Calls<'_>) -> Vec<Because> {
    let mut because = Vec::new();
    let mut put: HashMap<usize, &Call<'_>> = HashMap::new();
    let mut paid: HashMap<(&str, &str), &Call<'_>> = HashMap::new();
    for call in calls.iter() {
        match call.kind {
            Kind::Simulation => {
                put.entry(call.book).or_insert(call);
            }
            Kind::Sale if call.is_recorded() => {
                let key = (call.shop, call.transaction.as_str());
                let paid = paid.entry(key).or_insert(call);
                let late = put.get(&call.book).filter(|put| put.n() > paid.n());
                because.extend(late.map(|put| {
                    call.because(format!(
                        "it was put into a basket with request {}, and the transaction {} was paid with request {}",
                        put.n(),
                        call.transaction,
                        paid.n()
                    ))
                }));
            }
            _ => {}
        }
    }
    because
}

pub(super) fn customer_of_user(calls: &Calls<'_>) -> Finding {
    let mut because = named_as_transactions(calls);
    because.extend(named_otherwise(calls));
    let mut bought: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for call in calls.recorded() {
        let transactions = bought.entry((call.shop, &call.customer)).or_default();
        transactions.insert(&call.transaction);
    }
    let comes_back = bought.values().any(|transactions| transactions.len() > 1);
    Finding::new(comes_back && bought.len() > 1, because)
}

fn named_as_transactions(calls: &Calls<'_>) -> Vec<Because> {
    let sales = calls.of_kind(Kind::Sale);
    let same = sales.filter(|call| !call.customer.is_empty() && call.customer == call.transaction);
    let because = same.map(|call| {
        call.because(format!(
            "customer_id and transaction_id are both {}, and so no user's for long",
            call.customer
        ))
    });
    because.collect()
}

/// Sales to a user under whose customer another bought, or who bought as another customer. The log hides who the users are, and
/// so do the clauses.
fn named_otherwise(calls: &Calls<'_>) -> Vec<Because> {
    let users = users(calls);
    let mut customers: HashMap<(&str, &str), &Call<'_>> = HashMap::new();
    let mut owners: HashMap<(&str, &str), (&str, &Call<'_>)> = HashMap::new();
    let mut because = Vec::new();
    for call in calls.recorded() {
        let key = (call.transaction.as_str(), call.publication);
        let Some(user) = users.get(&key) else {
            continue;
        };
        let first = *customers.entry((call.shop, user)).or_insert(call);
        if first.customer != call.customer {
            because.push(call.because(format!(
                "the same user (uname) was the customer {} in request {}",
                first.customer,
                first.n()
            )));
        }
        let owner = owners.entry((call.shop, &call.customer));
        let (owner, first) = *owner.or_insert((user, call));
        if owner != user {
            because.push(call.because(format!(
                "the customer {} was another user (uname) in request {}",
                call.customer,
                first.n()
            )));
        }
    }
    because
}

/// Who bought, by transaction and publication. Spaces and capitals make nobody another.
fn users<'c>(calls: &'c Calls<'_>) -> HashMap<(&'c str, usize), String> {
    let bought = calls.history.bought.iter();
    let named = bought.filter_map(|bought| {
        let user = bought.uname.as_deref()?.trim().to_lowercase();
        let publication = calls.publication_of(bought)?;
        Some(((bought.transaction_id.as_str(), publication), user))
    });
    named.filter(|(_, user)| !user.is_empty()).collect()
}
