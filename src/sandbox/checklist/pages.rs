//! The pages of a synchronisation: each that is answered names the next, up to one that isn't found.

use std::collections::HashMap;

use super::call::{Call, Calls, Kind};
use super::catalogue::{APART, is_answered};
use super::report::{Because, Finding};

/// A synchronisation whose last page named another.
struct Run<'c> {
    first: &'c Call<'c>,
    last: &'c Call<'c>,
    /// Whether its last page wasn't answered, so that it may be left.
    is_excused: bool,
}

impl Run<'_> {
    /// Whether a synchronisation is the very same from its beginning, as after a time-out of the shop's own.
    fn is_begun_anew_by(&self, call: &Call<'_>) -> bool {
        let is_same = call.line.status == 200 && call.line.query == self.first.line.query;
        is_same && call.at - self.last.at < APART
    }

    fn left(self) -> Because {
        self.last
            .because("its Link named another page, which wasn't asked for")
    }
}

/// Whose synchronisation, of which service, and in which format: one of each may be under way.
type Synchronised<'c> = (&'c str, &'c str, &'c str);

fn of<'c>(call: &'c Call<'c>) -> Option<Synchronised<'c>> {
    let service = call.line.service.as_deref().unwrap_or_default();
    let format = match call.line.path.ends_with(".xml") {
        true => "xml",
        false => "onix",
    };
    matches!(service, "full" | "delta").then_some((call.shop, service, format))
}

/// Lists don't count: the log doesn't say how many there were.
pub(super) fn all_pages(calls: &Calls<'_>) -> Finding {
    let mut because = Vec::new();
    let mut has_ended = false;
    let mut open: HashMap<Synchronised<'_>, Run<'_>> = HashMap::new();
    for call in calls.iter() {
        let is_first = match call.kind {
            Kind::Synchronisation if is_answered(call) => true,
            Kind::Page => false,
            _ => continue,
        };
        let Some(of) = of(call) else { continue };
        let before = open.remove(&of);
        let first = match (is_first, &before) {
            (false, Some(run)) => run.first,
            _ => call,
        };
        let left = before.filter(|run| is_first && !run.is_excused && !run.is_begun_anew_by(call));
        because.extend(left.map(Run::left));
        let is_excused = call.line.status >= 500 || call.is_unclear();
        has_ended |= !is_first && call.line.status == 404;
        if call.line.status == 200 || is_excused {
            open.insert(
                of,
                Run {
                    first,
                    last: call,
                    is_excused,
                },
            );
        }
    }
    let is_over = |run: &Run<'_>| calls.history.now - run.last.at >= APART;
    let open = open.into_values().filter(|run| !run.is_excused);
    let (over, under_way): (Vec<_>, Vec<_>) = open.partition(is_over);
    because.extend(over.into_iter().map(Run::left));
    Finding::new(has_ended && under_way.is_empty(), because)
}
