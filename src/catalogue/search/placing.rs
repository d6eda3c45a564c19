//! The first hits of an order, from a place on: by how well they match, by title, date or price, one a work or all.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap};

use rayon::prelude::*;
use tantivy::DocAddress;
use tantivy::columnar::TermOrdHit;

use super::fault::{failed, failed_io};
use super::find::{FEW, Sold};
use super::order::{Place, Value, newest};
use super::run::{Candidate, Run};
use super::sought::Sought;
use super::{Snapshot, fields};
use crate::catalogue::ask::{Search, Sort};
use crate::error::Result;
use crate::model::{Moment, Status};

impl Snapshot {
    /// The best of them in order, from a place on. Whether one is for sale is asked only among equals, and of as few
    /// as it takes.
    pub(super) fn best(
        &self,
        sought: &Sought<'_>,
        run: &Run,
        after: Option<&Place>,
        wanted: usize,
    ) -> Result<Vec<(Place, DocAddress)>> {
        let from = match after.map(|after| &after.value) {
            Some(Value::Match { score, .. }) => score.0,
            _ => u32::MAX,
        };
        // Of those that match as well as the last one shown, some have been shown.
        let mut n_wanted = wanted;
        loop {
            let mut best = self.best_of(sought, run, n_wanted, from)?;
            best.sort_by_key(|one| Reverse(one.score));
            let mut out = Vec::new();
            for equals in best.chunk_by(|a, b| a.score == b.score) {
                let missing = wanted.saturating_sub(out.len());
                if missing > 0 {
                    out.extend(self.equals(equals, sought.search, after, missing)?);
                }
            }
            if out.len() >= wanted || best.len() < n_wanted {
                return Ok(out);
            }
            n_wanted = wanted.saturating_add(best.len());
        }
    }

    /// The first of those that match equally well, from a place on.
    fn equals(
        &self,
        found: &[Candidate],
        search: &Search,
        after: Option<&Place>,
        wanted: usize,
    ) -> Result<Vec<(Place, DocAddress)>> {
        let ties = &self.numbers()?.ties;
        let dates = &self.numbers()?.dates;
        let serials = &self.numbers()?.serials;
        let order = |(n, one): (usize, &Candidate)| {
            let date = newest(dates.value(one.at));
            Reverse((date, ties.value(one.at), n))
        };
        let mut heap: BinaryHeap<_> = found.iter().enumerate().map(order).collect();
        let (mut sold, mut not_sold) = (Vec::new(), Vec::new());
        while let Some(Reverse((date, tie, n))) = heap.pop() {
            let candidate = found[n];
            let place = |not_sold: bool| Place {
                value: Value::Match {
                    score: Reverse(candidate.score),
                    not_sold,
                    date,
                },
                tie,
            };
            let is_behind = |place: &Place| after.is_none_or(|after| place > after);
            if !is_behind(&place(true)) {
                continue;
            }
            let is_sold = self.is_sold(serials.value(candidate.at), search)?;
            let place = place(!is_sold);
            if !is_behind(&place) {
                continue;
            }
            match is_sold {
                true => sold.push((place, candidate.at)),
                false => not_sold.push((place, candidate.at)),
            }
            if sold.len() >= wanted {
                break;
            }
        }
        sold.extend(not_sold);
        sold.truncate(wanted);
        Ok(sold)
    }

    /// Whether a product is for sale at the moment of a search; without one nobody asks.
    fn is_sold(&self, serial: u64, search: &Search) -> Result<bool> {
        if search.at == Moment::default() {
            return Ok(true);
        }
        let offers = self.offers(serial)?;
        let status = offers.status(search.offer.country, search.at, &search.account);
        Ok(status == Status::Sale)
    }

    /// All of them with their places, in no order.
    pub(super) fn all_placed(
        &self,
        sought: &Sought<'_>,
        run: &Run,
        sold: &[Sold],
        sort: Sort,
    ) -> Result<Vec<(Place, DocAddress)>> {
        let found = &run.found;
        let dates = &self.numbers()?.dates;
        let values: Vec<Value> = match sort {
            Sort::Relevance => self.matches(&self.matched(sought, run, found)?, sought.search)?,
            Sort::Price => sold.iter().map(|sold| Value::of_cost(sold.cost)).collect(),
            Sort::Date => found
                .iter()
                .map(|at| Value::of_date(dates.value(*at)))
                .collect(),
            Sort::Title => self.titles(found)?,
        };
        let ties = &self.numbers()?.ties;
        let placed = found.iter().zip(values).map(|(at, value)| {
            let tie = ties.value(*at);
            (Place { value, tie }, *at)
        });
        Ok(placed.collect())
    }

