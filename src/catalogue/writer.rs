//! The one who writes: takes prepared records in input order and publishes them at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::folder::Lock;
use super::key::{content_hash, key, key_hash, rest_hash, sender, sent_at};
use super::run::{Run, Step, Version, Wish};
use super::search::{Document, Snapshot, TextWriter};
use super::store::{Arrival, StoreWriter, number};
use super::{Catalogue, IngestSummary, changes};
use crate::error::{Error, ErrorKind, RejectedRecord, Result};
use crate::model::{Moment, own_identifiers, related_identifiers};
use crate::onix::Record;
use crate::sale::Offers;

/// How a [`Writer`] works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriterOptions {
    /// Whether to wait for another writer to end, instead of an error.
    pub wait: bool,
    /// What becomes of a record older than the one in the catalogue.
    pub on_stale: OnStale,
    /// What a record does to the one in the catalogue.
    pub on_update: OnUpdate,
    /// Memory for indexing, all threads together.
    pub heap_bytes: usize,
    /// Threads that index; the ones that prepare records are the caller's.
    pub threads: usize,
}

/// What becomes of a record older than the one in the catalogue, by `SentDateTime`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnStale {
    /// It is left out and counted.
    #[default]
    Refuse,
    /// It is taken. Of several records of one run the latest stays all the same.
    Accept,
}

/// What a record does to the one of the same key in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum OnUpdate {
    /// It takes its place, whatever its `NotificationType`, as the platform promises.
    #[default]
    Replace,
}

impl Default for WriterOptions {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            wait: false,
            on_stale: OnStale::default(),
            on_update: OnUpdate::default(),
            heap_bytes: 120 << 20,
            threads: cores.min(8),
        }
    }
}

/// The least memory with which a thread can index.
const LEAST_HEAP: usize = 16 << 20;

/// Writes to a catalogue, alone.
///
/// Records are [prepared](Writer::prepare) by any number of threads, then
/// [applied](Writer::apply) in the order of the input by the one that has the writer, and published
/// together by [`commit`](Writer::commit). Dropped before that, or killed at any moment, it leaves
/// the catalogue as it was.
///
/// ```
/// use onix_catalogue::catalogue::{Catalogue, Writer, WriterOptions};
/// use onix_catalogue::onix::Reader;
///
/// # let onix = b"<Product><RecordReference>1</RecordReference></Product>";
/// let catalogue = Catalogue::in_memory()?;
/// let mut writer = catalogue.writer(WriterOptions::default())?;
/// for record in Reader::new(onix) {
///     writer.apply(Writer::prepare(&record?, Some("house")))?;
/// }
/// assert_eq!(writer.commit()?.added, 1);
/// # Ok::<(), onix_catalogue::Error>(())
/// ```
pub struct Writer {
    catalogue: Catalogue,
    before: Arc<Snapshot>,
    text: TextWriter,
    store: StoreWriter,
    run: Run,
    _hold: Hold,
}

/// The right to write.
pub(super) enum Hold {
    Folder(#[allow(dead_code, reason = "held until it is dropped")] Lock),
    Memory(Arc<AtomicBool>),
}

/// A record ready to be applied.
pub struct Prepared(Action);

enum Action {
    Keep(Box<(Arrival, Document)>),
    Remove(Box<Arrival>),
    /// A test record: counted, never taken in.
    Test,
    Faulty(Error),
}

impl Writer {
    pub(super) fn new(catalogue: &Catalogue, options: &WriterOptions, hold: Hold) -> Result<Self> {
        let threads = options.threads.max(1);
        let heap_bytes = options.heap_bytes.max(threads * LEAST_HEAP);
        let text = catalogue.text().writer(threads, heap_bytes)?;
        // Only now that nobody else writes is the last state the last.
        catalogue.text().reload()?;
        let before = catalogue.text().snapshot();
        Ok(Self {
            store: StoreWriter::new(catalogue.text().store(), Arc::clone(&before.state))?,
            before,
            catalogue: catalogue.clone(),
            text,
            run: Run::new(options.on_stale),
            _hold: hold,
        })
    }

    /// Does what can be done to a record without knowing the others, for worker threads. Its source
    /// is the one given, else what its message's Header says of the sender.
    pub fn prepare(record: &Record<'_>, source: Option<&str>) -> Prepared {
        let product = record.product();
        let header = record.message().header();
        let source = source.unwrap_or_else(|| sender(header));
        let Some(reference) = product.record_reference() else {
            return Prepared(Action::Faulty(no_reference(record)));
        };
        let version = Version {
            sent: sent_at(header.sent.as_deref()),
            hash: content_hash(record),
        };
        let mut arrival = Arrival {
            source: source.to_owned(),
            version,
            rest: 0,
            offers: Offers::nothing(&reference),
            title: None,
            isbn13: 0,
            ids: Vec::new(),
            related: Vec::new(),
            message: None,
            is_removal: true,
        };
        // List 1: 05 is a deletion, 88 and 89 are tests.
        Prepared(match product.notification_type().as_deref() {
            Some("88" | "89") => Action::Test,
            Some("05") => Action::Remove(Box::new(arrival)),
            _ => {
                let mut entry = product.to_entry();
                let own = own_identifiers(&entry);
                arrival.related = related_identifiers(&entry, &own)
                    .iter()
                    .map(|id| number(id))
                    .collect();
                arrival.ids = own.iter().map(|id| number(id)).collect();
                arrival.rest = rest_hash(&product);
                arrival.title = entry.title.clone();
                let isbn13 = entry.isbn13.as_deref();
                arrival.isbn13 = isbn13.and_then(|isbn| isbn.parse().ok()).unwrap_or(0);
                arrival.offers = Offers::of(&product);
                arrival.message = Some(record.message().wrap(record.xml()));
                arrival.is_removal = false;
                let key_hash = key_hash(&key(source, &reference));
                let document = Document::of(&product, &mut entry, source, key_hash);
                Action::Keep(Box::new((arrival, document)))
            }
        })
    }

