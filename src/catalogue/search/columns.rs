//! What of every product lies in columns: the numbers by which hits are ordered, ranked and led to their records.

use tantivy::DocAddress;
use tantivy::columnar::Column;
use tantivy::schema::Field;

use super::document::Facts;
use super::fault::failed;
use super::{Snapshot, fields};
use crate::error::Result;

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
    pub(super) facts: AllFacts,
    pub(super) dates: Dates,
}

/// The facts of each document, unpacked from their column: of some words nearly all are looked at.
pub(super) struct AllFacts(Vec<Vec<u64>>);

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
    pub(super) fn of(&self, at: DocAddress) -> Facts {
        let facts = self.0.get(at.segment_ord as usize);
        let facts = facts.and_then(|facts| facts.get(at.doc_id as usize));
        Facts::unpack(facts.copied().unwrap_or_default())
    }
}

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
}
