//! One pass over the index: everything that meets a search, and the best of it.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::{Arc, PoisonError};

use tantivy::columnar::Column;
use tantivy::postings::SegmentPostings;
use tantivy::query::{EnableScoring, Query, Scorer};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocId, DocSet, SegmentReader, TERMINATED, Term};

use super::analysis::Language;
use super::bits::Bits;
use super::clause_docs::{Buffers, ClauseBits, ClauseDocs, Hit};
use super::document::{Facts, LIBRARY};
use super::expand::{self, Indexes, MOST_CORRECTED, Stage, Terms};
use super::fault::{failed, failed_io};
use super::order::PageToken;
use super::query::{Clause, Role, as_identifier, parse};
use super::rank::{Ranking, rarity};
use super::weights::{OWN_ID, Places, RELATED_ID};
use super::{Snapshot, fields};
use super::{filters, priced};
use crate::catalogue::ask::{Audience, Search};
use crate::catalogue::store::number;
use crate::error::Result;

/// A product that was found, and how well it matches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) at: DocAddress,
    pub(super) score: u32,
    pub(super) places: Places,
    pub(super) is_own_id: bool,
    pub(super) is_related_id: bool,
}

/// What a pass found.
pub(super) struct Run {
    /// Everything, rising.
    pub(super) found: Vec<DocAddress>,
    pub(super) stage: Stage,
    /// How many of the words each product has, where none has all of them.
    pub(super) n_met: u8,
    ranking: Ranking,
    segments: Vec<SegmentRun>,
}

/// What a pass knows of a segment.
struct SegmentRun {
    terms: Vec<Terms>,
    ids: Vec<Vec<(DocId, f32)>>,
    /// The products with all of the words elsewhere than in their description, where that is known.
    worded: Option<Bits>,
    /// How well each that was found matches, where that has been found out on the way.
    scored: Option<Vec<Candidate>>,
}

impl Run {
    /// How well a product matches, where that is known.
    #[inline]
    fn scored(&self, at: DocAddress) -> Option<Candidate> {
        let scored = self
            .segments
            .get(at.segment_ord as usize)?
            .scored
            .as_ref()?;
        let n = scored.binary_search_by_key(&at.doc_id, |one| one.at.doc_id);
        n.ok().map(|n| scored[n])
    }

    pub(super) fn rarities(&self) -> &[u8] {
        self.ranking.rarities()
    }
}

/// What is looked for.
pub(super) struct Sought<'s> {
    pub(super) clauses: Vec<Clause>,
    languages: Vec<Language>,
    filter: Option<Box<dyn Query>>,
    /// The products of which a clause is an identifier, by their serial numbers.
    ids: Vec<Vec<(u64, f32)>>,
    /// Words were given, and nothing is left of them.
    is_nothing: bool,
    pub(super) search: &'s Search,
}

impl<'s> Sought<'s> {
    pub(super) fn new(snapshot: &Snapshot, search: &'s Search) -> Result<Self> {
        let mut clauses = parse(&search.words);
        let is_nothing = clauses.is_empty() && !search.words.trim().is_empty();
        let whole = match clauses.len() {
            0 | 1 => None,
            _ => as_identifier(&search.words),
        };
        clauses.extend(filters::clauses(search));
        let of_whole = whole.map(|id| snapshot.serials_of(&id)).unwrap_or_default();
        let ids = clauses.iter().map(|clause| {
            let id = clause.identifier.as_deref();
            let mut ids = id.map(|id| snapshot.serials_of(id)).unwrap_or_default();
            // What the whole text is an identifier of meets each part of it.
            if clause.role == Role::Required {
                ids.extend(&of_whole);
            }
            ids
        });
        Ok(Self {
            ids: ids.collect(),
            languages: match search.languages.is_empty() {
                true => snapshot.languages()?,
                false => filters::languages(search),
            },
            clauses,
            filter: filters::query(search),
            is_nothing,
            search,
        })
    }

