//! A set of documents of a segment, a bit each.

use tantivy::postings::BlockSegmentPostings;
use tantivy::{DocId, DocSet, TERMINATED};

#[derive(Debug, Clone)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn none(max_doc: DocId) -> Self {
        Self(vec![0; max_doc as usize / 64 + 1])
    }

    #[inline]
    pub(super) fn insert(&mut self, doc: DocId) {
        self.0[doc as usize / 64] |= 1 << (doc % 64);
    }

    #[inline]
    pub(super) fn has(&self, doc: DocId) -> bool {
        let word = self.0.get(doc as usize / 64);
        word.is_some_and(|word| word >> (doc % 64) & 1 == 1)
    }

    pub(super) fn insert_all(&mut self, mut postings: BlockSegmentPostings) {
        loop {
            let docs = postings.docs();
            if docs.is_empty() {
                return;
            }
            for doc in docs {
                self.insert(*doc);
            }
            postings.advance();
        }
    }

    pub(super) fn insert_each(&mut self, docs: &mut dyn DocSet) {
        while docs.doc() != TERMINATED {
            self.insert(docs.doc());
            docs.advance();
        }
    }

    /// Keeps those that are in the other set too.
    pub(super) fn keep(&mut self, other: &Bits) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= other;
        }
    }

    pub(super) fn remove(&mut self, other: &Bits) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= !other;
        }
    }

    /// The first of them from one on.
    pub(super) fn next(&self, from: DocId) -> DocId {
        let mut at = from as usize / 64;
        let Some(word) = self.0.get(at) else {
            return TERMINATED;
        };
        let mut word = word >> (from % 64) << (from % 64);
        while word == 0 {
            at += 1;
            match self.0.get(at) {
                Some(next) => word = *next,
                None => return TERMINATED,
            }
        }
        u32::try_from(at * 64).unwrap_or(TERMINATED) + word.trailing_zeros()
    }

    /// All of them, rising.
    pub(super) fn docs(&self) -> Vec<DocId> {
        let n = self.0.iter().map(|word| word.count_ones() as usize).sum();
        let mut out = Vec::with_capacity(n);
        for (at, word) in self.0.iter().enumerate() {
            let mut word = *word;
            let first = u32::try_from(at * 64).unwrap_or(TERMINATED);
            while word != 0 {
                out.push(first + word.trailing_zeros());
                word &= word - 1;
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets() {
        let of = |docs: &[DocId]| {
            let mut bits = Bits::none(200);
            docs.iter().for_each(|doc| bits.insert(*doc));
            bits
        };
        let mut bits = of(&[0, 63, 64, 130, 200]);
        assert_eq!(bits.docs(), [0, 63, 64, 130, 200]);
        assert_eq!(
            (bits.next(1), bits.next(65), bits.next(201)),
            (63, 130, TERMINATED)
        );
        bits.keep(&of(&[63, 64, 199]));
        bits.remove(&of(&[64]));
        assert_eq!(bits.docs(), [63]);
        assert!(bits.has(63) && !bits.has(64) && !bits.has(1000));
    }
}
