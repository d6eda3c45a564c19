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
mod standing;
mod write;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use self::build::Out;
use self::bytes::Bytes;
pub(super) use self::ids::number;
pub(super) use self::part::Part;
use self::standing::{Dead, Standing};
pub(super) use self::write::{Arrival, StoreWriter};
use super::delivery::Progress;
use super::folder::{sync_folder, unwritten};
use super::key::{key, key_hash};
use super::run::Known;
use super::works::WorkKeys;
use crate::error::{Error, ErrorKind, Result};
use crate::sale::OffersRef;

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
    /// Complete deliveries that aren't at their end.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) deliveries: BTreeMap<String, Progress>,
}

/// A generation, open for reading.
pub(super) struct State {
    pub(super) manifest: Manifest,
    parts: Vec<Arc<Part>>,
    dead: Vec<Dead>,
    standing: Standing,
}

/// A record of a generation.
#[derive(Clone, Copy)]
pub(super) struct Held<'s> {
    pub(super) part: &'s Part,
    pub(super) n: u32,
    /// The serial numbers of those that a later record, which was set aside, has outdated.
    marks: &'s [u64],
}

impl<'s> Held<'s> {
    /// A record of a part that isn't published yet.
    pub(super) fn new(part: &'s Part, n: u32) -> Self {
        Self {
            part,
            n,
            marks: &[],
        }
    }

    pub(super) fn offers(&self) -> Option<OffersRef<'s>> {
        let offers = self.part.offers(self.n)?;
        Some(offers.outdated(self.is_outdated()))
    }

    /// Whether a later record of it was set aside.
    pub(super) fn is_outdated(&self) -> bool {
        !self.marks.is_empty() && self.marks.binary_search(&self.serial()).is_ok()
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

    pub(super) fn work_keys(&self) -> WorkKeys {
        self.part.work_keys(self.n)
    }

    pub(super) fn is_removal(&self) -> bool {
        self.part.meta(self.n).is_some_and(|meta| meta.is_removal)
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

    /// Those that have this key of a work beside their own identifiers.
    pub(super) fn of_link(&self, number: u64) -> impl Iterator<Item = Held<'_>> {
        self.of(move |part| part.of_link(number))
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
                    .map(|n| self.held(part, n))
            })
    }

    /// The record of a serial number.
    #[inline]
    pub(super) fn of_serial(&self, serial: u64) -> Option<Held<'_>> {
        self.parts.iter().find_map(|part| {
            let n = part.of_serial(serial)?;
            Some(self.held(part, n))
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
                Some(self.held(part, n))
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

    #[inline]
    fn held<'s>(&'s self, part: &'s Part, n: u32) -> Held<'s> {
        Held {
            part,
            n,
            marks: &self.standing.marks,
        }
    }
}

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
