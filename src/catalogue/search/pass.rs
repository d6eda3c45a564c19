//! One pass through a segment: every product that meets a search, by looking for each of the rarest clause in the lists of
//! the others, or by whole sets where all of them are frequent.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use tantivy::postings::SegmentPostings;
use tantivy::query::{EnableScoring, Scorer};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocId, DocSet, SegmentReader, TERMINATED, Term};

use super::bits::Bits;
use super::clause_docs::{Buffers, ClauseBits, ClauseDocs, Hit, seek};
use super::columns::AllFacts;
use super::document::LIBRARY;
use super::expand::{self, Indexes, MOST_CORRECTED, Stage, Terms};
use super::fault::{failed, failed_io};
use super::query::Role;
use super::rank::Ranking;
use super::run::{Candidate, candidate};
use super::sought::Sought;
use super::weights::Places;
use super::{Snapshot, fields, priced};
use crate::catalogue::ask::Audience;
use crate::error::Result;

/// What a pass knows of a segment.
pub(super) struct SegmentRun {
    pub(super) terms: Vec<Terms>,
    pub(super) ids: Vec<Vec<(DocId, f32)>>,
    /// The products with all of the words elsewhere than in their description, where that is known.
    pub(super) worded: Option<Bits>,
    /// How well each that was found matches, where that has been found out on the way.
    pub(super) scored: Option<Vec<Candidate>>,
}

/// The sets of products that frequent words have, as they were found: what is frequent in the catalogue is frequent in
/// queries.
pub(super) type Frequent = HashMap<String, Arc<ClauseBits>>;

/// As many sets are remembered.
const REMEMBERED: usize = 200;
/// A word that more than one of so many products have is frequent.
const FREQUENT: u64 = 16;

impl SegmentRun {
    pub(super) fn new(reader: &SegmentReader, sought: &Sought<'_>, stage: Stage) -> Result<Self> {
        let index = Indexes::of(reader)?;
        let mut n_words = 0;
        let terms = sought.clauses.iter().map(|clause| {
            n_words += usize::from(clause.word().is_some());
            let is_plain = clause.role != Role::Required || n_words > MOST_CORRECTED;
            let stage = if is_plain { Stage::Written } else { stage };
            expand::terms(clause, &index, &sought.languages, stage)
        });
        let terms = terms.collect::<Result<_>>()?;
        let ids = sought.ids.iter().map(|ids| docs_of(reader, ids));
        Ok(Self {
            terms,
            ids: ids.collect::<Result<_>>()?,
            worded: None,
            scored: None,
        })
    }

    /// The clauses with one of these roles, with their numbers, the rarest first.
    pub(super) fn open(
        &self,
        sought: &Sought<'_>,
        roles: &[Role],
        index: &Indexes,
        max_doc: DocId,
    ) -> Result<Vec<(usize, ClauseDocs)>> {
        let mut numbers = sought.of_role(roles);
        numbers.sort_by_key(|n| self.terms[*n].cost());
        let open = |n: usize| {
            let (clause, ids) = (&sought.clauses[n], self.ids[n].clone());
            Ok((
                n,
                ClauseDocs::new(clause, &self.terms[n], ids, index, max_doc)?,
            ))
        };
        numbers.into_iter().map(open).collect()
    }

    /// Whether what is required is found sooner by whole sets of products than by looking for each product of the rarest
    /// in the lists of all others.
    pub(super) fn is_frequent(&self, sought: &Sought<'_>, max_doc: DocId) -> bool {
        let required = sought.of_role(&[Role::Required, Role::Filter]);
        let is_plain = |n: &usize| {
            let clause = &sought.clauses[*n];
            clause.places == Places::ALL
                && clause.role == Role::Required
                && self.terms[*n].is_plain()
        };
        let costs = || required.iter().map(|n| self.terms[*n].cost());
        let n_lists: u64 = required.iter().map(|n| self.terms[*n].n_lists()).sum();
        let each = costs().min().map(|rarest| rarest * n_lists * SEEK);
        let sets = costs().sum::<u64>() + u64::from(max_doc) / 4;
        each.is_none_or(|each| each > sets) && required.iter().all(is_plain)
    }
}

/// A segment being looked through.
pub(super) struct Pass<'p> {
    reader: &'p SegmentReader,
    sought: &'p Sought<'p>,
    segment: &'p SegmentRun,
    index: Indexes,
    filter: Option<Box<dyn Scorer>>,
    /// Products that nobody is to see.
    barred: Option<SegmentPostings>,
    /// Those that may have an offer as asked for; `None` where any may.
    priced: Option<Bits>,
    /// What has to be met, the rarest first, with the clauses' numbers; nothing where whole sets are looked at.
    required: Vec<(usize, ClauseDocs)>,
    /// What may be met, and what mustn't.
    optional: Vec<(usize, ClauseDocs)>,
    excluded: Vec<(usize, ClauseDocs)>,
    buffers: Buffers,
}

