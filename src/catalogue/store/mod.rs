//! What is looked up: offers, keys and kept records, in parts that never change.
//!
//! A commit adds a part; what it outdoes is a number in the newest part's list. Which parts make up the catalogue
//! stands in the text index's own commit ([`Manifest`]), so that text and offers are of one generation: whatever
//! is killed when, they are the old one or the new one. Parts of like size are joined as they gather, so that
//! there are never many.

mod build;
mod bytes;
mod ids;
mod part;
mod records;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use self::build::{Out, PartBuilder};
use self::bytes::Bytes;
pub(super) use self::ids::number;
pub(super) use self::part::Part;
use super::changes::{Changed, Gathered};
use super::folder::{sync_folder, unwritten};
use super::key::{key, key_hash};
use super::run::{Known, Version};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Moment;
use crate::model::code::coded_struct;
use crate::sale::{Offers, OffersRef};

/// Where parts are.
#[derive(Clone)]
pub(super) enum Store {
    Folder(PathBuf),
    Memory(Arc<Mutex<BTreeMap<String, Arc<Bytes>>>>),
}

/// Which parts make up a generation: what the text index keeps with its commit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) generation: u64,
    /// When it was published, in seconds since 1970.
    pub(super) at: i64,
    /// The oldest first.
    pub(super) parts: Vec<String>,
    /// Up to where each source has been fetched.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) cursors: BTreeMap<String, String>,
}

/// A generation, open for reading.
pub(super) struct State {
    pub(super) manifest: Manifest,
    parts: Vec<Arc<Part>>,
    dead: Vec<Dead>,
    standing: Standing,
}

/// Records of a part that later ones have outdone.
#[derive(Debug, Clone, Default)]
pub(super) struct Dead {
    bits: Vec<u64>,
    n: u32,
}

/// What of the whole catalogue changes with every commit; the newest part has it.
#[derive(Debug, Clone, Default)]
struct Standing {
    /// The first serial number that is free.
    next_serial: u64,
    products: u64,
    /// Of each part that has any, those of its records that are outdone, each by its distance from the one before.
    dead: Vec<DeadOf>,
    /// Products whose last record was set aside.
    marks: Vec<u64>,
}

#[derive(Debug, Clone, Default)]
struct DeadOf {
    part: String,
    steps: Vec<u64>,
}

coded_struct!(Standing {
    next_serial,
    products,
    dead,
    marks
});
coded_struct!(DeadOf { part, steps });

/// A record on its way into the store.
pub(super) struct Arrival {
    pub(super) source: String,
    pub(super) version: Version,
    /// Over what of it no sale depends on.
    pub(super) rest: u64,
    pub(super) offers: Offers,
    pub(super) title: Option<String>,
    /// As a number, 0 where it has none.
    pub(super) isbn13: u64,
    pub(super) ids: Vec<u64>,
    pub(super) related: Vec<u64>,
    /// The message that is kept, if it is.
    pub(super) message: Option<String>,
    pub(super) is_removal: bool,
}

/// A record of a generation.
#[derive(Clone, Copy)]
pub(super) struct Held<'s> {
    pub(super) part: &'s Part,
    pub(super) n: u32,
}

impl<'s> Held<'s> {
    pub(super) fn offers(&self) -> Option<OffersRef<'s>> {
        self.part.offers(self.n)
    }

    pub(super) fn source(&self) -> &'s str {
        self.part.source(self.n).unwrap_or_default()
    }

    pub(super) fn reference(&self) -> &'s str {
        self.part.reference(self.n).unwrap_or_default()
    }

    pub(super) fn serial(&self) -> u64 {
        self.part.serial(self.n)
    }

    pub(super) fn message(&self) -> Result<String> {
        self.part.message(self.n)
    }

    pub(super) fn is_removal(&self) -> bool {
        self.part.meta(self.n).is_some_and(|meta| meta.is_removal)
    }
}

impl Dead {
    #[inline]
    pub(super) fn has(&self, n: u32) -> bool {
        let word = self.bits.get(n as usize / 64);
        word.is_some_and(|word| word >> (n % 64) & 1 != 0)
    }

    fn add(&mut self, n: u32) {
        let at = n as usize / 64;
        if at >= self.bits.len() {
            self.bits.resize(at + 1, 0);
        }
        let bit = 1 << (n % 64);
        self.n += u32::from(self.bits[at] & bit == 0);
        self.bits[at] |= bit;
    }

