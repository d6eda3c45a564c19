//! What goes on from record to record, and the step to the next one.

use std::sync::Arc;

use super::cursor::Cursor;
use crate::error::{Error, ErrorKind, Position, Result};
use crate::onix::encoding::Tally;
use crate::onix::limits::Limits;
use crate::onix::message::Message;
use crate::onix::notice::{Notice, NoticeCode};
use crate::onix::record::Record;
use crate::onix::resync::{self, Window};
use crate::onix::tokenizer::Item;

/// What goes on from record to record; everything but the bytes.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) limits: Limits,
    pub(crate) strict: bool,
    pub(crate) message: Arc<Message>,
    pub(super) stage: Stage,
    /// Whether what comes next is the inside of something too large.
    pub(super) seeking: bool,
    /// Whether only what stands before the first product is to be read.
    pub(super) looking: bool,
    /// How many products came before, set aside ones included.
    pub(crate) n_records: u64,
    /// Where the bytes at hand begin in the input.
    pub(crate) base_byte: u64,
    /// The line they begin on, from 1.
    pub(crate) base_line: u64,
    pub(super) input: String,
    pub(super) notices: Vec<Notice>,
    /// How records were read that aren't in the encoding declared.
    pub(crate) tally: Tally,
    /// Whether the bytes at hand end where the input ends.
    pub(crate) last: bool,
    /// The byte up to which lines were counted, and the line there.
    counted: (usize, u64),
}

/// How far into the message the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing seen but declarations.
    Prolog,
    /// Inside ONIXMessage.
    Inside,
    /// Among products that no message encloses.
    Bare,
    /// Behind the end tag of the message.
    After,
    /// Nothing more to come.
    Done,
}

/// What [`State::advance`] came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The record was filled.
    Record,
    /// No more records.
    End,
    /// The bytes end inside something that begins at this byte of them; only where they aren't
    /// the last.
    Incomplete(usize),
}

#[cfg(feature = "files")]
impl State {
    /// What products further on in the input are read with: the state before the first product of
    /// these bytes, with which the input begins.
    pub(crate) fn before_products(&self, bytes: &[u8]) -> State {
        let mut state = self.clone();
        state.last = false;
        state.looking = true;
        let mut cursor = Cursor::new(bytes, 0);
        let mut record = Record::new();
        while state.advance(&mut cursor, &mut record).is_err() {}
        state.looking = false;
        state.notices.clear();
        state.n_records = 0;
        state.tally = self.tally.of_none();
        state
    }

    /// Whether what comes next would be read the same with either.
    pub(crate) fn reads_like(&self, other: &State) -> bool {
        self.stage == other.stage
            && self.seeking == other.seeking
            && (Arc::ptr_eq(&self.message, &other.message) || self.message == other.message)
    }

    /// The state at the beginning of a window that is read by itself: records and lines count from
    /// its own beginning.
    pub(crate) fn at_window(&self, base_byte: u64, last: bool) -> State {
        let mut state = self.clone();
        state.n_records = 0;
        state.tally = self.tally.of_none();
        state.continue_at(base_byte, 1, last);
        state
    }

    /// Goes on with other bytes: those that begin at this byte and line of the input.
    pub(crate) fn continue_at(&mut self, base_byte: u64, base_line: u64, last: bool) {
        (self.base_byte, self.base_line) = (base_byte, base_line);
        self.counted = (0, base_line);
        self.last = last;
    }
}

impl State {
    pub(super) fn new(limits: Limits, strict: bool, input: String) -> Self {
        Self {
            limits,
            strict,
            message: Arc::default(),
            stage: Stage::Prolog,
            seeking: false,
            looking: false,
            n_records: 0,
            base_byte: 0,
            base_line: 1,
            input,
            notices: Vec::new(),
            tally: Tally::default(),
            last: true,
            counted: (0, 1),
        }
    }

    /// Notices about the input itself, since the last call.
    #[allow(dead_code, reason = "used by `input`")]
    pub(crate) fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Says what there is to say at the end of an input.
    pub(crate) fn finish(&mut self) {
        let found = std::mem::take(&mut self.tally).notices(self.message.encoding());
        self.notices
            .extend(found.into_iter().map(|(code, message)| Notice {
                code,
                message,
                position: Position {
                    input: self.input.clone(),
                    ..Position::default()
                },
                record_reference: None,
            }));
    }

