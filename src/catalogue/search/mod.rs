//! The text index: the one room that knows tantivy.

pub(crate) mod analysis;
mod collect;
mod document;
mod facets;
mod fault;
mod find;
mod order;
mod plan;
mod query;
mod schema;

use std::path::Path;
use std::sync::Arc;

use tantivy::collector::{Count, DocSetCollector};
use tantivy::directory::{MmapDirectory, RamDirectory};
use tantivy::query::{Query, TermQuery};
use tantivy::schema::{IndexRecordOption, TantivyDocument, Value};
use tantivy::tokenizer::{TextAnalyzer, TokenizerManager};
use tantivy::{DocAddress, IndexReader, IndexWriter, ReloadPolicy, Searcher, Term};

pub(super) use document::Document;
pub use facets::FACETS;
pub(super) use find::Found;

use self::plan::Plan;

use self::document::{Counted, Waiting};
use self::fault::{failed, failed_io};
use self::schema as fields;
use super::run::{Known, Step, Version, Wish};
use super::store::Stored;
use super::summary::{SourceStats, Stats};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Moment;

/// What wrote the index, and its format: another one can't be expected to read it.
pub(super) const VERSION: &str = "tantivy 0.27, index format 7";

/// The index, open for reading.
#[derive(Clone)]
pub(super) struct TextIndex {
    index: tantivy::Index,
    reader: IndexReader,
    /// `None` in memory.
    folder: Option<Arc<Path>>,
}

/// A state of the index that stays as it is.
pub(super) struct Snapshot {
    searcher: Searcher,
}

/// The index, open for writing.
pub(super) struct TextWriter {
    writer: IndexWriter<Counted>,
    waiting: Waiting,
}

impl TextIndex {
    pub(super) fn in_memory() -> Result<Self> {
        let directory = RamDirectory::create();
        let index = tantivy::Index::create(
            directory,
            schema::schema(),
            tantivy::IndexSettings::default(),
        )
        .map_err(failed("creating an index in memory"))?;
        Self::of(index, None)
    }

    /// Makes an index in a folder, or opens the empty one that an interrupted creation left.
    pub(super) fn create(folder: &Path) -> Result<Self> {
        let directory = MmapDirectory::open(folder)
            .map_err(|error| failed("opening the text index's folder")(error.into()))?;
        let index = tantivy::Index::open_or_create(directory, schema::schema())
            .map_err(failed("creating the text index"))?;
        Self::of(index, Some(folder))
    }

    /// Opens an index; `None` if its fields aren't ours.
    pub(super) fn open(folder: &Path) -> Result<Option<Self>> {
        let index =
            tantivy::Index::open_in_dir(folder).map_err(failed("opening the text index"))?;
        match index.schema() == schema::schema() {
            true => Self::of(index, Some(folder)).map(Some),
            false => Ok(None),
        }
    }

    fn of(mut index: tantivy::Index, folder: Option<&Path>) -> Result<Self> {
        index.set_tokenizers(tokenizers());
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .map_err(failed("opening the text index"))?;
        Ok(Self {
            index,
            reader,
            folder: folder.map(Arc::from),
        })
    }

    /// The state that was committed last, as far as [`reload`](Self::reload) knows.
    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot {
            searcher: self.reader.searcher(),
        }
    }

    pub(super) fn reload(&self) -> Result<()> {
        self.reader
            .reload()
            .map_err(failed("reading the new state"))
    }

    /// How many runs have changed it.
    pub(super) fn generation(&self) -> Result<u64> {
        let metas = self
            .index
            .load_metas()
            .map_err(failed("reading the state of the text index"))?;
        let generation = metas.payload.and_then(|payload| payload.parse().ok());
        Ok(generation.unwrap_or(0))
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

    pub(super) fn writer(&self, threads: usize, heap_bytes: usize) -> Result<TextWriter> {
        let writer: IndexWriter<Counted> = self
            .current()?
            .writer_with_num_threads(threads, heap_bytes)
            .map_err(failed("opening the text index for writing"))?;
        // A process killed between writing the list of a segment's deleted documents and publishing
        // it leaves a file that the next writer, which counts on from the same number, wants to
        // create: every commit fails from then on with `FileAlreadyExists`. Files that belong to no
        // published state are removed before anything is written.
        writer
            .garbage_collect_files()
            .wait()
            .map_err(failed("clearing what an interrupted run left"))?;
        Ok(TextWriter {
            writer,
            waiting: Waiting::default(),
        })
    }
}

