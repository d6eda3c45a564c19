//! Writing to the text index.

use tantivy::{IndexWriter, Term};

use super::document::{Counted, Document, Waiting};
use super::fault::failed;
use super::schema as fields;
use super::{Manifest, TextIndex};
use crate::error::{Error, ErrorKind, Result};

/// The index, open for writing once there is something to write.
///
/// Each thread that indexes makes a segment of its own at every commit: a list of fifty is for one, a catalogue for
/// all of them. So the first documents wait until there are many or all have come.
pub(in crate::catalogue) struct TextWriter {
    index: TextIndex,
    threads: usize,
    heap_bytes: usize,
    first: Vec<Step>,
    open: Option<Open>,
}

enum Step {
    Delete(u64),
    Add(Box<Document>, u64),
}

struct Open {
    writer: IndexWriter<Counted>,
    waiting: Waiting,
}

/// Steps that one thread is enough for.
const FEW: usize = 1000;

impl TextWriter {
    pub(super) fn new(index: TextIndex, threads: usize, heap_bytes: usize) -> Self {
        Self {
            index,
            threads,
            heap_bytes,
            first: Vec::new(),
            open: None,
        }
    }

    pub(in crate::catalogue) fn delete(&mut self, serial: u64) -> Result<()> {
        self.take(Step::Delete(serial))
    }

    pub(in crate::catalogue) fn add(&mut self, document: Document, serial: u64) -> Result<()> {
        self.take(Step::Add(Box::new(document), serial))
    }

    fn take(&mut self, step: Step) -> Result<()> {
        if let Some(open) = &mut self.open {
            return open.take(step);
        }
        self.first.push(step);
        match self.first.len() > FEW {
            true => self.open(self.threads).map(|_| ()),
            false => Ok(()),
        }
    }

    fn open(&mut self, threads: usize) -> Result<&mut Open> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => Open {
                writer: self.index.open_writer(threads, self.heap_bytes)?,
                waiting: Waiting::default(),
            },
        };
        for step in self.first.drain(..) {
            open.take(step)?;
        }
        Ok(self.open.insert(open))
    }

    /// Publishes all of it at once, and waits until small parts have been joined.
    pub(in crate::catalogue) fn commit(mut self, manifest: &Manifest) -> Result<()> {
        let failed = failed("writing the text index");
        let payload = serde_json::to_string(manifest).map_err(|error| {
            Error::new(ErrorKind::Index {
                what: "writing the state of the catalogue".to_owned(),
            })
            .because(error)
        })?;
        self.open(1)?;
        let Some(Open { mut writer, .. }) = self.open else {
            return Ok(());
        };
        let mut commit = writer.prepare_commit().map_err(&failed)?;
        commit.set_payload(&payload);
        commit.commit().map_err(&failed)?;
        // The generation is out; that a merge failed costs nothing but a longer list of parts.
        let _ = writer.wait_merging_threads();
        Ok(())
    }
}

impl Open {
    fn take(&mut self, step: Step) -> Result<()> {
        match step {
            Step::Delete(serial) => {
                let term = Term::from_field_u64(fields::SERIAL, serial);
                self.writer.delete_term(term);
                Ok(())
            }
            Step::Add(document, serial) => {
                let document = self.waiting.admit(document.numbered(serial));
                match self.writer.add_document(document) {
                    Ok(_) => Ok(()),
                    Err(fault) => Err(self.reason(fault)),
                }
            }
        }
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
