//! A search from the plan to a page of kept records.

use std::collections::BTreeMap;

use tantivy::query::{EnableScoring, Query};
use tantivy::{DocAddress, DocSet};

use super::collect::{Candidate, Candidates};
use super::fault::{failed, failed_io, guarded};
use super::order::{Place, Value};
use super::plan::of_field;
use super::query::{Clause, Scope};
use super::schema::WEIGHTED;
use super::{Plan, Snapshot, fields};
use crate::catalogue::ask::{Search, Sort};
use crate::catalogue::kept::{FoundBy, own_or_related};
use crate::catalogue::page::FacetCount;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Cost, Entry};

/// What a search found.
pub(in crate::catalogue) struct Found {
    pub(in crate::catalogue) total: u64,
    /// Those of the page, in order.
    pub(in crate::catalogue) hits: Vec<FoundHit>,
    pub(in crate::catalogue) facets: BTreeMap<String, Vec<FacetCount>>,
    pub(in crate::catalogue) next: Option<String>,
}

pub(in crate::catalogue) struct FoundHit {
    pub(in crate::catalogue) source: String,
    pub(in crate::catalogue) entry: Entry,
    pub(in crate::catalogue) serial: u64,
    pub(in crate::catalogue) score: f32,
    /// Where the words stand in it: names of fields, `identifier`, `related`.
    pub(in crate::catalogue) matched: Vec<&'static str>,
}

impl Snapshot {
    pub(in crate::catalogue) fn search(&self, search: &Search) -> Result<Found> {
        guarded("searching", || self.find(search))
    }

    fn find(&self, search: &Search) -> Result<Found> {
        let after = search.after.as_deref().map(place).transpose()?;
        let plan = Plan::of(search);
        let collector = Candidates {
            is_scored: plan.is_scored,
        };
        let mut found = self
            .searcher
            .search(&*plan.query, &collector)
            .map_err(failed("searching"))?;
        let costs = self.with_offers(&mut found, search)?;
        let facets = search
            .facets
            .iter()
            .map(|name| Ok((name.clone(), self.facet(name, &found)?)))
            .collect::<Result<_>>()?;
        let total = found.len() as u64;
        let values = self.values(&found, &costs, search.sort)?;
        let mut placed: Vec<_> = found
            .into_iter()
            .zip(values)
            .map(|(candidate, value)| {
                let tie = candidate.tie;
                (Place { value, tie }, candidate)
            })
            .filter(|(place, _)| after.as_ref().is_none_or(|after| place > after))
            .collect();
        let has_more = placed.len() > search.limit;
        if has_more && search.limit > 0 {
            placed.select_nth_unstable_by(search.limit - 1, |a, b| a.0.cmp(&b.0));
        }
        placed.truncate(search.limit);
        placed.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let next = placed.last().filter(|_| has_more);
        let next = next.map(|(place, _)| place.token());
        let hits = placed.iter().map(|(_, candidate)| {
            let card = self.card(candidate.at)?;
            Ok(FoundHit {
                matched: self.matched(&plan.clauses, candidate.at, &card.entry)?,
                source: card.source,
                entry: card.entry,
                serial: candidate.serial,
                score: candidate.score,
            })
        });
        Ok(Found {
            total,
            hits: hits.collect::<Result<_>>()?,
            facets,
            next,
        })
    }

    /// The serial numbers of everything that a search finds, in the order of arrival.
    pub(in crate::catalogue) fn matching(&self, search: &Search) -> Result<Vec<u64>> {
        guarded("searching", || self.find_all(search))
    }

    fn find_all(&self, search: &Search) -> Result<Vec<u64>> {
        let plan = Plan::of(search);
        let mut found = self
            .searcher
            .search(&*plan.query, &Candidates { is_scored: false })
            .map_err(failed("searching"))?;
        self.with_offers(&mut found, search)?;
        let mut serials: Vec<u64> = found.iter().map(|candidate| candidate.serial).collect();
        serials.sort_unstable();
        Ok(serials)
    }

    /// Keeps those with an offer (or a status) as asked for; returns the cost of each one's offer
    /// where the order needs it.
    fn with_offers(
        &self,
        found: &mut Vec<Candidate>,
        search: &Search,
    ) -> Result<Vec<Option<Cost>>> {
        let is_priced = search.sort == Sort::Price;
        let asks = search.asks_for_offers();
        if !asks && !is_priced && search.statuses.is_empty() {
            return Ok(Vec::new());
        }
        let (at, account) = (search.at, &search.account);
        let mut costs = Vec::new();
        let mut kept = Vec::new();
        for candidate in found.drain(..) {
            let offers = self.offers(candidate.serial)?;
            let has_status = search.statuses.is_empty() || {
                let status = offers.status(search.offer.country, at, account);
                search.statuses.contains(&status)
            };
            if !has_status {
                continue;
            }
            let offer = match asks || is_priced {
                true => offers.find(&search.offer, at, account),
                false => None,
            };
            if !asks || offer.is_some() {
                costs.push(offer.and_then(|offer| offer.cost));
                kept.push(candidate);
            }
        }
        *found = kept;
        Ok(costs)
    }