/// How text becomes words, for the index.
fn tokenizers() -> TokenizerManager {
    let tokenizers = TokenizerManager::default();
    let words = TextAnalyzer::builder(analysis::WordTokenizer::default()).build();
    tokenizers.register(analysis::WORDS, words);
    tokenizers
}

impl Snapshot {
    /// Products in it.
    pub(super) fn products(&self) -> Result<u64> {
        let term = Term::from_field_text(fields::REMOVED, document::REMOVED);
        let removed = TermQuery::new(term, IndexRecordOption::Basic);
        let removed = self
            .searcher
            .search(&removed, &Count)
            .map_err(failed("counting the products"))?;
        Ok(self.searcher.num_docs() - removed as u64)
    }

    /// What is there of a key, for comparing.
    pub(super) fn known(&self, key: &str) -> Result<Option<Known>> {
        let failed = failed("looking for a record");
        let term = Term::from_field_text(fields::KEY, key);
        for segment in self.searcher.segment_readers() {
            let index = segment.inverted_index(fields::KEY).map_err(&failed)?;
            let postings = index
                .read_postings(&term, IndexRecordOption::Basic)
                .map_err(failed_io("looking for a record"))?;
            let Some(mut postings) = postings else {
                continue;
            };
            use tantivy::{DocSet, TERMINATED};
            let mut doc = postings.doc();
            while doc != TERMINATED {
                if !segment.is_deleted(doc) {
                    let columns = segment.fast_fields();
                    let hash = columns
                        .u64(fields::name(fields::CONTENT_HASH))
                        .map_err(&failed)?;
                    let sent = columns
                        .column_opt::<i64>(fields::name(fields::SENT_AT))
                        .map_err(&failed)?;
                    let removed = columns
                        .str(fields::name(fields::REMOVED))
                        .map_err(&failed)?;
                    let is_removed =
                        removed.is_some_and(|removed| removed.term_ords(doc).next().is_some());
                    let version = Version {
                        hash: hash.first(doc).unwrap_or_default(),
                        sent: sent.and_then(|sent| sent.first(doc)),
                    };
                    let wish = match is_removed {
                        true => Wish::Remove,
                        false => Wish::Keep,
                    };
                    return Ok(Some((version, wish)));
                }
                doc = postings.advance();
            }
        }
        Ok(None)
    }

