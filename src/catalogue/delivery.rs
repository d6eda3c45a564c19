//! A complete delivery: all that a source has, so that what is missing in it is gone.
//!
//! One may take several generations. What it has brought so far is then remembered beside the catalogue, eight bytes a
//! record, and the generation says how much of which file counts: whatever a killed run wrote behind is cut off, and one that was begun anew
//! writes to a file of its own, so that what was published of the one before stands until it is published itself.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::folder::{sync_folder, unwritten};
use super::kept::read_message;
use super::key::{key, key_hash};
use super::store::Held;
use crate::error::{Error, ErrorKind, Result};

/// Bytes of a record's key.
const KEY: usize = 8;

/// How far a delivery has come, as a generation says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Progress {
    /// The generation after which it was begun: which file it is remembered in.
    begun: u64,
    seen: u64,
    unnamed: u64,
}

/// What a complete delivery has brought so far.
pub(super) struct Delivery {
    /// Whose it is; those whose records come where nobody said so.
    sources: BTreeSet<String>,
    takes_any_source: bool,
    seen: HashSet<u64>,
    /// Whether it can't have offers to libraries, which then aren't missing in it.
    pub(super) is_without_libraries: bool,
    /// What was set aside without saying which product it is, or is missing altogether.
    pub(super) n_unnamed: u64,
    unwritten: Vec<u8>,
    n_written: u64,
    begun: u64,
}

impl Delivery {
    /// Of whatever sources it turns out to be, in one generation.
    pub(super) fn of_any() -> Self {
        Self {
            sources: BTreeSet::new(),
            takes_any_source: true,
            seen: HashSet::new(),
            is_without_libraries: false,
            n_unnamed: 0,
            unwritten: Vec::new(),
            n_written: 0,
            begun: 0,
        }
    }

    /// Of this source, from its beginning, after this generation.
    pub(super) fn of(source: &str, begun: u64) -> Self {
        Self {
            sources: BTreeSet::from([source.to_owned()]),
            takes_any_source: false,
            begun,
            ..Self::of_any()
        }
    }

    /// Of this source, from where it was published last.
    pub(super) fn resumed(source: &str, progress: Progress, shelf: &Shelf) -> Result<Self> {
        let bytes = shelf.read(&name(source, progress.begun), progress.seen)?;
        let (keys, _) = bytes.as_chunks::<KEY>();
        Ok(Self {
            seen: keys.iter().map(|key| u64::from_le_bytes(*key)).collect(),
            n_unnamed: progress.unnamed,
            n_written: progress.seen,
            ..Self::of(source, progress.begun)
        })
    }

    /// The one source that it is of, if it may take several generations.
    pub(super) fn source(&self) -> Option<&str> {
        match self.takes_any_source {
            true => None,
            false => self.sources.first().map(String::as_str),
        }
    }

    /// Something of this record came, be it that it was set aside.
    pub(super) fn see(&mut self, source: &str, record_reference: &str) {
        if self.takes_any_source && !self.sources.contains(source) {
            self.sources.insert(source.to_owned());
        }
        let key = key_hash(&key(source, record_reference));
        if self.seen.insert(key) && !self.takes_any_source {
            self.unwritten.extend_from_slice(&key.to_le_bytes());
        }
    }

    /// The same where its source may not be known.
    pub(super) fn see_held(&mut self, held: &Held<'_>) {
        let key = key_hash(&key(held.source(), held.reference()));
        if self.seen.insert(key) && !self.takes_any_source {
            self.unwritten.extend_from_slice(&key.to_le_bytes());
        }
    }

    /// Whether a product of the catalogue is missing in it.
    pub(super) fn lacks(&self, held: &Held<'_>) -> bool {
        self.sources.contains(held.source())
            && !self
                .seen
                .contains(&key_hash(&key(held.source(), held.reference())))
            && !(self.is_without_libraries && may_be_of_libraries(held))
    }

