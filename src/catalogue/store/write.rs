//! The next generation of the store, being made: records taken, outdone and marked; parts closed and joined.

use std::path::Path;
use std::sync::Arc;

use super::build::PartBuilder;
use super::part::Part;
use super::standing::{Dead, DeadOf, Standing};
use super::{BTreeMap, Held, Manifest, State, Store};
use crate::catalogue::changes::{Changed, Gathered};
use crate::catalogue::folder::unwritten;
use crate::catalogue::run::Version;
use crate::catalogue::works::WorkKeys;
use crate::error::Result;
use crate::model::Moment;
use crate::sale::Offers;

/// A record on its way into the store.
pub(in crate::catalogue) struct Arrival {
    pub(in crate::catalogue) source: String,
    pub(in crate::catalogue) version: Version,
    /// Over what of it no sale depends on.
    pub(in crate::catalogue) rest: u64,
    pub(in crate::catalogue) offers: Offers,
    pub(in crate::catalogue) title: Option<String>,
    /// As a number, 0 where it has none.
    pub(in crate::catalogue) isbn13: u64,
    pub(in crate::catalogue) ids: Vec<u64>,
    pub(in crate::catalogue) related: Vec<u64>,
    pub(in crate::catalogue) work: WorkKeys,
    /// The message that is kept, if it is.
    pub(in crate::catalogue) message: Option<String>,
    pub(in crate::catalogue) is_removal: bool,
}

/// A part is let be once it has this many records.
const FULL: u32 = 125_000;
/// Neighbours of like size that are joined once there are as many.
const ALIKE: usize = 4;
/// Parts there are at most, full ones aside.
const MOST: usize = 10;

/// The next generation, being made.
pub(in crate::catalogue) struct StoreWriter {
    store: Store,
    before: Arc<State>,
    parts: Vec<Arc<Part>>,
    dead: Vec<Dead>,
    marks: Vec<u64>,
    builder: Option<PartBuilder>,
    /// Serial numbers of those outdone that were there before.
    outdone: Vec<u64>,
    /// Of the builder's records, those outdone by others of the same run.
    dead_in_builder: Dead,
    next_serial: u64,
    next_name: u64,
    is_finished: bool,
}

/// What wasn't published takes no room.
impl Drop for StoreWriter {
    fn drop(&mut self) {
        if !self.is_finished {
            let _ = self.store.clear(&self.before.manifest);
        }
    }
}

impl StoreWriter {
    pub(in crate::catalogue) fn new(store: &Store, before: Arc<State>) -> Result<Self> {
        store.clear(&before.manifest)?;
        let numbers = before
            .manifest
            .parts
            .iter()
            .filter_map(|name| name.parse::<u64>().ok());
        Ok(Self {
            store: store.clone(),
            parts: before.parts.clone(),
            dead: before.dead.clone(),
            marks: before.standing.marks.clone(),
            builder: None,
            outdone: Vec::new(),
            dead_in_builder: Dead::default(),
            next_serial: before.standing.next_serial,
            next_name: numbers.max().unwrap_or(0) + 1,
            is_finished: false,
            before,
        })
    }

    fn name(&mut self) -> String {
        let name = format!("{:08}", self.next_name);
        self.next_name += 1;
        name
    }

    /// The name of the part that is being made.
    fn open_name(&self) -> String {
        format!("{:08}", self.next_name)
    }

    /// The serial number that the next record gets.
    pub(in crate::catalogue) fn next_serial(&self) -> u64 {
        self.next_serial
    }

    /// Takes a record.
    pub(in crate::catalogue) fn add(&mut self, arrival: &Arrival) -> Result<()> {
        let path = self.open_name();
        let store = &self.store;
        let builder = self
            .builder
            .get_or_insert_with(|| PartBuilder::new(store.out(&path)));
        builder
            .add(arrival, self.next_serial)
            .map_err(|error| unwritten(Path::new(&path), error))?;
        self.next_serial += 1;
        if builder.len() >= FULL {
            self.close(0)?;
        }
        Ok(())
    }

