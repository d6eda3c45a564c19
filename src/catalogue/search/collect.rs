//! Everything that a query finds.

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use super::schema as fields;

/// A product that was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) at: DocAddress,
    pub(super) score: Score,
    /// The hash of its key: an order among equals that no commit changes.
    pub(super) tie: u64,
    /// Leads to its record.
    pub(super) serial: u64,
}

/// Collects all of them, in the order of the index.
pub(super) struct Candidates {
    pub(super) is_scored: bool,
}

pub(super) struct SegmentCandidates {
    segment: SegmentOrdinal,
    key_hashes: Column<u64>,
    serials: Column<u64>,
    found: Vec<Candidate>,
}

impl Collector for Candidates {
    type Fruit = Vec<Candidate>;
    type Child = SegmentCandidates;

    fn for_segment(
        &self,
        segment: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<SegmentCandidates> {
        Ok(SegmentCandidates {
            segment,
            key_hashes: reader.fast_fields().u64(fields::name(fields::KEY_HASH))?,
            serials: reader.fast_fields().u64(fields::name(fields::SERIAL))?,
            found: Vec::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        self.is_scored
    }

    fn merge_fruits(&self, found: Vec<Vec<Candidate>>) -> tantivy::Result<Vec<Candidate>> {
        Ok(found.concat())
    }
}

impl SegmentCollector for SegmentCandidates {
    type Fruit = Vec<Candidate>;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.found.push(Candidate {
            at: DocAddress::new(self.segment, doc),
            score,
            tie: self.key_hashes.first(doc).unwrap_or_default(),
            serial: self.serials.first(doc).unwrap_or_default(),
        });
    }

    fn harvest(self) -> Vec<Candidate> {
        self.found
    }
}
