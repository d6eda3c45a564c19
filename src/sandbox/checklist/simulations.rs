//! Simulations: one when a book is put into the basket, one before the payment, and no sale where they are refused.

use std::collections::{HashMap, HashSet};

use super::call::{Call, Calls, Kind, Terms};
use super::report::{Because, Finding};
use super::span;

/// How long before its sale a simulation still counts as that before the payment.
const FRESH: i64 = 3_600;

pub(super) fn in_basket(calls: &Calls<'_>) -> Finding {
    let preordered = preordered(calls);
    let backed = backed(calls).into_iter();
    let alone = backed.filter(|one| {
        let was_preordered = (one.sale.publication, one.sale.customer.as_str());
        !one.has_basket && !preordered.contains(&was_preordered)
    });
    let because = alone.map(|one| {
        one.sale
            .because("no simulation of it came when it was put into the basket")
    });
    Finding::new(calls.has_sale(), because.collect())
}

pub(super) fn before_payment(calls: &Calls<'_>) -> Finding {
    let because = backed(calls)
        .into_iter()
        .filter_map(|one| Some(one.sale.because(one.without_payment?)));
    Finding::new(calls.has_sale(), because.collect())
}

pub(super) fn refused_not_sold(calls: &Calls<'_>) -> Finding {
    let because = posted(calls).into_iter().filter_map(sold_though_refused);
    let because = because.collect();
    let is_exercised = calls.of_kind(Kind::Simulation).any(Call::is_refused);
    Finding::new(is_exercised, because)
}

/// A refusal of other terms is another customer's affair, or was mended: those of the sale count, where they were simulated.
fn sold_though_refused(posted: Posted<'_>) -> Option<Because> {
    let last = posted.confirmation.or(posted.simulation)?;
    let is_refused = last.is_refused() && !posted.is_excused();
    is_refused.then(|| {
        let codes = last.line.codes.join(", ");
        let n = last.n();
        posted
            .sale
            .because(format!("its simulation, request {n}, was refused: {codes}"))
    })
}

/// A sale that was posted, and what the shop could know of it then.
pub(super) struct Posted<'c> {
    pub(super) sale: &'c Call<'c>,
    /// When it was posted first: after an answer that says nothing it may be posted again, much later.
    first: i64,
    /// Whether it was posted before, and the shop doesn't know what became of it.
    was_open: bool,
    /// The last simulation with the very same terms.
    confirmation: Option<&'c Call<'c>>,
    /// The last of these that was valid.
    valid: Option<&'c Call<'c>>,
    /// The last that was valid, with the same terms but for the cost.
    pub(super) at_some_cost: Option<&'c Call<'c>>,
    /// The last of the book.
    simulation: Option<&'c Call<'c>>,
}

impl Posted<'_> {
    /// Whether the platform had just said that it would take it. What has changed since is no fault of the shop's; where it
    /// was taken nevertheless, a refusal that came between was another customer's.
    pub(super) fn was_confirmed(&self) -> bool {
        let last = match self.sale.is_recorded() {
            true => self.valid,
            false => self.confirmation.filter(|last| last.is_valid()),
        };
        last.is_some_and(|last| self.first - last.at <= FRESH)
    }

    /// Whether it may be posted though the platform says no by now: it was confirmed, or the shop has to find out about it.
    pub(super) fn is_excused(&self) -> bool {
        self.was_open || self.was_confirmed()
    }
}

/// The last simulations, by book and terms.
#[derive(Default)]
struct Last<'c> {
    with_terms: HashMap<(usize, &'c Terms), &'c Call<'c>>,
    valid: HashMap<(usize, &'c Terms), &'c Call<'c>>,
    at_some_cost: HashMap<(usize, Terms), &'c Call<'c>>,
    of_book: HashMap<usize, &'c Call<'c>>,
}

impl<'c> Last<'c> {
    fn add(&mut self, simulation: &'c Call<'c>) {
        let book = simulation.book;
        self.with_terms
            .insert((book, &simulation.terms), simulation);
        self.of_book.insert(book, simulation);
        if simulation.is_valid() {
            self.valid.insert((book, &simulation.terms), simulation);
            let key = (book, simulation.terms.without_cost());
            self.at_some_cost.insert(key, simulation);
        }
    }

    fn before(&self, sale: &'c Call<'c>, open_since: Option<i64>) -> Posted<'c> {
        let Call { book, terms, .. } = sale;
        let at_some_cost = (*book, terms.without_cost());
        Posted {
            sale,
            first: open_since.unwrap_or(sale.at),
            was_open: open_since.is_some(),
            confirmation: self.with_terms.get(&(*book, terms)).copied(),
            valid: self.valid.get(&(*book, terms)).copied(),
            at_some_cost: self.at_some_cost.get(&at_some_cost).copied(),
            simulation: self.of_book.get(book).copied(),
        }
    }
}

