//! The shop's catalogue: how often it is synchronised, and what is no longer offered thereafter.

use std::collections::{HashMap, HashSet};

use super::call::{Call, Calls, Kind};
use super::report::{Because, Finding};
use super::simulations::{Posted, posted};
use super::{Removal, span};
use crate::model::normalised;
use crate::sandbox::publication::{nature_of, publication_of};

/// How long a shop may go without a synchronisation.
const DAY: i64 = 86_400;

/// Synchronisations that lie closer together say nothing about how regular they are.
pub(super) const APART: i64 = 3_600;

pub(super) fn daily(calls: &Calls<'_>) -> Finding {
    let mut because = Vec::new();
    let mut first: HashMap<&str, i64> = HashMap::new();
    let mut last: HashMap<&str, &Call<'_>> = HashMap::new();
    let mut is_exercised = false;
    for call in calls.iter() {
        let before = last.get(call.shop).copied();
        match call.kind {
            Kind::Synchronisation if is_answered(call) => {
                let first = *first.entry(call.shop).or_insert(call.at);
                is_exercised |= call.at - first >= APART;
                because.extend(before.and_then(|before| late(before, call)));
                last.insert(call.shop, call);
            }
            Kind::Sale => because.extend(before.and_then(|before| late(before, call))),
            _ => {}
        }
    }
    Finding::new(is_exercised, because)
}

/// Whether a synchronisation was answered. That nothing is found means that nothing has changed.
pub(super) fn is_answered(call: &Call<'_>) -> bool {
    call.line.status < 400 || call.line.status == 404
}

fn late(before: &Call<'_>, call: &Call<'_>) -> Option<Because> {
    let passed = call.at - before.at;
    (passed > DAY).then(|| {
        call.because(format!(
            "the last synchronisation, request {}, was {} before",
            before.n(),
            span(passed)
        ))
    })
}

/// A synchronisation with all of its pages.
struct Run {
    at: i64,
    /// The number of its last request.
    last: u64,
}

fn runs<'c>(calls: &'c Calls<'_>) -> HashMap<&'c str, Vec<Run>> {
    let mut runs: HashMap<&str, Vec<Run>> = HashMap::new();
    for call in calls.iter() {
        let runs = runs.entry(call.shop).or_default();
        match (call.kind, runs.last_mut()) {
            (Kind::Synchronisation, _) if is_answered(call) => runs.push(Run {
                at: call.at,
                last: call.n(),
            }),
            (Kind::Page, Some(run)) => run.last = call.n(),
            _ => {}
        }
    }
    runs
}

pub(super) fn removed_books(calls: &Calls<'_>) -> Finding {
    let removals = removals(&calls.history.removals);
    let runs = runs(calls);
    let offered = [Kind::Simulation, Kind::Sale, Kind::Preorder];
    let excused: HashSet<u64> = posted(calls)
        .iter()
        .filter(|posted| posted.is_excused())
        .map(|posted| posted.sale.n())
        .collect();
    let offered = calls
        .iter()
        .filter(|call| offered.contains(&call.kind) && !excused.contains(&call.n()));
    let because = offered.filter_map(|call| {
        let known = removals.get(&call.id)?;
        let runs = runs.get(call.shop)?;
        known
            .iter()
            .find_map(|removal| still_offered(removal, runs, call))
    });
    let because = because.collect();
    let mut ran = runs.values().flatten();
    let is_exercised = ran.any(|run| calls.history.removals.iter().any(|one| run.at > one.at));
    Finding::new(is_exercised, because)
}

/// By all identifiers under which a removed product was known.
fn removals(removals: &[Removal]) -> HashMap<String, Vec<&Removal>> {
    let mut out: HashMap<String, Vec<&Removal>> = HashMap::new();
    for removal in removals {
        let publication = normalised(publication_of(&removal.record_reference)).into_owned();
        let ids = removal.identifiers.iter().cloned().chain([publication]);
        ids.for_each(|id| out.entry(id).or_default().push(removal));
    }
    out
}

/// That a request is for a removed product, of which a whole synchronisation had told. One in the second of the removal may
/// have come before it.
fn still_offered(removal: &Removal, runs: &[Run], call: &Call<'_>) -> Option<Because> {
    let format = nature_of(&removal.record_reference);
    let is_it = call.line.record_reference.is_none()
        && format.is_none_or(|format| format.eq_ignore_ascii_case(&call.format));
    let has_told = |run: &Run| run.at > removal.at && run.last < call.n();
    (is_it && runs.iter().any(has_told)).then(|| {
        call.because(format!(
            "{} was removed, and a synchronisation had told so",
            removal.record_reference
        ))
    })
}

pub(super) fn unavailable_books(calls: &Calls<'_>) -> Finding {
    let because = posted(calls)
        .into_iter()
        .filter_map(sold_though_unavailable);
    let because = because.collect();
    let mut simulations = calls.of_kind(Kind::Simulation);
    let is_exercised = simulations.any(|call| call.has_code("cannot_sell"));
    Finding::new(is_exercised, because)
}

fn sold_though_unavailable(posted: Posted<'_>) -> Option<Because> {
    let is_blind = posted.sale.has_code("cannot_sell") && !posted.was_confirmed();
    is_blind.then(|| {
        posted
            .sale
            .because("it can't be sold, and no simulation had just said otherwise")
    })
}