    /// Remembers what came since the last time; a generation that is published then says how far that is.
    pub(super) fn save(&mut self, shelf: &Shelf) -> Result<Option<(String, Progress)>> {
        let Some(source) = self.source().map(str::to_owned) else {
            return Ok(None);
        };
        shelf.write(&name(&source, self.begun), self.n_written, &self.unwritten)?;
        self.n_written += (self.unwritten.len() / KEY) as u64;
        self.unwritten.clear();
        let progress = Progress {
            begun: self.begun,
            seen: self.n_written,
            unnamed: self.n_unnamed,
        };
        Ok(Some((source, progress)))
    }
}

/// Whether it is an offer to libraries, or nobody knows.
fn may_be_of_libraries(held: &Held<'_>) -> bool {
    let is_library = held.message().and_then(|message| {
        read_message(&message, held.reference(), |received| {
            received.offers().is_library()
        })
    });
    is_library.unwrap_or(true)
}

/// Where deliveries are remembered.
#[derive(Clone)]
pub(super) enum Shelf {
    Folder(PathBuf),
    Memory(Arc<Mutex<BTreeMap<String, Vec<u8>>>>),
}

impl Shelf {
    pub(super) fn in_memory() -> Self {
        Shelf::Memory(Arc::default())
    }

    /// The first keys of a delivery.
    fn read(&self, name: &str, n: u64) -> Result<Vec<u8>> {
        let length = n * KEY as u64;
        let mut bytes = Vec::new();
        match self {
            Shelf::Folder(folder) if n > 0 => {
                let path = folder.join(name);
                let failed = |error| Error::io(format!("reading {}", path.display()), error);
                let file = File::open(&path).map_err(failed)?;
                file.take(length).read_to_end(&mut bytes).map_err(failed)?;
            }
            Shelf::Folder(_) => {}
            Shelf::Memory(all) => {
                bytes.extend(lock(all).get(name).into_iter().flatten());
                bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
            }
        }
        match bytes.len() as u64 == length {
            true => Ok(bytes),
            false => Err(Error::new(ErrorKind::Index {
                what: format!("what a delivery has brought so far ({name}) is damaged"),
            })),
        }
    }

    /// Puts keys behind the first `n`, in the place of whatever is there.
    fn write(&self, name: &str, n: u64, keys: &[u8]) -> Result<()> {
        let length = n * KEY as u64;
        match self {
            Shelf::Folder(folder) => {
                let path = folder.join(name);
                let failed = |error| unwritten(&path, error);
                fs::create_dir_all(folder).map_err(failed)?;
                let mut file = OpenOptions::new()
                    .write(true)
                    .create(true)
                    .truncate(false)
                    .open(&path)
                    .map_err(failed)?;
                file.set_len(length).map_err(failed)?;
                file.seek(SeekFrom::End(0)).map_err(failed)?;
                file.write_all(keys).map_err(failed)?;
                file.sync_all().map_err(failed)?;
                sync_folder(folder).map_err(failed)
            }
            Shelf::Memory(all) => {
                let mut all = lock(all);
                let bytes = all.entry(name.to_owned()).or_default();
                bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
                bytes.extend_from_slice(keys);
                Ok(())
            }
        }
    }

    /// Forgets all deliveries but those that a generation names.
    pub(super) fn clear(&self, deliveries: &BTreeMap<String, Progress>) {
        let named = deliveries.iter();
        let named: BTreeSet<String> = named
            .map(|(source, progress)| name(source, progress.begun))
            .collect();
        match self {
            // What stays is never read.
            Shelf::Folder(folder) => {
                for item in fs::read_dir(folder).into_iter().flatten().flatten() {
                    if !named.contains(&*item.file_name().to_string_lossy()) {
                        let _ = fs::remove_file(item.path());
                    }
                }
            }
            Shelf::Memory(all) => lock(all).retain(|name, _| named.contains(name)),
        }
    }
}

/// A source may be named by anything, a file not.
fn name(source: &str, begun: u64) -> String {
    format!("{:016x}-{begun}", key_hash(source))
}

fn lock(all: &Mutex<BTreeMap<String, Vec<u8>>>) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
    all.lock().unwrap_or_else(PoisonError::into_inner)
}