    /// All records of an identifier; of related products only where it is nobody's own.
    pub(super) fn by_identifier(&self, id: &str, source: Option<&str>) -> Result<Vec<Stored>> {
        for field in [fields::ID, fields::RELATED_ID] {
            let mut found = self.by_term(Term::from_field_text(field, id))?;
            found.retain(|stored| source.is_none_or(|source| source == stored.source));
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    /// The records of which an identifier is their own.
    pub(super) fn by_own_identifier(&self, id: &str) -> Result<Vec<Stored>> {
        self.by_term(Term::from_field_text(fields::ID, id))
    }

    fn by_term(&self, term: Term) -> Result<Vec<Stored>> {
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let found = self.find(&query)?;
        found.into_iter().map(|at| self.stored(at)).collect()
    }

    fn find(&self, query: &dyn Query) -> Result<Vec<DocAddress>> {
        let found = self
            .searcher
            .search(query, &DocSetCollector)
            .map_err(failed("looking for an identifier"))?;
        Ok(found.into_iter().collect())
    }

    /// What is kept of a record.
    fn stored(&self, at: DocAddress) -> Result<Stored> {
        let document: TantivyDocument = self
            .searcher
            .doc(at)
            .map_err(failed("reading a kept record"))?;
        let text = |field| {
            document
                .get_first(field)
                .and_then(|value| value.as_str().map(str::to_owned))
        };
        let missing = || {
            Error::new(ErrorKind::Index {
                what: "a record isn't kept in the index".to_owned(),
            })
        };
        Ok(Stored {
            source: text(fields::KEPT_SOURCE).ok_or_else(missing)?,
            sent: text(fields::KEPT_SENT),
            message: text(fields::KEPT_MESSAGE).ok_or_else(missing)?,
        })
    }

    /// Products by source, and how large it is.
    pub(super) fn stats(&self) -> Result<Stats> {
        let failed = failed("counting the products");
        let mut sources: Vec<SourceStats> = Vec::new();
        for segment in self.searcher.segment_readers() {
            let columns = segment.fast_fields();
            let Some(names) = columns.str(fields::name(fields::SOURCE)).map_err(&failed)? else {
                continue;
            };
            let sent = columns
                .column_opt::<i64>(fields::name(fields::SENT_AT))
                .map_err(&failed)?;
            let mut by_name = vec![(0, None); names.num_terms()];
            for doc in segment.doc_ids_alive() {
                let sent = sent.as_ref().and_then(|sent| sent.first(doc));
                for name in names.term_ords(doc) {
                    let (products, last_sent) = &mut by_name[name as usize];
                    *products += 1;
                    *last_sent = sent.max(*last_sent);
                }
            }
            for (name, (products, last_sent)) in by_name.into_iter().enumerate() {
                let mut source = String::new();
                names
                    .ord_to_str(name as u64, &mut source)
                    .map_err(failed_io("counting the products"))?;
                let known = sources.iter().position(|known| known.source == source);
                let at = known.unwrap_or_else(|| {
                    sources.push(SourceStats {
                        source,
                        ..SourceStats::default()
                    });
                    sources.len() - 1
                });
                sources[at].products += products;
                let last_sent = last_sent.map(Moment::from_unix);
                sources[at].last_sent = sources[at].last_sent.max(last_sent);
            }
        }
        sources.retain(|source| source.products > 0);
        sources.sort_by(|a, b| a.source.cmp(&b.source));
        Ok(Stats {
            products: self.products()?,
            sources,
            segments: self.searcher.segment_readers().len() as u64,
            ..Stats::default()
        })
    }
}

impl TextWriter {
    /// Does the step to the document of a key.
    pub(super) fn take(
        &mut self,
        step: Step,
        key: &str,
        document: impl FnOnce() -> Document,
    ) -> Result<()> {
        if matches!(step, Step::Replace | Step::Delete) {
            let term = Term::from_field_text(fields::KEY, key);
            self.writer.delete_term(term);
        }
        if matches!(step, Step::Add | Step::Replace) {
            let document = self.waiting.admit(document());
            if let Err(fault) = self.writer.add_document(document) {
                return Err(self.reason(fault));
            }
        }
        Ok(())
    }

    /// Publishes all of it at once, and waits until small parts have been joined.
    pub(super) fn commit(mut self, generation: u64) -> Result<()> {
        let failed = failed("writing the text index");
        let mut commit = self.writer.prepare_commit().map_err(&failed)?;
        commit.set_payload(&generation.to_string());
        commit.commit().map_err(&failed)?;
        // The generation is out; that a merge failed costs nothing but a longer list of parts.
        let _ = self.writer.wait_merging_threads();
        Ok(())
    }

    /// An indexing thread that has died reports why only when it is joined.
    fn reason(&mut self, fault: tantivy::TantivyError) -> Error {
        let fault = match self.writer.prepare_commit() {
            Err(reason) => reason,
            Ok(_) => fault,
        };
        failed("writing the text index")(fault)
    }
}
