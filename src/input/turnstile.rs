//! The way out: what the workers made of windows, in input order, each window accepted only if it
//! was read as it would have been in one piece.
//!
//! A window was cut before what looked like a product. It was one if the window before it was read to
//! its end exactly, and left the state that this one was read with; by induction all is as if read
//! in one piece. Otherwise the cut was in a comment, a CDATA section or a product that never ends: the
//! two are joined and read again.

use std::sync::Arc;

use super::chunk::{self, Done, Parsed};
use super::driver::{InputEnd, Item};
use super::feed::Chunk;
use super::received::Received;
use crate::error::{Error, ErrorKind, Position, Result};
use crate::onix::{Message, State};

/// Takes windows in order, and hands over what they hold.
pub(super) struct Turnstile<W, C> {
    work: W,
    consume: C,
    input: Input,
}

/// How far the input at hand has been read.
#[derive(Default)]
struct Input {
    state: Option<State>,
    /// The line at which the next bytes begin.
    line: u64,
    n_records: u64,
    n_bytes: u64,
    /// Bytes that were not read to their end.
    open: Option<Open>,
    /// Whether the input itself was in trouble.
    is_failed: bool,
}

/// Something that goes on behind the window that it began in.
struct Open {
    bytes: Vec<u8>,
    base_byte: u64,
    /// It isn't read again before there are so many bytes.
    wanted: usize,
}

