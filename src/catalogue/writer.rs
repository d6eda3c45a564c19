//! The one who writes: takes prepared records in input order and publishes them at once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::delivery::{Delivery, Progress};
use super::folder::Lock;
use super::kept::read_message;
use super::key::{content_hash, key, key_hash, rest_hash, sender, sent_at};
use super::run::{Incoming, Run, Step, Version, Wish};
use super::search::{Document, Snapshot, TextWriter};
use super::store::{Arrival, Held, StoreWriter, number};
use super::works::WorkKeys;
use super::{Catalogue, IngestSummary, changes, merge};
use crate::error::{Error, ErrorKind, RejectedRecord, Result};
use crate::input::Received;
use crate::model::{Moment, normalised, own_identifiers, related_identifiers};
use crate::sale::Offers;

/// How a [`Writer`] works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriterOptions {
    /// Whether to wait for another writer to end, instead of an error.
    pub wait: bool,
    /// What becomes of a source's records that has no policy of its own.
    pub policy: Policy,
    /// Policies of sources, by their names.
    pub policies: BTreeMap<String, Policy>,
    /// Memory for indexing, all threads together.
    pub heap_bytes: usize,
    /// Whether records are kept, for reasons, `show --xml`, merging and building anew.
    pub keep_records: bool,
    /// Whether what a run brings is all that its sources have: what is missing in it is removed. Where a
    /// record was set aside that doesn't say which it is, or an input was cut off or refused, nothing is.
    pub complete: bool,
    /// Threads that index; the ones that prepare records are the caller's.
    pub threads: usize,
}

/// What a source's records do to those in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy {
    /// What becomes of a record older than the one in the catalogue.
    pub on_stale: OnStale,
    /// What an update of blocks does to the one in the catalogue.
    pub on_update: OnUpdate,
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
    /// Where its `NotificationType` is 04, its blocks take the place of those of the record before it, and the
    /// others stay. Needs kept records.
    Merge,
}

impl Default for WriterOptions {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            wait: false,
            policy: Policy::default(),
            policies: BTreeMap::new(),
            keep_records: true,
            complete: false,
            heap_bytes: 84 << 20,
            threads: cores.min(8),
        }
    }
}

impl WriterOptions {
    fn policy_of(&self, source: &str) -> Policy {
        self.policies.get(source).copied().unwrap_or(self.policy)
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
    /// What became of what was published on the way.
    earlier: IngestSummary,
    options: WriterOptions,
    /// Where what comes is all that its source has.
    delivery: Option<Delivery>,
    cursors: BTreeMap<String, String>,
    deliveries: BTreeMap<String, Progress>,
    /// While blocks are merged: the messages of the run's own records, compressed.
    messages: HashMap<u64, Vec<u8>>,
    has_removed_unseen: bool,
    hold: Hold,
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
    Remove(Box<Arrival>),
    /// A test record, of this source and `RecordReference`: counted, never taken in.
    Test(String, String),
    Faulty(Error),
}

struct Keep {
    arrival: Arrival,
    document: Document,
    /// Whether it updates blocks only.
    is_update: bool,
}

impl Writer {
    pub(super) fn new(catalogue: &Catalogue, options: &WriterOptions, hold: Hold) -> Result<Self> {
        let threads = options.threads.max(1);
        let heap_bytes = options.heap_bytes.max(threads * LEAST_HEAP);
        let text = catalogue.text().writer(threads, heap_bytes);
        // Only now that nobody else writes is the last state the last.
        catalogue.text().reload()?;
        let before = catalogue.text().snapshot();
        Ok(Self {
            store: StoreWriter::new(catalogue.text().store(), Arc::clone(&before.state))?,
            catalogue: catalogue.clone(),
            text,
            run: Run::new(),
            earlier: IngestSummary::default(),
            options: options.clone(),
            delivery: options.complete.then(Delivery::of_any),
            cursors: before.state.manifest.cursors.clone(),
            deliveries: before.state.manifest.deliveries.clone(),
            messages: HashMap::new(),
            before,
            has_removed_unseen: false,
            hold,
        })
    }