    /// Reads on to the next record.
    pub(crate) fn advance<'input>(
        &mut self,
        cursor: &mut Cursor<'input>,
        record: &mut Record<'input>,
    ) -> Result<Step> {
        loop {
            if self.stage == Stage::Done {
                return Ok(Step::End);
            }
            if self.seeking && !self.seek(cursor) {
                return self.end(cursor);
            }
            let before = cursor.position();
            if cursor.careful && before < cursor.bytes.len() {
                let window = self.window(cursor, before);
                if !cursor.restart_bounded(window) {
                    return Ok(Step::Incomplete(before));
                }
            }
            let item = match cursor.tokenizer.item(&self.limits) {
                Ok(item) => item,
                Err(fault) => match self.outside_fault(cursor, before, fault)? {
                    Some(step) => return Ok(step),
                    None => continue,
                },
            };
            match item {
                // What begins at the bound has a bound of its own.
                Item::Open(open) if open.start >= cursor.bound => cursor.restart(open.start),
                Item::Open(open) => {
                    if let Some(step) = self.open(cursor, &open, record)? {
                        return Ok(step);
                    }
                }
                Item::Close { name } => self.close(cursor, name),
                Item::Text { start } => {
                    if let Some(step) = self.outside_text(cursor, start)? {
                        return Ok(step);
                    }
                }
                Item::Passed => {}
                Item::Declaration { text } => self.declaration(text),
                Item::DocType { text } => self.doctype(&text),
                Item::End if cursor.is_bounded() => {}
                Item::End => return self.end(cursor),
            }
        }
    }

    /// The bytes that something may take that begins at `start`, as far as they are at hand.
    pub(super) fn window(&self, cursor: &Cursor<'_>, start: usize) -> Window {
        let limit = start.saturating_add(self.limits.max_record_bytes);
        Window {
            end: cursor.bytes.len().min(limit),
            last: self.last || cursor.bytes.len() > limit,
        }
    }

    /// Goes on at the next product, behind something that was too large to look for its end.
    fn seek(&mut self, cursor: &mut Cursor<'_>) -> bool {
        let next = resync::next_start_anywhere(cursor.bytes, cursor.position());
        cursor.restart(next.unwrap_or(cursor.bytes.len()));
        self.seeking = next.is_none();
        !self.seeking
    }

    fn end(&mut self, cursor: &Cursor<'_>) -> Result<Step> {
        if !self.last {
            return Ok(Step::End);
        }
        let stage = std::mem::replace(&mut self.stage, Stage::Done);
        let at = cursor.bytes.len();
        match stage {
            Stage::Prolog if self.base_byte == 0 && cursor.bytes.is_empty() => {
                Err(self.error(cursor, ErrorKind::Empty, 0))
            }
            Stage::Prolog => {
                let found = "XML without any element".into();
                Err(self.error(cursor, ErrorKind::NotOnix { found }, at))
            }
            Stage::Inside => Err(self.error(cursor, ErrorKind::Truncated, at)),
            _ => Ok(Step::End),
        }
    }

    pub(super) fn notice(
        &mut self,
        cursor: &Cursor<'_>,
        at: usize,
        code: NoticeCode,
        message: String,
    ) {
        let position = self.position(cursor, at, None);
        self.notices.push(Notice {
            code,
            message,
            position,
            record_reference: None,
        });
    }

    pub(super) fn error(&mut self, cursor: &Cursor<'_>, kind: ErrorKind, at: usize) -> Error {
        Error::new(kind).at(self.position(cursor, at, None))
    }

    pub(super) fn position(
        &mut self,
        cursor: &Cursor<'_>,
        at: usize,
        record: Option<u64>,
    ) -> Position {
        Position {
            input: self.input.clone(),
            record,
            byte: self.base_byte + at as u64,
            line: self.line(cursor, at),
        }
    }

    /// The line of a byte, counted on from the last one asked for.
    pub(super) fn line(&mut self, cursor: &Cursor<'_>, at: usize) -> u64 {
        let at = at.min(cursor.bytes.len());
        let (mut from, mut line) = self.counted;
        if from > at {
            (from, line) = (0, self.base_line);
        }
        line += memchr::memchr_iter(b'\n', &cursor.bytes[from..at]).count() as u64;
        self.counted = (at, line);
        line
    }
}
