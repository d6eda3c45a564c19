//! What the stand-in has: publications with their products, when each came and when it changed.
//!
//! Below lies a catalogue that is only read ([`Below`]). Above it lies what came afterwards, in memory: products added, replaced
//! and removed.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::below::Below;
use super::clock::{Millis, second};
use super::organisation::Publishers;
use super::pieces::{Part, Piece};
use super::publication::{Item, Place, Publication, Removed, Seen, Where, publication_of};
use super::reprice;
use super::stored::{Names, Stored};
use crate::Catalogue;
use crate::error::Result;
use crate::model::normalised;
use crate::onix::Record;

/// Everything that is there, in the order of its creation.
#[derive(Default)]
pub(super) struct Stock {
    below: Option<Below>,
    /// Whether nothing of the catalogue below is there: the publications came whole, from an export.
    is_whole: bool,
    /// When the catalogue below came, as far as anybody here could see.
    shelved: Millis,
    /// Whether it is another than the one before.
    is_another: bool,
    /// Those of which something has changed; they hide what the catalogue below has under their ids.
    publications: BTreeMap<Place, Publication>,
    /// When each of them was created.
    created: HashMap<String, Millis>,
    /// Whose the products of the catalogue below are, as far as anybody has asked.
    names: HashMap<u32, Arc<Names>>,
    /// Of the products that came afterwards, by their identifiers.
    ids: HashMap<String, BTreeSet<String>>,
    /// Ids of publications that changed since they were last kept.
    unkept: BTreeSet<String>,
    lost: usize,
}

/// A publication as it is kept.
#[derive(Serialize, Deserialize)]
struct KeptPublication {
    created: Millis,
    changes: Vec<Millis>,
    products: Vec<KeptProduct>,
    removed: Vec<KeptRemoval>,
}

/// A product with its own message; with none, where the catalogue below has it.
#[derive(Serialize, Deserialize)]
struct KeptProduct {
    record_reference: String,
    message: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct KeptRemoval {
    at: Millis,
    record_reference: String,
    message: String,
}

/// When the catalogue below came, and which it is: the moment at which it was published.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shelved {
    pub(super) at: Millis,
    pub(super) published: Option<Millis>,
    #[serde(default)]
    pub(super) generation: u64,
}

