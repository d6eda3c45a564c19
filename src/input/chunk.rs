//! A window read by itself: the worker's part.

use super::driver::Item;
use super::feed::Chunk;
use crate::onix::{Cursor, Record, State, Step};

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
pub(super) fn parse<T>(chunk: Chunk, work: &impl Fn(&Record<'_>) -> T) -> Done<T> {
    let parsed = chunk.state.as_ref().map(|state| {
        let state = state.at_window(chunk.base_byte, chunk.last);
        parse_with(state, &chunk.bytes, work)
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
    work: &impl Fn(&Record<'_>) -> T,
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
                items.push(Item::Record(work(&record)));
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

pub(super) fn count_lines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}