    fn counted(&self) -> impl Iterator<Item = &Clause> {
        let clauses = self.clauses.iter();
        clauses.filter(|clause| clause.role == Role::Required)
    }

    fn has_ids(&self) -> bool {
        self.ids.iter().any(|ids| !ids.is_empty())
    }

    pub(super) fn may_be_misspelt(&self) -> bool {
        self.counted().any(|clause| clause.word().is_some())
    }

    pub(super) fn may_be_incomplete(&self) -> bool {
        self.counted().count() > 1
    }

    /// The numbers of the clauses with one of these roles.
    fn of_role(&self, roles: &[Role]) -> Vec<usize> {
        let clauses = self.clauses.iter().enumerate();
        clauses
            .filter(|(_, clause)| roles.contains(&clause.role))
            .map(|(n, _)| n)
            .collect()
    }
}

/// A number of each document.
pub(super) struct Columns(Vec<Column<u64>>);

impl Columns {
    #[inline]
    pub(super) fn value(&self, at: DocAddress) -> u64 {
        let column = self.0.get(at.segment_ord as usize);
        column
            .and_then(|column| column.first(at.doc_id))
            .unwrap_or_default()
    }
}

/// The date of each document.
pub(super) struct Dates(Vec<Option<Column<i64>>>);

impl Dates {
    #[inline]
    pub(super) fn value(&self, at: DocAddress) -> Option<i64> {
        self.0
            .get(at.segment_ord as usize)?
            .as_ref()?
            .first(at.doc_id)
    }
}

/// The columns that every search looks at.
pub(super) struct Numbers {
    pub(super) serials: Columns,
    pub(super) ties: Columns,
    facts: AllFacts,
    pub(super) dates: Dates,
}

/// The facts of each document, unpacked from their column: of some words nearly all are looked at.
struct AllFacts(Vec<Vec<u64>>);

impl AllFacts {
    fn new(columns: &Columns) -> Self {
        let unpacked = columns.0.iter().map(|column| {
            let mut facts = vec![0; column.num_docs() as usize];
            column.values.get_range(0, &mut facts);
            facts
        });
        Self(unpacked.collect())
    }

    #[inline]
    fn of(&self, at: DocAddress) -> Facts {
        let facts = self.0.get(at.segment_ord as usize);
        let facts = facts.and_then(|facts| facts.get(at.doc_id as usize));
        Facts::unpack(facts.copied().unwrap_or_default())
    }
}

/// The sets of products that frequent words have, as they were found: what is frequent in the catalogue is frequent in
/// queries.
pub(super) type Frequent = HashMap<String, Arc<ClauseBits>>;

/// As many sets are remembered.
const REMEMBERED: usize = 200;
/// A word that more than one of so many products have is frequent.
const FREQUENT: u64 = 16;

impl Snapshot {
    /// The numbers by which hits are ordered and led to their records.
    pub(super) fn numbers(&self) -> Result<&Numbers> {
        if let Some(numbers) = self.numbers.get() {
            return Ok(numbers);
        }
        let numbers = Numbers {
            serials: self.columns_of(fields::SERIAL)?,
            ties: self.columns_of(fields::KEY_HASH)?,
            facts: AllFacts::new(&self.columns_of(fields::FACTS)?),
            dates: self.dates()?,
        };
        Ok(self.numbers.get_or_init(|| numbers))
    }

    fn columns_of(&self, field: Field) -> Result<Columns> {
        let readers = self.searcher.segment_readers().iter();
        let columns = readers.map(|segment| segment.fast_fields().u64(fields::name(field)));
        let columns = columns.collect::<tantivy::Result<_>>();
        columns.map(Columns).map_err(failed("opening a column"))
    }

