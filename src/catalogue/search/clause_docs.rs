//! The products of a segment that have a clause of a query, and where in each it stands.

use tantivy::postings::{Postings, SegmentPostings, TermInfo};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, InvertedIndexReader, TERMINATED};

use super::analysis::TITLE_START;
use super::bits::Bits;
use super::expand::{Indexes, Terms};
use super::fault::failed_io;
use super::query::Clause;
use super::weights::{self, AUTHORS, DESCRIPTION, Places, SECTIONS, TITLE, place_of};
use crate::error::Result;

/// How a clause is met by a product.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Hit {
    /// The weight of the best place, times how well it is met there; 0 where it isn't.
    pub(super) weight: f32,
    /// Where it stands.
    pub(super) places: Places,
    /// The places it has among the first words of the title, article and all, and of the authors.
    pub(super) title: u64,
    pub(super) authors: u64,
    /// How well it is met at best in the title.
    pub(super) title_factor: f32,
    /// The weight of an identifier that it is.
    pub(super) id: f32,
}

impl Hit {
    pub(super) fn is_met(&self) -> bool {
        self.weight > 0.0 || self.id > 0.0
    }

    #[inline]
    fn describe(&mut self, factor: f32) {
        self.places.insert(DESCRIPTION);
        self.weight = self.weight.max(SECTIONS[DESCRIPTION].weight * factor);
    }

    #[inline]
    fn add(&mut self, position: u32, factor: f32, allowed: Places) {
        let place = place_of(position);
        if !allowed.has(place) {
            return;
        }
        self.places.insert(place);
        self.weight = self.weight.max(SECTIONS[place].weight * factor);
        let at = position - SECTIONS[place].start;
        let bit = if at < 64 { 1 << at } else { 0 };
        match place {
            TITLE => {
                self.title |= bit;
                self.title_factor = self.title_factor.max(factor);
            }
            AUTHORS => self.authors |= bit,
            _ => {}
        }
    }
}

/// The first word of a title that is no article, among its places.
pub(super) const FIRST_WORD: u64 = 1 << TITLE_START;

/// The products of one term.
struct Cursor {
    postings: SegmentPostings,
    factor: f32,
}

/// The products of several terms together.
struct Phrase {
    postings: Vec<SegmentPostings>,
}

impl Phrase {
    /// The first product from one on that has all of them.
    fn seek(&mut self, target: DocId) -> DocId {
        let mut target = target;
        'again: loop {
            for postings in &mut self.postings {
                let doc = seek(postings, target);
                if doc > target {
                    target = doc;
                    if target == TERMINATED {
                        return TERMINATED;
                    }
                    continue 'again;
                }
            }
            return target;
        }
    }

    /// Where they stand side by side: the position of the first one.
    fn positions(&mut self, buffer: &mut Vec<u32>, out: &mut Vec<u32>) {
        out.clear();
        for (n, postings) in self.postings.iter_mut().enumerate() {
            buffer.clear();
            postings.positions(buffer);
            let n = u32::try_from(n).unwrap_or(u32::MAX);
            match n {
                0 => out.extend_from_slice(buffer),
                n => out.retain(|first| buffer.binary_search(&(first + n)).is_ok()),
            }
        }
    }
}

/// The first product from one on, of those that haven't been passed.
pub(super) fn seek(docs: &mut impl DocSet, target: DocId) -> DocId {
    match docs.doc() < target {
        true => docs.seek(target),
        false => docs.doc(),
    }
}

/// The products of a clause.
pub(super) struct ClauseDocs {
    cursors: Vec<Cursor>,
    phrases: Vec<Phrase>,
    /// Those that have it in their description; where in it doesn't matter.
    described: Vec<Cursor>,
    described_phrases: Vec<Phrase>,
    /// Those of terms that aren't looked at one by one.
    further: Option<Bits>,
    /// Those that it is an identifier of, sorted.
    ids: Vec<(DocId, f32)>,
    places: Places,
}

impl ClauseDocs {
    pub(super) fn new(
        clause: &Clause,
        terms: &Terms,
        mut ids: Vec<(DocId, f32)>,
        index: &Indexes,
        max_doc: DocId,
    ) -> Result<Self> {
        let failed = failed_io("reading where a word stands");
        let with_positions = IndexRecordOption::WithFreqsAndPositions;
        let cursors = |index: &InvertedIndexReader, terms: &[(TermInfo, f32)], option| {
            let cursor = |(info, factor): &(TermInfo, f32)| {
                let postings = index.read_postings_from_terminfo(info, option)?;
                Ok(Cursor {
                    postings,
                    factor: *factor,
                })
            };
            terms
                .iter()
                .map(cursor)
                .collect::<std::io::Result<Vec<Cursor>>>()
        };
        let phrases = |index: &InvertedIndexReader, phrases: &[Vec<TermInfo>]| {
            let phrase = |infos: &Vec<TermInfo>| {
                let open = |info| index.read_postings_from_terminfo(info, with_positions);
                let postings = infos.iter().map(open).collect::<std::io::Result<_>>()?;
                Ok(Phrase { postings })
            };
            phrases
                .iter()
                .map(phrase)
                .collect::<std::io::Result<Vec<Phrase>>>()
        };
        let further = match terms.further.as_slice() {
            [] => None,
            infos => {
                let mut bits = Bits::none(max_doc);
                insert_all(&mut bits, &index.words, infos.iter()).map_err(&failed)?;
                Some(bits)
            }
        };
        ids.sort_unstable_by_key(|(doc, _)| *doc);
        Ok(Self {
            cursors: cursors(&index.words, &terms.met, with_positions).map_err(&failed)?,
            phrases: phrases(&index.words, &terms.phrases).map_err(&failed)?,
            described: cursors(
                &index.description,
                &terms.described,
                IndexRecordOption::Basic,
            )
            .map_err(&failed)?,
            described_phrases: phrases(&index.description, &terms.described_phrases)
                .map_err(&failed)?,
            further,
            ids,
            places: clause.places,
        })
    }