    /// Whether other products are marked than before.
    pub(in crate::catalogue) fn has_other_marks(&self) -> bool {
        self.marks != self.before.standing.marks
    }

    /// A record is outdone.
    pub(in crate::catalogue) fn outdo(&mut self, serial: u64) {
        if let Ok(at) = self.marks.binary_search(&serial) {
            self.marks.remove(at);
        }
        if let Some(builder) = &self.builder
            && builder.first_serial().is_some_and(|first| first <= serial)
        {
            if let Some(n) = builder.of_serial(serial) {
                self.dead_in_builder.add(n);
            }
            return;
        }
        for (part, dead) in self.parts.iter().zip(&mut self.dead) {
            if let Some(n) = part.of_serial(serial) {
                dead.add(n);
                self.outdone.push(serial);
                return;
            }
        }
    }

    /// The last record of a product was set aside: the one before it stays.
    pub(in crate::catalogue) fn mark(&mut self, serial: u64) {
        if let Err(at) = self.marks.binary_search(&serial) {
            self.marks.insert(at, serial);
        }
    }

    /// Makes the open part whole.
    pub(in crate::catalogue) fn close(&mut self, products: u64) -> Result<()> {
        let name = self.name();
        let builder = match self.builder.take() {
            Some(builder) => builder,
            None => PartBuilder::new(self.store.out(&name)),
        };
        let dead = std::mem::take(&mut self.dead_in_builder);
        self.dead.push(dead);
        let standing = self.standing(products, &name);
        let made = builder
            .finish(&standing)
            .map_err(|error| unwritten(Path::new(&name), error))?;
        self.parts.push(Arc::new(Part::open(&name, made.bytes)?));
        Ok(())
    }

    fn standing(&self, products: u64, newest: &str) -> Standing {
        let names = self
            .parts
            .iter()
            .map(|part| part.name.as_str())
            .chain([newest]);
        let dead = names
            .zip(&self.dead)
            .filter(|(_, dead)| dead.n > 0)
            .map(|(name, dead)| DeadOf {
                part: name.to_owned(),
                steps: dead.steps(),
            });
        Standing {
            next_serial: self.next_serial,
            products,
            dead: dead.collect(),
            marks: self.marks.clone(),
        }
    }

    /// What differs for sale from the generation before; asked before anything is joined.
    pub(in crate::catalogue) fn changes(&self, at: Moment) -> Gathered {
        let mut out = Gathered::default();
        let mut met = std::collections::HashSet::new();
        let is_new = |part: &Part| !self.before.manifest.parts.contains(&part.name);
        let new = self
            .parts
            .iter()
            .zip(&self.dead)
            .filter(|(part, _)| is_new(part));
        for (part, dead) in new {
            for n in (0..part.len()).filter(|n| !dead.has(*n)) {
                let (held, meta) = (Held::new(part, n), part.meta(n));
                let is_product = |held: &Held<'_>| !held.is_removal();
                let before = self.before.of_key(held.source(), held.reference());
                met.extend(before.map(|before| before.serial()));
                let before = before.filter(is_product);
                let after = Some(held).filter(is_product);
                let rest = |held: &Held<'_>| held.part.meta(held.n).map(|meta| meta.rest);
                let is_other_text = before.is_some_and(|before| {
                    rest(&before) != meta.map(|meta| meta.rest) && after.is_some()
                });
                if let Some(known) = after.or(before) {
                    out.add(&changed(known, before, after, is_other_text), at);
                }
            }
        }
        // Removed, and nothing that remembers it.
        for serial in &self.outdone {
            if let Some(before) = self
                .before
                .of_serial(*serial)
                .filter(|_| !met.contains(serial))
                && !before.is_removal()
            {
                out.add(&changed(before, Some(before), None, false), at);
            }
        }
        out
    }