impl<T, W, C> Turnstile<W, C>
where
    W: Fn(Received<'_>) -> T,
    C: FnMut(Item<T>) -> Result<()>,
{
    pub(super) fn new(work: W, consume: C) -> Self {
        Self {
            work,
            consume,
            input: Input::default(),
        }
    }

    /// Takes the next window; gives its memory back.
    pub(super) fn take(&mut self, done: Done<T>) -> Result<Vec<u8>> {
        let Done {
            mut chunk,
            parsed,
            n_lines,
        } = done;
        if chunk.first {
            self.input = Input {
                line: 1,
                ..Input::default()
            };
        }
        self.input.n_bytes = chunk.base_byte + chunk.bytes.len() as u64;
        if chunk.state.is_none() && chunk.first {
            self.finish(&mut chunk)?;
            return Ok(chunk.bytes);
        }
        let is_read = match (&self.input.state, &chunk.state) {
            (None, _) => true,
            (Some(before), Some(with)) => self.input.open.is_none() && before.reads_like(with),
            (Some(_), None) => false,
        };
        let spare = match parsed.filter(|_| is_read) {
            Some(parsed) => self.accept(&mut chunk, parsed, n_lines)?,
            None => self.read_again(&mut chunk)?,
        };
        if chunk.last {
            self.finish(&mut chunk)?;
        }
        Ok(spare)
    }

    /// Hands over what was read in the right state, counted on from what came before.
    fn accept(&mut self, chunk: &mut Chunk, parsed: Parsed<T>, n_lines: u64) -> Result<Vec<u8>> {
        let Parsed {
            items,
            mut state,
            open_from,
        } = parsed;
        let (n_records, n_lines_before) = (self.input.n_records, self.input.line - 1);
        let items = items
            .into_iter()
            .map(|item| item.moved_by(n_records, n_lines_before));
        for item in trouble_last(items.collect(), chunk) {
            self.hand_over(item)?;
        }
        state.n_records += n_records;
        if let Some(before) = &self.input.state {
            state.tally.add(&before.tally);
        }
        self.input.n_records = state.n_records;
        self.input.state = Some(state);
        let mut bytes = std::mem::take(&mut chunk.bytes);
        if let Some(at) = open_from {
            self.input.line += chunk::count_lines(&bytes[..at]);
            self.keep_open(bytes.split_off(at), chunk.base_byte + at as u64);
        } else {
            self.input.line += n_lines;
        }
        Ok(bytes)
    }

    fn keep_open(&mut self, bytes: Vec<u8>, base_byte: u64) {
        self.input.open = Some(Open {
            wanted: bytes.len() * 2,
            bytes,
            base_byte,
        });
    }

    /// Reads a window together with what was left open before it.
    fn read_again(&mut self, chunk: &mut Chunk) -> Result<Vec<u8>> {
        let chunk_bytes = std::mem::take(&mut chunk.bytes);
        let (mut bytes, base_byte, wanted, spare) = match self.input.open.take() {
            None => (chunk_bytes, chunk.base_byte, 0, Vec::new()),
            Some(mut open) => {
                open.bytes.extend_from_slice(&chunk_bytes);
                (open.bytes, open.base_byte, open.wanted, chunk_bytes)
            }
        };
        if bytes.len() < wanted && !chunk.last {
            self.input.open = Some(Open {
                bytes,
                base_byte,
                wanted,
            });
            return Ok(spare);
        }
        let state = self.input.state.take();
        let mut state = state.expect("only behind a window that was read is one read again");
        state.continue_at(base_byte, self.input.line, chunk.last);
        let Parsed {
            items,
            state,
            open_from,
        } = chunk::parse_with(state, &bytes, &self.work);
        for item in trouble_last(items, chunk) {
            self.hand_over(item)?;
        }
        self.input.n_records = state.n_records;
        self.input.state = Some(state);
        let read = open_from.unwrap_or(bytes.len());
        self.input.line += chunk::count_lines(&bytes[..read]);
        if open_from.is_some() {
            self.keep_open(bytes.split_off(read), base_byte + read as u64);
        }
        Ok(spare)
    }

    fn hand_over(&mut self, item: Item<T>) -> Result<()> {
        if let Item::Rejected(error) = &item {
            self.input.is_failed |= !error.is_record();
        }
        (self.consume)(item)
    }

    /// Says what there is to say at the end of an input.
    fn finish(&mut self, chunk: &mut Chunk) -> Result<()> {
        if let Some(error) = chunk.trouble.take() {
            self.hand_over(Item::Rejected(at_input(error, chunk)))?;
        }
        if let Some(state) = &mut self.input.state {
            state.tally.is_damaged |= chunk.is_replaced;
            state.finish();
            for notice in state.take_notices() {
                (self.consume)(Item::Notice(notice))?;
            }
        }
        let input = std::mem::take(&mut self.input);
        let message = input.state.map(|state| state.message);
        (self.consume)(Item::Input(InputEnd {
            name: chunk.input.to_string(),
            message: message.unwrap_or_else(|| Arc::new(Message::default())),
            n_bytes: input.n_bytes,
            n_records: input.n_records,
            is_rejected: input.is_failed && input.n_records == 0,
        }))
    }
}

/// Puts what ended the input in the place of what the reader makes of that.
fn trouble_last<T>(mut items: Vec<Item<T>>, chunk: &mut Chunk) -> Vec<Item<T>> {
    let Some(trouble) = chunk.trouble.take() else {
        return items;
    };
    let is_cut = matches!(trouble.kind(), ErrorKind::Io { .. }) && is_unexpected_end(&trouble);
    match items.pop() {
        Some(Item::Rejected(error)) if is_cut && *error.kind() == ErrorKind::Truncated => {
            items.push(Item::Rejected(error.because(trouble)));
        }
        Some(Item::Rejected(error)) if !error.is_record() => {
            items.push(Item::Rejected(at_input(trouble, chunk)));
        }
        other => {
            items.extend(other);
            items.push(Item::Rejected(at_input(trouble, chunk)));
        }
    }
    items
}

fn is_unexpected_end(error: &Error) -> bool {
    std::error::Error::source(error)
        .and_then(|cause| cause.downcast_ref::<std::io::Error>())
        .is_some_and(|cause| cause.kind() == std::io::ErrorKind::UnexpectedEof)
}

fn at_input(error: Error, chunk: &Chunk) -> Error {
    match error.position() {
        Some(_) => error,
        None => error.at(Position {
            input: chunk.input.to_string(),
            ..Position::default()
        }),
    }
}
