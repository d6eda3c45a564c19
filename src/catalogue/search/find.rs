//! A search from what was asked to a page of hits.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;
use tantivy::DocAddress;

use super::Snapshot;
use super::expand::Stage;
use super::fault::guarded;
use super::highlight::{Marked, respelled};
use super::order::PageToken;
use super::placing::behind;
use super::rank::UNIT;
use super::run::{Candidate, Run};
use super::sought::Sought;
use super::weights::SECTIONS;
use crate::catalogue::ask::{Group, Search, Sort};
use crate::catalogue::page::{FacetCount, Highlight};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Cost, Entry, Status};

/// What a search found.
pub(in crate::catalogue) struct Found {
    pub(in crate::catalogue) total: u64,
    /// Those of the page, in order.
    pub(in crate::catalogue) hits: Vec<FoundHit>,
    pub(in crate::catalogue) facets: BTreeMap<String, Vec<FacetCount>>,
    pub(in crate::catalogue) next: Option<String>,
    pub(in crate::catalogue) did_you_mean: Option<String>,
    /// Whether no product has all the words.
    pub(in crate::catalogue) is_incomplete: bool,
}

pub(in crate::catalogue) struct FoundHit {
    pub(in crate::catalogue) source: String,
    pub(in crate::catalogue) entry: Entry,
    pub(in crate::catalogue) serial: u64,
    pub(in crate::catalogue) score: f32,
    /// Where the words stand in it: names of fields, `identifier`, `related`.
    pub(in crate::catalogue) matched: Vec<&'static str>,
    pub(in crate::catalogue) highlights: Vec<Highlight>,
    /// The serial numbers of the others of its work that were found.
    pub(in crate::catalogue) others: Vec<u64>,
}

/// What the offers of a candidate come to, as far as it was asked.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sold {
    pub(super) cost: Option<Cost>,
    pub(super) status: Option<Status>,
}

/// Candidates whose offers are looked at by one thread.
pub(super) const FEW: usize = 512;

impl Snapshot {
    pub(in crate::catalogue) fn search(&self, search: &Search) -> Result<Found> {
        guarded("searching", || self.find(search))
    }

    fn find(&self, search: &Search) -> Result<Found> {
        let after = search.after.as_deref();
        let after = after
            .map(|token| page_token(token, search.sort))
            .transpose()?;
        let sought = Sought::new(self, search)?;
        let (run, sold) = self.found(&sought, search, after.as_ref())?;
        let facets = search
            .facets
            .iter()
            .map(|name| Ok((name.clone(), self.facet(name, &run.found, &sold, search)?)))
            .collect::<Result<_>>()?;
        let mut total = run.found.len() as u64;
        let mut others = HashMap::new();
        let place = after.as_ref().map(|after| &after.place);
        let wanted = search.limit.saturating_add(1);
        let mut placed = match (search.sort, search.group) {
            (Sort::Relevance, None) => self.best(&sought, &run, place, wanted)?,
            (Sort::Title, None) => self.by_title(&run.found, place, wanted)?,
            (sort, group) => {
                let mut placed = self.all_placed(&sought, &run, &sold, sort)?;
                if let Some(Group::Work) = group {
                    others = self.grouped(&mut placed)?;
                    total = placed.len() as u64;
                }
                behind(placed, place, wanted)
            }
        };
        let has_more = placed.len() > search.limit;
        placed.truncate(search.limit);
        let next = placed.last().filter(|_| has_more).map(|(place, _)| {
            let token = PageToken {
                place: place.clone(),
                stage: run.stage.digit(),
                n_met: run.n_met,
                rarities: run.rarities().to_vec(),
            };
            token.text()
        });
        let marked = search.highlight.then(|| Marked::new(&sought, run.stage));
        let docs: Vec<DocAddress> = placed.iter().map(|(_, at)| *at).collect();
        let candidates = self.matched(&sought, &run, &docs)?;
        let hits = candidates.into_iter().map(|candidate| {
            let others = others.remove(&candidate.at).unwrap_or_default();
            self.hit(candidate, others, marked.as_ref())
        });
        let hits: Vec<FoundHit> = hits.collect::<Result<_>>()?;
        let did_you_mean = match after.is_none() && run.stage > Stage::Written {
            true => hits.first().and_then(|best| respelled(&sought, best)),
            false => None,
        };
        Ok(Found {
            total,
            hits,
            facets,
            next,
            did_you_mean,
            is_incomplete: run.stage == Stage::Incomplete,
        })
    }