    fn dates(&self) -> Result<Dates> {
        let name = fields::name(fields::PUBLISHED);
        let readers = self.searcher.segment_readers().iter();
        let columns = readers.map(|segment| segment.fast_fields().column_opt::<i64>(name));
        let columns = columns.collect::<tantivy::Result<_>>();
        columns.map(Dates).map_err(failed("opening a column"))
    }

    /// The serial numbers of the products that an identifier leads to.
    fn serials_of(&self, id: &str) -> Vec<(u64, f32)> {
        if id.is_empty() {
            return Vec::new();
        }
        let number = number(id);
        let own = self.state.of_id(number);
        let own = own.map(|held| (held.serial(), OWN_ID));
        let related = self.state.of_related(number);
        let related = related.map(|held| (held.serial(), RELATED_ID));
        own.chain(related).collect()
    }

    /// Looks for everything that meets what is sought. How rare its words are, and how many of them have to be met where
    /// no product has all, is found out, or taken from the page before.
    pub(super) fn run(
        &self,
        sought: &Sought<'_>,
        stage: Stage,
        after: Option<&PageToken>,
    ) -> Result<Run> {
        let readers = self.searcher.segment_readers();
        let mut segments = Vec::with_capacity(readers.len());
        for reader in readers {
            segments.push(segment_run(reader, sought, stage)?);
        }
        let rarities = match after {
            Some(after) if after.rarities.len() == sought.clauses.len() => after.rarities.clone(),
            _ => self.rarities(sought, &segments),
        };
        let ranking = Ranking::new(&sought.clauses, rarities, sought.has_ids());
        let mut found = Vec::new();
        // With less than half of the words it is something else.
        let mut most = match after {
            Some(after) => usize::from(after.n_met),
            None => sought.counted().count().div_ceil(2),
        };
        for (ord, reader) in readers.iter().enumerate() {
            let ord = u32::try_from(ord).unwrap_or(u32::MAX);
            if sought.is_nothing {
                break;
            }
            let segment = &segments[ord as usize];
            let by_bits =
                stage != Stage::Incomplete && segment.is_frequent(sought, reader.max_doc());
            let pass = Pass::new(self, reader, sought, segment, by_bits)?;
            let (mut worded, mut scored) = (None, None);
            let docs = match (stage, by_bits) {
                (Stage::Incomplete, _) => {
                    let (n, docs) = pass.with_most(most, after.is_none());
                    if n > most {
                        found.clear();
                        most = n;
                    }
                    docs
                }
                (_, true) => {
                    let (docs, in_words) = pass.all_by_bits(self, ord, stage)?;
                    worded = in_words;
                    docs
                }
                (_, false) => {
                    let facts = &self.numbers()?.facts;
                    let candidates = pass.each(&ranking, ord, facts);
                    let docs = candidates.iter().map(|one| one.at.doc_id).collect();
                    scored = Some(candidates);
                    docs
                }
            };
            segments[ord as usize].worded = worded;
            segments[ord as usize].scored = scored;
            found.extend(docs.into_iter().map(|doc| DocAddress::new(ord, doc)));
        }
        Ok(Run {
            found,
            stage,
            n_met: u8::try_from(most).unwrap_or(u8::MAX),
            ranking,
            segments,
        })
    }

    fn rarities(&self, sought: &Sought<'_>, segments: &[SegmentRun]) -> Vec<u8> {
        let n_docs = self.searcher.num_docs();
        (0..sought.clauses.len())
            .map(|n| {
                let of_segments = segments.iter().map(|segment| segment.terms[n].doc_freq());
                rarity(of_segments.sum(), n_docs)
            })
            .collect()
    }

    /// How well each of these matches, in their order.
    pub(super) fn matched(
        &self,
        sought: &Sought<'_>,
        run: &Run,
        docs: &[DocAddress],
    ) -> Result<Vec<Candidate>> {
        let mut scores = self.scores(sought, run)?;
        // The postings go forward only.
        let mut order: Vec<usize> = (0..docs.len()).collect();
        order.sort_unstable_by_key(|n| docs[*n]);
        let mut out: Vec<Option<Candidate>> = vec![None; docs.len()];
        for n in order {
            out[n] = Some(match run.scored(docs[n]) {
                Some(candidate) => candidate,
                None => scores.of(docs[n])?,
            });
        }
        Ok(out.into_iter().flatten().collect())
    }

