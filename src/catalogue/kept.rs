//! A product as it is given out: its entry, and the record it was made of.
//!
//! A record is kept as the message it came in, with that record alone, in UTF-8. Entry and offers are read from it
//! again when they are asked for.

use std::borrow::Cow;

use serde::Serialize;

use crate::error::{Error, ErrorKind, Result};
use crate::input::Received;
use crate::model::{CatalogueFormat, Entry, EntryIdentifier, isbn13, normalised};
use crate::onix::{LicenceTerms, Limits, Product, ReaderBuilder, Record};
use crate::sale::Offers;
use crate::xml;

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
    /// Whether a later record of it was set aside.
    pub is_outdated: bool,
    /// `None` where records aren't kept.
    message: Option<String>,
}

/// Whose identifier led to a product.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FoundBy {
    /// Its own.
    #[default]
    Own,
    /// That of a product related to it, by these relations (list 51).
    Related(Vec<String>),
}

impl Kept {
    /// A product from its record.
    pub(super) fn of_message(source: &str, reference: &str, message: String) -> Result<Self> {
        let (entry, sent) = read_message(&message, reference, |received| {
            let sent = received.sent().map(Cow::into_owned);
            (received.to_entry(), sent)
        })?;
        Ok(Self {
            entry,
            source: source.to_owned(),
            sent,
            found_by: FoundBy::Own,
            is_outdated: false,
            message: Some(message),
        })
    }

    /// A product of which the record isn't kept.
    pub(super) fn of_entry(source: &str, entry: Entry, sent: Option<&str>) -> Self {
        Self {
            entry,
            source: source.to_owned(),
            sent: sent.map(str::to_owned),
            found_by: FoundBy::Own,
            is_outdated: false,
            message: None,
        }
    }

    /// The record as received, in UTF-8, inside its message's start tag and Header: a valid message
    /// with one product, or a page of the platform's `xml` with one publication.
    ///
    /// # Errors
    /// [`ErrorKind::NotKept`] where the catalogue keeps no records.
    pub fn xml(&self) -> Result<&str> {
        self.message
            .as_deref()
            .ok_or_else(|| Error::new(ErrorKind::NotKept))
    }

    /// The format in which its record came; `None` where records aren't kept.
    pub fn format(&self) -> Option<CatalogueFormat> {
        let message = self.message.as_deref()?;
        Some(match xml::is_page(message.as_bytes()) {
            true => CatalogueFormat::Xml,
            false => CatalogueFormat::Onix,
        })
    }

    /// What may be sold of it where and when. Bytes in it count from the start of
    /// [`xml`](Self::xml).
    ///
    /// # Errors
    /// As [`xml`](Self::xml).
    pub fn offers(&self) -> Result<Offers> {
        let mut offers = read_message(self.xml()?, &self.entry.record_reference, |received| {
            received.offers()
        })?;
        offers.is_outdated = self.is_outdated;
        Ok(offers)
    }

    /// The terms on which it is licensed, price by price: the byte of the price in [`xml`](Self::xml), as
    /// [`Offer::byte`](crate::model::Offer::byte) says it, and its terms, where there are any.
    ///
    /// # Errors
    /// As [`xml`](Self::xml).
    pub fn licence_terms(&self) -> Result<Vec<(u64, LicenceTerms)>> {
        let reference = &self.entry.record_reference;
        read_message(self.xml()?, reference, |received| received.licence_terms())
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

/// The same of a record that is kept, if it is ONIX.
pub(super) fn read_product<T>(
    message: &str,
    read: impl FnOnce(&Product<'_>) -> T,
) -> Result<Option<T>> {
    if xml::is_page(message.as_bytes()) {
        return Ok(None);
    }
    read_message(message, "", |received| match received {
        Received::Onix(record) => Some(read(&record.product())),
        Received::Xml(..) => None,
    })
}

/// Reads a record that is kept; of a publication, the format of this key.
pub(crate) fn read_message<T>(
    message: &str,
    record_reference: &str,
    read: impl FnOnce(Received<'_>) -> T,
) -> Result<T> {
    if !xml::is_page(message.as_bytes()) {
        let mut record = Record::new();
        let reader = ReaderBuilder::new().limits(limits());
        return match reader.read(message.as_bytes()).read_record(&mut record) {
            Ok(true) => Ok(read(Received::Onix(&record))),
            Ok(false) => Err(damaged()),
            Err(error) => Err(damaged().because(error)),
        };
    }
    let mut record = xml::Record::new();
    let reader = xml::ReaderBuilder::new().limits(limits());
    match reader.read(message.as_bytes()).read_record(&mut record) {
        Ok(true) => {}
        Ok(false) => return Err(damaged()),
        Err(error) => return Err(damaged().because(error)),
    }
    let formats = record.publication().formats();
    let is_meant = |format: &xml::PublicationFormat<'_>| {
        format.record_reference().as_deref() == Some(record_reference)
    };
    // Of several with one key the last was taken in.
    match formats.filter(is_meant).last() {
        Some(format) => Ok(read(Received::Xml(&record, format))),
        None => Err(damaged()),
    }
}

fn damaged() -> Error {
    Error::new(ErrorKind::Index {
        what: "a kept record can't be read again".to_owned(),
    })
}

/// It was within the limits of the one who kept it.
fn limits() -> Limits {
    Limits {
        max_record_bytes: usize::MAX,
        max_depth: usize::MAX,
        max_attributes: usize::MAX,
        max_tag_bytes: usize::MAX,
        ..Limits::default()
    }
}