/// What it costs to look for a product in a list, against taking the next of the list.
const SEEK: u64 = 6;

impl<'p> Pass<'p> {
    pub(super) fn new(
        snapshot: &Snapshot,
        reader: &'p SegmentReader,
        sought: &'p Sought<'p>,
        segment: &'p SegmentRun,
        by_bits: bool,
    ) -> Result<Self> {
        let index = Indexes::of(reader)?;
        let open = |roles: &[Role]| segment.open(sought, roles, &index, reader.max_doc());
        let (required, optional) = match by_bits {
            true => (Vec::new(), Vec::new()),
            false => (
                open(&[Role::Required, Role::Filter])?,
                open(&[Role::Optional])?,
            ),
        };
        let excluded = open(&[Role::Excluded])?;
        let filter = match &sought.filter {
            Some(filter) => {
                let scoring = EnableScoring::disabled_from_searcher(&snapshot.searcher);
                let weight = filter.weight(scoring);
                let scorer = weight.and_then(|weight| weight.scorer(reader, 1.0));
                Some(scorer.map_err(failed("filtering"))?)
            }
            None => None,
        };
        let barred = match sought.search.audience {
            Audience::Consumer => library(reader)?,
            Audience::Library | Audience::Any => None,
        };
        Ok(Self {
            reader,
            sought,
            segment,
            index,
            filter,
            barred,
            priced: priced::candidates(reader, sought.search)?,
            required,
            optional,
            excluded,
            buffers: Buffers::default(),
        })
    }

    /// Every product that meets what is required, with how well, one behind the other.
    pub(super) fn each(mut self, ranking: &Ranking, ord: u32, facts: &AllFacts) -> Vec<Candidate> {
        let mut hits = vec![Hit::default(); self.sought.clauses.len()];
        let mut out = Vec::new();
        let mut target = 0;
        loop {
            let doc = self.next(target);
            if doc == TERMINATED {
                return out;
            }
            target = doc + 1;
            let buffers = &mut self.buffers;
            let mut meet = |(n, clause): &mut (usize, ClauseDocs)| {
                hits[*n] = clause.hit(doc, buffers);
                hits[*n].is_met()
            };
            if !self.required.iter_mut().all(&mut meet) {
                continue;
            }
            for clause in &mut self.optional {
                meet(clause);
            }
            if !self.is_excluded(doc) {
                out.push(candidate(ranking, &hits, DocAddress::new(ord, doc), facts));
            }
        }
    }

    /// Every product that meets what is required where all of it is frequent, whole sets at a time; and which of them
    /// have all the words elsewhere than in their description.
    pub(super) fn all_by_bits(
        mut self,
        snapshot: &Snapshot,
        ord: u32,
        stage: Stage,
    ) -> Result<(Vec<DocId>, Option<Bits>)> {
        let max_doc = self.reader.max_doc();
        let mut all: Option<Bits> = None;
        let mut worded: Option<Bits> = None;
        for n in self.sought.of_role(&[Role::Required]) {
            let clause = self.clause_bits(n, snapshot, ord, stage)?;
            narrow(&mut all, &clause.all);
            narrow(&mut worded, &clause.words);
        }
        if let Some(priced) = &self.priced {
            narrow(&mut all, priced);
        }
        if let Some(filter) = &mut self.filter {
            let mut bits = Bits::none(max_doc);
            bits.insert_each(filter);
            narrow(&mut all, &bits);
        }
        if let (Some(all), Some(barred)) = (&mut all, &mut self.barred) {
            let mut bits = Bits::none(max_doc);
            bits.insert_each(barred);
            all.remove(&bits);
            self.barred = None;
        }
        let mut docs = match all {
            Some(all) => all.docs(),
            None => (0..max_doc).collect(),
        };
        if let Some(barred) = &mut self.barred {
            docs.retain(|doc| seek(barred, *doc) != *doc);
        }
        if let Some(alive) = self.reader.alive_bitset() {
            docs.retain(|doc| alive.is_alive(*doc));
        }
        if !self.excluded.is_empty() {
            docs.retain(|doc| !self.is_excluded(*doc));
        }
        Ok((docs, worded))
    }

