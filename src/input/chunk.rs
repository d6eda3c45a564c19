//! A window read by itself: the worker's part.

use super::driver::Item;
use super::feed::Chunk;
use super::received::Received;
use crate::error::{Error, ErrorKind, RejectedRecord};
use crate::onix::{Cursor, Notice, NoticeCode, Record, State, Step};
use crate::xml;

/// What a window came to.
pub(super) struct Parsed<T> {
    pub(super) items: Vec<Item<T>>,
    /// The state behind it.
    pub(super) state: State,
    /// Where something begins that goes on behind it.
    pub(super) open_from: Option<usize>,
}

/// A window with what it came to, if it could be read before what comes before it.
pub(super) struct Done<T> {
    pub(super) chunk: Chunk,
    pub(super) parsed: Option<Parsed<T>>,
    /// How many line feeds it has.
    pub(super) n_lines: u64,
}

/// Reads a window as if it began where a product may begin. Records and lines count from its own
/// beginning.
pub(super) fn parse<T>(chunk: Chunk, work: &impl Fn(Received<'_>) -> T) -> Done<T> {
    let parsed = chunk.state.as_ref().map(|state| {
        let state = state.at_window(chunk.base_byte, chunk.last);
        match chunk.is_page {
            true => parse_page(state, &chunk, work),
            false => parse_with(state, &chunk.bytes, work),
        }
    });
    let n_lines = match chunk.last {
        true => 0,
        false => count_lines(&chunk.bytes),
    };
    Done {
        chunk,
        parsed,
        n_lines,
    }
}

/// Reads bytes with this state.
pub(super) fn parse_with<T>(
    mut state: State,
    bytes: &[u8],
    work: &impl Fn(Received<'_>) -> T,
) -> Parsed<T> {
    let mut items = Vec::new();
    let mut cursor = Cursor::new(bytes, 0);
    let mut record = Record::new();
    let open_from = loop {
        let step = state.advance(&mut cursor, &mut record);
        items.extend(state.take_notices().into_iter().map(Item::Notice));
        match step {
            Ok(Step::Record) => {
                items.extend(record.notices().iter().cloned().map(Item::Notice));
                items.push(Item::Record(work(Received::Onix(&record))));
            }
            Ok(Step::End) => break None,
            Ok(Step::Incomplete(at)) => break Some(at),
            Err(error) => items.push(Item::Rejected(error)),
        }
    };
    Parsed {
        items,
        state,
        open_from,
    }
}

/// Reads a whole page of the platform's `xml`: each format of a publication is a product.
fn parse_page<T>(mut state: State, chunk: &Chunk, work: &impl Fn(Received<'_>) -> T) -> Parsed<T> {
    let mut items = Vec::new();
    let mut reader = xml::ReaderBuilder::new()
        .limits(state.limits.clone())
        .input(&*chunk.input)
        .read(&chunk.bytes);
    let mut record = xml::Record::new();
    loop {
        let read = reader.read_record(&mut record);
        items.extend(reader.take_notices().into_iter().map(Item::Notice));
        match read {
            Ok(false) => break,
            Ok(true) => {
                state.n_records += 1;
                let notices = record.notices();
                if let Some(notice) = notices.first().filter(|_| state.strict) {
                    items.push(Item::Rejected(refused(&record, notice)));
                    continue;
                }
                items.extend(notices.iter().cloned().map(Item::Notice));
                let n_before = items.len();
                let publication = record.publication();
                let formats = publication.formats();
                items.extend(
                    formats.map(|format| Item::Record(work(Received::Xml(&record, format)))),
                );
                if items.len() == n_before {
                    items.push(Item::Notice(no_format(&record)));
                }
            }
            Err(error) => {
                state.n_records += u64::from(error.is_record());
                items.push(Item::Rejected(error));
            }
        }
    }
    Parsed {
        items,
        state,
        open_from: None,
    }
}

/// A publication that would be repaired, and is not to be.
fn refused(record: &xml::Record<'_>, notice: &Notice) -> Error {
    let id = record.publication().id();
    Error::new(ErrorKind::Strict {
        code: notice.code.as_str(),
        message: notice.message.clone(),
    })
    .at(notice.position.clone())
    .with_record(RejectedRecord {
        record_reference: id.map(Into::into),
        xml: record.xml().as_bytes().to_vec(),
    })
}

fn no_format(record: &xml::Record<'_>) -> Notice {
    Notice {
        code: NoticeCode::NoFormat,
        message: "the publication has no format, and so no product".into(),
        position: record.position().clone(),
        record_reference: record.publication().id().map(Into::into),
    }
}

pub(super) fn count_lines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}
