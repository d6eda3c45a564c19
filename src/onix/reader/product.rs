//! One product onto its record: in UTF-8 as it stands, or decoded by itself.

use std::borrow::Cow;
use std::sync::Arc;

use super::cursor::Cursor;
use super::state::{Stage, State, Step};
use crate::error::{Error, ErrorKind, Position, RejectedRecord, Result};
use crate::onix::encoding;
use crate::onix::fault::{Fault, FaultKind, UNCLOSED, malformed};
use crate::onix::notice::{Notice, NoticeCode};
use crate::onix::oddities::{self, MAX_NOTICES, Odd, Oddities, forbidden_character};
use crate::onix::record::Record;
use crate::onix::resync::Found;
use crate::onix::tag::Tag;
use crate::onix::tape::{Filler, Open};
use crate::onix::tokenizer::{Item, Tokenizer};

pub(super) const NO_TEXT: &str = "bytes that are no text in any encoding";

impl State {
    pub(super) fn product<'input>(
        &mut self,
        cursor: &mut Cursor<'input>,
        open: &Open<'input>,
        prefix: &str,
        record: &mut Record<'input>,
    ) -> Result<Step> {
        if self.stage == Stage::Prolog {
            self.stage = Stage::Bare;
        }
        record.notices.clear();
        match self.fill(cursor, open, Tag::Product, prefix, record) {
            Ok(()) => {
                record.message = Arc::clone(&self.message);
                let values: Vec<_> = oddities::values(record).take(MAX_NOTICES).collect();
                self.tell(cursor, open.start, values, record);
                self.n_records += 1;
                self.tally.count(self.message.encoding(), record);
                match self.refused_by_strict(record) {
                    Some(error) => Err(error),
                    None => Ok(Step::Record),
                }
            }
            Err(fault) => {
                let step = self.recover(cursor, open.start, fault, Some(record))?;
                Ok(step.expect("a product that isn't read is an error or incomplete"))
            }
        }
    }

    /// Reads an element onto the record's tape.
    pub(super) fn fill<'input>(
        &mut self,
        cursor: &mut Cursor<'input>,
        open: &Open<'input>,
        tag: Tag,
        prefix: &str,
        record: &mut Record<'input>,
    ) -> std::result::Result<(), Fault> {
        let mut odd = Oddities::new(&self.message);
        let mut filler = Filler::new(open.start, prefix, &self.limits, &mut record.tape, &mut odd);
        let text = cursor.tokenizer.element(open, tag, &mut filler);
        let odd = odd.found;
        match text {
            Ok(text) => {
                record.text = Cow::Borrowed(text);
                self.place(cursor, open.start, odd, record);
                Ok(())
            }
            Err(Fault {
                kind: FaultKind::NotUtf8,
                ..
            }) => self.fill_decoded(cursor, open.start, tag, prefix, record),
            Err(fault) => Err(fault),
        }
    }

    /// Says where the record stands, and what was odd about it.
    fn place(&mut self, cursor: &Cursor<'_>, start: usize, odd: Vec<Odd>, record: &mut Record<'_>) {
        record.position = Position {
            input: self.input.clone(),
            record: Some(self.n_records),
            byte: self.base_byte + start as u64,
            line: 0,
        };
        let forbidden = forbidden_character(record.text.as_bytes()).map(|(at, message)| Odd {
            at: start + at,
            code: NoticeCode::ForbiddenCharacter,
            message,
        });
        let odd = odd.into_iter().chain(forbidden).collect();
        self.tell(cursor, 0, odd, record);
    }

    /// Gives the record a notice for each oddity, which stands so many bytes behind `start`.
    fn tell(&mut self, cursor: &Cursor<'_>, start: usize, odd: Vec<Odd>, record: &mut Record<'_>) {
        for Odd { at, code, message } in odd {
            let position = self.position(cursor, start + at, Some(self.n_records));
            record.notices.push(Notice {
                code,
                message,
                position,
                record_reference: None,
            });
        }
    }

    /// Reads an element that isn't UTF-8: bounded first, then decoded by itself.
    #[cold]
    fn fill_decoded<'input>(
        &mut self,
        cursor: &mut Cursor<'input>,
        start: usize,
        tag: Tag,
        prefix: &str,
        record: &mut Record<'input>,
    ) -> std::result::Result<(), Fault> {
        let window = self.window(cursor, start);
        let at = match std::str::from_utf8(&cursor.bytes[start..window.end]) {
            Ok(_) => start,
            Err(error) => start + error.valid_up_to(),
        };
        let end = match tag {
            Tag::Product => cursor.outline.next_product(cursor.bytes, start + 1, window),
            tag => cursor.outline.end_of(cursor.bytes, start + 1, window, tag),
        };
        let Found::At(end) = end else {
            return Err(Fault {
                kind: FaultKind::Incomplete,
                at,
            });
        };
        let (text, repair) = encoding::repair(&cursor.bytes[start..end], self.message.encoding());
        let mut inner = Tokenizer::new(text.as_bytes(), 0);
        let Ok(Item::Open(open)) = inner.item(&self.limits) else {
            return Err(malformed(NO_TEXT, at));
        };
        let mut odd = Oddities::new(&self.message);
        let mut filler = Filler::new(0, prefix, &self.limits, &mut record.tape, &mut odd);
        let n_used = inner
            .element(&open, tag, &mut filler)
            .map_err(|fault| Fault {
                at: (start + fault.at).min(end),
                kind: match fault.kind {
                    FaultKind::Incomplete => FaultKind::Malformed(UNCLOSED.into()),
                    kind => kind,
                },
            })?
            .len();
        if n_used != text.len() {
            return Err(malformed(NO_TEXT, at));
        }
        let repair = repair.map(|(code, message)| Odd { at, code, message });
        let odd = odd.found.into_iter().map(|odd| Odd {
            at: (start + odd.at).min(end),
            ..odd
        });
        let odd = repair.into_iter().chain(odd).collect();
        record.text = Cow::Owned(text);
        self.place(cursor, start, odd, record);
        cursor.restart(end);
        Ok(())
    }

    fn refused_by_strict(&self, record: &mut Record<'_>) -> Option<Error> {
        if record.notices.is_empty() {
            return None;
        }
        let reference = record.product().record_reference().map(Cow::into_owned);
        for notice in &mut record.notices {
            notice.record_reference.clone_from(&reference);
        }
        let repaired = |code| {
            matches!(
                code,
                NoticeCode::BareAmpersand
                    | NoticeCode::ForbiddenCharacter
                    | NoticeCode::NotUtf8
                    | NoticeCode::DeclaredEncoding
                    | NoticeCode::Attribute
            )
        };
        let notice = record
            .notices
            .iter()
            .find(|notice| self.strict && repaired(notice.code))?;
        let kind = ErrorKind::Strict {
            code: notice.code.as_str(),
            message: notice.message.clone(),
        };
        Some(
            Error::new(kind)
                .at(notice.position.clone())
                .with_record(RejectedRecord {
                    record_reference: reference,
                    xml: record.text.as_bytes().to_vec(),
                }),
        )
    }
}
