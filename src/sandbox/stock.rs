//! What the stand-in has: publications with their products, when each came and when it changed.
//!
//! Below lies a catalogue that is only read, and of which nothing but keys is known until a record is asked for. Above it lies
//! what came afterwards, in memory: products added, replaced and removed.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use super::clock::{Millis, second};
use super::organisation::Publishers;
use super::stored::{Names, Stored};
use crate::Catalogue;
use crate::catalogue::{FoundBy, Kept};
use crate::error::Result;
use crate::model::normalised;
use crate::onix::Record;

/// Everything that is there, in the order of its creation.
pub(super) struct Stock {
    base: Option<Base>,
    publications: BTreeMap<Place, Publication>,
    /// When each publication was created.
    created: HashMap<String, Millis>,
    /// Whose the products of the catalogue below are, as far as anybody has asked.
    names: HashMap<String, Arc<Names>>,
}

/// The catalogue below.
struct Base {
    catalogue: Catalogue,
    /// Source and `RecordReference`, in the order of their arrival.
    keys: Vec<(Arc<str>, String)>,
    published: Millis,
}

/// Where a publication stands: when it was created, and its id.
pub(super) type Place = (Millis, String);

/// A publication: all products that share a `RecordReference` but for the format at its end.
#[derive(Debug, Clone, Default)]
pub(super) struct Publication {
    pub(super) items: Vec<Item>,
    pub(super) removed: Vec<Removed>,
    /// Every moment at which it changed, the earliest first.
    pub(super) changes: Vec<Millis>,
}

/// A product that is there.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) reference: String,
    record: Where,
}

#[derive(Debug, Clone)]
enum Where {
    /// In the catalogue below, with this source.
    Below(Arc<str>),
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

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Applied {
    Added,
    Replaced,
    Unchanged,
    Removed,
    /// It has no `RecordReference`.
    Unnamed,
}

impl Stock {
    pub(super) fn new(catalogue: Option<Catalogue>) -> Result<Self> {
        Ok(Self {
            base: catalogue.map(Base::new).transpose()?,
            publications: BTreeMap::new(),
            created: HashMap::new(),
            names: HashMap::new(),
        })
    }

    /// Goes back to the catalogue below. Its publications have been there since it was published, and at `latest`
    /// since then; each came a millisecond after the one before it.
    pub(super) fn begin(&mut self, latest: Millis) {
        self.publications.clear();
        self.created.clear();
        let Some(base) = &self.base else { return };
        let end = base.published.min(latest);
        let begin = end - base.keys.len() as Millis;
        for (n, (source, reference)) in base.keys.iter().enumerate() {
            let id = publication_of(reference);
            let created = *self
                .created
                .entry(id.to_owned())
                .or_insert(begin + n as Millis);
            let publication = self
                .publications
                .entry((created, id.to_owned()))
                .or_default();
            // Of several sources' products of one name the first is the one.
            if publication
                .items
                .iter()
                .any(|item| item.reference == *reference)
            {
                continue;
            }
            if publication.changes.is_empty() {
                publication.changes.push(created);
            }
            publication.items.push(Item {
                reference: reference.clone(),
                record: Where::Below(Arc::clone(source)),
            });
        }
    }

    /// How many products are there.
    pub(super) fn products(&self) -> usize {
        let publications = self.publications.values();
        publications
            .map(|publication| publication.items.len())
            .sum()
    }

    /// Takes a record in: it is added, replaces the one of its `RecordReference`, or removes it.
    pub(super) fn apply(&mut self, record: &Record<'_>, now: Millis) -> Applied {
        let message = record.message().wrap(record.xml());
        let Some(stored) = Stored::of_message(message) else {
            return Applied::Unnamed;
        };
        let notification = record.product().notification_type();
        match notification.as_deref() {
            Some("05") => self.remove(&stored.reference, now),
            _ => self.put(stored, now),
        }
    }

    fn put(&mut self, stored: Stored, now: Millis) -> Applied {
        let known = self.known(&stored.reference);
        if known.as_ref().is_some_and(|known| known.is_same(&stored)) {
            return Applied::Unchanged;
        }
        let publication = self.publication_of(&stored.reference, now);
        publication.changes.push(now);
        publication
            .removed
            .retain(|removed| removed.was.reference != stored.reference);
        let item = Item {
            reference: stored.reference.clone(),
            record: Where::Here(Arc::new(stored)),
        };
        let at = publication
            .items
            .iter()
            .position(|known| known.reference == item.reference);
        match at {
            Some(at) => {
                publication.items[at] = item;
                Applied::Replaced
            }
            None => {
                publication.items.push(item);
                Applied::Added
            }
        }
    }

