//! What the stand-in has: publications with their products, when each came and when it changed.
//!
//! Below lies a catalogue that is only read, and of which nothing but keys is known until a record is asked for. Above it lies
//! what came afterwards, in memory: products added, replaced and removed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::clock::{Millis, second};
use super::organisation::Publishers;
use super::pieces::{Part, Piece};
use super::reprice;
use super::stored::{Names, Stored};
use crate::Catalogue;
use crate::catalogue::{FoundBy, Kept};
use crate::error::Result;
use crate::model::normalised;
use crate::onix::Record;

/// Everything that is there, in the order of its creation.
#[derive(Default)]
pub(super) struct Stock {
    base: Option<Base>,
    /// Whether nothing of the catalogue below is there: the publications came whole, from an export.
    is_whole: bool,
    /// When it began, which decides of when the publications of the catalogue below are.
    began: Millis,
    publications: BTreeMap<Place, Publication>,
    /// When each publication was created.
    created: HashMap<String, Millis>,
    /// Whose the products of the catalogue below are, as far as anybody has asked.
    names: HashMap<String, Arc<Names>>,
    /// Of the products that came afterwards, by their identifiers.
    ids: HashMap<String, BTreeSet<String>>,
    /// Ids of publications that changed since they were last kept.
    unkept: BTreeSet<String>,
}

/// A publication as it is kept.
#[derive(Serialize, Deserialize)]
struct KeptPublication {
    created: Millis,
    changes: Vec<Millis>,
    products: Vec<KeptProduct>,
    removed: Vec<KeptRemoval>,
}