    /// The best of what was found, as many as are wanted of those that match no better than `from`, and all that
    /// match as well as the last of them; in no order.
    pub(super) fn best_of(
        &self,
        sought: &Sought<'_>,
        run: &Run,
        wanted: usize,
        from: u32,
    ) -> Result<Vec<Candidate>> {
        if run.found.len() <= wanted && from == u32::MAX {
            return self.matched(sought, run, &run.found);
        }
        let is_worded = |at: &DocAddress| {
            let segment = run.segments.get(at.segment_ord as usize);
            let worded = segment.and_then(|segment| segment.worded.as_ref());
            worded.is_none_or(|worded| worded.has(at.doc_id))
        };
        let mut best = Best::new(wanted);
        let mut scores = self.scores(sought, run)?;
        for at in run.found.iter().filter(|at| is_worded(at)) {
            if let Some(candidate) = run.scored(*at) {
                best.take(candidate, from);
            } else if scores.most(*at) >= best.least {
                best.take(scores.of(*at)?, from);
            }
        }
        // What has a word in its description alone comes behind.
        if !best.is_full() || best.least <= run.ranking.most_of_described() {
            let mut scores = self.scores(sought, run)?;
            for at in run.found.iter().filter(|at| !is_worded(at)) {
                best.take(scores.of(*at)?, from);
            }
        }
        let least = best.least;
        best.found.retain(|candidate| candidate.score >= least);
        Ok(best.found)
    }

    fn scores<'r>(&'r self, sought: &'r Sought<'r>, run: &'r Run) -> Result<Scores<'r>> {
        Ok(Scores {
            snapshot: self,
            sought,
            run,
            facts: &self.numbers()?.facts,
            open: None,
            hits: vec![Hit::default(); sought.clauses.len()],
            buffers: Buffers::default(),
        })
    }
}

/// The best so far.
struct Best {
    wanted: usize,
    /// The scores of the best, the least first.
    scores: BinaryHeap<Reverse<u32>>,
    /// What has a lower score isn't wanted.
    least: u32,
    found: Vec<Candidate>,
}

impl Best {
    fn new(wanted: usize) -> Self {
        Self {
            wanted,
            scores: BinaryHeap::new(),
            least: 0,
            found: Vec::new(),
        }
    }

    fn is_full(&self) -> bool {
        self.scores.len() >= self.wanted
    }

    fn take(&mut self, candidate: Candidate, from: u32) {
        if candidate.score > from || candidate.score < self.least {
            return;
        }
        self.found.push(candidate);
        self.scores.push(Reverse(candidate.score));
        if self.scores.len() > self.wanted {
            self.scores.pop();
        }
        if self.is_full() {
            self.least = self.scores.peek().map_or(0, |least| least.0);
        }
    }
}

/// How well products match, asked for in rising order.
struct Scores<'r> {
    snapshot: &'r Snapshot,
    sought: &'r Sought<'r>,
    run: &'r Run,
    facts: &'r AllFacts,
    /// The clauses that count, in the segment with this number.
    open: Option<(u32, Vec<(usize, ClauseDocs)>)>,
    hits: Vec<Hit>,
    buffers: Buffers,
}

