//! The catalogue below: only read, and of which nothing but keys is known until a record is asked for.
//!
//! A product is a number there, in the order of arrival. A hundred thousand of them take some megabytes and a few
//! milliseconds.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use super::clock::Millis;
use super::publication::{Item, Publication, Where, publication_of};
use super::stored::Stored;
use crate::Catalogue;
use crate::catalogue::{FoundBy, Kept};
use crate::error::Result;

/// The catalogue below.
pub(super) struct Below {
    catalogue: Catalogue,
    pub(super) published: Millis,
    pub(super) generation: u64,
    /// `RecordReference`s, one behind the other.
    references: String,
    products: Vec<Product>,
    sources: Vec<String>,
    /// The products with which publications begin.
    firsts: Vec<u32>,
    /// The same by the publications' ids.
    by_id: HashMap<Box<str>, u32>,
    recent: RefCell<Recent>,
}

/// What was read lately: who simulates a sale asks for the same book again, to sell it.
#[derive(Default)]
struct Recent {
    records: HashMap<u32, Arc<Stored>>,
    found: HashMap<String, Vec<u32>>,
}

/// So many records are remembered, and as many identifiers.
const RECENT: usize = 2_000;

/// Remembers a value; where there are too many, it begins anew.
fn remember<K: Eq + Hash, V>(known: &mut HashMap<K, V>, key: K, value: V) {
    if known.len() >= RECENT {
        known.clear();
    }
    known.insert(key, value);
}

/// A product: where its `RecordReference` ends, who sent it, and the next one of its publication.
struct Product {
    end: usize,
    source: u32,
    next: Option<u32>,
}

impl Below {
    /// The catalogue as it is now; what is published later is for the next stand-in.
    pub(super) fn new(catalogue: &Catalogue) -> Result<Self> {
        let catalogue = catalogue.still();
        let stats = catalogue.stats()?;
        let published = stats.published;
        let mut below = Self {
            published: published.map_or(0, |at| at.as_unix().saturating_mul(1000)),
            generation: stats.generation,
            references: String::new(),
            products: Vec::new(),
            sources: Vec::new(),
            firsts: Vec::new(),
            by_id: HashMap::new(),
            recent: RefCell::default(),
            catalogue,
        };
        below.read_keys();
        // What is served are the records, which a catalogue may do without.
        if !below.products.is_empty() {
            let first = below.catalogue.keyed(below.source(0), below.reference(0))?;
            first.as_ref().map(Kept::xml).transpose()?;
        }
        Ok(below)
    }

    fn read_keys(&mut self) {
        let mut keys = Keys {
            below: self,
            lasts: HashMap::new(),
        };
        let catalogue = keys.below.catalogue.clone();
        catalogue.for_each_key(|source, reference| keys.add(source, reference));
    }

    /// How many products it has.
    pub(super) fn len(&self) -> usize {
        self.products.len()
    }

    pub(super) fn reference(&self, n: u32) -> &str {
        let n = n as usize;
        let begin = n
            .checked_sub(1)
            .map_or(0, |before| self.products[before].end);
        &self.references[begin..self.products[n].end]
    }

    fn source(&self, n: u32) -> &str {
        &self.sources[self.products[n as usize].source as usize]
    }

    /// The products with which publications begin, in their order.
    pub(super) fn firsts(&self) -> &[u32] {
        &self.firsts
    }

    /// The product with which the publication of an id begins.
    pub(super) fn first_of(&self, id: &str) -> Option<u32> {
        self.by_id.get(id).copied()
    }

    /// The id of the publication that begins with a product.
    pub(super) fn id(&self, first: u32) -> &str {
        publication_of(self.reference(first))
    }

    /// The products of a publication.
    pub(super) fn products(&self, first: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(Some(first), |n| self.products[*n as usize].next)
    }

    /// A publication as it is here.
    pub(super) fn publication(&self, first: u32) -> Publication {
        let item = |n| Item {
            reference: self.reference(n).to_owned(),
            record: Where::Below(n),
        };
        Publication {
            items: self.products(first).map(item).collect(),
            ..Publication::default()
        }
    }

    /// The product of a `RecordReference`.
    pub(super) fn product(&self, reference: &str) -> Option<u32> {
        let first = self.first_of(publication_of(reference))?;
        self.products(first)
            .find(|n| self.reference(*n) == reference)
    }

    /// The record of a product; `None` where the catalogue has lost it meanwhile.
    pub(super) fn record(&self, n: u32) -> Option<Arc<Stored>> {
        if let Some(known) = self.recent.borrow().records.get(&n) {
            return Some(Arc::clone(known));
        }
        let read = self.read(n)?;
        remember(&mut self.recent.borrow_mut().records, n, Arc::clone(&read));
        Some(read)
    }

    fn read(&self, n: u32) -> Option<Arc<Stored>> {
        let kept = self.catalogue.keyed(self.source(n), self.reference(n));
        let kept = kept.ok()??;
        let stored = Stored::of(&kept.entry, kept.xml().ok()?.to_owned())?;
        Some(Arc::new(stored))
    }

    /// The products of an identifier.
    pub(super) fn found(&self, id: &str) -> Vec<u32> {
        if let Some(known) = self.recent.borrow().found.get(id) {
            return known.clone();
        }
        let found = self.find(id);
        remember(
            &mut self.recent.borrow_mut().found,
            id.to_owned(),
            found.clone(),
        );
        found
    }

    fn find(&self, id: &str) -> Vec<u32> {
        let found = self.catalogue.product(id, None).unwrap_or_default();
        let own = found.iter().filter(|kept| kept.found_by == FoundBy::Own);
        let numbers = own.filter_map(|kept| {
            let n = self.product(&kept.entry.record_reference)?;
            (*self.source(n) == *kept.source).then_some(n)
        });
        numbers.collect()
    }
}

/// The keys as they are read.
struct Keys<'b> {
    below: &'b mut Below,
    /// The last product so far of each publication that has more than one.
    lasts: HashMap<u32, u32>,
}

impl Keys<'_> {
    fn add(&mut self, source: &str, reference: &str) {
        let below = &mut *self.below;
        let n = u32::try_from(below.products.len()).expect("a catalogue has fewer products");
        let id = publication_of(reference);
        match below.by_id.get(id).copied() {
            None => {
                below.by_id.insert(id.into(), n);
                below.firsts.push(n);
            }
            Some(first) => {
                // Of several sources' products of one name the first is the one.
                if below
                    .products(first)
                    .any(|known| below.reference(known) == reference)
                {
                    return;
                }
                let last = self.lasts.insert(first, n).unwrap_or(first);
                below.products[last as usize].next = Some(n);
            }
        }
        below.references.push_str(reference);
        let known = below.sources.iter().position(|known| known == source);
        let source = known.unwrap_or_else(|| {
            below.sources.push(source.to_owned());
            below.sources.len() - 1
        });
        below.products.push(Product {
            end: below.references.len(),
            source: source as u32,
            next: None,
        });
    }
}