    /// What each candidate is sorted by.
    fn values(
        &self,
        found: &[Candidate],
        costs: &[Option<Cost>],
        sort: Sort,
    ) -> Result<Vec<Value>> {
        Ok(match sort {
            Sort::Relevance => found.iter().map(|c| Value::of_score(c.score)).collect(),
            Sort::Price => costs.iter().map(|cost| Value::of_cost(*cost)).collect(),
            Sort::Date => self.dates(found)?,
            Sort::Title => self.titles(found)?,
        })
    }

    fn dates(&self, found: &[Candidate]) -> Result<Vec<Value>> {
        let columns = self
            .searcher
            .segment_readers()
            .iter()
            .map(|segment| {
                segment
                    .fast_fields()
                    .column_opt::<i64>(fields::name(fields::PUBLISHED))
            })
            .collect::<tantivy::Result<Vec<_>>>()
            .map_err(failed("sorting by date"))?;
        let date = |candidate: &Candidate| {
            let column = columns[candidate.at.segment_ord as usize].as_ref();
            Value::of_date(column.and_then(|column| column.first(candidate.at.doc_id)))
        };
        Ok(found.iter().map(date).collect())
    }

    fn titles(&self, found: &[Candidate]) -> Result<Vec<Value>> {
        let columns = self
            .searcher
            .segment_readers()
            .iter()
            .map(|segment| segment.fast_fields().str(fields::name(fields::TITLE_KEY)))
            .collect::<tantivy::Result<Vec<_>>>()
            .map_err(failed("sorting by title"))?;
        let title = |candidate: &Candidate| {
            let mut key = String::new();
            if let Some(column) = &columns[candidate.at.segment_ord as usize]
                && let Some(ord) = column.term_ords(candidate.at.doc_id).next()
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

fn place(token: &str) -> Result<Place> {
    Place::parse(token).ok_or_else(|| {
        Error::new(ErrorKind::Invalid {
            what: "page token",
            given: token.to_owned(),
            expected: "the `next` of the page before".to_owned(),
        })
    })
}

impl Snapshot {
    /// Where the clauses stand in a product.
    fn matched(
        &self,
        clauses: &[Clause],
        at: DocAddress,
        entry: &Entry,
    ) -> Result<Vec<&'static str>> {
        let sought: Vec<&Clause> = clauses.iter().filter(|c| !c.is_excluded).collect();
        if sought.is_empty() {
            return Ok(Vec::new());
        }
        let mut matched = Vec::new();
        let whole: String = sought
            .iter()
            .filter_map(|c| c.identifier.as_deref())
            .collect();
        let whole = crate::model::normalised(&whole);
        let ids = sought.iter().filter_map(|c| c.identifier.as_deref());
        for id in ids.chain([&*whole]) {
            let name = match own_or_related(entry, id) {
                Some(FoundBy::Own) => "identifier",
                Some(FoundBy::Related(_)) => "related",
                None => continue,
            };
            if !matched.contains(&name) {
                matched.push(name);
            }
        }
        for (n, field) in WEIGHTED.iter().enumerate() {
            let is_in_scope = |clause: &&&Clause| match clause.scope {
                Scope::Anywhere => true,
                Scope::Field(asked) => asked == n,
                Scope::Identifiers => false,
            };
            for clause in sought.iter().filter(is_in_scope) {
                let queries = of_field(field, clause);
                if self.is_met_by(&queries, at)? {
                    matched.push(field.name);
                    break;
                }
            }
        }
        Ok(matched)
    }

    /// Whether a document is among those of any of the queries.
    fn is_met_by(&self, queries: &[Box<dyn Query>], at: DocAddress) -> Result<bool> {
        let segment = self.searcher.segment_reader(at.segment_ord);
        for query in queries {
            let scoring = EnableScoring::disabled_from_searcher(&self.searcher);
            let mut docs = query
                .weight(scoring)
                .and_then(|weight| weight.scorer(segment, 1.0))
                .map_err(failed("looking where the words stand"))?;
            if docs.doc() <= at.doc_id && docs.seek(at.doc_id) == at.doc_id {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
