//! One pass over the index: everything that meets a search, each with how well.

use tantivy::columnar::Column;
use tantivy::query::EnableScoring;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocAddress, DocId, DocSet, SegmentReader, TERMINATED, Term};

use super::analysis::Language;
use super::document::Facts;
use super::expand::{self, MOST_CORRECTED, Stage, Terms};
use super::fault::{failed, failed_io};
use super::filters;
use super::matching::{ClauseDocs, Hit, Matching};
use super::query::{Clause, Role, as_identifier, parse};
use super::rank::{Ranking, rarity};
use super::weights::{OWN_ID, Places, RELATED_ID};
use super::{Snapshot, fields};
use crate::catalogue::ask::{Audience, Search};
use crate::catalogue::store::number;
use crate::error::Result;

/// A product that was found.
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
    pub(super) found: Vec<Candidate>,
    pub(super) stage: Stage,
    /// How rare each clause is.
    pub(super) rarities: Vec<u8>,
}

/// What is looked for.
pub(super) struct Sought<'s> {
    pub(super) clauses: Vec<Clause>,
    pub(super) languages: Vec<Language>,
    filter: Option<Box<dyn tantivy::query::Query>>,
    /// The products of which a clause is an identifier, by their serial numbers.
    ids: Vec<Vec<(u64, f32)>>,
    audience: Audience,
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
            audience: search.audience,
            is_nothing,
            search,
        })
    }

    fn counted(&self) -> impl Iterator<Item = &Clause> {
        self.clauses.iter().filter(|clause| clause.role == Role::Required)
    }

    pub(super) fn may_be_misspelt(&self) -> bool {
        self.counted().any(|clause| clause.word().is_some())
    }

    pub(super) fn may_be_incomplete(&self) -> bool {
        self.counted().count() > 1
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
        self.0.get(at.segment_ord as usize)?.as_ref()?.first(at.doc_id)
    }
}

/// The terms of each clause in a segment.
struct SegmentTerms {
    terms: Vec<Terms>,
}

impl Snapshot {
    pub(super) fn columns_of(&self, field: Field) -> Result<Columns> {
        let readers = self.searcher.segment_readers().iter();
        let columns = readers.map(|segment| segment.fast_fields().u64(fields::name(field)));
        let columns = columns.collect::<tantivy::Result<_>>();
        columns.map(Columns).map_err(failed("opening a column"))
    }

    pub(super) fn dates(&self) -> Result<Dates> {
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
        let own = self.state.of_id(number).map(|held| (held.serial(), OWN_ID));
        let related = self.state.of_related(number);
        own.chain(related.map(|held| (held.serial(), RELATED_ID))).collect()
    }

    /// Looks for everything that meets what is sought. How rare its words are is taken as given, or found out.
    pub(super) fn run(
        &self,
        sought: &Sought<'_>,
        stage: Stage,
        rarities: Option<&[u8]>,
    ) -> Result<Run> {
        if sought.is_nothing {
            return Ok(Run {
                found: Vec::new(),
                stage,
                rarities: Vec::new(),
            });
        }
        let segments = self.searcher.segment_readers();
        let mut terms = Vec::with_capacity(segments.len());
        for segment in segments {
            terms.push(self.segment_terms(segment, sought, stage)?);
        }
        let rarities = match rarities {
            Some(rarities) if rarities.len() == sought.clauses.len() => rarities.to_vec(),
            _ => self.rarities(sought, &terms),
        };
        let ranking = Ranking::new(&sought.clauses, rarities);
        let mut found = Vec::new();
        // With less than half of the words it is something else.
        let mut most = sought.counted().count().div_ceil(2);
        for (ord, (segment, terms)) in segments.iter().zip(terms).enumerate() {
            let ord = u32::try_from(ord).unwrap_or(u32::MAX);
            self.run_segment(ord, segment, &terms, sought, stage, &ranking, &mut found, &mut most)?;
        }
        Ok(Run {
            found,
            stage,
            rarities: ranking.rarities().to_vec(),
        })
    }