impl Shelved {
    fn is_of_the_same(&self, other: &Self) -> bool {
        (self.published, self.generation) == (other.published, other.generation)
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
            below: catalogue.as_ref().map(Below::new).transpose()?,
            ..Self::default()
        })
    }

    /// An empty one above the same catalogue, which this one goes without from now on.
    pub(super) fn take_below(&mut self) -> Self {
        Self {
            below: self.below.take(),
            ..Self::default()
        }
    }

    /// Takes the catalogue below back.
    pub(super) fn put_below(&mut self, other: Self) {
        self.below = other.below;
    }

    /// When the catalogue below came; nothing, where it doesn't count.
    pub(super) fn shelved(&self) -> Shelved {
        match self.below() {
            None => Shelved::default(),
            Some(below) => Shelved {
                at: self.shelved,
                published: Some(below.published),
                generation: below.generation,
            },
        }
    }

    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Begins with nothing of the catalogue below.
    pub(super) fn begin_whole(&mut self) {
        self.begin(0);
        self.is_whole = true;
    }

    /// Goes on above the catalogue below: if that is another than it was, its publications have come just now.
    pub(super) fn go_on(&mut self, before: &Shelved, now: Millis) {
        self.begin(now);
        self.is_another = !self.shelved().is_of_the_same(before);
        self.shelved = match self.is_another {
            true => now,
            false => before.at,
        };
    }

    /// Goes back to the catalogue below. Its publications have been there since it was published, and at `latest`
    /// since then; each came a millisecond after the one before it.
    pub(super) fn begin(&mut self, latest: Millis) {
        let fresh = self.take_below();
        let published = fresh.below.as_ref().map(|below| below.published);
        *self = Self {
            shelved: published.map_or(latest, |published| published.min(latest)),
            ..fresh
        };
    }

    /// The catalogue below, as far as it counts.
    fn below(&self) -> Option<&Below> {
        self.below.as_ref().filter(|_| !self.is_whole)
    }

    /// When a product of the catalogue below came.
    fn came(&self, below: &Below, n: u32) -> Millis {
        self.shelved - below.len() as Millis + Millis::from(n)
    }

    /// Where a publication of the catalogue below stands, that begins with a product.
    fn place_below(&self, below: &Below, first: u32) -> Place {
        (self.came(below, first), below.id(first).to_owned())
    }

    /// The publications of the catalogue below that nothing hides.
    fn untouched<'b>(&'b self, below: &'b Below, firsts: &'b [u32]) -> impl Iterator<Item = u32> {
        let firsts = firsts.iter().copied();
        firsts.filter(|first| !self.created.contains_key(below.id(*first)))
    }

    /// How many products are there.
    pub(super) fn products(&self) -> usize {
        let here: usize = self.publications.values().map(|one| one.items.len()).sum();
        let Some(below) = self.below() else {
            return here;
        };
        let hidden = self.created.keys().filter_map(|id| below.first_of(id));
        let hidden: usize = hidden.map(|first| below.products(first).count()).sum();
        here + below.len() - hidden
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
        learn(&mut self.ids, &stored);
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

    /// The publication that a product is of, to be changed: made if it isn't there.
    fn publication_of(&mut self, reference: &str, now: Millis) -> &mut Publication {
        let id = publication_of(reference).to_owned();
        self.unkept.insert(id.clone());
        let place = self.place(&id).unwrap_or((now, id));
        if !self.publications.contains_key(&place) {
            let below = self
                .below()
                .zip(self.below().and_then(|below| below.first_of(&place.1)));
            let publication = below.map(|(below, first)| below.publication(first));
            self.created.insert(place.1.clone(), place.0);
            self.publications
                .insert(place.clone(), publication.unwrap_or_default());
        }
        self.publications.entry(place).or_default()
    }

    /// The product of a `RecordReference`.
    fn known(&self, reference: &str) -> Option<Arc<Stored>> {
        let publication = self.publication(publication_of(reference))?;
        let mut items = publication.items.iter();
        let item = items.find(|item| item.reference == reference)?;
        self.record(item)
    }

    fn publication(&self, id: &str) -> Option<Cow<'_, Publication>> {
        if let Some(created) = self.created.get(id) {
            return self
                .publications
                .get(&(*created, id.to_owned()))
                .map(Cow::Borrowed);
        }
        let below = self.below()?;
        Some(Cow::Owned(below.publication(below.first_of(id)?)))
    }

    /// Where a publication stands.
    pub(super) fn place(&self, id: &str) -> Option<Place> {
        if let Some(created) = self.created.get(id) {
            return Some((*created, id.to_owned()));
        }
        let below = self.below()?;
        Some(self.place_below(below, below.first_of(id)?))
    }

    /// The record of a product; `None` where the catalogue below has lost it meanwhile.
    fn record(&self, item: &Item) -> Option<Arc<Stored>> {
        match &item.record {
            Where::Here(stored) => Some(Arc::clone(stored)),
            Where::Below(n) => self.below()?.record(*n),
        }
    }

    /// Where the publication behind a place stands; the first, behind none.
    pub(super) fn place_after(&self, place: Option<&Place>) -> Option<Place> {
        let begin = match place {
            Some(place) => Bound::Excluded(place),
            None => Bound::Unbounded,
        };
        let mut here = self.publications.range((begin, Bound::Unbounded));
        let here = here.next().map(|(place, _)| place.clone());
        let below = self
            .below()
            .and_then(|below| self.below_after(below, place));
        match (here, below) {
            (Some(here), Some(below)) => Some(here.min(below)),
            (here, below) => here.or(below),
        }
    }

    /// The same of those that nothing hides.
    fn below_after(&self, below: &Below, place: Option<&Place>) -> Option<Place> {
        let firsts = below.firsts();
        let is_before = |first: &u32| {
            let came = self.came(below, *first);
            place.is_some_and(|(created, id)| (came, below.id(*first)) <= (*created, id.as_str()))
        };
        let behind = &firsts[firsts.partition_point(is_before)..];
        let first = self.untouched(below, behind).next()?;
        Some(self.place_below(below, first))
    }

    /// Places of the publications that changed in these seconds, both included, in the order of their first change
    /// there.
    pub(super) fn changed(&self, from: i64, to: i64) -> Vec<Place> {
        let within = |at: &&Millis| (from..=to).contains(&second(**at));
        let here = self.publications.iter().filter_map(|(place, publication)| {
            let mut moments = std::iter::once(&place.0).chain(&publication.changes);
            Some((*moments.find(within)?, place.clone()))
        });
        let mut changed: Vec<(Millis, Place)> = here.collect();
        if let Some(below) = self.below() {
            // All of it came at once; when each came says no more than its place in the order.
            let came = self.untouched(below, below.firsts());
            let came = came.filter(|_| within(&&self.shelved));
            changed.extend(came.map(|first| (self.shelved, self.place_below(below, first))));
        }
        changed.sort();
        changed.into_iter().map(|(_, place)| place).collect()
    }

    /// What an organisation sees of a publication: its products, and those removed since that second, if any is
    /// given. `None` where that is nothing.
    pub(super) fn seen(
        &mut self,
        place: &Place,
        publishers: &Publishers,
        removed_since: Option<i64>,
    ) -> Option<Seen> {
        let publication = self.publication(&place.1)?.into_owned();
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
            changed: publication
                .changes
                .last()
                .copied()
                .unwrap_or_else(|| self.changed_first(place)),
            products,
            removed,
        };
        (!seen.is_empty()).then_some(seen)
    }

    /// When a publication changed that hasn't since it came.
    fn changed_first(&self, place: &Place) -> Millis {
        match self.created.contains_key(&place.1) {
            true => place.0,
            false => self.shelved,
        }
    }

    /// The record of a product, if the organisation sees it. One that it is known not to see isn't read again.
    fn record_seen(&mut self, item: &Item, publishers: &Publishers) -> Option<Arc<Stored>> {
        let is_all = *publishers == Publishers::All;
        let is_theirs = is_all || is_of(self.names_of(item)?.as_ref(), publishers);
        self.record(item).filter(|_| is_theirs)
    }

    /// Whose a product is.
    fn names_of(&mut self, item: &Item) -> Option<Arc<Names>> {
        let n = match &item.record {
            Where::Here(stored) => return Some(Arc::clone(&stored.names)),
            Where::Below(n) => *n,
        };
        if let Some(names) = self.names.get(&n) {
            return Some(Arc::clone(names));
        }
        let names = Arc::clone(&self.record(item)?.names);
        let known = self.names.entry(n);
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
        let Some(below) = self.below() else {
            return Vec::new();
        };
        let standing = below.found(id).into_iter().filter(|n| {
            let publication = self.publication(publication_of(below.reference(*n)));
            publication.is_some_and(|publication| publication.has_below(*n))
        });
        standing.filter_map(|n| below.record(n)).collect()
    }

    /// Whether nothing was ever put here.
    pub(super) fn is_untouched(&self) -> bool {
        self.publications.is_empty()
    }

    /// How many products were to be taken back that the catalogue below doesn't have.
    pub(super) fn lost(&self) -> usize {
        self.lost
    }

    pub(super) fn forget_changes(&mut self) {
        self.unkept.clear();
    }

    pub(super) fn take_changes(&mut self, out: &mut Vec<Piece>) {
        for id in std::mem::take(&mut self.unkept) {
            out.extend(self.piece(&id, false));
        }
    }

    /// The publications of which something changed; all of them with all of their records, if it is to be whole.
    pub(super) fn pieces(&self, is_whole: bool) -> Vec<Piece> {
        let below = self.below().filter(|_| is_whole);
        let below = below.into_iter().flat_map(|below| {
            self.untouched(below, below.firsts())
                .map(|first| below.id(first))
        });
        let ids = self.created.keys().map(String::as_str).chain(below);
        let mut pieces: Vec<Piece> = ids.filter_map(|id| self.piece(id, is_whole)).collect();
        pieces.sort_by(|one, other| one.key.cmp(&other.key));
        pieces
    }

    fn piece(&self, id: &str, is_whole: bool) -> Option<Piece> {
        let publication = self.publication(id)?;
        let product = |item: &Item| {
            let message = match &item.record {
                Where::Below(_) if !is_whole => None,
                _ => Some(self.record(item)?.message().to_owned()),
            };
            Some(KeptProduct {
                record_reference: item.reference.clone(),
                message,
            })
        };
        let removal = |removed: &Removed| KeptRemoval {
            at: removed.at,
            record_reference: removed.was.reference.clone(),
            message: removed.was.message().to_owned(),
        };
        let kept = KeptPublication {
            created: self.place(id)?.0,
            changes: match self.created.contains_key(id) {
                true => publication.changes.clone(),
                false => vec![self.shelved],
            },
            products: publication.items.iter().filter_map(product).collect(),
            removed: publication.removed.iter().map(removal).collect(),
        };
        Some(Piece::new(Part::Publication, id, &kept))
    }

    /// Takes a publication back. What the catalogue below has of it, and neither it nor what was removed of it names, stays.
    pub(super) fn restore(&mut self, id: String, value: &str) -> Option<()> {
        let kept: KeptPublication = serde_json::from_str(value).ok()?;
        let mut publication = Publication {
            changes: kept.changes,
            ..Publication::default()
        };
        for product in kept.products {
            publication.items.extend(self.restored(product)?);
        }
        for removed in kept.removed {
            publication.removed.push(removed.restored()?);
        }
        let below = self
            .below()
            .zip(self.below().and_then(|below| below.first_of(&id)));
        let below = below.map(|(below, first)| below.publication(first).items);
        for item in below.unwrap_or_default() {
            if !publication.names(&item.reference) {
                publication.items.push(item);
            }
        }
        let is_below = |item: &Item| matches!(item.record, Where::Below(_));
        if self.is_another && publication.items.iter().any(is_below) {
            publication.changes.push(self.shelved);
            self.unkept.insert(id.clone());
        }
        self.created.insert(id.clone(), kept.created);
        self.publications.insert((kept.created, id), publication);
        Some(())
    }

    /// A product as it was kept: none, where the catalogue below no longer has it.
    fn restored(&mut self, kept: KeptProduct) -> Option<Option<Item>> {
        let record = match kept.message {
            Some(message) => {
                let stored = Stored::named(message, &kept.record_reference)?;
                learn(&mut self.ids, &stored);
                Some(Where::Here(Arc::new(stored)))
            }
            None => {
                let below = self.below();
                let n = below.and_then(|below| below.product(&kept.record_reference));
                self.lost += usize::from(n.is_none());
                n.map(Where::Below)
            }
        };
        Some(record.map(|record| Item {
            reference: kept.record_reference,
            record,
        }))
    }

    /// Whose the products are that an organisation sees. Of a large catalogue that takes its time at first.
    pub(super) fn names_seen(&mut self, publishers: &Publishers) -> Vec<Arc<Names>> {
        let here = self.publications.values();
        let mut items: Vec<Item> = here.flat_map(|one| one.items.clone()).collect();
        if let Some(below) = self.below() {
            let untouched = self.untouched(below, below.firsts());
            items.extend(untouched.flat_map(|first| below.publication(first).items));
        }
        let names = items.iter().filter_map(|item| self.names_of(item));
        names.filter(|names| is_of(names, publishers)).collect()
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
fn learn(ids: &mut HashMap<String, BTreeSet<String>>, stored: &Stored) {
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
