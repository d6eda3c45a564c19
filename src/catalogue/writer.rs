//! The one who writes: takes prepared records in input order and publishes them at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::folder::Lock;
use super::key::{content_hash, key, sender, sent_at};
use super::run::{Run, Version, Wish};
use super::search::{Document, Snapshot, TextWriter};
use super::store::Stored;
use super::{Catalogue, IngestSummary};
use crate::error::{Error, ErrorKind, RejectedRecord, Result};
use crate::onix::Record;

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
    before: Snapshot,
    text: TextWriter,
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
    Keep(Box<Keep>),
    Remove {
        key: String,
        version: Version,
    },
    /// A test record: counted, never taken in.
    Test,
    Faulty(Error),
}

struct Keep {
    key: String,
    version: Version,
    document: Document,
}

impl Writer {
    pub(super) fn new(catalogue: &Catalogue, options: &WriterOptions, hold: Hold) -> Result<Self> {
        let threads = options.threads.max(1);
        let heap_bytes = options.heap_bytes.max(threads * LEAST_HEAP);
        let text = catalogue.text().writer(threads, heap_bytes)?;
        // Only now that nobody else writes is the last state the last.
        catalogue.text().reload()?;
        Ok(Self {
            before: catalogue.text().snapshot(),
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
        let key = key(source, &reference);
        let version = Version {
            sent: sent_at(header.sent.as_deref()),
            hash: content_hash(record),
        };
        // List 1: 05 is a deletion, 88 and 89 are tests.
        Prepared(match product.notification_type().as_deref() {
            Some("88" | "89") => Action::Test,
            Some("05") => Action::Remove { key, version },
            _ => {
                let stored = Stored::of(record, source);
                let document = Document::of(&product, &stored, &key, version);
                Action::Keep(Box::new(Keep {
                    key,
                    version,
                    document,
                }))
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
        let before = &self.before;
        match prepared.0 {
            Action::Test => self.run.summary.unchanged += 1,
            Action::Faulty(error) => {
                self.run.summary.rejected += 1;
                return Err(error);
            }
            Action::Remove { key, version } => {
                let step = self
                    .run
                    .receive(&key, version, Wish::Remove, || before.known(&key))?;
                self.text
                    .take(step, &key, || Document::of_removal(&key, version))?;
            }
            Action::Keep(keep) => {
                let Keep {
                    key,
                    version,
                    document,
                } = *keep;
                let step = self
                    .run
                    .receive(&key, version, Wish::Keep, || before.known(&key))?;
                self.text.take(step, &key, || document)?;
            }
        }
        Ok(())
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
    pub fn commit(self) -> Result<IngestSummary> {
        let mut summary = self.run.summary;
        summary.in_catalogue = self.before.products()? + summary.added - summary.removed;
        if self.run.has_changes() {
            let generation = self.catalogue.text().generation()? + 1;
            self.text.commit(generation)?;
            self.catalogue.text().reload()?;
        }
        Ok(summary)
    }
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