    /// The first product from one on that may meet it; whether it does, [`hit`](Self::hit) says.
    pub(super) fn seek(&mut self, target: DocId) -> DocId {
        let mut next = TERMINATED;
        for cursor in self.cursors.iter_mut().chain(&mut self.described) {
            next = next.min(seek(&mut cursor.postings, target));
        }
        for phrase in self.phrases.iter_mut().chain(&mut self.described_phrases) {
            next = next.min(phrase.seek(target));
        }
        if let Some(further) = &self.further
            && next > target
        {
            next = next.min(further.next(target));
        }
        if !self.ids.is_empty() {
            let at = self.ids.partition_point(|(doc, _)| *doc < target);
            next = next.min(self.ids.get(at).map_or(TERMINATED, |(doc, _)| *doc));
        }
        next
    }

    /// How a product meets it; they are asked for in rising order. The description is looked at only where the words stand
    /// nowhere else.
    pub(super) fn hit(&mut self, doc: DocId, buffers: &mut Buffers) -> Hit {
        let mut hit = Hit::default();
        for cursor in &mut self.cursors {
            if seek(&mut cursor.postings, doc) == doc {
                buffers.positions.clear();
                cursor.postings.positions(&mut buffers.positions);
                for position in &buffers.positions {
                    hit.add(*position, cursor.factor, self.places);
                }
            }
        }
        for phrase in &mut self.phrases {
            if phrase.seek(doc) == doc {
                phrase.positions(&mut buffers.positions, &mut buffers.starts);
                for start in &buffers.starts {
                    for n in 0..phrase.postings.len() {
                        let position = start + u32::try_from(n).unwrap_or(0);
                        hit.add(position, weights::EXACT, self.places);
                    }
                }
            }
        }
        if !hit.is_met() {
            self.describe(doc, &mut hit, buffers);
        }
        let is_further = || {
            self.further
                .as_ref()
                .is_some_and(|further| further.has(doc))
        };
        if !hit.is_met() && self.places == Places::ALL && is_further() {
            hit.weight = weights::BEGUN;
        }
        let at = self.ids.partition_point(|(id, _)| *id < doc);
        if let Some((id, weight)) = self.ids.get(at)
            && *id == doc
        {
            hit.id = *weight;
        }
        hit
    }

    fn describe(&mut self, doc: DocId, hit: &mut Hit, buffers: &mut Buffers) {
        for cursor in &mut self.described {
            if seek(&mut cursor.postings, doc) == doc {
                hit.describe(cursor.factor);
            }
        }
        for phrase in &mut self.described_phrases {
            if phrase.seek(doc) == doc {
                phrase.positions(&mut buffers.positions, &mut buffers.starts);
                if !buffers.starts.is_empty() {
                    hit.describe(weights::EXACT);
                }
            }
        }
    }
}

#[derive(Default)]
pub(super) struct Buffers {
    positions: Vec<u32>,
    starts: Vec<u32>,
}

/// Adds the products of any of these terms.
pub(super) fn insert_all<'t>(
    bits: &mut Bits,
    index: &InvertedIndexReader,
    infos: impl Iterator<Item = &'t TermInfo>,
) -> std::io::Result<()> {
    for info in infos {
        bits.insert_all(index.read_block_postings_from_terminfo(info, IndexRecordOption::Basic)?);
    }
    Ok(())
}

/// The products that have a plain clause: in their description alone, and elsewhere.
pub(super) struct ClauseBits {
    pub(super) words: Bits,
    pub(super) all: Bits,
}

impl ClauseBits {
    pub(super) fn new(
        terms: &Terms,
        ids: &[(DocId, f32)],
        index: &Indexes,
        max_doc: DocId,
    ) -> Result<Self> {
        let failed = failed_io("reading which products have a word");
        let met = terms.met.iter().map(|(info, _)| info).chain(&terms.further);
        let mut words = Bits::none(max_doc);
        insert_all(&mut words, &index.words, met).map_err(&failed)?;
        ids.iter().for_each(|(doc, _)| words.insert(*doc));
        let mut all = words.clone();
        let described = terms.described.iter().map(|(info, _)| info);
        insert_all(&mut all, &index.description, described).map_err(&failed)?;
        Ok(Self { words, all })
    }
}
