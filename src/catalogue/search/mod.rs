//! The text index: the one room that knows tantivy.

pub(crate) mod analysis;
mod bits;
mod clause_docs;
mod columns;
mod document;
mod expand;
mod facets;
mod fault;
mod filters;
mod find;
mod highlight;
mod order;
mod pass;
mod placing;
mod priced;
mod query;
mod rank;
mod run;
mod schema;
mod similar;
mod sought;
mod suggest;
mod titles;
mod weights;
mod write;

use std::path::Path;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use tantivy::collector::DocSetCollector;
use tantivy::directory::{Directory, MmapDirectory, RamDirectory, WatchCallback, WatchHandle};
use tantivy::indexer::IndexWriterOptions;
use tantivy::query::TermQuery;
use tantivy::schema::{IndexRecordOption, TantivyDocument, Value};
use tantivy::tokenizer::{TextAnalyzer, TokenizerManager};
use tantivy::{DocAddress, IndexReader, IndexWriter, ReloadPolicy, Searcher, Term};

pub(super) use document::Document;
pub use facets::FACETS;
pub(super) use find::{Found, FoundHit};
pub use suggest::{Suggestion, SuggestionKind};
pub(super) use write::TextWriter;

use self::analysis::Language;
use self::columns::Numbers;
use self::document::{Card, Counted};
use self::fault::failed_io;
use self::fault::{failed, guarded};
use self::pass::Frequent;
use self::schema as fields;
use self::suggest::Completions;
use super::kept::read_message;
use super::store::{Manifest, State, Store};
use super::works::Works;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Entry;
use crate::sale::OffersRef;

/// What wrote the index, and its format: another one can't be expected to read it.
pub(super) const VERSION: &str = "tantivy 0.27, index format 8";

/// The index, open for reading, and the store beside it.
#[derive(Clone)]
pub(super) struct TextIndex {
    index: tantivy::Index,
    reader: IndexReader,
    store: Store,
    current: Arc<RwLock<Arc<Snapshot>>>,
    /// `None` in memory.
    folder: Option<Arc<Path>>,
}

/// A generation that stays as it is: text and records.
pub(super) struct Snapshot {
    searcher: Searcher,
    pub(super) state: Arc<State>,
    /// Made when first asked for.
    pub(super) works: OnceLock<Works>,
    languages: OnceLock<Vec<Language>>,
    numbers: OnceLock<Numbers>,
    completions: RwLock<Completions>,
    frequent: RwLock<Frequent>,
}

impl TextIndex {
    pub(super) fn in_memory(store: Store) -> Result<Self> {
        let directory = RamDirectory::create();
        let index = tantivy::Index::create(directory, schema::schema(), settings())
            .map_err(failed("creating an index in memory"))?;
        Self::of(index, store, None)
    }

    /// Makes an index in a folder, or opens the empty one that an interrupted creation left.
    pub(super) fn create(folder: &Path, store: Store) -> Result<Self> {
        let directory = MmapDirectory::open(folder)
            .map_err(|error| failed("opening the text index's folder")(error.into()))?;
        let builder = tantivy::Index::builder().schema(schema::schema());
        let index = builder
            .settings(settings())
            .open_or_create(directory)
            .map_err(failed("creating the text index"))?;
        Self::of(index, store, Some(folder))
    }

    /// Opens an index; `None` if its fields aren't ours.
    pub(super) fn open(folder: &Path, store: Store) -> Result<Option<Self>> {
        let index =
            tantivy::Index::open_in_dir(folder).map_err(failed("opening the text index"))?;
        match index.schema() == schema::schema() {
            true => Self::of(index, store, Some(folder)).map(Some),
            false => Ok(None),
        }
    }

    fn of(mut index: tantivy::Index, store: Store, folder: Option<&Path>) -> Result<Self> {
        index.set_tokenizers(tokenizers());
        let reader: IndexReader = guarded("opening the text index", || {
            let builder = index.reader_builder().reload_policy(ReloadPolicy::Manual);
            builder.try_into().map_err(failed("opening the text index"))
        })?;
        let first = guarded("opening the text index", || {
            load(&index, &reader, &store, None)
        })?;
        Ok(Self {
            index,
            reader,
            store,
            current: Arc::new(RwLock::new(Arc::new(first))),
            folder: folder.map(Arc::from),
        })
    }