    /// The products of a clause, made or remembered.
    fn clause_bits(
        &self,
        n: usize,
        snapshot: &Snapshot,
        ord: u32,
        stage: Stage,
    ) -> Result<Arc<ClauseBits>> {
        let (terms, ids) = (&self.segment.terms[n], &self.segment.ids[n]);
        let max_doc = self.reader.max_doc();
        let make = || ClauseBits::new(terms, ids, &self.index, max_doc).map(Arc::new);
        let is_frequent = terms.cost() > u64::from(max_doc) / FREQUENT;
        if !is_frequent || stage != Stage::Written || !ids.is_empty() {
            return make();
        }
        let letters: String = self.sought.languages.iter().map(|one| one.letter).collect();
        let key = format!("{ord} {letters} {:?}", self.sought.clauses[n].sought);
        let known = |frequent: &Frequent| frequent.get(&key).cloned();
        if let Some(bits) = known(
            &snapshot
                .frequent
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        ) {
            return Ok(bits);
        }
        let bits = make()?;
        let mut frequent = snapshot
            .frequent
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if frequent.len() >= REMEMBERED {
            frequent.clear();
        }
        frequent.insert(key, Arc::clone(&bits));
        Ok(bits)
    }

    /// Those that meet as many of what is required as any, if that is `least` or more; and how many that is. Without
    /// `is_open`, those that meet so many.
    pub(super) fn with_most(mut self, least: usize, is_open: bool) -> (usize, Vec<DocId>) {
        let required = std::mem::take(&mut self.required).into_iter();
        let is_filter = |(n, _): &(usize, ClauseDocs)| self.sought.clauses[*n].role == Role::Filter;
        let (filters, mut counted): (Vec<_>, Vec<_>) = required.partition(is_filter);
        self.required = filters;
        let mut buffers = std::mem::take(&mut self.buffers);
        let (mut most, mut docs) = (least.max(1), Vec::new());
        let mut target = 0;
        loop {
            let next = counted
                .iter_mut()
                .map(|(_, clause)| clause.seek(target))
                .min();
            let doc = next.unwrap_or(TERMINATED);
            if doc == TERMINATED {
                return (most, docs);
            }
            target = doc + 1;
            if self.next(doc) != doc {
                continue;
            }
            let mut meets = |clause: &mut ClauseDocs| clause.hit(doc, &mut buffers).is_met();
            let mut n_met = 0;
            for (_, clause) in &mut counted {
                n_met += usize::from(meets(clause));
            }
            let are_filters_met = self.required.iter_mut().all(|(_, clause)| meets(clause));
            if n_met < most || !are_filters_met || self.is_excluded(doc) {
                continue;
            }
            if n_met > most && is_open {
                most = n_met;
                docs.clear();
            }
            docs.push(doc);
        }
    }

    /// The first product from one on that may meet all that is required.
    fn next(&mut self, mut target: DocId) -> DocId {
        'again: loop {
            if target >= self.reader.max_doc() {
                return TERMINATED;
            }
            for (_, clause) in &mut self.required {
                let doc = clause.seek(target);
                if doc > target {
                    target = doc;
                    continue 'again;
                }
            }
            if let Some(priced) = &self.priced
                && !priced.has(target)
            {
                target = priced.next(target);
                continue 'again;
            }
            if let Some(filter) = &mut self.filter {
                let doc = seek(filter, target);
                if doc > target {
                    target = doc;
                    continue 'again;
                }
            }
            let barred = self.barred.as_mut();
            let is_barred = barred.is_some_and(|barred| seek(barred, target) == target);
            let alive = self.reader.alive_bitset();
            if !is_barred && alive.is_none_or(|alive| alive.is_alive(target)) {
                return target;
            }
            target += 1;
        }
    }

    fn is_excluded(&mut self, doc: DocId) -> bool {
        let buffers = &mut self.buffers;
        self.excluded
            .iter_mut()
            .any(|(_, clause)| clause.hit(doc, buffers).is_met())
    }
}

/// Leaves those that are in a set, of those there are: all, if nothing has been said yet.
fn narrow(all: &mut Option<Bits>, to: &Bits) {
    match all {
        Some(all) => all.keep(to),
        None => *all = Some(to.clone()),
    }
}

/// The products that are offered to libraries.
fn library(segment: &SegmentReader) -> Result<Option<SegmentPostings>> {
    let index = segment
        .inverted_index(fields::OFFERED_TO)
        .map_err(failed("filtering"))?;
    let term = Term::from_field_text(fields::OFFERED_TO, LIBRARY);
    index
        .read_postings(&term, IndexRecordOption::Basic)
        .map_err(failed_io("filtering"))
}

/// The documents of serial numbers.
fn docs_of(segment: &SegmentReader, serials: &[(u64, f32)]) -> Result<Vec<(DocId, f32)>> {
    let mut docs = Vec::new();
    if serials.is_empty() {
        return Ok(docs);
    }
    let index = segment
        .inverted_index(fields::SERIAL)
        .map_err(failed("looking for a product"))?;
    let failed = failed_io("looking for a product");
    for (serial, weight) in serials {
        let term = Term::from_field_u64(fields::SERIAL, *serial);
        let postings = index
            .read_postings(&term, IndexRecordOption::Basic)
            .map_err(&failed)?;
        if let Some(postings) = postings
            && postings.doc() != TERMINATED
        {
            docs.push((postings.doc(), *weight));
        }
    }
    Ok(docs)
}
