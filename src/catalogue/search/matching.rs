//! The products of a segment that meet a query, one behind the other, and where in each the words stand.

use tantivy::postings::{Postings, SegmentPostings, TermInfo};
use tantivy::query::Scorer;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, InvertedIndexReader, TERMINATED};

use super::analysis::TITLE_START;
use super::expand::Terms;
use super::fault::failed_io;
use super::query::{Clause, Role};
use super::weights::{self, AUTHORS, Places, SECTIONS, TITLE, place_of};
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

    fn doc(&self) -> DocId {
        self.postings.iter().map(DocSet::doc).max().unwrap_or(TERMINATED)
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

fn seek(postings: &mut SegmentPostings, target: DocId) -> DocId {
    match postings.doc() < target {
        true => postings.seek(target),
        false => postings.doc(),
    }
}

/// The products of a clause.
pub(super) struct ClauseDocs {
    cursors: Vec<Cursor>,
    phrases: Vec<Phrase>,
    /// Those of terms that aren't looked at one by one.
    further: Vec<u64>,
    /// Those that it is an identifier of, sorted.
    ids: Vec<(DocId, f32)>,
    places: Places,
    pub(super) role: Role,
    cost: u64,
}

impl ClauseDocs {
    pub(super) fn new(
        clause: &Clause,
        terms: &Terms,
        mut ids: Vec<(DocId, f32)>,
        index: &InvertedIndexReader,
        max_doc: DocId,
    ) -> Result<Self> {
        let failed = failed_io("reading where a word stands");
        let open = |info: &TermInfo, option| index.read_postings_from_terminfo(info, option);
        let with_positions = IndexRecordOption::WithFreqsAndPositions;
        let mut cursors = Vec::with_capacity(terms.met.len());
        for (info, factor) in &terms.met {
            cursors.push(Cursor {
                postings: open(info, with_positions).map_err(&failed)?,
                factor: *factor,
            });
        }
        let mut phrases = Vec::new();
        for infos in &terms.phrases {
            let postings = infos.iter().map(|info| open(info, with_positions));
            phrases.push(Phrase {
                postings: postings.collect::<std::io::Result<_>>().map_err(&failed)?,
            });
        }
        let mut further = Vec::new();
        if !terms.further.is_empty() {
            further = vec![0; max_doc as usize / 64 + 1];
            for info in &terms.further {
                let mut postings = open(info, IndexRecordOption::Basic).map_err(&failed)?;
                while postings.doc() != TERMINATED {
                    further[postings.doc() as usize / 64] |= 1 << (postings.doc() % 64);
                    postings.advance();
                }
            }
        }
        ids.sort_unstable_by_key(|(doc, _)| *doc);
        let of = |info: &TermInfo| u64::from(info.doc_freq);
        let in_phrases = terms.phrases.iter().filter_map(|phrase| phrase.iter().map(of).min());
        let cost = terms.met.iter().map(|(info, _)| of(info)).sum::<u64>()
            + terms.further.iter().map(of).sum::<u64>()
            + in_phrases.sum::<u64>();
        Ok(Self {
            cursors,
            phrases,
            further,
            ids,
            places: clause.places,
            role: clause.role,
            cost,
        })
    }

    /// The first product from one on that may meet it; whether it does, [`hit`](Self::hit) says.
    fn seek(&mut self, target: DocId) -> DocId {
        let mut next = TERMINATED;
        for cursor in &mut self.cursors {
            next = next.min(seek(&mut cursor.postings, target));
        }
        for phrase in &mut self.phrases {
            next = next.min(phrase.seek(target));
        }
        if !self.further.is_empty() && next > target {
            next = next.min(self.next_further(target));
        }
        if !self.ids.is_empty() {
            let at = self.ids.partition_point(|(doc, _)| *doc < target);
            next = next.min(self.ids.get(at).map_or(TERMINATED, |(doc, _)| *doc));
        }
        next
    }

    fn next_further(&self, target: DocId) -> DocId {
        let mut at = target as usize / 64;
        let Some(word) = self.further.get(at) else {
            return TERMINATED;
        };
        let mut word = word >> (target % 64) << (target % 64);
        while word == 0 {
            at += 1;
            match self.further.get(at) {
                Some(next) => word = *next,
                None => return TERMINATED,
            }
        }
        u32::try_from(at * 64).unwrap_or(TERMINATED) + word.trailing_zeros()
    }

    /// How a product that [`seek`](Self::seek) has come to meets it.
    fn hit(&mut self, doc: DocId, buffers: &mut Buffers) -> Hit {
        let mut hit = Hit::default();
        for cursor in &mut self.cursors {
            if cursor.postings.doc() == doc {
                buffers.positions.clear();
                cursor.postings.positions(&mut buffers.positions);
                for position in &buffers.positions {
                    hit.add(*position, cursor.factor, self.places);
                }
            }
        }
        for phrase in &mut self.phrases {
            if phrase.doc() == doc {
                phrase.positions(&mut buffers.positions, &mut buffers.starts);
                for start in &buffers.starts {
                    for n in 0..phrase.postings.len() {
                        let position = start + u32::try_from(n).unwrap_or(0);
                        hit.add(position, weights::EXACT, self.places);
                    }
                }
            }
        }
        let is_further = || {
            let word = self.further.get(doc as usize / 64);
            word.is_some_and(|word| word >> (doc % 64) & 1 == 1)
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
}

#[derive(Default)]
struct Buffers {
    positions: Vec<u32>,
    starts: Vec<u32>,
}

/// The products of a segment that meet a query.
pub(super) struct Matching<'q> {
    clauses: Vec<ClauseDocs>,
    /// The numbers of the clauses that all have to be met, the rarest first.
    required: Vec<usize>,
    /// Met or not, they only count.
    others: Vec<usize>,
    excluded: Vec<usize>,
    filter: Option<Box<dyn Scorer>>,
    is_alive: Box<dyn Fn(DocId) -> bool + 'q>,
    max_doc: DocId,
    buffers: Buffers,
    hits: Vec<Hit>,
}

impl<'q> Matching<'q> {
    pub(super) fn new(
        clauses: Vec<ClauseDocs>,
        filter: Option<Box<dyn Scorer>>,
        max_doc: DocId,
        is_alive: Box<dyn Fn(DocId) -> bool + 'q>,
    ) -> Self {
        let of_role = |wanted: &[Role]| -> Vec<usize> {
            (0..clauses.len())
                .filter(|n| wanted.contains(&clauses[*n].role))
                .collect()
        };
        let mut required = of_role(&[Role::Required, Role::Filter]);
        required.sort_by_key(|n| clauses[*n].cost);
        Self {
            required,
            others: of_role(&[Role::Optional]),
            excluded: of_role(&[Role::Excluded]),
            hits: vec![Hit::default(); clauses.len()],
            clauses,
            filter,
            is_alive,
            max_doc,
            buffers: Buffers::default(),
        }
    }

    /// Calls with each product that meets all that is required, and how it meets each clause.
    pub(super) fn each(mut self, mut found: impl FnMut(DocId, &[Hit])) {
        let mut target = 0;
        loop {
            let doc = self.next(target);
            if doc == TERMINATED {
                return;
            }
            if self.is_met(doc) {
                self.meet_others(doc);
                found(doc, &self.hits);
            }
            target = doc + 1;
        }
    }

    /// The same with each product that meets any of what is required, whatever its filters ask, and how many.
    pub(super) fn each_of_some(mut self, mut found: impl FnMut(DocId, usize, &[Hit])) {
        let counted: Vec<usize> = self.of_role(Role::Required);
        let filters: Vec<usize> = self.of_role(Role::Filter);
        let mut target = 0;
        loop {
            let docs = counted.iter().map(|n| self.clauses[*n].seek(target));
            let doc = docs.min().unwrap_or(TERMINATED);
            if doc == TERMINATED {
                return;
            }
            target = doc + 1;
            self.required.clone_from(&filters);
            if self.next(doc) != doc || !self.is_met(doc) {
                continue;
            }
            let mut n_met = 0;
            for n in &counted {
                self.hits[*n] = match self.clauses[*n].seek(doc) == doc {
                    true => self.clauses[*n].hit(doc, &mut self.buffers),
                    false => Hit::default(),
                };
                n_met += usize::from(self.hits[*n].is_met());
            }
            if n_met > 0 {
                self.meet_others(doc);
                found(doc, n_met, &self.hits);
            }
        }
    }

    fn of_role(&self, role: Role) -> Vec<usize> {
        let is_of = |n: &usize| self.clauses[*n].role == role;
        (0..self.clauses.len()).filter(is_of).collect()
    }

    /// The first product from one on that all of the required have.
    fn next(&mut self, mut target: DocId) -> DocId {
        'again: loop {
            if target >= self.max_doc {
                return TERMINATED;
            }
            for n in &self.required {
                let doc = self.clauses[*n].seek(target);
                if doc > target {
                    target = doc;
                    continue 'again;
                }
            }
            if let Some(filter) = &mut self.filter {
                let doc = match filter.doc() < target {
                    true => filter.seek(target),
                    false => filter.doc(),
                };
                if doc > target {
                    target = doc;
                    continue 'again;
                }
            }
            match (self.is_alive)(target) {
                true => return target,
                false => target += 1,
            }
        }
    }

    /// Whether a product meets what is required of it, and has nothing that is excluded.
    fn is_met(&mut self, doc: DocId) -> bool {
        for n in &self.required {
            let hit = self.clauses[*n].hit(doc, &mut self.buffers);
            self.hits[*n] = hit;
            if !hit.is_met() {
                return false;
            }
        }
        for n in &self.excluded {
            let clause = &mut self.clauses[*n];
            if clause.seek(doc) == doc && clause.hit(doc, &mut self.buffers).is_met() {
                return false;
            }
        }
        true
    }

    fn meet_others(&mut self, doc: DocId) {
        for n in &self.others {
            let clause = &mut self.clauses[*n];
            self.hits[*n] = match clause.seek(doc) == doc {
                true => clause.hit(doc, &mut self.buffers),
                false => Hit::default(),
            };
        }
    }
}