    /// One that stays at the generation that this one has now.
    pub(super) fn still(&self) -> Self {
        Self {
            current: Arc::new(RwLock::new(self.snapshot())),
            ..self.clone()
        }
    }

    /// The generation that was published last, as far as [`reload`](Self::reload) knows.
    #[inline]
    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    pub(super) fn reload(&self) -> Result<()> {
        let open = self.snapshot();
        if manifest(&self.index)? == open.state.manifest {
            return Ok(());
        }
        let next = guarded("reading the new state of the text index", || {
            load(&self.index, &self.reader, &self.store, Some(&open.state))
        })?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        Ok(())
    }

    /// The files of the index that aren't what was written.
    pub(super) fn damaged_files(&self) -> Result<Vec<String>> {
        let damaged = guarded("checking the text index", || {
            self.index
                .validate_checksum()
                .map_err(failed("checking the text index"))
        })?;
        let mut names: Vec<String> = damaged
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        names.sort();
        Ok(names)
    }

    /// Calls whenever a generation may have been published, as long as what it returns is kept.
    pub(super) fn watch(&self, call: impl Fn() + Send + Sync + 'static) -> Result<WatchHandle> {
        self.index
            .directory()
            .watch(WatchCallback::new(call))
            .map_err(failed("watching the text index"))
    }

    /// The index opened anew: the list of its files is read only then, and another process may have
    /// added to it since.
    fn current(&self) -> Result<tantivy::Index> {
        let Some(folder) = &self.folder else {
            return Ok(self.index.clone());
        };
        let mut index =
            tantivy::Index::open_in_dir(folder).map_err(failed("opening the text index"))?;
        index.set_tokenizers(tokenizers());
        Ok(index)
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// A writer that opens the index once it has something to do.
    pub(super) fn writer(&self, threads: usize, heap_bytes: usize) -> TextWriter {
        TextWriter::new(self.clone(), threads, heap_bytes)
    }

    /// Opens the index for writing.
    fn open_writer(&self, threads: usize, heap_bytes: usize) -> Result<IndexWriter<Counted>> {
        // Several segments joined at a time would each hold their terms in memory.
        let options = IndexWriterOptions::builder()
            .num_worker_threads(threads)
            .memory_budget_per_thread(heap_bytes / threads)
            .num_merge_threads(1)
            .build();
        let writer: IndexWriter<Counted> = self
            .current()?
            .writer_with_options(options)
            .map_err(failed("opening the text index for writing"))?;
        // A process killed between writing the list of a segment's deleted documents and publishing
        // it leaves a file that the next writer, which counts on from the same number, wants to
        // create: every commit fails from then on with `FileAlreadyExists`. Files that belong to no
        // published state are removed before anything is written.
        writer
            .garbage_collect_files()
            .wait()
            .map_err(failed("clearing what an interrupted run left"))?;
        Ok(writer)
    }
}

/// Cards are read ten at a time, each from another block: small ones are opened sooner.
fn settings() -> tantivy::IndexSettings {
    tantivy::IndexSettings {
        docstore_blocksize: 4096,
        ..tantivy::IndexSettings::default()
    }
}

/// How text becomes words, for the index.
fn tokenizers() -> TokenizerManager {
    let tokenizers = TokenizerManager::default();
    let words = TextAnalyzer::builder(analysis::TextTokenizer::default()).build();
    tokenizers.register(fields::TOKENIZER, words);
    tokenizers
}

/// What the index says of the generation it is of.
fn manifest(index: &tantivy::Index) -> Result<Manifest> {
    let metas = index
        .load_metas()
        .map_err(failed("reading the state of the text index"))?;
    let Some(payload) = metas.payload else {
        return Ok(Manifest::default());
    };
    serde_json::from_str(&payload).map_err(|error| {
        let what = "the state of the text index isn't one of this catalogue's".to_owned();
        Error::new(ErrorKind::Index { what }).because(error)
    })
}

/// Tries before it is said that a state can't be read: each time, another writer has been quicker.
const TRIES: u32 = 100;

/// The last generation, text and records of the same one.
fn load(
    index: &tantivy::Index,
    reader: &IndexReader,
    store: &Store,
    open: Option<&State>,
) -> Result<Snapshot> {
    let mut last = None;
    for _ in 0..TRIES {
        let before = manifest(index)?;
        reader
            .reload()
            .map_err(failed("reading the new state of the text index"))?;
        // A writer may join parts and remove the old ones between our reading their names and opening
        // them, or publish between our reading one half and the other.
        let state = store.open(before.clone(), open);
        if manifest(index)? != before {
            continue;
        }
        match state {
            Ok(state) => {
                return Ok(Snapshot {
                    searcher: reader.searcher(),
                    state: Arc::new(state),
                    works: OnceLock::new(),
                    languages: OnceLock::new(),
                    numbers: OnceLock::new(),
                    completions: RwLock::default(),
                    frequent: RwLock::default(),
                });
            }
            Err(error) => last = Some(error),
        }
        break;
    }
    Err(last.unwrap_or_else(|| {
        let what = "the catalogue changes faster than it can be read".to_owned();
        Error::new(ErrorKind::Index { what })
    }))
}

impl Snapshot {
    /// The offers of a document's record.
    pub(super) fn offers(&self, serial: u64) -> Result<OffersRef<'_>> {
        let held = self.state.of_serial(serial);
        held.and_then(|held| held.offers())
            .ok_or_else(|| self.missing(serial))
    }