    fn steps(&self) -> Vec<u64> {
        let all = (0..self.bits.len() as u32 * 64).filter(|n| self.has(*n));
        let mut last = 0;
        all.map(|n| u64::from(n - std::mem::replace(&mut last, n)))
            .collect()
    }

    fn of_steps(steps: &[u64]) -> Self {
        let mut out = Self::default();
        let mut n = 0u32;
        for step in steps {
            n = n.saturating_add(u32::try_from(*step).unwrap_or(u32::MAX));
            // A damaged list asks for no more than a part can have.
            if n < 1 << 28 {
                out.add(n);
            }
        }
        out
    }
}

impl State {
    /// The records of which this identifier, as a [`number`], is their own.
    #[inline]
    pub(super) fn of_id(&self, number: u64) -> impl Iterator<Item = Held<'_>> {
        self.of(move |part| part.of_id(number))
    }

    /// Those that name it as a related product's.
    pub(super) fn of_related(&self, number: u64) -> impl Iterator<Item = Held<'_>> {
        self.of(move |part| part.of_related(number))
    }

    #[inline]
    fn of<'s, I: Iterator<Item = u32> + 's>(
        &'s self,
        find: impl Fn(&'s Part) -> I + 's,
    ) -> impl Iterator<Item = Held<'s>> + 's {
        self.parts
            .iter()
            .zip(&self.dead)
            .flat_map(move |(part, dead)| {
                find(part)
                    .filter(|n| !dead.has(*n))
                    .map(|n| Held { part, n })
            })
    }

    /// The record of a serial number.
    #[inline]
    pub(super) fn of_serial(&self, serial: u64) -> Option<Held<'_>> {
        self.parts.iter().find_map(|part| {
            let n = part.of_serial(serial)?;
            Some(Held { part, n })
        })
    }

    /// What is there of a key, and under which serial number.
    pub(super) fn known(&self, source: &str, reference: &str) -> Option<(Known, u64)> {
        let held = self.of_key(source, reference)?;
        Some((held.part.meta(held.n)?.known(), held.serial()))
    }

    pub(super) fn of_key(&self, source: &str, reference: &str) -> Option<Held<'_>> {
        let hash = key_hash(&key(source, reference));
        self.parts
            .iter()
            .zip(&self.dead)
            .rev()
            .find_map(|(part, dead)| {
                let n = part
                    .of_key(hash, source, reference)
                    .find(|n| !dead.has(*n))?;
                Some(Held { part, n })
            })
    }

    /// Products in it.
    pub(super) fn products(&self) -> u64 {
        self.standing.products
    }

    /// Every product, in the order of its arrival.
    pub(super) fn all(&self) -> impl Iterator<Item = Held<'_>> {
        let all = self.of(|part| 0..part.len());
        all.filter(|held| !held.is_removal())
    }

    /// Every removal that is remembered.
    pub(super) fn removals(&self) -> impl Iterator<Item = Held<'_>> {
        let all = self.of(|part| 0..part.len());
        all.filter(Held::is_removal)
    }

    pub(super) fn parts(&self) -> &[Arc<Part>] {
        &self.parts
    }

    pub(super) fn n_marked(&self) -> usize {
        self.standing.marks.len()
    }

    pub(super) fn is_marked(&self, serial: u64) -> bool {
        self.standing.marks.binary_search(&serial).is_ok()
    }
}

/// A part is let be once it has this many records.
const FULL: u32 = 200_000;
/// Neighbours of like size that are joined once there are as many.
const ALIKE: usize = 4;
/// Parts there are at most, full ones aside.
const MOST: usize = 10;

impl Store {
    pub(super) fn in_memory() -> Self {
        Store::Memory(Arc::default())
    }

    /// Opens what a manifest names, with the parts that are open already.
    pub(super) fn open(&self, manifest: Manifest, open: Option<&State>) -> Result<State> {
        let part = |name: &String| match open
            .and_then(|open| open.parts.iter().find(|part| part.name == *name))
        {
            Some(part) => Ok(Arc::clone(part)),
            None => Part::open(name, self.bytes(name)?).map(Arc::new),
        };
        let parts: Vec<Arc<Part>> = manifest.parts.iter().map(part).collect::<Result<_>>()?;
        let standing: Standing = match parts.last() {
            Some(part) => part.standing()?,
            None => Standing::default(),
        };
        let dead = parts.iter().map(|part| {
            let of_part = standing.dead.iter().find(|dead| dead.part == part.name);
            of_part.map_or(Dead::default(), |dead| Dead::of_steps(&dead.steps))
        });
        Ok(State {
            dead: dead.collect(),
            manifest,
            parts,
            standing: Standing {
                dead: Vec::new(),
                ..standing
            },
        })
    }

