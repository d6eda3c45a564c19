//! Going on behind what can't be read.

use super::cursor::Cursor;
use super::product::NO_TEXT;
use super::state::{Stage, State, Step};
use crate::error::{Error, ErrorKind, RejectedRecord, Result};
use crate::onix::fault::{Fault, FaultKind, UNCLOSED};
use crate::onix::notice::NoticeCode;
use crate::onix::record::Record;
use crate::onix::resync::Found;
use crate::onix::tag::Tag;
use crate::onix::tokenizer::without_space;

impl State {
    /// A fault inside an element that began at `start`: sets it aside and goes on at the next
    /// product, or asks for more bytes.
    pub(super) fn recover(
        &mut self,
        cursor: &mut Cursor<'_>,
        start: usize,
        fault: Fault,
        product: Option<&mut Record<'_>>,
    ) -> Result<Option<Step>> {
        let window = self.window(cursor, start);
        let fault = match fault.kind {
            // It ran into its bound: what it is missing isn't behind that.
            FaultKind::Incomplete if cursor.is_bounded() => fault,
            FaultKind::Incomplete if !window.last => return Ok(Some(Step::Incomplete(start))),
            _ => fault,
        };
        let from = match fault.kind {
            FaultKind::Incomplete => start + 1,
            _ => fault.at.clamp(start + 1, window.end.max(start + 1)),
        };
        let found = match fault.kind {
            FaultKind::NextProduct => Found::At(fault.at),
            _ => cursor.outline.next_product(cursor.bytes, from, window),
        };
        let next = match found {
            Found::At(at) => Some(at),
            Found::None | Found::Open if !window.last => return Ok(Some(Step::Incomplete(start))),
            Found::None | Found::Open => None,
        };
        let end = next.unwrap_or(window.end);
        let too_large = next.is_none() && end < cursor.bytes.len();
        let kind = match fault.kind {
            FaultKind::Incomplete if too_large => ErrorKind::Limit {
                limit: "max_record_bytes",
                value: self.limits.max_record_bytes as u64,
            },
            // Where nothing follows, the input was cut; else it is this record that never ends.
            FaultKind::Incomplete if next.is_none() => ErrorKind::Truncated,
            FaultKind::Incomplete => ErrorKind::Malformed {
                found: UNCLOSED.into(),
            },
            FaultKind::NextProduct => ErrorKind::Malformed {
                found: "the next <Product> begins before this one ends".into(),
            },
            FaultKind::NotUtf8 => ErrorKind::Malformed {
                found: NO_TEXT.into(),
            },
            FaultKind::Malformed(found) => ErrorKind::Malformed { found },
            FaultKind::Limit { limit, value } => ErrorKind::Limit { limit, value },
        };
        cursor.careful = true;
        self.seeking = too_large;
        let truncated = kind == ErrorKind::Truncated;
        let record = product.is_some().then_some(self.n_records);
        self.n_records += u64::from(product.is_some());
        let reference =
            product.and_then(|record| reference_so_far(cursor.bytes, start, end, record));
        let position = self.position(cursor, fault.at.min(end), record);
        let error = Error::new(kind).at(position).with_record(RejectedRecord {
            record_reference: reference,
            xml: cursor.bytes[start..end].trim_ascii_end().to_vec(),
        });
        if truncated {
            self.stage = Stage::Done;
        }
        cursor.restart(end);
        Err(error)
    }

    /// A fault between products.
    pub(super) fn outside_fault(
        &mut self,
        cursor: &mut Cursor<'_>,
        before: usize,
        fault: Fault,
    ) -> Result<Option<Step>> {
        // Where it begins is the same whatever is wrong further on.
        let at = cursor.bytes.len() - without_space(&cursor.bytes[before..]).len();
        let window = self.window(cursor, before);
        let incomplete = matches!(fault.kind, FaultKind::Incomplete);
        if incomplete && !window.last && !cursor.is_bounded() {
            return Ok(Some(Step::Incomplete(before)));
        }
        if self.stage == Stage::Prolog {
            // Such as bytes of another encoding in a comment, or a DOCTYPE that is never closed.
            match cursor.outline.next_root(cursor.bytes, at, window) {
                Found::At(next) => {
                    let message = "something unreadable before the message".to_owned();
                    self.notice(cursor, at, NoticeCode::OutsideProduct, message);
                    cursor.restart(next);
                    return Ok(None);
                }
                _ if !window.last => return Ok(Some(Step::Incomplete(before))),
                _ => {}
            }
            return self.not_onix(cursor, before, at);
        }
        cursor.careful = true;
        let next = match cursor
            .outline
            .next_product_behind(cursor.bytes, before, window)
        {
            Found::At(next) => next,
            Found::None | Found::Open if !window.last => return Ok(Some(Step::Incomplete(before))),
            Found::None | Found::Open if window.end < cursor.bytes.len() => {
                self.seeking = true;
                window.end
            }
            Found::None | Found::Open if incomplete => {
                self.stage = Stage::Done;
                return Err(self.error(cursor, ErrorKind::Truncated, at));
            }
            Found::None | Found::Open => cursor.bytes.len(),
        };
        let message = "something unreadable between products".to_owned();
        self.notice(cursor, at, NoticeCode::OutsideProduct, message);
        cursor.restart(next);
        Ok(None)
    }
}

/// The `RecordReference` of a product that could not be read to its end.
fn reference_so_far(bytes: &[u8], start: usize, end: usize, record: &Record<'_>) -> Option<String> {
    let tape = &record.tape.tokens;
    let token = tape
        .iter()
        .skip(1)
        .find(|token| token.tag == Tag::RecordReference && token.end > token.content)?;
    let range = start + token.content as usize..start + token.end as usize;
    let text = bytes.get(range.clone()).filter(|_| range.end <= end)?;
    Some(String::from_utf8_lossy(text).trim().to_owned())
}