    pub(super) fn missing(&self, serial: u64) -> Error {
        let what = format!("record {serial} is in the text index and not in the store");
        Error::new(ErrorKind::Index { what })
    }

    /// What a document keeps of its product.
    fn card(&self, at: DocAddress) -> Result<Card> {
        let document: TantivyDocument =
            self.searcher.doc(at).map_err(failed("reading a product"))?;
        let bytes = document.get_first(fields::CARD);
        let card = bytes.and_then(|value| Card::read(value.as_bytes()?));
        card.ok_or_else(|| {
            let what = "a product in the text index is damaged".to_owned();
            Error::new(ErrorKind::Index { what })
        })
    }

    /// The languages of its products that have a stemmer.
    fn languages(&self) -> Result<Vec<Language>> {
        if let Some(languages) = self.languages.get() {
            return Ok(languages.clone());
        }
        let mut codes = Vec::new();
        for segment in self.searcher.segment_readers() {
            let index = segment
                .inverted_index(fields::LANGUAGE)
                .map_err(failed("looking for languages"))?;
            let failed = failed_io("looking for languages");
            let mut stream = index.terms().stream().map_err(failed)?;
            while let Some((term, _)) = stream.next() {
                codes.push(String::from_utf8_lossy(term).into_owned());
            }
        }
        let languages = expand::stemmed(codes.iter().map(String::as_str));
        Ok(self.languages.get_or_init(|| languages).clone())
    }

    /// The description of a product, where its record is kept.
    fn description(&self, serial: u64) -> Option<String> {
        let held = self.state.of_serial(serial)?;
        let message = held.message().ok()?;
        let entry = read_message(&message, held.reference(), |received| received.to_entry());
        entry.ok()?.description
    }

    /// The entry of a record that isn't kept.
    pub(super) fn entry(&self, serial: u64) -> Result<Entry> {
        guarded("looking for a product", || self.find_entry(serial))
    }

    fn find_entry(&self, serial: u64) -> Result<Entry> {
        let query = TermQuery::new(
            Term::from_field_u64(fields::SERIAL, serial),
            IndexRecordOption::Basic,
        );
        let found = self
            .searcher
            .search(&query, &DocSetCollector)
            .map_err(failed("looking for a product"))?;
        match found.into_iter().next() {
            Some(at) => self.card(at).map(|card| card.entry),
            None => {
                let what = format!("record {serial} is in the store and not in the text index");
                Err(Error::new(ErrorKind::Index { what }))
            }
        }
    }

    /// The serial numbers of all documents, sorted.
    pub(super) fn serials(&self) -> Result<Vec<u64>> {
        guarded("reading the text index", || self.all_serials())
    }

    fn all_serials(&self) -> Result<Vec<u64>> {
        let mut out = Vec::new();
        for segment in self.searcher.segment_readers() {
            let serials = segment
                .fast_fields()
                .u64(fields::name(fields::SERIAL))
                .map_err(failed("reading the text index"))?;
            out.extend(segment.doc_ids_alive().filter_map(|doc| serials.first(doc)));
        }
        out.sort_unstable();
        Ok(out)
    }

    pub(super) fn segments(&self) -> usize {
        self.searcher.segment_readers().len()
    }
}

/// The words of a title or a name, as they are compared.
pub(super) fn title_words(text: &str) -> String {
    analysis::folded_words(text).join(" ")
}