/// A product: its own message, or the source under which the catalogue below has it.
#[derive(Serialize, Deserialize)]
struct KeptProduct {
    record_reference: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct KeptRemoval {
    at: Millis,
    record_reference: String,
    message: String,
}

/// The catalogue below.
struct Base {
    catalogue: Catalogue,
    products: usize,
    published: Millis,
}

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
            ..Self::default()
        })
    }

    /// An empty one above the same catalogue, which this one goes without from now on.
    pub(super) fn take_base(&mut self) -> Self {
        Self {
            base: self.base.take(),
            ..Self::default()
        }
    }

    /// Takes the catalogue below back.
    pub(super) fn put_base(&mut self, other: Self) {
        self.base = other.base;
    }

    pub(super) fn began(&self) -> Millis {
        self.began
    }

    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Begins with nothing of the catalogue below.
    pub(super) fn begin_whole(&mut self, latest: Millis) {
        self.clear(latest);
        self.is_whole = true;
    }

    fn clear(&mut self, latest: Millis) {
        self.publications.clear();
        self.created.clear();
        self.ids.clear();
        self.unkept.clear();
        self.is_whole = false;
        self.began = latest;
    }

    /// Goes back to the catalogue below. Its publications have been there since it was published, and at `latest`
    /// since then; each came a millisecond after the one before it.
    pub(super) fn begin(&mut self, latest: Millis) {
        self.clear(latest);
        let Some(base) = &self.base else { return };
        let end = base.published.min(latest);
        let begin = end - base.products as Millis;
        // Made in order and then put in place at once: with a hundred thousand products that is half of the time.
        let mut publications: Vec<(Place, Publication)> = Vec::with_capacity(base.products);
        let mut created: HashMap<String, Millis> = HashMap::with_capacity(base.products);
        // Of each product the number of its publication.
        let mut numbers: Vec<usize> = Vec::with_capacity(base.products);
        let mut sources: Vec<Arc<str>> = Vec::new();
        base.catalogue.for_each_key(|source, reference| {
            let id = publication_of(reference);
            let now = begin + numbers.len() as Millis;
            let number = match created.get(id) {
                Some(created) => numbers[(created - begin) as usize],
                None => {
                    created.insert(id.to_owned(), now);
                    publications.push(((now, id.to_owned()), Publication::default()));
                    publications.len() - 1
                }
            };
            numbers.push(number);
            let items = &mut publications[number].1.items;
            // Of several sources' products of one name the first is the one.
            if items.iter().all(|item| item.reference != reference) {
                items.reserve_exact(1);
                items.push(Item {
                    reference: reference.to_owned(),
                    record: Where::Below(shared(&mut sources, source)),
                });
            }
        });
        self.created = created;
        self.publications = publications.into_iter().collect();
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

    /// Puts a product there, in the place of the one of its `RecordReference`.
    pub(super) fn put(&mut self, stored: Stored, now: Millis) -> Applied {
        let known = self.known(&stored.reference);
        if known.as_ref().is_some_and(|known| known.is_same(&stored)) {
            return Applied::Unchanged;
        }
        if let Some(known) = &known {
            forget(&mut self.ids, known);
        }
        file(&mut self.ids, &stored);
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

    /// Makes what an identifier leads to dearer by so many hundredths.
    pub(super) fn raise_prices(&mut self, id: &str, by: u64, now: Millis) {
        for product in self.products_of(id, &Publishers::All) {
            let message = reprice::raised(product.message(), by);
            if let Some(stored) = Stored::named(message, &product.reference) {
                self.put(stored, now);
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
        publication.removed.push(Removed {
            at: now,
            was: Arc::clone(&was),
        });
        forget(&mut self.ids, &was);
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
        self.unkept.insert(id.clone());
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
        let within = |at: &&Millis| (from..=to).contains(&second(**at));
        let all = self.publications.iter();
        let changed = all.filter_map(|(place, publication)| {
            let mut moments = std::iter::once(&place.0).chain(&publication.changes);
            Some((*moments.find(within)?, place))
        });
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
        let references = self.ids.get(&*normalised(id)).into_iter().flatten();
        references
            .filter_map(|reference| self.known(reference))
            .collect()
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

    pub(super) fn take_changes(&mut self, out: &mut Vec<Piece>) {
        for id in std::mem::take(&mut self.unkept) {
            out.extend(self.piece(&id, false));
        }
    }

    /// The publications of which something came afterwards; all of them with all of their records, if it is to be whole.
    pub(super) fn pieces(&self, is_whole: bool) -> Vec<Piece> {
        let publications = self.publications.iter();
        let kept = publications.filter(|(_, one)| is_whole || self.is_whole || !one.is_below());
        kept.filter_map(|((_, id), _)| self.piece(id, is_whole))
            .collect()
    }

    fn piece(&self, id: &str, is_whole: bool) -> Option<Piece> {
        let publication = self.publication(id)?;
        let product = |item: &Item| {
            let (message, source) = match &item.record {
                Where::Below(source) if !is_whole => (None, Some(source.to_string())),
                _ => (Some(self.record(item)?.message().to_owned()), None),
            };
            Some(KeptProduct {
                record_reference: item.reference.clone(),
                message,
                source,
            })
        };
        let removal = |removed: &Removed| KeptRemoval {
            at: removed.at,
            record_reference: removed.was.reference.clone(),
            message: removed.was.message().to_owned(),
        };
        let kept = KeptPublication {
            created: *self.created.get(id)?,
            changes: publication.changes.clone(),
            products: publication.items.iter().filter_map(product).collect(),
            removed: publication.removed.iter().map(removal).collect(),
        };
        Some(Piece::new(Part::Publication, id, &kept))
    }

    /// Takes a publication back. What the catalogue below has of it, and neither it nor what was removed of it names, stays.
    pub(super) fn restore(&mut self, id: String, value: &str) -> Option<()> {
        let kept: KeptPublication = serde_json::from_str(value).ok()?;
        let below = self.created.insert(id.clone(), kept.created);
        let below = below.and_then(|created| self.publications.remove(&(created, id.clone())));
        let mut publication = Publication {
            changes: kept.changes,
            ..Publication::default()
        };
        for product in kept.products {
            publication.items.push(product.restored(&mut self.ids)?);
        }
        for removed in kept.removed {
            publication.removed.push(removed.restored()?);
        }
        for item in below.map(|below| below.items).unwrap_or_default() {
            if !publication.names(&item.reference) {
                publication.items.push(item);
            }
        }
        self.publications.insert((kept.created, id), publication);
        Some(())
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
        // What is served are the records, which a catalogue may do without.
        let mut first = None;
        let mut products = 0;
        catalogue.for_each_key(|source, reference| {
            products += 1;
            first.get_or_insert_with(|| (source.to_owned(), reference.to_owned()));
        });
        if let Some((source, reference)) = first {
            let first = catalogue.keyed(&source, &reference)?;
            first.as_ref().map(Kept::xml).transpose()?;
        }
        Ok(Self {
            products,
            published: published.map_or(0, |at| at.as_unix().saturating_mul(1000)),
            catalogue,
        })
    }
}

/// A text that many have in common.
fn shared(known: &mut Vec<Arc<str>>, text: &str) -> Arc<str> {
    match known.iter().find(|known| &***known == text) {
        Some(known) => Arc::clone(known),
        None => {
            known.push(text.into());
            Arc::clone(&known[known.len() - 1])
        }
    }
}

impl Publication {
    /// Whether nothing of it has changed since the catalogue below was taken.
    fn is_below(&self) -> bool {
        let is_below = |item: &Item| matches!(item.record, Where::Below(_));
        self.changes.is_empty() && self.removed.is_empty() && self.items.iter().all(is_below)
    }

    fn names(&self, reference: &str) -> bool {
        let items = self.items.iter().map(|item| &item.reference);
        let removed = self.removed.iter().map(|removed| &removed.was.reference);
        items.chain(removed).any(|known| known == reference)
    }
}

impl KeptProduct {
    fn restored(self, ids: &mut HashMap<String, BTreeSet<String>>) -> Option<Item> {
        let record = match (self.message, self.source) {
            (Some(message), _) => {
                let stored = Stored::named(message, &self.record_reference)?;
                file(ids, &stored);
                Where::Here(Arc::new(stored))
            }
            (None, source) => Where::Below(source?.into()),
        };
        Some(Item {
            reference: self.record_reference,
            record,
        })
    }
}

impl KeptRemoval {
    fn restored(self) -> Option<Removed> {
        Some(Removed {
            at: self.at,
            was: Arc::new(Stored::named(self.message, &self.record_reference)?),
        })
    }
}

/// Puts a product where it is found by its identifiers.
fn file(ids: &mut HashMap<String, BTreeSet<String>>, stored: &Stored) {
    for id in stored.ids() {
        let references = ids.entry(id.clone()).or_default();
        references.insert(stored.reference.clone());
    }
}

fn forget(ids: &mut HashMap<String, BTreeSet<String>>, stored: &Stored) {
    for id in stored.ids() {
        if let Some(references) = ids.get_mut(id) {
            references.remove(&stored.reference);
        }
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