    fn segment_terms(
        &self,
        segment: &SegmentReader,
        sought: &Sought<'_>,
        stage: Stage,
    ) -> Result<SegmentTerms> {
        let index = segment
            .inverted_index(fields::WORDS)
            .map_err(failed("opening the words"))?;
        let mut n_words = 0;
        let terms = sought.clauses.iter().map(|clause| {
            n_words += usize::from(clause.word().is_some());
            let is_plain = clause.role != Role::Required || n_words > MOST_CORRECTED;
            let stage = if is_plain { Stage::Written } else { stage };
            expand::terms(clause, &index, &sought.languages, stage)
        });
        Ok(SegmentTerms {
            terms: terms.collect::<Result<_>>()?,
        })
    }

    fn rarities(&self, sought: &Sought<'_>, terms: &[SegmentTerms]) -> Vec<u8> {
        let n_docs = self.searcher.num_docs();
        (0..sought.clauses.len())
            .map(|n| {
                let of_segments = terms.iter().map(|segment| segment.terms[n].doc_freq());
                rarity(of_segments.sum(), n_docs)
            })
            .collect()
    }

    #[expect(clippy::too_many_arguments, reason = "all of one pass")]
    fn run_segment(
        &self,
        ord: u32,
        segment: &SegmentReader,
        terms: &SegmentTerms,
        sought: &Sought<'_>,
        stage: Stage,
        ranking: &Ranking,
        found: &mut Vec<Candidate>,
        most: &mut usize,
    ) -> Result<()> {
        let index = segment
            .inverted_index(fields::WORDS)
            .map_err(failed("opening the words"))?;
        let mut clauses = Vec::with_capacity(sought.clauses.len());
        for ((clause, terms), ids) in sought.clauses.iter().zip(&terms.terms).zip(&sought.ids) {
            let ids = docs_of(segment, ids)?;
            let docs = ClauseDocs::new(clause, terms, ids, &index, segment.max_doc())?;
            clauses.push(docs);
        }
        let filter = match &sought.filter {
            Some(filter) => {
                let scoring = EnableScoring::disabled_from_searcher(&self.searcher);
                let scorer = filter
                    .weight(scoring)
                    .and_then(|weight| weight.scorer(segment, 1.0));
                Some(scorer.map_err(failed("filtering"))?)
            }
            None => None,
        };
        let alive = segment.alive_bitset();
        let is_alive = move |doc: DocId| alive.is_none_or(|alive| alive.is_alive(doc));
        let facts = segment
            .fast_fields()
            .u64(fields::name(fields::FACTS))
            .map_err(failed("opening a column"))?;
        let facts_of = |doc: DocId| {
            let facts = Facts::unpack(facts.first(doc).unwrap_or_default());
            filters::is_for(sought.audience, facts.is_library).then_some(facts)
        };
        let take = |doc: DocId, hits: &[Hit], found: &mut Vec<Candidate>| {
            let Some(facts) = facts_of(doc) else { return };
            let (score, places) = ranking.score(hits, facts);
            let has_id = |weight: f32| hits.iter().any(|hit| hit.id == weight);
            found.push(Candidate {
                at: DocAddress::new(ord, doc),
                score,
                places,
                is_own_id: has_id(OWN_ID),
                is_related_id: has_id(RELATED_ID),
            });
        };
        let matching = Matching::new(clauses, filter, segment.max_doc(), Box::new(is_alive));
        match stage {
            Stage::Written | Stage::Misspelt => {
                matching.each(|doc, hits| take(doc, hits, found));
            }
            // Only those with as many of the words as any has.
            Stage::Incomplete => matching.each_of_some(|doc, n_met, hits| {
                if n_met > *most && facts_of(doc).is_some() {
                    *most = n_met;
                    found.clear();
                }
                if n_met == *most {
                    take(doc, hits, found);
                }
            }),
        }
        Ok(())
    }
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