    fn bytes(&self, name: &str) -> Result<Arc<Bytes>> {
        match self {
            Store::Folder(folder) => {
                let path = folder.join(name);
                let failed = |error| Error::io(format!("opening {}", path.display()), error);
                let file = File::open(&path).map_err(failed)?;
                Bytes::map(&file).map(Arc::new).map_err(failed)
            }
            Store::Memory(all) => {
                let all = all.lock().unwrap_or_else(PoisonError::into_inner);
                all.get(name).cloned().ok_or_else(|| {
                    Error::new(ErrorKind::Index {
                        what: format!("there is no part {name}"),
                    })
                })
            }
        }
    }

    /// Removes what no generation names: what a killed run left, and parts joined into others.
    pub(super) fn clear(&self, manifest: &Manifest) -> Result<()> {
        let is_named = |name: &str| manifest.parts.iter().any(|part| part == name);
        match self {
            Store::Folder(folder) => {
                let failed = |error| Error::io(format!("clearing {}", folder.display()), error);
                for item in fs::read_dir(folder).map_err(failed)? {
                    let item = item.map_err(failed)?;
                    let name = item.file_name();
                    if !name.to_str().is_some_and(is_named) {
                        fs::remove_file(item.path()).map_err(failed)?;
                    }
                }
            }
            Store::Memory(all) => {
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                all.retain(|name, _| is_named(name));
            }
        }
        Ok(())
    }

    /// Gives a part its name, for good.
    fn publish(&self, name: &str, bytes: &Arc<Bytes>) -> Result<()> {
        match self {
            Store::Folder(folder) => {
                let path = folder.join(name);
                let failed = |error| unwritten(&path, error);
                let unfinished = folder.join(unfinished(name));
                let file = match &**bytes {
                    Bytes::Memory(bytes) => {
                        let mut file = File::create(&unfinished).map_err(failed)?;
                        file.write_all(bytes).map_err(failed)?;
                        file
                    }
                    Bytes::Mapped(_) => File::open(&unfinished).map_err(failed)?,
                };
                file.sync_all().map_err(failed)?;
                let mut permissions = file.metadata().map_err(failed)?.permissions();
                permissions.set_readonly(true);
                file.set_permissions(permissions).map_err(failed)?;
                fs::rename(&unfinished, &path).map_err(failed)?;
                sync_folder(folder).map_err(failed)
            }
            Store::Memory(all) => {
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                all.insert(name.to_owned(), Arc::clone(bytes));
                Ok(())
            }
        }
    }

    fn out(&self, name: &str) -> Out {
        Out::new(match self {
            Store::Folder(folder) => Some(folder.join(unfinished(name))),
            Store::Memory(_) => None,
        })
    }
}

fn unfinished(name: &str) -> String {
    format!("{name}.unfinished")
}

/// The next generation, being made.
pub(super) struct StoreWriter {
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
    pub(super) fn new(store: &Store, before: Arc<State>) -> Result<Self> {
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
    pub(super) fn next_serial(&self) -> u64 {
        self.next_serial
    }

    /// Takes a record.
    pub(super) fn add(&mut self, arrival: &Arrival) -> Result<()> {
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
    pub(super) fn has_other_marks(&self) -> bool {
        self.marks != self.before.standing.marks
    }

    /// A record is outdone.
    pub(super) fn outdo(&mut self, serial: u64) {
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
    pub(super) fn mark(&mut self, serial: u64) {
        if let Err(at) = self.marks.binary_search(&serial) {
            self.marks.insert(at, serial);
        }
    }

    /// Makes the open part whole.
    pub(super) fn close(&mut self, products: u64) -> Result<()> {
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
    pub(super) fn changes(&self, at: Moment) -> Gathered {
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
                let (held, meta) = (Held { part, n }, part.meta(n));
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
    pub(super) fn finish(mut self, products: u64, generation: u64, at: i64) -> Result<Manifest> {
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
        before: before.and_then(|held| held.offers()),
        after: after.and_then(|held| held.offers()),
        is_other_text,
    }
}
