//! A record as the stand-in has it: inside its own message, of which it is the only product.

use crate::model::{Entry, normalised, own_identifiers};
use crate::onix::{Element, Limits, Product, ReaderBuilder, Record, Tag};
use crate::sale::Offers;

/// A record with what it is found by.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) message: String,
    pub(super) reference: String,
    pub(super) publisher: Option<String>,
    pub(super) imprint: Option<String>,
    /// Its own identifiers, in the form in which identifiers are compared.
    ids: Vec<String>,
}

impl Stored {
    /// `None` where the message has no product with a `RecordReference`.
    pub(super) fn of_message(message: String) -> Option<Self> {
        let entry = read(&message, |product| product.to_entry())?;
        let mut ids = own_identifiers(&entry);
        ids.push(normalised(&entry.record_reference).into_owned());
        Some(Self {
            message,
            reference: Some(entry.record_reference).filter(|reference| !reference.is_empty())?,
            publisher: entry.publisher,
            imprint: entry.imprint,
            ids,
        })
    }

    pub(super) fn has_id(&self, id: &str) -> bool {
        self.ids.iter().any(|own| own == id)
    }

    /// Reads its product.
    pub(super) fn read<T>(&self, read_it: impl FnOnce(&Product<'_>) -> T) -> Option<T> {
        read(&self.message, read_it)
    }

    pub(super) fn entry(&self) -> Entry {
        self.read(|product| product.to_entry()).unwrap_or_default()
    }

    pub(super) fn offers(&self) -> Option<Offers> {
        self.read(Offers::of)
    }

    /// What is left of it once it is removed: its names and `NotificationType` 05, in its own message.
    pub(super) fn removal(&self) -> Option<Self> {
        let message = read_record(&self.message, |record| {
            record.message().wrap(&removal(record.element()))
        })?;
        Some(Self {
            message,
            ..self.clone()
        })
    }
}

/// A product that says no more than that it is no more.
fn removal(product: Element<'_>) -> String {
    let name = product.written();
    let mut out = format!("<{name}>");
    let kept = [
        Tag::RecordReference,
        Tag::NotificationType,
        Tag::ProductIdentifier,
    ];
    for child in product.children() {
        let written = child.written();
        match child.tag() {
            Tag::NotificationType => out.push_str(&format!("<{written}>05</{written}>")),
            tag if kept.contains(&tag) || is_old_identifier(tag) => out.push_str(child.outer()),
            _ => {}
        }
    }
    out.push_str(&format!("</{name}>"));
    out
}

/// The identifiers that ONIX 2.1 has beside `ProductIdentifier`.
fn is_old_identifier(tag: Tag) -> bool {
    matches!(tag, Tag::ISBN | Tag::EAN13)
}

fn read<T>(message: &str, read: impl FnOnce(&Product<'_>) -> T) -> Option<T> {
    read_record(message, |record| read(&record.product()))
}

/// Reads the one record of a message; it was within the limits of whoever took it in.
pub(super) fn read_record<T>(message: &str, read: impl FnOnce(&Record<'_>) -> T) -> Option<T> {
    let limits = Limits {
        max_record_bytes: usize::MAX,
        max_depth: usize::MAX,
        max_attributes: usize::MAX,
        max_tag_bytes: usize::MAX,
        ..Limits::default()
    };
    let mut record = Record::new();
    let mut reader = ReaderBuilder::new().limits(limits).read(message.as_bytes());
    let is_read = reader.read_record(&mut record);
    matches!(is_read, Ok(true)).then(|| read(&record))
}
