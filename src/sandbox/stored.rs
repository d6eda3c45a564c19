//! A record as the stand-in has it: inside its own message, of which it is the only product, or on a page of the platform's `xml` that has
//! its publication alone.

use std::sync::{Arc, OnceLock};

use super::product_onix;
use crate::catalogue::read_message;
use crate::input::Received;
use crate::model::{Entry, normalised, own_identifiers};
use crate::onix::{Element, Product, Record, Release, Tag};
use crate::sale::Offers;
use crate::xml;

/// A record with what it is found by.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    message: String,
    pub(super) reference: String,
    pub(super) names: Arc<Names>,
    /// Whether it is a library's offer.
    pub(super) is_library: bool,
    /// Its own identifiers, in the form in which identifiers are compared.
    ids: Vec<String>,
    /// Read when a sale is judged for the first time.
    offers: OnceLock<Option<Arc<Offers>>>,
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
    /// From a message of ONIX; `None` where it has no product with a `RecordReference`.
    pub(super) fn of_message(message: String) -> Option<Self> {
        Self::named(message, "")
    }

    /// From a message, or a page of which the `RecordReference` says which format it is.
    pub(super) fn named(message: String, reference: &str) -> Option<Self> {
        let entry = read_message(&message, reference, |received| received.to_entry()).ok()?;
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
            is_library: entry.library,
            ids,
            offers: OnceLock::new(),
        })
    }

    /// Its own identifiers, in the form in which identifiers are compared.
    pub(super) fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The message that it came in, or the page.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// Reads its record, in the format in which it came.
    fn received<T>(&self, read: impl FnOnce(Received<'_>) -> T) -> Option<T> {
        read_message(&self.message, &self.reference, read).ok()
    }

    /// Reads its product, if that came as ONIX.
    pub(super) fn product<T>(&self, read: impl FnOnce(&Product<'_>) -> T) -> Option<T> {
        let read = |received: Received<'_>| match received {
            Received::Onix(record) => Some(read(&record.product())),
            Received::Xml(..) => None,
        };
        self.received(read)?
    }

    /// Reads the publication that it came with, if that was the platform's `xml`.
    pub(super) fn publication<T>(&self, read: impl FnOnce(&xml::Record<'_>) -> T) -> Option<T> {
        let read = |received: Received<'_>| match received {
            Received::Onix(_) => None,
            Received::Xml(record, _) => Some(read(record)),
        };
        self.received(read)?
    }

    /// Reads its record of ONIX, which is made where it came as the platform's `xml`.
    pub(super) fn record<T>(&self, read: impl FnOnce(&Record<'_>) -> T) -> Option<T> {
        let made = self.received(|received| match received {
            Received::Onix(_) => None,
            Received::Xml(_, format) => Some(product_onix::message(format)),
        })?;
        let message = made.as_deref().unwrap_or(&self.message);
        let read = |received: Received<'_>| match received {
            Received::Onix(record) => Some(read(record)),
            Received::Xml(..) => None,
        };
        read_message(message, &self.reference, read).ok()?
    }

    pub(super) fn entry(&self) -> Entry {
        self.received(|received| received.to_entry())
            .unwrap_or_default()
    }

    pub(super) fn offers(&self) -> Option<Arc<Offers>> {
        let read = || Some(Arc::new(self.received(|received| received.offers())?));
        self.offers.get_or_init(read).clone()
    }

    /// Whether another came in the very same message, or on a page with the same publication.
    pub(super) fn came_with(&self, other: &Self) -> bool {
        self.message == other.message
    }

    /// Whether two records are one, but for the messages' Headers.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let product = |one: &Self| one.product(|product| product.element().outer().to_owned());
        match (product(self), product(other)) {
            (Some(own), Some(other)) => own == other,
            _ => self.came_with(other),
        }
    }

    /// What is left of it once it is removed: its names and `NotificationType` 05, in its own message.
    pub(super) fn removal(&self) -> Option<Self> {
        let message = self.record(|record| {
            let release = record.product().release();
            record.message().wrap(&removal(record.element(), release))
        })?;
        Some(Self {
            message,
            offers: OnceLock::new(),
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