/// Sales of which the shop doesn't know what became of them, and since when. A refusal settles nothing: it may be for what has
/// changed since.
#[derive(Default)]
struct Open<'c>(HashMap<(usize, &'c str, &'c str), i64>);

impl<'c> Open<'c> {
    /// Posts a sale, and says since when it was open, if it was.
    fn post(&mut self, sale: &'c Call<'c>) -> Option<i64> {
        let key = (sale.book, sale.transaction.as_str(), sale.customer.as_str());
        let since = self.0.get(&key).copied();
        if sale.is_unclear() {
            self.0.entry(key).or_insert(sale.at);
        } else if sale.is_recorded() || sale.has_code("duplicate") {
            self.0.remove(&key);
        }
        since
    }
}

/// All sales that were posted, in their order.
pub(super) fn posted<'c>(calls: &'c Calls<'c>) -> Vec<Posted<'c>> {
    let mut out = Vec::new();
    let mut last = Last::default();
    let mut open = Open::default();
    for call in calls.iter() {
        match call.kind {
            Kind::Simulation if call.is_valid() || call.is_refused() => last.add(call),
            Kind::Sale => out.push(last.before(call, open.post(call))),
            _ => {}
        }
    }
    out
}

/// A sale that was recorded, and which of its two simulations it lacks.
struct Backed<'c> {
    sale: &'c Call<'c>,
    has_basket: bool,
    without_payment: Option<String>,
}

/// Gives each sale that was recorded two simulations of its book that no sale before it has: the last that is just like it, and
/// the first of the rest. Customers whose requests are mixed then each find their own, or another's that serves as well.
fn backed<'c>(calls: &'c Calls<'c>) -> Vec<Backed<'c>> {
    let mut unused: HashMap<usize, Vec<&'c Call<'c>>> = HashMap::new();
    let mut out = Vec::new();
    let mut posted = posted(calls).into_iter();
    for call in calls.iter() {
        match call.kind {
            Kind::Simulation if call.is_valid() => unused.entry(call.book).or_default().push(call),
            Kind::Sale => {
                let first = posted.next().map_or(call.at, |posted| posted.first);
                if call.is_recorded() {
                    out.push(back(unused.entry(call.book).or_default(), call, first));
                }
            }
            _ => {}
        }
    }
    out
}

fn back<'c>(unused: &mut Vec<&'c Call<'c>>, sale: &'c Call<'c>, first: i64) -> Backed<'c> {
    let is_like = |one: &&Call<'_>| one.terms == sale.terms;
    let payment = unused
        .iter()
        .rposition(|one| is_like(one) && first - one.at <= FRESH);
    let without_payment = match payment {
        Some(at) => {
            unused.remove(at);
            None
        }
        None => Some(without_payment(unused, sale, first)),
    };
    let basket = unused.iter().position(is_like);
    let basket = basket.or(Some(0).filter(|_| !unused.is_empty()));
    let has_basket = basket.map(|at| unused.remove(at)).is_some();
    Backed {
        sale,
        has_basket,
        without_payment,
    }
}

/// Why none of these is the simulation before the payment.
fn without_payment(unused: &[&Call<'_>], sale: &Call<'_>, first: i64) -> String {
    match unused.last() {
        None => "no simulation of it came before the payment".to_owned(),
        Some(last) if last.terms != sale.terms => format!(
            "its last simulation, request {}, was of another sale: {}",
            last.n(),
            last.terms.difference(&sale.terms)
        ),
        Some(last) => format!(
            "its last simulation, request {}, was {} before",
            last.n(),
            span(first - last.at)
        ),
    }
}

/// Publications and customers of preorders: such a book was never put into a basket.
fn preordered<'c>(calls: &'c Calls<'c>) -> HashSet<(usize, &'c str)> {
    let taken = calls
        .of_kind(Kind::Preorder)
        .filter(|call| call.line.status < 300 && call.line.record_reference.is_some());
    taken
        .map(|call| (call.publication, call.customer.as_str()))
        .collect()
}