    fn remove(&mut self, reference: &str, now: Millis) -> Applied {
        let Some(was) = self.known(reference) else {
            return Applied::Unchanged;
        };
        let publication = self.publication_of(reference, now);
        publication.changes.push(now);
        publication.items.retain(|item| item.reference != reference);
        publication.removed.push(Removed { at: now, was });
        Applied::Removed
    }

    /// What was removed and hasn't come back.
    pub(super) fn removals(&self) -> impl Iterator<Item = &Removed> {
        self.publications.values().flat_map(|one| &one.removed)
    }

    /// The publication that a product is of, made if it isn't there.
    fn publication_of(&mut self, reference: &str, now: Millis) -> &mut Publication {
        let id = publication_of(reference).to_owned();
        let created = *self.created.entry(id.clone()).or_insert(now);
        self.publications.entry((created, id)).or_default()
    }

    /// The product of a `RecordReference`.
    fn known(&self, reference: &str) -> Option<Arc<Stored>> {
        let publication = self.publication(publication_of(reference))?;
        let mut items = publication.items.iter();
        let item = items.find(|item| item.reference == reference)?;
        self.record(item)
    }

    fn publication(&self, id: &str) -> Option<&Publication> {
        self.publications.get(&self.place(id)?)
    }

    /// Where a publication stands.
    pub(super) fn place(&self, id: &str) -> Option<Place> {
        Some((*self.created.get(id)?, id.to_owned()))
    }

    /// The record of a product; `None` where the catalogue below has lost it meanwhile, or keeps none.
    fn record(&self, item: &Item) -> Option<Arc<Stored>> {
        match &item.record {
            Where::Here(stored) => Some(Arc::clone(stored)),
            Where::Below(source) => {
                let catalogue = &self.base.as_ref()?.catalogue;
                let kept = catalogue.keyed(source, &item.reference).ok()??;
                let stored = Stored::of(&kept.entry, kept.xml().ok()?.to_owned())?;
                Some(Arc::new(stored))
            }
        }
    }

    /// Where the publication behind a place stands; the first, behind none.
    pub(super) fn place_after(&self, place: Option<&Place>) -> Option<Place> {
        let begin = match place {
            Some(place) => Bound::Excluded(place),
            None => Bound::Unbounded,
        };
        let mut behind = self.publications.range((begin, Bound::Unbounded));
        behind.next().map(|(place, _)| place.clone())
    }

    /// Places of the publications that changed in these seconds, both included, in the order of their first change
    /// there.
    pub(super) fn changed(&self, from: i64, to: i64) -> Vec<Place> {
        let within = |at: &Millis| (from..=to).contains(&second(*at));
        let first = |publication: &Publication| publication.changes.iter().copied().find(within);
        let all = self.publications.iter();
        let changed = all.filter_map(|(place, publication)| Some((first(publication)?, place)));
        let mut changed: Vec<_> = changed.collect();
        changed.sort();
        changed
            .into_iter()
            .map(|(_, place)| place.clone())
            .collect()
    }

    /// What an organisation sees of a publication: its products, and those removed since that second, if any is
    /// given. `None` where that is nothing.
    pub(super) fn seen(
        &mut self,
        place: &Place,
        publishers: &Publishers,
        removed_since: Option<i64>,
    ) -> Option<Seen> {
        let publication = self.publications.get(place)?.clone();
        let mut products = Vec::new();
        for item in &publication.items {
            products.extend(self.record_seen(item, publishers));
        }
        let removed = publication.removed.iter().filter(|removed| {
            let is_due = removed_since.is_some_and(|since| second(removed.at) >= since);
            is_due && is_seen(&removed.was, publishers)
        });
        let removed: Vec<_> = removed.map(|removed| Arc::clone(&removed.was)).collect();
        let seen = Seen {
            place: place.clone(),
            changed: publication.changes.last().copied().unwrap_or(place.0),
            products,
            removed,
        };
        (!seen.is_empty()).then_some(seen)
    }