    /// Writes everything but the manifest, which is to be committed with the text; asked after
    /// [`close`](Self::close).
    pub(in crate::catalogue) fn finish(
        mut self,
        products: u64,
        generation: u64,
        at: i64,
    ) -> Result<Manifest> {
        self.join(products)?;
        let mut names = Vec::new();
        for part in &self.parts {
            let is_new = !self.before.manifest.parts.contains(&part.name);
            if is_new {
                self.store.publish(&part.name, part.all_bytes())?;
            }
            names.push(part.name.clone());
        }
        self.is_finished = true;
        Ok(Manifest {
            generation,
            at,
            parts: names,
            cursors: BTreeMap::new(),
            deliveries: BTreeMap::new(),
        })
    }

    fn alive(&self, at: usize) -> u32 {
        self.parts[at].len() - self.dead[at].n
    }

    /// Joins neighbours of like size, and what is mostly outdone.
    fn join(&mut self, products: u64) -> Result<()> {
        // Parts of which nothing is left; the newest stays, for its list.
        for at in (0..self.parts.len() - 1).rev() {
            if self.alive(at) == 0 {
                self.parts.remove(at);
                self.dead.remove(at);
            }
        }
        let mut first = self.parts.len() - 1;
        loop {
            let tier = |n: u32| n.max(50).ilog(4);
            let of_tail = (first..self.parts.len())
                .map(|at| self.alive(at))
                .sum::<u32>();
            let alike = (0..first)
                .rev()
                .take_while(|at| tier(self.alive(*at)) <= tier(of_tail))
                .filter(|at| self.alive(*at) < FULL)
                .count();
            let n_small = (0..self.parts.len())
                .filter(|at| self.alive(*at) < FULL)
                .count();
            if alike + 1 >= ALIKE {
                first -= alike;
            } else if n_small > MOST && first > 0 && self.alive(first - 1) < FULL {
                first -= 1;
            } else {
                break;
            }
        }
        // An older part most of which is outdone is written anew where it is: serial numbers rise from part to
        // part.
        let is_mostly_dead = |dead: &Dead, part: &Part| dead.n > part.len() / 2;
        for at in 0..first {
            if is_mostly_dead(&self.dead[at], &self.parts[at]) {
                let (part, dead) = (Arc::clone(&self.parts[at]), self.dead[at].clone());
                let name = self.name();
                self.parts[at] = self.joined(name, &[part], &[dead], &Standing::default())?;
                self.dead[at] = Dead::default();
            }
        }
        let newest = self.parts.len() - 1;
        if first == newest && !is_mostly_dead(&self.dead[newest], &self.parts[newest]) {
            return Ok(());
        }
        let (parts, dead) = (self.parts.split_off(first), self.dead.split_off(first));
        self.dead.push(Dead::default());
        let name = self.name();
        let standing = self.standing(products, &name);
        let joined = self.joined(name, &parts, &dead, &standing)?;
        self.parts.push(joined);
        Ok(())
    }

    /// What is left of neighbours, as one.
    fn joined(
        &self,
        name: String,
        parts: &[Arc<Part>],
        dead: &[Dead],
        standing: &Standing,
    ) -> Result<Arc<Part>> {
        let mut builder = PartBuilder::new(self.store.out(&name));
        for (part, dead) in parts.iter().zip(dead) {
            builder.join(part, dead)?;
        }
        let made = builder
            .finish(standing)
            .map_err(|error| unwritten(Path::new(&name), error))?;
        Ok(Arc::new(Part::open(&name, made.bytes)?))
    }
}

fn changed<'c>(
    known: Held<'c>,
    before: Option<Held<'c>>,
    after: Option<Held<'c>>,
    is_other_text: bool,
) -> Changed<'c> {
    Changed {
        record_reference: known.reference(),
        source: known.source(),
        isbn13: known.part.isbn13(known.n),
        before: before.and_then(|held| held.part.offers(held.n)),
        after: after.and_then(|held| held.part.offers(held.n)),
        is_other_text,
    }
}