    /// Does what can be done to a record without knowing the others, for worker threads. Its source
    /// is the one given, else what its message's Header says of the sender.
    pub fn prepare<'r>(received: impl Into<Received<'r>>, source: Option<&str>) -> Prepared {
        let received = received.into();
        let source = source.unwrap_or_else(|| sender(received));
        let Some(reference) = received.record_reference() else {
            return Prepared(Action::Faulty(no_reference(received)));
        };
        let version = Version {
            sent: sent_at(received.sent().as_deref()),
            hash: content_hash(received),
        };
        let mut arrival = Arrival::of_removal(source, &reference, version);
        let notification_type = match received {
            Received::Onix(record) => record.product().notification_type(),
            Received::Xml(..) => None,
        };
        // List 1: 05 is a deletion, 88 and 89 are tests.
        Prepared(match notification_type.as_deref() {
            Some("88" | "89") => Action::Test(source.to_owned(), reference.into_owned()),
            Some("05") => Action::Remove(Box::new(arrival)),
            _ => {
                let is_update = merge::is_update(received);
                let mut entry = received.to_entry();
                let own = own_identifiers(&entry);
                arrival.related = related_identifiers(&entry, &own)
                    .iter()
                    .map(|id| number(id))
                    .collect();
                arrival.ids = own.iter().map(|id| number(id)).collect();
                arrival.work = WorkKeys::of(&entry, &arrival.ids);
                arrival.rest = rest_hash(received);
                arrival.title = entry.title.clone();
                let isbn13 = entry.isbn13.as_deref();
                arrival.isbn13 = isbn13.and_then(|isbn| isbn.parse().ok()).unwrap_or(0);
                arrival.offers = received.offers();
                arrival.message = Some(received.message());
                arrival.is_removal = false;
                let key_hash = key_hash(&key(source, &reference));
                let document = Document::of(&mut entry, &arrival.offers, source, key_hash);
                Action::Keep(Box::new(Keep {
                    arrival,
                    document,
                    is_update,
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
        match prepared.0 {
            Action::Test(source, reference) => {
                self.run.summary.unchanged += 1;
                // It says nothing of the product that goes by its name, and so not that it is missing.
                if let Some(delivery) = &mut self.delivery {
                    delivery.see(&source, &reference);
                }
            }
            Action::Faulty(error) => {
                self.run.summary.rejected += 1;
                self.miss(1);
                return Err(error);
            }
            Action::Remove(arrival) => {
                self.receive(&arrival, Wish::Remove)?;
            }
            Action::Keep(keep) => {
                let policy = self.options.policy_of(&keep.arrival.source);
                let merges = policy.on_update == OnUpdate::Merge && keep.is_update;
                let mut keep = match merges {
                    true => self.merged(*keep)?,
                    false => *keep,
                };
                if policy.on_update == OnUpdate::Merge
                    && let Some(message) = &keep.arrival.message
                {
                    let message = zstd::bulk::compress(message.as_bytes(), 1);
                    let message = message.map_err(|error| Error::io("keeping a record", error))?;
                    self.messages.insert(self.store.next_serial(), message);
                }
                if !self.options.keep_records {
                    keep.arrival.message = None;
                }
                if let Some(serial) = self.receive(&keep.arrival, Wish::Keep)? {
                    self.text.add(keep.document, serial)?;
                }
            }
        }
        Ok(())
    }

    /// An update of blocks with the record before it; as it is where there is none.
    fn merged(&mut self, keep: Keep) -> Result<Keep> {
        let arrival = &keep.arrival;
        let (source, reference) = (&arrival.source, arrival.offers.record_reference());
        let key = key(source, reference);
        let before = match self.run.serial(&key) {
            Some(serial) => serial,
            None => self
                .before
                .state
                .known(source, reference)
                .map(|(_, serial)| serial),
        };
        let Some(serial) = before else {
            return Ok(keep);
        };
        let damaged = |error| Error::io("reading a record of this run", error);
        let before = match self.messages.get(&serial) {
            Some(message) => {
                let bytes = zstd::stream::decode_all(&**message).map_err(damaged)?;
                String::from_utf8_lossy(&bytes).into_owned()
            }
            None => match self.before.state.of_serial(serial) {
                Some(held) if !held.is_removal() => held.message()?,
                _ => return Ok(keep),
            },
        };
        let update = arrival.message.as_deref().unwrap_or_default();
        let merged = match merge::merged(&before, update) {
            Ok(merged) => merged,
            Err(error) => {
                let record = RejectedRecord {
                    record_reference: Some(reference.to_owned()),
                    xml: update.as_bytes().to_vec(),
                };
                self.run.summary.rejected += 1;
                self.mark(Some(source), Some(reference));
                return Err(error.with_record(record));
            }
        };
        let prepared = read_message(&merged, reference, |received| {
            Self::prepare(received, Some(source))
        })?;
        let Action::Keep(mut whole) = prepared.0 else {
            return Ok(keep);
        };
        // It is the version of what came, so that the same update once more changes nothing.
        whole.arrival.version = arrival.version;
        whole.is_update = true;
        Ok(*whole)
    }

    /// Puts a record into the store if it is to stay; returns its serial number.
    fn receive(&mut self, arrival: &Arrival, wish: Wish) -> Result<Option<u64>> {
        let reference = arrival.offers.record_reference();
        let key = key(&arrival.source, reference);
        let serial = self.store.next_serial();
        let before = &self.before.state;
        let on_stale = self.options.policy_of(&arrival.source).on_stale;
        let incoming = Incoming {
            version: arrival.version,
            wish,
            serial,
            on_stale,
        };
        let step = self
            .run
            .receive(&key, incoming, || before.known(&arrival.source, reference));
        if let Some(delivery) = &mut self.delivery {
            delivery.see(&arrival.source, reference);
        }
        if let Step::Replace(old) | Step::Delete(old) = step {
            self.text.delete(old)?;
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

    /// Takes note of what its reader reports instead of a record. One that was set aside is counted; the record before it
    /// stays, and is marked: [`Kept::is_outdated`](super::Kept::is_outdated). After anything that may have cost
    /// more than a record (an input cut off, refused or not read), a complete delivery removes nothing.
    pub fn reject(&mut self, source: Option<&str>, error: &Error) {
        let is_cut = matches!(error.kind(), ErrorKind::Truncated);
        self.miss(u64::from(is_cut || !error.is_record()));
        if let Some(record) = error.record() {
            self.run.summary.read += 1;
            self.run.summary.rejected += 1;
            self.mark(source, record.record_reference.as_deref());
        }
    }

    fn mark(&mut self, source: Option<&str>, record_reference: Option<&str>) {
        let Some(reference) = record_reference else {
            self.miss(1);
            return;
        };
        let id = number(&normalised(reference));
        let state = &self.before.state;
        let is_it = |held: &Held<'_>| {
            held.reference() == reference && source.is_none_or(|source| held.source() == source)
        };
        let found: Vec<_> = state.of_id(id).filter(is_it).collect();
        // None of these may be taken for missing in a complete delivery.
        if let Some(delivery) = &mut self.delivery {
            found.iter().for_each(|held| delivery.see_held(held));
            if found.is_empty() {
                // Of the platform's xml a whole publication is set aside, and this is its id.
                let formats = format!("{reference}-");
                let is_its = |held: &Held<'_>| {
                    held.reference().starts_with(&formats)
                        && source.is_none_or(|source| held.source() == source)
                };
                let its = self.before.state.all().filter(is_its);
                its.for_each(|held| delivery.see_held(&held));
            }
        }
        // Of several sources it can't be told whose it was.
        let [held] = found.as_slice() else { return };
        let current = self.run.serial(&key(held.source(), reference));
        if let Some(serial) = current.unwrap_or(Some(held.serial())) {
            self.store.mark(serial);
        }
    }

    fn miss(&mut self, n: u64) {
        if let Some(delivery) = &mut self.delivery {
            delivery.n_unnamed += n;
        }
    }

    /// Takes everything of another catalogue, removals that are remembered and cursors too.
    ///
    /// # Errors
    /// [`ErrorKind::NotKept`] where that one doesn't keep records.
    pub fn take_all(&mut self, from: &Catalogue) -> Result<()> {
        let snapshot = from.text().snapshot();
        for held in snapshot.state.all() {
            let message = held.message()?;
            let source = held.source();
            let prepared = read_message(&message, held.reference(), |received| {
                Self::prepare(received, Some(source))
            })?;
            self.apply(prepared)?;
        }
        self.cursors.clone_from(&snapshot.state.manifest.cursors);
        for held in snapshot.state.removals() {
            let Some(meta) = held.part.meta(held.n) else {
                continue;
            };
            let arrival = Arrival::of_removal(held.source(), held.reference(), meta.version);
            self.receive(&arrival, Wish::Remove)?;
        }
        Ok(())
    }

    /// Says up to where a source has been fetched; published with what was, so that nothing is missed and nothing
    /// is fetched in vain.
    pub fn set_cursor(&mut self, source: &str, cursor: &str) {
        self.cursors.insert(source.to_owned(), cursor.to_owned());
    }

    /// Publishes everything applied, at once: readers see the state before or the state after. A run
    /// that changed nothing publishes nothing.
    ///
    /// # Errors
    /// The catalogue is as it was, and takes the next run.
    pub fn commit(mut self) -> Result<IngestSummary> {
        if self.options.complete {
            self.end_delivery(true)?;
        }
        let mut delivery = self.delivery.take();
        self.publish(delivery.as_mut()).map(|(summary, _)| summary)
    }

    /// Publishes everything applied so far, and goes on: nobody else can write in between. What becomes of a
    /// record is counted against what was published last.
    ///
    /// # Errors
    /// As [`commit`](Self::commit); what was published before stays.
    pub fn checkpoint(mut self) -> Result<Self> {
        let (catalogue, options) = (self.catalogue.clone(), self.options.clone());
        let mut delivery = self.delivery.take();
        let (summary, hold) = self.publish(delivery.as_mut())?;
        let mut next = Self::new(&catalogue, &options, hold)?;
        next.earlier = summary;
        next.delivery = delivery;
        Ok(next)
    }

    /// What has become of the records so far, those published on the way included.
    pub fn summary(&self) -> IngestSummary {
        let (run, earlier) = (&self.run.summary, &self.earlier);
        IngestSummary {
            read: earlier.read + run.read,
            added: earlier.added + run.added,
            replaced: earlier.replaced + run.replaced,
            unchanged: earlier.unchanged + run.unchanged,
            removed: earlier.removed + run.removed,
            stale: earlier.stale + run.stale,
            rejected: earlier.rejected + run.rejected,
            in_catalogue: self.before.state.products() + run.added - run.removed,
            unseen: earlier.unseen + run.unseen,
        }
    }

    fn publish(mut self, delivery: Option<&mut Delivery>) -> Result<(IngestSummary, Hold)> {
        let summary = self.summary();
        let shelf = self.catalogue.shelf();
        if let Some(delivery) = delivery
            && let Some((source, progress)) = delivery.save(&shelf)?
        {
            self.deliveries.insert(source, progress);
        }
        let before = &self.before.state;
        let is_other = self.run.has_changes()
            || self.has_removed_unseen
            || self.store.has_other_marks()
            || self.cursors != before.manifest.cursors
            || self.deliveries != before.manifest.deliveries;
        if is_other {
            let generation = before.manifest.generation + 1;
            let at = now();
            self.store.close(summary.in_catalogue)?;
            // What a first run brings differs from nothing.
            let is_first = before.manifest.generation == 0;
            if let Some(folder) = self.catalogue.changes_folder().filter(|_| !is_first) {
                let changes = self.store.changes(Moment::from_unix(at));
                changes.save(&folder, generation, at)?;
            }
            let mut manifest = self.store.finish(summary.in_catalogue, generation, at)?;
            manifest.cursors = self.cursors;
            manifest.deliveries = self.deliveries;
            self.text.commit(&manifest)?;
            if let Some(folder) = self.catalogue.changes_folder() {
                changes::clear(&folder, generation, at);
            }
            self.catalogue.text().reload()?;
            self.catalogue.text().store().clear(&manifest)?;
            shelf.clear(&manifest.deliveries);
        }
        Ok((summary, self.hold))
    }
}

/// Complete deliveries.
impl Writer {
    /// What comes from now on is all that this source has, even if it takes several
    /// [checkpoints](Self::checkpoint) or, after a crash, writers.
    pub fn begin_delivery(&mut self, source: &str) {
        self.deliveries.remove(source);
        let begun = self.before.state.manifest.generation;
        self.delivery = Some(Delivery::of(source, begun));
    }

    /// Goes on with a delivery that was begun and published, and not ended; `false` where there is none.
    ///
    /// # Errors
    /// If what it has brought so far can't be read: [begin](Self::begin_delivery) it anew.
    pub fn resume_delivery(&mut self, source: &str) -> Result<bool> {
        let Some(progress) = self.deliveries.get(source) else {
            return Ok(false);
        };
        let shelf = self.catalogue.shelf();
        self.delivery = Some(Delivery::resumed(source, *progress, &shelf)?);
        Ok(true)
    }

    /// The delivery has no way to tell of offers to libraries: they aren't missing in it.
    pub fn spare_libraries(&mut self) {
        if let Some(delivery) = &mut self.delivery {
            delivery.is_without_libraries = true;
        }
    }

    /// How many products of a source the catalogue has, as it was published last.
    pub fn products_of(&self, source: &str) -> u64 {
        let all = self.before.state.all();
        all.filter(|held| held.source() == source).count() as u64
    }

    /// How many products of the catalogue the delivery lacks so far.
    pub fn unseen(&self) -> u64 {
        let Some(delivery) = &self.delivery else {
            return 0;
        };
        let all = self.before.state.all();
        all.filter(|held| delivery.lacks(held)).count() as u64
    }

    /// Ends the delivery: what it lacks is removed, if that is wished and nothing was set aside that may be one of
    /// those; else it stays and is counted as [`unseen`](IngestSummary::unseen).
    pub fn end_delivery(&mut self, removes: bool) -> Result<()> {
        let Some(delivery) = self.delivery.take() else {
            return Ok(());
        };
        if let Some(source) = delivery.source() {
            self.deliveries.remove(source);
        }
        let state = Arc::clone(&self.before.state);
        let unseen = state.all().filter(|held| delivery.lacks(held));
        let unseen: Vec<u64> = unseen.map(|held| held.serial()).collect();
        if delivery.n_unnamed > 0 || !removes {
            self.run.summary.unseen = unseen.len() as u64;
            return Ok(());
        }
        self.run.summary.removed += unseen.len() as u64;
        for serial in &unseen {
            self.text.delete(*serial)?;
            self.store.outdo(*serial);
        }
        self.has_removed_unseen |= !unseen.is_empty();
        Ok(())
    }
}

impl Arrival {
    fn of_removal(source: &str, reference: &str, version: Version) -> Self {
        Self {
            source: source.to_owned(),
            version,
            rest: 0,
            offers: Offers::nothing(reference),
            title: None,
            isbn13: 0,
            ids: Vec::new(),
            related: Vec::new(),
            work: WorkKeys::default(),
            message: None,
            is_removal: true,
        }
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
            Action::Test(..) => "Prepared::Test",
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

fn no_reference(received: Received<'_>) -> Error {
    let (position, xml) = match received {
        Received::Onix(record) => (record.position(), record.xml()),
        Received::Xml(record, _) => (record.position(), record.xml()),
    };
    Error::new(ErrorKind::NoRecordReference)
        .at(position.clone())
        .with_record(RejectedRecord {
            record_reference: None,
            xml: xml.as_bytes().to_vec(),
        })
}