    /// The record of a product, if the organisation sees it. One that it is known not to see isn't read again.
    fn record_seen(&mut self, item: &Item, publishers: &Publishers) -> Option<Arc<Stored>> {
        let is_all = *publishers == Publishers::All;
        let is_theirs = is_all || is_of(self.names_of(item)?.as_ref(), publishers);
        self.record(item).filter(|_| is_theirs)
    }

    /// Whose a product is.
    fn names_of(&mut self, item: &Item) -> Option<Arc<Names>> {
        if let Where::Here(stored) = &item.record {
            return Some(Arc::clone(&stored.names));
        }
        if let Some(names) = self.names.get(&item.reference) {
            return Some(Arc::clone(names));
        }
        let names = Arc::clone(&self.record(item)?.names);
        let known = self.names.entry(item.reference.clone());
        Some(Arc::clone(known.or_insert(names)))
    }

    /// The products of an identifier: ISBN, EAN, the sender's own key, a `RecordReference`, or a publication's id.
    pub(super) fn products_of(&self, id: &str, publishers: &Publishers) -> Vec<Arc<Stored>> {
        let mut out = Vec::new();
        if let Some(publication) = self.publication(id) {
            out.extend(
                publication
                    .items
                    .iter()
                    .filter_map(|item| self.record(item)),
            );
        } else {
            out.extend(self.products_here(id));
            out.extend(self.products_below(id));
        }
        out.retain(|stored| is_seen(stored, publishers));
        out
    }

    fn products_here(&self, id: &str) -> Vec<Arc<Stored>> {
        let id = normalised(id);
        let publications = self.publications.values();
        let items = publications.flat_map(|publication| &publication.items);
        let here = items.filter_map(|item| match &item.record {
            Where::Here(stored) if stored.has_id(&id) => Some(Arc::clone(stored)),
            _ => None,
        });
        here.collect()
    }

    /// Those of the catalogue below that nothing has replaced.
    fn products_below(&self, id: &str) -> Vec<Arc<Stored>> {
        let Some(base) = &self.base else {
            return Vec::new();
        };
        let found = base.catalogue.product(id, None).unwrap_or_default();
        let own = found
            .into_iter()
            .filter(|kept| kept.found_by == FoundBy::Own);
        let standing = own.filter_map(|kept| {
            let reference = &kept.entry.record_reference;
            let publication = self.publication(publication_of(reference))?;
            let is_it = |item: &&Item| {
                item.reference == *reference
                    && matches!(&item.record, Where::Below(source) if **source == *kept.source)
            };
            self.record(publication.items.iter().find(is_it)?)
        });
        standing.collect()
    }

    /// Whose the products are that an organisation sees. Of a large catalogue that takes its time at first.
    pub(super) fn names_seen(&mut self, publishers: &Publishers) -> Vec<Arc<Names>> {
        let publications = self.publications.values();
        let items: Vec<Item> = publications.flat_map(|one| one.items.clone()).collect();
        let names = items.iter().filter_map(|item| self.names_of(item));
        names.filter(|names| is_of(names, publishers)).collect()
    }
}

impl Base {
    fn new(catalogue: Catalogue) -> Result<Self> {
        let published = catalogue.stats()?.published;
        let mut sources: Vec<Arc<str>> = Vec::new();
        let mut shared = |source: String| match sources.iter().find(|known| ***known == *source) {
            Some(known) => Arc::clone(known),
            None => {
                sources.push(source.into());
                Arc::clone(&sources[sources.len() - 1])
            }
        };
        let keys = catalogue.keys();
        // What is served are the records, which a catalogue may do without.
        if let Some((source, reference)) = keys.first() {
            let first = catalogue.keyed(source, reference)?;
            first.as_ref().map(Kept::xml).transpose()?;
        }
        let keys = keys
            .into_iter()
            .map(|(source, reference)| (shared(source), reference));
        Ok(Self {
            keys: keys.collect(),
            published: published.map_or(0, |at| at.as_unix().saturating_mul(1000)),
            catalogue,
        })
    }
}

fn is_seen(stored: &Stored, publishers: &Publishers) -> bool {
    is_of(&stored.names, publishers)
}

fn is_of(names: &Names, publishers: &Publishers) -> bool {
    publishers.has(names.publisher.as_deref(), names.imprint.as_deref())
}

/// The id of the publication that a product is of: its `RecordReference` without the format at its end, which
/// is a word in lower case behind the last hyphen.
pub(super) fn publication_of(reference: &str) -> &str {
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
