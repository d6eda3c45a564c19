//! A run over the index: everything that meets a search, segment by segment, and the best of it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tantivy::DocAddress;

use super::Snapshot;
use super::clause_docs::{Buffers, ClauseDocs, Hit};
use super::columns::AllFacts;
use super::expand::{Indexes, Stage};
use super::order::PageToken;
use super::pass::{Pass, SegmentRun};
use super::query::Role;
use super::rank::{Ranking, rarity};
use super::sought::Sought;
use super::weights::{OWN_ID, Places, RELATED_ID};
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

impl Snapshot {
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
            segments.push(SegmentRun::new(reader, sought, stage)?);
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
        let roles = [Role::Required, Role::Optional];
        segment.open(self.sought, &roles, &index, reader.max_doc())
    }
}

pub(super) fn candidate(
    ranking: &Ranking,
    hits: &[Hit],
    at: DocAddress,
    facts: &AllFacts,
) -> Candidate {
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
