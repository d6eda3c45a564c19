//! How a record is kept: as the message it came in, with that record alone, in UTF-8.
//!
//! The message, the source and the moment it was sent are stored with the record's entry in the text
//! index, so that text, record and offers are of one generation by construction. Entry and offers are
//! read from the message again when they are asked for.

use serde::Serialize;

use crate::error::{Error, ErrorKind, Result};
use crate::model::{Entry, EntryIdentifier, isbn13, normalised};
use crate::onix::{Limits, Product, ReaderBuilder, Record};
use crate::sale::Offers;

/// What is kept of a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stored {
    pub(super) source: String,
    pub(super) sent: Option<String>,
    /// A valid message with this one record.
    pub(super) message: String,
}

/// A product as it is kept in the catalogue.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Kept {
    /// The product as an owned document.
    pub entry: Entry,
    /// Who sent it.
    pub source: String,
    /// When, as its message says.
    pub sent: Option<String>,
    /// Which identifier led to it.
    pub found_by: FoundBy,
    message: String,
}

/// Whose identifier led to a product.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FoundBy {
    /// Its own.
    #[default]
    Own,
    /// That of a product related to it, by these relations (list 51).
    Related(Vec<String>),
}

impl Stored {
    pub(super) fn of(record: &Record<'_>, source: &str) -> Self {
        Self {
            source: source.to_owned(),
            sent: record.message().header().sent.clone(),
            message: record.message().wrap(record.xml()),
        }
    }

    /// Reads the kept record again.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Product<'_>) -> T) -> Result<T> {
        read_message(&self.message, read)
    }

    pub(super) fn into_kept(self) -> Result<Kept> {
        let entry = self.read(|product| product.to_entry())?;
        Ok(Kept {
            entry,
            source: self.source,
            sent: self.sent,
            found_by: FoundBy::Own,
            message: self.message,
        })
    }
}

impl Kept {
    /// The record as received, in UTF-8, inside its message's start tag and Header: a valid message
    /// with one product.
    pub fn xml(&self) -> &str {
        &self.message
    }

    /// What may be sold of it where and when. Bytes in it count from the start of
    /// [`xml`](Self::xml).
    pub fn offers(&self) -> Offers {
        read_message(&self.message, Offers::of).expect("a message that was read for the entry")
    }

    /// The same, found by this identifier in the form in which identifiers are compared.
    pub(super) fn found_by(mut self, id: &str) -> Self {
        if let Some(found_by) = own_or_related(&self.entry, id) {
            self.found_by = found_by;
        }
        self
    }
}

/// Whose identifier this is, in the form in which identifiers are compared.
pub(super) fn own_or_related(entry: &Entry, id: &str) -> Option<FoundBy> {
    let is_id = |identifier: &EntryIdentifier| {
        normalised(&identifier.value) == id || isbn13(&identifier.value).as_deref() == Some(id)
    };
    let is_own = entry.identifiers.iter().any(is_id) || normalised(&entry.record_reference) == id;
    if is_own {
        return Some(FoundBy::Own);
    }
    let mut related = entry
        .related
        .iter()
        .filter(|related| related.identifiers.iter().any(is_id))
        .peekable();
    related.peek()?;
    Some(FoundBy::Related(
        related
            .flat_map(|related| related.relations.clone())
            .collect(),
    ))
}

fn read_message<T>(message: &str, read: impl FnOnce(&Product<'_>) -> T) -> Result<T> {
    let mut record = Record::new();
    let damaged = || {
        Error::new(ErrorKind::Index {
            what: "a kept record can't be read again".to_owned(),
        })
    };
    // It was within the limits of the one who kept it.
    let limits = Limits {
        max_record_bytes: usize::MAX,
        max_depth: usize::MAX,
        max_attributes: usize::MAX,
        max_tag_bytes: usize::MAX,
        ..Limits::default()
    };
    let mut reader = ReaderBuilder::new().limits(limits).read(message.as_bytes());
    match reader.read_record(&mut record) {
        Ok(true) => Ok(read(&record.product())),
        Ok(false) => Err(damaged()),
        Err(error) => Err(damaged().because(error)),
    }
}
