//! A record as the stand-in has it: inside its own message, of which it is the only product.

use std::sync::Arc;

use crate::model::{Entry, normalised, own_identifiers};
use crate::onix::{Element, Limits, Product, ReaderBuilder, Record, Release, Tag};
use crate::sale::Offers;

/// A record with what it is found by.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) message: String,
    pub(super) reference: String,
    pub(super) names: Arc<Names>,
    /// Its own identifiers, in the form in which identifiers are compared.
    ids: Vec<String>,
}

/// Whose a product is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) publisher: Option<String>,
    pub(super) imprint: Option<String>,
    pub(super) suppliers: Vec<String>,
}

impl Names {
    fn of(entry: &Entry) -> Self {
        let suppliers = entry.availability.iter();
        Self {
            publisher: entry.publisher.clone(),
            imprint: entry.imprint.clone(),
            suppliers: suppliers.filter_map(|one| one.supplier.clone()).collect(),
        }
    }
}

impl Stored {
    /// `None` where the message has no product with a `RecordReference`.
    pub(super) fn of_message(message: String) -> Option<Self> {
        let entry = read(&message, |product| product.to_entry())?;
        Self::of(&entry, message)
    }

    /// The same where its document is there already.
    pub(super) fn of(entry: &Entry, message: String) -> Option<Self> {
        let reference = entry.record_reference.clone();
        let mut ids = own_identifiers(entry);
        ids.push(normalised(&reference).into_owned());
        Some(Self {
            message,
            reference: Some(reference).filter(|reference| !reference.is_empty())?,
            names: Arc::new(Names::of(entry)),
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
            let release = record.product().release();
            record.message().wrap(&removal(record.element(), release))
        })?;
        Some(Self {
            message,
            ..self.clone()
        })
    }
}

/// A product that says that it is no more, and what it is; ONIX 2 demands of it all that it demands of any other.
fn removal(product: Element<'_>, release: Release) -> String {
    let name = product.written();
    let mut out = format!("<{name}>");
    let has_notification = product.child(Tag::NotificationType).is_some();
    for child in product.children() {
        match (child.tag(), release) {
            (Tag::NotificationType, _) => out.push_str(&notification(child.written())),
            (Tag::RecordReference, _) => {
                out.push_str(child.outer());
                if !has_notification {
                    out.push_str(&notification(&notification_name(child.written())));
                }
            }
            (Tag::ProductIdentifier, _) | (_, Release::Onix2) => out.push_str(child.outer()),
            _ => {}
        }
    }
    out.push_str(&format!("</{name}>"));
    out
}

fn notification(name: &str) -> String {
    format!("<{name}>05</{name}>")
}

/// What `NotificationType` is called beside a `RecordReference` that is called so.
fn notification_name(reference: &str) -> String {
    let (prefix, local) = match reference.rsplit_once(':') {
        Some((prefix, local)) => (format!("{prefix}:"), local),
        None => (String::new(), reference),
    };
    let tag = Tag::NotificationType;
    let is_short = local == Tag::RecordReference.short();
    let name = if is_short { tag.short() } else { tag.name() };
    format!("{prefix}{name}")
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

#[cfg(test)]
mod tests {
    use super::*;

    fn removed(product: &str) -> String {
        let stored = Stored::of_message(product.to_owned()).unwrap();
        stored.removal().unwrap().message
    }

    #[test]
    fn what_is_left_of_a_product_is_its_names() {
        let product = "<x:product><x:a001>1</x:a001><x:b246>A</x:b246>\
            <x:productidentifier><x:b221>01</x:b221></x:productidentifier></x:product>";
        assert_eq!(
            removed(product),
            "<x:product><x:a001>1</x:a001><x:a002>05</x:a002>\
             <x:productidentifier><x:b221>01</x:b221></x:productidentifier></x:product>"
        );
    }

    #[test]
    fn of_onix_2_everything_is_left() {
        let product = "<Product><RecordReference>1</RecordReference><NotificationType>03\
            </NotificationType><ISBN>2070368222</ISBN><ProductForm>DG</ProductForm></Product>";
        assert_eq!(removed(product), product.replace(">03<", ">05<"));
    }
}