impl Scores<'_> {
    /// What a product can come to at most.
    #[inline]
    fn most(&self, at: DocAddress) -> u32 {
        self.run.ranking.most(self.facts.of(at))
    }

    fn of(&mut self, at: DocAddress) -> Result<Candidate> {
        let clauses = match &mut self.open {
            Some((ord, clauses)) if *ord == at.segment_ord => clauses,
            _ => {
                let clauses = self.clauses(at.segment_ord)?;
                &mut self.open.insert((at.segment_ord, clauses)).1
            }
        };
        for (n, clause) in clauses {
            self.hits[*n] = clause.hit(at.doc_id, &mut self.buffers);
        }
        Ok(candidate(&self.run.ranking, &self.hits, at, self.facts))
    }

    fn clauses(&self, ord: u32) -> Result<Vec<(usize, ClauseDocs)>> {
        let reader = self.snapshot.searcher.segment_reader(ord);
        let index = Indexes::of(reader)?;
        let segment = &self.run.segments[ord as usize];
        let counted = self.sought.of_role(&[Role::Required, Role::Optional]);
        let open = |n: usize| {
            let clause = &self.sought.clauses[n];
            let ids = segment.ids[n].clone();
            let docs = ClauseDocs::new(clause, &segment.terms[n], ids, &index, reader.max_doc())?;
            Ok((n, docs))
        };
        counted.into_iter().map(open).collect()
    }
}

fn candidate(ranking: &Ranking, hits: &[Hit], at: DocAddress, facts: &AllFacts) -> Candidate {
    let facts = || facts.of(at);
    let (score, places) = ranking.score(hits, facts);
    let has_id = |weight: f32| hits.iter().any(|hit| hit.id == weight);
    Candidate {
        at,
        score,
        places,
        is_own_id: has_id(OWN_ID),
        is_related_id: has_id(RELATED_ID),
    }
}

fn segment_run(reader: &SegmentReader, sought: &Sought<'_>, stage: Stage) -> Result<SegmentRun> {
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
    Ok(SegmentRun {
        terms,
        ids: ids.collect::<Result<_>>()?,
        worded: None,
        scored: None,
    })
}

impl SegmentRun {
    /// Whether what is required is found sooner by whole sets of products than by looking for each product of the rarest
    /// in the lists of all others.
    fn is_frequent(&self, sought: &Sought<'_>, max_doc: DocId) -> bool {
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
struct Pass<'p> {
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
    fn new(
        snapshot: &Snapshot,
        reader: &'p SegmentReader,
        sought: &'p Sought<'p>,
        segment: &'p SegmentRun,
        by_bits: bool,
    ) -> Result<Self> {
        let index = Indexes::of(reader)?;
        let open = |roles: &[Role]| -> Result<Vec<(usize, ClauseDocs)>> {
            let mut numbers = sought.of_role(roles);
            numbers.sort_by_key(|n| segment.terms[*n].cost());
            let open = |n: usize| {
                let (clause, ids) = (&sought.clauses[n], segment.ids[n].clone());
                let docs =
                    ClauseDocs::new(clause, &segment.terms[n], ids, &index, reader.max_doc());
                Ok((n, docs?))
            };
            numbers.into_iter().map(open).collect()
        };
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
    fn each(mut self, ranking: &Ranking, ord: u32, facts: &AllFacts) -> Vec<Candidate> {
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
    fn all_by_bits(
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
            match &mut all {
                Some(all) => all.keep(&clause.all),
                None => all = Some(clause.all.clone()),
            }
            match &mut worded {
                Some(worded) => worded.keep(&clause.words),
                None => worded = Some(clause.words.clone()),
            }
        }
        if let Some(priced) = &self.priced {
            match &mut all {
                Some(all) => all.keep(priced),
                None => all = Some(priced.clone()),
            }
        }
        if let Some(filter) = &mut self.filter {
            let mut bits = Bits::none(max_doc);
            bits.insert_each(filter);
            match &mut all {
                Some(all) => all.keep(&bits),
                None => all = Some(bits),
            }
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
    fn with_most(mut self, least: usize, is_open: bool) -> (usize, Vec<DocId>) {
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

fn seek(docs: &mut impl DocSet, target: DocId) -> DocId {
    match docs.doc() < target {
        true => docs.seek(target),
        false => docs.doc(),
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
