//! What a run did, and what the catalogue holds.

use serde::Serialize;

/// What became of the records of a run.
///
/// `read` is the sum of the six numbers after it, and `in_catalogue` is what it was before, plus
/// `added`, less `removed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct IngestSummary {
    /// Records, set aside ones included.
    pub read: u64,
    /// Products that weren't there.
    pub added: u64,
    /// Products that were there and are other ones now.
    pub replaced: u64,
    /// Records that changed nothing: there already, removals of what isn't there, test records
    /// (`NotificationType` 88 and 89).
    pub unchanged: u64,
    /// Products that were there and are no more (`NotificationType` 05).
    pub removed: u64,
    /// Records outdone by a later one, of the catalogue or of the same run.
    pub stale: u64,
    /// Records set aside.
    pub rejected: u64,
    /// Products in the catalogue after the run.
    pub in_catalogue: u64,
    /// Products that a complete delivery lacked and that stay, since a record was set aside that may be one of
    /// theirs.
    pub unseen: u64,
}

/// What a catalogue holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Stats {
    /// Products.
    pub products: u64,
    /// How many runs have changed it.
    pub generation: u64,
    /// By source, sorted by name.
    pub sources: Vec<SourceStats>,
    /// When the last of them was published.
    pub published: Option<crate::model::Moment>,
    /// Products of which a later record was set aside.
    pub outdated: u64,
    /// Parts of the text index.
    pub segments: u64,
    /// Parts of the store.
    pub parts: u64,
    /// Bytes of the store by what they hold.
    pub sections: std::collections::BTreeMap<&'static str, u64>,
    /// Bytes of offers, identifiers and what goes with them.
    pub offer_bytes: u64,
    /// Bytes of kept records.
    pub record_bytes: u64,
    /// Bytes on disk; 0 in memory.
    pub bytes: u64,
}

/// What a catalogue holds of one source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SourceStats {
    /// Who sent it.
    pub source: String,
    /// Products.
    pub products: u64,
    /// The latest `SentDateTime` among them.
    pub last_sent: Option<crate::model::Moment>,
}
