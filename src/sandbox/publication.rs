//! A publication: its products, those that it had, and when it changed.

use std::sync::Arc;

use super::clock::Millis;
use super::stored::Stored;

/// Where a publication stands: when it was created, and its id.
pub(super) type Place = (Millis, String);

/// A publication: all products that share a `RecordReference` but for the format at its end.
#[derive(Debug, Clone, Default)]
pub(super) struct Publication {
    pub(super) items: Vec<Item>,
    pub(super) removed: Vec<Removed>,
    /// Every moment at which it changed since it was created, the earliest first.
    pub(super) changes: Vec<Millis>,
}

/// A product that is there.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) reference: String,
    pub(super) record: Where,
}

#[derive(Debug, Clone)]
pub(super) enum Where {
    /// In the catalogue below, with this number.
    Below(u32),
    Here(Arc<Stored>),
}

/// A product that was there.
#[derive(Debug, Clone)]
pub(super) struct Removed {
    pub(super) at: Millis,
    /// As it last was.
    pub(super) was: Arc<Stored>,
}

/// A publication with the records of it that an organisation sees.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) place: Place,
    pub(super) changed: Millis,
    pub(super) products: Vec<Arc<Stored>>,
    /// Those that were removed in the time that was asked for.
    pub(super) removed: Vec<Arc<Stored>>,
}

impl Seen {
    pub(super) fn is_empty(&self) -> bool {
        self.products.is_empty() && self.removed.is_empty()
    }

    pub(super) fn without_library_offers(mut self) -> Self {
        self.products.retain(|one| !one.is_library);
        self.removed.retain(|one| !one.is_library);
        self
    }
}

impl Publication {
    /// Whether this product of the catalogue below is one of it.
    pub(super) fn has_below(&self, n: u32) -> bool {
        let is_it = |item: &Item| matches!(item.record, Where::Below(own) if own == n);
        self.items.iter().any(is_it)
    }

    /// Whether it or what was removed of it has this name.
    pub(super) fn names(&self, reference: &str) -> bool {
        let items = self.items.iter().map(|item| &item.reference);
        let removed = self.removed.iter().map(|removed| &removed.was.reference);
        items.chain(removed).any(|known| known == reference)
    }
}

/// The id of the publication that a product is of: its `RecordReference` without the format at its end, which
/// is a word in lower case behind the last hyphen.
pub(crate) fn publication_of(reference: &str) -> &str {
    match reference.rsplit_once('-') {
        Some((id, nature)) if !id.is_empty() && is_nature(nature) => id,
        _ => reference,
    }
}

/// The format at the end of a `RecordReference`.
pub(super) fn nature_of(reference: &str) -> Option<&str> {
    let id = publication_of(reference);
    reference.get(id.len() + 1..)
}

fn is_nature(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publication_is_what_stands_before_the_format() {
        assert_eq!(publication_of("LIBR21330-epub"), "LIBR21330");
        assert_eq!(publication_of("com.example-1-pdf"), "com.example-1");
        assert_eq!(publication_of("ONYX5-LIBRARIES"), "ONYX5-LIBRARIES");
        assert_eq!(publication_of("9782070368228"), "9782070368228");
        assert_eq!(publication_of("-epub"), "-epub");
        assert_eq!(nature_of("LIBR21330-epub"), Some("epub"));
        assert_eq!(nature_of("LIBR21330"), None);
    }
}