    fn matches(&self, found: &[Candidate], search: &Search) -> Result<Vec<Value>> {
        let dates = &self.numbers()?.dates;
        let serials = &self.numbers()?.serials;
        let value = |one: &Candidate| {
            Ok(Value::Match {
                score: Reverse(one.score),
                not_sold: !self.is_sold(serials.value(one.at), search)?,
                date: newest(dates.value(one.at)),
            })
        };
        match found.len() <= FEW {
            true => found.iter().map(value).collect(),
            false => found.par_iter().with_min_len(FEW).map(value).collect(),
        }
    }

    /// The first by title, from a place on. In a segment titles are numbered in their order, so that few of them have to
    /// be read.
    pub(super) fn by_title(
        &self,
        found: &[DocAddress],
        after: Option<&Place>,
        wanted: usize,
    ) -> Result<Vec<(Place, DocAddress)>> {
        let from = match after.map(|after| &after.value) {
            Some(Value::Text(text)) => Some(text.as_bytes()),
            _ => None,
        };
        let ties = &self.numbers()?.ties;
        let mut first = Vec::new();
        for of_segment in found.chunk_by(|a, b| a.segment_ord == b.segment_ord) {
            let reader = self.searcher.segment_reader(of_segment[0].segment_ord);
            let column = reader
                .fast_fields()
                .str(fields::name(fields::TITLE_KEY))
                .map_err(failed("sorting by title"))?;
            let Some(column) = column else {
                first.extend_from_slice(of_segment);
                continue;
            };
            // Those without a title come last; an empty one is the first term.
            let number = |at: &DocAddress| {
                let ord = column.term_ords(at.doc_id).next();
                ord.unwrap_or(u64::MAX)
            };
            let mut numbered: Vec<(u64, u64, DocAddress)> = of_segment
                .iter()
                .map(|at| (number(at), ties.value(*at), *at))
                .collect();
            if let Some(from) = from {
                let least = column
                    .dictionary()
                    .term_ord_or_next(from)
                    .map_err(failed_io("sorting by title"))?;
                let (TermOrdHit::Exact(least) | TermOrdHit::Next(least)) = least;
                numbered.retain(|(number, ..)| *number >= least);
            }
            // Among those with the title of the last one shown, some have been shown.
            let equal = numbered.iter().map(|(number, ..)| *number).min();
            let n_equal = numbered
                .iter()
                .filter(|(number, ..)| Some(*number) == equal)
                .count();
            let shown = if from.is_some() { n_equal } else { 0 };
            let n_wanted = wanted.saturating_add(shown);
            if numbered.len() > n_wanted && n_wanted > 0 {
                numbered.select_nth_unstable(n_wanted - 1);
                numbered.truncate(n_wanted);
            }
            first.extend(numbered.into_iter().map(|(.., at)| at));
        }
        let values = self.titles(&first)?;
        let placed = first.into_iter().zip(values).map(|(at, value)| {
            let tie = ties.value(at);
            (Place { value, tie }, at)
        });
        Ok(behind(placed.collect(), after, wanted))
    }

    /// Keeps the first of each work; returns the serial numbers of the others of each.
    pub(super) fn grouped(
        &self,
        placed: &mut Vec<(Place, DocAddress)>,
    ) -> Result<HashMap<DocAddress, Vec<u64>>> {
        let serials = &self.numbers()?.serials;
        placed.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let works = self.works();
        let mut first: HashMap<u64, DocAddress> = HashMap::new();
        let mut others: HashMap<DocAddress, Vec<u64>> = HashMap::new();
        placed.retain(|(_, at)| {
            let serial = serials.value(*at);
            match first.entry(works.of(serial)) {
                Entry::Vacant(place) => {
                    place.insert(*at);
                    true
                }
                Entry::Occupied(first) => {
                    others.entry(*first.get()).or_default().push(serial);
                    false
                }
            }
        });
        Ok(others)
    }

    fn titles(&self, found: &[DocAddress]) -> Result<Vec<Value>> {
        let columns = self
            .searcher
            .segment_readers()
            .iter()
            .map(|segment| segment.fast_fields().str(fields::name(fields::TITLE_KEY)))
            .collect::<tantivy::Result<Vec<_>>>()
            .map_err(failed("sorting by title"))?;
        let title = |at: &DocAddress| {
            let mut key = String::new();
            if let Some(column) = &columns[at.segment_ord as usize]
                && let Some(ord) = column.term_ords(at.doc_id).next()
            {
                column
                    .ord_to_str(ord, &mut key)
                    .map_err(failed_io("sorting by title"))?;
            }
            Ok(Value::of_title(key))
        };
        found.iter().map(title).collect()
    }
}

/// Those behind a place, in order, as many as are wanted.
pub(super) fn behind(
    mut placed: Vec<(Place, DocAddress)>,
    after: Option<&Place>,
    wanted: usize,
) -> Vec<(Place, DocAddress)> {
    if let Some(after) = after {
        placed.retain(|(place, _)| place > after);
    }
    if wanted > 0 && placed.len() > wanted {
        placed.select_nth_unstable_by(wanted - 1, |a, b| a.0.cmp(&b.0));
        placed.truncate(wanted);
    }
    placed.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    placed
}