    /// Takes the next record in the order of the input.
    ///
    /// # Errors
    /// A record without `RecordReference` is counted as rejected and is an error that
    /// [`is_record`](Error::is_record): go on with the next. Any other error is the end of the
    /// run, and the catalogue stays as it was.
    pub fn apply(&mut self, prepared: Prepared) -> Result<()> {
        self.run.summary.read += 1;
        match prepared.0 {
            Action::Test => self.run.summary.unchanged += 1,
            Action::Faulty(error) => {
                self.run.summary.rejected += 1;
                return Err(error);
            }
            Action::Remove(arrival) => {
                self.receive(&arrival, Wish::Remove)?;
            }
            Action::Keep(keep) => {
                let (arrival, document) = *keep;
                if let Some(serial) = self.receive(&arrival, Wish::Keep)? {
                    self.text.add(document, serial)?;
                }
            }
        }
        Ok(())
    }

    /// Puts a record into the store if it is to stay; returns its serial number.
    fn receive(&mut self, arrival: &Arrival, wish: Wish) -> Result<Option<u64>> {
        let reference = arrival.offers.record_reference();
        let key = key(&arrival.source, reference);
        let serial = self.store.next_serial();
        let before = &self.before.state;
        let step = self.run.receive(&key, arrival.version, wish, serial, || {
            before.known(&arrival.source, reference)
        });
        if let Step::Replace(old) | Step::Delete(old) = step {
            self.text.delete(old);
            self.store.outdo(old);
        }
        match step {
            Step::Add | Step::Replace(_) => {
                self.store.add(arrival)?;
                Ok(Some(serial))
            }
            Step::Nothing | Step::Delete(_) => Ok(None),
        }
    }

    /// Counts a record that its reader set aside.
    pub fn reject(&mut self) {
        self.run.summary.read += 1;
        self.run.summary.rejected += 1;
    }

    /// Publishes everything applied, at once: readers see the state before or the state after. A run
    /// that changed nothing publishes nothing.
    ///
    /// # Errors
    /// The catalogue is as it was, and takes the next run.
    pub fn commit(mut self) -> Result<IngestSummary> {
        let mut summary = self.run.summary;
        let before = &self.before.state;
        summary.in_catalogue = before.products() + summary.added - summary.removed;
        if self.run.has_changes() {
            let generation = before.manifest.generation + 1;
            let at = now();
            self.store.close(summary.in_catalogue)?;
            // What a first run brings differs from nothing.
            let is_first = before.manifest.generation == 0;
            if let Some(folder) = self.catalogue.changes_folder().filter(|_| !is_first) {
                let changes = self.store.changes(Moment::from_unix(at));
                changes.save(&folder, generation, at)?;
            }
            let manifest = self.store.finish(summary.in_catalogue, generation, at)?;
            self.text.commit(&manifest)?;
            if let Some(folder) = self.catalogue.changes_folder() {
                changes::clear(&folder, generation, at);
            }
            self.catalogue.text().reload()?;
            self.catalogue.text().store().clear(&manifest)?;
        }
        Ok(summary)
    }
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer")
            .field("summary", &self.run.summary)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match &self.0 {
            Action::Keep(_) => "Prepared::Keep",
            Action::Remove { .. } => "Prepared::Remove",
            Action::Test => "Prepared::Test",
            Action::Faulty(_) => "Prepared::Faulty",
        })
    }
}

impl Hold {
    /// The right to write to a catalogue in memory.
    pub(super) fn in_memory(is_held: &Arc<AtomicBool>, wait: bool) -> Result<Self> {
        while is_held.swap(true, Ordering::Acquire) {
            if !wait {
                return Err(Error::new(ErrorKind::Locked {
                    pid: Some(std::process::id()),
                }));
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        Ok(Hold::Memory(Arc::clone(is_held)))
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Hold::Memory(is_held) = self {
            is_held.store(false, Ordering::Release);
        }
    }
}

fn no_reference(record: &Record<'_>) -> Error {
    Error::new(ErrorKind::NoRecordReference)
        .at(record.position().clone())
        .with_record(RejectedRecord {
            record_reference: None,
            xml: record.xml().as_bytes().to_vec(),
        })
}