    /// The candidates of a search, gone as far as it takes to fill a page, or as far as the page before went; with
    /// their offers, as far as these are asked for.
    fn found(
        &self,
        sought: &Sought<'_>,
        search: &Search,
        after: Option<&PageToken>,
    ) -> Result<(Run, Vec<Sold>)> {
        let run = |stage: Stage| -> Result<(Run, Vec<Sold>)> {
            let mut run = self.run(sought, stage, after)?;
            let sold = self.sold(&mut run.found, search)?;
            Ok((run, sold))
        };
        if let Some(after) = after {
            let stage = Stage::of_digit(after.stage).unwrap_or(Stage::Written);
            return run(stage);
        }
        let mut best = run(Stage::Written)?;
        let is_page = |run: &Run| run.found.len() >= search.limit.max(1);
        if !is_page(&best.0) && sought.may_be_misspelt() {
            let wider = run(Stage::Misspelt)?;
            if wider.0.found.len() > best.0.found.len() {
                best = wider;
            }
        }
        if best.0.found.is_empty() && sought.may_be_incomplete() {
            let wider = run(Stage::Incomplete)?;
            if !wider.0.found.is_empty() {
                best = wider;
            }
        }
        Ok(best)
    }

    /// The best hits of words as they are written.
    pub(super) fn found_as_written(&self, search: &Search) -> Result<Vec<FoundHit>> {
        let sought = Sought::new(self, search)?;
        let run = self.run(&sought, Stage::Written, None)?;
        let best = self.best(&sought, &run, None, search.limit)?;
        let docs: Vec<DocAddress> = best.into_iter().map(|(_, at)| at).collect();
        let candidates = self.matched(&sought, &run, &docs)?;
        let hits = candidates
            .into_iter()
            .map(|one| self.hit(one, Vec::new(), None));
        hits.collect()
    }

    /// The serial numbers of everything that a search finds, in the order of arrival.
    pub(in crate::catalogue) fn matching(&self, search: &Search) -> Result<Vec<u64>> {
        guarded("searching", || self.find_all(search))
    }

    fn find_all(&self, search: &Search) -> Result<Vec<u64>> {
        let sought = Sought::new(self, search)?;
        let mut run = self.run(&sought, Stage::Written, None)?;
        self.sold(&mut run.found, search)?;
        let serials = &self.numbers()?.serials;
        let mut serials: Vec<u64> = run.found.iter().map(|at| serials.value(*at)).collect();
        serials.sort_unstable();
        Ok(serials)
    }

    /// Keeps those with an offer (or a status) as asked for; returns what each one's offers come to, where that is
    /// asked for.
    fn sold(&self, found: &mut Vec<DocAddress>, search: &Search) -> Result<Vec<Sold>> {
        let has_facet = |name: &str| search.facets.iter().any(|facet| facet == name);
        let asks = search.asks_for_offers();
        let needs_offer = asks || search.sort == Sort::Price || has_facet("price");
        let needs_status = !search.statuses.is_empty() || has_facet("status");
        if !needs_offer && !needs_status {
            return Ok(Vec::new());
        }
        let (at, account) = (search.at, &search.account);
        let serials = &self.numbers()?.serials;
        let look = |at_doc: &DocAddress| -> Result<Option<(DocAddress, Sold)>> {
            let offers = self.offers(serials.value(*at_doc))?;
            let mut sold = Sold::default();
            if needs_status {
                let status = offers.status(search.offer.country, at, account);
                if !search.statuses.is_empty() && !search.statuses.contains(&status) {
                    return Ok(None);
                }
                sold.status = Some(status);
            }
            if needs_offer {
                let offer = offers.cheapest(&search.offer, at, account);
                if asks && offer.is_none() {
                    return Ok(None);
                }
                sold.cost = offer;
            }
            Ok(Some((*at_doc, sold)))
        };
        let looked: Vec<Option<(DocAddress, Sold)>> = match found.len() <= FEW {
            true => found.iter().map(look).collect::<Result<_>>()?,
            false => found
                .par_iter()
                .with_min_len(FEW)
                .map(look)
                .collect::<Result<_>>()?,
        };
        let (kept, sold) = looked.into_iter().flatten().unzip();
        *found = kept;
        Ok(sold)
    }

    pub(super) fn hit(
        &self,
        candidate: Candidate,
        others: Vec<u64>,
        marked: Option<&Marked>,
    ) -> Result<FoundHit> {
        let card = self.card(candidate.at)?;
        let serial = self.numbers()?.serials.value(candidate.at);
        let mut matched = Vec::new();
        if candidate.is_own_id {
            matched.push("identifier");
        }
        if candidate.is_related_id {
            matched.push("related");
        }
        let stands = |place: &usize| candidate.places.has(*place);
        let places = (0..SECTIONS.len()).filter(stands);
        matched.extend(places.map(|place| SECTIONS[place].name));
        let highlights = match marked {
            Some(marked) => marked.of(&card.entry, || self.description(serial)),
            None => Vec::new(),
        };
        Ok(FoundHit {
            matched,
            highlights,
            source: card.source,
            entry: card.entry,
            serial,
            score: candidate.score as f32 / UNIT,
            others,
        })
    }
}

/// Where the page before ended; it has to be one of this order.
fn page_token(token: &str, sort: Sort) -> Result<PageToken> {
    let parsed = PageToken::parse(token);
    let parsed = parsed.filter(|token| token.place.value.is_of(sort));
    parsed.ok_or_else(|| {
        Error::new(ErrorKind::Invalid {
            what: "page token",
            given: token.to_owned(),
            expected: "the `next` of the page before, in the same order".to_owned(),
        })
    })
}
